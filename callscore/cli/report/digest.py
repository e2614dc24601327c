"""`callscore report digest`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from callscore.cli.boundary import format_error
from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.output import message
from callscore.cli.selection import shop_hours, view_options
from callscore.errors import CallscoreError
from callscore.jobs.send_digest import Post, Sent, send_digest
from callscore.report.ask.digest import ask_digest
from callscore.report.digest import DigestOptions
from callscore.store import open_reader

__all__ = ["digest"]


@click.command()
@click.option("--date", "day", metavar="DATE", help="The day to tell of [default: yesterday].")
@click.option("--send", is_flag=True, help="Send it where [digest] of the settings says, each place once a day.")
@click.option("--again", is_flag=True, help="With --send: also where it was sent already.")
@output_options
@with_app
def digest(app: App, day: str | None, send: bool, again: bool, output: Output) -> None:
    """Show what yesterday was like: runs, failures, calls to listen to, missed calls, and what changed beyond chance.

    With --send it goes to a file, by e-mail or to a web address; phone numbers are masked and nothing that was said is told
    unless digest.with_words is set. A place that fails makes the exit status that of its error; run it again and only that
    place is tried.

    \b
    Example:
      callscore report digest --date 2026-10-05
    """  # noqa: D301 - click wants the character, not its escape
    if again and not send:
        raise click.UsageError("--again goes with --send")
    settings = app.config.digest
    wanted = _day(day, app.config.report.timezone)
    shown = DigestOptions(max_rows=settings.max_flags, is_masked=send, with_words=settings.with_words or not send)
    options = view_options(app)
    with open_reader(app.db) as reader:
        report = ask_digest(reader, wanted, shop_hours(app), shown, options)
        asked = reader.asked
    if not send or output.explain:
        deliver(report, output, asked)
        return
    memory = app.db.with_name(f"{app.db.name}.digest.json")
    post = Post(report=report, day=wanted, now=datetime.now(UTC), memory=memory, options=options, again=again)
    _tell([_told(sent, quiet=app.quiet) for sent in send_digest(post, settings)])


def _day(text: str | None, timezone: str) -> date:
    if text is None:
        return datetime.now(ZoneInfo(timezone)).date() - timedelta(days=1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2026-10-05", param_hint="--date") from None


def _told(sent: Sent, *, quiet: bool) -> Sent:
    """Say what became of a place as soon as it is known."""
    if sent.error is not None:
        message(f"{sent.place}: failed")
    elif not quiet:
        message(f"{sent.place}: {'sent already' if sent.was_sent else 'sent'}")
    return sent


def _tell(results: list[Sent]) -> None:
    """End with the error of the first place that failed, after the others were told."""
    errors: list[CallscoreError] = [sent.error for sent in results if sent.error is not None]
    for error in errors[1:]:
        click.echo(format_error(error), err=True)
    if errors:
        raise errors[0]
