"""Reports as plain text formats: JSON values, CSV, Markdown. Pure."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from callscore.report.view import Report, Section, Value

__all__ = ["csv_text", "harmless", "json_value", "markdown_text"]

Rows = list[dict[str, Value]]
_FORMULA: Final = re.compile(r"[=+\-@\t\r＝＋－＠]")
"""How texts begin that a spreadsheet would run as formulas (OWASP, CSV Injection)."""
_FIGURES: Final = re.compile(r"[+-]?[\d\s().,\u00a0–-]*")
"""Numbers and phone numbers: a spreadsheet may add them up, and nothing else."""


def json_value(report: Report) -> dict[str, Rows | dict[str, Value]]:
    """Return the values by section: a list of objects per table, one object for facts. Notes are for people only."""
    return {section.key: _facts(section) if section.is_facts else _objects(section) for section in report.sections}


def csv_text(report: Report) -> str:
    """Return the main table with every column, values not strings, empty for unknown; lines end as RFC 4180 has it.

    Texts that a spreadsheet would take for a formula get an apostrophe in front.
    """
    section = next(section for section in report.sections if section.key == report.main)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(column.key for column in section.columns)
    writer.writerows([harmless(cell.value) for cell in row] for row in section.rows)
    return out.getvalue()


def harmless(value: Value) -> Value:
    """Return a value that no spreadsheet runs as a formula; numbers and phone numbers stay as they are.

    >>> harmless("=cmd|' /C calc'!A0"), harmless("+7 900 123-45-67"), harmless(-5), harmless("-")
    ("'=cmd|' /C calc'!A0", '+7 900 123-45-67', -5, '-')
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _FIGURES.fullmatch(value):
        return f"'{value}"
    return value


def markdown_text(report: Report) -> str:
    """Return every section as a heading and a pipe table."""
    return "\n".join([*(_markdown_section(section) for section in report.sections), *report.notes]).rstrip() + "\n"


def _objects(section: Section) -> Rows:
    keys = [column.key for column in section.columns]
    return [dict(zip(keys, (cell.value for cell in row), strict=True)) for row in section.rows]


def _facts(section: Section) -> dict[str, Value]:
    return {str(key.value): fact.value for key, _, fact in section.rows}


def _markdown_section(section: Section) -> str:
    lines = [f"## {section.title}", ""]
    if section.is_facts:
        lines += [f"- {title.text}: {fact.text}" for _, title, fact in section.rows]
    else:
        shown = [n for n, column in enumerate(section.columns) if column.is_shown]
        lines.append(_pipes([section.columns[n].title for n in shown]))
        lines.append(_pipes(["---:" if section.columns[n].is_number else "---" for n in shown]))
        lines += [_pipes([row[n].text for n in shown]) for row in section.rows]
    return "\n".join([*lines, ""])


def _pipes(texts: list[str]) -> str:
    return "| " + " | ".join(text.replace("|", "\\|").replace("\n", "<br>") for text in texts) + " |"
