"""Usual levels: what is reported, what is not, and how often chance alone is."""

from __future__ import annotations

import math
import random

import pytest

from callscore.stats.levels import LevelVerdict, dispersion, judge_level, share_shift


@pytest.mark.parametrize(
    ("count", "history", "verdict"),
    [
        (0, [30, 28, 33, 29, 31, 30, 27, 32], LevelVerdict.SILENT),
        (8, [30, 28, 33, 29, 31, 30, 27, 32], LevelVerdict.FEWER),
        (70, [30, 28, 33, 29, 31, 30, 27, 32], LevelVerdict.MORE),
        (25, [30, 28, 33, 29, 31, 30, 27, 32], LevelVerdict.USUAL),
        (0, [2, 1, 3, 0, 2, 1, 2, 4], LevelVerdict.TOO_FEW),
        (0, [0, 0, 0, 0, 0, 0, 0, 0], LevelVerdict.TOO_FEW),
        (0, [30, 30, 30], LevelVerdict.NEW),
        (30, [0, 30, 28, 0, 31, 30, 27, 32], LevelVerdict.USUAL),
        (0, [], LevelVerdict.NEW),
    ],
)
def test_a_level_is_judged(count: int, history: list[int], verdict: LevelVerdict) -> None:
    """Silence is told from a quiet line, a new line from a dead one, and holidays among the weeks change nothing."""
    assert judge_level(count, history).verdict is verdict


@pytest.mark.parametrize(("mean", "spread"), [(8.0, 1.0), (40.0, 1.0), (40.0, 2.5), (300.0, 6.0)])
def test_false_alarms_are_rare(mean: float, spread: float) -> None:
    """Lines on which nothing happens are reported in under 1 of 150 looks, with the spread found from their own weeks."""
    numbers = random.Random(11)
    alarms, looks = 0, 1000
    for _ in range(looks):
        weekdays = [[draw(numbers, mean, spread) for _ in range(8)] for _ in range(7)]
        level = judge_level(draw(numbers, mean, spread), weekdays[0], dispersion(weekdays))
        alarms += level.verdict in (LevelVerdict.FEWER, LevelVerdict.MORE, LevelVerdict.SILENT)
    assert alarms / looks < 1 / 150


def test_half_of_the_calls_missing_is_found() -> None:
    """A line with 60 calls a day that gets 20 is reported nearly always."""
    numbers = random.Random(3)
    found = 0
    for _ in range(200):
        weekdays = [[draw(numbers, 60, 1.3) for _ in range(8)] for _ in range(7)]
        found += judge_level(draw(numbers, 20, 1.3), weekdays[0], dispersion(weekdays)).verdict is LevelVerdict.FEWER
    assert found >= 180


def test_a_share_that_only_wobbles_has_not_moved() -> None:
    """A difference too small to matter, or not beyond chance among many criteria, is no news."""
    small = share_shift((5000, 100_000), (5500, 100_000), n_tests=20)
    assert small is not None
    assert not small.is_moved
    few = share_shift((5, 50), (10, 50), n_tests=20)
    assert few is not None
    assert not few.is_moved


@pytest.mark.parametrize(("before", "now"), [((0, 40), (0, 40)), ((40, 40), (40, 40)), ((0, 1), (1, 1))])
def test_shares_of_all_or_nothing_give_numbers(before: tuple[int, int], now: tuple[int, int]) -> None:
    """No division by zero where nothing varies."""
    shift = share_shift(before, now, n_tests=3)
    assert shift is not None
    assert all(math.isfinite(value) for value in (shift.difference, shift.low, shift.high))


def draw(numbers: random.Random, mean: float, spread: float) -> int:
    """Return a count of that mean whose variance is `spread` times as large."""
    rate = numbers.gammavariate(mean / (spread - 1), spread - 1) if spread > 1 else mean
    count, passed = 0, numbers.expovariate(1.0)
    while passed < rate:
        count, passed = count + 1, passed + numbers.expovariate(1.0)
    return count
