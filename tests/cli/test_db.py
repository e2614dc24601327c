"""`callscore db` and `callscore sql`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import StoreError
from callscore.store import open_store, store_digest
from tests.store.build import result


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a database with two calls."""
    path = tmp_path / "x.duckdb"
    with open_store(path) as writer:
        for number in (1, 2):
            writer.save_call(result(number, n_turns=1), "r1")
    return path


def run(db: Path, *arguments: str, stdin: str | None = None) -> Result:
    """Run a command; errors come out as exceptions."""
    return CliRunner().invoke(cli, [*arguments, "--db", str(db)], input=stdin, catch_exceptions=False)


def test_path_prints_the_database_and_the_readers_copy(db: Path) -> None:
    """Other programs find the right file."""
    assert run(db, "db", "path").stdout == f"{db}\n"
    assert run(db, "db", "path", "--readers").stdout == f"{db.with_name('x.read.duckdb')}\n"


def test_backup_copies_and_never_overwrites(db: Path, tmp_path: Path) -> None:
    """A backup is a whole database; a file that is there already stays."""
    target = tmp_path / "copy.duckdb"
    assert run(db, "db", "backup", str(target), "--dry-run").stderr == f"would write {target}\n"
    assert not target.exists()
    run(db, "db", "backup", str(target))
    assert store_digest(target) == store_digest(db)
    with pytest.raises(StoreError, match="exists already"):
        run(db, "db", "backup", str(target))


def test_backup_works_during_a_run(db: Path, tmp_path: Path) -> None:
    """A nightly backup does not fail because the nightly run is still busy; it holds what was published."""
    before = store_digest(db)
    with open_store(db) as writer:
        writer.save_call(result(3, n_turns=1), "r2")
        run(db, "db", "backup", str(tmp_path / "copy.duckdb"))
    assert store_digest(tmp_path / "copy.duckdb") == before


def test_migrate_and_publish_say_what_they_did(db: Path) -> None:
    """Commands by hand report what happened."""
    assert run(db, "db", "migrate").stderr == "the schema is up to date\n"
    assert run(db, "db", "migrate", "--dry-run").stderr == "the schema is up to date\n"
    assert run(db, "db", "publish").stderr == f"published {db.with_name('x.read.duckdb')}\n"


@pytest.mark.parametrize("command", [["db", "publish"], ["db", "migrate"], ["db", "backup", "copy.duckdb"]])
def test_commands_make_no_database_by_mistake(tmp_path: Path, command: list[str]) -> None:
    """A typo in --db does not leave an empty database behind."""
    with pytest.raises(StoreError, match="there is no database yet"):
        run(tmp_path / "typo.duckdb", *command)
    assert list(tmp_path.iterdir()) == []


def test_sql_answers_in_three_formats(db: Path) -> None:
    """One query, for the eye or for a program; sums of whole numbers are whole numbers."""
    query = (
        "SELECT call_id, started_at, sum(rate_hz) AS rate, 1.5::DECIMAL(4, 2) AS x FROM calls GROUP BY ALL ORDER BY 1 LIMIT 1"
    )
    assert run(db, "sql", query).stdout.splitlines()[1].split() == ["c000001", "2026-10-05", "07:17:00", "8000", "1.5"]
    assert json.loads(run(db, "sql", query, "--format", "json").stdout) == [
        {"call_id": "c000001", "started_at": "2026-10-05 07:17:00", "rate": 8000, "x": 1.5}
    ]
    assert run(db, "sql", "-", "--format", "csv", stdin=query).stdout.splitlines() == [
        "call_id,started_at,rate,x",
        "c000001,2026-10-05 07:17:00,8000,1.5",
    ]


def test_sql_shows_times_with_a_zone(db: Path) -> None:
    """Times with a zone need no further package."""
    stdout = run(db, "sql", "SELECT TIMESTAMPTZ '2026-10-05 10:00:00+03' AS at", "--format", "csv").stdout
    assert stdout.splitlines()[1] == "2026-10-05 07:00:00+00:00"


@pytest.mark.parametrize(
    ("query", "message", "where"),
    [
        ("SELECT 1,\nFROM nowhere", "Table with name nowhere does not exist", "LINE 2: FROM nowhere"),
        ("SELEC 1", 'syntax error at or near "SELEC"', "LINE 1: SELEC 1"),
        ("SELECT colour FROM calls", 'column "colour" not found', "LINE 1: SELECT colour FROM calls"),
        ("DELETE FROM calls", "callscore sql only reads", ""),
    ],
)
def test_a_wrong_query_names_its_line(db: Path, query: str, message: str, where: str) -> None:
    """A mistake in a query is a message with the place, not a traceback."""
    with pytest.raises(StoreError) as caught:
        run(db, "sql", query)
    assert message in caught.value.message
    assert caught.value.where == where


def test_sql_changes_nothing(db: Path) -> None:
    """Reading stays reading."""
    before = store_digest(db)
    for query in ("DELETE FROM calls", "CREATE TABLE t (x INTEGER)", "UPDATE calls SET operator = ''"):
        with pytest.raises(StoreError):
            run(db, "sql", query)
    assert store_digest(db) == before


def test_dictionary_explains_every_column(db: Path) -> None:
    """Each column is printed with a meaning; an unknown table is an error."""
    columns = [column for table in json.loads(run(db, "db", "dictionary", "--json").stdout) for column in table["columns"]]
    with pytest.raises(StoreError, match="no table 'verdict'"):
        run(db, "db", "dictionary", "verdict")
    assert len(columns) > 100
    assert [column["name"] for column in columns if not column["meaning"]] == []
