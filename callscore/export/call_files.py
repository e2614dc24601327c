"""A file per stored call: which calls, and how a file is written whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from callscore.errors import ConfigError, NothingToDoError
from callscore.outside.links import recording_stem
from callscore.store.entries import CallFilter, StoredCall
from callscore.store.read import StoreReader
from callscore.whole_file import whole_file

__all__ = ["chosen_calls", "export_texts", "write_whole"]

DONE: Final = "done"


def chosen_calls(reader: StoreReader, call_ids: Sequence[str] = (), since: datetime | None = None) -> Iterator[StoredCall]:
    """Yield the calls with these ids; without any, all that were heard since then, oldest first.

    Raises:
        NothingToDoError: if a call is not stored, or none matches.
    """
    wanted = call_ids or tuple(
        dict.fromkeys(row.call_id for row in reversed(reader.calls(CallFilter(since=since))) if row.status == DONE)
    )
    if not wanted:
        raise NothingToDoError("no call matches", where=str(reader.path), hint="callscore report calls lists what is stored")
    for call_id in wanted:
        call = reader.call(call_id)
        if call is None:
            near = ", ".join(reader.near_call_ids(call_id))
            raise NothingToDoError(f"call {call_id!r} is not stored", hint=f"did you mean {near}?" if near else "")
        yield call


def export_texts(
    calls: Iterator[StoredCall], folder: Path, ending: str, make: Callable[[StoredCall], str]
) -> Iterator[tuple[str, Path]]:
    """Write a text per call to `folder` and yield its call id and path; a call without a dialogue has no file.

    Raises:
        ConfigError: if the folder cannot be written.
    """
    for call in calls:
        if call.dialogue is None:
            continue
        stem = recording_stem(folder, call.info.call_id)
        path = stem.with_name(f"{stem.name}{ending}")
        write_whole(path, make(call))
        yield call.info.call_id, path


def write_whole(path: Path, text: str) -> None:
    """Write a file, and the folder it lies in, so that it has its name only when all of it is on the disk.

    Raises:
        ConfigError: if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"the folder cannot be made: {exc.strerror}", where=str(path.parent)) from exc
    with whole_file(path) as stream:
        stream.write(text.encode())
