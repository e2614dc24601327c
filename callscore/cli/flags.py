"""`callscore flags`: the queue of calls to listen to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message
from callscore.cli.selection import call_filter, limit_option, select_options, view_options
from callscore.report.ask.scores import ask_flags
from callscore.store import open_reader

__all__ = ["command"]


@click.command()
@select_options
@click.option("--call", "call_id", metavar="ID", help="Only this call.")
@limit_option
@output_options
@json_option
@with_app
def command(app: App, output: Output, as_json: bool, **given: Any) -> None:
    """List the calls to listen to, most urgent first, with the place to start at and the reason.

    \b
    Example:
      callscore flags --since 2026-10-05
    """  # noqa: D301 - click wants the character, not its escape
    output = replace(output, format="json") if as_json else output
    with open_reader(app.db) as reader:
        report = ask_flags(reader, call_filter(app, output.format, **given), view_options(app))
        if output.format == "table" and not output.explain and not report.sections[0].rows:
            message("no call is flagged")
        else:
            deliver(report, output, reader.asked)
