"""`callscore report`: what managers read."""

from __future__ import annotations

from typing import Any

import click

from callscore.cli.options import App, with_app
from callscore.cli.selection import (
    between_options,
    call_filter,
    format_option,
    limit_option,
    rubric_option,
    select_options,
    show_report,
    view_options,
)
from callscore.report.ask import (
    ask_call,
    ask_calls,
    ask_criteria,
    ask_health,
    ask_lines,
    ask_missed,
    ask_operators,
    ask_outcomes,
)
from callscore.store import open_reader
from callscore.store.telephony import Hours

__all__ = ["command"]


@click.group()
def command() -> None:
    """Show what the stored calls say.

    Reports read the published copy of the database, so they also work while `callscore ingest` runs.

    \b
    Example:
      callscore report operators
    """  # noqa: D301 - click wants the character, not its escape


@command.command()
@select_options
@rubric_option
@click.option(
    "--sort",
    type=click.Choice(["name", "score"]),
    default="name",
    show_default=True,
    help="By score also shows the places each operator may hold, judged by the intervals.",
)
@format_option
@with_app
def operators(app: App, sort: str, format_: str, **given: Any) -> None:
    """Show each operator's score with the interval that covers sampling and unsure verdicts.

    A score with fewer calls than report.min_calls is marked and gets no place. Where intervals overlap, a difference is not
    proven.

    \b
    Example:
      callscore report operators --since 2026-10-01 --sort score
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_operators(reader, call_filter(app, **given), view_options(app), by_score=sort == "score")
    show_report(report, format_)


@command.command()
@select_options
@rubric_option
@limit_option
@format_option
@with_app
def calls(app: App, format_: str, **given: Any) -> None:
    """List calls with their scores, newest first.

    \b
    Example:
      callscore report calls --operator a.smirnova --limit 20
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_calls(reader, call_filter(app, format_, **given), view_options(app))
    show_report(report, format_)


@command.command()
@select_options
@rubric_option
@format_option
@with_app
def criteria(app: App, format_: str, **given: Any) -> None:
    """Show how often each criterion is met, with its base and interval.

    \b
    Example:
      callscore report criteria --since 2026-10-01 --format csv
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_criteria(reader, call_filter(app, **given), view_options(app))
    show_report(report, format_)


@command.command()
@click.argument("call_id", metavar="ID")
@format_option
@with_app
def call(app: App, call_id: str, format_: str) -> None:
    """Show one call in full: verdicts with quotes and reasons, then the transcript.

    \b
    Example:
      callscore report call d001
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_call(reader, call_id, view_options(app))
    show_report(report, format_)


@command.command()
@format_option
@with_app
def health(app: App, format_: str) -> None:
    """Show how the last runs went, what failed and why, and how well calls are heard.

    \b
    Example:
      callscore report health
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_health(reader, view_options(app))
    show_report(report, format_)


@command.command()
@between_options
@limit_option
@format_option
@with_app
def missed(app: App, format_: str, **given: Any) -> None:
    """List missed calls, newest first: why, on which line, out of hours or not, and who talked to the client afterwards.

    \b
    Example:
      callscore report missed --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_missed(reader, _hours(app), call_filter(app, format_, **given), view_options(app))
    show_report(report, format_)


@command.command()
@between_options
@format_option
@with_app
def lines(app: App, format_: str, **given: Any) -> None:
    """Show each line and advertising source: incoming calls, missed ones, waiting, and the orders that came of them.

    \b
    Example:
      callscore report lines --since 2026-10-01
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_lines(reader, _hours(app), call_filter(app, **given), view_options(app))
    show_report(report, format_)


@command.command()
@between_options
@limit_option
@click.option("--unmatched", is_flag=True, help="Only orders for which no call was found.")
@format_option
@with_app
def outcomes(app: App, format_: str, unmatched: bool, **given: Any) -> None:
    """List orders, newest first, with the call that led to each, or why none was found.

    \b
    Example:
      callscore report outcomes --unmatched
    """  # noqa: D301 - click wants the character, not its escape
    with open_reader(app.db) as reader:
        report = ask_outcomes(reader, call_filter(app, format_, **given), view_options(app), unmatched=unmatched)
    show_report(report, format_)


def _hours(app: App) -> Hours:
    settings = app.config.telephony
    return Hours(
        open_at=settings.open_at,
        close_at=settings.close_at,
        work_days=settings.work_days,
        timezone=app.config.report.timezone,
        callback_hours=settings.callback_hours,
    )
