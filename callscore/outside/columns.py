"""Which column of a table means what: a dictionary of Russian and English headings, and what the user says. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callscore.errors import nearest
from callscore.outside.headings import CALL_HEADINGS, ORDER_HEADINGS

__all__ = ["CALLS", "ORDERS", "ColumnError", "Columns", "Dictionary", "is_in_minutes", "lacks_of_calls", "lacks_of_orders"]

_LONGEST: Final = 80
_UNIT: Final = re.compile(
    r"\s(?:в )?(?:сек|секунд|секундах|с|sec|secs|seconds|s|мин|минут|минутах|min|minutes|руб|рублей|р|rub|₽|мск|msk|utc)$"
)
_MINUTES: Final = re.compile(r"(?<!\w)(?:мин|минут|минутах|min|mins|minutes)(?!\w)")
# How well a heading fits a field: it is one of the dictionary's, or holds one of several words.
_WHOLE: Final = 0
_PART: Final = 1


class ColumnError(Exception):
    """The user's own map of columns does not fit; the message says how."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The heading of each field that is known, and the headings that mean nothing to us."""

    headings: Mapping[str, str]
    unused: tuple[str, ...]


class Dictionary:
    """What the columns of one kind of table are called."""

    def __init__(self, headings: Mapping[str, tuple[str, ...]]) -> None:
        """Prepare; `headings` are those of each field, the better ones first."""
        self.fields = tuple(headings)
        self._whole: dict[str, list[tuple[str, int]]] = {}
        self._parts: list[tuple[str, str, int]] = []
        for name, known in headings.items():
            for rank, heading in enumerate(dict.fromkeys(map(_plain, (name, *known)))):
                self._whole.setdefault(heading, []).append((name, rank))
                if " " in heading:
                    self._parts.append((f" {heading} ", name, rank))
        self._meanings = functools.lru_cache(maxsize=4096)(self._look_up)

    def parse(self, lines: Sequence[str]) -> dict[str, str]:
        """Return heading by field of settings such as "client_phone = Телефон"; empty: there is no such column.

        >>> CALLS.parse(["client_phone = Номер (А)", "queue ="])
        {'client_phone': 'Номер (А)', 'queue': ''}

        Raises:
            ValueError: for an unknown field, or a line without "=".
        """
        found = {}
        for line in lines:
            name, sign, heading = (part.strip() for part in line.partition("="))
            if not sign or name not in self.fields:
                near = nearest(name, self.fields)
                known = f"did you mean {near}?" if near else f"known are: {', '.join(self.fields)}"
                raise ValueError(f'columns: {name!r} is no field of lines such as "client_phone = Телефон"; {known}')
            found[name] = heading
        return found

    def guess(self, header: Sequence[str], given: Mapping[str, str] | None = None) -> Columns:
        """Return what the headings mean: first as the user says, then by the dictionary, each column and field once.

        A heading that is a known one as a whole beats one that holds it; among equals the dictionary's order decides. Units
        and what stands in brackets are left aside.

        >>> dict(CALLS.guess(["Дата и время", "Разговор, сек", "Цвет"]).headings)
        {'started_at': 'Дата и время', 'talk_s': 'Разговор, сек'}

        Raises:
            ColumnError: if the user names a column that is not there.
        """
        given = given or {}
        found = {name: _find(heading, header) for name, heading in given.items() if heading}
        taken = set(found.values())
        offers = [
            (quality, rank, place, name)
            for place, heading in enumerate(header)
            for name, quality, rank in self._meanings(heading)
        ]
        for _, _, place, name in sorted(offers):
            if name not in found and name not in given and header[place] not in taken:
                found[name] = header[place]
                taken.add(header[place])
        _settle(found, given)
        used = set(found.values())
        ordered = {name: found[name] for name in self.fields if name in found}
        return Columns(ordered, tuple(heading for heading in header if heading not in used))

    def count(self, cells: Iterable[str], given: Mapping[str, str] | None = None) -> int:
        """Return how many fields a row of headings would name, which is what tells a header from titles and values."""
        named = {_plain(heading) for heading in (given or {}).values() if heading}
        fields = set()
        for cell in cells:
            if len(cell) > _LONGEST:
                continue
            if _plain(cell) in named:
                fields.add(_plain(cell))
            elif meanings := self._meanings(cell):
                fields.add(meanings[0][0])
        return len(fields)

    def _look_up(self, heading: str) -> list[tuple[str, int, int]]:
        """Return (field, quality, rank) of what a heading may mean."""
        plain = _plain(heading)
        found = [(name, _WHOLE, rank) for name, rank in self._whole.get(plain, ())]
        if found or " " not in plain:
            return found
        # The longer the known heading, the more of this one it explains.
        inside = [(len(part), name, rank) for part, name, rank in self._parts if part in f" {plain} "]
        longest = max((length for length, _, _ in inside), default=0)
        return [(name, _PART, rank) for length, name, rank in inside if length == longest]


def is_in_minutes(heading: str) -> bool:
    """Tell whether a heading says that its numbers are minutes.

    >>> is_in_minutes("Разговор, мин."), is_in_minutes("Разговор (сек)")
    (True, False)
    """
    return _MINUTES.search(heading.casefold()) is not None


def lacks_of_calls(columns: Columns) -> str:
    """Return why a table cannot be one of calls, "" if it can."""
    if not {"started_at", "date"} & set(columns.headings):
        return "has no column with the time of calls"
    if not _OF_CALLS & set(columns.headings) and _OF_ORDERS & set(ORDERS.guess(_all_of(columns)).headings):
        return "is one of orders, not of calls"
    return ""


def lacks_of_orders(columns: Columns) -> str:
    """Return why a table cannot be one of orders, "" if it can."""
    if "created_at" not in columns.headings:
        return "has no column with the time of orders"
    if not _OF_ORDERS & set(columns.headings) and _OF_CALLS & set(CALLS.guess(_all_of(columns)).headings):
        return "is one of calls, not of orders"
    return ""


def _all_of(columns: Columns) -> tuple[str, ...]:
    return (*columns.headings.values(), *columns.unused)


def _find(heading: str, header: Sequence[str]) -> str:
    if heading in header:
        return heading
    alike = [name for name in header if _plain(name) == _plain(heading)]
    if len(alike) == 1:
        return alike[0]
    near = nearest(heading, header)
    raise ColumnError(f"has no column {heading!r}" + (f", did you mean {near!r}?" if near else ""))


def _settle(found: dict[str, str], given: Mapping[str, str]) -> None:
    """Make the fields that stand for others what they are in this table."""
    if "started_at" in found:
        # "Время" beside "Дата и время" is a duration or a copy.
        for name in ("date", "time"):
            if name not in given:
                found.pop(name, None)
    elif ("date" in found) != ("time" in found) and "started_at" not in given:
        found["started_at"] = found.pop("date", "") or found.pop("time")
    if "order_id" not in found and "number" in found and "order_id" not in given:
        found["order_id"] = found.pop("number")


@functools.lru_cache(maxsize=4096)
def _plain(heading: str) -> str:
    """Return a heading in small letters, without marks, brackets and units.

    >>> _plain("Длительность разговора (чч:мм:сс)"), _plain("Ожидание, сек."), _plain("talkTime"), _plain("№ заказа")
    ('длительность разговора', 'ожидание', 'talk time', 'номер заказа')
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:_LONGEST]).casefold().replace("ё", "е")
    # Alone, "№" counts rows; before a word it is one.
    text = re.sub(r"№(?=\s*\w)", "номер ", text)
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)
    text = " ".join(re.sub(r"[^\w₽]+|_", " ", bare if bare.strip() else text).split())
    return _UNIT.sub("", text) or text


CALLS: Final = Dictionary(CALL_HEADINGS)
ORDERS: Final = Dictionary(ORDER_HEADINGS)
_OF_CALLS: Final = {
    "direction",
    "from_phone",
    "to_phone",
    "line_phone",
    "wait_s",
    "talk_s",
    "duration_s",
    "total_s",
    "recording",
}
_OF_ORDERS: Final = {"order_id", "amount", "closed_at"}
