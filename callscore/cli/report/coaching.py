"""`callscore report coaching`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import call_filter, rubric_option, select_options, view_options
from callscore.report.ask.coaching import ask_coaching
from callscore.store import open_reader

__all__ = ["coaching"]


@click.command()
@select_options
@rubric_option
@click.option(
    "--target", type=click.FloatRange(0, 100, min_open=True), metavar="PERCENT", help="Share every criterion should reach."
)
@output_options
@with_app
def coaching(app: App, output: Output, target: float | None, **given: Any) -> None:
    """Show the two criteria each operator should work on, with the surest good and bad example of one's own.

    A criterion is named only if the operator surely meets it less often than the others do, or than --target; of those the two
    that cost the score most. Where nothing is certain, it says so. Without --since the last 90 days are looked at.

    \b
    Example:
      callscore report coaching --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    share = None if target is None else target / 100
    with open_reader(app.db) as reader:
        report = ask_coaching(reader, call_filter(app, output.format, **given), share, view_options(app))
        deliver(report, output, reader.asked)
