"""Reports on a terminal or a pipe, by rich: aligned columns, colour only for verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from callscore.report.form import form_of
from callscore.report.view import Cell, Column, Report, Section, ViewOptions, in_form

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

__all__ = ["print_report"]

_COLOURS: Final = {"pass": "green", "fail": "red", "unsure": "yellow"}


def print_report(report: Report, console: Console, options: ViewOptions) -> None:
    """Print every section that has rows, then the notes; the console knows width and whether colour is wanted."""
    report = in_form(report, form_of(options.language))
    for number, section in enumerate(section for section in report.sections if section.rows):
        if number:
            console.print()
        if len(report.sections) > 1:
            console.print(_text(section.title), style="bold")
        console.print(_facts(section) if section.is_facts else _table(section))
    for note in report.notes:
        console.print()
        console.print(_text(note))


def _table(section: Section) -> Table:
    from rich.table import Table

    shown = [(n, column) for n, column in enumerate(section.columns) if column.is_shown and _is_used(section, n)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for _, column in shown:
        table.add_column(column.title, justify="right" if column.is_number else "left", no_wrap=_is_short(column))
    for row in section.rows:
        table.add_row(*(_cell(row[n]) for n, _ in shown))
    return table


def _facts(section: Section) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    for _, title, fact in section.rows:
        table.add_row(_text(title.text), _cell(fact))
    return table


def _is_used(section: Section, n: int) -> bool:
    """Tell whether a column says anything; an empty one only takes room."""
    return any(row[n].text for row in section.rows)


def _is_short(column: Column) -> bool:
    return column.is_number or column.key in {"operator", "call_id", "started_at", "verdict", "role", "severity"}


def _cell(cell: Cell) -> Text:
    return _text(cell.text, _COLOURS.get(cell.verdict, ""))


def _text(text: str, style: str = "") -> Text:
    # Never markup: quotes and names may hold square brackets.
    from rich.text import Text

    return Text(text, style=style)
