"""How long the parts of a call lasted and how it ended, by what a table says of it and what follows from that. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from callscore.outside.times import later
from callscore.records import Direction, Disposition
from callscore.sources.call_words import parse_disposition

__all__ = ["TALKS", "Times", "decide_disposition", "settle"]

TALKS: Final = (Disposition.ANSWERED, Disposition.VOICEMAIL, Disposition.UNKNOWN)
"""Dispositions with which a call may hold a talk."""


class Times(NamedTuple):
    """What a row says; `talk_is_guess`: only how long the call was."""

    wait_ms: int | None
    ring_ms: int | None
    talk_ms: int | None
    total_ms: int | None
    talk_is_guess: bool
    answered_at: datetime | None
    ended_at: datetime | None


def decide_disposition(way: str, word: str, direction: Direction | None, talk_ms: int | None) -> Disposition:
    """Return how a call ended: by the word for it, by that for the direction ("пропущенный"), by the talk."""
    if word:
        return parse_disposition(word, direction)
    found = parse_disposition(way, direction)
    if found is not Disposition.UNKNOWN or talk_ms is None:
        return found
    if talk_ms > 0:
        return Disposition.ANSWERED
    return Disposition.ABANDONED if direction is Direction.INBOUND else Disposition.NO_ANSWER


def settle(times: Times, disposition: Disposition, direction: Direction | None, started_at: datetime) -> Times:
    """Return the times with what follows from others."""
    wait_ms, ring_ms, talk_ms, total_ms, is_guess, answered_at, ended_at = times
    if disposition not in TALKS:
        if is_guess:
            # What lasted was no talk; who called in vain waited as long.
            total_ms = talk_ms if total_ms is None else total_ms
            wait_ms = total_ms if wait_ms is None and direction is Direction.INBOUND else wait_ms
            talk_ms = 0
        return Times(wait_ms, ring_ms, talk_ms, total_ms, is_guess, None, ended_at or later(started_at, total_ms))
    if talk_ms is None:
        talk_ms = _between(answered_at, ended_at)
    if answered_at is None and disposition is Disposition.ANSWERED:
        answered_at = later(started_at, wait_ms)
    ended_at = ended_at or later(answered_at, talk_ms) or later(started_at, total_ms)
    if total_ms is None:
        total_ms = _between(started_at, ended_at)
    return Times(wait_ms, ring_ms, talk_ms, total_ms, is_guess, answered_at, ended_at)


def _between(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None or end < start else round((end - start).total_seconds() * 1000)
