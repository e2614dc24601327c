"""`callscore report conversion`: findings, refusals, and what it is worked out from."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.config import load_config
from callscore.errors import NothingToDoError
from callscore.jobs.conversion import refresh_conversion
from callscore.store import open_reader, open_store
from tests.store.selling_shop import SoldCall, make_calls, store_calls


def run(db: Path, *arguments: str) -> Result:
    """Run the command as a user does."""
    return CliRunner().invoke(cli, ["report", "conversion", *arguments, "--db", str(db)])


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shop whose criterion sells, with the findings that a run stores."""
    path = store_calls(tmp_path_factory.mktemp("shop") / "x.duckdb", make_calls(3000, effect=0.15))
    with open_store(path) as writer:
        refresh_conversion(writer, load_config(environ={}, cwd=path.parent).config, now=datetime(2026, 11, 1, tzinfo=UTC))
    return path


def test_the_stored_findings_are_shown(db: Path) -> None:
    """The report reads what the last run found: finding, numbers, sentence, and that it is an association."""
    done = run(db)
    assert done.exit_code == 0
    assert "помогает" in done.stdout
    assert "Это связь, а не доказательство" in done.stdout.replace("\n", " ")
    assert "Это связи, а не доказательства" in done.stdout.replace("\n", " ")
    assert done.stderr == ""


def test_programs_get_values_and_the_sentence(db: Path) -> None:
    """JSON holds shares 0..1 and codes, and the sentence; a period is worked out anew and gives the same."""
    stored = json.loads(run(db, "--format", "json").stdout)["conversion"]
    anew = json.loads(run(db, "--format", "json", "--since", "2026-08-31", "--quiet").stdout)["conversion"]
    assert stored == anew
    assert (stored[0]["criterion"], stored[0]["finding"], stored[0]["reason"]) == ("offer", "helps", "effect")
    assert stored[0]["risk_low"] < stored[0]["risk_difference"] < stored[0]["risk_high"]
    assert stored[0]["sentence"].startswith("Помогает")


def test_the_queries_behind_a_period_run(db: Path) -> None:
    """Also what is worked out anew can be traced: the queries run as they are printed, one after another."""
    text = run(db, "--explain", "--since", "2026-08-31", "--quiet").stdout
    with open_reader(db) as reader:
        for query in text.split(";\n"):
            reader.query(query.strip().removesuffix(";"))
    assert "conversion_calls" in text


def test_without_findings_a_store_is_worked_out(tmp_path: Path) -> None:
    """A store that no run has looked at yet is looked at now; progress goes to stderr."""
    path = store_calls(tmp_path / "x.duckdb", make_calls(300))
    done = run(path, "--format", "json")
    assert json.loads(done.stdout)["conversion"][0]["finding"] == "not_enough"
    assert done.stderr == "comparing offer\n"


def lost(_: int, call: SoldCall) -> SoldCall:
    """Return the call without orders."""
    return replace(call, orders=())


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", "the store holds no calls yet"),
        ("no orders", "the store holds no orders yet"),
        ("not joined", "no order is joined to a call"),
        ("no period", "no call matches"),
        ("no rubric", "no call has verdicts of rubric 'other'"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, kind: str, message: str) -> None:
    """Nothing to compare is NothingToDoError (exit code 8) with the reason and what to do, whatever is missing."""
    calls = make_calls(120, change=lost if kind == "no orders" else None)
    path = store_calls(tmp_path / "x.duckdb", [] if kind == "empty" else calls, is_joined=kind != "not joined")
    given = {"no period": ["--since", "2030-01-01"], "no rubric": ["--rubric", "other"]}.get(kind, [])
    done = run(path, "--quiet", *given)
    assert isinstance(done.exception, NothingToDoError)
    assert message in str(done.exception)
    assert done.stdout == ""
