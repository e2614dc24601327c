"""`callscore report efficiency`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.report.money import presence
from callscore.cli.selection import between_options, call_filter, view_options
from callscore.report.ask.efficiency import EfficiencyRequest, ask_efficiency
from callscore.report.efficiency import PARTS
from callscore.store import open_reader

__all__ = ["efficiency"]


@click.command()
@between_options
@output_options
@with_app
def efficiency(app: App, output: Output, **given: Any) -> None:
    """Show a coefficient per operator with every part of it: score, conversion, workload, rings taken, cost per call.

    The weights are set under [efficiency]. It is no basis for pay by itself: an operator must be able to see the parts and
    to appeal.

    \b
    Example:
      callscore report efficiency --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    settings = app.config.efficiency
    weights = {part: float(getattr(settings, part)) for part in PARTS}
    request = EfficiencyRequest(weights=weights, min_calls=settings.min_calls, presence=presence(app))
    with open_reader(app.db) as reader:
        report = ask_efficiency(reader, call_filter(app, output.format, **given), request, view_options(app))
        deliver(report, output, reader.asked)
