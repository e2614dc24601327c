"""`callscore report costs` and `teams`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import between_options, call_filter, view_options
from callscore.report.ask.costs import ask_costs, ask_teams
from callscore.store import open_reader
from callscore.store.shifts import Presence

__all__ = ["costs", "presence", "teams"]


def presence(app: App) -> Presence:
    """Return how presence is told from calls, from the settings."""
    settings = app.config.operators
    return Presence(gap_hours=settings.shift_gap_hours, extra_min=settings.paid_extra_min)


@click.command()
@between_options
@click.option(
    "--by",
    type=click.Choice(["operator", "team", "kind"]),
    default="operator",
    show_default=True,
    help="A row for each of these.",
)
@output_options
@with_app
def costs(app: App, output: Output, by: str, **given: Any) -> None:
    """Show what operators, teams or kinds of work cost and sell, and the cost of an answered call and of a sale.

    Costs, teams and kinds come from the list of operators; see callscore operators.

    \b
    Example:
      callscore report costs --by team --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_costs(reader, call_filter(app, output.format, **given), by, presence(app), view_options(app))
        deliver(report, output, reader.asked)


@click.command()
@between_options
@click.option("--by", type=click.Choice(["team", "kind"]), default="team", show_default=True, help="A row for each of these.")
@output_options
@with_app
def teams(app: App, output: Output, by: str, **given: Any) -> None:
    """Show mean scores and conversion of teams, or of own, outsourced and home operators, with their intervals.

    Teams and kinds come from the list of operators; see callscore operators.

    \b
    Example:
      callscore report teams --by kind --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_teams(reader, call_filter(app, output.format, **given), by, view_options(app))
        deliver(report, output, reader.asked)
