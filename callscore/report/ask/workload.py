"""The work of operators: choose the days, ask the store, compute what is needed and build the report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from callscore.errors import NothingToDoError
from callscore.report.ask.emptiness import require_feeds
from callscore.report.view import Report, ViewOptions
from callscore.report.workload import WorkAnswers, workload_report
from callscore.stats.workload import Norm, mean_wrap_ms, need_of_hours, patience_s
from callscore.store import StoreReader
from callscore.store.call_hours import CallSpan, read_call_span, read_hour_loads, read_patience
from callscore.store.telephony import Hours, Window
from callscore.store.workload import WorkOptions, read_operator_hours, read_operator_loads

__all__ = ["WorkQuestion", "ask_workload", "whole_days"]

_WEEKS = 8
"""So many weeks are averaged where no period is asked for: enough for an interval, and not last winter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkQuestion:
    """Which calls, how pauses are read, and the service level; `is_long` adds the tables for heat charts."""

    window: Window
    pauses: WorkOptions
    norm: Norm
    is_long: bool = False


def ask_workload(reader: StoreReader, hours: Hours, asked: WorkQuestion, options: ViewOptions) -> Report:
    """Return the work of operators and what each hour needs; the last eight weeks where no period is asked for.

    Raises:
        NothingToDoError: if no telephony system was ever read, or no call lies in the period.
    """
    with reader.asking() as queries:
        span = read_call_span(queries, asked.window.source)
        if span is None:
            require_feeds(reader)
            raise NothingToDoError("no call of this source is stored", hint="callscore sources list")
        window = whole_days(asked.window, span, hours.timezone)
        loads = read_operator_loads(queries, window, asked.pauses)
        hour_loads = read_hour_loads(queries, hours, window)
        if not loads and not hour_loads:
            raise NothingToDoError("no call lies in this period", hint="widen --since or --until")
        times = read_operator_hours(queries, hours, window, asked.pauses)
        patience = read_patience(queries, hours, window)
    if window.since is None or window.until is None:
        raise ValueError("whole_days gives both ends")
    wrap, patient = mean_wrap_ms(loads), patience_s(patience)
    zone = ZoneInfo(hours.timezone)
    found = WorkAnswers(
        first_day=window.since.astimezone(zone).date(),
        last_day=(window.until - timedelta(microseconds=1)).astimezone(zone).date(),
        loads=loads,
        hours=times,
        needs=need_of_hours(hour_loads, asked.norm, wrap, patient),
        norm=asked.norm,
        patience=patience,
        patience_s=patient,
        wrap_ms=wrap,
    )
    return workload_report(found, options, is_long=asked.is_long)


def whole_days(window: Window, span: CallSpan, timezone: str) -> Window:
    """Return the window with both ends, of whole local days where calls of more than a day are known.

    The day up to which a source was read is seldom over, and half a day would make every average too small.
    """
    zone = ZoneInfo(timezone)
    known_until = max(span.last_at, span.covered_until or span.last_at)
    until = window.until
    if until is None or until > known_until:
        until = _midnight(known_until, zone)
        if until <= max(span.first_at, window.since or span.first_at):
            until = known_until + timedelta(milliseconds=1)
    since = window.since
    if since is None:
        since = max(_midnight(span.first_at, zone), _midnight(until - timedelta(weeks=_WEEKS), zone))
    return replace(window, since=since, until=until)


def _midnight(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), time(), tzinfo=zone)
