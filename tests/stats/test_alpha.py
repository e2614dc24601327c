"""Krippendorff's alpha against published figures, and where there is none."""

from __future__ import annotations

import pytest

from callscore.stats.alpha import NoAlpha, krippendorff_alpha

# Krippendorff's own example (Computing Krippendorff's Alpha-Reliability, 2011): four observers, twelve units, answers missing.
PUBLISHED = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


def test_the_published_example() -> None:
    """Alpha for nominal data is 0.743 there; the unit with a single answer does not count."""
    units = [[[sum(row[unit] == answer for row in PUBLISHED) for answer in range(1, 6)]] for unit in range(12)]
    found = krippendorff_alpha(units)
    assert found.value == pytest.approx(0.743, abs=5e-4)
    assert (found.n_calls, found.n_answers) == (11, 40)


def test_perfect_agreement_is_no_certainty() -> None:
    """Ten calls in which all agree leave room for doubt."""
    found = krippendorff_alpha([[[2, 0]]] * 5 + [[[0, 2]]] * 5)
    assert found.value == 1.0
    assert found.interval is not None
    assert found.interval.low < 0.6
    assert found.interval.high == 1.0


@pytest.mark.parametrize(
    ("calls", "why"),
    [
        ([], NoAlpha.NO_PAIRS),
        ([[]], NoAlpha.NO_PAIRS),
        ([[[1, 0]], [[0, 1]]], NoAlpha.NO_PAIRS),
        ([[[2, 0]], [[3, 0]]], NoAlpha.ONE_ANSWER),
    ],
)
def test_where_there_is_none_it_says_why(calls: list[list[list[int]]], why: NoAlpha) -> None:
    """No pair, or nothing but one answer: None and the reason, never nan."""
    found = krippendorff_alpha(calls)
    assert (found.value, found.interval, found.why) == (None, None, why)


def test_one_call_gives_the_widest_interval() -> None:
    """A single call with one disagreement tells next to nothing."""
    found = krippendorff_alpha([[[1, 1]]])
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.7


def test_the_interval_is_always_the_same() -> None:
    """A report that is printed twice shows the same numbers."""
    calls = [[[2, 0], [1, 1]], [[0, 2], [2, 0]], [[1, 1], [0, 2]]] * 5
    assert krippendorff_alpha(calls) == krippendorff_alpha(calls)


def test_answers_of_one_call_hang_together() -> None:
    """Ten questions of one call are no ten calls: the interval is wider than if each were asked in a call of its own."""
    good, bad = [[2, 0], [0, 2]] * 5, [[1, 1]] * 10
    together = krippendorff_alpha([good, good, good, bad]).interval
    apart = krippendorff_alpha([[question] for call in (good, good, good, bad) for question in call]).interval
    assert together is not None
    assert apart is not None
    assert together.high - together.low > apart.high - apart.low


def test_what_cannot_be_counted_is_refused() -> None:
    """A negative count, or questions with different answers, is a mistake of the caller."""
    with pytest.raises(ValueError, match="count of 0 or more"):
        krippendorff_alpha([[[1, -1]]])
    with pytest.raises(ValueError, match="same answers"):
        krippendorff_alpha([[[1, 1], [1, 1, 0]]])
