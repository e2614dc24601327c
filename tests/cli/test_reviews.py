"""`callscore reviews fold`, `callscore review users|link`, and what each ingest does with the journal."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import CallscoreError
from callscore.records import Verdict
from callscore.review.entries import VerdictGiven
from callscore.review.journal import Journal, new_id, reviews_folder
from callscore.review.users import LinkState, Users
from callscore.store import open_reader, open_store
from tests.store.build import START, result

PASSWORD = "correct horse battery\n"


def run(db: Path, *arguments: str, typed: str | None = None) -> Result:
    """Run a command on a database; errors on purpose come back as the exception of the result."""
    return CliRunner().invoke(cli, [*arguments, "--db", str(db)], input=typed)


def store(tmp_path: Path) -> Path:
    """A store with one call, and a verdict in the journal."""
    db = tmp_path / "data" / "x.duckdb"
    with open_store(db) as writer:
        writer.start_run("r1", START, "0")
        writer.save_call(result(0, n_turns=2), "r1")
    return db


def verdict(call_id: str = "c000000") -> VerdictGiven:
    """A verdict of a trainer."""
    return VerdictGiven(
        id=new_id(), at=datetime.now(UTC), who="olga", call_id=call_id, rubric="incoming_sale", rubric_version=1,
        criterion="criterion_2", old=Verdict.FAIL, new=Verdict.PASS,
    )  # fmt: skip


def test_a_fold_says_what_came_in_and_what_waits(tmp_path: Path) -> None:
    """New entries are counted, and those about calls that are not stored."""
    db = store(tmp_path)
    Journal(reviews_folder(db)).append(verdict(), verdict("gone"))
    outcome = run(db, "reviews", "fold")
    assert outcome.stderr.splitlines() == [
        "new entries in the store: 1",
        "1 entries of the journal of reviews are about calls that are not stored, and wait in the journal",
    ]
    again = json.loads(run(db, "reviews", "fold", "--json").stdout)
    assert (again["new"], again["unknown"]) == (0, 1)
    with open_reader(db) as reader:
        assert reader.query("SELECT reviewer FROM reviews").rows == (("olga",),)


def test_a_fold_makes_no_database(tmp_path: Path) -> None:
    """A wrong --db is an error, not an empty store."""
    outcome = run(tmp_path / "none.duckdb", "reviews", "fold")
    assert isinstance(outcome.exception, CallscoreError)
    assert outcome.exception.exit_code == 6
    assert not (tmp_path / "none.duckdb").exists()


def test_an_ingest_brings_the_journal_over(tmp_path: Path) -> None:
    """A night with no new recording still folds; a journal that cannot be read does not stop it, and is named."""
    db = store(tmp_path)
    journal = Journal(reviews_folder(db))
    journal.append(verdict())
    empty = tmp_path / "recordings"
    empty.mkdir()
    (empty / "noise.wav").write_bytes(b"no sound at all")
    outcome = run(db, "ingest", str(empty), "--engine", "scripted", "--json")
    assert outcome.exit_code == 20  # the noise; the rest of the night went on
    with open_reader(db) as reader:
        assert reader.query("SELECT count(*) FROM reviews").rows == ((1,),)
    journal.path.unlink()
    journal.path.mkdir()
    outcome = run(db, "ingest", str(empty), "--engine", "scripted")
    assert outcome.exit_code == 20
    assert "the journal of reviews was not read" in outcome.stderr


def test_users_are_added_listed_and_removed(tmp_path: Path) -> None:
    """The password comes from the terminal or a pipe, never from the command line, and is not shown."""
    db = store(tmp_path)
    typed = PASSWORD * 2
    added = run(db, "review", "users", "add", "Olga", "--role", "trainer", typed=typed)
    assert (added.exit_code, "correct horse" in added.output) == (0, False)
    name = ("--role", "operator", "--operator", "m.orlova", "--password-stdin")
    assert run(db, "review", "users", "add", "orlova", *name, typed=PASSWORD).exit_code == 0
    listed = json.loads(run(db, "review", "users", "list", "--json").stdout)
    assert listed == [
        {"login": "olga", "role": "trainer", "operator": None},
        {"login": "orlova", "role": "operator", "operator": "m.orlova"},
    ]
    assert run(db, "review", "users", "passwd", "olga", "--password-stdin", typed="another good one\n").exit_code == 0
    assert Users(reviews_folder(db)).check("olga", "another good one")
    assert run(db, "review", "users", "remove", "olga").exit_code == 0
    assert "olga" not in run(db, "review", "users", "list").stdout
    assert isinstance(run(db, "review", "users", "remove", "olga").exception, CallscoreError)


def test_a_link_is_shown_once_and_can_be_revoked(tmp_path: Path) -> None:
    """It opens the calls of an operator that there is, at the address the operator uses."""
    db = store(tmp_path)
    made = run(db, "review", "link", "a.smirnova", "--address", "https://calls.shop.example/", "--days", "3")
    found = re.fullmatch(r"https://calls\.shop\.example/link/([\w-]{43})\n", made.stdout)
    assert found is not None
    link, state = Users(reviews_folder(db)).find_link(found.group(1), now=datetime.now(UTC))
    assert link is not None
    assert (link.operator, state) == ("a.smirnova", LinkState.VALID)
    assert run(db, "review", "link", "a.smirnova", "--revoke").stderr == "links made void: 1\n"
    assert Users(reviews_folder(db)).find_link(found.group(1), now=datetime.now(UTC))[1] is LinkState.REVOKED
    wrong = run(db, "review", "link", "a.smirnov").exception
    assert isinstance(wrong, CallscoreError)
    assert wrong.hint == "did you mean 'a.smirnova'?"
