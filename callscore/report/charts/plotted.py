"""What a chart draws, taken from the rows of its section. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.report.form import Form
from callscore.report.text import long_duration, minutes
from callscore.report.view import Cell, Chart, Column, Section, Unit

__all__ = ["FEW_KEYS", "Axis", "Plotted", "Series", "axis", "is_few", "place_of", "plotted", "unit_text"]

FEW_KEYS: Final = ("enough_calls", "enough")
"""Columns that say whether there were enough calls for a row to mean something."""
_STEPS: Final = (1, 2, 2.5, 5, 10)
_MINUTE_STEPS: Final = (1, 2, 5, 10, 15, 30)


@dataclass(frozen=True, slots=True)
class Series:
    """One value per row, None where it is unknown; `texts` are what the table says."""

    title: str
    unit: Unit
    values: tuple[float | None, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plotted:
    """The rows of a chart: their names, which of them had too few calls, the values and the interval of the first series."""

    names: tuple[str, ...]
    few: tuple[bool, ...]
    series: tuple[Series, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` with marks that are named in the unit of its values."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def place(self, value: float) -> float:
        """Return where a value stands, 0 at the low end and 1 at the high one; what is beyond stands at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def plotted(section: Section, chart: Chart, limit: int) -> Plotted | None:
    """Return the first `limit` rows that have a value; None if there is none, or a named column is missing."""
    keys = [column.key for column in section.columns]
    if any(key not in keys for key in (chart.along, *chart.series)):
        return None
    places = [keys.index(key) for key in chart.series]
    rows = [row for row in section.rows if any(_value(row[place]) is not None for place in places)][:limit]
    if not rows:
        return None
    series = tuple(
        Series(
            title=section.columns[place].title or section.columns[place].key,
            unit=section.columns[place].unit,
            values=tuple(_value(row[place]) for row in rows),
            texts=tuple(row[place].text for row in rows),
        )
        for place in places
    )
    return Plotted(
        names=_names(section.columns, rows, keys.index(chart.along)),
        few=tuple(is_few(section.columns, row) for row in rows),
        series=series,
        low=_bounds(keys, rows, chart.low),
        high=_bounds(keys, rows, chart.high),
    )


def place_of(section: Section, key: str) -> int | None:
    """Return the place of a column; None if there is none of that key."""
    return next((place for place, column in enumerate(section.columns) if column.key == key), None)


def is_few(columns: Sequence[Column], row: Sequence[Cell]) -> bool:
    """Tell whether a row says that it had not enough calls."""
    return any(column.key in FEW_KEYS and cell.value is False for column, cell in zip(columns, row, strict=True))


def unit_text(value: float, unit: Unit, form: Form, digits: int = 0) -> str:
    """Return a value as it stands on an axis."""
    if unit is Unit.SHARE:
        return form.percent(value, max(0, digits - 2))
    if unit is Unit.DURATION:
        return long_duration(round(value)) if abs(value) >= 3_600_000 else minutes(round(value))
    return form.number(value, digits)


def axis(values: Sequence[float | None], unit: Unit, form: Form, *, from_zero: bool) -> Axis:
    """Return a scale with 3 to 8 round marks around the values.

    >>> from callscore.report.form import PLAIN
    >>> [text for _, text in axis([41.0, 98.0], Unit.SCORE, PLAIN, from_zero=False).ticks]
    ['40', '60', '80', '100']
    """
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    if high == low:
        low, high = (low - 0.5, high + 0.5) if low else (0.0, 1.0)
    step = _step(high - low, unit)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if step * 10**digits != round(step * 10**digits):
        digits += 1
    marks = tuple((n * step, unit_text(n * step, unit, form, digits)) for n in range(first, last + 1))
    return Axis(first * step, last * step, marks)


def _step(spread: float, unit: Unit) -> float:
    rough = spread / 5
    if unit is Unit.DURATION:
        sizes = [second * scale for scale in (1000, 60_000, 3_600_000) for second in _MINUTE_STEPS]
        fitting = next((size for size in sizes if size >= rough), None)
        if fitting is not None:
            return float(fitting)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * size for size in _STEPS if power * size >= rough - 1e-12)
    return max(step, 1.0) if unit is Unit.COUNT else step


def _value(cell: Cell) -> float | None:
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _bounds(keys: list[str], rows: Sequence[tuple[Cell, ...]], key: str) -> tuple[float | None, ...]:
    if key not in keys:
        return (None,) * len(rows)
    return tuple(_value(row[keys.index(key)]) for row in rows)


def _names(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], place: int) -> tuple[str, ...]:
    """Return what rows are called; where two are called alike, with the first other text that tells some of them apart."""
    names = [row[place].text for row in rows]
    others = (n for n, column in enumerate(columns) if column.is_shown and column.unit is Unit.TEXT and n != place)
    for other in others:
        if len(set(names)) == len(names):
            break
        longer = [f"{name} · {row[other].text}" for name, row in zip(names, rows, strict=True)]
        if len(set(longer)) > len(set(names)):
            names = longer
    return tuple(names)
