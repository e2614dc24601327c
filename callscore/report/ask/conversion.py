"""What goes with sales: read what was found out at the end of the last run, or find it out for another period."""

from __future__ import annotations

from collections.abc import Callable

from callscore.errors import NothingToDoError
from callscore.report.conversion import conversion_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.conversion import read_conversion, read_operator_conversion, read_queue_balance
from callscore.store.conversion_records import ConversionPeriod, ConversionRow, OperatorConversion, QueueBalance, Totals

__all__ = ["ask_conversion"]

Tables = tuple[tuple[ConversionRow, ...], tuple[OperatorConversion, ...], tuple[QueueBalance, ...]]


def ask_conversion(
    reader: StoreReader,
    period: ConversionPeriod,
    rubric: str | None,
    options: ViewOptions,
    *,
    matters: float,
    note: Callable[[str], None],
) -> Report:
    """Return the findings that are stored; those of `period` if it names days, or if none are stored yet.

    Args:
        reader: the store.
        period: which calls.
        rubric: only this one; None: all.
        options: how the report speaks.
        matters: the difference in the share of sales that matters, 0..1.
        note: is told each criterion before it is looked at.

    Raises:
        NothingToDoError: if there are no calls, orders or verdicts to compare.
    """
    named = period.since is not None or period.until is not None
    rows, operators, queues = ((), (), ()) if named else _stored(reader, rubric)
    if not rows:
        rows, operators, queues = _found(reader, period, rubric, matters, note)
    if rows and all(row.reason == "no_outcomes" for row in rows):
        raise _no_outcomes(reader)
    return conversion_report(rows, operators, queues, reader.criteria(), options)


def _stored(reader: StoreReader, rubric: str | None) -> Tables:
    with reader.asking() as queries:
        return read_conversion(queries, rubric), read_operator_conversion(queries, rubric), read_queue_balance(queries)


def _found(
    reader: StoreReader, period: ConversionPeriod, rubric: str | None, matters: float, note: Callable[[str], None]
) -> Tables:
    from callscore.stats.conversion.analyse import analyse_conversion
    from callscore.stats.conversion.power import Limits

    with reader.asking() as queries:
        found = analyse_conversion(queries, period, Limits(matters=matters), rubric, note)
    if not found.criteria:
        raise _nothing(reader, found.totals, rubric)
    return found.criteria, found.operators, found.queues


def _nothing(reader: StoreReader, totals: Totals, rubric: str | None) -> NothingToDoError:
    """Return why there is nothing to compare."""
    if not reader.has_calls():
        return NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")
    if not totals.orders:
        return _no_outcomes(reader)
    if not totals.calls:
        return NothingToDoError(
            "no call matches: of what goes with sales tell only answered calls that came in or were called back",
            hint="widen --since, --until or conversion.days",
        )
    what = f"no call has verdicts of rubric {rubric!r}" if rubric else "no call has verdicts"
    return NothingToDoError(f"{what} in this period", hint="callscore report criteria shows which rubrics were applied")


def _no_outcomes(reader: StoreReader) -> NothingToDoError:
    with reader.asking() as queries:
        orders = queries.execute("SELECT count(*) FROM outcomes").fetchall()[0][0]
    if orders:
        return NothingToDoError(
            "no order is joined to a call, so that nothing is known of how calls ended",
            where=str(reader.path),
            hint="callscore report outcomes --unmatched says why",
        )
    return NothingToDoError(
        "the store holds no orders yet", where=str(reader.path), hint="callscore outcomes pull, or outcomes import FILE"
    )
