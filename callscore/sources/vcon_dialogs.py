"""The dialogs of a vCon: recordings, attempts and transfers with their parties and the times of their histories. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callscore.outside.rows import Fields
from callscore.outside.times import from_epoch, from_text, later
from callscore.sources.vcon_file import Vcon
from callscore.sources.vcon_parties import party_numbers

__all__ = ["Dialog", "Reading", "iter_dialogs", "moment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How vCons are read: whose calls they are, our own numbers, and whether recordings named by file can be had."""

    account: str
    timezone: str
    region: str
    our_phones: frozenset[str]
    has_audio_folder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """A dialog with its number; `numbers` are its parties, `joined` and `left` the times of the history by party."""

    number: int
    item: Mapping[str, Any]
    kind: str
    start: datetime | None
    duration_ms: int | None
    numbers: tuple[int, ...]
    joined: Mapping[int, datetime]
    left: Mapping[int, datetime]

    @property
    def end(self) -> datetime | None:
        """When it ended."""
        return later(self.start, self.duration_ms)


def iter_dialogs(vcon: Vcon, n_parties: int, reading: Reading) -> Iterator[Dialog]:
    """Yield the dialogs in order, those of unknown kinds as well, because others refer to them by number.

    Raises:
        RowError: for a party that is not there, a time or a duration that is none.
    """
    for number, item in enumerate(vcon.body["dialog"]):
        row = Fields(item)
        kind = (row.text("type") or "").lower()
        joined: dict[int, datetime] = {}
        left: dict[int, datetime] = {}
        for event in row.children("party_history"):
            who = next(party_numbers(event.raw("party"), n_parties), None)
            at = moment(event.raw("time"), reading)
            if who is not None and at is not None:
                if event.text("event") == "join":
                    joined.setdefault(who, at)
                elif event.text("event") == "drop":
                    left[who] = at
        numbers = () if kind == "transfer" else tuple(party_numbers(row.raw("parties"), n_parties))
        yield Dialog(
            number=number,
            item=item,
            kind=kind,
            start=moment(row.raw("start"), reading),
            duration_ms=row.duration_ms("duration"),
            numbers=tuple(dict.fromkeys((*numbers, *joined))),
            joined=joined,
            left=left,
        )


def moment(value: object, reading: Reading) -> datetime | None:
    """Return the moment of a date, aware UTC; None where there is none.

    Raises:
        RowError: for a text that is no date.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return from_epoch(value)
    return from_text(value, reading.timezone) if isinstance(value, str) else None
