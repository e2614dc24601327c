"""Questions about lines and advertising sources: calls, answers, scores, and the orders that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.store.asked import Queries
from callscore.store.orders import ORDERS
from callscore.store.telephony import LOCAL, OUT_OF_HOURS, PERIOD, Hours, Window, hour_values, window_values

__all__ = ["LineRow", "read_has_orders", "read_lines"]

_GROUPS: Final = "GROUP BY GROUPING SETS ((did), (purpose), (campaign), (origin))"
_KIND: Final = """
CASE WHEN grouping(did) = 0 THEN 'line' WHEN grouping(purpose) = 0 THEN 'site' WHEN grouping(campaign) = 0 THEN 'campaign'
    ELSE 'origin' END AS kind, coalesce(did, purpose, campaign, origin) AS name
"""
# Scores are added up per group and not per call first: half a million small groups take longer than all the rest.
SQL_LINES: Final = f"""
WITH {ORDERS}, purposes AS (
    SELECT unnest($line_digits::VARCHAR[]) AS digits, unnest($line_names::VARCHAR[]) AS purpose
), numbers AS (
    SELECT did, any_value(purpose) AS purpose
    FROM (SELECT DISTINCT did FROM pbx_calls) JOIN purposes ON digits = regexp_replace(did, '\\D', '', 'g') GROUP BY did
), called AS (
    SELECT p.source, p.pbx_call_id, p.call_id, p.did, p.campaign, map_extract(p.utm, 'utm_source')[1] AS origin,
        purpose, p.disposition, p.wait_ms, {LOCAL} AS local_at
    FROM pbx_calls p LEFT JOIN numbers USING (did) WHERE p.direction = 'inbound' AND {PERIOD}
), won AS (
    SELECT j.source, j.pbx_call_id, count(*) FILTER (NOT is_return) AS orders, count(*) FILTER (is_sale) AS sales,
        sum(amount) FILTER (is_sale) AS revenue,
        count(*) FILTER (is_return AND outcome <> 'lost') AS returns,
        sum(amount) FILTER (is_return AND outcome <> 'lost') AS returned
    FROM outcome_calls j JOIN orders USING (outcome_id) WHERE j.place = 0 AND j.pbx_call_id IS NOT NULL
    GROUP BY j.source, j.pbx_call_id
), told AS (
    SELECT {_KIND}, count(*) AS calls, count(*) FILTER (disposition = 'answered') AS answered,
        count(*) FILTER (disposition NOT IN ('answered', 'unknown') AND NOT out_of_hours) AS missed,
        count(*) FILTER (disposition NOT IN ('answered', 'unknown') AND out_of_hours) AS missed_out_of_hours,
        median(wait_ms) AS wait_ms, coalesce(sum(orders), 0) AS orders, coalesce(sum(sales), 0) AS sales,
        count(*) FILTER (sales > 0) AS converted, coalesce(sum(revenue), 0) AS revenue,
        coalesce(sum(returns), 0) AS returns, coalesce(sum(returned), 0) AS returned
    FROM (SELECT *, {OUT_OF_HOURS.format("local_at")} AS out_of_hours FROM called)
        LEFT JOIN won USING (source, pbx_call_id) {_GROUPS}
), recorded AS (
    SELECT call_id, did, purpose, campaign, origin FROM called
    UNION ALL
    SELECT r.call_id, did, purpose, campaign, origin FROM pbx_recordings r JOIN called USING (source, pbx_call_id)
    WHERE r.recording_no > 0
), scored AS (
    SELECT {_KIND}, count(score) AS n, sum(score) AS total, count(score_low) AS n_bounds, sum(score_low) AS low,
        sum(score_low * score_low) AS low_squares, sum(score_high) AS high, sum(score_high * score_high) AS high_squares
    FROM call_scores JOIN recorded USING (call_id) {_GROUPS}
)
SELECT t.kind, t.name, calls, answered, missed, missed_out_of_hours, wait_ms, orders, sales, converted, revenue, returns,
    returned, coalesce(n, 0), coalesce(total, 0), coalesce(n_bounds, 0), coalesce(low, 0), coalesce(low_squares, 0),
    coalesce(high, 0), coalesce(high_squares, 0)
FROM told t LEFT JOIN scored s ON s.kind = t.kind AND s.name IS NOT DISTINCT FROM t.name
WHERE t.kind = 'line' OR t.name IS NOT NULL
ORDER BY t.kind, calls DESC, t.name NULLS LAST
"""  # noqa: S608 - joins constants only
# Sums of scores differ in their last bits with the order of the rows, which says nothing.
_DIGITS: Final = 4
SQL_HAS_ORDERS: Final = "SELECT EXISTS (SELECT 1 FROM outcomes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """Incoming calls of a `kind` (line, site, campaign, origin) and name, with scores and orders.

    `converted` calls led to a sale; `sales` and `revenue` are orders won, `returns` and `returned` (negative) those with a
    negative amount. Sums of scores are over calls with a score (`scored`) and with bounds (`bounded`).
    """

    kind: str
    name: str | None
    calls: int
    answered: int
    missed: int
    missed_out_of_hours: int
    median_wait_ms: int | None
    orders: int
    sales: int
    converted: int
    revenue: float
    returns: int
    returned: float
    scored: int
    score_total: float
    bounded: int
    low_total: float
    low_squares: float
    high_total: float
    high_squares: float


def read_lines(queries: Queries, hours: Hours, window: Window, line_names: Sequence[tuple[str, str]]) -> tuple[LineRow, ...]:
    """Return the lines, their purposes (`line_names`: digits and name), campaigns and origins, most calls first."""
    values = {
        **hour_values(hours),
        **window_values(window),
        "line_digits": [digits for digits, _ in line_names],
        "line_names": [name for _, name in line_names],
    }
    return tuple(
        LineRow(
            kind=row[0],
            name=row[1],
            calls=row[2],
            answered=row[3],
            missed=row[4],
            missed_out_of_hours=row[5],
            median_wait_ms=None if row[6] is None else round(row[6]),
            orders=int(row[7]),
            sales=int(row[8]),
            converted=row[9],
            revenue=float(row[10]),
            returns=int(row[11]),
            returned=float(row[12]),
            scored=int(row[13]),
            score_total=round(float(row[14]), _DIGITS),
            bounded=int(row[15]),
            low_total=round(float(row[16]), _DIGITS),
            low_squares=round(float(row[17]), _DIGITS),
            high_total=round(float(row[18]), _DIGITS),
            high_squares=round(float(row[19]), _DIGITS),
        )
        for row in queries.execute(SQL_LINES, values).fetchall()
    )


def read_has_orders(queries: Queries) -> bool:
    """Tell whether any order is stored: without one nothing can be said about sales."""
    return bool(queries.execute(SQL_HAS_ORDERS).fetchall()[0][0])
