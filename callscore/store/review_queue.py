"""The queue of calls to listen to: reasons from flags, lost orders and appeals, and which of them people have dealt with.

The store is as of its last publishing; what the journal holds beyond it comes in as QueueTail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callscore.records import CallScore, CriterionResult, DecidedBy, Verdict
from callscore.store.asked import Queries
from callscore.store.assemble import aware_utc
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.queries import RECORDED
from callscore.store.rows import naive_utc

__all__ = [
    "APPEAL",
    "LOST_ORDER",
    "QueueFilter",
    "QueueNeighbours",
    "QueueReason",
    "QueueRow",
    "QueueTail",
    "ReasonCount",
    "read_bare_scores",
    "read_folded_until",
    "read_neighbours",
    "read_queue",
    "read_reason_counts",
]

LOST_ORDER: Final = "lost_order"
APPEAL: Final = "appeal"

# A reason that names a criterion is dealt with by a verdict on it, any other by any verdict or by being done with the call.
_REASONS: Final = f"""
{PEOPLE}, given AS (
    SELECT call_id, criterion FROM reviews
    UNION SELECT unnest($given_calls::VARCHAR[]), unnest($given_criteria::VARCHAR[])
), seen AS (
    SELECT call_id FROM given UNION SELECT call_id FROM calls_seen UNION SELECT unnest($seen::VARCHAR[])
), reasons AS (
    SELECT call_id, reason, severity, criterion, start_ms, end_ms, detail, FALSE AS is_appeal FROM flags
    UNION ALL
    SELECT call_id, '{LOST_ORDER}', 2, NULL, NULL, NULL, max(amount)::VARCHAR, FALSE FROM outcomes
    WHERE outcome = 'lost' AND amount >= $big_order AND call_id IS NOT NULL GROUP BY call_id
    UNION ALL
    SELECT call_id, '{APPEAL}', 3, criterion, NULL, NULL, reason, TRUE FROM appeals
    WHERE state = 'open' AND appeal_id NOT IN (SELECT unnest($decided::VARCHAR[]))
    UNION ALL
    SELECT unnest($appeal_calls::VARCHAR[]), '{APPEAL}', 3, unnest($appeal_criteria::VARCHAR[]), NULL, NULL,
        unnest($appeal_reasons::VARCHAR[]), TRUE
), marked AS (
    SELECT r.* EXCLUDE (is_appeal),
        NOT is_appeal AND CASE WHEN r.criterion IS NULL THEN s.call_id IS NOT NULL ELSE g.call_id IS NOT NULL END AS is_handled
    FROM reasons r LEFT JOIN seen s ON s.call_id = r.call_id
        LEFT JOIN given g ON g.call_id = r.call_id AND g.criterion = r.criterion
), per_call AS (
    SELECT call_id, max(severity) FILTER (NOT is_handled) AS open_severity, max(severity) AS severity, bool_or(
        ($reason::VARCHAR IS NULL OR reason = $reason::VARCHAR) AND severity >= $severity AND NOT ($is_open AND is_handled)
    ) AS is_wanted
    FROM marked GROUP BY call_id
), queue AS (
    SELECT q.call_id, coalesce(q.open_severity, 0) AS urgency, q.severity, q.open_severity IS NOT NULL AS is_open, c.started_at,
        {PERSON} AS person
    FROM per_call q JOIN {RECORDED} c USING (call_id) {WHO}
    WHERE (q.is_wanted OR q.call_id = $here)
        AND ($since::TIMESTAMP IS NULL OR c.started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR c.started_at < $until::TIMESTAMP)
        AND ($operator::VARCHAR IS NULL OR {PERSON} = $operator::VARCHAR OR c.operator = $operator::VARCHAR)
        AND ($rubric::VARCHAR IS NULL OR q.call_id IN (SELECT call_id FROM call_scores WHERE rubric = $rubric::VARCHAR))
        AND ($criterion::VARCHAR IS NULL OR q.call_id IN (
            SELECT call_id FROM verdicts WHERE criterion = $criterion::VARCHAR AND verdict IN ('fail', 'unsure')))
        AND (NOT $is_searched OR q.call_id IN (SELECT unnest($call_ids::VARCHAR[])))
)
"""  # noqa: S608 - joins constants only
_ORDER: Final = "urgency DESC, q.severity DESC, started_at DESC NULLS LAST, call_id"
SQL_QUEUE: Final = f"""
WITH {_REASONS}, page AS (
    SELECT *, count(*) OVER () AS total FROM queue q ORDER BY {_ORDER} LIMIT $limit OFFSET $offset
)
SELECT q.call_id, q.person, q.started_at, q.urgency, q.is_open, q.total, any_value(c.duration_ms), any_value(c.direction),
    any_value(c.call_type), any_value(c.did), list(
        {{'reason': reason, 'severity': m.severity, 'criterion': criterion, 'start_ms': start_ms, 'end_ms': end_ms,
        'detail': detail, 'is_handled': is_handled}}
        ORDER BY is_handled, m.severity DESC, reason, criterion NULLS FIRST, start_ms NULLS FIRST, detail)
FROM page q JOIN calls c USING (call_id) JOIN marked m USING (call_id)
GROUP BY q.call_id, q.person, q.started_at, q.urgency, q.is_open, q.total, q.severity ORDER BY {_ORDER}
"""  # noqa: S608 - joins constants only
SQL_NEIGHBOURS: Final = f"""
WITH {_REASONS}, placed AS (
    SELECT call_id, lag(call_id) OVER w AS previous, lead(call_id) OVER w AS next, row_number() OVER w AS place,
        count(*) OVER () AS total
    FROM queue q WINDOW w AS (ORDER BY {_ORDER})
)
SELECT previous, next, place, total FROM placed WHERE call_id = $here
"""  # noqa: S608 - joins constants only
SQL_REASON_COUNTS: Final = f"""
WITH {_REASONS}
SELECT reason, count(DISTINCT call_id) FROM marked JOIN queue USING (call_id)
WHERE NOT ($is_open AND is_handled) GROUP BY reason ORDER BY max(marked.severity) DESC, count(DISTINCT call_id) DESC, reason
"""  # noqa: S608 - joins constants only
SQL_BARE_SCORES: Final = """
SELECT call_id, rubric, rubric_version, rubric_sha256, points, max_points, score, score_low, score_high, critical_failed,
    n_unsure
FROM call_scores WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[])) ORDER BY rubric, rubric_version
"""
SQL_BARE_VERDICTS: Final = """
SELECT call_id, rubric, rubric_version, criterion, verdict, confidence, points, max_points, critical, decided_by
FROM verdicts WHERE call_id IN (SELECT unnest($call_ids::VARCHAR[])) ORDER BY rubric, rubric_version, criterion_no
"""
SQL_FOLDED_UNTIL: Final = "SELECT coalesce(max(until_byte), 0) FROM review_folds"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which calls of the queue; None: no condition. Times are aware UTC, `until` is exclusive.

    `severity` is the least one, 1..3; `criterion` keeps calls in which it failed or is in doubt; `is_open` those with a reason
    that nobody has dealt with; `call_ids` those found by a search. Orders lost from the amount `big_order` on are a reason.
    """

    since: datetime | None = None
    until: datetime | None = None
    operator: str | None = None
    reason: str | None = None
    severity: int = 1
    criterion: str | None = None
    rubric: str | None = None
    is_open: bool = True
    call_ids: tuple[str, ...] | None = None
    big_order: int = 10_000
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTail:
    """What the journal holds beyond the store: verdicts by call and criterion, calls done with, appeals, answers to them."""

    given: tuple[tuple[str, str], ...] = ()
    seen: tuple[str, ...] = ()
    appeals: tuple[tuple[str, str, str], ...] = ()
    decided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReason:
    """Why a call is in the queue; as Flag, and whether somebody has dealt with it."""

    reason: str
    severity: int
    criterion: str | None
    start_ms: int | None
    end_ms: int | None
    detail: str
    is_handled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """A call of the queue: open reasons first, most severe first; `total` counts the calls of the whole queue."""

    call_id: str
    operator: str | None
    started_at: datetime | None
    urgency: int
    is_open: bool
    total: int
    duration_ms: int | None
    direction: str | None
    call_type: str | None
    did: str | None
    reasons: tuple[QueueReason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNeighbours:
    """The calls before and after one in the queue, its place from 1 and how many there are; itself it may be dealt with."""

    previous: str | None = None
    next: str | None = None
    place: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many calls of the queue have a reason."""

    reason: str
    calls: int


def read_queue(queries: Queries, wanted: QueueFilter, tail: QueueTail) -> tuple[QueueRow, ...]:
    """Return a page of the queue: most urgent first, newest first among equals."""
    values = {**_values(wanted, tail), "limit": wanted.limit, "offset": wanted.offset}
    return tuple(
        QueueRow(
            call_id=row[0],
            operator=row[1],
            started_at=aware_utc(row[2]),
            urgency=row[3],
            is_open=row[4],
            total=row[5],
            duration_ms=row[6],
            direction=row[7],
            call_type=row[8],
            did=row[9],
            reasons=tuple(QueueReason(**reason) for reason in row[10]),
        )
        for row in queries.execute(SQL_QUEUE, values).fetchall()
    )


def read_neighbours(queries: Queries, wanted: QueueFilter, tail: QueueTail, call_id: str) -> QueueNeighbours:
    """Return what stands before and after a call in the queue."""
    rows = queries.execute(SQL_NEIGHBOURS, {**_values(wanted, tail), "here": call_id}).fetchall()
    if not rows:
        return QueueNeighbours()
    return QueueNeighbours(previous=rows[0][0], next=rows[0][1], place=rows[0][2], total=rows[0][3])


def read_reason_counts(queries: Queries, wanted: QueueFilter, tail: QueueTail) -> tuple[ReasonCount, ...]:
    """Return how many calls of the queue have each reason, most severe reasons first."""
    rows = queries.execute(SQL_REASON_COUNTS, _values(wanted, tail)).fetchall()
    return tuple(ReasonCount(reason=row[0], calls=row[1]) for row in rows)


def read_bare_scores(
    queries: Queries, call_ids: Sequence[str], judged: Collection[str] = ()
) -> dict[str, tuple[CallScore, ...]]:
    """Return the machine's scores of calls; those of `judged` with their verdicts, without evidence and reasons."""
    results: dict[tuple[str, str, int], list[CriterionResult]] = {}
    if judged:
        for row in queries.execute(SQL_BARE_VERDICTS, {"call_ids": list(judged)}).fetchall():
            results.setdefault(row[:3], []).append(_bare_result(row[3:]))
    found: dict[str, list[CallScore]] = {}
    for row in queries.execute(SQL_BARE_SCORES, {"call_ids": list(call_ids)}).fetchall():
        found.setdefault(row[0], []).append(
            CallScore(
                rubric=row[1],
                rubric_version=row[2],
                rubric_sha256=row[3],
                results=tuple(results.get(row[:3], ())),
                points=row[4],
                max_points=row[5],
                score=row[6],
                score_low=row[7],
                score_high=row[8],
                critical_failed=row[9],
                n_unsure=row[10],
            )
        )
    return {call_id: tuple(scores) for call_id, scores in found.items()}


def read_folded_until(queries: Queries) -> int:
    """Return how many bytes of the journal the store holds already."""
    return int(queries.execute(SQL_FOLDED_UNTIL).fetchall()[0][0])


def _bare_result(row: Sequence[Any]) -> CriterionResult:
    return CriterionResult(
        criterion=row[0],
        verdict=Verdict(row[1]),
        confidence=row[2],
        points=row[3],
        max_points=row[4],
        critical=row[5],
        evidence=(),
        reason="",
        decided_by=DecidedBy(row[6]),
    )


def _values(wanted: QueueFilter, tail: QueueTail) -> dict[str, object]:
    return {
        "since": naive_utc(wanted.since),
        "until": naive_utc(wanted.until),
        "operator": wanted.operator,
        "reason": wanted.reason,
        "severity": wanted.severity,
        "criterion": wanted.criterion,
        "rubric": wanted.rubric,
        "is_open": wanted.is_open,
        "is_searched": wanted.call_ids is not None,
        "call_ids": list(wanted.call_ids or ()),
        "big_order": wanted.big_order,
        "here": None,
        "given_calls": [call_id for call_id, _ in tail.given],
        "given_criteria": [criterion for _, criterion in tail.given],
        "seen": list(tail.seen),
        "appeal_calls": [call_id for call_id, _, _ in tail.appeals],
        "appeal_criteria": [criterion for _, criterion, _ in tail.appeals],
        "appeal_reasons": [reason for _, _, reason in tail.appeals],
        "decided": list(tail.decided),
    }
