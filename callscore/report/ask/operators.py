"""Operators' scores, trends and comparisons: ask the store and build the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from callscore.errors import NothingToDoError
from callscore.report.ask.emptiness import require
from callscore.report.comparing import compare_report
from callscore.report.operators import OperatorNumbers, operators_report
from callscore.report.view import Report, ViewOptions
from callscore.stats.operator_comparisons import compare_operators, compare_periods
from callscore.stats.operator_trends import operator_trends
from callscore.stats.operators import Corrections, fit_corrections, score_operators
from callscore.store import StoreReader
from callscore.store.entries import CallFilter, OperatorSums
from callscore.store.people import ReviewRow, read_mix, read_reviews

__all__ = ["ask_comparison", "ask_operators"]


def ask_operators(
    reader: StoreReader, wanted: CallFilter, options: ViewOptions, *, kind: str = "all", by_score: bool = False
) -> Report:
    """Return the operators with their scores, over all of `wanted` or by period (`kind`: day, week, month).

    Others are needed to steady one operator's score and to put it on equal calls, so all are asked for and one is shown.

    Raises:
        NothingToDoError: if no scored call is stored or matches.
    """
    everybody = replace(wanted, operator=None)
    sums = reader.operator_sums(everybody, options.timezone, kind)
    with reader.asking() as queries:
        mix = read_mix(queries, everybody, options.timezone, (kind,)) if kind in ("all", "month") else ()
        reviews = read_reviews(queries, wanted.rubric)
    scores = score_operators(sums, mix, _corrections(reader, reviews, options))
    weeks = reader.operator_sums(wanted, options.timezone, "week") if kind == "all" else ()
    shown = scores if wanted.operator is None else tuple(entry for entry in scores if entry.operator == wanted.operator)
    require(shown, reader)
    numbers = OperatorNumbers(
        scores=shown, everybody=scores, kind=kind, trends=operator_trends(weeks), n_reviewed=sum(review.n for review in reviews)
    )
    return operators_report(numbers, reader.rubric_titles(), options, by_score=by_score)


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


def _corrections(reader: StoreReader, reviews: Sequence[ReviewRow], options: ViewOptions) -> Corrections:
    """Return how far the machine is off; its mistakes are a matter of the rubric version, not of the period asked for."""
    if not reviews:
        return {}
    rubrics = {review.rubric for review in reviews}
    only = CallFilter(rubric=rubrics.pop() if len(rubrics) == 1 else None)
    return fit_corrections(reader.operator_sums(only, options.timezone), reviews)


def _refuse_strangers(names: Sequence[str], sums: Sequence[OperatorSums]) -> None:
    known = sorted({entry.operator for entry in sums if entry.operator is not None})
    for name in names:
        if name not in known:
            some = ", ".join(known[:5]) + (" ..." if len(known) > 5 else "")
            raise NothingToDoError(f"no scored call of {name!r} matches", hint=f"operators with calls: {some}" if some else "")
