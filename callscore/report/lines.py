"""Lines, site sections and advertising as managers read them: calls, answers, scores, conversion, revenue. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callscore.report.cells import bound, count, duration, money, part_of, score, share
from callscore.report.labels import label
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.interval import mean_interval
from callscore.stats.shrinkage import Shrunk, shrink_shares
from callscore.store.lines import LineRow

__all__ = ["lines_report"]

_KINDS: Final = ("line", "site", "campaign", "origin")
_MIN_CALLS: Final = 30
"""With fewer calls one sale more or less moves a conversion by over three points."""


def lines_report(lines: Sequence[LineRow], options: ViewOptions, *, has_orders: bool) -> Report:
    """Return the lines, what they are for, campaigns and advertising sources; without any order nothing is said of sales."""
    groups = ((kind, [line for line in lines if line.kind == kind]) for kind in _KINDS)
    sections = tuple(_section(kind, group, options, has_orders) for kind, group in groups if group or kind == "line")
    keys = ["l_note_conversion", "note_lines"] if has_orders else ["l_note_no_orders"]
    if any(line.returns for line in lines):
        keys.append("l_note_returns")
    if any(line.calls < _MIN_CALLS for line in lines):
        keys.append("l_note_few")
    return Report(sections, "line", tuple(label(key, options.language, n=_MIN_CALLS) for key in keys))


def _section(kind: str, lines: Sequence[LineRow], options: ViewOptions, has_orders: bool) -> Section:
    def say(key: str) -> str:
        return label(key, options.language)

    columns = (
        Column("name", say(f"l_{kind}")),
        Column("few", say("l_few"), is_shown=any(line.calls < _MIN_CALLS for line in lines), unit=Unit.YES_NO),
        Column("calls", say("n_calls"), is_number=True, unit=Unit.COUNT),
        Column("answered", say("answered"), is_number=True, unit=Unit.COUNT),
        Column("missed", say("l_missed"), is_number=True, unit=Unit.COUNT),
        Column("missed_out_of_hours", say("missed_out_of_hours"), is_number=True, unit=Unit.COUNT),
        Column("median_wait_ms", say("l_wait"), is_number=True, unit=Unit.DURATION),
        Column("scored", "", is_shown=False, is_number=True, unit=Unit.COUNT),
        Column("score", say("l_score"), is_number=True, unit=Unit.SCORE, is_shown=any(line.bounded for line in lines)),
        Column("score_low", "", is_shown=False, is_number=True, unit=Unit.SCORE),
        Column("score_high", "", is_shown=False, is_number=True, unit=Unit.SCORE),
        Column("conversion", say("l_conversion"), is_number=True, unit=Unit.SHARE, is_shown=has_orders),
        Column("conversion_low", "", is_shown=False, is_number=True, unit=Unit.SHARE),
        Column("conversion_high", "", is_shown=False, is_number=True, unit=Unit.SHARE),
        Column("conversion_own", "", is_shown=False, is_number=True, unit=Unit.SHARE),
        Column("orders", say("orders"), is_number=True, unit=Unit.COUNT, is_shown=has_orders),
        Column("won", say("l_sales"), is_number=True, unit=Unit.COUNT, is_shown=has_orders),
        Column("amount", say("l_revenue"), is_number=True, unit=Unit.MONEY, is_shown=has_orders),
        Column("returns", "", is_shown=False, is_number=True, unit=Unit.COUNT),
        Column("returned", say("l_returned"), is_number=True, unit=Unit.MONEY, is_shown=any(line.returns for line in lines)),
    )
    drawn = shrink_shares([line.converted for line in lines], [line.calls for line in lines])
    rows = tuple(_row(line, each, options, has_orders) for line, each in zip(lines, drawn, strict=True))
    chart = Chart(kind=ChartKind.INTERVALS, along="name", series=("conversion",), low="conversion_low", high="conversion_high")
    return Section(kind, say(f"l_title_{kind}"), columns, rows, chart=chart if has_orders else None)


def _row(line: LineRow, drawn: Shrunk, options: ViewOptions, has_orders: bool) -> tuple[Cell, ...]:
    mean = line.score_total / line.scored if line.scored else None
    low = high = None
    if line.bounded:
        low = mean_interval(line.bounded, line.low_total, line.low_squares).low
        high = mean_interval(line.bounded, line.high_total, line.high_squares).high
    is_few = line.calls < _MIN_CALLS
    answered = part_of(line.answered, line.calls, options)
    return (
        cell(line.name),
        Cell(label("l_is_few", options.language) if is_few else "", is_few),
        count(line.calls),
        Cell(answered.text, line.answered, write=answered.write),
        count(line.missed),
        count(line.missed_out_of_hours),
        duration(line.median_wait_ms),
        count(line.scored),
        score(mean, low, high),
        bound(low),
        bound(high),
        share(drawn.value, drawn.low, drawn.high) if has_orders else cell(None),
        bound(drawn.low if has_orders else None),
        bound(drawn.high if has_orders else None),
        share(line.converted / line.calls if has_orders else None),
        count(line.orders if has_orders else None),
        count(line.sales if has_orders else None),
        money(line.revenue if has_orders else None),
        count(line.returns if has_orders else None),
        money(line.returned if has_orders else None),
    )
