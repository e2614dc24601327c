"""The files of one folder of a bucket, told apart: recordings, tables, sidecars, and what is not whole yet. Pure."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Final

from callscore.outside.pages import Reject
from callscore.sources.far_files import EMPTY_BYTES, FarFile, shown
from callscore.sources.folder import AUDIO_EXTENSIONS

__all__ = ["Sorted", "folder_date", "sort_files"]

UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload")
_DATE: Final = re.compile(r"(?<!\d)(20\d\d)[-/._]?(\d\d)[-/._]?(\d\d)(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What lies in a folder. `sidecars` are by the key of their recording, `keys` all recordings by key, whole or not.

    `tables` lie in the folder, `other_tables` elsewhere: they tell of other folders as well.
    """

    recordings: tuple[FarFile, ...]
    tables: tuple[FarFile, ...]
    sidecars: Mapping[str, FarFile]
    rejects: tuple[Reject, ...]
    keys: frozenset[str]
    other_tables: tuple[FarFile, ...] = ()

    def find(self, name: str, table: str, root: str) -> str | None:
        """Return the recording that a row of the table names: from the root, beside the table, or by its name alone."""
        plain = name.strip().replace("\\", "/").removeprefix("./")
        beside = f"{PurePosixPath(table).parent.as_posix()}/{plain}".removeprefix("./")
        for key in (plain, f"{root}{plain}", f"{root}{plain.lstrip('/')}", beside):
            if key in self.keys:
                return key
        ends = [key for key in self.keys if key.rpartition("/")[2] == plain.rpartition("/")[2]]
        return ends[0] if plain and len(ends) == 1 else None


def sort_files(files: Iterable[FarFile], table_names: Sequence[str], whole_before: datetime) -> Sorted:
    """Tell the files apart; `table_names` may hold * and ?. Files changed at `whole_before` or later are left for later."""
    recordings, tables, rejects, notes, keys = [], [], [], {}, set()
    for file in files:
        name = file.key.rpartition("/")[2]
        lower = name.lower()
        if name.startswith(".") or lower.endswith(UNFINISHED):
            continue
        if any(fnmatch.fnmatchcase(lower, pattern.lower()) for pattern in table_names):
            tables.append(file)
        elif lower.endswith(".json"):
            notes[file.key] = file
        elif PurePosixPath(lower).suffix in AUDIO_EXTENSIONS:
            keys.add(file.key)
            if file.n_bytes <= EMPTY_BYTES and file.changed_at < whole_before:
                rejects.append(Reject(where=shown(file.key), reason="the recording is empty"))
            elif file.changed_at < whole_before:
                recordings.append(file)
    return Sorted(
        recordings=tuple(recordings),
        tables=tuple(tables),
        sidecars=dict(_sidecars(notes, recordings)),
        rejects=tuple(rejects),
        keys=frozenset(keys),
    )


def folder_date(key: str) -> date | None:
    """Return the date that the folders of a key tell.

    >>> folder_date("records/2026/03/02/a.mp3"), folder_date("2026-03-02/a.mp3"), folder_date("20260302.mp3")
    (datetime.date(2026, 3, 2), datetime.date(2026, 3, 2), None)
    """
    found = _DATE.findall(key.rpartition("/")[0])
    try:
        return date(*map(int, found[-1])) if found else None
    except ValueError:
        return None


def _sidecars(notes: Mapping[str, FarFile], recordings: Iterable[FarFile]) -> Iterable[tuple[str, FarFile]]:
    for file in recordings:
        for name in (f"{file.key}.json", f"{file.key.rpartition('.')[0]}.json"):
            if name in notes:
                yield file.key, notes[name]
                break
