"""Questions about lines and advertising sources: calls, answers, scores, and the orders that came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.store.asked import Queries
from callscore.store.orders import ORDERS
from callscore.store.telephony import LOCAL, OUT_OF_HOURS, PERIOD, Hours, Window, hour_values, window_values

__all__ = ["LineRow", "read_has_orders", "read_lines"]

# Scores become exact decimals before they are added, so that the sum does not depend on the order of the rows.
SQL_LINES: Final = f"""
WITH {ORDERS}, purposes AS (
    SELECT unnest($line_digits::VARCHAR[]) AS digits, unnest($line_names::VARCHAR[]) AS purpose
), called AS (
    SELECT p.source, p.pbx_call_id, p.call_id, p.did, p.campaign, map_extract(p.utm, 'utm_source')[1] AS origin,
        purpose, p.disposition, p.wait_ms, {LOCAL} AS local_at
    FROM pbx_calls p LEFT JOIN purposes ON digits = regexp_replace(p.did, '\\D', '', 'g')
    WHERE p.direction = 'inbound' AND {PERIOD}
), won AS (
    SELECT j.source, j.pbx_call_id, count(*) FILTER (NOT is_return) AS orders, count(*) FILTER (is_sale) AS sales,
        sum(amount) FILTER (is_sale) AS revenue,
        count(*) FILTER (is_return AND outcome <> 'lost') AS returns,
        sum(amount) FILTER (is_return AND outcome <> 'lost') AS returned
    FROM outcome_calls j JOIN orders USING (outcome_id) WHERE j.place = 0 AND j.pbx_call_id IS NOT NULL
    GROUP BY j.source, j.pbx_call_id
), recorded AS (
    SELECT call_id, source, pbx_call_id FROM called
    UNION ALL
    SELECT r.call_id, r.source, r.pbx_call_id FROM pbx_recordings r WHERE r.recording_no > 0
), scored AS (
    SELECT r.source, r.pbx_call_id, count(s.score) AS n, sum(s.score::DECIMAL(9, 6)) AS total,
        count(s.score_low) AS n_bounds, sum(s.score_low::DECIMAL(9, 6)) AS low,
        sum(s.score_low::DECIMAL(9, 6) * s.score_low::DECIMAL(9, 6)) AS low_squares,
        sum(s.score_high::DECIMAL(9, 6)) AS high,
        sum(s.score_high::DECIMAL(9, 6) * s.score_high::DECIMAL(9, 6)) AS high_squares
    FROM call_scores s JOIN recorded r USING (call_id) GROUP BY r.source, r.pbx_call_id
), every AS (
    SELECT called.*, {OUT_OF_HOURS.format("local_at")} AS out_of_hours, won.* EXCLUDE (source, pbx_call_id),
        scored.* EXCLUDE (source, pbx_call_id)
    FROM called LEFT JOIN won USING (source, pbx_call_id) LEFT JOIN scored USING (source, pbx_call_id)
)
SELECT CASE WHEN grouping(did) = 0 THEN 'line' WHEN grouping(purpose) = 0 THEN 'site'
        WHEN grouping(campaign) = 0 THEN 'campaign' ELSE 'origin' END AS kind,
    coalesce(did, purpose, campaign, origin) AS name, count(*) AS calls,
    count(*) FILTER (disposition = 'answered'),
    count(*) FILTER (disposition NOT IN ('answered', 'unknown') AND NOT out_of_hours),
    count(*) FILTER (disposition NOT IN ('answered', 'unknown') AND out_of_hours),
    median(wait_ms), coalesce(sum(orders), 0), coalesce(sum(sales), 0), count(*) FILTER (sales > 0),
    coalesce(sum(revenue), 0), coalesce(sum(returns), 0), coalesce(sum(returned), 0),
    coalesce(sum(n), 0), coalesce(sum(total), 0), coalesce(sum(n_bounds), 0), coalesce(sum(low), 0),
    coalesce(sum(low_squares), 0), coalesce(sum(high), 0), coalesce(sum(high_squares), 0)
FROM every
GROUP BY GROUPING SETS ((did), (purpose), (campaign), (origin))
HAVING kind = 'line' OR name IS NOT NULL
ORDER BY kind, calls DESC, name NULLS LAST
"""  # noqa: S608 - joins constants only
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
            score_total=float(row[14]),
            bounded=int(row[15]),
            low_total=float(row[16]),
            low_squares=float(row[17]),
            high_total=float(row[18]),
            high_squares=float(row[19]),
        )
        for row in queries.execute(SQL_LINES, values).fetchall()
    )


def read_has_orders(queries: Queries) -> bool:
    """Tell whether any order is stored: without one nothing can be said about sales."""
    return bool(queries.execute(SQL_HAS_ORDERS).fetchall()[0][0])
