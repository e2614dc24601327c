"""What all readers of tables share: lines of cells as text, and the error that says why a table cannot be read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any, Final, NamedTuple

__all__ = ["MAX_CELL", "MAX_COLUMNS", "Line", "TableError", "cell_text", "clock_text"]

MAX_COLUMNS: Final = 2000
MAX_CELL: Final = 32_767
"""Characters; what Excel itself allows."""


class TableError(Exception):
    """A table cannot be read, or not to its end.

    Args:
        reason: in a few words that follow "the table ...".
        hint: what to do; empty if there is nothing.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Line(NamedTuple):
    """One row as it stands in the file, its number from 1; `fault` says why its cells cannot be used."""

    number: int
    cells: Sequence[str]
    fault: str = ""


def cell_text(value: Any) -> str:
    """Return a value of JSON or Parquet as text; whole numbers without a fraction, times as ISO 8601, nothing as "".

    >>> cell_text(79000000101.0), cell_text(None), cell_text(timedelta(seconds=184))
    ('79000000101', '', '0:03:04')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, timedelta):
        return clock_text(value.total_seconds())
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def clock_text(seconds: float) -> str:
    """Return a duration as h:mm:ss, rounded to seconds; hours go on past a day."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
