"""Frozen records of what goes with sales: which calls are looked at, what they add up to, and what was found. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "CellRows",
    "ConversionPeriod",
    "ConversionRow",
    "CriterionTotal",
    "OperatorConversion",
    "QueueBalance",
    "Totals",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPeriod:
    """Which calls are looked at: from `since` to `until`, of these kinds (empty: every kind a rubric is for).

    Without `since` it begins `days` before `until`, without either `days` before the last call that is stored.
    A call whose order is open counts as no sale if it began at `open_since` or earlier. A caller is a repeat caller for
    `repeat_days` days. `by_week` keeps weeks apart, which few
    operators need and many make slow.
    """

    since: datetime | None
    until: datetime | None
    open_since: datetime
    timezone: str
    days: int = 180
    repeat_days: int = 30
    call_types: tuple[str, ...] = ()
    by_week: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What there is to look at: orders, orders with a call, calls that count, and of these how many are left out and why."""

    orders: int
    joined: int
    calls: int
    unknown: int
    no_operator: int
    usable: int
    won: int
    operators: int
    starts_on: date | None
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionTotal:
    """How often each verdict was given in the calls of a rubric's newest version; the verdicts count usable calls only."""

    rubric: str
    rubric_version: int
    criterion: str
    criterion_no: int
    calls: int
    unknown: int
    no_operator: int
    usable: int
    n_unsure: int
    n_na: int
    n_pass: int
    n_fail: int
    won_pass: int
    won_fail: int


@dataclass(frozen=True, slots=True)
class CellRows:
    """Columns of a table as arrays, by name."""

    columns: dict[str, np.ndarray[Any, Any]]

    def __getitem__(self, name: str) -> np.ndarray[Any, Any]:
        return self.columns[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionRow:
    """A row of conversion_correlations; see the comments of its columns."""

    rubric: str
    rubric_version: int | None
    criterion: str
    criterion_no: int | None
    n: int
    n_pass: int
    n_fail: int
    conversion_pass: float | None
    conversion_fail: float | None
    finding: str
    reason: str | None
    adjusted_for: str = ""
    odds_ratio: float | None = None
    odds_low: float | None = None
    odds_high: float | None = None
    p_value: float | None = None
    q_value: float | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    n_calls: int | None = None
    n_unknown: int | None = None
    n_no_operator: int | None = None
    n_unsure: int | None = None
    n_na: int | None = None
    n_operators: int | None = None
    n_clusters: int | None = None
    design: str | None = None
    degrees: float | None = None
    risk_difference: float | None = None
    risk_low: float | None = None
    risk_high: float | None = None
    detectable: float | None = None
    matters: float | None = None
    odds_unsure_low: float | None = None
    odds_unsure_high: float | None = None
    queue_calls: int | None = None
    queue_difference: float | None = None
    queue_low: float | None = None
    queue_high: float | None = None
    sentence_ru: str | None = None
    sentence_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorConversion:
    """A row of conversion_operators; see the comments of its columns."""

    rubric: str
    rubric_version: int
    operator: str
    n: int
    n_won: int
    mean_score: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    q_value: float | None
    finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBalance:
    """A row of conversion_queues; see the comments of its columns."""

    queue: str
    n: int
    n_operators: int
    share_low: float | None
    share_high: float | None
    line_p: float | None
    repeat_p: float | None
    finding: str
