"""Intervals: right numbers, honest at the edges."""

from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.stats.interval import mean_interval, share_interval, student_quantile


@pytest.mark.parametrize(
    ("degrees", "value"),
    [(1, 12.7062), (2, 4.3027), (5, 2.5706), (12, 2.1788), (13, 2.1604), (30, 2.0423), (200, 1.9719), (100_000, 1.96)],
)
def test_student_quantiles_are_those_of_the_tables(degrees: int, value: float) -> None:
    """The quantiles agree with published tables to four digits."""
    assert student_quantile(degrees) == pytest.approx(value, abs=1e-4)


def test_no_calls_tell_nothing() -> None:
    """Without calls the score may be anything."""
    interval = mean_interval(0, 0.0, 0.0)
    assert (interval.low, interval.high) == (0.0, 100.0)


def test_a_few_perfect_calls_do_not_prove_perfection() -> None:
    """Five calls of 100 do not give an interval of width zero, as Student's alone would."""
    interval = mean_interval(5, 500.0, 50_000.0)
    assert (round(interval.low), round(interval.high)) == (51, 100)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50))
def test_the_interval_holds_the_mean_and_stays_in_range(scores: list[float]) -> None:
    """The score shown always lies within its interval, and the interval within 0..100."""
    interval = mean_interval(len(scores), sum(scores), sum(score**2 for score in scores))
    assert 0.0 <= interval.low <= mean(scores) + 1e-6
    assert mean(scores) - 1e-6 <= interval.high <= 100.0


@pytest.mark.parametrize("n", [3, 10, 40])
def test_the_interval_covers_the_truth_in_95_of_100_samples(n: int) -> None:
    """Among good calls with some of zero points, as critical fails make them, the interval keeps its promise."""
    chance = random.Random(5)
    truth, hits = 0.92 * 90, 0
    for _ in range(400):
        scores = [0.0 if chance.random() < 0.08 else chance.choice((80.0, 90.0, 100.0)) for _ in range(n)]
        interval = mean_interval(n, sum(scores), sum(score**2 for score in scores))
        hits += interval.low <= truth <= interval.high
    assert hits >= 380


def test_shares_have_wilsons_interval() -> None:
    """The interval of a share is Wilson's: 81 of 263 gives 0.255-0.366 (Newcombe, Statistics in Medicine 17, 1998)."""
    share = share_interval(81, 263)
    assert (round(share.low, 3), round(share.high, 3)) == (0.255, 0.366)


def test_impossible_counts_are_refused() -> None:
    """More successes than trials is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"successes must be in 0\.\.3"):
        share_interval(4, 3)
