"""The chart of a section as Excel draws it, on a sheet of its own behind the table it is drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from callscore.report.charts.plotted import place_of
from callscore.report.labels import label
from callscore.report.view import Chart, ChartKind, Section, Unit, ViewOptions

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

__all__ = ["add_chart"]

_COLOURS: Final = ("#0072B2", "#D55E00", "#007A59", "#A3487C", "#8A6D00", "#3F4A57")
"""Okabe and Ito's colours, which colour-blind people can tell apart, dark enough for paper."""
_MOST_ROWS: Final = {ChartKind.INTERVALS: 40, ChartKind.BARS: 40, ChartKind.LINES: 400}
_TYPES: Final = {ChartKind.INTERVALS: "bar", ChartKind.BARS: "bar", ChartKind.LINES: "line"}
_FORMATS: Final = {Unit.SHARE: "0%", Unit.DURATION: "[h]:mm:ss", Unit.SCORE: "0"}


def add_chart(book: Workbook, section: Section, sheet_name: str, options: ViewOptions) -> None:
    """Put the section's chart on a sheet after the others; a field of squares becomes colours in the table itself."""
    chart = section.chart
    if chart is None or not section.rows:
        return
    if chart.kind is ChartKind.HEAT:
        _colour_cells(book, section, chart, sheet_name)
        return
    along = place_of(section, chart.along)
    places = [place for key in chart.series if (place := place_of(section, key)) is not None]
    if along is None or not places:
        return
    last = min(len(section.rows), _MOST_ROWS[chart.kind])
    drawn = book.add_chart({"type": _TYPES[chart.kind]})
    for number, place in enumerate(places):
        drawn.add_series(_series(section, chart, sheet_name, (along, place, last, number)))
    unit = section.columns[places[0]].unit
    values = {"num_format": _FORMATS.get(unit, "#,##0"), "major_gridlines": {"visible": True, "line": {"color": "#D9DEE4"}}}
    if chart.kind is ChartKind.LINES:
        drawn.set_y_axis(values)
    else:
        # Excel puts the first row at the bottom unless told otherwise.
        drawn.set_y_axis({"reverse": True})
        drawn.set_x_axis(values)
    drawn.set_title({"name": section.title, "overlay": False})
    drawn.set_legend({"position": "bottom"} if len(places) > 1 else {"none": True})
    drawn.set_size({"width": 960, "height": 480 if chart.kind is ChartKind.LINES else max(300, 90 + 26 * last * len(places))})
    page = book.add_worksheet(_free_name(book, label("chart_sheet", options.language)))
    page.insert_chart(0, 0, drawn, {"description": section.title})


def _series(section: Section, chart: Chart, sheet_name: str, at: tuple[int, int, int, int]) -> dict[str, Any]:
    along, place, last, number = at
    colour = _COLOURS[number % len(_COLOURS)]
    series: dict[str, Any] = {
        "name": [sheet_name, 0, place],
        "categories": [sheet_name, 1, along, last, along],
        "values": [sheet_name, 1, place, last, place],
        "fill": {"color": colour},
        "line": {"color": colour},
        "gap": 60,
    }
    if chart.kind is ChartKind.LINES:
        del series["fill"], series["gap"]
        series["marker"] = {"type": "circle", "size": 4, "fill": {"color": colour}, "border": {"color": colour}}
    low, high = place_of(section, chart.low), place_of(section, chart.high)
    if number == 0 and low is not None and high is not None:
        rows = [(row[place].value, row[low].value, row[high].value) for row in section.rows[:last]]
        series["y_error_bars"] = {
            "type": "custom",
            "plus_values": [_distance(top, value) for value, _, top in rows],
            "minus_values": [_distance(value, bottom) for value, bottom, _ in rows],
            "line": {"color": "#1C2127"},
        }
    return series


def _distance(upper: object, lower: object) -> float:
    """Return how far an end of an interval is away; 0 where it or the value is unknown."""
    if isinstance(upper, int | float) and isinstance(lower, int | float):
        return max(0.0, float(upper) - float(lower))
    return 0.0


def _colour_cells(book: Workbook, section: Section, chart: Chart, sheet_name: str) -> None:
    place = place_of(section, chart.series[0])
    if place is not None:
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#56B4E9"}
        book.get_worksheet_by_name(sheet_name).conditional_format(1, place, len(section.rows), place, scale)


def _free_name(book: Workbook, name: str) -> str:
    number, free = 1, name
    while book.get_worksheet_by_name(free) is not None:
        number += 1
        free = f"{name} {number}"
    return free
