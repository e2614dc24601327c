"""`callscore report operators` and `compare`: what is shown, and what is refused in words."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import NothingToDoError
from callscore.jobs.operator_scores import write_operator_scores
from callscore.records import Verdict
from callscore.store import open_store
from tests.store.build import criterion, result, score

MONDAY = datetime(2026, 8, 3, 9, tzinfo=UTC)
PASS, FAIL, NA, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.NA, Verdict.UNSURE


def run(*arguments: object) -> Result:
    """Run a command as a user does."""
    return CliRunner().invoke(cli, ["report", *map(str, arguments)])


def table(section: str, *arguments: object) -> list[dict[str, Any]]:
    """Return a section of a report."""
    outcome = run(*arguments, "--format", "json")
    assert outcome.exception is None, outcome.output
    return list(json.loads(outcome.stdout)[section])


def fill(db: Path, team: dict[str, list[tuple[Verdict, ...]]]) -> Path:
    """Store a call a day for each operator, with the verdicts given, and the scores."""
    number = 0
    with open_store(db) as writer:
        for operator, calls in team.items():
            for day, verdicts in enumerate(calls):
                made = result(number, n_turns=2, operator=operator)
                info = replace(made.record.info, started_at=MONDAY + timedelta(days=day, minutes=number % 50))
                given = score(*(criterion(f"criterion_{place}", verdict) for place, verdict in enumerate(verdicts)))
                writer.save_call(replace(made, record=replace(made.record, info=info), scores=(given,)), "r1")
                number += 1
        write_operator_scores(writer, "Europe/Moscow")
    return db


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store, to be read only: anna does well for ten weeks, boris gets better in the sixth, clara has two calls."""
    good: tuple[Verdict, ...] = (PASS, PASS, PASS, PASS)
    bad: tuple[Verdict, ...] = (PASS, FAIL, FAIL, FAIL)
    return fill(
        tmp_path_factory.mktemp("shop") / "x.duckdb",
        {"anna": [good, (PASS, PASS, FAIL, PASS)] * 35, "boris": [bad] * 35 + [good] * 35, "clara": [bad, bad]},
    )


def test_better_worse_and_too_few(shop: Path) -> None:
    """Each operator is set against all others together, and who has too few calls is not judged."""
    found = {row["operator"]: row["finding"] for row in table("comparison", "compare", "--db", shop)}
    assert found == {"anna": "better", "boris": "worse", "clara": "too_few_calls"}


def test_two_operators_and_two_periods(shop: Path) -> None:
    """A pair is compared both ways round alike; with a day, each operator with himself."""
    one = table("comparison", "compare", "anna", "boris", "--db", shop)[0]
    other = table("comparison", "compare", "boris", "anna", "--db", shop)[0]
    assert (one["finding"], other["finding"]) == ("better", "worse")
    assert one["difference_low"] == pytest.approx(-other["difference_high"])
    split = {row["operator"]: row["finding"] for row in table("comparison", "compare", "--split", "2026-09-07", "--db", shop)}
    assert split == {"anna": "cannot_tell", "boris": "better"}


def test_trends_name_the_step(shop: Path) -> None:
    """Who changed at once is told with the week; who did not is not."""
    found = {row["operator"]: row for row in table("operator_trends", "operators", "--db", shop)}
    assert (found["boris"]["finding"], found["boris"]["step_on"]) == ("up", "2026-09-07")
    assert (found["anna"]["finding"], found["anna"]["step_on"]) == ("cannot_tell", None)
    assert found["clara"]["finding"] == "too_few_weeks"


def test_few_calls_stand_steadied_beside_the_raw_score(shop: Path) -> None:
    """The steadied score of two bad calls lies nearer to the team's than the raw one."""
    clara = next(row for row in table("operators", "operators", "--db", shop) if row["operator"] == "clara")
    assert clara["score"] < clara["score_shrunk"] < 80
    assert clara["shrunk_weight"] < 1


def test_periods_are_latest_first_and_places_stay_within_one(shop: Path) -> None:
    """Each week has its own scores; the table stops after --limit lines and says so."""
    weeks = table("operators", "operators", "--by", "week", "--db", shop)
    assert [weeks[0]["period"], weeks[-1]["period"]] == ["2026-W41", "2026-W32"]
    assert len(table("operators", "operators", "--by", "month", "--since", "2026-09-01", "--db", shop)) == 4
    cut = run("operators", "--by", "day", "--limit", 3, "--db", shop)
    assert cut.exit_code == 0
    assert "--limit" in cut.output


def test_one_operator_has_his_place_among_all(shop: Path) -> None:
    """Asking for one operator does not make him the first of one."""
    boris = table("operators", "operators", "--operator", "boris", "--sort", "score", "--db", shop)[0]
    assert boris["place"] == "2"


def test_reviews_of_the_random_sample_correct_the_scores(shop: Path, tmp_path: Path) -> None:
    """With forty random calls reviewed the corrected score is there, and agrees with a machine that was right."""
    import duckdb

    before = table("operators", "operators", "--db", shop)[0]
    shop = Path(shutil.copy(shop, tmp_path))
    with duckdb.connect(str(shop)) as connection:
        connection.execute(
            "INSERT INTO reviews BY NAME SELECT call_id || criterion AS review_id, call_id, rubric, rubric_version, "
            "criterion, verdict, 'lead' AS reviewer, '' AS reason, TIMESTAMP '2026-11-01' AS reviewed_at, 'random' AS sample "
            "FROM verdicts WHERE call_id IN (SELECT call_id FROM calls ORDER BY hash(call_id) LIMIT 40)"
        )
    with open_store(shop):
        pass
    after = table("operators", "operators", "--db", shop)[0]
    assert (before["score_corrected"], before["n_reviewed"]) == (None, 0)
    assert (round(after["score_corrected"]), after["n_reviewed"]) == (round(after["score"]), 40)
    criteria = table("criteria", "criteria", "--db", shop)
    assert all(row["corrected_low"] <= row["pass_frac"] <= row["corrected_high"] for row in criteria)
    compared = table("comparison", "compare", "anna", "boris", "--db", shop)[0]
    assert (compared["is_corrected"], compared["finding"]) == (True, "better")


def test_every_number_has_its_query(shop: Path) -> None:
    """--explain prints queries that callscore sql runs."""
    for command in (["operators"], ["operators", "--by", "day"], ["compare"], ["compare", "--split", "2026-09-07"]):
        printed = run(*command, "--db", shop, "--explain").stdout
        for query in printed.strip().rstrip(";").split(";\n\n"):
            ran = CliRunner().invoke(cli, ["sql", query, "--db", str(shop)])
            assert ran.exit_code == 0, query


@pytest.mark.parametrize("verdicts", [(NA, NA, NA, NA), (UNSURE, UNSURE, UNSURE, UNSURE)])
def test_nothing_decided_gives_no_score_and_no_place(tmp_path: Path, verdicts: tuple[Verdict, ...]) -> None:
    """Where all is na or unsure there is no number but the widest interval, and nothing to compare."""
    db = fill(tmp_path / "x.duckdb", {"anna": [verdicts] * 8, "boris": [verdicts] * 8})
    rows = table("operators", "operators", "--sort", "score", "--db", db)
    assert [(row["score"], row["score_shrunk"], row["place"]) for row in rows] == [(None, None, None)] * 2
    assert isinstance(run("compare", "--db", db).exception, NothingToDoError)


def test_one_operator_is_compared_with_nobody(tmp_path: Path) -> None:
    """A team of one has a score, and no finding."""
    db = fill(tmp_path / "x.duckdb", {"anna": [(PASS, PASS, FAIL, PASS)] * 20})
    row = table("operators", "operators", "--db", db)[0]
    assert (row["score"], row["score_adjusted"], row["shrunk_weight"]) == (75.0, None, 1.0)
    assert table("comparison", "compare", "--db", db)[0]["finding"] == "too_few_calls"


def test_criteria_that_never_fail_are_not_certain(tmp_path: Path) -> None:
    """All calls perfect: the interval still says how many calls there were."""
    db = fill(tmp_path / "x.duckdb", {name: [(PASS, PASS)] * 6 for name in ("anna", "boris", "clara")})
    row = table("operators", "operators", "--db", db)[0]
    assert (row["score"], row["score_low"] < 90, row["shrunk_low"] < 97, row["adjusted_low"] < 97) == (100.0, True, True, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["compare", "anna", "nobody"], "no scored call of 'nobody'"),
        (["compare", "--split", "2030-01-01"], "nothing to compare"),
        (["operators", "--since", "2030-01-01"], "no call matches"),
        (["operators", "--by", "week", "--since", "2030-01-01"], "no call matches"),
        (["compare", "--since", "2030-01-01"], "no call matches"),
    ],
)
def test_refusals_say_what_is_missing(shop: Path, arguments: list[str], words: str) -> None:
    """A period or a name without calls is answered in words."""
    error = run(*arguments, "--db", shop).exception
    assert isinstance(error, NothingToDoError)
    assert words in error.message


def test_three_names_are_too_many(shop: Path) -> None:
    """Usage is checked before anything is computed."""
    assert run("compare", "anna", "boris", "clara", "--db", shop).exit_code == 2
    assert run("compare", "anna", "anna", "--db", shop).exit_code == 2
