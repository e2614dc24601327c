"""Opening configured sources, and what every reading of one needs: the window to read and the bookkeeping of pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from callscore.config import Config, SourceConfig
from callscore.connectors import CONNECTORS, Connector
from callscore.crm.base import Crm
from callscore.errors import ConfigError, nearest
from callscore.outside.pages import Patience, Tools, Window
from callscore.outside.settings import ConnectorSettings, read_settings
from callscore.sources import Source
from callscore.store.feeds import FeedProgress

__all__ = ["FOLDER", "feed_settings", "named_sources", "new_watermark", "open_calls", "open_orders", "reading_window"]

FOLDER: Final = "folder"
"""The kind that needs no connector: recordings with what lies beside them."""
KEEP_WANTED: Final = timedelta(days=14)
"""A recording that could not be fetched for so long is given up: every provider has deleted or archived it, or never had it."""
_AHEAD: Final = timedelta(days=1)


def named_sources(config: Config, names: Sequence[str], *, with_orders: bool) -> tuple[SourceConfig, ...]:
    """Return the sources of that sort: those named, or all where none is named.

    Raises:
        ConfigError: an unknown name or kind, or a source of the other sort.
    """
    by_name = {source.name: source for source in config.sources}
    for name in names:
        if name not in by_name:
            near = nearest(name, by_name)
            known = f"configured are: {', '.join(by_name)}" if by_name else f"add [sources.{name}] to callscore.toml"
            raise ConfigError(f"there is no source {name!r}", hint=f"did you mean {near}?" if near else known)
        if _has_orders(by_name[name]) != with_orders:
            holds, command = ("calls", "ingest") if with_orders else ("orders", "outcomes pull")
            hint = f"callscore {command} --source {name}"
            raise ConfigError(f"source {name!r} holds {holds}", where=by_name[name].where, hint=hint)
    chosen = [by_name[name] for name in names] if names else list(config.sources)
    return tuple(source for source in chosen if _has_orders(source) == with_orders)


def feed_settings(source: SourceConfig) -> tuple[Connector, ConnectorSettings]:
    """Return the kind of a source and its settings.

    Raises:
        ConfigError: an unknown kind, or settings that are wrong.
    """
    connector = _connector(source)
    return connector, read_settings(connector.settings, source.table, source.base, source.where)


@contextlib.contextmanager
def open_calls(source: SourceConfig, config: Config, patience: Patience | None = None) -> Iterator[Source]:
    """Open a source of calls; nothing is sent yet."""
    connector, settings = feed_settings(source)
    opened = connector.open_source(source.name, settings, _tools(settings, config, patience))
    with contextlib.closing(opened):
        yield opened


@contextlib.contextmanager
def open_orders(source: SourceConfig, config: Config, patience: Patience | None = None) -> Iterator[Crm]:
    """Open a source of orders; nothing is sent yet."""
    connector, settings = feed_settings(source)
    opened = connector.open_crm(source.name, settings, _tools(settings, config, patience))
    with contextlib.closing(opened):
        yield opened


def reading_window(settings: ConnectorSettings, progress: FeedProgress, since: datetime | None, now: datetime) -> Window:
    """Return what to read: from where the last run ended, less the overlap; a day ahead, for clocks that run ahead of ours.

    A recording that is still wanted moves the start back, so that its call is read again; `since` overrules everything.
    """
    if since is not None:
        start = since
    elif progress.covered_until is None:
        start = now - timedelta(days=settings.first_days)
    else:
        start = min(progress.covered_until, now) - timedelta(days=settings.overlap_days)
        if progress.oldest_wanted is not None:
            start = min(start, progress.oldest_wanted)
    return Window(start=min(start, now), end=now + _AHEAD)


def new_watermark(page_until: datetime | None, window: Window, progress: FeedProgress, now: datetime) -> datetime | None:
    """Return how far a source has been read with a page; None where that says nothing new.

    What is to come cannot have been read, whatever the window's end was. A reading that began later than the last one ended
    (`--since`) leaves a gap: the watermark stays, and the next run closes it.
    """
    if page_until is None or (progress.covered_until is not None and window.start > progress.covered_until):
        return None
    return min(page_until, now)


def _tools(settings: ConnectorSettings, config: Config, patience: Patience | None) -> Tools:
    return Tools(timezone=settings.timezone or config.metadata.timezone, patience=patience or Patience())


def _connector(source: SourceConfig) -> Connector:
    if source.kind not in CONNECTORS:
        known = [FOLDER, *CONNECTORS]
        near = nearest(source.kind, known)
        hint = f"did you mean {near}?" if near else f"known are: {', '.join(known)}"
        raise ConfigError(f"source {source.name!r} is of an unknown kind {source.kind!r}", where=source.where, hint=hint)
    return CONNECTORS[source.kind]


def _has_orders(source: SourceConfig) -> bool:
    return source.kind != FOLDER and _connector(source).has_orders
