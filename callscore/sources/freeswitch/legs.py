"""What one record of FreeSWITCH tells: a leg, which is one party's channel. Records only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.outside.rows import RowError
from callscore.outside.times import from_text

__all__ = ["FsLeg", "FsTalk", "read_stamp"]

# What has no time is written as the beginning of 1970, in the server's zone.
_NEVER: Final = re.compile(r"19(?:69|70)-.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FsTalk:
    """A stretch in which a leg was bridged. `target` is the number of the other end, `uuid` its leg; empty: not known."""

    start: datetime
    end: datetime
    target: str = ""
    uuid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FsLeg:
    """One leg; a text that is not there is empty.

    `is_rich`: from variables, so that the stretches of talk in `talks` are known; else `partner` only tells that there was
    one. `originator` is the leg that made this one, `target` the number dialled last, `line` the one dialled first. `own_phone`
    is what the other end saw as the caller's number. `user` is the account that a phone of ours signed in with. `files` are
    the recordings that the leg made, `is_stereo` whether on two channels; None: not told.
    """

    where: str
    uuid: str
    start: datetime
    end: datetime
    answer: datetime | None
    caller: str = ""
    caller_name: str = ""
    target: str = ""
    line: str = ""
    context: str = ""
    cause: str = ""
    talk_ms: int | None = None
    partner: str = ""
    originator: str = ""
    is_second: bool = False
    is_rich: bool = False
    talks: tuple[FsTalk, ...] = ()
    user: str = ""
    own_phone: str = ""
    queue: str = ""
    agent: str = ""
    cancel_reason: str = ""
    last_app: str = ""
    files: tuple[str, ...] = ()
    is_stereo: bool | None = None
    is_swapped: bool = False


def read_stamp(text: str | None, zone: str, name: str) -> datetime | None:
    """Return the moment of a stamp in the server's zone; None for an empty one, or one of 1970.

    Raises:
        RowError: for what is no time.
    """
    return None if not text or _NEVER.fullmatch(text) else from_text(text, zone, name)


def check_order(start: datetime, end: datetime) -> None:
    """Raise RowError for a leg that ends before it starts."""
    if end < start:
        raise RowError("the leg ends before it starts")
