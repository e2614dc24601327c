"""What reviews say of people and of the machine: alpha by criterion and month, right verdicts by version, and changes. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from callscore.stats.agreement import Estimate, agreement_interval, cohen_kappa
from callscore.stats.alpha import Alpha, krippendorff_alpha
from callscore.stats.comparing import Finding
from callscore.stats.interval import Interval, share_interval
from callscore.store.agreement import MachineRow, PanelRow, StandRow

__all__ = [
    "MIN_CALLS",
    "MachineAgreement",
    "Panel",
    "RightShare",
    "Stand",
    "judge_machine",
    "judge_months",
    "judge_panel",
    "judge_panel_months",
    "judge_stands",
    "share_change",
]

MIN_CALLS: Final = 10
"""Fewer calls make an interval that says nothing, so no number is shown beside it."""
_ANSWERS: Final = ("pass", "fail", "na")
_Key = TypeVar("_Key", bound=Hashable)
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """How far reviewers agree on one criterion, None: on all together. `n_unsure` of their answers were no answer."""

    rubric: str | None
    criterion: str | None
    alpha: Alpha
    n_reviewers: int
    n_unsure: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAgreement:
    """How the machine's verdicts on a criterion compare with people's; `right` of `decided`, `kappa` None where undefined."""

    rubric: str
    criterion: str
    n: int
    unsure: int
    right: int
    interval: Interval
    kappa: Estimate | None
    false_fail: int
    false_pass: int

    @property
    def decided(self) -> int:
        """Verdicts of the machine that are not unsure."""
        return self.n - self.unsure


@dataclass(frozen=True, slots=True)
class RightShare:
    """Right ones among decided verdicts, over calls whose verdicts hang together."""

    n_calls: int
    right: int
    decided: int
    unsure: int
    interval: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How right verdicts were under one rubric version and recogniser; see StandRow.

    `change` compares with the row before it, of the same rubric, by how much the share is `gain` higher; None where there is
    none or too few calls.
    """

    rubric: str
    rubric_version: int
    model: str | None
    replaced_on: date | None
    share: RightShare
    change: Finding | None = None
    gain: float | None = None
    difference: Interval | None = None


def judge_panel(rows: Sequence[PanelRow]) -> tuple[Panel, ...]:
    """Return how far the reviewers agree: on all criteria together, then on each; empty without rows."""
    if not rows:
        return ()
    parts = _grouped(rows, lambda row: (row.rubric, row.criterion))
    return (_panel(None, None, rows), *(_panel(rubric, name, part) for (rubric, name), part in sorted(parts.items())))


def judge_panel_months(rows: Sequence[PanelRow]) -> dict[date, Alpha]:
    """Return how far the reviewers agree by month of the call; calls without a time are left out."""
    months = _grouped((row for row in rows if row.month), lambda row: row.month)
    return {month: _alpha(part) for month, part in months.items() if month}


def judge_machine(rows: Sequence[MachineRow]) -> tuple[MachineAgreement, ...]:
    """Return how the machine compares with people, by rubric and criterion."""
    parts = _grouped(rows, lambda row: (row.rubric, row.criterion))
    return tuple(_machine(rubric, name, part) for (rubric, name), part in sorted(parts.items()))


def judge_months(rows: Sequence[StandRow]) -> dict[date, RightShare]:
    """Return how right the verdicts in force are by month of the call."""
    months = _grouped((row for row in rows if row.month and row.replaced_on is None), lambda row: row.month)
    return {month: _right_share(part) for month, part in months.items() if month}


def judge_stands(rows: Sequence[StandRow]) -> tuple[Stand, ...]:
    """Return how right verdicts were under each version, in order of time, each compared with the one before it.

    The intervals of two shares are put together as compare_bounds does. Often the same calls are on both sides; that they are
    alike is not used, which can only make the finding more careful.
    """
    parts = _grouped(rows, lambda row: (row.rubric, row.replaced_on, row.rubric_version, row.model))
    ordered = sorted(parts.items(), key=lambda item: (item[0][0], item[0][1] or date.max, item[0][2], item[0][3] or ""))
    found: list[Stand] = []
    for (rubric, replaced_on, version, model), part in ordered:
        share = _right_share(part)
        before = found[-1].share if found and found[-1].rubric == rubric else None
        change, gain, difference = None, None, None
        if before and min(before.n_calls, share.n_calls) >= MIN_CALLS and before.decided and share.decided:
            gain = _value(share) - _value(before)
            change, difference = share_change(_value(before), before.interval, _value(share), share.interval)
        found.append(
            Stand(
                rubric=rubric,
                rubric_version=version,
                model=model,
                replaced_on=replaced_on,
                share=share,
                change=change,
                gain=gain,
                difference=difference,
            )
        )
    return tuple(found)


def share_change(old: float, old_interval: Interval, new: float, new_interval: Interval) -> tuple[Finding, Interval]:
    """Return whether a share rose, with the 95 % interval of new less old (Zou and Donner, Statistics in Medicine 27, 2008).

    >>> share_change(0.5, Interval(0.4, 0.6), 0.9, Interval(0.8, 0.95))[0].value
    'better'
    >>> share_change(0.5, Interval(0.2, 0.8), 0.6, Interval(0.3, 0.85))[0].value
    'cannot_tell'
    """
    difference = new - old
    low = difference - math.hypot(new - new_interval.low, old_interval.high - old)
    high = difference + math.hypot(new_interval.high - new, old - old_interval.low)
    finding = Finding.BETTER if low > 0 else Finding.WORSE if high < 0 else Finding.CANNOT_TELL
    return finding, Interval(max(-1.0, low), min(1.0, high))


def _value(share: RightShare) -> float:
    return share.right / share.decided


def _panel(rubric: str | None, criterion: str | None, rows: Sequence[PanelRow]) -> Panel:
    return Panel(
        rubric=rubric,
        criterion=criterion,
        alpha=_alpha(rows),
        n_reviewers=len({name for row in rows for name in row.reviewers}),
        n_unsure=sum(row.n_unsure for row in rows),
    )


def _alpha(rows: Sequence[PanelRow]) -> Alpha:
    calls = _grouped(rows, lambda row: row.call_id)
    return krippendorff_alpha([[(row.n_pass, row.n_fail, row.n_na) for row in calls[name]] for name in sorted(calls)])


def _machine(rubric: str, criterion: str, rows: Sequence[MachineRow]) -> MachineAgreement:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        counts[row.truth, row.machine] += row.n
    square = [[counts[truth, machine] for machine in _ANSWERS] for truth in _ANSWERS]
    n, decided = sum(counts.values()), sum(map(sum, square))
    right = sum(square[place][place] for place in range(len(_ANSWERS)))
    return MachineAgreement(
        rubric=rubric,
        criterion=criterion,
        n=n,
        unsure=n - decided,
        right=right,
        interval=share_interval(right, decided),
        kappa=cohen_kappa(square),
        false_fail=counts["pass", "fail"],
        false_pass=counts["fail", "pass"],
    )


def _right_share(rows: Sequence[StandRow]) -> RightShare:
    calls = _grouped(rows, lambda row: row.call_id)
    parts = [(sum(row.n_right for row in part), sum(row.decided for row in part)) for part in calls.values()]
    decided = sum(part[1] for part in parts)
    n = sum(row.n for row in rows)
    return RightShare(len(parts), sum(part[0] for part in parts), decided, n - decided, agreement_interval(parts))


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], _Key]) -> dict[_Key, list[_Row]]:
    groups: dict[_Key, list[_Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
