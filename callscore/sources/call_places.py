"""Where a table of calls says that recordings lie: paths and addresses in its cells. Pure."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from callscore.outside.cells import NOTHING
from callscore.outside.rows import clean_text

__all__ = ["Place", "is_web", "iter_places"]

# What stands in the cell of a recording without naming one: links whose address is behind the text are lost in tables.
_NO_RECORDING: Final = {*NOTHING, "да", "есть", "yes", "no", "0", "1", "прослушать", "слушать", "скачать", "play", "download"}
_MANY: Final = re.compile(r"[\r\n;|]|\shttps?:|,https?:")
_BETWEEN: Final = re.compile(r"[\r\n;|]+|[,\s]+(?=https?://)")


class Place(NamedTuple):
    """Where one recording lies: its lasting id, and the path or address in the table."""

    rec_id: str
    at: str


def is_web(rec_id: str) -> bool:
    """Tell by its id whether a recording lies at an address instead of in a file."""
    return rec_id.startswith("//")


def iter_places(cell: str) -> tuple[Place, ...]:
    """Return the recordings that a cell names. Addresses hold passwords at times, so ids are addresses without their query.

    >>> [place.rec_id for place in iter_places("https://pbx.example.org/get?id=1&token=x; 2026/a.wav")]
    ['//pbx.example.org/get', '2026/a.wav']
    """
    places: dict[str, Place] = {}
    # Most cells name one file, and the other pattern is slow.
    for piece in _BETWEEN.split(cell) if _MANY.search(cell) else (cell,):
        at = clean_text(piece)
        word = at.casefold()
        if word in _NO_RECORDING:
            continue
        rec_id = _web_id(at) if word.startswith(("http://", "https://")) else at.replace("\\", "/").lstrip("/")
        if rec_id:
            unique = rec_id if rec_id not in places else f"{rec_id}#{len(places) + 1}"
            places[unique] = Place(unique, at)
    return tuple(places.values())


def _web_id(address: str) -> str:
    try:
        parts = urlsplit(address)
        return f"//{parts.hostname or ''}{parts.path}"[:400]
    except ValueError:
        return ""
