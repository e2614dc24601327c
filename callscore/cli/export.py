"""`callscore export`: calls for other systems."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from callscore.cli.options import App, parse_since, since_option, with_app
from callscore.cli.output import message
from callscore.export import VconJob, VconOptions, export_vcons
from callscore.store import open_reader

__all__ = ["command"]


@click.group()
def command() -> None:
    """Hand calls over to other systems.

    \b
    Example:
      callscore export vcon --since 2026-10-01 --out vcon
    """  # noqa: D301 - click wants the character, not its escape


@command.command()
@click.argument("call_ids", metavar="[CALL_ID]...", nargs=-1)
@since_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("vcon"),
    show_default=True,
    help="Folder to write to.",
)
@click.option("--with-audio", is_flag=True, help="Put the recordings into the files.")
@click.option("--masked", is_flag=True, help="Leave out who spoke: names, numbers, addresses, recordings.")
@click.option("--dry-run", is_flag=True, help="Name the files and write none.")
@with_app
def vcon(
    app: App, call_ids: tuple[str, ...], since: str | None, out: Path, with_audio: bool, masked: bool, dry_run: bool
) -> None:
    """Write a vCon file per call: parties, recording, transcript, scores and the facts of the PBX.

    Without CALL_ID all calls that were heard are written. The names of the files are printed, one a line.

    \b
    Example:
      callscore export vcon d001 --out vcon --with-audio
    """  # noqa: D301 - click wants the character, not its escape
    if masked and with_audio:
        raise click.UsageError("--masked cannot be combined with --with-audio: a voice tells who speaks")
    since_at = parse_since(since, app.config.report.timezone)
    job = VconJob(folder=out, call_ids=call_ids, since=since_at, with_audio=with_audio, is_dry=dry_run)
    n_silent = 0
    with open_reader(app.db) as reader:
        for done in export_vcons(reader, job, VconOptions(created_at=datetime.now(UTC), is_masked=masked)):
            click.echo(done.path)
            n_silent += not (done.has_sound or masked)
    if n_silent:
        message(f"{n_silent} files without recording: it is no longer where it was heard, or has changed")
