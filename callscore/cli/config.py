"""`callscore config show`: every setting and where it comes from."""

from __future__ import annotations

import click
from rich.table import Table

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import print_json, stdout_console

__all__ = ["command"]


@click.group()
def command() -> None:
    """Show the settings.

    \b
    Example:
      callscore config show
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@command.command()
@json_option
@with_app
def show(app: App, as_json: bool) -> None:
    """Print every option with its value and origin (default, file and line, environment, flag).

    \b
    Example:
      CALLSCORE_TRANSCRIBE_MODEL=whisper-small callscore config show
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    rows = [(key, _text(app, key), origin) for key, origin in app.loaded.origins]
    if as_json:
        print_json({key: {"value": value, "origin": origin} for key, value, origin in rows})
        return
    table = Table("option", "value", "origin", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    for source in app.config.sources:
        origin = app.loaded.file.name if app.loaded.file else "-"
        table.add_row(f"sources.{source.name}", source.kind, origin)
    stdout_console().print(table)


def _text(app: App, key: str) -> str:
    section, _, name = key.rpartition(".")
    value = getattr(getattr(app.config, section) if section else app.config, name)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in (None, "") else str(value)
