"""Operators' trends over weeks, with correction for looking at many operators. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from callscore.stats.comparing import holm
from callscore.stats.trend import MIN_WEEKS, StepChange, Trend, WeekScore, find_step, fit_trend
from callscore.store.entries import OperatorSums

__all__ = ["MIN_WEEKS", "OperatorTrend", "TrendFinding", "operator_trends"]

_ERROR: Final = 0.05


class TrendFinding(StrEnum):
    """What the weeks say about an operator."""

    UP = "up"
    DOWN = "down"
    CANNOT_TELL = "cannot_tell"
    TOO_FEW_WEEKS = "too_few_weeks"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTrend:
    """An operator's weeks under a rubric version; `step` is there only where a change at once is proven."""

    operator: str
    rubric: str
    rubric_version: int
    n_weeks: int
    trend: Trend | None
    finding: TrendFinding
    step: StepChange | None


def operator_trends(weeks: Iterable[OperatorSums]) -> tuple[OperatorTrend, ...]:
    """Return the trend of each operator and rubric version, sorted by rubric and name.

    A trend or step counts as proven if its probability by chance, corrected for the number of operators (Holm), is under 5 %,
    and if it goes the same way whether unsure verdicts are failed or passed: else it may only be that more is unsure now.

    Args:
        weeks: sums of whole weeks.
    """
    groups: dict[tuple[str, int, str], list[OperatorSums]] = defaultdict(list)
    for entry in weeks:
        if entry.operator is not None and entry.n and entry.starts_on is not None:
            groups[entry.rubric, entry.rubric_version, entry.operator].append(entry)
    keys = sorted(groups, key=lambda key: (key[0], -key[1], key[2]))
    trends = {key: fit_trend(_scores(groups[key])) for key in keys}
    steps = {key: find_step(_scores(groups[key])) for key in keys}
    trend_chances = _corrected([(key, trend.p_value) for key, trend in trends.items() if trend])
    step_chances = _corrected([(key, step.p_value) for key, step in steps.items() if step])
    found = []
    for key in keys:
        trend, step = trends[key], steps[key]
        is_step = step is not None and step_chances[key] < _ERROR and _agree(groups[key], step.difference)
        found.append(
            OperatorTrend(
                rubric=key[0],
                rubric_version=key[1],
                operator=key[2],
                n_weeks=len(groups[key]),
                trend=trend,
                finding=_finding(trend, trend_chances.get(key, 1.0), groups[key]),
                step=step if is_step else None,
            )
        )
    return tuple(found)


def _finding(trend: Trend | None, chance: float, weeks: Sequence[OperatorSums]) -> TrendFinding:
    if trend is None:
        return TrendFinding.TOO_FEW_WEEKS
    if chance >= _ERROR or not _agree(weeks, trend.slope):
        return TrendFinding.CANNOT_TELL
    return TrendFinding.UP if trend.slope > 0 else TrendFinding.DOWN


def _agree(weeks: Sequence[OperatorSums], direction: float) -> bool:
    """Tell whether the bounds of the scores go the same way as the scores."""
    for total in ("total_low", "total_high"):
        bounds = [
            WeekScore(week.starts_on or date.min, week.n_bounds, float(getattr(week, total)), 0.0)
            for week in weeks
            if week.n_bounds
        ]
        trend = fit_trend(bounds)
        if trend is None or trend.slope * direction <= 0:
            return False
    return True


def _scores(weeks: Sequence[OperatorSums]) -> list[WeekScore]:
    return [WeekScore(week.starts_on or date.min, week.n, float(week.total), float(week.squares)) for week in weeks]


def _corrected(chances: Sequence[tuple[tuple[str, int, str], float]]) -> dict[tuple[str, int, str], float]:
    return dict(zip([key for key, _ in chances], holm([chance for _, chance in chances]), strict=True))
