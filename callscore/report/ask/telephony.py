"""Missed calls, lines and orders: ask the store and build the report."""

from __future__ import annotations

from callscore.errors import NothingToDoError
from callscore.report.ask.emptiness import one_more, require_feeds
from callscore.report.telephony import lines_report, missed_report, outcomes_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.entries import CallFilter
from callscore.store.telephony import Hours

__all__ = ["ask_lines", "ask_missed", "ask_outcomes"]


def ask_missed(reader: StoreReader, hours: Hours, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return the missed calls, newest first; empty if none was missed.

    Raises:
        NothingToDoError: if no telephony system was ever read.
    """
    calls = reader.missed(hours, one_more(wanted))
    if not calls:
        require_feeds(reader)
    return missed_report(calls, options, limit=wanted.limit)


def ask_lines(reader: StoreReader, hours: Hours, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return the lines and advertising sources with missed calls and orders.

    Raises:
        NothingToDoError: if no telephony system was ever read, or no call matches.
    """
    lines = reader.lines(hours, wanted)
    if not lines:
        require_feeds(reader)
        raise NothingToDoError("no incoming call matches", hint="widen --since or --until")
    return lines_report(lines, options)


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
