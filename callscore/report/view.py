"""What a report consists of: tables of cells that carry the ready string for people and the value for programs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from callscore.report.text import UNKNOWN

__all__ = ["Cell", "Column", "Report", "Section", "ViewOptions", "cell", "facts_section"]

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `verdict` colours it where colours are shown; empty for none."""

    text: str
    value: Value
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name programs see, the title people see, and whether it holds numbers."""

    key: str
    title: str
    is_number: bool = False
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A table, or with `is_facts` a list of names and values (its columns are then not shown)."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_facts: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Sections in the order of reading; `notes` stand under them, for people only. `main` is what CSV holds."""

    sections: tuple[Section, ...]
    main: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewOptions:
    """How a report speaks: ru or en, the IANA zone of its times, and from how many calls a score means something."""

    language: str
    timezone: str
    min_calls: int


def cell(text: str | None) -> Cell:
    """Return a cell of plain text, "-" where it is unknown."""
    return Cell(text or UNKNOWN, text)


def facts_section(key: str, title: str, facts: tuple[tuple[str, str, Cell], ...]) -> Section:
    """Return names and values as a section; each fact is its key, its title and its cell."""
    columns = (Column("key", ""), Column("title", ""), Column("value", ""))
    return Section(key, title, columns, tuple((cell(k), cell(t), c) for k, t, c in facts), is_facts=True)
