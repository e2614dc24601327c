"""`callscore report priorities`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from callscore.cli.delivery import Output, deliver, output_options
from callscore.cli.options import App, with_app
from callscore.cli.output import message
from callscore.cli.report.money import presence
from callscore.cli.selection import between_options, call_filter, view_options
from callscore.errors import ConfigError, NothingToDoError
from callscore.export import pbx_asterisk, pbx_freeswitch
from callscore.export.queue_files import PlacedMember, PresentMember, write_folder
from callscore.report.ask.priorities import PrioritiesRequest, ask_priorities
from callscore.store import open_reader

__all__ = ["priorities"]

_LARGEST_BYTES: Final = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class _Exchange:
    first_level: int
    read: Callable[[str], tuple[PresentMember, ...]]
    files: Callable[[Sequence[PlacedMember]], Mapping[str, str]]


_EXCHANGES: Final = {
    "asterisk": _Exchange(pbx_asterisk.FIRST_LEVEL, pbx_asterisk.read_queues_conf, pbx_asterisk.asterisk_files),
    "freeswitch": _Exchange(pbx_freeswitch.FIRST_LEVEL, pbx_freeswitch.read_callcenter_conf, pbx_freeswitch.freeswitch_files),
}


@click.command()
@between_options
@click.option("--pbx", type=click.Choice(list(_EXCHANGES)), default="asterisk", show_default=True, help="Whose files to write.")
@click.option("--levels", type=click.IntRange(2, 3), default=3, show_default=True, help="At most so many levels.")
@click.option(
    "--current",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The exchange's own queues.conf or callcenter.conf.xml: its members are placed, and undo goes back to it.",
)
@click.option(
    "--files", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Write the files to a new folder."
)
@output_options
@with_app
def priorities(app: App, output: Output, pbx: str, levels: int, current: Path | None, files: Path | None, **given: Any) -> None:
    """Propose which operators queues should try first, from sales and scores on equal calls; nothing is applied.

    With --files: lines for the exchange's configuration, apply.txt with the commands that set the levels at once, and undo.txt
    with those that set them back. Where the calls tell no operators apart, nothing is written and the exit status is 8.

    \b
    Example:
      callscore report priorities --pbx asterisk --current /etc/asterisk/queues.conf --files priorities
    """  # noqa: D301 - click wants the character, not its escape
    exchange, settings = _EXCHANGES[pbx], app.config.priorities
    present = exchange.read(_text(current)) if current else ()
    if current and not present:
        raise ConfigError("the file names no member of a queue", where=str(current), hint="see --pbx")
    request = PrioritiesRequest(
        exchange=pbx,
        first_level=exchange.first_level,
        n_levels=levels,
        template=settings.interface if pbx == "asterisk" else settings.agent,
        min_calls=settings.min_calls,
        min_share=settings.min_share,
        peak_occupancy=settings.peak_occupancy,
        presence=presence(app),
        present=present,
        present_name=current.name if current else "",
    )
    with open_reader(app.db) as reader:
        report, placed = ask_priorities(reader, call_filter(app, output.format, **given), request, view_options(app))
        deliver(report, output, reader.asked)
    if files is not None and not output.explain:
        if not placed:
            raise NothingToDoError(
                "there are no levels to write: the calls tell no operators apart, or no member can be written"
            )
        write_folder(files, exchange.files(placed))
        message(f"wrote {', '.join(exchange.files(placed))} to {files}; nothing was applied")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ConfigError("the file is too large for a configuration", where=str(path))
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as exc:
        raise ConfigError(f"the file cannot be read: {exc.strerror or exc}", where=str(path)) from exc
