"""`callscore review`: the trainer's page; its users and links."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

import click

from callscore.cli.options import App, with_app
from callscore.cli.output import message
from callscore.cli.review_access import link, users

if TYPE_CHECKING:
    from callscore.review.desk import DeskSettings

__all__ = ["command"]


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; beyond this machine only with users.")
@click.option("--port", type=click.IntRange(1, 65535), default=8050, show_default=True, help="The port.")
@click.option("--allow-host", "allow_hosts", multiple=True, metavar="NAME", help="Answer under this name too; needs users.")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
@with_app
@click.pass_context
def command(ctx: click.Context, app: App, host: str, port: int, allow_hosts: tuple[str, ...], opens: bool) -> None:
    """Open the trainer's desk: hear the calls that matter and correct verdicts.

    The page reads what was published last and writes to a journal of its own, so it never waits for the nightly run. Ctrl+C
    ends it.

    \b
    Example:
      callscore review --open
    """  # noqa: D301 - click wants the character, not its escape
    if ctx.invoked_subcommand is not None:
        return
    from callscore.review.web.serve import Address, serve

    def started(url: str) -> None:
        message(f"the trainer's desk is at {url}; Ctrl+C ends it")
        if opens:
            webbrowser.open(url)

    serve(_desk_settings(app), Address(host=host, port=port, allow_hosts=allow_hosts), started)


def _desk_settings(app: App) -> DeskSettings:
    from callscore.audio import AudioLimits
    from callscore.review.desk import DeskSettings

    limits = app.config.audio
    return DeskSettings(
        db=app.db,
        language=app.config.report.language,
        timezone=app.config.report.timezone,
        managers_see_words=app.config.review.managers_see_words,
        min_calls=app.config.report.min_calls,
        big_order=app.config.review.big_order,
        limits=AudioLimits(max_duration_s=limits.max_duration_min * 60, max_bytes=limits.max_file_mb * 2**20),
    )


command.add_command(users)
command.add_command(link)
