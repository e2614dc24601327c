"""Charts with a line per row: points with their intervals, and bars. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.report.charts.plotted import Axis, Plotted, axis, unit_text
from callscore.report.charts.svg import LINE, SIZE, tag, text_lines, text_width, wrap
from callscore.report.form import Form

__all__ = ["WIDTH", "bars", "intervals"]

WIDTH: Final = 760.0
_MOST_NAME: Final = 250.0
"""Longer names are wrapped."""
_MOST_FIGURE: Final = 190.0
_BAR: Final = 13.0
_PAD: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where things stand: the field of the values, the axis, and per row its names, figures, top and height."""

    left: float
    right: float
    axis: Axis
    names: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[str, ...], ...]
    tops: tuple[float, ...]
    heights: tuple[float, ...]

    @property
    def bottom(self) -> float:
        return self.tops[-1] + self.heights[-1]

    def x(self, value: float) -> float:
        return self.left + self.axis.place(value) * (self.right - self.left)


def intervals(rows: Plotted, form: Form) -> tuple[str, float]:
    """Return a point with its interval per row, and the height of the picture."""
    first = rows.series[0]
    scale = axis((*first.values, *rows.low, *rows.high), first.unit, form, from_zero=False)
    frame = _frame(rows, scale, first.texts, [0.0] * len(rows.names))
    drawn = [_grid(frame, first.title)]
    for place, value in enumerate(first.values):
        y = frame.tops[place] + frame.heights[place] / 2
        low, high = rows.low[place], rows.high[place]
        marks = _whisker(frame, low, high, y) if low is not None and high is not None else ""
        if value is not None:
            marks += tag("circle", cx=frame.x(value), cy=y, r=5, class_="dot")
        drawn.append(_row(frame, place, marks, is_few=rows.few[place]))
    return "".join(drawn), frame.bottom + 46


def bars(rows: Plotted, form: Form) -> tuple[str, float]:
    """Return a bar per row and series, and the height of the picture."""
    values = [value for series in rows.series for value in series.values]
    unit = rows.series[0].unit
    scale = axis(values, unit, form, from_zero=True)
    texts = [
        " / ".join(
            "-" if (value := series.values[place]) is None else unit_text(value, series.unit, form) for series in rows.series
        )
        for place in range(len(rows.names))
    ]
    least = [_BAR * len(rows.series)] * len(rows.names)
    frame = _frame(rows, scale, tuple(texts), least)
    drawn = [_grid(frame, rows.series[0].title if len(rows.series) == 1 else "")]
    zero = frame.x(0.0)
    for place in range(len(rows.names)):
        top = frame.tops[place] + (frame.heights[place] - _BAR * len(rows.series)) / 2
        marks = ""
        for number, series in enumerate(rows.series):
            value = series.values[place]
            if value is not None:
                end = frame.x(value)
                y = top + _BAR * number
                size = {"width": max(1.0, abs(end - zero)), "height": _BAR - 2}
                marks += tag("rect", x=min(zero, end), y=y, class_=f"fill s{number % 6}", **size)
        drawn.append(_row(frame, place, marks, is_few=rows.few[place]))
    return "".join(drawn), frame.bottom + 46


def _frame(rows: Plotted, scale: Axis, figures: tuple[str, ...], least: list[float]) -> _Frame:
    names = tuple(wrap(name, _MOST_NAME) for name in rows.names)
    shown = tuple(wrap(figure, _MOST_FIGURE) for figure in figures)
    name_width = max(text_width(line) for lines in names for line in lines)
    figure_width = max(text_width(line) for lines in shown for line in lines)
    heights = tuple(
        max(LINE * max(len(name), len(figure)), lowest) + _PAD for name, figure, lowest in zip(names, shown, least, strict=True)
    )
    tops, top = [], 8.0
    for height in heights:
        tops.append(top)
        top += height
    # Half of the outermost marks' names stands beyond the field.
    edge = max(text_width(scale.ticks[0][1]), text_width(scale.ticks[-1][1])) / 2
    left = max(name_width + 16, edge + 4)
    right = WIDTH - max(figure_width + 16, edge + 4)
    return _Frame(left, right, scale, names, shown, tuple(tops), heights)


def _grid(frame: _Frame, title: str) -> str:
    drawn = []
    widest = max(text_width(text) for _, text in frame.axis.ticks) + 10
    step = max(1, -int(-widest * (len(frame.axis.ticks) - 1) // (frame.right - frame.left)))
    for place, (value, text) in enumerate(frame.axis.ticks):
        x = frame.x(value)
        drawn.append(tag("line", x1=x, x2=x, y1=4, y2=frame.bottom, class_="grid"))
        if place % step == 0:
            drawn.append(text_lines((text,), x, frame.bottom + 12, class_="mark", text_anchor="middle"))
    if title:
        lines = wrap(title, frame.right - frame.left)[:1]
        drawn.append(text_lines(lines, (frame.left + frame.right) / 2, frame.bottom + 33, class_="title", text_anchor="middle"))
    return "".join(drawn)


def _row(frame: _Frame, place: int, marks: str, *, is_few: bool) -> str:
    from markupsafe import escape

    y = frame.tops[place] + frame.heights[place] / 2
    name, figure = frame.names[place], frame.figures[place]
    told = tag("title", str(escape(f"{' '.join(name)}: {' '.join(figure)}")))
    texts = text_lines(name, frame.left - 10, y, class_="name", text_anchor="end")
    texts += text_lines(figure, frame.right + 10, y, class_="figure")
    return tag("g", told + texts + marks, class_="row few" if is_few else "row")


def _whisker(frame: _Frame, low: float, high: float, y: float) -> str:
    left, right = frame.x(low), frame.x(high)
    ends = "".join(tag("line", x1=x, x2=x, y1=y - SIZE / 3, y2=y + SIZE / 3) for x in (left, right))
    return tag("g", tag("line", x1=left, x2=right, y1=y, y2=y) + ends, class_="whisker")
