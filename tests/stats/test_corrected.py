"""Correction for the machine's mistakes: only from enough random reviews, with intervals that hold the truth."""

from __future__ import annotations

import random

import pytest

from benchmarks.coverage import SCENARIOS, Scenario, measure
from callscore.stats.corrected import MIN_REVIEWED, MachineSums, ReviewSums, corrected_share, fit_correction


def machine(scores: list[float]) -> MachineSums:
    """Add up calls in which nothing is unsure."""
    return MachineSums(
        n=len(scores), low=sum(scores), width=0.0, low_low=sum(x * x for x in scores), low_width=0.0, width_width=0.0
    )


def reviews(gaps: list[float]) -> ReviewSums:
    """Add up reviewed calls in which nothing was unsure."""
    return ReviewSums(
        n=len(gaps), gap=sum(gaps), width=0.0, gap_gap=sum(gap * gap for gap in gaps), gap_width=0.0, width_width=0.0
    )


def test_a_machine_that_is_ten_points_too_low_is_lifted() -> None:
    """The mean difference in the sample is added, also for an operator of whom nothing was reviewed."""
    correction = fit_correction({"anna": machine([60.0, 80.0] * 20)}, {"anna": reviews([5.0, 15.0] * 20)})
    assert correction is not None
    found = correction.apply("anna", machine([60.0, 80.0] * 20))
    stranger = correction.apply("boris", machine([50.0] * 20))
    assert found is not None
    assert stranger is not None
    assert (round(found.value), round(stranger.value)) == (80, 60)
    assert stranger.shift_variance > found.shift_variance


def test_too_few_reviews_correct_nothing() -> None:
    """Under thirty reviewed calls there is no correction rather than a wild one."""
    few = reviews([10.0] * (MIN_REVIEWED - 1))
    assert fit_correction({"anna": machine([70.0] * 40)}, {"anna": few}) is None
    assert fit_correction({}, {}) is None


def test_an_operator_without_calls_has_no_corrected_score() -> None:
    """Nothing in gives nothing out."""
    correction = fit_correction({"anna": machine([60.0, 80.0] * 20)}, {"anna": reviews([5.0, 15.0] * 20)})
    assert correction is not None
    assert correction.apply("anna", machine([])) is None


def test_a_machine_without_mistakes_gives_sampling_alone() -> None:
    """Where people agree with every verdict the correction changes nothing, and adds next to no doubt."""
    team: dict[str | None, MachineSums] = {name: machine([60.0, 80.0] * 30) for name in ("anna", "boris", "clara")}
    correction = fit_correction(team, {name: reviews([0.0] * 20) for name in team})
    assert correction is not None
    found = correction.apply("anna", team["anna"])
    assert found is not None
    assert (round(found.value, 6), found.shift_variance < 0.01) == (70.0, True)


def test_a_share_needs_reviews_of_every_answer() -> None:
    """No correction if few were reviewed, or none of those that the machine was unsure of."""
    assert corrected_share([80, 20], [(10, 12), (2, 4)]) is None
    assert corrected_share([80, 20], [(35, 40), (0, 0)]) is None
    assert corrected_share([0, 0], [(0, 0), (0, 0)]) is None
    assert corrected_share([1000, 1], [(35, 40), (0, 0)]) is not None


def test_intervals_of_shares_hold_the_truth() -> None:
    """In simulations with wrong and unsure answers the intervals hold about 95 % of the true shares."""
    draws = random.Random(3)
    held = []
    for _ in range(600):
        share = draws.uniform(0.5, 0.97)
        counts, seen = {"pass": 0, "fail": 0, "unsure": 0}, {"pass": [0, 0], "fail": [0, 0], "unsure": [0, 0]}
        for call in range(1500):
            is_true = draws.random() < share
            is_right = draws.random() > 0.12
            answer = "unsure" if draws.random() < (0.1 if is_true else 0.25) else "pass" if is_true == is_right else "fail"
            counts[answer] += 1
            if call < 100:
                seen[answer][0] += is_true
                seen[answer][1] += 1
        found = corrected_share(list(counts.values()), [(true, n) for true, n in seen.values()])
        if found is not None:
            held.append(found[1].low <= share <= found[1].high)
    assert len(held) > 500
    assert 0.93 <= sum(held) / len(held) <= 0.98


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_corrected_scores_hold_the_truth_in_a_few_shops(scenario: Scenario) -> None:
    """A quick look at what the slow test proves."""
    found = measure(scenario, 40)["corrected"]
    assert 0.95 - 4 * max(found.error, 0.01) <= found.share <= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_corrected_scores_hold_the_truth(scenario: Scenario) -> None:
    """With 12 % unsure and 10 % wrong verdicts 93-97 % of the true scores lie in the corrected intervals, over 300 shops."""
    found = measure(scenario, 300, first_seed=10_000)["corrected"]
    assert 0.93 <= found.share <= 0.97


@pytest.mark.slow
def test_uncorrected_scores_do_not_hold_the_truth_of_a_machine_that_errs() -> None:
    """Why reviews are asked for: intervals that take the machine's decided verdicts for right miss far too often."""
    assert measure(SCENARIOS[0], 100)["uncorrected"].share < 0.8
