"""Lines over rows that follow each other, such as days; the interval of the first as a band. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeVar

from callscore.report.charts.plotted import Axis, Plotted, axis
from callscore.report.charts.rows import WIDTH
from callscore.report.charts.svg import LINE, tag, text_lines, text_width, wrap
from callscore.report.form import Form

__all__ = ["lines"]

_T = TypeVar("_T")
_HEIGHT: Final = 240.0
_TOP: Final = 12.0
_MARKED: Final = 62
"""Up to so many rows (two months of days) each has its dot."""
_MOST_LABEL: Final = 110.0


def lines(rows: Plotted, form: Form) -> tuple[str, float]:
    """Return a line per series and the height of the picture; a line is broken where a value is unknown."""
    values = [value for series in rows.series for value in series.values]
    unit = rows.series[0].unit
    scale = axis([*values, *rows.low, *rows.high], unit, form, from_zero=False)
    left = max(text_width(text) for _, text in scale.ticks) + 14
    labels = [wrap(name, _MOST_LABEL) for name in rows.names]
    edge = max(text_width(line) for label in (labels[0], labels[-1]) for line in label) / 2
    left = max(left, edge + 4)
    xs = _spread(len(rows.names), left + 6, WIDTH - max(edge, 8) - 4)
    drawn = [_grid(scale, left), _labels(labels, xs)]
    drawn += _band(rows, xs, scale)
    for number, series in enumerate(rows.series):
        points = [None if v is None else (x, _y(scale, v)) for x, v in zip(xs, series.values, strict=True)]
        drawn.append(_line(points, rows, number))
    height = _TOP + _HEIGHT + 20 + LINE * max(len(label) for label in labels)
    return "".join(drawn), height


def _spread(count: int, left: float, right: float) -> list[float]:
    return [left + (right - left) * place / (count - 1) for place in range(count)] if count > 1 else [(left + right) / 2]


def _y(scale: Axis, value: float) -> float:
    return _TOP + _HEIGHT * (1 - scale.place(value))


def _grid(scale: Axis, left: float) -> str:
    return "".join(
        tag("line", x1=left, x2=WIDTH, y1=_y(scale, value), y2=_y(scale, value), class_="grid")
        + text_lines((text,), left - 8, _y(scale, value), class_="mark", text_anchor="end")
        for value, text in scale.ticks
    )


def _labels(labels: Sequence[tuple[str, ...]], xs: Sequence[float]) -> str:
    """Name as many rows as fit beside each other."""
    widest = max(text_width(line) for label in labels for line in label) + 14
    gap = min((right - left for left, right in pairwise(xs)), default=widest)
    step = max(1, -int(-widest // gap))
    shown = [place for place in range(len(xs)) if place % step == 0]
    base = _TOP + _HEIGHT + 20
    return "".join(
        text_lines(labels[place], xs[place], base + LINE * (len(labels[place]) - 1) / 2, class_="mark", text_anchor="middle")
        for place in shown
    )


def _band(rows: Plotted, xs: Sequence[float], scale: Axis) -> Iterator[str]:
    ends = [
        None if low is None or high is None else (x, _y(scale, low), _y(scale, high))
        for x, low, high in zip(xs, rows.low, rows.high, strict=True)
    ]
    for run in _runs(ends):
        if len(run) == 1:
            x, low, high = run[0]
            yield tag("line", x1=x, x2=x, y1=low, y2=high, class_="band-line")
            continue
        outline = [(x, high) for x, _, high in run] + [(x, low) for x, low, _ in reversed(run)]
        yield tag("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in outline), class_="band")


def _line(points: Sequence[tuple[float, float] | None], rows: Plotted, number: int) -> str:
    from markupsafe import escape

    series = rows.series[number]
    drawn = [
        tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in run), class_=f"line s{number % 6}")
        for run in _runs(points)
        if len(run) > 1
    ]
    alone = {id(run[0]) for run in _runs(points) if len(run) == 1}
    for point, name, text, few in zip(points, rows.names, series.texts, rows.few, strict=True):
        if point is not None and (len(points) <= _MARKED or id(point) in alone):
            told = tag("title", str(escape(f"{name}, {series.title}: {text}")))
            drawn.append(
                tag("circle", told, cx=point[0], cy=point[1], r=3, class_=f"fill s{number % 6}{' few' if few else ''}")
            )
    return tag("g", "".join(drawn))


def _runs(items: Sequence[_T | None]) -> Iterator[list[_T]]:
    """Yield the stretches of known items."""
    run: list[_T] = []
    for item in [*items, None]:
        if item is not None:
            run.append(item)
        elif run:
            yield run
            run = []
