"""Findings in shops whose truth is known; `python -m benchmarks.conversion` runs two hundred of them."""

from __future__ import annotations

import pytest
from scipy import stats

from benchmarks.conversion import ShopResult, measure_shop
from callscore.stats.conversion.finding import find_effects
from tests.shop_simulator import ShopOptions, as_questions, simulate_shop


def judge(results: list[ShopResult]) -> None:
    """Hold coverage against 95 % and false findings against 5 %, by what chance allows in one of a thousand cases."""
    covered = [value for result in results for value in (*result.differences_covered, *result.odds_covered)]
    n = len(covered) // 2
    least = int(stats.binom.ppf(0.0005, n, 0.95))
    for kind in ("differences_covered", "odds_covered"):
        assert sum(sum(getattr(result, kind)) for result in results) >= least
    false = [value for result in results for value in result.false]
    assert sum(false) <= int(stats.binom.ppf(0.999, len(false), 0.05))


def test_true_effects_are_covered_and_null_criteria_left_alone() -> None:
    """Confounded shops: intervals hold the truth, and criteria without an effect are not found helpful, unlike plainly."""
    options = ShopOptions(n_calls=5000, effects=(0.6, -0.5, 0.3), n_null=4)
    results = [measure_shop(seed, options) for seed in range(101, 107)]
    judge(results)
    plain = [value for result in results for value in result.plain_false]
    assert sum(plain) > 0.8 * len(plain)


@pytest.mark.slow
def test_many_large_shops_are_judged_right() -> None:
    """Twenty thousand calls, twelve operators, twenty null criteria, forty shops: the same, and most effects are found."""
    results = [measure_shop(seed, ShopOptions()) for seed in range(301, 341)]
    judge(results)
    found = [value for result in results for value in result.found]
    assert sum(found) > 0.9 * len(found)


@pytest.mark.slow
def test_effects_that_differ_between_operators_are_still_covered() -> None:
    """Where a criterion works for some operators and not for others, intervals hold the mean over them."""
    judge([measure_shop(seed, ShopOptions(n_calls=6000, n_null=2, spread=0.25)) for seed in range(201, 221)])


def test_a_shop_with_forty_calls_is_told_to_wait() -> None:
    """Forty calls are not enough for anything, and the sentence says so."""
    rows = find_effects(*as_questions(simulate_shop(1, ShopOptions(n_calls=40))))
    assert {row.finding for row in rows} == {"not_enough"}
    assert all(row.sentence_ru and row.sentence_ru.startswith("Данных мало") for row in rows)
    assert all(row.odds_ratio is None and row.risk_difference is None for row in rows)


def test_three_operators_are_compared_by_weeks_and_only_spoken_of_themselves() -> None:
    """Too few operators for intervals by operator: their weeks are the groups, and the sentence limits itself to them."""
    shop = simulate_shop(5, ShopOptions(n_calls=9000, n_operators=3, effects=(0.9,), n_null=1))
    first = find_effects(*as_questions(shop))[0]
    assert (first.design, first.finding) == ("operator_weeks", "helps")
    assert "только о них" in (first.sentence_ru or "")


def test_one_operator_is_refused() -> None:
    """What is peculiar to one person is not told apart from the criterion."""
    rows = find_effects(*as_questions(simulate_shop(5, ShopOptions(n_calls=3000, n_operators=1, n_null=1))))
    assert {(row.finding, row.reason) for row in rows} == {("not_enough", "one_operator")}
