"""Typed reading of foreign rows: every surprise is a RowError with a reason that repeats nothing personal."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["Fields", "RowError", "clean_text"]

MAX_TEXT: Final = 500
# Halves of surrogate pairs cannot be stored; marks of direction and of no width come with numbers copied from a phone.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


class RowError(Exception):
    """A row cannot be used, for the reason in the message; the rows around it can."""


def clean_text(value: str) -> str:
    r"""Make a foreign text harmless: one line, no control characters, no endless length.

    >>> clean_text(" Анна\n\x00 Соколова ")
    'Анна Соколова'
    """
    if not value.isprintable() or "  " in value:
        value = re.sub(r" {2,}", " ", _CONTROL.sub(" ", value))
    return value.strip()[:MAX_TEXT]


class Fields:
    """A foreign object whose fields may be missing, null, empty, or of another type than promised."""

    __slots__ = ("_row",)

    def __init__(self, row: object) -> None:
        if not isinstance(row, Mapping):
            raise RowError("the row is not an object")
        self._row: Mapping[Any, Any] = row

    def text(self, name: str) -> str | None:
        """Return a text, cleaned; numbers become texts; None where there is none or it is empty."""
        value = self._row.get(name)
        if isinstance(value, bool) or value is None:
            return None
        if isinstance(value, int | float | str):
            return clean_text(str(value)) or None
        raise RowError(f"{name} is not a text")

    def need_text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.text(name)
        if value is None:
            raise RowError(f"{name} is missing")
        return value

    def number(self, name: str) -> float | None:
        """Return a finite number, also from a text such as "12 490,00"; None where there is none."""
        value = self._row.get(name)
        if value is None or value == "" or isinstance(value, bool):
            return None
        if isinstance(value, str):
            value = re.sub(r"\s|\u00a0|\u202f", "", value).replace(",", ".")
        try:
            found = float(value)
        except (TypeError, ValueError, OverflowError):
            raise RowError(f"{name} is not a number") from None
        if not math.isfinite(found):
            raise RowError(f"{name} is not a number")
        return found

    def whole(self, name: str) -> int | None:
        """Return a whole number, a fraction rounded; None where there is none."""
        found = self.number(name)
        return None if found is None else round(found)

    def duration_ms(self, name: str) -> int | None:
        """Return a duration given in seconds as whole milliseconds; None where there is none."""
        found = self.number(name)
        if found is not None and not 0 <= found < 30 * 24 * 3600:
            raise RowError(f"{name} is not a duration")
        return None if found is None else round(found * 1000)

    def flag(self, name: str) -> bool | None:
        """Return a truth value, also from 1, 0, "true", "Y", "да"; None where there is none."""
        value = self._row.get(name)
        if isinstance(value, bool) or value is None:
            return value
        word = str(value).strip().lower()
        if word in ("1", "true", "y", "yes", "да", "истина"):
            return True
        if word in ("0", "false", "n", "no", "нет", "ложь"):
            return False
        if not word:
            return None
        raise RowError(f"{name} is neither true nor false")

    def child(self, name: str) -> Fields | None:
        """Return an inner object; None where there is none (null, an empty text or an empty list)."""
        value = self._row.get(name)
        return None if value in (None, "", [], ()) else Fields(value)

    def children(self, name: str) -> Iterator[Fields]:
        """Yield the inner objects of a list, or of an object keyed by code; nothing where there is none."""
        for value in self._values(name):
            yield Fields(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list, or one text; empty ones are left out."""
        value = self._row.get(name)
        values = [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else self._values(name)
        found = (clean_text(str(item)) for item in values if isinstance(item, str | int | float))
        return tuple(text for text in found if text)

    def raw(self, name: str) -> Any:
        """Return the value as it came."""
        return self._row.get(name)

    def _values(self, name: str) -> list[Any]:
        value = self._row.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, Mapping):
            return list(value.values())
        if isinstance(value, list | tuple):
            return list(value)
        raise RowError(f"{name} is not a list")
