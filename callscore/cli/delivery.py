"""Where a report goes and in which form: the terminal, a pipe or a file; on request with the queries behind it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from callscore.cli.selection import show_report
from callscore.report.view import Report
from callscore.store.asked import Asked

__all__ = ["Output", "deliver", "output_options"]

_FORMATS: Final = ("table", "json", "csv", "md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The form that was asked for; with `explain` the queries are printed instead of the report."""

    format: str
    explain: bool = False


def output_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --format and --explain; the command gets them as `output: Output`."""

    @functools.wraps(function)
    def with_output(*args: Any, format_: str, explain: bool, **given: Any) -> Any:
        return function(*args, output=Output(format=format_, explain=explain), **given)

    options = (
        click.option("--explain", is_flag=True, help="Print the queries behind the numbers instead; callscore sql runs them."),
        click.option(
            "--format",
            "format_",
            type=click.Choice(_FORMATS),
            default="table",
            show_default=True,
            help="Table for people; json and csv hold plain values, csv the main table only.",
        ),
    )
    decorated: Callable[..., Any] = with_output
    for option in options:
        decorated = option(decorated)
    return decorated


def deliver(report: Report, output: Output, asked: Sequence[Asked]) -> None:
    """Print the report, or the queries behind it."""
    if output.explain:
        click.echo(";\n\n".join(query.text for query in asked) + ";")
    else:
        show_report(report, output.format)
