"""In which order a queue should try operators, and whom that would leave without calls. Pure: a proposal, nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from callscore.stats.comparable import Comparable
from callscore.stats.erlang import erlang_b
from callscore.stats.shrinkage import Shrunk, shrink_means

__all__ = ["BusyHour", "Forecast", "Standing", "Stood", "forecast_levels", "place_levels", "stand"]

_PERCENT: Final = 100.0


class Standing(IntEnum):
    """How an operator stands to the others; UNKNOWN: the calls cannot tell."""

    WORSE = -1
    UNKNOWN = 0
    BETTER = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """An operator's number after shrinkage, beside everybody's mean, and what it says; all 0..100."""

    n: int
    raw: float
    shrunk: Shrunk
    mean: float
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyHour:
    """An hour of the day as it usually is: `hours` such hours, calls and talk (hours) in each, operators there by level."""

    hour: int
    hours: int
    calls: float
    load: float
    present: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What levels would do.

    `shares` is per level how many calls one operator gets there, 1 being an even share; None: nobody of it is ever there.
    `crowded` are hours of the day (0..23) in which those tried first would be busier than allowed, `uncovered` those in which
    none of them is there.
    """

    shares: tuple[float | None, ...]
    crowded: tuple[int, ...]
    uncovered: tuple[int, ...]


def stand(
    compared: Sequence[Comparable], scale: float, doubts: Mapping[str, tuple[float, float]] | None = None
) -> dict[str, Stood]:
    """Return how each operator stands to the mean of all, from numbers on equal calls.

    The numbers are drawn towards the common mean first (see shrink_means), which also takes care of many comparisons at once:
    where the operators hardly differ, the intervals all reach over the mean (Gelman, Hill and Yajima, Journal of Research on
    Educational Effectiveness 5, 2012). Only an interval that lies on one side of the mean tells an operator apart.

    Args:
        compared: on equal calls; fewer than two tell nothing.
        scale: what makes the values 0..100, such as 100 for shares.
        doubts: by operator, how far the value may really lie below and above (0..100) because of undecided verdicts; it
            widens the interval as it is, for doubt does not cancel out.
    """
    if len(compared) < 2:
        return {}
    values = [min(_PERCENT, max(0.0, scale * one.value)) for one in compared]
    weight = sum(one.n for one in compared)
    mean = sum(one.n * value for one, value in zip(compared, values, strict=True)) / weight
    found = {}
    for one, value, shrunk in zip(
        compared, values, shrink_means(values, [scale**2 * c.variance for c in compared]), strict=True
    ):
        below, above = (doubts or {}).get(one.operator, (0.0, 0.0))
        wide = Shrunk(shrunk.value, max(0.0, shrunk.low - below), min(_PERCENT, shrunk.high + above), shrunk.weight)
        standing = Standing.BETTER if wide.low > mean else Standing.WORSE if wide.high < mean else Standing.UNKNOWN
        found[one.operator] = Stood(n=one.n, raw=value, shrunk=wide, mean=mean, standing=standing)
    return found


def place_levels(standings: Mapping[str, Iterable[Standing]], n_levels: int) -> dict[str, int]:
    """Return the level of each operator, 0 being tried first; levels that nobody would be in are closed up.

    Three levels: better, cannot tell, worse. Two: the worse stand behind the others. Who is better in one thing and worse in
    another is in the middle. Where nobody is told apart, everybody is in level 0.

    >>> place_levels({"A": [Standing.BETTER], "B": [Standing.UNKNOWN], "C": [Standing.WORSE]}, 3)
    {'A': 0, 'B': 1, 'C': 2}
    >>> place_levels({"A": [Standing.BETTER], "B": [Standing.UNKNOWN], "C": [Standing.WORSE]}, 2)
    {'A': 0, 'B': 0, 'C': 1}
    >>> place_levels({"A": [Standing.BETTER, Standing.WORSE], "B": []}, 3)
    {'A': 0, 'B': 0}

    Raises:
        ValueError: unless there are two or three levels.
    """
    if n_levels not in (2, 3):
        raise ValueError(f"n_levels must be 2 or 3, got {n_levels}")
    wanted = {}
    for name, parts in standings.items():
        whole = sum(parts)
        wanted[name] = (0 if whole > 0 else 2 if whole < 0 else 1) if n_levels == 3 else int(whole < 0)
    used = sorted(set(wanted.values()))
    return {name: used.index(level) for name, level in wanted.items()}


def forecast_levels(hours: Sequence[BusyHour], peak_occupancy: float) -> Forecast:
    """Return who would get how many calls, and when the first level would be too few.

    A call goes on to the next level if all operators of the levels before are talking: the overflow of Erlang's loss formula,
    level by level. It leaves aside that a call may wait, and pauses between calls, so it is a rough guide to who starves.

    Args:
        hours: the hours in which the shop was called.
        peak_occupancy: the part of an hour that one operator may talk, 0..1.
    """
    n_levels = max((len(hour.present) for hour in hours), default=0)
    calls, there = [0.0] * n_levels, [0.0] * n_levels
    worked: dict[int, list[float]] = {}
    empty: dict[int, list[int]] = {}
    for hour in hours:
        shares = _split(hour)
        for level in range(n_levels):
            calls[level] += hour.hours * hour.calls * shares[level]
            there[level] += hour.hours * hour.present[level]
        empty.setdefault(hour.hour, [0, 0])[int(hour.present[0] == 0)] += hour.hours
        if hour.present[0]:
            sums = worked.setdefault(hour.hour, [0.0, 0.0])
            sums[0] += hour.hours * hour.load * shares[0]
            sums[1] += hour.hours * hour.present[0]
    even = sum(calls) / sum(there) if sum(there) else 0.0
    return Forecast(
        shares=tuple(calls[level] / there[level] / even if there[level] and even else None for level in range(n_levels)),
        crowded=tuple(sorted(hour for hour, (load, n) in worked.items() if load / n > peak_occupancy)),
        uncovered=tuple(sorted(hour for hour, (some, none) in empty.items() if none > some)),
    )


def _split(hour: BusyHour) -> list[float]:
    """Return the part of an hour's calls that each level takes; what nobody is free for falls to the last who are there."""
    passed, before, shares = 1.0, 0, []
    for count in hour.present:
        before += count
        blocked = erlang_b(before, hour.load)
        shares.append(passed - blocked if count else 0.0)
        passed = blocked if count else passed
    last = max((level for level, count in enumerate(hour.present) if count), default=None)
    if last is not None:
        shares[last] += passed
    return shares
