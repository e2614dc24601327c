"""`callscore report missed`, `lines`, `outcomes`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import (
    between_options,
    call_filter,
    call_window,
    limit_option,
    shop_hours,
    source_option,
    view_options,
)
from callscore.report.ask.telephony import MissedQuestion, ask_lines, ask_missed, ask_outcomes
from callscore.report.missed import MISSED_GROUPS
from callscore.store import open_reader

__all__ = ["lines", "missed", "outcomes"]


@click.command()
@between_options
@source_option
@click.option("--by", type=click.Choice(MISSED_GROUPS), multiple=True, help="Group by this; may be repeated [default: all].")
@limit_option
@output_options
@with_app
def missed(app: App, output: Output, by: tuple[str, ...], **given: Any) -> None:
    """Show missed calls: how many, why and when, who talked to the clients afterwards; then the newest of them.

    Also how long clients wait, how many call again, and how many calls a sale takes. Norms are in [telephony].

    \b
    Example:
      callscore report missed --since 2026-10-01 --by hour
    """  # noqa: D301 - click wants the character, not its escape
    settings = app.config.telephony
    asked = MissedQuestion(
        window=call_window(app, **given),
        by=by or MISSED_GROUPS,
        limit=call_filter(app, output.format, **given).limit,
        service_s=settings.service_s,
        repeat_days=settings.repeat_days,
        morning_hours=settings.morning_hours,
    )
    with open_reader(app.db) as reader:
        report = ask_missed(reader, shop_hours(app), asked, view_options(app))
        deliver(report, output, reader.asked)


@click.command()
@between_options
@source_option
@output_options
@with_app
def lines(app: App, output: Output, **given: Any) -> None:
    """Show each line, site section and advertising source: calls, missed ones, scores, conversion and revenue.

    What a line is for is said by telephony.line_names in the settings.

    \b
    Example:
      callscore report lines --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    names = app.config.telephony.line_names
    with open_reader(app.db) as reader:
        report = ask_lines(reader, shop_hours(app), call_window(app, **given), names, view_options(app))
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
