"""Operator scores: sampling and doubt in one interval."""

from __future__ import annotations

from decimal import Decimal

from callscore.stats.operators import score_operators
from callscore.store.entries import OperatorScore, OperatorSums


def sums(scores: list[tuple[float | None, float, float]]) -> OperatorSums:
    """Add up calls given as score, low, high."""
    decided = [Decimal(str(score)) for score, _, _ in scores if score is not None]
    low = [Decimal(str(value)) for _, value, _ in scores]
    high = [Decimal(str(value)) for _, _, value in scores]
    return OperatorSums(
        period="all",
        period_kind="all",
        starts_on=None,
        operator="anna",
        rubric="sale",
        rubric_version=1,
        calls=len(scores),
        n=len(decided),
        total=sum(decided, Decimal(0)),
        squares=sum((value * value for value in decided), Decimal(0)),
        n_bounds=len(scores),
        total_low=sum(low, Decimal(0)),
        squares_low=sum((value * value for value in low), Decimal(0)),
        total_high=sum(high, Decimal(0)),
        squares_high=sum((value * value for value in high), Decimal(0)),
        low_high=sum((a * b for a, b in zip(low, high, strict=True)), Decimal(0)),
        n_critical_failed=0,
        n_verdicts=10 * len(scores),
        n_unsure=0,
    )


def scored(scores: list[tuple[float | None, float, float]]) -> OperatorScore:
    """Return the operator score of these calls."""
    return score_operators([sums(scores)])[0]


def test_the_score_is_the_mean_of_the_calls() -> None:
    """Every call weighs the same."""
    assert scored([(90.0, 90.0, 90.0), (60.0, 60.0, 60.0)]).score == 75.0


def test_doubt_widens_the_interval() -> None:
    """The same calls with unsure verdicts give a wider interval on both sides."""
    sure = scored([(80.0, 80.0, 80.0), (70.0, 70.0, 70.0)] * 20)
    doubtful = scored([(80.0, 60.0, 90.0), (70.0, 50.0, 85.0)] * 20)
    assert (round(sure.score_low), round(sure.score_high)) == (70, 78)
    assert (round(doubtful.score_low), round(doubtful.score_high)) == (51, 90)


def test_a_call_in_which_nothing_was_decided_has_no_score_but_counts_as_doubt() -> None:
    """What could not be heard never becomes a silent fail, nor a silent nothing."""
    without, with_ = scored([(80.0, 80.0, 80.0)] * 20), scored([(80.0, 80.0, 80.0)] * 20 + [(None, 0.0, 100.0)] * 5)
    assert (with_.score, with_.calls, with_.scored_calls) == (80.0, 25, 20)
    assert with_.score_low < without.score_low
    assert with_.score_high > without.score_high


def test_without_a_decided_call_there_is_no_score() -> None:
    """Unknown is unknown, not zero."""
    nothing = scored([(None, 0.0, 100.0)])
    assert (nothing.score, nothing.score_low, nothing.score_high) == (None, 0.0, 100.0)
