"""Scores and sales by team or kind of work, as managers read them. Pure: records to view records."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.report import cells
from callscore.report.labels import label
from callscore.report.view import Cell, Chart, ChartKind, Column, Report, Section, Unit, ViewOptions, cell
from callscore.stats.agreement import agreement_interval
from callscore.stats.interval import mean_interval
from callscore.store.teams import TeamSales, TeamScore

__all__ = ["teams_report"]


def teams_report(scores: Sequence[TeamScore], sales: Sequence[TeamSales], by: str, options: ViewOptions) -> Report:
    """Return mean scores and conversion by `by` (team, kind), each with its interval."""
    sections = []
    if scores:
        sections.append(_scores(scores, by, options))
    if any(any(row.sold) for row in sales):
        sections.append(_sales(sales, by, options))
    notes = [label(f"team_note_{key}", options.language) for key in ("scores", "sales", "cause")]
    return Report(tuple(sections), sections[0].key, tuple(notes))


def _scores(rows: Sequence[TeamScore], by: str, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"team_{key}", options.language)

    columns = (
        Column("name", label(f"cost_by_{by}", options.language)),
        Column("rubric", say("rubric")),
        Column("people", say("people"), is_number=True, unit=Unit.COUNT),
        Column("calls", say("calls"), is_number=True, unit=Unit.COUNT),
        Column("score", say("score"), is_number=True, unit=Unit.SCORE),
        Column("score_low", "", is_number=True, is_shown=False, unit=Unit.SCORE),
        Column("score_high", "", is_number=True, is_shown=False, unit=Unit.SCORE),
        Column("critical_failed", say("critical"), is_number=True, unit=Unit.COUNT),
    )
    table = []
    for row in rows:
        low = mean_interval(row.n_bounds, row.total_low, row.squares_low).low
        high = mean_interval(row.n_bounds, row.total_high, row.squares_high).high
        few = row.n < options.min_calls
        table.append(
            (
                _name(row.name, by, options),
                cell(row.rubric),
                cells.count(row.people),
                cells.count(row.calls),
                _few(options) if few else cells.score(row.total / row.n, low, high),
                cells.bound(None if few else low),
                cells.bound(None if few else high),
                cells.count(row.critical_failed),
            )
        )
    chart = Chart(kind=ChartKind.INTERVALS, along="name", series=("score",), low="score_low", high="score_high")
    is_one = len({row.rubric for row in rows}) == 1
    return Section("scores", say("scores"), columns, tuple(table), chart=chart if is_one else None)


def _sales(rows: Sequence[TeamSales], by: str, options: ViewOptions) -> Section:
    def say(key: str) -> str:
        return label(f"team_{key}", options.language)

    columns = (
        Column("name", label(f"cost_by_{by}", options.language)),
        Column("people", say("people"), is_number=True, unit=Unit.COUNT),
        Column("calls", say("answered"), is_number=True, unit=Unit.COUNT),
        Column("sold", say("sold"), is_number=True, unit=Unit.COUNT),
        Column("conversion", say("conversion"), is_number=True, unit=Unit.SHARE),
        Column("conversion_low", "", is_number=True, is_shown=False, unit=Unit.SHARE),
        Column("conversion_high", "", is_number=True, is_shown=False, unit=Unit.SHARE),
    )
    table = []
    for row in rows:
        calls, sold = sum(row.calls), sum(row.sold)
        few = calls < options.min_calls
        found = agreement_interval(list(zip(row.sold, row.calls, strict=True)))
        table.append(
            (
                _name(row.name, by, options),
                cells.count(len(row.calls)),
                cells.count(calls),
                cells.count(sold),
                _few(options) if few else cells.share(sold / calls, found.low, found.high),
                cells.bound(None if few else found.low),
                cells.bound(None if few else found.high),
            )
        )
    chart = Chart(kind=ChartKind.INTERVALS, along="name", series=("conversion",), low="conversion_low", high="conversion_high")
    return Section("sales", say("sales"), columns, tuple(table), chart=chart)


def _few(options: ViewOptions) -> Cell:
    return Cell(label("cost_few", options.language), None)


def _name(name: str | None, by: str, options: ViewOptions) -> Cell:
    if name is None:
        return Cell(label("cost_nobody", options.language), None)
    return Cell(label(f"cost_kind_{name}", options.language), name) if by == "kind" else cell(name)
