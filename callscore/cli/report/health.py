"""`callscore report health`."""

from __future__ import annotations

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import shop_hours, view_options
from callscore.report.ask.health import ask_health
from callscore.store import open_reader

__all__ = ["health"]


@click.command()
@output_options
@with_app
def health(app: App, output: Output) -> None:
    """Show how the last runs went, what failed and why, how well calls are heard, and what is unusual.

    A line with fewer calls than in earlier weeks is named; one that fell silent is worth a test call.

    \b
    Example:
      callscore report health
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_health(reader, shop_hours(app), view_options(app))
        deliver(report, output, reader.asked)
