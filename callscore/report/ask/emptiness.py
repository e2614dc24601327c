"""What to say where a report would be empty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callscore.errors import NothingToDoError
from callscore.store import StoreReader
from callscore.store.entries import CallFilter

__all__ = ["one_more", "require", "require_feeds"]


def one_more(wanted: CallFilter) -> CallFilter:
    """Ask for one row more than is shown, to know whether there are more."""
    return wanted if wanted.limit is None else replace(wanted, limit=wanted.limit + 1)


def require(found: Sequence[object], reader: StoreReader) -> None:
    """Go on if something was found.

    Raises:
        NothingToDoError: if not; says whether the store is empty or the selection too narrow.
    """
    if found:
        return
    if reader.has_calls():
        raise NothingToDoError("no call matches", hint="widen --since, --until, --operator or --rubric")
    raise NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")


def require_feeds(reader: StoreReader) -> None:
    """Go on if calls of a telephony system are stored.

    Raises:
        NothingToDoError: if none was read yet.
    """
    if not any(feed.calls for feed in reader.feeds()):
        raise NothingToDoError(
            "no telephony system was read yet",
            where=str(reader.path),
            hint="add a [sources.NAME] table to callscore.toml; callscore ingest --source NAME",
        )
