"""Missed calls, lines and orders: ask the store and build the report."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callscore.errors import NothingToDoError
from callscore.report.ask.emptiness import one_more, require_feeds
from callscore.report.ask.recent import recent_since, with_recent_note
from callscore.report.lines import lines_report
from callscore.report.missed import MISSED_GROUPS, MissedAnswers, MissedNorms, missed_report
from callscore.report.telephony import outcomes_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.contacts import read_contacts
from callscore.store.entries import CallFilter
from callscore.store.lines import read_has_orders, read_lines
from callscore.store.missed import read_missed, read_missed_numbers, read_waiting
from callscore.store.telephony import Hours, Window

__all__ = ["MissedQuestion", "ask_lines", "ask_missed", "ask_outcomes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedQuestion:
    """Which calls, grouped by what, how many of the list, and the shop's norms."""

    window: Window
    by: Collection[str] = MISSED_GROUPS
    limit: int | None = None
    service_s: int = 20
    repeat_days: int = 7
    morning_hours: int = 3


def ask_missed(reader: StoreReader, hours: Hours, asked: MissedQuestion, options: ViewOptions) -> Report:
    """Return the missed calls in numbers and as a list, newest first; the list is empty if none was missed.

    Without a period the last RECENT_DAYS are looked at; so for lines.

    Raises:
        NothingToDoError: if no telephony system was ever read.
    """
    since = recent_since(reader, asked.window.since, asked.window.until)
    window = replace(asked.window, since=since)
    with reader.asking() as queries:
        waiting = read_waiting(queries, hours, window, asked.service_s * 1000)
        totals, groups = read_missed_numbers(queries, hours, window, asked.morning_hours)
        found = MissedAnswers(
            calls=read_missed(queries, hours, window, None if asked.limit is None else asked.limit + 1),
            waiting=waiting,
            totals=totals,
            groups=groups,
            contacts=read_contacts(queries, window, asked.repeat_days),
        )
    if not waiting.calls:
        require_feeds(reader)
    norms = MissedNorms(
        service_s=asked.service_s,
        repeat_days=asked.repeat_days,
        morning_until=_hours_later(hours.open_at, asked.morning_hours),
    )
    report = missed_report(found, norms, options, by=asked.by, limit=asked.limit)
    return with_recent_note(report, since, asked.window.since, options)


def ask_lines(
    reader: StoreReader, hours: Hours, window: Window, line_names: Sequence[tuple[str, str]], options: ViewOptions
) -> Report:
    """Return the lines and advertising with missed calls, scores and orders; `line_names` are digits and purposes.

    Raises:
        NothingToDoError: if no telephony system was ever read, or no call matches.
    """
    since = recent_since(reader, window.since, window.until)
    with reader.asking() as queries:
        lines = read_lines(queries, hours, replace(window, since=since), line_names)
        has_orders = read_has_orders(queries)
    if not lines:
        require_feeds(reader)
        raise NothingToDoError("no incoming call matches", hint="widen --since or --until")
    return with_recent_note(lines_report(lines, options, has_orders=has_orders), since, window.since, options)


def ask_outcomes(reader: StoreReader, wanted: CallFilter, options: ViewOptions, *, unmatched: bool) -> Report:
    """Return the orders with the calls that led to them.

    Raises:
        NothingToDoError: if no order is stored, or none matches.
    """
    orders = reader.outcomes(one_more(wanted), unmatched=unmatched)
    if not orders and not reader.outcomes(CallFilter(limit=1), unmatched=False):
        raise NothingToDoError(
            "the store holds no orders yet", where=str(reader.path), hint="callscore outcomes pull, or outcomes import FILE"
        )
    return outcomes_report(orders, options, limit=wanted.limit)


def _hours_later(clock: str, hours: int) -> str:
    """Return a time of day so many hours later.

    >>> _hours_later("09:30", 3), _hours_later("22:00", 3)
    ('12:30', '01:00')
    """
    return (datetime.strptime(clock.replace("24:", "00:"), "%H:%M") + timedelta(hours=hours)).strftime("%H:%M")  # noqa: DTZ007 - a clock, no moment
