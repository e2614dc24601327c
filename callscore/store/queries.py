"""SQL that readers share, and the sums behind operator scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from callscore.store.asked import Queries
from callscore.store.entries import CallFilter, OperatorSums
from callscore.store.open import store_errors
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.rows import naive_utc

__all__ = ["CALL_CONDITION", "PLACED_SCORES", "RECORDED", "fetch_operator_sums", "filter_values", "read_reach"]

_BETWEEN: Final = """
    ($since::TIMESTAMP IS NULL OR c.started_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR c.started_at < $until::TIMESTAMP)
"""
SQL_REACH: Final = """
SELECT min(first_at), max(last_at) FROM (
    SELECT min(started_at) AS first_at, max(started_at) AS last_at FROM calls
    UNION ALL SELECT min(started_at), max(started_at) FROM pbx_calls
)
"""
CALL_CONDITION: Final = f"""
    {_BETWEEN}
    AND ($operator::VARCHAR IS NULL OR c.operator = $operator::VARCHAR)
    AND ($call_id::VARCHAR IS NULL OR c.call_id = $call_id::VARCHAR)
"""

# Recordings name no operator's id; the shop's list is asked by name and extension.
RECORDED: Final = "(SELECT *, NULL::VARCHAR AS operator_id FROM calls)"
# Every score once per kind of period that is asked for. Scores become exact decimals before they are added, so that the sum
# does not depend on the order of the rows: a run that was interrupted stores its calls in another order and must end with the
# same table.
PLACED_SCORES: Final = f"""
{PEOPLE}, scored AS (
    SELECT {PERSON} AS operator, c.call_type, c.did, s.rubric, s.rubric_version, s.critical_failed, s.n_verdicts, s.n_unsure,
        s.score::DECIMAL(9, 6) AS score, s.score_low::DECIMAL(9, 6) AS low, s.score_high::DECIMAL(9, 6) AS high,
        (c.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone AS local_at
    FROM call_scores s JOIN {RECORDED} c USING (call_id) {WHO}
    WHERE ($rubric::VARCHAR IS NULL OR s.rubric = $rubric::VARCHAR) AND {_BETWEEN}
        AND ($operator::VARCHAR IS NULL OR {PERSON} = $operator::VARCHAR OR c.operator = $operator::VARCHAR)
        AND ($call_id::VARCHAR IS NULL OR c.call_id = $call_id::VARCHAR)
), placed AS (
    SELECT scored.*, kind,
        CASE kind
            WHEN 'day' THEN strftime(local_at, '%Y-%m-%d')
            WHEN 'week' THEN strftime(local_at, '%G-W%V')
            WHEN 'month' THEN strftime(local_at, '%Y-%m')
            ELSE 'all' END AS period,
        CASE kind
            WHEN 'day' THEN local_at::DATE
            WHEN 'week' THEN date_trunc('week', local_at)::DATE
            WHEN 'month' THEN date_trunc('month', local_at)::DATE
            ELSE NULL END AS starts_on
    FROM scored, unnest($kinds::VARCHAR[]) AS kinds(kind)
    WHERE kind = 'all' OR local_at IS NOT NULL
)
"""  # noqa: S608 - joins constants only
SQL_OPERATOR_SUMS: Final = f"""
WITH {PLACED_SCORES}
SELECT period, kind, starts_on, operator, rubric, rubric_version, count(*), count(score), coalesce(sum(score), 0),
    coalesce(sum(score * score), 0), count(low), coalesce(sum(low), 0), coalesce(sum(low * low), 0), coalesce(sum(high), 0),
    coalesce(sum(high * high), 0), coalesce(sum(low * high), 0),
    count(*) FILTER (critical_failed), sum(n_verdicts), sum(n_unsure)
FROM placed
GROUP BY ALL
ORDER BY kind, period, operator NULLS LAST, rubric, rubric_version
"""  # noqa: S608 - joins constants only


def read_reach(queries: Queries) -> tuple[datetime, datetime] | None:
    """Return when the first and the last known call began, aware UTC; None if none is known."""
    first, last = queries.execute(SQL_REACH).fetchall()[0]
    return None if first is None else (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC))


def filter_values(wanted: CallFilter) -> dict[str, object]:
    """Return the values that CALL_CONDITION binds."""
    return {
        "since": naive_utc(wanted.since),
        "until": naive_utc(wanted.until),
        "operator": wanted.operator,
        "call_id": wanted.call_id,
    }


def fetch_operator_sums(
    queries: Queries, path: Path, wanted: CallFilter, timezone: str, kinds: Sequence[str]
) -> tuple[OperatorSums, ...]:
    """Return what the calls of `wanted` add up to per operator, rubric version and period.

    Args:
        queries: of an open store.
        path: its file, for errors.
        wanted: which calls; its `limit` does not apply.
        timezone: IANA name of the zone in which days begin.
        kinds: of day, week, month, all. A call without a start time counts only in all.
    """
    values = {**filter_values(wanted), "rubric": wanted.rubric, "timezone": timezone, "kinds": list(kinds)}
    with store_errors(path):
        rows = queries.execute(SQL_OPERATOR_SUMS, values).fetchall()
    return tuple(
        OperatorSums(
            period=row[0],
            period_kind=row[1],
            starts_on=row[2],
            operator=row[3],
            rubric=row[4],
            rubric_version=row[5],
            calls=row[6],
            n=row[7],
            total=row[8],
            squares=row[9],
            n_bounds=row[10],
            total_low=row[11],
            squares_low=row[12],
            total_high=row[13],
            squares_high=row[14],
            low_high=row[15],
            n_critical_failed=row[16],
            n_verdicts=int(row[17]),
            n_unsure=int(row[18]),
        )
        for row in rows
    )
