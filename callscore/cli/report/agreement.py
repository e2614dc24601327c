"""`callscore report agreement`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import between_options, call_filter, rubric_option, view_options
from callscore.report.ask.agreement import ask_agreement
from callscore.store import open_reader

__all__ = ["agreement"]


@click.command()
@between_options
@rubric_option
@click.option("--session", metavar="ID", help="Only the reviews of this calibration session.")
@output_options
@with_app
def agreement(app: App, output: Output, session: str | None, **given: Any) -> None:
    """Show how far reviewers agree with each other and with the machine, by criterion, month and rubric version.

    Only calls drawn by lot and blind reviews make rates; what came from the flagged queue is counted apart.

    \b
    Example:
      callscore report agreement --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_agreement(reader, call_filter(app, output.format, **given), session, view_options(app))
        deliver(report, output, reader.asked)
