"""Reports as Excel workbooks: typed cells, a sheet per section, a chart that Excel itself draws.

No text can become a formula or a link, whatever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Final
from zoneinfo import ZoneInfo

from callscore.report.charts.plotted import is_few
from callscore.report.form import form_of
from callscore.report.labels import label
from callscore.report.view import About, Cell, Column, Report, Section, Unit, ViewOptions, in_form
from callscore.report.workbook_chart import add_chart

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["sheet_names", "write_workbook"]

_MOST_ROWS: Final = 1_048_575
"""Rows of a sheet under its header; Excel's limit."""
_MOST_LETTERS: Final = 32_767
_SHEET_LETTERS: Final = 31
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 cannot hold."""
_FORMATS: Final = {
    Unit.COUNT: "#,##0",
    Unit.NUMBER: "#,##0.00",
    Unit.SHARE: "0.0%",
    Unit.SCORE: "0.0",
    Unit.MONEY: "#,##0",
    Unit.DURATION: "[h]:mm:ss",
}
_DAYS: Final = {"ru": "dd.mm.yyyy", "en": "d mmm yyyy"}
_DAY_MS: Final = 86_400_000
_WIDEST: Final = 60


@dataclass(frozen=True, slots=True)
class _Looks:
    """The formats of cells: by unit, and the same in grey for rows that had too few calls."""

    plain: dict[Unit, Format]
    grey: dict[Unit, Format]
    head: Format
    title: Format


def write_workbook(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    """Write the report as .xlsx: what it is about, then a sheet per section, its chart beside it.

    Raises:
        OSError: if it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    shown = in_form(report, form_of(options.language))
    settings = {
        # Rows go to disk as they come: a million of them fit into little memory.
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    try:
        with xlsxwriter.Workbook(stream, settings) as book:
            looks = _looks(book, options.language)
            sections = [section for section in shown.sections if section.rows or section.key == shown.main]
            # The main table is what opens; the rest follows as in the other forms.
            names = sheet_names([*(section.title or section.key for section in sections), label("about", options.language)])
            for section, name in zip(sections, names, strict=False):
                _sheet(book.add_worksheet(name), section, looks, options)
                if section.chart is not None:
                    add_chart(book, section, name, options)
            _about(book.add_worksheet(names[-1]), shown, about, looks, options)
            main = next((n for n, section in enumerate(sections) if section.key == shown.main), 0)
            book.get_worksheet_by_name(names[main]).activate()
    except XlsxWriterException as exc:
        raise OSError(str(exc)) from exc


def sheet_names(titles: Sequence[str]) -> list[str]:
    r"""Return names that Excel takes: no []:*?/\ and no quotes at the ends, 31 letters, no two alike in any case.

    >>> sheet_names(["Звонки: [все]", "звонки все", "'", "History"])
    ['Звонки все', 'звонки все 2', 'Sheet', 'History 2']
    """
    # Excel keeps the name History for itself.
    taken, names = {"history"}, []
    for title in titles:
        base = " ".join(re.sub(r"[\[\]:*?/\\]", " ", _clean(title)).split()).strip("'") or "Sheet"
        name, number = base[:_SHEET_LETTERS], 1
        while name.lower() in taken:
            number += 1
            end = f" {number}"
            name = base[: _SHEET_LETTERS - len(end)].rstrip("'") + end
        name = name.strip("'")
        taken.add(name.lower())
        names.append(name)
    return names


def _looks(book: Workbook, language: str) -> _Looks:
    def made(**more: object) -> dict[Unit, Format]:
        formats = {unit: book.add_format({"num_format": code, "valign": "top", **more}) for unit, code in _FORMATS.items()}
        day = _DAYS[language]
        formats[Unit.DAY] = book.add_format({"num_format": day, "valign": "top", "align": "left", **more})
        formats[Unit.TIME] = book.add_format({"num_format": f"{day} hh:mm", "valign": "top", "align": "left", **more})
        formats[Unit.TEXT] = book.add_format({"valign": "top", "text_wrap": True, "num_format": "@", **more})
        formats[Unit.YES_NO] = book.add_format({"valign": "top", **more})
        return formats

    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#EEF2F6"})
    return _Looks(made(), made(font_color="#808080"), head, book.add_format({"bold": True, "font_size": 14}))


def _sheet(sheet: Worksheet, section: Section, looks: _Looks, options: ViewOptions) -> None:
    if section.is_facts:
        names = (label("facts_name", options.language), label("facts_value", options.language))
        columns: tuple[Column, ...] = (Column("name", names[0]), Column("value", names[1]))
        rows: Sequence[tuple[Cell, ...]] = [(title, fact) for _, title, fact in section.rows]
    else:
        columns, rows = section.columns, section.rows[:_MOST_ROWS]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _width(column, [row[place] for row in rows[:500]]))
    for place, column in enumerate(columns):
        sheet.write_string(0, place, _clean(column.title or column.key), looks.head)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        formats = looks.grey if is_few(columns, row) else looks.plain
        for place, (cell, column) in enumerate(zip(row, columns, strict=True)):
            _write(sheet, (number, place), cell, column, formats, options)
    if rows and not section.is_facts:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.repeat_rows(0)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if len(columns) > 6:
        sheet.set_landscape()


def _write(
    sheet: Worksheet, at: tuple[int, int], cell: Cell, column: Column, formats: dict[Unit, Format], options: ViewOptions
) -> None:
    value, look = cell.value, formats[column.unit]
    if column.unit is Unit.TEXT or value is None:
        # People's words, as in the other forms; columns that only programs see have none.
        text = cell.text if column.is_shown else str(value if value is not None else "")
        if text and not (value is None and text == "-"):
            sheet.write_string(*at, _clean(text), formats[Unit.TEXT])
        return
    if isinstance(value, bool):
        sheet.write_boolean(*at, value, look)
    elif isinstance(value, str):
        _write_text(sheet, at, value, column.unit, formats, options)
    else:
        sheet.write_number(*at, value / _DAY_MS if column.unit is Unit.DURATION else value, look)


def _write_text(
    sheet: Worksheet, at: tuple[int, int], value: str, unit: Unit, formats: dict[Unit, Format], options: ViewOptions
) -> None:
    """Write a value that is a text: a day, a moment, or words where a number was expected."""
    try:
        if unit is Unit.DAY:
            sheet.write_datetime(*at, datetime.combine(date.fromisoformat(value), datetime.min.time()), formats[unit])
            return
        if unit is Unit.TIME:
            moment = datetime.fromisoformat(value)
            # Excel knows no zones: the time of day is the reports'.
            local = moment.astimezone(ZoneInfo(options.timezone)).replace(tzinfo=None) if moment.tzinfo else moment
            if local.year >= 1900:
                sheet.write_datetime(*at, local.replace(microsecond=0), formats[unit])
                return
    except ValueError:
        pass
    sheet.write_string(*at, _clean(value), formats[Unit.TEXT])


def _about(sheet: Worksheet, report: Report, about: About, looks: _Looks, options: ViewOptions) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    title = report.title or (report.sections[0].title if report.sections else "callscore")
    sheet.write_string(0, 0, _clean(title), looks.title)
    lines = [("period", about.period), ("selection", about.selection)]
    form = form_of(options.language)
    for key, at in (("data_at", about.data_at), ("made_at", about.made_at)):
        lines.append((key, f"{form.time(at, options.timezone)} ({options.timezone})" if at else ""))
    row = 2
    for key, text in lines:
        if text:
            sheet.write_string(row, 0, label(key, options.language), looks.plain[Unit.TEXT])
            sheet.write_string(row, 1, _clean(text), looks.plain[Unit.TEXT])
            row += 1
    for note in report.notes:
        sheet.write_string(row + 1, 1, _clean(note), looks.plain[Unit.TEXT])
        row += 1


def _width(column: Column, cells: Sequence[Cell]) -> float:
    """Return how wide a column is to be, in letters: as its first rows need, longer texts are wrapped."""
    # Titles are wrapped at blanks; the arrow of the filter takes room too.
    title = max((len(word) for word in (column.title or column.key).split()), default=0) + 4
    texts = (len(line) for cell in cells for line in (cell.text or str(cell.value or "")).split("\n"))
    least = 17 if column.unit is Unit.TIME else 11 if column.unit is Unit.DAY else 0
    return float(min(_WIDEST, max(8, title, least, *texts, 0) + 1))


def _clean(text: str) -> str:
    """Return text that a workbook can hold."""
    return _FORBIDDEN.sub("", text)[:_MOST_LETTERS]
