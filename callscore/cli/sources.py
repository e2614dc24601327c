"""`callscore sources`: the configured telephony and CRM systems, and whether they can be read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import click
from rich.table import Table

from callscore.cli.options import App, json_option, with_app
from callscore.cli.output import message, print_json, stdout_console
from callscore.config import SourceConfig
from callscore.connectors import CONNECTORS
from callscore.errors import CallscoreError, ConfigError, NothingToDoError, StoreError
from callscore.jobs.feeds import FOLDER, feed_settings, open_calls, open_orders
from callscore.outside.pages import Finding, Level
from callscore.outside.settings import read_settings
from callscore.report.text import local_time
from callscore.sources import FolderSettings
from callscore.store import open_reader
from callscore.store.entries import FeedRow

__all__ = ["command"]

_MARKS: Final = {Level.FINE: "ok", Level.ADVICE: "advice", Level.PROBLEM: "problem"}


@dataclass(frozen=True, slots=True)
class _Checked:
    """What the check of one source found; `code` is the exit code of the error that ended it, 0 for none."""

    source: SourceConfig
    findings: tuple[Finding, ...]
    code: int

    @property
    def is_fine(self) -> bool:
        return not self.code and all(finding.level is not Level.PROBLEM for finding in self.findings)


@click.group()
def command() -> None:
    """Show and check the sources of calls and orders that callscore.toml names.

    \b
    Example:
      callscore sources check
    """  # noqa: D301 - click reads the backspace as "keep these lines"


@command.command("list")
@json_option
@with_app
def list_(app: App, as_json: bool) -> None:
    """List the configured sources and how far each has been read.

    \b
    Example:
      callscore sources list
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    feeds = {feed.source: feed for feed in _feeds(app)}
    if as_json:
        print_json([_as_json(source, feeds.get(source.name)) for source in app.config.sources])
        return
    if not app.config.sources:
        message('no source is configured; add a table such as [sources.office] with kind = "folder" to callscore.toml')
    table = Table("source", "kind", "holds", "read until", "calls", "orders", box=None, pad_edge=False)
    for source in app.config.sources:
        feed = feeds.get(source.name)
        until = local_time(feed.covered_until if feed else None, app.config.report.timezone)
        counts = (str(feed.calls), str(feed.orders)) if feed else ("-", "-")
        table.add_row(source.name, source.kind, _holds(source), until, *counts)
    stdout_console().print(table)


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@json_option
@with_app
@click.pass_context
def check(ctx: click.Context, app: App, names: tuple[str, ...], as_json: bool) -> None:
    """Connect to the named sources, or to all: sign in, read one page, look at one recording, and say what is missing.

    Nothing is stored, and nothing is changed there. Exit status: 0 all fine, 10 a source cannot be read, 11 a sign-in is
    refused, 12 a source does not answer.

    \b
    Example:
      callscore sources check office
    """  # noqa: D301 - click reads the backspace as "keep these lines"
    chosen = _chosen(app, names)
    checked: list[_Checked] = []
    for source in chosen:
        found = _check(source, app)
        checked.append(found)
        if not as_json:
            for finding in found.findings:
                hint = f" ({finding.hint})" if finding.hint else ""
                click.echo(f"{source.name}: {_MARKS[finding.level]}: {finding.subject}: {finding.text}{hint}")
    if as_json:
        print_json(
            [
                {
                    "source": found.source.name,
                    "kind": found.source.kind,
                    "fine": found.is_fine,
                    "findings": [
                        {"level": item.level, "subject": item.subject, "text": item.text, "hint": item.hint}
                        for item in found.findings
                    ],
                }
                for found in checked
            ]
        )
    if not all(found.is_fine for found in checked):
        ctx.exit(next((found.code for found in checked if found.code), 10))


def _chosen(app: App, names: tuple[str, ...]) -> tuple[SourceConfig, ...]:
    known = {source.name: source for source in app.config.sources}
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no source {name!r}", hint=f"configured are: {', '.join(known) or 'none'}")
    if not known:
        raise NothingToDoError("no source is configured", hint="add a [sources.NAME] table to callscore.toml")
    return tuple(known[name] for name in names) if names else app.config.sources


def _check(source: SourceConfig, app: App) -> _Checked:
    findings: list[Finding] = []
    try:
        findings.extend(_findings(source, app))
    except CallscoreError as error:
        where = f"{error.where}: " if error.where else ""
        findings.append(Finding(level=Level.PROBLEM, subject=source.kind, text=f"{where}{error.message}", hint=error.hint))
        return _Checked(source, tuple(findings), error.exit_code)
    return _Checked(source, tuple(findings), 0)


def _findings(source: SourceConfig, app: App) -> Iterator[Finding]:
    if source.kind == FOLDER:
        settings = read_settings(FolderSettings, source.table, source.base, source.where)
        is_there = settings.path.is_dir()
        text = "the folder is there" if is_there else "there is no such folder"
        yield Finding(level=Level.FINE if is_there else Level.PROBLEM, subject="folder", text=text)
        return
    connector, _ = feed_settings(source)
    if connector.has_orders:
        with open_orders(source, app.config) as crm:
            yield from crm.check()
    else:
        with open_calls(source, app.config) as calls:
            yield from calls.check()


def _feeds(app: App) -> tuple[FeedRow, ...]:
    # Without a store nothing has been read, which is no reason not to list.
    with contextlib.suppress(StoreError), open_reader(app.db) as reader:
        return reader.feeds()
    return ()


def _holds(source: SourceConfig) -> str:
    if source.kind == FOLDER:
        return "calls"
    connector = CONNECTORS.get(source.kind)
    return "unknown kind" if connector is None else "orders" if connector.has_orders else "calls"


def _as_json(source: SourceConfig, feed: FeedRow | None) -> dict[str, object]:
    until: datetime | None = feed.covered_until if feed else None
    return {
        "source": source.name,
        "kind": source.kind,
        "holds": _holds(source),
        "covered_until": until.isoformat() if until else None,
        "calls": feed.calls if feed else 0,
        "orders": feed.orders if feed else 0,
        "error": feed.error if feed else None,
    }
