"""The words to search by: cut alike when a call is stored, when an old store is migrated, and when somebody searches."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.records import Role
from callscore.store import migrate, open_reader, open_store
from callscore.store.maintain import migrate_store
from callscore.store.migrate import migrations
from callscore.store.search_words import cut_words
from tests.store.build import START, result


def migrated_words(text: str) -> tuple[str, ...]:
    """Cut a text by the SQL of the migration."""
    sql = next(migration.sql for migration in migrations() if migration.name == "0013_reviews.sql")
    found = re.search(r"regexp_extract_all\(.*?\+'\)", sql)
    assert found is not None
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT {found.group()} FROM (SELECT ? AS text)", [text]).fetchall()
    return tuple(rows[0][0])


@given(st.text(st.sampled_from("абвёЁйЙъЯґїAbzZéŁ019٣² \u0301\u0306_-–.,:«»'\"%/\\\n\t"), max_size=60))
def test_old_and_new_stores_cut_words_alike(text: str) -> None:
    """What a migration cut can be found by what is cut today."""
    assert cut_words(text) == migrated_words(text)


@given(st.text(max_size=60))
def test_words_are_made_of_letters_and_digits(text: str) -> None:
    """No sign that means something to SQL, HTML or a pattern is ever part of a word."""
    assert all(word.isalnum() for word in cut_words(text))


def test_a_stored_call_can_be_searched_and_leaves_nothing_when_heard_again(tmp_path: Path) -> None:
    """Each word of each turn is there once, with its place; a call that is heard again has no words of before."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.start_run("r1", START, "0")
        writer.save_call(result(0, n_turns=2), "r1")
        writer.save_call(result(0, n_turns=1), "r1")
    with open_reader(db) as reader:
        rows = reader.query("SELECT word, turn_no, place, role FROM search_words ORDER BY turn_no, place").rows
    assert rows[:4] == (
        ("алло", 0, 0, Role.OPERATOR),
        ("компания", 0, 1, Role.OPERATOR),
        ("шинторг", 0, 2, Role.OPERATOR),
        ("анна", 0, 3, Role.OPERATOR),
    )
    assert {row[1] for row in rows} == {0}


def test_calls_stored_before_can_be_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migration cuts the words of what is there; hold music has none."""
    db, every = tmp_path / "x.duckdb", migrations()
    with monkeypatch.context() as earlier:
        earlier.setattr(migrate, "migrations", lambda: every[:12])
        with duckdb.connect(str(db)) as connection:
            migrate.migrate(connection, db)
            turns = [[0, "speech", "operator", "Алло, Ёлки."], [1, "hold", "system", ""], [2, "speech", "client", "Алло!"]]
            connection.executemany("INSERT INTO turns VALUES ('c', ?, ?, ?, 1, 'S0', 0, 0, 9, ?, 1)", turns)
    assert migrate_store(db)[0] == "0013_reviews.sql"
    with open_reader(db) as reader:
        rows = reader.query("SELECT * FROM search_words ORDER BY turn_no, place").rows
    assert rows == (("алло", "c", 0, 0, "operator"), ("елки", "c", 0, 1, "operator"), ("алло", "c", 2, 0, "client"))
