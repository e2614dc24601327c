"""Ask the store and build the report; where a report is empty, say so as an error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callscore.errors import NothingToDoError
from callscore.report.health import health_report
from callscore.report.one_call import call_report
from callscore.report.tables import calls_report, criteria_report, flags_report, operators_report
from callscore.report.telephony import lines_report, missed_report, outcomes_report
from callscore.report.view import Report, ViewOptions
from callscore.stats import score_operators
from callscore.store import StoreReader
from callscore.store.entries import CallFilter
from callscore.store.telephony import Hours

__all__ = [
    "ask_call",
    "ask_calls",
    "ask_criteria",
    "ask_flags",
    "ask_health",
    "ask_lines",
    "ask_missed",
    "ask_operators",
    "ask_outcomes",
]


def ask_operators(reader: StoreReader, wanted: CallFilter, options: ViewOptions, *, by_score: bool = False) -> Report:
    """Return the operators with their scores.

    Raises:
        NothingToDoError: if no scored call is stored or matches.
    """
    scores = score_operators(reader.operator_sums(wanted, options.timezone))
    _require(scores, reader)
    return operators_report(scores, reader.rubric_titles(), options, by_score=by_score)


def ask_calls(reader: StoreReader, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return the calls, newest first, at most `wanted.limit`.

    Raises:
        NothingToDoError: if no call is stored or matches.
    """
    calls = reader.calls(_one_more(wanted))
    _require(calls, reader)
    return calls_report(calls, options, limit=wanted.limit)


def ask_criteria(reader: StoreReader, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return how often each criterion is met.

    Raises:
        NothingToDoError: if no verdict is stored or matches.
    """
    counts = reader.criterion_counts(wanted)
    _require(counts, reader)
    return criteria_report(counts, reader.rubric_titles(), reader.criteria(), options)


def ask_call(reader: StoreReader, call_id: str, options: ViewOptions) -> Report:
    """Return one call in full.

    Raises:
        NothingToDoError: if this call is not stored; names the nearest ids.
    """
    call = reader.call(call_id)
    if call is None:
        raise _unknown_call(reader, call_id)
    return call_report(call, reader.rubric_titles(), reader.criteria(), options)


def ask_flags(reader: StoreReader, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return what to listen to, most urgent first, at most `wanted.limit`; empty if nothing is flagged.

    Raises:
        NothingToDoError: if no call is stored at all.
    """
    flags = reader.flags(_one_more(wanted))
    if not flags and not reader.has_calls():
        _require(flags, reader)
    return flags_report(flags, reader.criteria(), options, limit=wanted.limit)


def ask_health(reader: StoreReader, options: ViewOptions) -> Report:
    """Return the state of the store; an empty store has one too."""
    return health_report(reader.health(), options)


def ask_missed(reader: StoreReader, hours: Hours, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return the missed calls, newest first; empty if none was missed.

    Raises:
        NothingToDoError: if no telephony system was ever read.
    """
    calls = reader.missed(hours, _one_more(wanted))
    if not calls:
        _require_feeds(reader)
    return missed_report(calls, options, limit=wanted.limit)


def ask_lines(reader: StoreReader, hours: Hours, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return the lines and advertising sources with missed calls and orders.

    Raises:
        NothingToDoError: if no telephony system was ever read, or no call matches.
    """
    lines = reader.lines(hours, wanted)
    if not lines:
        _require_feeds(reader)
        raise NothingToDoError("no incoming call matches", hint="widen --since or --until")
    return lines_report(lines, options)


def ask_outcomes(reader: StoreReader, wanted: CallFilter, options: ViewOptions, *, unmatched: bool) -> Report:
    """Return the orders with the calls that led to them.

    Raises:
        NothingToDoError: if no order is stored, or none matches.
    """
    orders = reader.outcomes(_one_more(wanted), unmatched=unmatched)
    if not orders and not reader.outcomes(CallFilter(limit=1), unmatched=False):
        raise NothingToDoError(
            "the store holds no orders yet", where=str(reader.path), hint="callscore outcomes pull, or outcomes import FILE"
        )
    return outcomes_report(orders, options, limit=wanted.limit)


def _require_feeds(reader: StoreReader) -> None:
    if not any(feed.calls for feed in reader.feeds()):
        raise NothingToDoError(
            "no telephony system was read yet",
            where=str(reader.path),
            hint="add a [sources.NAME] table to callscore.toml; callscore ingest --source NAME",
        )


def _one_more(wanted: CallFilter) -> CallFilter:
    """Ask for one row more than is shown, to know whether there are more."""
    return wanted if wanted.limit is None else replace(wanted, limit=wanted.limit + 1)


def _require(found: Sequence[object], reader: StoreReader) -> None:
    if found:
        return
    if reader.has_calls():
        raise NothingToDoError("no call matches", hint="widen --since, --until, --operator or --rubric")
    raise NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")


def _unknown_call(reader: StoreReader, call_id: str) -> NothingToDoError:
    near = reader.near_call_ids(call_id)
    if not near:
        return NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")
    return NothingToDoError(
        f"there is no call {call_id!r}",
        where=str(reader.path),
        hint=" or ".join(f"callscore report call {name}" for name in near),
    )
