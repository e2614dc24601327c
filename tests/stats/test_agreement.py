"""Agreement of two raters, and shares over calls."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.stats.agreement import agreement_interval, cohen_kappa, design_effect, ratio
from callscore.stats.interval import Interval, share_interval


def test_kappa_of_the_textbook() -> None:
    """The worked example of 2 x 2 ratings, 0.70 observed against 0.50 by chance, gives 0.40."""
    found = cohen_kappa([[20, 5], [10, 15]])
    assert found is not None
    assert found.value == pytest.approx(0.4)
    assert found.interval is not None
    assert (round(found.interval.low, 3), round(found.interval.high, 3)) == (0.125, 0.618)


def test_perfect_agreement_of_few_is_no_certainty() -> None:
    """Where five of five agree, the interval still says how little five are."""
    found = cohen_kappa([[3, 0], [0, 2]])
    assert found is not None
    assert found.interval is not None
    assert (found.value, found.interval.high) == (1.0, 1.0)
    assert found.interval.low == pytest.approx(0.095, abs=0.001)


@pytest.mark.parametrize("table", [[[0, 0], [0, 0]], [[7, 0], [0, 0]]])
def test_kappa_needs_two_categories(table: list[list[int]]) -> None:
    """No pairs, or one answer throughout: there is nothing beyond chance to measure."""
    assert cohen_kappa(table) is None


@pytest.mark.parametrize("table", [[[1, 2]], [[1, 2], [3, -1]]])
def test_kappa_refuses_what_is_no_table(table: list[list[int]]) -> None:
    """A table that is not square, or holds a negative count, is a mistake of the caller."""
    with pytest.raises(ValueError, match="square"):
        cohen_kappa(table)


def test_calls_that_differ_widen_the_interval() -> None:
    """Verdicts of one call hang together: one bad call of four is worth less than thirty good verdicts of forty."""
    assert design_effect([(10, 10), (0, 10), (10, 10), (10, 10)]) == pytest.approx(13.333, abs=0.001)
    together = agreement_interval([(10, 10), (0, 10), (10, 10), (10, 10)])
    assert together.low < share_interval(30, 40).low - 0.2


def test_one_verdict_per_call_is_wilson() -> None:
    """Where each call brings one verdict, the interval is Wilson's up to the small-sample factor n / (n - 1)."""
    found = agreement_interval([(1, 1)] * 90 + [(0, 1)] * 10)
    plain = share_interval(90, 100)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.001)


def test_no_effect_where_nothing_varies() -> None:
    """All right, all wrong, or a single call: the trials count as they are."""
    assert design_effect([(5, 5), (9, 9)]) == design_effect([(0, 5), (0, 9)]) == design_effect([(3, 5)]) == 1.0
    assert agreement_interval([]) == Interval(0.0, 1.0)


def test_ratio_over_calls() -> None:
    """The ratio is of the sums, and its interval follows from how the calls differ."""
    found = ratio([(3, 100), (9, 100), (6, 100)])
    assert found is not None
    assert found.interval is not None
    assert found.value == pytest.approx(0.06)
    assert found.interval.high == pytest.approx(0.1345, abs=0.001)


def test_ratio_without_spread_has_no_interval() -> None:
    """One call, or calls that are all alike, cannot tell how far off the ratio may be."""
    one, alike = ratio([(3.0, 10.0)]), ratio([(1.0, 10.0), (2.0, 20.0)])
    assert one is not None
    assert alike is not None
    assert (one.value, one.interval, alike.value, alike.interval) == (0.3, None, 0.1, None)
    assert ratio([]) is None
    assert ratio([(4.0, 0.0)]) is None


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=30))
def test_intervals_hold_the_share(pairs: list[tuple[int, int]]) -> None:
    """Whatever the calls, the interval lies in 0..1 and holds the share itself."""
    parts = [(right, right + wrong) for right, wrong in pairs]
    whole = sum(part[1] for part in parts)
    found = agreement_interval(parts)
    assert 0.0 <= found.low <= found.high <= 1.0
    if whole:
        assert found.low - 1e-9 <= sum(part[0] for part in parts) / whole <= found.high + 1e-9
