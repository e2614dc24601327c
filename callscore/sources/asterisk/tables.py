"""Files as tables: which columns a file has, what stands between them, and a line of it as fields."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from callscore.outside.rows import RowError
from callscore.sources.asterisk.clock import uniqueid_epoch
from callscore.sources.asterisk.logfiles import EPOCHS, STAMPS, LogFile, decode

__all__ = ["START", "Table", "columns_of", "fields_of", "open_table", "stamp_of"]

_BASE: Final = (
    *(
        "accountcode",
        "src",
        "dst",
        "dcontext",
        "clid",
        "channel",
        "dstchannel",
        "lastapp",
        "lastdata",
        "start",
        "answer",
        "end",
    ),
    *("duration", "billsec", "disposition", "amaflags"),
)
_MORE: Final = ("peeraccount", "linkedid", "sequence")
_LAYOUTS: Final[Mapping[int, tuple[str, ...]]] = {
    len(names): names
    for middle in ((), ("uniqueid",), ("uniqueid", "userfield"))
    for names in ((*_BASE, *middle), (*_BASE, *middle, *_MORE))
}
_EITHER: Final = (len(_BASE) + 1, len(_BASE) + 1 + len(_MORE))
"""With so many columns there is a uniqueid or a userfield, and only its form tells which."""
START: Final = _BASE.index("start")
"""Where the start stands in a line of Master.csv."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file with what its first line tells: the names of its columns and what stands between them; none for a plain log."""

    file: LogFile
    header: tuple[str, ...]
    delimiter: str
    has_epochs: bool


def open_table(path: Path, needs: frozenset[str], plain: re.Pattern[bytes]) -> Table:
    """Open a file; one that begins with the names of columns is a whole export, and its last line counts without an end.

    Its times are texts; those of other files are what `plain` finds, unless their first line shows something else.
    """

    def stamps(head: bytes) -> re.Pattern[bytes]:
        return STAMPS if _header(head, needs)[0] or (STAMPS.search(head) and not plain.match(head)) else plain

    file = LogFile(path, stamps)
    names, delimiter = _header(file.head, needs)
    if names:
        file.take_tail()
    return Table(file, names, delimiter, stamps(file.head) is EPOCHS)


def _header(head: bytes, needs: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """Return the names of columns in a first line, none if it is a row already, and what stands between them."""
    text = decode(head.removeprefix(b"\xef\xbb\xbf"))
    delimiter = max(",;\t", key=text.count)
    try:
        names = tuple(name.strip().lower() for name in next(csv.reader((text,), delimiter=delimiter), []))
    except csv.Error:
        names = ()
    return (names, delimiter) if needs <= set(names) else ((), ",")


def stamp_of(first: str, is_epoch: bool) -> str:
    """Return a time that was found in a file as text, epochs in GMT."""
    return f"{datetime.fromtimestamp(int(first), UTC):%Y-%m-%d %H:%M:%S}" if is_epoch and first else first


def fields_of(raw: bytes, delimiter: str) -> list[str]:
    """Return the fields of a line; one whose quotes do not close is cut off, and must not swallow the lines behind it."""
    if raw.count(b'"') % 2:
        raise RowError("the line is cut off: a quote is not closed")
    try:
        return next(csv.reader((decode(raw).lstrip("\ufeff"),), delimiter=delimiter))
    except (csv.Error, StopIteration):
        raise RowError("the line is no row of a table") from None


def columns_of(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns of a line of Master.csv; cdr.conf may have been changed between two lines."""
    names = _LAYOUTS.get(len(fields))
    if names is None:
        raise RowError(f"the line has {len(fields)} columns instead of 16 to 21")
    if len(fields) in _EITHER and uniqueid_epoch(fields[len(_BASE)]) is None:
        return tuple("userfield" if name == "uniqueid" else name for name in names)
    return names
