"""Questions about clients who call again, calls handed over, and how many calls an order takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.store.asked import Queries
from callscore.store.orders import ORDERS
from callscore.store.telephony import PERIOD, Window, window_values

__all__ = ["Contacts", "read_contacts"]

# Calls before and after the period decide whether one of the period is a repeat, or was followed by one.
SQL_REPEATS: Final = """
WITH near AS (
    SELECT p.client_phone, p.started_at, p.disposition = 'answered' AS is_answered,
        ($since::TIMESTAMP IS NULL OR p.started_at >= $since::TIMESTAMP)
            AND ($until::TIMESTAMP IS NULL OR p.started_at < $until::TIMESTAMP) AS is_asked
    FROM pbx_calls p WHERE p.direction = 'inbound' AND p.client_phone IS NOT NULL AND p.disposition <> 'blocked'
        AND ($source::VARCHAR IS NULL OR p.source = $source::VARCHAR)
        AND ($since::TIMESTAMP IS NULL OR p.started_at >= $since::TIMESTAMP - to_days($days::INTEGER))
        AND ($until::TIMESTAMP IS NULL OR p.started_at < $until::TIMESTAMP + to_days($days::INTEGER))
), neighbours AS (
    SELECT client_phone, started_at, is_answered, is_asked,
        lag(started_at) OVER of_client AS before_at, lead(started_at) OVER of_client AS next_at
    FROM near WINDOW of_client AS (PARTITION BY client_phone ORDER BY started_at)
), reach AS (
    SELECT min(p.started_at) AS from_at,
        greatest((SELECT max(covered_until) FROM source_progress), max(p.started_at)) AS until_at FROM pbx_calls p
)
SELECT count(*) FILTER (is_asked), count(DISTINCT client_phone) FILTER (is_asked),
    count(*) FILTER (is_asked AND started_at >= from_at + to_days($days::INTEGER)),
    count(*) FILTER (is_asked AND started_at >= from_at + to_days($days::INTEGER)
        AND before_at >= started_at - to_days($days::INTEGER)),
    count(*) FILTER (is_asked AND is_answered AND started_at <= until_at - to_days($days::INTEGER)),
    count(*) FILTER (is_asked AND is_answered AND started_at <= until_at - to_days($days::INTEGER)
        AND coalesce(next_at > started_at + to_days($days::INTEGER), true))
FROM neighbours, reach
"""
SQL_TRANSFERS: Final = f"""
WITH handed AS (
    SELECT source, pbx_call_id, count(*) AS transfers FROM pbx_legs
    WHERE kind LIKE 'transfer%' AND answered_at IS NOT NULL GROUP BY source, pbx_call_id
)
SELECT count(*), coalesce(sum(transfers), 0), count(transfers)
FROM pbx_calls p LEFT JOIN handed USING (source, pbx_call_id)
WHERE p.disposition = 'answered' AND p.direction IN ('inbound', 'callback') AND {PERIOD}
    AND p.source IN (SELECT DISTINCT source FROM pbx_legs)
"""  # noqa: S608 - joins constants only
SQL_PER_ORDER: Final = f"""
WITH {ORDERS}, linked AS (SELECT outcome_id, count(*) AS calls FROM outcome_calls GROUP BY outcome_id)
SELECT count(*) FILTER (is_sale), sum(calls) FILTER (is_sale)
FROM orders JOIN linked USING (outcome_id)
WHERE ($since::TIMESTAMP IS NULL OR created_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR created_at < $until::TIMESTAMP)
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """How often clients have to call.

    `repeats` of `repeat_base` incoming calls came within the days asked for after another of the same client; of
    `first_base` answered ones `first_enough` were not followed by another. Calls too near the edge of what is known count in
    neither base. `transfers` were made in `transfer_base` answered calls, `transferred` of these at least once.
    `order_calls` calls led to `orders` sales.
    """

    calls: int
    clients: int
    repeat_base: int
    repeats: int
    first_base: int
    first_enough: int
    transfer_base: int
    transfers: int
    transferred: int
    orders: int
    order_calls: int


def read_contacts(queries: Queries, window: Window, days: int) -> Contacts:
    """Return how often clients call within `days`, are handed over, and call per order; zeros where there is nothing."""
    between = {name: value for name, value in window_values(window).items() if name != "source"}
    repeats = queries.execute(SQL_REPEATS, {**window_values(window), "days": days}).fetchall()[0]
    transfers = queries.execute(SQL_TRANSFERS, window_values(window)).fetchall()[0]
    orders = queries.execute(SQL_PER_ORDER, between).fetchall()[0]
    return Contacts(
        calls=repeats[0],
        clients=repeats[1],
        repeat_base=repeats[2],
        repeats=repeats[3],
        first_base=repeats[4],
        first_enough=repeats[5],
        transfer_base=transfers[0],
        transfers=int(transfers[1]),
        transferred=transfers[2],
        orders=orders[0],
        order_calls=int(orders[1] or 0),
    )
