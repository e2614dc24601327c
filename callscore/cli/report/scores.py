"""`callscore report criteria`, `calls`, `call`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import call_filter, limit_option, rubric_option, select_options, view_options
from callscore.report.ask.scores import ask_call, ask_calls, ask_criteria
from callscore.store import open_reader

__all__ = ["call", "calls", "criteria"]


@click.command()
@select_options
@rubric_option
@output_options
@with_app
def criteria(app: App, output: Output, **given: Any) -> None:
    """Show how often each criterion is met, with its base and interval.

    \b
    Example:
      callscore report criteria --since 2026-10-01 --format csv
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_criteria(reader, call_filter(app, **given), view_options(app))
        deliver(report, output, reader.asked)


@click.command()
@select_options
@rubric_option
@limit_option
@output_options
@with_app
def calls(app: App, output: Output, **given: Any) -> None:
    """List calls with their scores, newest first.

    \b
    Example:
      callscore report calls --operator a.smirnova --limit 20
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_calls(reader, call_filter(app, output.format, **given), view_options(app))
        deliver(report, output, reader.asked)


@click.command()
@click.argument("call_id", metavar="ID")
@output_options
@with_app
def call(app: App, call_id: str, output: Output) -> None:
    """Show one call in full: verdicts with quotes and reasons, then the transcript.

    \b
    Example:
      callscore report call d001
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_call(reader, call_id, view_options(app))
        deliver(report, output, reader.asked)
