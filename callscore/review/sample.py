"""Calls drawn by lot for review, so that rates of mistakes are honest: each is as likely, whatever the machine said of it."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from callscore.errors import NothingToDoError
from callscore.records import CallScore, Verdict
from callscore.review.entries import Entry, SampleDrawn, VerdictGiven
from callscore.review.journal import new_id
from callscore.store import StoreReader
from callscore.store.review_queue import read_bare_scores
from callscore.store.review_sample import SampleFilter, read_population

__all__ = ["SampleCall", "SampleWanted", "draw", "draw_sample", "sample_progress", "sample_size"]

_NORMAL = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWanted:
    """What to draw: from which calls, and either how precise (0..1, half of the 95 % interval of a share) or how many."""

    calls: SampleFilter
    half_width: float | None = 0.05
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCall:
    """A drawn call: criteria that need a person's verdict, and how many have one. `is_gone`: it is no longer stored.

    `is_done`: all have one, at least one of them given to the call as part of a random sample.
    """

    call_id: str
    asked: int
    answered: int
    is_done: bool
    is_gone: bool


def sample_size(population: int, half_width: float, share: float = 0.5) -> int:
    """Return how many calls tell a share of them to within `half_width`, in 95 of 100 samples.

    Cochran, Sampling Techniques, 3rd edition 1977, sections 4.4 and 4.5: for the worst share of one half unless a nearer one is
    known, less where the sample is a good part of all calls.

    >>> sample_size(200_000, 0.05), sample_size(500, 0.05), sample_size(40, 0.05)
    (384, 218, 37)

    Raises:
        ValueError: if a half width or a share cannot be.
    """
    if not 0 < half_width <= 0.5 or not 0 < share < 1:
        raise ValueError(f"half_width must be above 0 and at most 0.5, share within 0..1, got {half_width!r}, {share!r}")
    if population <= 0:
        return 0
    endless = _NORMAL**2 * share * (1 - share) / half_width**2
    return min(population, math.ceil(endless / (1 + (endless - 1) / population)))


def draw_sample(calls: Iterable[tuple[str, str | None]], number: int, seed: int) -> tuple[str, ...]:
    """Draw calls, given as id and operator, and return their ids in the order to review them.

    Systematic sampling over the calls of one operator after the other (Cochran 1977, chapter 8): every call is drawn with
    exactly the same probability, and every operator has the calls that are the operator's share, rounded up or down. The order
    is by lot too, so that whoever stops half-way has reviewed a random sample. The same seed and calls give the same sample.
    """
    ordered = sorted(calls, key=lambda call: (call[1] is not None, call[1] or "", _lot(seed, "place", call[0]), call[0]))
    population = len(ordered)
    number = max(0, min(number, population))
    start = _lot(seed, "start", "") % max(1, population)
    picked = (ordered[place][0] for place in pick_places(population, number, start))
    return tuple(sorted(picked, key=lambda call_id: (_lot(seed, "order", call_id), call_id)))


def pick_places(population: int, number: int, start: int) -> tuple[int, ...]:
    """Return `number` places of 0..population-1 in equal steps from `start`, itself 0..population-1.

    >>> pick_places(10, 4, 0), pick_places(10, 4, 9)
    ((0, 2, 5, 7), (2, 4, 7, 9))
    """
    return tuple((step * population + start) // number for step in range(number))


def draw(reader: StoreReader, wanted: SampleWanted, *, who: str, now: datetime, seed: int | None = None) -> SampleDrawn:
    """Draw a sample from the store; the entry that is returned is to be written to the journal, or it counts for nothing.

    Raises:
        NothingToDoError: if there is no such call.
    """
    with reader.asking() as queries:
        population = read_population(queries, wanted.calls)
    if not population:
        raise NothingToDoError("there is no scored call to draw from", hint="choose other dates or another rubric")
    size = wanted.number if wanted.number is not None else sample_size(len(population), wanted.half_width or 0.05)
    seed = secrets.randbits(48) if seed is None else seed
    return SampleDrawn(
        id=new_id(),
        at=now,
        who=who,
        sample_id=new_id(),
        rubric=wanted.calls.rubric or "",
        since=wanted.calls.since,
        until=wanted.calls.until,
        half_width=None if wanted.number is not None else wanted.half_width,
        seed=seed,
        population=len(population),
        call_ids=draw_sample(population, max(1, size), seed),
    )


def sample_progress(reader: StoreReader, sample: SampleDrawn, entries: Iterable[Entry]) -> tuple[SampleCall, ...]:
    """Return the calls of a sample in the order to review them, each with what is still to be judged.

    A call counts once every criterion that the machine did not find na has a person's verdict under the version that is stored.
    """
    given: dict[str, list[VerdictGiven]] = {call_id: [] for call_id in sample.call_ids}
    for entry in entries:
        if isinstance(entry, VerdictGiven) and entry.call_id in given:
            given[entry.call_id].append(entry)
    with reader.asking() as queries:
        scores = read_bare_scores(queries, sample.call_ids, sample.call_ids)
    return tuple(_progress(call_id, scores.get(call_id), given[call_id], sample.rubric) for call_id in sample.call_ids)


def _progress(call_id: str, scores: Sequence[CallScore] | None, given: Sequence[VerdictGiven], rubric: str) -> SampleCall:
    judged = {(entry.rubric, entry.rubric_version, entry.criterion) for entry in given}
    asked = [
        (score.rubric, score.rubric_version, result.criterion)
        for score in scores or ()
        for result in score.results
        if rubric in ("", score.rubric) and result.verdict is not Verdict.NA
    ]
    answered = sum(key in judged for key in asked)
    is_drawn = any(entry.sample == "random" for entry in given)
    return SampleCall(
        call_id=call_id,
        asked=len(asked),
        answered=answered,
        is_done=is_drawn and answered == len(asked),
        is_gone=scores is None,
    )


def _lot(seed: int, purpose: str, call_id: str) -> int:
    """Return a number 0..2**64-1 that follows from the seed and nothing else; not from this version of Python."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{purpose}:{call_id}".encode("utf-8", "surrogatepass")).digest()[:8], "big")
