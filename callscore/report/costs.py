"""What operators, teams and kinds of work cost and bring, as managers read it. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.ratio import RatioSums, ratio_interval
from callscore.store.costs import CostRow, CostTotals
from callscore.store.shifts import Presence

__all__ = ["costs_report"]

_NAMED = 8


def costs_report(rows: Sequence[CostRow], totals: CostTotals, by: str, presence: Presence, options: ViewOptions) -> Report:
    """Return costs, sales and what each answered call and sale cost, a row per operator, team or kind (`by`)."""

    def say(key: str) -> str:
        return label(f"cost_{key}", options.language)

    columns = (
        Column("name", say(f"by_{by}")),
        Column("people", say("people"), is_number=True, is_shown=by != "operator", unit=Unit.COUNT),
        Column("shifts", say("shifts"), is_number=True, unit=Unit.COUNT),
        Column("calls", say("calls"), is_number=True, unit=Unit.COUNT),
        Column("answered", say("answered"), is_number=True, unit=Unit.COUNT),
        Column("talk_ms", say("talk"), is_number=True, unit=Unit.DURATION),
        Column("hours", say("hours"), is_number=True, unit=Unit.NUMBER),
        Column("cost", say("cost"), is_number=True, unit=Unit.MONEY),
        Column("per_answered", say("per_answered"), is_number=True, unit=Unit.MONEY),
        Column("sales", say("sales"), is_number=True, unit=Unit.COUNT),
        Column("per_sale", say("per_sale"), is_number=True, unit=Unit.MONEY),
        Column("per_sale_low", "", is_number=True, is_shown=False, unit=Unit.MONEY),
        Column("per_sale_high", "", is_number=True, is_shown=False, unit=Unit.MONEY),
        Column("revenue", say("revenue"), is_number=True, unit=Unit.MONEY),
    )
    chart = Chart(kind=ChartKind.INTERVALS, along="name", series=("per_sale",), low="per_sale_low", high="per_sale_high")
    table = tuple(_row(row, totals, by, options) for row in rows)
    section = Section("costs", say("title"), columns, table, chart=chart)
    return Report((section,), "costs", tuple(_notes(rows, totals, presence, options)))


def _row(row: CostRow, totals: CostTotals, by: str, options: ViewOptions) -> tuple[Cell, ...]:
    few = Cell(label("cost_few", options.language), None)
    has_orders = totals.n_orders > 0
    per_answered = few if row.priced_answered < options.min_calls else _money(row.cost, row.priced_answered)
    currency = totals.currencies[0] if len(totals.currencies) == 1 else None
    has_revenue = has_orders and len(totals.currencies) <= 1
    return (
        _name(row.name, by, options),
        cells.count(row.people),
        cells.count(row.shifts),
        cells.count(row.calls),
        cells.count(row.answered),
        cells.hours(row.talk_ms),
        cells.decimal(row.hours),
        cells.money(row.cost),
        cells.money(None) if row.cost is None else per_answered,
        cells.count(row.sales if has_orders else None),
        *(_per_sale(row, few) if row.cost is not None and has_orders else (cells.money(None), _NOTHING, _NOTHING)),
        cells.money(row.revenue if has_revenue else None, currency),
    )


_NOTHING = Cell("", None)


def _per_sale(row: CostRow, few: Cell) -> tuple[Cell, Cell, Cell]:
    sums = RatioSums(
        n=row.priced_shifts,
        above=row.cost or 0.0,
        below=row.priced_sales,
        above_squared=row.cost_squared,
        below_squared=row.sales_squared,
        product=row.cost_sales,
    )
    found = ratio_interval(sums)
    if found is None or row.cost is None:
        return few, _NOTHING, _NOTHING
    value = cells.interval(row.cost / row.priced_sales, found.low, found.high, 0)
    return value, cells.bound(found.low), cells.bound(found.high)


def _money(sum_: float | None, count: int) -> Cell:
    return cells.decimal(None if sum_ is None or not count else sum_ / count)


def _name(name: str | None, by: str, options: ViewOptions) -> Cell:
    if name is None:
        return Cell(label("cost_nobody", options.language), None)
    return Cell(label(f"cost_kind_{name}", options.language), name) if by == "kind" else cell(name)


def _notes(rows: Sequence[CostRow], totals: CostTotals, presence: Presence, options: ViewOptions) -> Iterator[str]:
    def say(key: str, **values: object) -> str:
        return label(f"cost_note_{key}", options.language, **values)

    if not totals.n_entries:
        yield say("no_list")
    yield say("hours", extra=presence.extra_min)
    yield say("shift", gap=presence.gap_hours)
    if totals.n_orders:
        yield say("sale")
        if totals.n_entries:
            yield say("interval")
    else:
        yield say("no_orders")
    unpriced = sorted({name for row in rows for name in row.unpriced})
    if unpriced and totals.n_entries:
        yield say("unpriced", names=_listed(unpriced))
    long_shifts = [row for row in rows if row.long_shifts]
    if long_shifts:
        named = _listed([_name(row.name, "", options).text for row in long_shifts])
        yield say("long", count=sum(row.long_shifts for row in long_shifts), names=named)
    if totals.answered_by_nobody:
        yield say("nobody", count=totals.answered_by_nobody)
    if len(totals.currencies) > 1:
        yield say("currencies", names=", ".join(totals.currencies))
    if totals.returns:
        yield say("returns", count=totals.returns)


def _listed(names: Sequence[str]) -> str:
    """Return names with commas; of a long list the first, and how many more there are."""
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} (+{len(names) - _NAMED})"
