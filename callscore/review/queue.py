"""The queue of the desk: the store's own, less what was dealt with since, each call with the score that stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from callscore.review.entries import AppealDecided, AppealFiled, CallSeen, Entry, VerdictGiven
from callscore.review.journal import Journal
from callscore.review.standing import Criteria, EffectiveScore, effective_score
from callscore.store import StoreReader
from callscore.store.review_queue import (
    QueueFilter,
    QueueNeighbours,
    QueueRow,
    QueueTail,
    ReasonCount,
    read_bare_scores,
    read_folded_until,
    read_neighbours,
    read_queue,
    read_reason_counts,
)

__all__ = [
    "QueueItem",
    "QueuePage",
    "effective_scores",
    "make_tail",
    "queue_neighbours",
    "queue_page",
    "read_tail",
    "reason_counts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """A call of the queue with its scores as they stand; empty where no rubric applied."""

    row: QueueRow
    scores: tuple[EffectiveScore, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage:
    """Some calls of the queue, most urgent first, newest first among equals; `total` counts all of them."""

    items: tuple[QueueItem, ...]
    total: int


def read_tail(reader: StoreReader, journal: Journal) -> tuple[Entry, ...]:
    """Return the entries of the journal that the store does not hold yet, in order."""
    with reader.asking() as queries:
        until = read_folded_until(queries)
    return journal.read(until).entries


def make_tail(entries: Iterable[Entry]) -> QueueTail:
    """Return what entries mean for the queue."""
    items = tuple(entries)
    decided = tuple(entry.appeal_id for entry in items if isinstance(entry, AppealDecided))
    return QueueTail(
        given=tuple((entry.call_id, entry.criterion) for entry in items if isinstance(entry, VerdictGiven)),
        seen=tuple(entry.call_id for entry in items if isinstance(entry, CallSeen)),
        appeals=tuple(
            (entry.call_id, entry.criterion, entry.reason)
            for entry in items
            if isinstance(entry, AppealFiled) and entry.appeal_id not in decided
        ),
        decided=decided,
    )


def queue_page(
    reader: StoreReader, wanted: QueueFilter, tail: Sequence[Entry], entries: Iterable[Entry], criteria: Criteria
) -> QueuePage:
    """Return a page of the queue.

    Args:
        reader: of the published store.
        wanted: which calls, and which page of them.
        tail: entries that the store does not hold yet; see read_tail.
        entries: all entries of the journal in order, for the scores that stand.
        criteria: see StoreReader.criteria.
    """
    with reader.asking() as queries:
        rows = read_queue(queries, wanted, make_tail(tail))
    scores = effective_scores(reader, [row.call_id for row in rows], entries, criteria)
    items = tuple(QueueItem(row=row, scores=scores.get(row.call_id, ())) for row in rows)
    total = rows[0].total if rows else 0
    return QueuePage(items=items, total=total)


def effective_scores(
    reader: StoreReader, call_ids: Sequence[str], entries: Iterable[Entry], criteria: Criteria
) -> dict[str, tuple[EffectiveScore, ...]]:
    """Return the scores of calls as they stand; verdicts are with those that people judged only, without evidence."""
    wanted = frozenset(call_ids)
    given: dict[str, list[Entry]] = {}
    for entry in entries:
        if isinstance(entry, VerdictGiven) and entry.call_id in wanted:
            given.setdefault(entry.call_id, []).append(entry)
    with reader.asking() as queries:
        machine = read_bare_scores(queries, call_ids, given)
    return {
        call_id: tuple(effective_score(score, given.get(call_id, ()), criteria) for score in scores)
        for call_id, scores in machine.items()
    }


def queue_neighbours(reader: StoreReader, wanted: QueueFilter, tail: Sequence[Entry], call_id: str) -> QueueNeighbours:
    """Return what stands before and after a call in the queue, also where it was just dealt with."""
    with reader.asking() as queries:
        return read_neighbours(queries, wanted, make_tail(tail), call_id)


def reason_counts(reader: StoreReader, wanted: QueueFilter, tail: Sequence[Entry]) -> tuple[ReasonCount, ...]:
    """Return how many calls of the queue have each reason."""
    with reader.asking() as queries:
        return read_reason_counts(queries, wanted, make_tail(tail))
