"""`callscore report workload`."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.selection import between_options, call_window, shop_hours, source_option, view_options
from callscore.report.ask.workload import WorkQuestion, ask_workload
from callscore.stats.workload import Norm
from callscore.store import open_reader
from callscore.store.workload import WorkOptions

__all__ = ["workload"]


@click.command()
@between_options
@source_option
@output_options
@with_app
def workload(app: App, output: Output, **given: Any) -> None:
    """Show the work of each operator, and how many operators each hour needs for the service level of the settings.

    Averages of whole days, of the last eight weeks unless a period is given. Occupancy by operator and hour, and the week by
    hours, are in every format but table and md.

    \b
    Example:
      callscore report workload --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    settings = app.config.telephony
    asked = WorkQuestion(
        window=call_window(app, **given),
        pauses=WorkOptions(wrap_ms=settings.wrap_cap_s * 1000, away_ms=settings.away_min * 60_000),
        norm=Norm(within_s=settings.service_s, share=settings.service_share),
        is_long=output.format not in ("table", "md"),
    )
    with open_reader(app.db) as reader:
        report = ask_workload(reader, shop_hours(app), asked, view_options(app))
        deliver(report, output, reader.asked)
