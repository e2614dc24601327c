"""What a viewer chose to see in the queue, from an address to records. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

__all__ = ["Chosen", "day_start", "parse_chosen"]

_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Filters as texts, empty for any; days are ISO 8601 in the time zone of reports, `until` is exclusive."""

    operator: str = ""
    since: str = ""
    until: str = ""
    reason: str = ""
    severity: str = ""
    rubric: str = ""
    criterion: str = ""
    unreviewed: bool = False

    @property
    def query(self) -> str:
        """The filters as part of an address."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "unreviewed" and getattr(self, name)}
        return urlencode({**values, "unreviewed": int(self.unreviewed), "filtered": 1})


def parse_chosen(values: Mapping[str, str]) -> Chosen:
    """Return the filters of an address; at first what nobody reviewed is shown.

    >>> parse_chosen({"operator": "anna", "filtered": "1"}).unreviewed
    False
    """
    texts = {
        name: values.get(name, "")[:_LONGEST]
        for name in ("operator", "since", "until", "reason", "severity", "rubric", "criterion")
    }
    return Chosen(**texts, unreviewed="filtered" not in values or values.get("unreviewed") == "1")


def day_start(text: str, timezone: str) -> datetime | None:
    """Return midnight of a day as aware UTC, None for an empty text.

    Raises:
        ValueError: if it is no date.
    """
    if not text:
        return None
    return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(timezone)).astimezone(UTC)
