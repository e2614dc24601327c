"""What telephony and CRM systems know, on its way into the store and out of it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from callscore.records import CallLeg, CallRecord, Direction, OrderRecord
from callscore.store.assemble import aware_utc
from callscore.store.rows import Row, naive_utc

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "Feed",
    "FeedBatch",
    "FeedProgress",
    "FetchState",
    "JoinRow",
    "JoinableCall",
    "JoinableOrder",
    "KnownRecording",
    "read_joinable",
    "read_progress",
    "read_recordings",
    "write_batch",
    "write_fetch",
    "write_joins",
]

Insert = Callable[[str, Sequence[Row]], None]

SQL_TAKEN: Final = """
SELECT b.key, k.call_id AS known,
    EXISTS (SELECT 1 FROM pbx_calls o WHERE o.call_id = b.key AND o.source <> $source)
    OR EXISTS (SELECT 1 FROM calls c WHERE c.call_id = b.key AND c.source <> $source) AS taken
FROM unnest($keys::VARCHAR[]) AS b(key)
LEFT JOIN pbx_calls k ON k.source = $source AND k.pbx_call_id = b.key
"""
SQL_FETCHED: Final = """
SELECT pbx_call_id, rec_id, status, path, reason, attempts FROM pbx_recordings
WHERE source = $source AND pbx_call_id IN (SELECT unnest($keys::VARCHAR[]))
"""
SQL_DELETE: Final = "DELETE FROM {table} WHERE source = $source AND pbx_call_id IN (SELECT unnest($keys::VARCHAR[]))"
SQL_KNOWN_ORDERS: Final = """
SELECT b.key, k.outcome_id, EXISTS (SELECT 1 FROM outcomes o WHERE o.outcome_id = b.key AND o.source <> $source)
FROM unnest($keys::VARCHAR[]) AS b(key) LEFT JOIN outcomes k ON k.source = $source AND k.order_id = b.key
"""
SQL_DELETE_ORDERS: Final = "DELETE FROM outcomes WHERE outcome_id IN (SELECT unnest($keys::VARCHAR[]))"
SQL_PROGRESS: Final = "SELECT covered_until FROM source_progress WHERE source = $source"
SQL_SAVE_PROGRESS: Final = """
INSERT INTO source_progress VALUES ($source, $kind, $until, $at, $error)
ON CONFLICT (source) DO UPDATE SET kind = excluded.kind, read_at = excluded.read_at, error = excluded.error,
    covered_until = greatest(covered_until, excluded.covered_until)
"""
SQL_OLDEST_WANTED: Final = """
SELECT min(c.started_at) FROM pbx_recordings r JOIN pbx_calls c USING (source, pbx_call_id)
WHERE r.source = $source AND r.status = 'wanted' AND c.started_at >= $since::TIMESTAMP
"""
SQL_DELETE_REJECTS: Final = "DELETE FROM source_rejects WHERE source = $source AND place IN (SELECT unnest($keys::VARCHAR[]))"
SQL_RECORDINGS: Final = """
SELECT r.pbx_call_id, r.recording_no, r.rec_id, r.call_id, r.leg_no, r.client_channel, r.status, r.path, r.attempts,
    c.started_at, c.direction, c.client_phone, c.did, c.queue, c.wait_ms,
    coalesce(l.operator, c.operator), coalesce(l.extension, c.extension), coalesce(l.operator_id, c.operator_id),
    n.extension, n.operator
FROM pbx_recordings r JOIN pbx_calls c USING (source, pbx_call_id)
LEFT JOIN pbx_legs l ON l.source = r.source AND l.pbx_call_id = r.pbx_call_id AND l.leg_no = r.leg_no
LEFT JOIN pbx_legs n ON n.source = r.source AND n.pbx_call_id = r.pbx_call_id AND n.leg_no = (
    SELECT min(x.leg_no) FROM pbx_legs x WHERE x.source = r.source AND x.pbx_call_id = r.pbx_call_id
        AND x.leg_no > coalesce(r.leg_no, 0) AND x.kind LIKE 'transfer%' AND x.answered_at IS NOT NULL)
WHERE r.source = $source AND c.started_at >= $since::TIMESTAMP
ORDER BY c.started_at, r.pbx_call_id, r.recording_no
"""
SQL_JOIN_ORDERS: Final = """
SELECT outcome_id, created_at, closed_at, coalesce(client_phones, [client_phone]), coalesce(crm_call_ids, [])
FROM outcomes WHERE created_at IS NOT NULL ORDER BY created_at, outcome_id
"""
# Only calls that share a number's last ten digits or an id with some order: there may be a hundred calls for each of those.
SQL_JOIN_CALLS: Final = """
WITH phones AS (
    SELECT DISTINCT right(regexp_replace(unnest(coalesce(client_phones, [client_phone])), '\\D', '', 'g'), 10) AS digits
    FROM outcomes
), ids AS (SELECT DISTINCT unnest(crm_call_ids) AS id FROM outcomes),
known AS (
    SELECT source, pbx_call_id, call_id, list_concat([pbx_call_id], linked_ids) AS ids, started_at, client_phone
    FROM pbx_calls WHERE direction IS DISTINCT FROM 'internal'
    UNION ALL
    SELECT source, NULL, call_id, [call_id], started_at, client_phone FROM calls c
    WHERE started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pbx_recordings r WHERE r.call_id = c.call_id)
)
SELECT source, pbx_call_id, call_id, ids, started_at, client_phone FROM known
WHERE right(regexp_replace(client_phone, '\\D', '', 'g'), 10) IN (SELECT digits FROM phones WHERE length(digits) = 10)
    OR list_has_any(ids, (SELECT coalesce(list(id), []) FROM ids))
ORDER BY started_at, source, call_id
"""
SQL_SAVE_FETCH: Final = """
UPDATE pbx_recordings SET status = $status, path = $path, reason = $reason, attempts = attempts + $tries
WHERE source = $source AND pbx_call_id = $call AND recording_no = $number
"""
SQL_CLEAR_JOINS: Final = "DELETE FROM outcome_calls"
SQL_SET_JOIN: Final = """
UPDATE outcomes SET call_id = batch.call_id, join_rule = batch.join_rule, join_certainty = batch.join_certainty
FROM batch WHERE outcomes.outcome_id = batch.outcome_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A configured source: its name and the kind of system."""

    source: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedBatch:
    """What one page of a source gave; `rejects` are pairs of place and reason; `covered_until` moves the watermark."""

    feed: Feed
    at: datetime
    calls: tuple[CallRecord, ...] = ()
    orders: tuple[OrderRecord, ...] = ()
    rejects: tuple[tuple[str, str], ...] = ()
    covered_until: datetime | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedProgress:
    """How far a source was read, and the start of the oldest call whose recording is still wanted."""

    covered_until: datetime | None
    oldest_wanted: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchState:
    """What became of an attempt to fetch a recording: `status` is fetched, wanted or missing."""

    source: str
    pbx_call_id: str
    recording_no: int
    status: str
    path: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecording:
    """A recording that a source named, with what is known of its part of the call."""

    pbx_call_id: str
    recording_no: int
    rec_id: str
    call_id: str
    leg_no: int | None
    client_channel: int | None
    status: str
    path: str | None
    attempts: int
    started_at: datetime
    direction: Direction | None
    client_phone: str | None
    did: str | None
    queue: str | None
    wait_ms: int | None
    operator: str | None
    extension: str | None
    transferred_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRow:
    """A call that led to an order, as the store keeps it."""

    outcome_id: str
    source: str
    pbx_call_id: str | None
    call_id: str
    place: int
    rule: str
    certainty: str
    gap_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinableCall:
    """What joining needs of a call; `ids` are its id and all others under which the talk is known."""

    source: str
    pbx_call_id: str | None
    call_id: str
    ids: tuple[str, ...]
    started_at: datetime
    client_phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinableOrder:
    """What joining needs of an order; `closed_at` None: open."""

    outcome_id: str
    created_at: datetime
    closed_at: datetime | None
    phones: tuple[str, ...]
    call_ids: tuple[str, ...]


def write_batch(connection: duckdb.DuckDBPyConnection, insert: Insert, batch: FeedBatch) -> None:
    """Put the calls and orders of a page in place of what was known of them, and move the watermark."""
    # A page may hold a record twice; the later state counts.
    calls = {call.call_id: call for call in batch.calls}
    orders = {order.order_id: order for order in batch.orders}
    source = batch.feed.source
    if calls:
        _write_calls(connection, insert, batch.feed, list(calls.values()))
    if orders:
        _write_orders(connection, insert, batch.feed, list(orders.values()))
    if batch.rejects:
        places = dict(batch.rejects)
        connection.execute(SQL_DELETE_REJECTS, {"source": source, "keys": list(places)})
        seen = naive_utc(batch.at)
        insert(
            "source_rejects",
            [{"source": source, "place": place, "reason": reason, "seen_at": seen} for place, reason in places.items()],
        )
    values = {"source": source, "kind": batch.feed.kind, "at": naive_utc(batch.at), "error": batch.error}
    connection.execute(SQL_SAVE_PROGRESS, {**values, "until": naive_utc(batch.covered_until)})


def write_fetch(connection: duckdb.DuckDBPyConnection, state: FetchState) -> None:
    """Note what became of an attempt to fetch a recording."""
    connection.execute(
        SQL_SAVE_FETCH,
        {
            "status": state.status,
            "path": state.path,
            "reason": state.reason,
            "tries": 0 if state.status == "fetched" else 1,
            "source": state.source,
            "call": state.pbx_call_id,
            "number": state.recording_no,
        },
    )


def write_joins(
    connection: duckdb.DuckDBPyConnection, insert: Insert, rows: Sequence[JoinRow], reasons: Iterable[tuple[str, str]]
) -> None:
    """Replace all joins: `rows` for orders with calls, `reasons` (outcome id, why) for those without."""
    import pyarrow as pa  # a third of a second that reading commands need not pay

    connection.execute(SQL_CLEAR_JOINS)
    insert("outcome_calls", [{name: getattr(row, name) for name in JoinRow.__slots__} for row in rows])
    chosen: list[dict[str, str | None]] = [
        {"outcome_id": row.outcome_id, "call_id": row.call_id, "join_rule": row.rule, "join_certainty": row.certainty}
        for row in rows
        if row.place == 0
    ]
    chosen += [
        {"outcome_id": outcome_id, "call_id": None, "join_rule": reason, "join_certainty": None}
        for outcome_id, reason in reasons
    ]
    if not chosen:
        return
    names = ("outcome_id", "call_id", "join_rule", "join_certainty")
    connection.register("batch", pa.Table.from_pylist(chosen, schema=pa.schema([(name, pa.string()) for name in names])))
    try:
        connection.execute(SQL_SET_JOIN)
    finally:
        connection.unregister("batch")


def read_progress(connection: duckdb.DuckDBPyConnection, source: str, since: datetime) -> FeedProgress:
    """Return how far a source was read; recordings wanted since `since` count."""
    rows = connection.execute(SQL_PROGRESS, {"source": source}).fetchall()
    wanted = connection.execute(SQL_OLDEST_WANTED, {"source": source, "since": naive_utc(since)}).fetchall()
    return FeedProgress(covered_until=aware_utc(rows[0][0]) if rows else None, oldest_wanted=aware_utc(wanted[0][0]))


def read_joinable(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[JoinableOrder, ...], tuple[JoinableCall, ...]]:
    """Return every order, and the calls that share a number or an id with one, oldest first."""
    orders = tuple(
        JoinableOrder(
            outcome_id=row[0],
            created_at=row[1].replace(tzinfo=UTC),
            closed_at=aware_utc(row[2]),
            phones=tuple(filter(None, row[3])),
            call_ids=tuple(row[4]),
        )
        for row in connection.execute(SQL_JOIN_ORDERS).fetchall()
    )
    calls = tuple(
        JoinableCall(
            source=row[0],
            pbx_call_id=row[1],
            call_id=row[2],
            ids=tuple(row[3]),
            started_at=row[4].replace(tzinfo=UTC),
            client_phone=row[5],
        )
        for row in connection.execute(SQL_JOIN_CALLS).fetchall()
    )
    return orders, calls


def read_recordings(connection: duckdb.DuckDBPyConnection, source: str, since: datetime) -> Iterator[KnownRecording]:
    """Yield the recordings of the calls that started at or after `since`, in order of start."""
    for row in connection.execute(SQL_RECORDINGS, {"source": source, "since": naive_utc(since)}).fetchall():
        started = aware_utc(row[9])
        if started is None:
            continue
        yield KnownRecording(
            pbx_call_id=row[0],
            recording_no=row[1],
            rec_id=row[2],
            call_id=row[3],
            leg_no=row[4],
            client_channel=row[5],
            status=row[6],
            path=row[7],
            attempts=row[8],
            started_at=started,
            direction=Direction(row[10]) if row[10] else None,
            client_phone=row[11],
            did=row[12],
            queue=row[13],
            wait_ms=row[14],
            operator=row[15] or row[16] or row[17],
            extension=row[16],
            transferred_to=row[18] or row[19],
        )


def _write_calls(connection: duckdb.DuckDBPyConnection, insert: Insert, feed: Feed, calls: Sequence[CallRecord]) -> None:
    keys = {"source": feed.source, "keys": [call.call_id for call in calls]}
    ids = {
        key: known or (f"{key}@{feed.source}" if taken else key)
        for key, known, taken in connection.execute(SQL_TAKEN, keys).fetchall()
    }
    states = {(row[0], row[1]): row[2:] for row in connection.execute(SQL_FETCHED, keys).fetchall()}
    for table in ("pbx_calls", "pbx_legs", "pbx_recordings"):
        connection.execute(SQL_DELETE.format(table=table), keys)
    insert("pbx_calls", [_call_row(feed, ids[call.call_id], call) for call in calls])
    insert("pbx_legs", [_leg_row(feed, call, number, leg) for call in calls for number, leg in enumerate(call.legs)])
    insert("pbx_recordings", [row for call in calls for row in _recording_rows(feed, ids[call.call_id], call, states)])


def _call_row(feed: Feed, call_id: str, call: CallRecord) -> Row:
    same = ("client_phone", "operator_id", "extension", "queue", "missed_reason", "campaign", "visitor_id", "session_id")
    return {
        **{name: getattr(call, name) for name in (*same, "wait_ms", "ring_ms", "talk_ms", "total_ms", "direction")},
        **{name: naive_utc(getattr(call, name)) for name in ("started_at", "answered_at", "ended_at")},
        "source": feed.source,
        "pbx_call_id": call.call_id,
        "call_id": call_id,
        "kind": feed.kind,
        "linked_ids": list(call.linked_ids),
        "disposition": call.disposition,
        "did": call.line_phone,
        "operator": call.operator_name,
        "tags": list(call.tags),
        "utm": list(call.utm) or None,
        "n_recordings": len(call.recordings),
    }


def _leg_row(feed: Feed, call: CallRecord, number: int, leg: CallLeg) -> Row:
    return {
        "source": feed.source,
        "pbx_call_id": call.call_id,
        "leg_no": number,
        "kind": leg.kind,
        "operator_id": leg.operator_id,
        "operator": leg.operator_name,
        "extension": leg.extension,
        **{name: naive_utc(getattr(leg, name)) for name in ("offered_at", "answered_at", "ended_at")},
        "result": leg.result,
    }


def _recording_rows(
    feed: Feed, call_id: str, call: CallRecord, states: dict[tuple[str, str], tuple[object, ...]]
) -> Iterator[Row]:
    for number, recording in enumerate(call.recordings):
        status, path, reason, attempts = states.get((call.call_id, recording.rec_id), ("wanted", None, None, 0))
        yield {
            "source": feed.source,
            "pbx_call_id": call.call_id,
            "recording_no": number,
            "rec_id": recording.rec_id,
            "call_id": call_id if number == 0 else f"{call_id}+{number + 1}",
            "leg_no": recording.leg,
            "client_channel": recording.client_channel,
            "status": status,
            "path": path,
            "reason": reason,
            "attempts": attempts,
        }


def _write_orders(connection: duckdb.DuckDBPyConnection, insert: Insert, feed: Feed, orders: Sequence[OrderRecord]) -> None:
    keys = [order.order_id for order in orders]
    found = connection.execute(SQL_KNOWN_ORDERS, {"source": feed.source, "keys": keys}).fetchall()
    ids = {key: known or (f"{key}@{feed.source}" if taken else key) for key, known, taken in found}
    connection.execute(SQL_DELETE_ORDERS, {"keys": list(ids.values())})
    insert("outcomes", [_order_row(feed, ids[order.order_id], order) for order in orders])


def _order_row(feed: Feed, outcome_id: str, order: OrderRecord) -> Row:
    return {
        "outcome_id": outcome_id,
        "source": feed.source,
        "order_id": order.order_id,
        "kind": feed.kind,
        "client_phone": order.client_phones[0] if order.client_phones else None,
        "client_phones": list(order.client_phones),
        "client_id": order.client_id,
        "operator": order.responsible_name or order.responsible_id,
        "operator_id": order.responsible_id,
        "status": order.status_raw,
        "outcome": order.outcome,
        "number": order.number,
        "amount": None if order.amount is None else Decimal(str(round(order.amount, 2))),
        "currency": order.currency,
        "created_at": naive_utc(order.created_at),
        "closed_at": naive_utc(order.closed_at),
        "closed_at_is_estimate": order.closed_at_is_estimate,
        "crm_call_ids": list(order.call_ids),
        "utm": list(order.utm) or None,
    }
