"""The forms a report can be written in, by name; each is made by its own module, imported on use."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, Final

from callscore.errors import ConfigError
from callscore.report.form import form_of
from callscore.report.render import csv_text, json_value, markdown_text
from callscore.report.view import About, Report, ViewOptions, in_form

__all__ = ["ENDINGS", "FORMATS", "IS_BINARY", "format_of", "write_report"]

Writer = Callable[[Report, BinaryIO, About, ViewOptions], None]
_FILE_WIDTH: Final = 200
"""Letters in a line of a table in a file; as wide as for a pipe."""


def write_report(report: Report, format_: str, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    """Write a report to a stream of bytes in one of FORMATS."""
    _WRITERS[format_](report, stream, about, options)


def format_of(path: Path) -> str:
    """Return the format that a file's name ends with.

    Raises:
        ConfigError: if it ends with none of ENDINGS.
    """
    ending = path.suffix.lower()
    for format_, own in ENDINGS.items():
        if ending == own or (ending, format_) == (".htm", "html"):
            return format_
    known = ", ".join(ENDINGS.values())
    raise ConfigError(f"the name {path.name!r} does not say the format", where=str(path), hint=f"end it with one of {known}")


def _table(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    from rich.console import Console

    from callscore.report.terminal import print_report

    del about
    text = io.StringIO()
    print_report(report, Console(file=text, width=_FILE_WIDTH, highlight=False, color_system=None), options)
    stream.write(text.getvalue().encode())


def _json(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    del about, options
    stream.write(f"{json.dumps(json_value(report), ensure_ascii=False, indent=2, default=str)}\n".encode())


def _csv(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    del about, options
    stream.write(csv_text(report).encode())


def _markdown(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    del about
    stream.write(markdown_text(in_form(report, form_of(options.language))).encode())


def _html(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    from callscore.report.html import html_text

    stream.write(html_text(report, about, options).encode())


def _xlsx(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    from callscore.report.workbook import write_workbook

    write_workbook(report, stream, about, options)


def _parquet(report: Report, stream: BinaryIO, about: About, options: ViewOptions) -> None:
    from callscore.report.parquet import write_parquet

    del about, options
    write_parquet(report, stream)


_WRITERS: Final[Mapping[str, Writer]] = {
    "table": _table,
    "json": _json,
    "csv": _csv,
    "md": _markdown,
    "html": _html,
    "xlsx": _xlsx,
    "parquet": _parquet,
}
FORMATS: Final = tuple(_WRITERS)
IS_BINARY: Final = ("xlsx", "parquet")
ENDINGS: Final[Mapping[str, str]] = {
    "table": ".txt",
    "json": ".json",
    "csv": ".csv",
    "md": ".md",
    "html": ".html",
    "xlsx": ".xlsx",
    "parquet": ".parquet",
}
"""What the names of files end with."""
