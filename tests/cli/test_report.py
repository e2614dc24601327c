"""`callscore report`: exit codes, errors, and what goes to stdout."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from callscore.stats.flags import flag_call
from callscore.store import open_store
from tests.store.build import result


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a database with six calls of three operators."""
    path = tmp_path / "x.duckdb"
    with open_store(path) as writer:
        for number in range(6):
            made = result(number, n_turns=3)
            writer.save_call(made, "r1", flag_call(made))
    return path


def callscore(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    import os

    command = [sys.executable, "-m", "callscore", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})


def test_without_a_database_the_report_says_what_to_do(tmp_path: Path) -> None:
    """Reading before the first run is exit code 6, one message, no traceback."""
    run = callscore("report", "operators", "--db", tmp_path / "x.duckdb")
    assert (run.returncode, run.stdout) == (6, "")
    assert run.stderr == (
        f"error: there is no database yet\n  at:  {tmp_path / 'x.duckdb'}\n"
        "  try: callscore ingest, or name the database with --db\n"
    )


@pytest.mark.parametrize("report", ["operators", "calls", "criteria", "call c1"])
def test_an_empty_store_has_nothing_to_report(tmp_path: Path, report: str) -> None:
    """An empty store is exit code 8 with the command that fills it."""
    with open_store(tmp_path / "x.duckdb"):
        pass
    run = callscore("report", *report.split(), "--db", tmp_path / "x.duckdb")
    assert (run.returncode, run.stdout) == (8, "")
    assert "the store holds no calls yet" in run.stderr
    assert "try: callscore ingest" in run.stderr


def test_a_filter_that_fits_no_call_says_so(db: Path) -> None:
    """Nothing found is told apart from nothing stored."""
    run = callscore("report", "operators", "--operator", "nobody", "--db", db)
    assert run.returncode == 8
    assert run.stderr.startswith("error: no call matches\n")


def test_an_unknown_call_names_the_nearest(db: Path) -> None:
    """A typo in a call id is met with ids that exist."""
    run = callscore("report", "call", "c00004", "--db", db)
    assert run.returncode == 8
    assert "error: there is no call 'c00004'" in run.stderr
    assert "callscore report call c000004" in run.stderr


def test_json_is_alone_on_stdout(db: Path) -> None:
    """Programs can read stdout without looking for where the data begins."""
    run = callscore("report", "operators", "--format", "json", "--db", db)
    rows = json.loads(run.stdout)["operators"]
    assert [(row["operator"], row["calls"], row["enough_calls"]) for row in rows] == [
        ("a.smirnova", 2, False),
        ("d.kozlov", 2, False),
        ("m.orlova", 2, False),
    ]
    assert run.stderr == ""


def test_csv_holds_every_line_and_table_the_first(db: Path) -> None:
    """A limit for the eye does not cut a file."""
    with open_store(db) as writer:
        for number in range(6, 60):
            writer.save_call(result(number, n_turns=1), "r1")
    rows = list(csv.reader(io.StringIO(callscore("report", "calls", "--format", "csv", "--db", db).stdout)))
    assert len(rows) == 61
    table = callscore("report", "calls", "--db", db).stdout
    assert table.count("incoming_sale") == 50
    assert "--limit 0" in table
    assert callscore("report", "calls", "--limit", "0", "--db", db).stdout.count("incoming_sale") == 60


def test_no_colour_codes_reach_a_pipe(db: Path) -> None:
    """Output to a file or a pipe is plain text, whatever the terminal can."""
    for environ in ({}, {"NO_COLOR": "1", "TERM": "xterm-256color"}):
        assert "\x1b" not in callscore("report", "call", "c000002", "--db", db, **environ).stdout


def test_reports_work_while_a_run_writes(db: Path) -> None:
    """A run in progress does not stop anybody from reading."""
    with open_store(db) as writer:
        writer.save_call(result(7, n_turns=1), "r2")
        run = callscore("report", "operators", "--db", db)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("wrong", [["--since", "yesterday"], ["--format", "pdf"], ["--limit", "-1"]])
def test_a_wrong_option_is_a_usage_error(db: Path, wrong: list[str]) -> None:
    """Options that cannot be meant are exit code 2."""
    run = callscore("report", "calls", *wrong, "--db", db)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr
