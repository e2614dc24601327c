"""`--explain`: every report names the queries behind its numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.big_store import make_store
from callscore.cli import cli
from callscore.cli.report import REPORTS
from callscore.store import open_reader

ARGUMENTS = {"call": ["c1"], "compare": ["operator1", "operator2"]}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with twelve thousand generated calls, teams, and calls that people reviewed."""
    path = tmp_path_factory.mktemp("explain") / "x.duckdb"
    make_store(path, 12000, n_days=180)
    return path


def run(db: Path, *arguments: str) -> str:
    """Return what a command prints."""
    done = CliRunner().invoke(cli, [*arguments, "--db", str(db)])
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("report", [*(f"report {name}" for name in REPORTS), "flags"])
def test_the_queries_of_a_report_run(db: Path, report: str) -> None:
    """What is printed is SQL that a person can run as it stands, values written in."""
    name = report.rsplit(maxsplit=1)[-1]
    text = run(db, *report.split(), *ARGUMENTS.get(name, []), "--explain")
    queries = [query for query in text.split(";\n") if query.strip()]
    assert queries
    with open_reader(db) as reader:
        assert all(reader.query(query.strip().removesuffix(";")).columns for query in queries)


def test_a_number_of_the_report_is_in_the_query(db: Path) -> None:
    """The calls of each operator are what the query counts, for the period that was asked for."""
    given = ["report", "operators", "--since", "2025-01-01", "--until", "2025-03-01"]
    shown = {row["operator"]: row["calls"] for row in json.loads(run(db, *given, "--format", "json"))["operators"]}
    with open_reader(db) as reader:
        for query in run(db, *given, "--explain").split(";\n"):
            found = reader.query(query.strip().removesuffix(";"))
            place = found.columns.index("operator") if "operator" in found.columns else None
            counted = {(row[place], value) for row in found.rows for value in row} if place is not None else set()
            if shown.items() <= counted:
                return
    pytest.fail("no query of --explain counts the calls that the report shows")
