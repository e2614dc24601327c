"""Comparisons: better, worse or cannot tell, and seldom wrong however many are made."""

from __future__ import annotations

import random

from callscore.stats.comparing import Bounds, Finding, compare_bounds, compare_corrected, pool_corrected
from callscore.stats.corrected import Corrected


def bounds(lows: list[float], highs: list[float] | None = None) -> Bounds:
    """Add up the bounds of calls; without high ones nothing is unsure."""
    above = highs or lows
    return Bounds(
        n=len(lows),
        low=sum(lows),
        low_squares=sum(x * x for x in lows),
        high=sum(above),
        high_squares=sum(x * x for x in above),
    )


def test_five_calls_of_92_and_84_cannot_be_told_apart() -> None:
    """Few calls are luck."""
    assert (
        compare_bounds(bounds([92.0, 85.0, 99.0, 88.0, 96.0]), bounds([84.0, 77.0, 91.0, 80.0, 88.0])).finding == "cannot_tell"
    )


def test_unsure_verdicts_count_against_a_finding() -> None:
    """What is told while nothing is unsure is no longer told when the doubt could turn it round."""
    good, bad = [80.0, 90.0] * 30, [60.0, 70.0] * 30
    assert compare_bounds(bounds(good), bounds(bad)).finding is Finding.BETTER
    doubtful = compare_bounds(bounds([score - 15 for score in good], good), bounds(bad, [score + 15 for score in bad]))
    assert doubtful.finding is Finding.CANNOT_TELL


def test_nobody_is_better_than_nobody() -> None:
    """Without calls nothing can be told."""
    assert compare_bounds(bounds([]), bounds([90.0] * 50)).finding is Finding.CANNOT_TELL


def test_a_table_of_equals_seldom_has_a_finding() -> None:
    """Among twelve equal operators, each against the others, at most one table in twenty says better or worse."""
    draws = random.Random(5)
    wrong = 0
    for _ in range(200):
        team = [[min(100.0, draws.gauss(75, 15)) for _ in range(40)] for _ in range(12)]
        rest = [[score for other in team if other is not own for score in other] for own in team]
        found = [compare_bounds(bounds(own), bounds(others), 12) for own, others in zip(team, rest, strict=True)]
        wrong += any(one.finding is not Finding.CANNOT_TELL for one in found)
    assert wrong <= 15


def test_the_machines_mistakes_cancel_for_the_same_person() -> None:
    """Before and after of one operator is told apart though the machine's mistakes are badly known."""
    before, after = Corrected(70.0, 1.0, 25.0), Corrected(76.0, 1.0, 25.0)
    assert compare_corrected(after, before).finding is Finding.CANNOT_TELL
    assert compare_corrected(after, before, same_person=True).finding is Finding.BETTER


def test_a_team_weighs_its_operators_by_their_calls() -> None:
    """The mean of a team is that of its calls; nobody gives none."""
    pooled = pool_corrected([(30, Corrected(80.0, 2.0, 4.0)), (10, Corrected(60.0, 4.0, 4.0))])
    assert pooled is not None
    assert (pooled.value, round(pooled.shift_variance, 6)) == (75.0, 4.0)
    assert pool_corrected([]) is None
