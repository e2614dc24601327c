"""The search for thresholds, on made-up judges whose best values are known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest

from callscore.evaluation.calibration import Price, cost, make_trial
from callscore.evaluation.compare import Confusion
from callscore.jobs.fit import CANDIDATES, ORDERED, Judge, cross_validate, fit, folds, live_candidates
from callscore.records import Verdict
from callscore.rubric.thresholds import Thresholds

RIGHT = Confusion.of(Verdict.FAIL, Verdict.FAIL)
UNSURE = Confusion.of(Verdict.FAIL, Verdict.UNSURE)
WRONG = Confusion.of(Verdict.PASS, Verdict.FAIL)
START = Thresholds(weak_frac=0.3, role_sure=0.6)


def judge(*rules: Callable[[Thresholds], Confusion]) -> Judge:
    """Return a judge of one call per rule."""

    def tell(thresholds: Thresholds) -> Sequence[Confusion]:
        return [rule(thresholds) for rule in rules]

    return tell


def relaxed(limit: float) -> Callable[[Thresholds], Confusion]:
    """Return a call that is decided, rightly, once weak_frac is above `limit`."""
    return lambda thresholds: RIGHT if thresholds.weak_frac > limit else UNSURE


def strict(limit: float) -> Callable[[Thresholds], Confusion]:
    """Return a call that is decided wrongly once weak_frac is above `limit`."""
    return lambda thresholds: WRONG if thresholds.weak_frac > limit else UNSURE


def test_candidates_are_thresholds_in_their_order() -> None:
    """What the table names exists, is of the right type, and has the pairs in order at the usual values."""
    usual = Thresholds()
    for name, values in CANDIDATES.items():
        assert {type(value) for value in values} == {type(getattr(usual, name))}
    assert all(getattr(usual, low) <= getattr(usual, high) for low, high in ORDERED)


def test_a_wrong_verdict_costs_four_unsure_ones() -> None:
    """The price of what goes wrong: 4 for a wrong or missing verdict, 1 for an unsure one, 0 for a right one."""
    missing = Confusion.of(Verdict.NA, None)
    assert [cost(found, Price()) for found in (RIGHT, UNSURE, WRONG, missing)] == [0.0, 1.0, 4.0, 4.0]


def test_it_finds_the_cheapest_value() -> None:
    """Four doubts gone are worth no more than one new mistake; five are."""
    four = judge(*[relaxed(0.3)] * 3, strict(0.3))
    six = judge(*[relaxed(0.3)] * 6, strict(0.3))
    assert fit(START, four, range(4), CANDIDATES, Price()) == START
    assert fit(START, six, range(7), CANDIDATES, Price()).weak_frac == 0.35
    assert fit(START, six, range(7), CANDIDATES, Price(wrong=20.0)) == START


def test_equal_values_stay_near() -> None:
    """Of values that cost the same the nearest to the present one is taken, and what gains nothing stays."""
    found = fit(START, judge(relaxed(0.34)), [0], CANDIDATES, Price())
    assert found == dataclasses.replace(START, weak_frac=0.35)


def test_only_the_calls_to_fit_to_count() -> None:
    """A call that is left out has no say."""
    assert fit(START, judge(relaxed(0.3), strict(0.3)), [1], CANDIDATES, Price()) == START
    assert fit(START, judge(relaxed(0.3), strict(0.3)), [0], CANDIDATES, Price()).weak_frac == 0.35


def test_thresholds_keep_their_order() -> None:
    """A value that would put the grey band above certainty is never tried."""
    tried: list[Thresholds] = []

    def watch(thresholds: Thresholds) -> Sequence[Confusion]:
        tried.append(thresholds)
        return [UNSURE]

    fit(Thresholds(match_grey=0.78, match_sure=0.8), watch, [0], CANDIDATES, Price())
    assert tried
    assert all(thresholds.match_grey <= thresholds.match_sure for thresholds in tried)


def test_idle_thresholds_are_left_out() -> None:
    """Thresholds that change no verdict need no search."""
    assert list(live_candidates(START, judge(relaxed(0.3)))) == ["weak_frac"]
    assert not live_candidates(START, judge(lambda _: RIGHT))


def test_folds_part_the_calls_evenly() -> None:
    """Each call is in one part, parts differ by one call at most, and the same ids give the same parts."""
    names = [f"c{n}" for n in range(23)]
    parts = folds(names, 5)
    assert sorted(place for part in parts for place in part) == list(range(23))
    assert sorted(map(len, parts)) == [4, 4, 5, 5, 5]
    assert folds(names, 5) == parts


@pytest.mark.parametrize(("n_relaxed", "after"), [(10, (10, 0, 0)), (1, (0, 0, 1))])
def test_cross_validation_judges_what_was_not_fitted_to(n_relaxed: int, after: tuple[int, int, int]) -> None:
    """What all calls share is found without each of them; what only one call asks for never helps that call itself."""
    rules = [relaxed(0.3)] * n_relaxed
    trial = cross_validate(START, judge(*rules), folds([f"c{n}" for n in range(n_relaxed)], 5), CANDIDATES, Price())
    assert (trial.before.right, trial.before.wrong, trial.before.unsure) == (0, 0, n_relaxed)
    assert (trial.after.right, trial.after.wrong, trial.after.unsure) == after


def test_a_gain_within_chance_is_none() -> None:
    """One mistake less and three doubts more on ten calls may be chance; ten doubts less on ten calls are not."""
    chance = make_trial([(WRONG, RIGHT), *[(RIGHT, UNSURE)] * 3, *[(RIGHT, RIGHT)] * 6], Price())
    assert (chance.gain, round(chance.error, 2), chance.is_gain) == (1.0, 4.58, False)
    assert make_trial([(UNSURE, RIGHT)] * 10, Price()).is_gain
    assert not make_trial([(RIGHT, RIGHT)] * 10, Price()).is_gain
