"""`callscore report conversion`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.output import message
from callscore.cli.selection import between_options, call_filter, rubric_option, view_options
from callscore.jobs.conversion import conversion_period
from callscore.report.ask.conversion import ask_conversion
from callscore.store import open_reader

__all__ = ["conversion"]


@click.command()
@between_options
@rubric_option
@output_options
@with_app
def conversion(app: App, output: Output, **given: Any) -> None:
    """Show which criteria go with sales, adjusted for who answered whom and when, and where the data cannot tell.

    Each criterion helps, hurts, shows no evidence of an effect, or lacks data; the sentence says why. It is an association, not
    a proof. Without --since and --until it shows what the last run found; a period is worked out anew, which takes a while.

    \b
    Example:
      callscore report conversion
    """  # noqa: D301 - click wants the character, not its escape
    wanted = call_filter(app, output.format, **given)
    period = conversion_period(app.config, datetime.now(UTC), wanted.since, wanted.until)
    matters = app.config.conversion.matters / 100
    note = (lambda _: None) if app.quiet else (lambda criterion: message(f"comparing {criterion}"))
    with open_reader(app.db) as reader:
        report = ask_conversion(reader, period, wanted.rubric, view_options(app), matters=matters, note=note)
        deliver(report, output, reader.asked)
