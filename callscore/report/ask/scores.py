"""Criteria, calls and flags: ask the store and build the report."""

from __future__ import annotations

from callscore.errors import NothingToDoError
from callscore.report.ask.emptiness import one_more, require
from callscore.report.one_call import call_report
from callscore.report.tables import calls_report, criteria_report, flags_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.entries import CallFilter
from callscore.store.people import read_answers

__all__ = ["ask_call", "ask_calls", "ask_criteria", "ask_flags"]


def ask_calls(reader: StoreReader, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return the calls, newest first, at most `wanted.limit`.

    Raises:
        NothingToDoError: if no call is stored or matches.
    """
    calls = reader.calls(one_more(wanted))
    require(calls, reader)
    return calls_report(calls, options, limit=wanted.limit)


def ask_criteria(reader: StoreReader, wanted: CallFilter, options: ViewOptions) -> Report:
    """Return how often each criterion is met.

    Raises:
        NothingToDoError: if no verdict is stored or matches.
    """
    counts = reader.criterion_counts(wanted)
    require(counts, reader)
    with reader.asking() as queries:
        # What is behind the machine's answers is that of the whole team; one operator's share of truths may be another.
        answers = read_answers(queries, wanted.rubric) if wanted.operator is None else ()
    return criteria_report(counts, reader.rubric_titles(), reader.criteria(), options, answers)


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
    flags = reader.flags(one_more(wanted))
    if not flags and not reader.has_calls():
        require(flags, reader)
    return flags_report(flags, reader.criteria(), options, limit=wanted.limit)


def _unknown_call(reader: StoreReader, call_id: str) -> NothingToDoError:
    near = reader.near_call_ids(call_id)
    if not near:
        return NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")
    return NothingToDoError(
        f"there is no call {call_id!r}",
        where=str(reader.path),
        hint=" or ".join(f"callscore report call {name}" for name in near),
    )
