"""`callscore report agreement`: from reviews in a real store to what a QA lead reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import CallscoreError
from callscore.records import Verdict
from callscore.store import open_store
from tests.store.build import result
from tests.store.reviewed import Review, add_reviews

PASS, FAIL, NA, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NA, Verdict.UNSURE


def shop(tmp_path: Path, *calls: tuple[Verdict, ...]) -> Path:
    """Return a store with a call for each group of verdicts on criterion_0, criterion_1 and so on."""
    path = tmp_path / "x.duckdb"
    with open_store(path) as writer:
        for number, verdicts in enumerate(calls):
            writer.save_call(result(number, n_turns=2, verdicts=verdicts), "r1", ())
    return path


def run(db: Path, *arguments: str) -> Result:
    """Run the command as a user does."""
    return CliRunner().invoke(cli, ["report", "agreement", "--db", str(db), *arguments])


def found(db: Path, *arguments: str) -> dict[str, Any]:
    """Return the report for programs."""
    done = run(db, "--format", "json", *arguments)
    assert done.exception is None, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def call(number: int) -> str:
    """Return the id of call `number`."""
    return f"c{number:06d}"


def test_flagged_reviews_make_no_rate(tmp_path: Path) -> None:
    """Twenty corrections from the queue are counted; how often the machine is wrong comes from the calls drawn by lot alone."""
    db = shop(tmp_path, *[(PASS,)] * 20, *[(FAIL,)] * 20)
    flagged = [Review(call=call(n), criterion="criterion_0", verdict="pass", sample="flagged") for n in range(20, 40)]
    drawn = [Review(call=call(n), criterion="criterion_0", verdict="pass") for n in range(20)]
    add_reviews(db, [*flagged, *drawn])
    said = found(db)
    samples = {row["sample"]: row for row in said["samples"]}
    assert (samples["flagged"]["reviews"], samples["flagged"]["differs"], samples["flagged"]["counts"]) == (20, 20, False)
    assert (samples["random"]["differs"], samples["random"]["counts"]) == (0, True)
    (machine,) = said["machine"]
    assert (machine["calls"], machine["right"], machine["false_fail"]) == (20, 1.0, 0)
    assert machine["right_low"] < 0.9
    assert machine["kappa"] is None


def test_a_call_looked_at_in_part_does_not_count(tmp_path: Path) -> None:
    """Who drew a call and corrected only what seemed wrong has not measured how often the machine is wrong."""
    db = shop(tmp_path, *[(PASS, FAIL, NA)] * 12)
    whole = [Review(call=call(n), criterion=f"criterion_{c}", verdict="pass") for n in range(10) for c in (0, 1)]
    part = [Review(call=call(n), criterion="criterion_1", verdict="pass") for n in (10, 11)]
    add_reviews(db, [*whole, *part])
    said = found(db)
    assert said["samples"][0]["partly"] == 2
    assert {row["criterion"]: (row["calls"], row["false_fail"]) for row in said["machine"]} == {
        "criterion_0": (10, 0),
        "criterion_1": (10, 10),
    }


def test_reviewers_who_see_it_alike_and_who_do_not(tmp_path: Path) -> None:
    """Two reviewers agree on one criterion, never on the other, and one call was skipped."""
    db = shop(tmp_path, *[(PASS, PASS)] * 41)
    blind = []
    for n in range(40):
        said_first = "pass" if n % 2 else "fail"
        said_second = "pass" if n % 4 < 2 else "fail"
        for reviewer, verdict in (("anna", said_first), ("boris", said_second)):
            blind.append(Review(call=call(n), criterion="criterion_1", verdict=verdict, sample="blind", reviewer=reviewer))
            blind.append(Review(call=call(n), criterion="criterion_0", verdict=said_first, sample="blind", reviewer=reviewer))
    blind.append(Review(call=call(40), criterion="criterion_0", verdict="pass", sample="blind", reviewer="anna"))
    add_reviews(db, blind)
    panel = {row["criterion"]: row for row in found(db)["panel"]}
    assert (panel["criterion_0"]["alpha"], panel["criterion_0"]["says"], panel["criterion_0"]["calls"]) == (1.0, "reliable", 40)
    assert panel["criterion_1"]["says"] == "unreliable"
    assert panel["criterion_1"]["alpha_low"] < 0.05 < panel["criterion_1"]["alpha_high"]
    assert panel[None]["reviewers"] == 2


def test_before_and_after_a_new_version(tmp_path: Path) -> None:
    """Verdicts that a run replaced are compared with those in force, on what people found."""
    db = shop(tmp_path, *[(PASS,)] * 15, *[(FAIL,)] * 15)
    with duckdb.connect(str(db)) as connection:
        connection.execute(
            "INSERT INTO verdict_history BY NAME SELECT v.* EXCLUDE (verdict), 'pass' AS verdict, '' AS rubric_sha256, "
            "'r2' AS run_id, TIMESTAMP '2026-11-01' AS replaced_at FROM verdicts v"
        )
    truth = [Review(call=call(n), criterion="criterion_0", verdict="pass" if n < 15 else "fail") for n in range(30)]
    add_reviews(db, truth)
    before, after = found(db)["stands"]
    assert (before["until"], before["right"], after["until"], after["right"]) == ("2026-11-01", 0.5, None, 1.0)
    assert (before["change"], after["change"]) == (None, "better")
    assert after["difference"] == pytest.approx(0.5)


def test_few_calls_are_not_enough(tmp_path: Path) -> None:
    """Nine calls make no rate, in words."""
    db = shop(tmp_path, *[(PASS,)] * 9)
    add_reviews(db, [Review(call=call(n), criterion="criterion_0", verdict="fail") for n in range(9)])
    (machine,) = found(db)["machine"]
    assert (machine["right"], machine["kappa"]) == (None, None)
    assert "мало данных" in run(db).stdout


def test_one_and_the_same_answer_is_no_agreement(tmp_path: Path) -> None:
    """Where everybody passes everything, alpha and kappa are told to be undefined, and nothing is nan."""
    db = shop(tmp_path, *[(PASS,)] * 12)
    blind = [
        Review(call=call(n), criterion="criterion_0", verdict="pass", sample="blind", reviewer=reviewer)
        for n in range(12)
        for reviewer in ("anna", "boris")
    ]
    add_reviews(db, blind)
    text = run(db).stdout
    assert "все ответы одинаковы" in text
    assert "nan" not in text.lower()


def test_answers_nobody_could_give_do_not_count(tmp_path: Path) -> None:
    """An unsure of a reviewer is no answer, and they are counted."""
    db = shop(tmp_path, *[(PASS,)] * 12)
    add_reviews(db, [Review(call=call(n), criterion="criterion_0", verdict="unsure", sample="blind") for n in range(12)])
    said = found(db)
    assert "machine" not in said or said["machine"] == []
    assert said["panel"][0]["says"] == "no_pairs"
    assert "не могу решить»: 12" in run(db).stdout


def test_months_are_told_apart(tmp_path: Path) -> None:
    """Agreement is shown by month of the call."""
    db = shop(tmp_path, *[(PASS,)] * 12)
    add_reviews(db, [Review(call=call(n), criterion="criterion_0", verdict="pass") for n in range(12)])
    (month,) = found(db)["months"]
    assert (month["month"], month["machine_calls"]) == ("2026-10-01", 12)


def test_one_session_alone(tmp_path: Path) -> None:
    """Reviews of a session are told from those of another, and from calls drawn by lot."""
    db = shop(tmp_path, *[(PASS,)] * 12)
    blind = [
        Review(
            call=call(n), criterion="criterion_0", verdict="pass", sample="blind", reviewer=who, session="s1" if n < 6 else "s2"
        )
        for n in range(12)
        for who in ("anna", "boris")
    ]
    add_reviews(db, [*blind, *(Review(call=call(n), criterion="criterion_0", verdict="pass") for n in range(12))])
    assert found(db, "--session", "s1")["panel"][0]["calls"] == 6
    assert found(db, "--session", "s1")["machine"][0]["calls"] == 6
    assert found(db)["machine"][0]["calls"] == 12


def test_nothing_reviewed_is_said(tmp_path: Path) -> None:
    """Without a review, or with none that matches, there is a sentence and exit code 8."""
    db = shop(tmp_path, (PASS,))
    empty = run(db).exception
    assert isinstance(empty, CallscoreError)
    assert (empty.exit_code, empty.message) == (8, "nobody has reviewed a call yet")
    at = datetime(2026, 11, 1, tzinfo=UTC)
    add_reviews(db, [Review(call=call(0), criterion="criterion_0", verdict="pass", at=at)])
    narrow = run(db, "--since", "2030-01-01").exception
    assert isinstance(narrow, CallscoreError)
    assert narrow.message == "no review matches"
    assert "FROM reviews" in run(db, "--explain").stdout
