"""`callscore report missed`, `lines`, `outcomes`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import between_options, call_filter, limit_option, shop_hours, view_options
from callscore.report.ask.telephony import ask_lines, ask_missed, ask_outcomes
from callscore.store import open_reader

__all__ = ["lines", "missed", "outcomes"]


@click.command()
@between_options
@limit_option
@output_options
@with_app
def missed(app: App, output: Output, **given: Any) -> None:
    """List missed calls, newest first: why, on which line, out of hours or not, and who talked to the client afterwards.

    \b
    Example:
      callscore report missed --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_missed(reader, shop_hours(app), call_filter(app, output.format, **given), view_options(app))
        deliver(report, output, reader.asked)


@click.command()
@between_options
@output_options
@with_app
def lines(app: App, output: Output, **given: Any) -> None:
    """Show each line and advertising source: incoming calls, missed ones, waiting, and the orders that came of them.

    \b
    Example:
      callscore report lines --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_lines(reader, shop_hours(app), call_filter(app, **given), view_options(app))
        deliver(report, output, reader.asked)


@click.command()
@between_options
@limit_option
@click.option("--unmatched", is_flag=True, help="Only orders for which no call was found.")
@output_options
@with_app
def outcomes(app: App, output: Output, unmatched: bool, **given: Any) -> None:
    """List orders, newest first, with the call that led to each, or why none was found.

    \b
    Example:
      callscore report outcomes --unmatched
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_outcomes(reader, call_filter(app, output.format, **given), view_options(app), unmatched=unmatched)
        deliver(report, output, reader.asked)
