"""Trends: refused on few weeks, found where they are, and not found in noise."""

from __future__ import annotations

import random
from datetime import date, timedelta

from callscore.stats.comparing import holm
from callscore.stats.trend import WeekScore, find_step, fit_trend

MONDAY = date(2026, 1, 5)


def weeks(draws: random.Random, means: list[float], n: int = 30) -> list[WeekScore]:
    """Draw `n` calls a week around the means."""
    found = []
    for place, mean in enumerate(means):
        scores = [min(100.0, max(0.0, draws.gauss(mean, 15))) for _ in range(n)]
        found.append(WeekScore(MONDAY + timedelta(weeks=place), n, sum(scores), sum(score**2 for score in scores)))
    return found


def test_five_weeks_are_too_few() -> None:
    """Neither a trend nor a step is read into five weeks."""
    few = weeks(random.Random(1), [60, 65, 70, 75, 80])
    assert (fit_trend(few), find_step(few)) == (None, None)


def test_a_trend_is_found() -> None:
    """A point a week over a quarter of a year is seen, with an interval that holds it."""
    found = fit_trend(weeks(random.Random(2), [60.0 + week for week in range(13)]))
    assert found is not None
    assert found.low < 1.0 < found.high
    assert found.p_value < 0.01


def test_a_step_is_found_in_its_week() -> None:
    """Twelve points at once are seen, in the right week or next to it."""
    found = find_step(weeks(random.Random(3), [65.0] * 7 + [77.0] * 6))
    assert found is not None
    assert abs((found.starts_on - MONDAY).days // 7 - 7) <= 1
    assert found.p_value < 0.01
    assert 8 < found.difference < 16


def test_noise_seldom_looks_like_a_change() -> None:
    """Without any change at most one in twenty looks like a trend, and like a step, however many weeks are looked at."""
    draws = random.Random(4)
    quiet = [weeks(draws, [70.0 + draws.gauss(0, 3) for _ in range(20)], n=12) for _ in range(300)]
    trends = sum((trend := fit_trend(one)) is not None and trend.p_value < 0.05 for one in quiet)
    steps = sum((step := find_step(one)) is not None and step.p_value < 0.05 for one in quiet)
    assert trends <= 25
    assert steps <= 20


def test_six_single_calls_in_a_row_prove_nothing() -> None:
    """Calls that happen to lie on a line are no trend."""
    line = [WeekScore(MONDAY + timedelta(weeks=week), 1, 70.0 + week, (70.0 + week) ** 2) for week in range(6)]
    found = fit_trend(line)
    assert found is not None
    assert found.p_value > 0.5


def test_equal_weeks_are_no_change() -> None:
    """Weeks that are all 100 have a slope of nothing, and no error."""
    level = [WeekScore(MONDAY + timedelta(weeks=week), 5, 500.0, 50_000.0) for week in range(8)]
    found = fit_trend(level)
    assert found is not None
    assert (found.slope, found.p_value) == (0.0, 1.0)


def test_holm_never_makes_a_chance_smaller() -> None:
    """Correction for looking at many only takes findings away."""
    chances = [0.2, 0.001, 0.04, 0.9]
    assert all(after >= before for before, after in zip(chances, holm(chances), strict=True))
    assert holm([]) == ()
