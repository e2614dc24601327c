"""`callscore flags`: the queue of calls to listen to."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message
from callscore.cli.selection import call_filter, format_option, limit_option, select_options, show_report, view_options
from callscore.report.ask import ask_flags
from callscore.store import open_reader

__all__ = ["command"]


@click.command()
@select_options
@click.option("--call", "call_id", metavar="ID", help="Only this call.")
@limit_option
@format_option
@json_option
@with_app
def command(app: App, format_: str, as_json: bool, **given: Any) -> None:
    """List the calls to listen to, most urgent first, with the place to start at and the reason.

    \b
    Example:
      callscore flags --since 2026-10-05
    """  # noqa: D301 - click wants the character, not its escape
    format_ = "json" if as_json else format_
    with open_reader(app.db) as reader:
        report = ask_flags(reader, call_filter(app, format_, **given), view_options(app))
    if format_ == "table" and not report.sections[0].rows:
        message("no call is flagged")
        return
    show_report(report, format_)
