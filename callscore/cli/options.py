"""Options shared by commands: one meaning everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from callscore.config import Config, LoadedConfig, load_config

__all__ = ["App", "json_option", "parse_since", "since_option", "with_app", "with_app_on"]


@dataclass(frozen=True, slots=True)
class App:
    """What every command starts from."""

    loaded: LoadedConfig
    quiet: bool

    @property
    def config(self) -> Config:
        """The resolved settings."""
        return self.loaded.config

    @property
    def db(self) -> Path:
        """The database that `--db` or the config names."""
        return self.config.store.db


def with_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --config, --db, --quiet and --debug, and pass an App as the first argument.

    An option of the command whose parameter is named `set_<section>__<key>` overrides that setting and is not passed on.
    """
    return _with_app(function, None)


def with_app_on(db: Path) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return `with_app` for a command that has a database of its own unless --db says otherwise."""
    return lambda function: _with_app(function, db)


def _with_app(function: Callable[..., Any], own_db: Path | None) -> Callable[..., Any]:
    shown = f"[default: {own_db}]" if own_db else "[default: store.db of the settings]"

    @click.option("--config", "config_file", type=click.Path(path_type=Path), help="Settings file [default: callscore.toml].")
    @click.option("--db", type=click.Path(path_type=Path), default=own_db, help=f"Database file {shown}.")
    @click.option("--quiet", is_flag=True, help="Print no progress.")
    @click.option("--debug", is_flag=True, help="Log more and show tracebacks.")
    @functools.wraps(function)
    def wrapper(*args: Any, config_file: Path | None, db: Path | None, quiet: bool, debug: bool, **kwargs: Any) -> Any:
        del debug  # read by the boundary before any command runs
        flags: dict[str, Any] = {"store.db": db}
        for name in [name for name in kwargs if name.startswith("set_")]:
            flags[name.removeprefix("set_").replace("__", ".")] = kwargs.pop(name)
        app = App(load_config(config_file, flags=flags), quiet)
        click.get_current_context().obj = app
        return function(app, *args, **kwargs)

    return wrapper


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
since_option = click.option(
    "--since", metavar="DATE", help="Only calls that started then or later: 2026-10-05 or 2026-10-05T14:00."
)


def parse_since(text: str | None, timezone: str) -> datetime | None:
    """Return the instant a `--since` or `--until` names, aware UTC; a bare date is midnight in `timezone`.

    Raises:
        click.BadParameter: for anything that is no ISO date or time.
    """
    if text is None:
        return None
    try:
        at = (
            datetime.combine(date.fromisoformat(text), time())
            if len(text) == len("2026-10-05")
            else datetime.fromisoformat(text)
        )
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date such as 2026-10-05") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(timezone))).astimezone(UTC)
