"""`callscore flags`: the queue of calls to listen to."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from callscore.cli import cli
from callscore.records import Verdict
from callscore.stats.flags import flag_call
from callscore.store import open_store
from tests.store.build import result


def flags(db: Path, *arguments: str) -> tuple[str, str]:
    """Run the command and return stdout and stderr."""
    outcome = CliRunner().invoke(cli, ["flags", "--db", str(db), *arguments], catch_exceptions=False)
    assert outcome.exit_code == 0
    return outcome.stdout, outcome.stderr


def test_the_most_urgent_call_comes_first(tmp_path: Path) -> None:
    """A QA lead with ten minutes hears the right calls."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for number, verdict in enumerate((Verdict.UNSURE, Verdict.FAIL, Verdict.PASS)):
            made = result(number, n_turns=1, verdicts=(verdict, Verdict.PASS))
            writer.save_call(made, "r1", flag_call(made))
    found = json.loads(flags(db, "--json")[0])["flags"]
    assert [(flag["call_id"], flag["reason"], flag["severity"]) for flag in found] == [
        ("c000001", "low_score", 2),
        ("c000000", "many_unsure", 1),
    ]
    assert json.loads(flags(db, "--json", "--call", "c000000")[0])["flags"][0]["call_id"] == "c000000"


def test_an_empty_queue_is_good_news(tmp_path: Path) -> None:
    """Nothing to listen to is no error: a message for people, an empty list for programs."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1, n_turns=1, verdicts=(Verdict.PASS,)), "r1")
    assert flags(db) == ("", "no call is flagged\n")
    assert json.loads(flags(db, "--json")[0]) == {"flags": []}
