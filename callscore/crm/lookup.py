"""What sources of orders share when they look up clients, employees and statuses; asks nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ParamSpec, TypeVar

from callscore.errors import SourceError, SourceUnavailableError
from callscore.outside.pages import Reject
from callscore.outside.rows import Fields, RowError

__all__ = ["full_name", "in_chunks", "index_rows", "link_id", "need_id", "optional", "rows_of"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


def rows_of(value: object) -> list[object]:
    """Return the rows of a list, or of an object keyed by code or number; none for what is missing or empty.

    PHP systems give a list as an object when its numbers have gaps, and an empty object as a list.

    Raises:
        RowError: for anything else.
    """
    if value is None or value == "":
        return []
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, list):
        return value
    raise RowError("the rows are not a list")


def link_id(text: str | None) -> str | None:
    """Return the id in a text, by which rows point to each other; 0 and an empty text mean none.

    Raises:
        RowError: for what is no number; systems refuse a whole request over one such id.
    """
    if text in (None, "", "0"):
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text or ""):
        raise RowError("an id is no number")
    return text


def need_id(text: str | None) -> str:
    """Return the id of a row itself, as `link_id` does.

    Raises:
        RowError: if there is none.
    """
    found = link_id(text)
    if found is None:
        raise RowError("the id is missing")
    return found


def index_rows(
    rows: Iterable[object], key: str, read: Callable[[Fields], _T], what: str, rejects: list[Reject]
) -> dict[str, _T]:
    """Return what `read` makes of each row, by the row's `key`; rows that cannot be read are added to `rejects`."""
    found: dict[str, _T] = {}
    for row_no, row in enumerate(rows, start=1):
        where = f"{what}, row {row_no}"
        try:
            fields = Fields(row)
            row_id = fields.need_text(key)
            where = f"{what} {row_id}"
            found[row_id] = read(fields)
        except RowError as error:
            rejects.append(Reject(where=where, reason=str(error)))
    return found


def optional(ask: Callable[_P, _T], *args: _P.args, **named: _P.kwargs) -> _T | None:
    """Return what `ask` finds; None where the system refuses: orders are worth having without it.

    Raises:
        SourceUnavailableError: a system that stays away is no refusal.
    """
    try:
        return ask(*args, **named)
    except SourceUnavailableError:
        raise
    except SourceError:
        return None


def in_chunks(items: Sequence[str], size: int) -> Iterator[list[str]]:
    """Yield `items` in lists of at most `size`.

    >>> list(in_chunks(["1", "2", "3"], 2))
    [['1', '2'], ['3']]
    """
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def full_name(last: str | None, first: str | None) -> str | None:
    """Return an employee's name as lists show it, the family name first.

    >>> full_name("Соколова", "Анна")
    'Соколова Анна'
    """
    return " ".join(part for part in (last, first) if part) or None
