"""Times of other systems -> aware UTC. Each source says which form its times have."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from callscore.outside.rows import RowError

__all__ = ["from_epoch", "from_text", "later"]

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
_FORMATS: Final = (
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%d.%m.%y %H:%M:%S", "%d.%m.%y %H:%M",
)  # fmt: skip


def from_epoch(value: float | str | None, name: str = "time") -> datetime | None:
    """Return the moment of seconds since 1970 UTC; None, an empty text and 0 mean "did not happen".

    Raises:
        RowError: for what is no number, or a moment before 2000 or after 2100.
    """
    if value is None or value == "":
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RowError(f"{name} is not a time") from None
    if seconds == 0:
        return None
    if not math.isfinite(seconds) or not EARLIEST.timestamp() <= seconds < LATEST.timestamp():
        raise RowError(f"{name} is not a time")
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def from_text(value: str | None, zone: str, name: str = "time") -> datetime | None:
    """Return the moment of a date and time; `zone` is the IANA name for texts without an offset. Empty: None.

    ISO 8601 and the forms with dots and slashes (day first) are read; `0001-01-01T00:00:00` is 1С's "no date".

    >>> from_text("02.03.2026 10:02", "Europe/Moscow")
    datetime.datetime(2026, 3, 2, 7, 2, tzinfo=datetime.timezone.utc)

    Raises:
        RowError: for what is no time, or a moment before 2000 or after 2100.
    """
    text = (value or "").strip()
    if not text or text.startswith(("0001-01-01", "0000-00-00")):
        return None
    at = _parse(text)
    if at is None:
        raise RowError(f"{name} is not a time")
    try:
        at = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (OverflowError, ValueError):
        raise RowError(f"{name} is not a time") from None
    if not EARLIEST <= at < LATEST:
        raise RowError(f"{name} is not a time")
    return at


def later(at: datetime | None, ms: int | None) -> datetime | None:
    """Return the moment `ms` milliseconds after `at`; None where either is unknown."""
    return None if at is None or ms is None else at + timedelta(milliseconds=ms)


def _parse(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for layout in _FORMATS:
        try:
            return datetime.strptime(text, layout)  # noqa: DTZ007 - the zone is added by the caller
        except ValueError:
            continue
    return None
