"""What a report consists of: tables of cells that carry the ready string for people and the value for programs. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from callscore.report.form import PLAIN, Form
from callscore.report.text import UNKNOWN

__all__ = [
    "About",
    "Cell",
    "Chart",
    "ChartKind",
    "Column",
    "Report",
    "Section",
    "Unit",
    "ViewOptions",
    "cell",
    "facts_section",
    "figure",
    "in_form",
]

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `verdict` colours it where colours are shown; empty for none.

    `write`, where a cell has numbers or times, writes its text in a reader's form; `in_form` uses it.
    """

    text: str
    value: Value
    verdict: str = ""
    write: Callable[[Form], str] | None = field(default=None, compare=False, repr=False)


class Unit(StrEnum):
    """What the values of a column are; says how they are written in a workbook or a Parquet file."""

    TEXT = "text"
    COUNT = "count"
    """Whole numbers."""
    NUMBER = "number"
    SHARE = "share"
    """0..1, shown as percent."""
    SCORE = "score"
    """0..100."""
    MONEY = "money"
    DURATION = "duration"
    """Milliseconds."""
    TIME = "time"
    """ISO 8601 with offset."""
    DAY = "day"
    """ISO 8601."""
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name programs see, the title people see, whether it stands to the right as numbers do, and its unit."""

    key: str
    title: str
    is_number: bool = False
    is_shown: bool = True
    unit: Unit = Unit.TEXT


class ChartKind(StrEnum):
    """How a chart is drawn."""

    INTERVALS = "intervals"
    """A point per row with its interval."""
    BARS = "bars"
    """A bar per row, the series side by side."""
    LINES = "lines"
    """A line per series over the rows."""
    HEAT = "heat"
    """A field of squares; a row gives place across, place down and value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of a section's own rows; everything is named by column keys.

    Args:
        kind: how it is drawn.
        along: what the rows are called; of HEAT: the place across.
        series: the values drawn; of HEAT: the value alone.
        low: lower end of the interval of the only series, if any.
        high: upper end.
        down: of HEAT: the place down.
    """

    kind: ChartKind
    along: str
    series: tuple[str, ...]
    low: str = ""
    high: str = ""
    down: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A table, or with `is_facts` a list of names and values (its columns are then not shown)."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_facts: bool = False
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Sections in the order of reading; `notes` stand under them, for people only. `main` is what CSV holds.

    `title` stands over a report in a file; empty: the title of the first section.
    """

    sections: tuple[Section, ...]
    main: str
    notes: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a report in a file says of itself: period and selection in words, and when data and file were made (aware)."""

    period: str = ""
    selection: str = ""
    data_at: datetime | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """How a report speaks: ru or en, the IANA zone of its times, and from how many calls a score means something."""

    language: str
    timezone: str
    min_calls: int


def cell(text: str | None) -> Cell:
    """Return a cell of plain text, "-" where it is unknown."""
    return Cell(text or UNKNOWN, text)


def figure(value: Value, write: Callable[[Form], str], verdict: str = "") -> Cell:
    """Return a cell whose text holds numbers or times: `write` writes it in the form it is given."""
    return Cell(write(PLAIN), value, verdict, write)


def in_form(report: Report, form: Form) -> Report:
    """Return the report with its numbers and times as the reader writes them; values stay as they are."""

    def written(cell: Cell) -> Cell:
        return cell if cell.write is None else Cell(cell.write(form), cell.value, cell.verdict)

    sections = (
        replace(section, rows=tuple(tuple(written(cell) for cell in row) for row in section.rows))
        for section in report.sections
    )
    return replace(report, sections=tuple(sections))


def facts_section(key: str, title: str, facts: tuple[tuple[str, str, Cell], ...]) -> Section:
    """Return names and values as a section; each fact is its key, its title and its cell."""
    columns = (Column("key", ""), Column("title", ""), Column("value", ""))
    return Section(key, title, columns, tuple((cell(k), cell(t), c) for k, t, c in facts), is_facts=True)
