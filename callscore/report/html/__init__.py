"""Reports as one HTML file that needs nothing else: no network, no script for reading, styles and charts inside. Pure.

Everything from calls is hostile text: the template escapes it, and the page's own policy forbids every script and style but
the two that are part of it, by their hash.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callscore.report.charts import Drawing, draw
from callscore.report.charts.plotted import is_few
from callscore.report.form import Form, form_of
from callscore.report.html.budget import rows_that_fit
from callscore.report.labels import label
from callscore.report.view import About, Cell, Column, Report, Section, Unit, ViewOptions, in_form

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

__all__ = ["html_text", "letter_html"]

_HERE: Final = Path(__file__).parent
_WIDE_TEXT: Final = 26
"""Longer texts than this, in letters, are wrapped in a column of their own width."""
_WIDE_TABLE: Final = 8
"""Tables of more columns are printed across."""
_LONGEST_TEXT: Final = 5000
"""Letters of one cell; the whole text is in the other forms."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no page may hold."""
_VERDICTS: Final = ("pass", "fail", "unsure", "better", "worse", "helps", "hurts")


@dataclass(frozen=True, slots=True)
class _Shown:
    """A text and the attributes of the element around it, ready to print."""

    text: str
    attributes: Markup


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[_Shown, ...]
    is_few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A section as the template prints it."""

    title: str
    is_facts: bool
    is_wide: bool
    facts: tuple[tuple[str, _Shown], ...] = ()
    heads: tuple[_Shown, ...] = ()
    rows: tuple[_Row, ...] = ()
    rows_note: str = ""
    drawing: Drawing | None = None
    cut_note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    title: str
    language: str
    policy: str
    style: Markup
    script: Markup
    about: tuple[tuple[str, str], ...]
    sections: tuple[_Part, ...]
    notes: tuple[str, ...]
    no_rows: str


def html_text(report: Report, about: About, options: ViewOptions) -> str:
    """Return the report as a page of less than 2 MB, however many rows it has; what is left out is named."""
    from markupsafe import Markup

    form = form_of(options.language)
    shown = in_form(report, form)
    sections = tuple(section for section in shown.sections if section.rows or section.key == shown.main)
    counts = rows_that_fit(sections)
    style = Markup(_file("style.css"))  # noqa: S704 - our own file
    find = json.dumps(label("rows_filter", options.language), ensure_ascii=True).replace("</", "<\\/")
    script = Markup(_file("script.js").replace("FIND", find))  # noqa: S704 - our own file and words
    page = _Page(
        title=report.title or (shown.sections[0].title if shown.sections else "callscore"),
        language=options.language,
        policy=_policy(style, script),
        style=style,
        script=script,
        about=_about(about, form, options),
        sections=tuple(
            _part(section, count, form, f"chart{place}")
            for place, (section, count) in enumerate(zip(sections, counts, strict=True))
        ),
        notes=_notes(shown, options.language),
        no_rows=label("rows_none", options.language),
    )
    return _template("report.html.j2").render(page=page)


def letter_html(report: Report, options: ViewOptions) -> str:
    """Return a short report as the HTML of a letter: no style and no script, which mail programs take away anyway."""
    shown = in_form(report, form_of(options.language))
    lines = {section.key: [_line(section, row) for row in section.rows] for section in shown.sections}
    return _template("letter.html.j2").render(report=shown, lines=lines, language=options.language)


def _line(section: Section, row: Sequence[Cell]) -> str:
    shown = (cell.text for cell, column in zip(row, section.columns, strict=True) if column.is_shown)
    return _CONTROL.sub("", " · ".join(text for text in shown if text not in ("", "-")))


@functools.lru_cache(maxsize=2)
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(name)


@functools.lru_cache(maxsize=4)
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: nothing is loaded, only this style and this script are used."""

    def digest(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{digest(style)}'; script-src 'sha256-{digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _about(about: About, form: Form, options: ViewOptions) -> tuple[tuple[str, str], ...]:
    times = (("data_at", about.data_at), ("made_at", about.made_at))
    facts = [("period", about.period), ("selection", about.selection)]
    facts += [(key, f"{form.time(at, options.timezone)} ({options.timezone})") for key, at in times if at is not None]
    return tuple((label(key, options.language), text) for key, text in facts if text)


def _notes(report: Report, language: str) -> tuple[str, ...]:
    has_intervals = any(column.key.endswith("_low") for section in report.sections for column in section.columns)
    return (*report.notes, label("how_to_read", language)) if has_intervals else report.notes


def _part(section: Section, count: int, form: Form, name: str) -> _Part:
    drawing = draw(section, form, name)
    if section.is_facts:
        facts = tuple((title.text, _shown(fact, Column("", ""), is_wide=False)) for _, title, fact in section.rows)
        return _Part(title=section.title, is_facts=True, is_wide=False, facts=facts)
    used = [n for n, column in enumerate(section.columns) if column.is_shown and any(row[n].text for row in section.rows)]
    wide = {n for n in used if _is_wide(section, n, count)}
    cut_note = label("chart_cut", form.language, limit=drawing.cut_at) if drawing and drawing.cut_at else ""
    total = len(section.rows)
    rows_note = "" if count == total else label("rows_cut", form.language, shown=form.number(count), total=form.number(total))
    return _Part(
        title=section.title,
        is_facts=False,
        is_wide=len(used) > _WIDE_TABLE,
        heads=tuple(
            _Shown(section.columns[n].title, _class(_column_class(section.columns[n], is_wide=n in wide))) for n in used
        ),
        rows=tuple(_row(section, row, used, wide) for row in section.rows[:count]),
        rows_note=rows_note,
        drawing=drawing,
        cut_note=cut_note,
    )


def _row(section: Section, row: tuple[Cell, ...], used: Sequence[int], wide: set[int]) -> _Row:
    cells = tuple(_shown(row[n], section.columns[n], is_wide=n in wide) for n in used)
    return _Row(cells, is_few(section.columns, row))


def _is_wide(section: Section, place: int, count: int) -> bool:
    """Tell whether a column holds sentences rather than names and numbers."""
    if section.columns[place].is_number:
        return False
    return any(len(row[place].text) > _WIDE_TEXT for row in section.rows[:count])


def _column_class(column: Column, *, is_wide: bool) -> str:
    return "n" if column.is_number else "w" if is_wide else ""


def _shown(cell: Cell, column: Column, *, is_wide: bool) -> _Shown:
    from markupsafe import Markup

    classes = _column_class(column, is_wide=is_wide)
    if cell.verdict in _VERDICTS:
        classes = f"{classes} v-{cell.verdict}".strip()
    attributes = _class(classes)
    if column.unit is not Unit.TEXT and (sortable := _sortable(cell)):
        attributes += Markup(' data-v="{}"').format(sortable)
    text = _CONTROL.sub("", cell.text if len(cell.text) <= _LONGEST_TEXT else f"{cell.text[:_LONGEST_TEXT]}…")
    return _Shown(text, attributes)


def _class(names: str) -> Markup:
    from markupsafe import Markup

    return Markup(' class="{}"').format(names) if names else Markup()


def _sortable(cell: Cell) -> str:
    """Return what the script sorts by: numbers as numbers, times as ISO 8601; empty where the text does as well."""
    value = cell.value
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if math.isfinite(value) and abs(value) < 1e6 else str(value)
