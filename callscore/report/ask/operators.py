"""Operators' scores, trends and comparisons: ask the store and build the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from callscore.errors import NothingToDoError
from callscore.report.ask.emptiness import require
from callscore.report.comparing import compare_report
from callscore.report.operators import OperatorNumbers, operators_report
from callscore.report.view import Report, ViewOptions
from callscore.stats.operator_comparisons import compare_operators, compare_periods
from callscore.stats.operator_trends import OperatorTrend, operator_trends
from callscore.stats.operators import Corrections, fit_corrections, score_operators
from callscore.store import StoreReader
from callscore.store.entries import CallFilter, OperatorScore, OperatorSums
from callscore.store.people import ReviewRow, read_people, read_reviews, read_stored

__all__ = ["ask_comparison", "ask_operators", "ask_periods"]

Named = TypeVar("Named", OperatorScore, OperatorTrend)


def ask_operators(reader: StoreReader, wanted: CallFilter, options: ViewOptions, *, by_score: bool = False) -> Report:
    """Return the operators with their scores, over all of `wanted`, and their trends.

    Others are needed to steady one operator's score and to put it on equal calls, so all are asked for and one is shown.

    Raises:
        NothingToDoError: if no scored call is stored or matches.
    """
    with reader.asking() as queries:
        sums = read_people(queries, replace(wanted, operator=None), options.timezone)
        reviews = read_reviews(queries, wanted.rubric)
    is_whole = wanted.since is None and wanted.until is None and wanted.rubric is None
    known = sums.everything if is_whole else None
    scores = score_operators(sums.everything, sums.mix, _corrections(reader, reviews, options, known))
    shown = _only(scores, wanted)
    require(shown, reader)
    numbers = OperatorNumbers(
        scores=shown,
        everybody=scores,
        trends=_only(operator_trends(sums.weeks), wanted),
        n_reviewed=sum(review.n for review in reviews),
    )
    return operators_report(numbers, reader.rubric_titles(), options, by_score=by_score)


def ask_periods(reader: StoreReader, wanted: CallFilter, kind: str, options: ViewOptions, *, by_score: bool = False) -> Report:
    """Return the operators' scores of each day, week or month (`kind`), latest first, at most `wanted.limit` lines.

    They are those stored by the last ingest or rescore, of whole periods: one that begins before `wanted.since` is left out.

    Raises:
        NothingToDoError: if none is stored or matches.
    """
    zone = ZoneInfo(options.timezone)
    first = wanted.since.astimezone(zone).date() if wanted.since else None
    end = wanted.until.astimezone(zone).date() if wanted.until else None
    with reader.asking() as queries:
        scores = read_stored(queries, kind, wanted.rubric, first, end)
    shown = _only(scores, wanted)
    require(shown, reader)
    numbers = OperatorNumbers(
        scores=shown, everybody=scores, kind=kind, n_reviewed=max((entry.n_reviewed for entry in shown), default=0)
    )
    return operators_report(numbers, reader.rubric_titles(), options, by_score=by_score, limit=wanted.limit)


def ask_comparison(
    reader: StoreReader, wanted: CallFilter, names: Sequence[str], options: ViewOptions, split_at: datetime | None = None
) -> Report:
    """Return operators compared: two named ones, one or all against all others, or before and after `split_at`.

    Raises:
        NothingToDoError: if no scored call matches, a name is unknown, or there is nobody to compare with.
    """
    with reader.asking() as queries:
        reviews = read_reviews(queries, wanted.rubric)
    corrections = _corrections(reader, reviews, options)
    sums = reader.operator_sums(wanted, options.timezone)
    require(sums, reader)
    _refuse_strangers(names, sums)
    if split_at is None:
        found = compare_operators(sums, names, corrections, options.min_calls)
    else:
        before = reader.operator_sums(replace(wanted, until=split_at), options.timezone)
        after = reader.operator_sums(replace(wanted, since=split_at), options.timezone)
        found = compare_periods(before, after, names, corrections, options.min_calls)
    if not found:
        hint = "widen --since, --until or --rubric: both sides need calls under the same version of a rubric"
        raise NothingToDoError("there is nothing to compare", hint=hint)
    return compare_report(found, reader.rubric_titles(), options, split_at)


def _corrections(
    reader: StoreReader, reviews: Sequence[ReviewRow], options: ViewOptions, known: Sequence[OperatorSums] | None = None
) -> Corrections:
    """Return how far the machine is off; its mistakes are a matter of the rubric version, not of the period asked for.

    `known` are the sums over all calls of all rubrics, where they have been asked for already.
    """
    if not reviews:
        return {}
    if known is not None:
        return fit_corrections(known, reviews)
    rubrics = {review.rubric for review in reviews}
    only = CallFilter(rubric=rubrics.pop() if len(rubrics) == 1 else None)
    return fit_corrections(reader.operator_sums(only, options.timezone), reviews)


def _only(entries: Sequence[Named], wanted: CallFilter) -> tuple[Named, ...]:
    return tuple(entry for entry in entries if wanted.operator is None or entry.operator == wanted.operator)


def _refuse_strangers(names: Sequence[str], sums: Sequence[OperatorSums]) -> None:
    known = sorted({entry.operator for entry in sums if entry.operator is not None})
    for name in names:
        if name not in known:
            some = ", ".join(known[:5]) + (" ..." if len(known) > 5 else "")
            raise NothingToDoError(f"no scored call of {name!r} matches", hint=f"operators with calls: {some}" if some else "")
