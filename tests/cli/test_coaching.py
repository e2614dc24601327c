"""`callscore report coaching`: what is named, and what is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import CallscoreError
from callscore.records import Verdict
from callscore.store import open_store
from tests.store.build import START, result
from tests.store.reviewed import Review, add_reviews

PASS, FAIL, NA, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NA, Verdict.UNSURE
TEAM = ("a.smirnova", "d.kozlov", "m.orlova")


def shop(tmp_path: Path, calls: Sequence[tuple[str | None, tuple[Verdict, ...]]]) -> Path:
    """Return a store of calls, each with its operator and verdicts."""
    path = tmp_path / "x.duckdb"
    with open_store(path) as writer:
        for number, (operator, verdicts) in enumerate(calls):
            writer.save_call(result(number, n_turns=2, operator=operator, verdicts=verdicts), "r1", ())
    return path


def of_team(n: int, weak: Verdict, *, others: Verdict = PASS) -> list[tuple[str | None, tuple[Verdict, ...]]]:
    """Return `n` calls of each of three; the last fails, or what `weak` is, the second criterion in four calls of five."""
    return [
        (name, (PASS if number % 10 else FAIL, (weak if name == TEAM[2] and number % 5 else others)))
        for name in TEAM
        for number in range(n)
    ]


def run(db: Path, *arguments: str) -> Result:
    """Run the command as a user does."""
    return CliRunner().invoke(cli, ["report", "coaching", "--db", str(db), *arguments])


def found(db: Path, *arguments: str) -> dict[str, Any]:
    """Return the report for programs."""
    done = run(db, "--format", "json", *arguments)
    assert done.exception is None, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def named(db: Path, *arguments: str) -> list[tuple[str, str | None]]:
    """Return operator and criterion of each row."""
    return [(row["operator"], row["criterion"]) for row in found(db, *arguments)["coaching"]]


def test_a_sure_weakness_is_named_and_only_that(tmp_path: Path) -> None:
    """Who fails a criterion in four calls of five gets it named with its cost; who is like the others gets nothing named."""
    db = shop(tmp_path, of_team(60, FAIL))
    assert named(db) == [("a.smirnova", None), ("d.kozlov", None), ("m.orlova", "criterion_1")]
    (weak,) = found(db, "--operator", "m.orlova")["coaching"]
    assert 0.15 < weak["own"] < 0.35
    assert (weak["team"], weak["below"]) == (1.0, "team")
    assert weak["cost"] == pytest.approx(39, abs=4)
    assert "явных слабых мест нет" in run(db).stdout


def test_doubts_do_not_make_a_weakness(tmp_path: Path) -> None:
    """Where the machine could not decide, the operator may have met it."""
    assert named(shop(tmp_path, of_team(60, UNSURE)))[-1] == ("m.orlova", None)


def test_few_calls_are_not_enough(tmp_path: Path) -> None:
    """Four calls name nothing, and it is said why."""
    db = shop(tmp_path, of_team(4, FAIL))
    assert named(db)[-1] == ("m.orlova", None)
    assert "мало звонков" in run(db).stdout


def test_examples_are_the_operators_own_and_stand(tmp_path: Path) -> None:
    """The bad example is one that a person confirmed; a fail that a person overruled is none, and may be the good one."""
    db = shop(tmp_path, of_team(60, FAIL))
    overruled, confirmed = "c000121", "c000122"
    add_reviews(
        db,
        [
            Review(call=overruled, criterion="criterion_1", verdict="pass", sample="flagged"),
            Review(call=confirmed, criterion="criterion_1", verdict="fail", sample="flagged"),
        ],
    )
    examples = {row["kind"]: row for row in found(db)["examples"]}
    assert (examples["fail"]["call_id"], examples["fail"]["decided_by"]) == (confirmed, "human")
    assert (examples["pass"]["call_id"], examples["pass"]["start_ms"]) == (overruled, 0)
    assert examples["fail"]["quote"] == "«Алло, компания»"


def test_alone_there_is_only_a_target(tmp_path: Path) -> None:
    """A single operator cannot be below the team; a target that is surely missed names the criterion."""
    db = shop(tmp_path, [("a.smirnova", (PASS, FAIL if n % 2 else PASS)) for n in range(60)])
    assert named(db) == [("a.smirnova", None)]
    assert "--target" in run(db).stdout
    assert named(db, "--target", "80") == [("a.smirnova", "criterion_1")]


def test_what_never_arose_is_no_weakness(tmp_path: Path) -> None:
    """A criterion that is na in every call is passed over."""
    assert named(shop(tmp_path, of_team(20, NA, others=NA)))[-1] == ("m.orlova", None)


def test_at_most_two_are_named(tmp_path: Path) -> None:
    """Of three sure weaknesses the two that cost most are named: nobody works on everything at once."""
    calls = [
        (name, tuple(FAIL if name == TEAM[2] and n % 10 < bad else PASS for bad in (7, 9, 8, 0, 0, 0)))
        for name in TEAM
        for n in range(80)
    ]
    assert named(shop(tmp_path, calls))[-2:] == [("m.orlova", "criterion_1"), ("m.orlova", "criterion_2")]


@pytest.mark.parametrize(
    ("since", "finding"), [(PASS, "better"), (FAIL, "cannot_tell"), (UNSURE, "cannot_tell")], ids=["pass", "fail", "unsure"]
)
def test_what_became_of_a_talk(tmp_path: Path, since: Verdict, finding: str) -> None:
    """Fifteen fails before a talk and fifteen passes after it are better; what the machine cannot decide is not."""
    db = shop(tmp_path, [("a.smirnova", (FAIL if n < 15 else since,)) for n in range(30)])
    with duckdb.connect(str(db)) as connection:
        at = (START + timedelta(minutes=17 * 15)).replace(tzinfo=None)
        connection.execute("INSERT INTO coaching VALUES ('t1', 'a.smirnova', 'criterion_0', '', 'lead', ?)", [at])
    with open_store(db) as writer:
        writer.publish()
    (talk,) = found(db)["discussed"]
    assert talk["change"] == finding
    assert talk["before"] == 0.0
    assert "90 дней" in run(db).stdout


def test_a_talk_about_something_unknown_says_nothing(tmp_path: Path) -> None:
    """A criterion or operator without calls has no shares and no finding."""
    db = shop(tmp_path, of_team(10, FAIL))
    with duckdb.connect(str(db)) as connection:
        connection.execute("INSERT INTO coaching VALUES ('t1', 'nobody', 'gone', '', 'lead', TIMESTAMP '2026-10-06')")
    with open_store(db) as writer:
        writer.publish()
    (talk,) = found(db)["discussed"]
    assert (talk["before"], talk["since"], talk["change"], talk["difference"]) == (None, None, "cannot_tell", None)


def test_what_cannot_be_told_is_said(tmp_path: Path) -> None:
    """An empty store, an unknown operator, calls of nobody: a sentence and exit code 8."""
    db = shop(tmp_path, [(None, (PASS, FAIL))])
    assert isinstance(run(db).exception, CallscoreError)
    shop(tmp_path, of_team(5, FAIL))
    unknown = run(db, "--operator", "m.orlov").exception
    assert isinstance(unknown, CallscoreError)
    assert (unknown.exit_code, unknown.hint) == (8, "did you mean 'm.orlova'?")
    assert "FROM verdicts" in run(db, "--explain").stdout
