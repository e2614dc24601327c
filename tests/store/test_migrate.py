"""The schema: its migrations, its documentation, and what is refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from callscore.errors import StoreError
from callscore.store import open_reader, open_store
from callscore.store.dictionary import data_dictionary
from callscore.store.maintain import migrate_store, pending_migrations
from callscore.store.migrate import migrations

# The contract of product.md: people write SQL against these.
CONTRACT = {
    "calls": "call_id source recording recording_sha256 started_at direction call_type operator extension client_phone did "
    "queue wait_ms duration_ms layout transferred_to status",
    "turns": "call_id turn_no role speaker channel start_ms end_ms text confidence",
    "words": "call_id turn_no word_no start_ms end_ms text prob",
    "call_metrics": "call_id operator_talk_ms client_talk_ms overlap_ms silence_ms longest_silence_ms hold_ms "
    "interruptions_by_operator interruptions_by_client operator_words_per_min",
    "verdicts": "call_id rubric rubric_version criterion verdict confidence points max_points evidence_start_ms "
    "evidence_end_ms evidence_text reason decided_by",
    "call_scores": "call_id rubric rubric_version points max_points score score_low score_high critical_failed n_unsure",
    "operator_scores": "period operator rubric rubric_version calls score score_low score_high",
    "conversion_correlations": "rubric criterion n n_pass n_fail conversion_pass conversion_fail odds_ratio odds_low odds_high "
    "p_value q_value adjusted_for finding",
    "outcomes": "outcome_id source call_id client_phone operator status amount created_at closed_at",
    "flags": "call_id reason severity criterion start_ms end_ms detail",
    "reviews": "call_id",
    "runs": "run_id",
    "failures": "path call_id code message run_id",
    "rubrics": "rubric version",
    "models": "name",
}


@pytest.mark.parametrize("table", CONTRACT)
def test_every_table_of_the_contract_has_its_columns(table: str) -> None:
    """SQL written against the documented tables keeps working."""
    columns = {doc.name: {column.name for column in doc.columns} for doc in data_dictionary()}
    assert set(CONTRACT[table].split()) <= columns[table]


def test_every_table_and_column_says_what_it_means() -> None:
    """The data dictionary has no gaps."""
    undocumented = [
        f"{table.name}.{column.name}"
        for table in data_dictionary()
        for column in table.columns
        if not column.meaning or not table.meaning
    ]
    assert undocumented == []


def test_times_within_a_call_name_their_unit() -> None:
    """Columns that hold milliseconds say so in their meaning."""
    vague = [
        f"{table.name}.{column.name}"
        for table in data_dictionary()
        for column in table.columns
        if column.name.endswith("_ms") and "ms" not in column.meaning.replace(",", " ").split()
    ]
    assert vague == []


def test_migrations_are_numbered_without_gaps() -> None:
    """A database knows from one number what it lacks."""
    assert [migration.version for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """An old callscore never writes to a schema it does not know, and names both versions."""
    db = tmp_path / "x.duckdb"
    with open_store(db):
        pass
    with duckdb.connect(str(db)) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (99, '0099_future.sql', TIMESTAMP '2030-01-01')")
    before = db.read_bytes()
    known = migrations()[-1].version
    with (
        pytest.raises(StoreError, match=f"schema version 99, this callscore knows versions up to {known}") as caught,
        open_store(db),
    ):
        pass
    assert "newer callscore" in caught.value.hint
    assert db.read_bytes() == before


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A DuckDB file with other tables is left alone."""
    db = tmp_path / "x.duckdb"
    with duckdb.connect(str(db)) as connection:
        connection.execute("CREATE TABLE shop (id INTEGER)")
    with pytest.raises(StoreError, match="holds other tables"), open_store(db):
        pass


def test_an_empty_duckdb_file_is_migrated_and_published(tmp_path: Path) -> None:
    """A database without tables gets the whole schema, and readers get their copy at once."""
    db = tmp_path / "x.duckdb"
    duckdb.connect(str(db)).close()
    assert pending_migrations(db)[0] == "0001_initial.sql"
    assert migrate_store(db)[0] == "0001_initial.sql"
    assert pending_migrations(db) == ()
    with open_reader(db) as reader:
        assert reader.query("SELECT count(*) AS n FROM calls").rows == ((0,),)


def test_a_database_of_the_first_version_keeps_its_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive made before there was a history can be read and rescored; a call type that was given stays given."""
    from callscore.store import migrate

    db, every = tmp_path / "x.duckdb", migrations()
    insert = "INSERT INTO calls (call_id, source, status, call_type, call_type_reason) VALUES (?, 'folder', 'done', 'sale', ?)"
    with monkeypatch.context() as first:
        first.setattr(migrate, "migrations", lambda: every[:1])
        with duckdb.connect(str(db)) as connection:
            migrate.migrate(connection, db)
            connection.executemany(insert, [["given", "Тип указан в метаданных."], ["heard", "По словам: «почём»."]])
    assert migrate_store(db) == tuple(migration.name for migration in every[1:])
    with open_reader(db) as reader:
        found = {call_id: reader.call(call_id) for call_id in ("given", "heard")}
        kept = reader.query("SELECT (SELECT count(*) FROM verdict_history), (SELECT count(*) FROM score_history)").rows
    assert {name: call.info.call_type for name, call in found.items() if call} == {"given": "sale", "heard": None}
    assert kept == ((0, 0),)


def test_calls_stored_before_know_how_well_they_were_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums that reports read are filled for calls that are already there; a call without words has none, not null."""
    from callscore.store import migrate

    db, every = tmp_path / "x.duckdb", migrations()
    with monkeypatch.context() as earlier:
        earlier.setattr(migrate, "migrations", lambda: every[:9])
        with duckdb.connect(str(db)) as connection:
            migrate.migrate(connection, db)
            calls = [["heard", "done"], ["silent", "done"], ["broken", "failed"]]
            connection.executemany("INSERT INTO calls (call_id, source, status) VALUES (?, 'folder', ?)", calls)
            connection.execute("INSERT INTO words VALUES ('heard', 0, 0, 0, 9, 'да', 0.5), ('heard', 0, 1, 9, 20, 'нет', 1.0)")
    assert migrate_store(db)[0] == "0010_heard_words.sql"
    with open_reader(db) as reader:
        rows = reader.query("SELECT call_id, n_words, word_prob_sum FROM calls ORDER BY call_id").rows
    assert rows == (("broken", None, None), ("heard", 2, 1.5), ("silent", 0, 0.0))


def test_a_failing_step_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All missing steps and their records are one transaction."""
    from callscore.store import migrate

    db = tmp_path / "x.duckdb"
    with open_store(db):
        pass
    known = migrations()[-1].version
    sql = "CREATE TABLE extra (id INTEGER); SELECT nonsense;"
    broken = (*migrations(), migrate.Migration(known + 1, f"{known + 1:04}_broken.sql", sql))
    monkeypatch.setattr(migrate, "migrations", lambda: broken)
    with pytest.raises(StoreError), open_store(db):
        pass
    with duckdb.connect(str(db), read_only=True) as connection:
        assert connection.execute("SELECT max(version) FROM schema_migrations").fetchall() == [(known,)]
        assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'extra'").fetchall() == [(0,)]
