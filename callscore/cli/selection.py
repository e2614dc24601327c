"""Options of reading commands (which calls, which format) and the printing of reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from callscore.cli.options import App, parse_since, since_option
from callscore.report.view import ViewOptions
from callscore.store.entries import CallFilter
from callscore.store.telephony import Hours, Window

__all__ = [
    "between_options",
    "call_filter",
    "call_window",
    "format_option",
    "limit_option",
    "rubric_option",
    "select_options",
    "shop_hours",
    "source_option",
    "view_options",
]

# As many as a person reads, or a browser shows at once: a table of a hundred thousand lines helps nobody, a file may.
_LIMITS: Final = {"table": 50, "md": 50, "html": 2000}

format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json", "csv", "md"]),
    default="table",
    show_default=True,
    help="Table for people; json and csv hold plain values, csv the main table only.",
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(min=0),
    help="At most so many lines; 0: all [default: 50; html: 2000; json, csv, xlsx, parquet: all].",
)
_until_option = click.option("--until", metavar="DATE", help="Only calls that started before then.")
_operator_option = click.option("--operator", metavar="NAME", help="Only calls of this operator.")
source_option = click.option("--source", metavar="NAME", help="Only calls of this source [default: all].")
rubric_option = click.option("--rubric", metavar="ID", help="Only this rubric.")


def between_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --since and --until."""
    return since_option(_until_option(function))


def select_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --since, --until and --operator."""
    for option in (_operator_option, _until_option, since_option):
        function = option(function)
    return function


def call_filter(app: App, format_: str = "table", **given: Any) -> CallFilter:
    """Return the calls that the options name; a missing `limit` depends on the format."""
    zone = app.config.report.timezone
    limit = given.get("limit")
    if limit is None:
        limit = _LIMITS.get(format_)
    return CallFilter(
        since=parse_since(given.get("since"), zone),
        until=parse_since(given.get("until"), zone),
        operator=given.get("operator"),
        call_id=given.get("call_id"),
        rubric=given.get("rubric"),
        limit=limit or None,
    )


def view_options(app: App) -> ViewOptions:
    """Return how reports speak, from the settings."""
    settings = app.config.report
    return ViewOptions(language=settings.language, timezone=settings.timezone, min_calls=settings.min_calls)


def shop_hours(app: App) -> Hours:
    """Return when the shop is open, from the settings."""
    settings = app.config.telephony
    return Hours(
        open_at=settings.open_at,
        close_at=settings.close_at,
        work_days=settings.work_days,
        timezone=app.config.report.timezone,
        callback_hours=settings.callback_hours,
        days_off=settings.days_off,
    )


def call_window(app: App, **given: Any) -> Window:
    """Return the calls of telephony systems that --since, --until and --source name."""
    zone = app.config.report.timezone
    return Window(
        since=parse_since(given.get("since"), zone), until=parse_since(given.get("until"), zone), source=given.get("source")
    )
