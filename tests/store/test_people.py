"""Operators' sums, and what people found: only complete calls of the random sample count, by the latest human verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from callscore.records import Verdict
from callscore.scoring.combine import combine_points
from callscore.store import open_reader, open_store
from callscore.store.entries import CallFilter
from callscore.store.operators import OperatorEntry
from callscore.store.people import ReviewRow, read_answers, read_mix, read_people, read_reviews
from tests.store.build import START, criterion, result

SQL_REVIEW = """
INSERT INTO reviews BY NAME SELECT $id AS review_id, $call AS call_id, 'incoming_sale' AS rubric, 1 AS rubric_version,
    $criterion AS criterion, $verdict AS verdict, 'lead' AS reviewer, '' AS reason,
    TIMESTAMP '2026-10-06' + to_minutes($minute) AS reviewed_at, $sample AS sample
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return a store of three calls of anna and boris: pass, fail and unsure on "b", which is critical in call 2."""
    path = tmp_path / "x.duckdb"
    with open_store(path) as writer:
        for number, verdict in enumerate((Verdict.PASS, Verdict.FAIL, Verdict.UNSURE)):
            made = result(number, n_turns=2, operator="anna" if number < 2 else "boris")
            verdicts = (criterion("a", Verdict.PASS), criterion("b", verdict, critical=number == 2), criterion("c", Verdict.NA))
            writer.save_call(replace(made, scores=(combine_points("incoming_sale", 1, "ab" * 32, verdicts),)), "r1")
    return path


def review(db: Path, call: int, sample: str | None, minute: int = 0, **verdicts: str) -> None:
    """Store verdicts of a person on a call."""
    with duckdb.connect(str(db)) as connection:
        for name, verdict in verdicts.items():
            values = {
                "id": f"{call}{name}{minute}{sample}",
                "call": f"c{call:06d}",
                "criterion": name,
                "verdict": verdict,
                "minute": minute,
                "sample": sample,
            }
            connection.execute(SQL_REVIEW, values)


def found(db: Path) -> tuple[ReviewRow, ...]:
    """Return what was found, from the database itself: its copy for readers is older."""
    db.with_name("x.read.duckdb").unlink(missing_ok=True)
    with open_reader(db) as reader, reader.asking() as queries:
        return read_reviews(queries)


@pytest.mark.parametrize("sample", ["flagged", "appeal", None])
def test_only_the_random_sample_counts(db: Path, sample: str | None) -> None:
    """Calls that were picked because something was wrong say nothing about how often the machine is."""
    review(db, 1, sample, a="pass", b="pass")
    assert found(db) == ()


def test_a_call_counts_once_all_of_it_was_looked_at(db: Path) -> None:
    """Half a review is none; what did not arise needs no confirmation."""
    review(db, 1, "random", b="pass")
    assert found(db) == ()
    review(db, 1, "random", a="pass")
    assert [(row.operator, row.n, row.gap, row.width) for row in found(db)] == [("anna", 1, 50.0, 0.0)]


def test_the_latest_human_verdict_counts(db: Path) -> None:
    """An appeal that was granted after the random review is the truth about that call."""
    review(db, 1, "random", a="pass", b="fail")
    review(db, 1, "appeal", minute=5, b="pass")
    assert [(row.n, row.gap) for row in found(db)] == [(1, 50.0)]


def test_a_failed_critical_criterion_makes_the_true_score_nothing(db: Path) -> None:
    """People's scores follow the rules of scores: here the machine's bounds are 0 and 100."""
    review(db, 2, "random", a="pass", b="fail")
    assert [(row.operator, row.gap, row.width) for row in found(db)] == [("boris", 0.0, 100.0)]


def test_answers_count_what_is_behind_each_verdict(db: Path) -> None:
    """Unsure is an answer of its own; an unsure person tells nothing."""
    review(db, 2, "random", a="unsure", b="pass")
    db.with_name("x.read.duckdb").unlink()
    with open_reader(db) as reader, reader.asking() as queries:
        rows = read_answers(queries)
    assert [(row.criterion, row.machine, row.truth, row.n) for row in rows] == [
        ("b", "unsure", "pass", 1),
        ("c", "na", "na", 1),
    ]


def test_one_pass_gives_the_same_as_three_questions(db: Path) -> None:
    """The sums of a report agree with those of the stored table."""
    with open_reader(db) as reader, reader.asking() as queries:
        found = read_people(queries, CallFilter(), "Europe/Moscow")
        assert found.everything == reader.operator_sums(CallFilter(), "Europe/Moscow")
        assert found.weeks == reader.operator_sums(CallFilter(), "Europe/Moscow", "week")
        assert found.mix == read_mix(queries, CallFilter(), "Europe/Moscow", ("all",))


def test_an_operator_renamed_in_mid_month_stays_one_person(db: Path) -> None:
    """Names that the shop's list gives to one person, each for its days, are added up under that person."""
    person = OperatorEntry(operator="Анна Петрова", names=("anna", "boris"), starts_at=START.replace(year=2020))
    with open_store(db) as writer:
        writer.save_operators([person])
    with open_reader(db) as reader:
        sums = reader.operator_sums(CallFilter(), "Europe/Moscow")
        assert [(entry.operator, entry.calls) for entry in sums] == [("Анна Петрова", 3)]
        assert reader.operator_sums(CallFilter(operator="anna"), "Europe/Moscow")[0].calls == 2
