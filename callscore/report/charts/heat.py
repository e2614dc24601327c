"""A field of squares, such as hours by days of the week: the more, the stronger the colour. Pure."""

from __future__ import annotations

from typing import Final

from callscore.report.charts.plotted import place_of, unit_text
from callscore.report.charts.rows import WIDTH
from callscore.report.charts.svg import LINE, tag, text_lines, text_width, wrap
from callscore.report.form import Form
from callscore.report.view import Cell, Chart, Section, Unit

__all__ = ["heat"]

_MOST_SIDE: Final = 60
"""Columns or rows of a field; more cannot be told apart."""
_MOST_NAME: Final = 220.0
_MOST_COLUMN: Final = 96.0
_ROW: Final = 30.0

Field = dict[tuple[str, str], tuple[float, str]]


def heat(section: Section, chart: Chart, form: Form) -> tuple[str, float, float] | None:
    """Return the field with its width and height; None if there is nothing to draw."""
    places = [place_of(section, key) for key in (chart.along, chart.down, *chart.series[:1])]
    if len(places) < 3 or any(place is None for place in places):
        return None
    across, down, value = (place for place in places if place is not None)
    unit = section.columns[value].unit
    found: Field = {
        (row[across].text, row[down].text): (float(number), unit_text(float(number), unit, form, _digits(unit)))
        for row in section.rows
        if isinstance(number := row[value].value, int | float) and not isinstance(number, bool)
    }
    if not found:
        return None
    columns, rows = _names(section, across, found, 0), _names(section, down, found, 1)
    return _draw(found, columns, rows)


def _digits(unit: Unit) -> int:
    return 1 if unit is Unit.NUMBER else 0


def _names(section: Section, place: int, found: Field, side: int) -> list[str]:
    """Return the names along one side: numbers in their order, other names as the rows have them."""
    cells: dict[str, Cell] = {row[place].text: row[place] for row in section.rows}
    known = {key[side] for key in found}
    names = [name for name in cells if name in known]
    if all(isinstance(cells[name].value, int | float) for name in names):
        names.sort(key=lambda name: float(cells[name].value or 0))
    return names[:_MOST_SIDE]


def _draw(found: Field, columns: list[str], rows: list[str]) -> tuple[str, float, float]:
    names = {row: wrap(row, _MOST_NAME) for row in rows}
    heads = {column: wrap(column, _MOST_COLUMN) for column in columns}
    left = max(text_width(line) for lines in names.values() for line in lines) + 14
    content = [line for lines in heads.values() for line in lines] + [text for _, text in found.values()]
    wide = max(max(text_width(line) for line in content) + 8, min(60.0, (WIDTH - left) / len(columns)))
    top = 10.0 + LINE * max(len(lines) for lines in heads.values())
    most = max((abs(value) for value, _ in found.values()), default=0.0) or 1.0
    drawn = [
        text_lines(heads[column], left + wide * (n + 0.5), top / 2, class_="mark", text_anchor="middle")
        for n, column in enumerate(columns)
    ]
    for row in rows:
        height = max(_ROW, LINE * len(names[row]) + 6)
        drawn.append(text_lines(names[row], left - 8, top + height / 2, class_="name", text_anchor="end"))
        for across, column in enumerate(columns):
            box = (left + wide * across, top, wide, height)
            drawn.append(_square(found.get((column, row)), box, most, f"{row}, {column}"))
        top += height
    return "".join(drawn), max(left + wide * len(columns) + 2, 200.0), top + 6


def _square(entry: tuple[float, str] | None, box: tuple[float, float, float, float], most: float, name: str) -> str:
    from markupsafe import escape

    x, y, width, height = box
    size = {"x": x + 1, "y": y + 1, "width": width - 2, "height": height - 2}
    if entry is None:
        return tag("rect", class_="none", **size)
    value, text = entry
    strength = abs(value) / most
    told = tag("title", str(escape(f"{name}: {text}")))
    square = tag("rect", class_="under" if value < 0 else "over", fill_opacity=f"{0.06 + 0.94 * strength:.2f}", **size)
    strong = " strong" if strength > 0.5 else ""
    label = text_lines((text,), x + width / 2, y + height / 2, class_=f"mark{strong}", text_anchor="middle")
    return tag("g", told + square + label)
