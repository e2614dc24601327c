"""Money per sale, numbers on equal calls, and levels: right where the truth is known, silent where it cannot be told."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.stats.comparable import KindOfCalls, compare_on_equal_calls
from callscore.stats.efficiency import Part, combine_parts
from callscore.stats.queue_levels import BusyHour, Standing, forecast_levels, place_levels, stand
from callscore.stats.ratio import RatioSums, ratio_interval


def sums(units: list[tuple[float, float]]) -> RatioSums:
    """Return the sums over units."""
    return RatioSums(
        n=len(units),
        above=sum(a for a, _ in units),
        below=sum(b for _, b in units),
        above_squared=sum(a * a for a, _ in units),
        below_squared=sum(b * b for _, b in units),
        product=sum(a * b for a, b in units),
    )


def test_cost_per_sale_is_covered_in_95_of_100_shops() -> None:
    """Over shifts of different length with few sales each, the interval covers the true cost of a sale."""
    dice = random.Random(1)
    covered = told = 0
    for _ in range(1500):
        shifts = []
        for _ in range(20):
            hours = dice.uniform(4, 12)
            shifts.append((400 * hours, float(sum(dice.random() < 0.2 for _ in range(round(4 * hours))))))
        found = ratio_interval(sums(shifts))
        if found is not None:
            told += 1
            covered += found.low <= 500.0 <= found.high
    assert told == 1500
    assert 0.93 <= covered / told <= 0.97


def test_a_handful_of_sales_has_no_upper_end() -> None:
    """One sale in thirty shifts cannot say what a sale costs."""
    assert ratio_interval(sums([(1000.0, 0.0)] * 29 + [(1000.0, 1.0)])) is None
    assert ratio_interval(sums([(1000.0, 1.0)])) is None
    assert ratio_interval(sums([(1000.0, 0.0)] * 10)) is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 50)), max_size=30))
def test_the_interval_holds_the_ratio_and_is_finite(units: list[tuple[float, int]]) -> None:
    """Whatever the sums, there is an interval around the ratio or none."""
    found = ratio_interval(sums([(a, float(b)) for a, b in units]))
    if found is not None:
        ratio = sum(a for a, _ in units) / sum(b for _, b in units)
        assert 0.0 <= found.low <= ratio * (1 + 1e-6) + 1e-6
        assert ratio * (1 - 1e-6) - 1e-6 <= found.high < float("inf")


def shop(dice: random.Random, skill: dict[str, float], luck_of_lines: bool = True) -> list[KindOfCalls]:
    """Return a month on three lines that sell 10, 25 and 40 %; with `luck_of_lines` the first operators get the good ones."""
    lines = {"poor": 0.10, "fair": 0.25, "good": 0.40}
    found = []
    for place, (name, extra) in enumerate(skill.items()):
        weights = {"poor": 1 + place, "fair": 3, "good": 1 + len(skill) - place} if luck_of_lines else dict.fromkeys(lines, 3)
        for line, weight in weights.items():
            n = 60 * weight
            won = sum(dice.random() < lines[line] + extra for _ in range(n))
            found.append(KindOfCalls(operator=name, kind=line, n=n, total=won, squares=won))
    return found


def test_equal_operators_with_unequal_lines_are_not_told_apart() -> None:
    """In 200 shops whose operators are alike, hardly anybody is called better or worse."""
    dice = random.Random(2)
    told = 0
    for _ in range(200):
        found = stand(compare_on_equal_calls(shop(dice, dict.fromkeys("ABCDEF", 0.0))), 100.0)
        told += sum(stood.standing is not Standing.UNKNOWN for stood in found.values())
    assert told / (200 * 6) <= 0.05


def test_true_differences_are_found_and_covered() -> None:
    """The effects of operators are inside their intervals as often as promised, and the large ones are told."""
    dice = random.Random(3)
    skill = {"A": -0.08, "B": -0.02, "C": 0.0, "D": 0.0, "E": 0.02, "F": 0.08}
    inside = best = worst = 0
    for _ in range(200):
        compared = {one.operator: one for one in compare_on_equal_calls(shop(dice, skill))}
        weight = sum(one.n for one in compared.values())
        centre = sum(one.n * skill[one.operator] for one in compared.values()) / weight
        mean = sum(one.n * one.value for one in compared.values()) / weight
        inside += sum(
            abs(one.value - mean - (skill[one.operator] - centre)) <= 1.96 * one.variance**0.5 for one in compared.values()
        )
        found = stand(list(compared.values()), 100.0)
        best += found["F"].standing is Standing.BETTER
        worst += found["A"].standing is Standing.WORSE
        assert found["A"].standing is not Standing.BETTER
    assert 0.93 <= inside / (200 * 6) <= 0.97
    assert best > 150
    assert worst > 150


def test_operators_on_lines_of_their_own_cannot_be_compared() -> None:
    """Where nobody shares a kind of calls there is nothing to compare; of two groups the larger one is."""
    alone = [KindOfCalls(operator=name, kind=name, n=500, total=100, squares=100) for name in "AB"]
    assert compare_on_equal_calls(alone) == ()
    pairs = [
        KindOfCalls(operator=name, kind=kind, n=n, total=n / 5, squares=n / 5)
        for name, kind, n in (("A", "x", 50), ("B", "x", 50), ("C", "y", 90), ("D", "y", 90))
    ]
    assert [one.operator for one in compare_on_equal_calls(pairs)] == ["C", "D"]


def test_undecided_verdicts_keep_operators_together() -> None:
    """A score that may really lie ten points lower tells nobody apart by eight."""
    kinds = [
        KindOfCalls(operator=name, kind="x", n=400, total=400 * mean, squares=400 * (mean**2 + 100))
        for name, mean in (("A", 70.0), ("B", 70.0), ("C", 78.0))
    ]
    compared = compare_on_equal_calls(kinds)
    assert stand(compared, 1.0)["C"].standing is Standing.BETTER
    assert stand(compared, 1.0, {"C": (10.0, 0.0)})["C"].standing is Standing.UNKNOWN


def test_better_in_one_thing_and_worse_in_another_is_the_middle() -> None:
    """No blend decides between sales and quality."""
    levels = place_levels({"A": [Standing.BETTER, Standing.WORSE], "B": [Standing.BETTER, Standing.UNKNOWN]}, 3)
    assert levels == {"A": 1, "B": 0}


def test_a_strong_first_level_starves_the_last() -> None:
    """Where those tried first have time for every call, the others get hardly any, and that is foreseen."""
    quiet = BusyHour(hour=10, hours=100, calls=6, load=0.5, present=(4, 2, 2))
    busy = BusyHour(hour=12, hours=100, calls=100, load=8.0, present=(2, 2, 2))
    alone = BusyHour(hour=22, hours=100, calls=4, load=0.3, present=(0, 0, 1))
    assert (forecast_levels([quiet], 0.85).shares[2] or 0) < 0.05
    found = forecast_levels([quiet, busy, alone], 0.85)
    assert (found.crowded, found.uncovered) == ((12,), (22,))


def test_all_calls_are_shared_out() -> None:
    """The shares, by the operators there, add up to all calls."""
    hours = [
        BusyHour(hour=9, hours=3, calls=20, load=2.5, present=(2, 1, 3)),
        BusyHour(hour=10, hours=5, calls=50, load=5.5, present=(0, 4, 0)),
    ]
    there = [sum(hour.hours * hour.present[level] for hour in hours) for level in range(3)]
    shares = forecast_levels(hours, 0.85).shares
    assert sum((share or 0) * n for share, n in zip(shares, there, strict=True)) == pytest.approx(sum(there))


def test_a_part_without_weight_changes_nothing() -> None:
    """Weights are shared out among the parts that have one; none at all gives no coefficient."""
    one, two = Part(ratio=2.0, low=1.0, high=4.0), Part(ratio=0.5, low=0.0, high=0.7)
    found = combine_parts({"a": one, "b": two}, {"a": 3.0, "b": 0.0})
    assert found is not None
    assert found.value == pytest.approx(2.0)
    assert dict(found.weights) == {"a": 1.0}
    assert combine_parts({"a": one}, {"a": 0.0}) is None
