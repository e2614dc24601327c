"""Shrinkage: few calls borrow from the team, and nothing is drawn where nothing can be learnt."""

from __future__ import annotations

import random

import pytest

from callscore.stats.shrinkage import Shrunk, shrink_means, shrink_shares


def test_who_has_few_calls_is_drawn_more() -> None:
    """The value lies between the operator's own and the team's, nearer to the team's the fewer the calls."""
    few, many, *_ = shrink_means([50.0, 60.0, 75.0, 80.0, 85.0], [100.0, 1.0, 1.0, 1.0, 1.0])
    assert 50.0 < few.value < 75.0
    assert abs(many.value - 60.0) < 1.0
    assert few.weight < many.weight <= 1.0


def test_one_operator_is_left_alone() -> None:
    """Nobody to borrow from: the value is the operator's own."""
    found = shrink_means([70.0], [4.0])[0]
    assert (found.value, round(found.low, 2), round(found.high, 2), found.weight) == (70.0, 66.08, 73.92, 1.0)


def test_operators_without_spread_become_one() -> None:
    """Equal means stay where they are and get an interval narrower than their own."""
    found = shrink_means([80.0] * 8, [25.0] * 8)[0]
    assert (round(found.value, 6), found.high - found.low < 2 * 1.96 * 5) == (80.0, True)


def test_certain_means_do_not_break_the_arithmetic() -> None:
    """A variance of nothing is no division by zero."""
    assert [round(one.value) for one in shrink_means([0.0, 100.0, 50.0], [0.0, 0.0, 0.0])] == [0, 100, 50]


def test_nobody_gives_nothing() -> None:
    """An empty team is an empty answer."""
    assert shrink_means([], []) == ()


@pytest.mark.parametrize(("means", "variances"), [([101.0], [1.0]), ([50.0], [-1.0]), ([50.0], []), ([float("nan")], [1.0])])
def test_what_is_no_mean_is_refused(means: list[float], variances: list[float]) -> None:
    """Nonsense never becomes a number."""
    with pytest.raises(ValueError, match=r"means|variances"):
        shrink_means(means, variances)


def test_a_share_without_trials_is_the_teams() -> None:
    """Who never had a call gets what is known of the others, and weight 0."""
    *_, nobody = shrink_shares([20, 25, 15, 0], [100, 100, 100, 0])
    assert nobody.weight == 0.0
    assert nobody.low < 0.2 < nobody.high


def test_few_trials_never_look_certain() -> None:
    """Three sales of three, or none of four, stay far from 100 % and 0 % where the team sells a fifth."""
    lucky, unlucky, *_ = shrink_shares([3, 0, 200, 210, 190], [3, 4, 1000, 1000, 1000])
    assert 0.2 < lucky.value < 0.5
    assert unlucky.value > 0.1
    assert unlucky.low > 0.0


def test_nobody_who_ever_sold_leaves_room_for_doubt() -> None:
    """No sale in 50 calls of each is not proof that nobody can sell."""
    found = shrink_shares([0, 0, 0], [50, 50, 50])[0]
    assert found.value < 0.02
    assert found.high > 0.01


def test_without_any_trial_nothing_is_said() -> None:
    """The widest interval and weight 0 mean: unknown."""
    assert shrink_shares([0], [0]) == (Shrunk(0.5, 0.0, 1.0, 0.0),)


def test_intervals_of_shares_hold_the_truth() -> None:
    """In simulated teams the intervals hold about 95 % of the true shares."""
    draws = random.Random(7)
    held: list[bool] = []
    for _ in range(60):
        truth = [draws.betavariate(20, 80) for _ in range(12)]
        trials = [draws.choice([5, 20, 100, 400]) for _ in truth]
        won = [sum(draws.random() < share for _ in range(n)) for share, n in zip(truth, trials, strict=True)]
        held.extend(one.low <= share <= one.high for one, share in zip(shrink_shares(won, trials), truth, strict=True))
    assert 0.92 <= sum(held) / len(held) <= 0.98
