"""Charts of a section's own rows as inline SVG: no script, no style of its own, every text escaped. Pure.

Colours are classes of the page's style sheet; beside colour, place, form or text always tells the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.report.charts.heat import heat
from callscore.report.charts.lines import lines
from callscore.report.charts.plotted import Plotted, plotted
from callscore.report.charts.rows import WIDTH, bars, intervals
from callscore.report.charts.svg import clean, tag
from callscore.report.form import Form
from callscore.report.labels import label
from callscore.report.view import Chart, ChartKind, Section

__all__ = ["Drawing", "draw"]

_MOST_ROWS: Final = {ChartKind.INTERVALS: 40, ChartKind.BARS: 40, ChartKind.LINES: 400}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: the SVG, the legend (class of the sign, words), and from where on rows were left out, 0 for none."""

    svg: str
    width: int
    legend: tuple[tuple[str, str], ...]
    cut_at: int = 0


def draw(section: Section, form: Form, name: str) -> Drawing | None:
    """Return the chart of a section; None if it has none, or its rows hold nothing to draw.

    Args:
        section: in the reader's form already.
        form: for the marks of axes.
        name: an id for the parts of this chart, unique on its page.
    """
    chart = section.chart
    if chart is None or not section.rows:
        return None
    if chart.kind is ChartKind.HEAT:
        field = heat(section, chart, form)
        if field is None:
            return None
        drawn, width, height = field
        return Drawing(_whole(section, form, name, drawn, (width, height)), round(width), _heat_legend(section, chart, form))
    limit = _MOST_ROWS[chart.kind]
    rows = plotted(section, chart, limit)
    if rows is None:
        return None
    drawers = {ChartKind.INTERVALS: intervals, ChartKind.BARS: bars, ChartKind.LINES: lines}
    drawn, height = drawers[chart.kind](rows, form)
    cut_at = limit if len(section.rows) > limit else 0
    return Drawing(_whole(section, form, name, drawn, (WIDTH, height)), round(WIDTH), _legend(chart, rows, form), cut_at)


def _whole(section: Section, form: Form, name: str, drawn: str, size: tuple[float, float]) -> str:
    from markupsafe import escape

    width, height = size
    title = tag("title", str(escape(clean(section.title) or name)), id=f"{name}-title")
    told = tag("desc", str(escape(label("chart_desc", form.language))), id=f"{name}-desc")
    box = f"0 0 {width:.0f} {height:.0f}"
    named = {"role": "img", "aria_labelledby": f"{name}-title", "aria_describedby": f"{name}-desc"}
    return tag("svg", title + told + drawn, viewBox=box, width=f"{width:.0f}", height=f"{height:.0f}", **named)


def _legend(chart: Chart, rows: Plotted, form: Form) -> tuple[tuple[str, str], ...]:
    signs: list[tuple[str, str]] = []
    if chart.kind is ChartKind.INTERVALS:
        signs.append(("key-dot", rows.series[0].title))
    elif len(rows.series) > 1 or chart.kind is ChartKind.LINES:
        signs += [(f"key-fill s{number % 6}", series.title) for number, series in enumerate(rows.series)]
    if any(low is not None for low in rows.low):
        signs.append(
            ("key-whisker" if chart.kind is ChartKind.INTERVALS else "key-band", label("chart_interval", form.language))
        )
    if any(rows.few):
        signs.append(("key-few", label("not_enough_calls", form.language)))
    return tuple(signs)


def _heat_legend(section: Section, chart: Chart, form: Form) -> tuple[tuple[str, str], ...]:
    title = next(column.title for column in section.columns if column.key == chart.series[0])
    return (("key-over", label("chart_heat", form.language, what=title)),)
