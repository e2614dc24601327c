"""Where a report goes and in which form: the terminal, a pipe or a file; on request with the queries behind it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import click

from callscore.cli.options import App
from callscore.cli.output import message, stdout_console
from callscore.cli.selection import view_options
from callscore.errors import ConfigError
from callscore.report.form import form_of
from callscore.report.formats import ENDINGS, FORMATS, IS_BINARY, format_of, write_report
from callscore.report.labels import label
from callscore.report.terminal import print_report
from callscore.report.view import About, Report, ViewOptions
from callscore.store.asked import Asked
from callscore.store.paths import published_path
from callscore.whole_file import whole_file

__all__ = ["Output", "deliver", "output_options", "show_report"]

_UNTOLD: Final = (
    "since",
    "until",
    "config_file",
    "db",
    "quiet",
    "debug",
    "format_",
    "out",
    "explain",
    "as_json",
    "again",
    "send",
)
"""Options that say where to read and how to print, not what a report is about; since and until are told in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The form that was asked for, and the file if any; with `explain` the queries are printed instead of the report."""

    format: str
    explain: bool = False
    out: Path | None = None


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --format, --out and --explain; the command gets them as `output: Output`."""

    @functools.wraps(function)
    def with_output(*args: Any, format_: str | None, out: Path | None, explain: bool, **given: Any) -> Any:
        target = None if out is None or str(out) == "-" else out
        return function(*args, output=Output(format=format_ or _guess(target), explain=explain, out=target), **given)

    options = (
        click.option("--explain", is_flag=True, help="Print the queries behind the numbers instead; callscore sql runs them."),
        click.option(
            "--out",
            type=click.Path(path_type=Path, allow_dash=True),
            metavar="FILE",
            help="Write to this file, whole or not at all.",
        ),
        click.option(
            "--format",
            "format_",
            type=click.Choice(FORMATS),
            help="Table for people; json, csv and parquet hold plain values, csv and parquet the main table only "
            "[default: what the name of --out ends with, else table].",
        ),
    )
    decorated: Callable[..., Any] = with_output
    for option in options:
        decorated = option(decorated)
    return decorated


def deliver(report: Report, output: Output, asked: Sequence[Asked]) -> None:
    """Print the report or write it to a file; or print the queries behind it."""
    if output.explain:
        click.echo(";\n\n".join(query.text for query in asked) + ";")
        return
    app = click.get_current_context().find_object(App)
    if app is None:
        raise RuntimeError("a command that delivers reports must be decorated with with_app")
    options = view_options(app)
    about = _about(app, options)
    if output.out is None:
        show_report(report, output.format, options, about)
        return
    with whole_file(output.out) as stream:
        write_report(report, output.format, stream, about, options)
    if not app.quiet:
        message(f"wrote {output.out}")


def show_report(report: Report, format_: str, options: ViewOptions, about: About | None = None) -> None:
    """Print a report to stdout.

    Raises:
        click.UsageError: for a workbook or Parquet to a terminal, which could not show it.
    """
    if format_ == "table":
        print_report(report, stdout_console(), options)
        return
    if format_ in IS_BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{format_} is no text for a terminal: name a file with --out report{ENDINGS[format_]}")
    write_report(report, format_, sys.stdout.buffer, about or About(), options)
    sys.stdout.buffer.flush()


def _guess(out: Path | None) -> str:
    """Return the format that a file's name ends with."""
    if out is None:
        return "table"
    try:
        return format_of(out)
    except ConfigError as error:
        raise click.UsageError(f"{error.message}: {error.hint}, or give --format") from error


def _about(app: App, options: ViewOptions) -> About:
    """Return what a file says of itself: the period and selection that were asked for, and how new the data are."""
    context = click.get_current_context()
    chosen = [
        f"{parameter.opts[-1]} {value}" if not isinstance(value, bool) else parameter.opts[-1]
        for parameter in context.command.params
        if parameter.name not in _UNTOLD and isinstance(parameter, click.Option)
        if context.get_parameter_source(parameter.name or "") is click.core.ParameterSource.COMMANDLINE
        for value in [context.params.get(parameter.name or "")]
    ]
    return About(
        period=_period(context.params.get("since"), context.params.get("until"), options.language),
        selection=" ".join(chosen),
        data_at=_data_at(app.db),
        made_at=datetime.now(UTC),
    )


def _period(since: object, until: object, language: str) -> str:
    if since and until:
        return label("period_between", language, since=_day(since, language), until=_day(until, language))
    if since or until:
        return label("period_since" if since else "period_until", language, day=_day(since or until, language))
    return label("period_all", language)


def _day(given: object, language: str) -> str:
    """Return a date as the reader writes it; a date with a time stays as it was typed."""
    try:
        return form_of(language).day(date.fromisoformat(str(given)))
    except ValueError:
        return str(given)


def _data_at(db: Path) -> datetime | None:
    """Return when the data were last written that reports read; None if nothing tells."""
    for path in (published_path(db), db):
        if path.exists():
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return None
