"""`callscore export`: calls for other systems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from callscore.cli.options import App, parse_since, since_option, with_app
from callscore.cli.output import message
from callscore.export import VconJob, VconOptions, chosen_calls, export_texts, export_vcons, rttm_text, srt_text
from callscore.store import open_reader
from callscore.store.entries import StoredCall
from callscore.store.parquet_files import ParquetJob, write_parquet

__all__ = ["command"]


def _folder_option(usual: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path(usual),
        show_default=True,
        help="Folder to write to.",
    )


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
@_folder_option("vcon")
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


@command.command()
@click.argument("call_ids", metavar="[CALL_ID]...", nargs=-1)
@since_option
@_folder_option("subtitles")
@with_app
def srt(app: App, call_ids: tuple[str, ...], since: str | None, out: Path) -> None:
    """Write a subtitle file (SubRip) per call: who says what, in time with the recording.

    Players show it beside the recording if both have the same name. The names of the files are printed, one a line.

    \b
    Example:
      callscore export srt d001 --out subtitles
    """  # noqa: D301 - click wants the character, not its escape
    language = app.config.report.language

    def text(call: StoredCall) -> str:
        return srt_text(call.dialogue, language) if call.dialogue else ""

    _write_texts(app, call_ids, since, out, ".srt", text)


@command.command()
@click.argument("call_ids", metavar="[CALL_ID]...", nargs=-1)
@since_option
@_folder_option("rttm")
@with_app
def rttm(app: App, call_ids: tuple[str, ...], since: str | None, out: Path) -> None:
    """Write an RTTM file per call: who speaks when, as tools for diarization read it.

    \b
    Example:
      callscore export rttm d001 --out rttm
    """  # noqa: D301 - click wants the character, not its escape

    def text(call: StoredCall) -> str:
        return rttm_text(call.dialogue, call.info.call_id) if call.dialogue else ""

    _write_texts(app, call_ids, since, out, ".rttm", text)


@command.command()
@click.option("--since", metavar="DATE", help="Only days from then on; those before stay as they are.")
@_folder_option("parquet")
@click.option("--with-words", is_flag=True, help="Transcripts too: turns, words, evidence.")
@click.option("--masked", is_flag=True, help="Leave out numbers of clients, names of files, quotes and reasons.")
@with_app
def parquet(app: App, since: str | None, out: Path, with_words: bool, masked: bool) -> None:
    """Write the tables as Parquet for BI tools: OUT/TABLE/day=2026-10-05/, small tables as one file each.

    A day is replaced whole, so a nightly run with --since of some days ago keeps the folder up to date. Days begin at midnight
    in the time zone of reports.

    \b
    Example:
      callscore export parquet --since 2026-10-01 --out parquet
    """  # noqa: D301 - click wants the character, not its escape
    if masked and with_words:
        raise click.UsageError("--masked cannot be combined with --with-words: words tell who speaks")
    zone = app.config.report.timezone
    at = parse_since(since, zone)
    first = at.astimezone(ZoneInfo(zone)).date() if at else None
    job = ParquetJob(folder=out, first_day=first, with_words=with_words, is_masked=masked)
    with open_reader(app.db) as reader, reader.asking() as queries:
        for table in write_parquet(queries, job):
            click.echo(f"{table.name}: {table.days} days" if table.days else table.name)


def _write_texts(
    app: App, call_ids: tuple[str, ...], since: str | None, out: Path, ending: str, make: Callable[[StoredCall], str]
) -> None:
    with open_reader(app.db) as reader:
        calls = chosen_calls(reader, call_ids, parse_since(since, app.config.report.timezone))
        for _, path in export_texts(calls, out, ending, make):
            click.echo(path)
