"""From counted calls and talks to what an hour needs: averages over days with their interval, handling time, patience. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.stats.erlang import Stream, operators_needed
from callscore.stats.interval import student_quantile
from callscore.store.call_hours import HourLoad, Patience
from callscore.store.workload import OperatorLoad

__all__ = ["HourNeed", "Norm", "mean_wrap_ms", "need_of_hours", "patience_s"]

MIN_SEEN: Final = 20
"""Fewer pauses or given-up calls than this say too little to build on."""
_MIN_TALKS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What is promised: `share` (0..1) of the calls answered within `within_s` seconds."""

    within_s: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HourNeed:
    """What an hour of the day brings and needs. `weekday` 1..7, None: all days the shop works.

    `calls` per day with the 95 % interval of the mean over `days` (None for a single day). `handle_s` is talk and wrap-up,
    None where no call was answered. `calm` are the operators needed if clients wait for ever (Erlang C), `hurried` if they
    give up as they do (Erlang A), each for the mean and both ends of the interval; empty where it cannot be said.
    `outgoing` is how many operators outgoing calls keep busy on average.
    """

    weekday: int | None
    hour: int
    days: int
    calls: float
    low: float | None
    high: float | None
    handle_s: float | None
    outgoing: float
    calm: tuple[int, ...]
    hurried: tuple[int, ...]


def mean_wrap_ms(loads: Sequence[OperatorLoad]) -> float | None:
    """Return the mean pause after a call where the next client was already waiting; None where this was seen too seldom."""
    seen = sum(load.wraps for load in loads)
    if seen < MIN_SEEN:
        return None
    return sum(load.wraps * load.mean_wrap_ms for load in loads if load.mean_wrap_ms is not None) / seen


def patience_s(patience: Patience) -> float | None:
    """Return how long clients wait on average before they give up; None where too few did.

    All the time that was waited by anybody, over the number of those who gave up: the estimate for exponential patience from
    waits that are cut short by an answer (Brown et al., Journal of the American Statistical Association 100, 2005, 5.3).
    """
    if patience.gave_up < MIN_SEEN or patience.waited_ms <= 0:
        return None
    return patience.waited_ms / 1000 / patience.gave_up


def need_of_hours(loads: Sequence[HourLoad], norm: Norm, wrap_ms: float | None, patience: float | None) -> tuple[HourNeed, ...]:
    """Return what each hour needs, in the order given.

    An hour with few answered calls takes the handling time of all.
    """
    every = [load for load in loads if load.weekday is None]
    timed = sum(load.timed for load in every)
    overall = sum(load.talk_ms for load in every) / timed if timed else None
    return tuple(_need(load, norm, overall, wrap_ms or 0.0, patience) for load in loads)


def _need(load: HourLoad, norm: Norm, overall_ms: float | None, wrap_ms: float, patience: float | None) -> HourNeed:
    mean = load.calls / load.days
    half = _half_width(load)
    low, high = (None, None) if half is None else (max(0.0, mean - half), mean + half)
    talk_ms = load.talk_ms / load.timed if load.timed >= _MIN_TALKS else overall_ms
    handle_s = None if talk_ms is None or talk_ms + wrap_ms <= 0 else (talk_ms + wrap_ms) / 1000
    rates = [mean] if low is None or high is None else [mean, low, high]

    def needed(of_patience: float | None) -> tuple[int, ...]:
        if handle_s is None:
            return ()
        streams = (Stream(per_hour=rate, handle_s=handle_s, patience_s=of_patience) for rate in rates)
        return tuple(operators_needed(stream, norm.within_s, norm.share) for stream in streams)

    return HourNeed(
        weekday=load.weekday,
        hour=load.hour,
        days=load.days,
        calls=mean,
        low=low,
        high=high,
        handle_s=handle_s,
        outgoing=load.outgoing_ms / load.days / 3_600_000,
        calm=needed(None),
        hurried=() if patience is None else needed(patience),
    )


def _half_width(load: HourLoad) -> float | None:
    if load.days < 2:
        return None
    variance = max(0.0, load.square - load.calls**2 / load.days) / (load.days - 1)
    return student_quantile(load.days - 1) * math.sqrt(variance / load.days)
