"""What is known of calls and their sales, added up so that a million calls are few rows.

A call counts if it was answered, came in or was called back, and is the first recording of its talk. Its outcome:

- a sale if an order with it in the first place was won; an order with a negative amount is a return and no sale, and orders
  that were read twice count once;
- unknown while that order is open and the call younger than `open_days`; and where orders were not read that far or begin
  later than the call;
- else no sale: the order was lost, or there was none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from callscore.store.asked import Queries
from callscore.store.conversion_records import CellRows, ConversionPeriod, CriterionTotal, Totals
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.rows import naive_utc

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "gather_calls",
    "has_queues",
    "read_cells",
    "read_criterion_cells",
    "read_criterion_totals",
    "read_dealt",
    "read_queue_cells",
    "read_scores",
    "read_totals",
]

_FEATURES: Final = "operator, call_type, line, month, weekday, hour, wait, repeat, week"

# Temporary: it lives in the memory of one connection, also of one that only reads.
SQL_GATHER: Final = f"""
CREATE OR REPLACE TEMP TABLE conversion_calls AS
WITH {PEOPLE}, sold AS (
    SELECT j.call_id, max(CASE WHEN o.outcome = 'won' AND coalesce(o.amount, 0) >= 0 THEN 2
        WHEN o.outcome = 'open' OR o.outcome IS NULL THEN 1 ELSE 0 END) AS state
    FROM outcome_calls j JOIN outcomes o USING (outcome_id) WHERE j.place = 0 GROUP BY j.call_id
), known AS (
    SELECT least(min(o.created_at), (SELECT min(c.started_at) FROM calls c JOIN sold USING (call_id))) AS starts_at,
        greatest(max(o.created_at),
            (SELECT max(covered_until) FROM source_progress WHERE source IN (SELECT source FROM outcomes)),
            (SELECT max(c.started_at) FROM calls c JOIN sold USING (call_id))) AS ends_at
    FROM outcomes o
), rung AS (
    SELECT call_id, client_phone, started_at FROM pbx_calls WHERE direction IS DISTINCT FROM 'internal'
    UNION ALL
    SELECT call_id, client_phone, started_at FROM calls c
    WHERE started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pbx_calls p WHERE p.call_id = c.call_id)
), before AS (
    SELECT call_id, max(started_at - earlier_at <= to_days($repeat_days::INTEGER)) AS is_repeat FROM (
        SELECT call_id, started_at, lag(started_at) OVER (PARTITION BY client_phone ORDER BY started_at) AS earlier_at
        FROM rung WHERE client_phone IS NOT NULL) GROUP BY call_id
), first_recording AS (
    SELECT c.call_id, c.started_at, (c.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone AS local_at,
        coalesce(c.operator, p.operator) AS operator, p.operator_id, coalesce(c.extension, p.extension) AS extension,
        coalesce(c.call_type, '') AS call_type, coalesce(p.did, c.did, '') AS did, coalesce(p.queue, c.queue, '') AS queue,
        coalesce(p.wait_ms, c.wait_ms) AS wait_ms, c.client_phone
    FROM calls c LEFT JOIN pbx_calls p ON p.call_id = c.call_id
    WHERE c.status = 'done' AND c.started_at IS NOT NULL
        AND coalesce(p.direction, c.direction, 'inbound') IN ('inbound', 'callback')
        AND coalesce(p.disposition, 'answered') IN ('answered', 'unknown')
        AND (len($call_types::VARCHAR[]) = 0 OR list_contains($call_types::VARCHAR[], c.call_type))
        AND c.started_at >= coalesce($since::TIMESTAMP, coalesce($until::TIMESTAMP,
            (SELECT max(started_at) FROM calls WHERE status = 'done')) - to_days($days::INTEGER))
        AND ($until::TIMESTAMP IS NULL OR c.started_at < $until::TIMESTAMP)
        AND NOT EXISTS (SELECT 1 FROM pbx_recordings r JOIN pbx_calls q USING (source, pbx_call_id)
            WHERE r.call_id = c.call_id AND q.call_id <> c.call_id)
), facts AS (
    SELECT c.call_id, c.started_at, local_at::DATE AS day, hour(local_at) AS hour_of_day, queue,
        CASE WHEN s.state = 2 THEN 1
            WHEN s.state = 1 AND c.started_at > $open_since::TIMESTAMP THEN NULL
            WHEN s.state IS NULL AND NOT coalesce(c.started_at BETWEEN k.starts_at AND k.ends_at, false) THEN NULL
            ELSE 0 END AS won,
        {PERSON} AS operator, call_type, concat_ws(' ', did, queue) AS line, strftime(local_at, '%Y-%m') AS month,
        isodow(local_at) AS weekday, hour(local_at) // 2 AS hour,
        CASE WHEN wait_ms IS NULL THEN -1 WHEN wait_ms < 5000 THEN 0 WHEN wait_ms < 15000 THEN 1 WHEN wait_ms < 30000 THEN 2
            WHEN wait_ms < 60000 THEN 3 WHEN wait_ms < 120000 THEN 4 ELSE 5 END AS wait,
        CASE WHEN c.client_phone IS NULL THEN -1 WHEN b.is_repeat THEN 1 ELSE 0 END AS repeat,
        CASE WHEN $by_week THEN strftime(local_at, '%G-W%V') ELSE '' END AS week
    FROM first_recording c LEFT JOIN sold s USING (call_id) LEFT JOIN before b USING (call_id), known k {WHO}
)
SELECT call_id, started_at, day, hour_of_day, queue, won,
    CASE WHEN won IS NOT NULL AND operator IS NOT NULL THEN dense_rank() OVER (ORDER BY {_FEATURES}) END AS cell, {_FEATURES}
FROM facts
"""  # noqa: S608 - joins constants only
SQL_TOTALS: Final = """
SELECT (SELECT count(*) FROM outcomes), (SELECT count(*) FROM outcome_calls WHERE place = 0), count(*),
    count(*) FILTER (won IS NULL), count(*) FILTER (won IS NOT NULL AND operator IS NULL), count(cell),
    coalesce(sum(won) FILTER (cell IS NOT NULL), 0), count(DISTINCT operator) FILTER (cell IS NOT NULL),
    min(day) FILTER (cell IS NOT NULL), max(day) FILTER (cell IS NOT NULL)
FROM conversion_calls
"""
_CODES: Final = ", ".join(f"dense_rank() OVER (ORDER BY {name}) - 1 AS {name}" for name in _FEATURES.split(", "))
SQL_CELLS: Final = f"""
SELECT cell, {_CODES} FROM (SELECT DISTINCT cell, {_FEATURES} FROM conversion_calls WHERE cell IS NOT NULL) ORDER BY cell
"""  # noqa: S608 - joins constants only
# The newest version only: a criterion may mean something else in an older one.
_NEWEST: Final = """
newest AS (
    SELECT s.rubric, max(s.rubric_version) AS rubric_version FROM call_scores s JOIN conversion_calls k USING (call_id)
    WHERE $rubric::VARCHAR IS NULL OR s.rubric = $rubric::VARCHAR GROUP BY s.rubric
)
"""
SQL_CRITERION_TOTALS: Final = f"""
WITH {_NEWEST}
SELECT v.rubric, v.rubric_version, v.criterion, min(v.criterion_no), count(*),
    count(*) FILTER (k.won IS NULL), count(*) FILTER (k.won IS NOT NULL AND k.operator IS NULL), count(k.cell),
    count(*) FILTER (v.verdict = 'unsure' AND k.cell IS NOT NULL), count(*) FILTER (v.verdict = 'na' AND k.cell IS NOT NULL),
    count(*) FILTER (v.verdict = 'pass' AND k.cell IS NOT NULL), count(*) FILTER (v.verdict = 'fail' AND k.cell IS NOT NULL),
    coalesce(sum(k.won) FILTER (v.verdict = 'pass' AND k.cell IS NOT NULL), 0),
    coalesce(sum(k.won) FILTER (v.verdict = 'fail' AND k.cell IS NOT NULL), 0)
FROM verdicts v JOIN newest USING (rubric, rubric_version) JOIN conversion_calls k USING (call_id)
GROUP BY v.rubric, v.rubric_version, v.criterion ORDER BY v.rubric, min(v.criterion_no), v.criterion
"""  # noqa: S608 - joins constants only
SQL_CRITERION_CELLS: Final = """
SELECT k.cell, (CASE v.verdict WHEN 'fail' THEN 0 WHEN 'pass' THEN 1 ELSE 2 END)::INTEGER AS verdict, count(*) AS n,
    sum(k.won)::BIGINT AS won
FROM verdicts v JOIN conversion_calls k USING (call_id)
WHERE v.rubric = $rubric AND v.rubric_version = $version AND v.criterion = $criterion AND v.verdict <> 'na'
    AND k.cell IS NOT NULL
GROUP BY k.cell, v.verdict ORDER BY k.cell, 2
"""
SQL_SCORES: Final = f"""
WITH {_NEWEST}
SELECT s.rubric, s.rubric_version, k.operator, round(s.score)::INTEGER, count(*), sum(k.won)::BIGINT
FROM call_scores s JOIN newest USING (rubric, rubric_version) JOIN conversion_calls k USING (call_id)
WHERE k.cell IS NOT NULL AND s.score IS NOT NULL GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - joins constants only
SQL_HAS_QUEUES: Final = (
    "SELECT count(*) FROM (SELECT 1 FROM conversion_calls WHERE queue <> '' AND operator IS NOT NULL LIMIT 1)"
)
# Hours in which a single operator took calls compare nobody; the commonest line of a queue stands against its others.
SQL_DEALT: Final = """
WITH dealt AS (
    SELECT queue, day, hour_of_day, operator, repeat = 1 AS is_repeat,
        line = mode(line) OVER (PARTITION BY queue) AS is_main_line
    FROM conversion_calls WHERE queue <> '' AND operator IS NOT NULL
), shifts AS (
    SELECT queue, day, operator, min(hour_of_day) AS begins, max(hour_of_day) AS ends FROM dealt GROUP BY ALL
), hours AS (
    SELECT DISTINCT queue, day, hour_of_day FROM dealt
), duty AS (
    SELECT h.queue, h.day, h.hour_of_day, s.operator FROM hours h JOIN shifts s
        ON s.queue = h.queue AND s.day = h.day AND h.hour_of_day BETWEEN s.begins AND s.ends
)
SELECT u.queue, dense_rank() OVER (ORDER BY u.queue, u.day, u.hour_of_day) AS stratum, u.operator, count(d.operator) AS n,
    count(*) FILTER (d.is_main_line) AS n_main, count(*) FILTER (d.is_repeat) AS n_repeat
FROM duty u LEFT JOIN dealt d USING (queue, day, hour_of_day, operator)
GROUP BY u.queue, u.day, u.hour_of_day, u.operator
"""
SQL_QUEUE_CELLS: Final = """
SELECT dense_rank() OVER (ORDER BY k.queue, k.day, k.hour_of_day) AS stratum, k.operator, count(*) AS n,
    count(*) FILTER (v.verdict = 'pass') AS met, sum(k.won)::BIGINT AS won,
    coalesce(sum(k.won) FILTER (v.verdict = 'pass'), 0)::BIGINT AS both
FROM verdicts v JOIN conversion_calls k USING (call_id)
WHERE v.rubric = $rubric AND v.rubric_version = $version AND v.criterion = $criterion AND v.verdict IN ('pass', 'fail')
    AND k.cell IS NOT NULL AND list_contains($queues::VARCHAR[], k.queue)
GROUP BY k.queue, k.day, k.hour_of_day, k.operator
"""


def gather_calls(queries: Queries, period: ConversionPeriod) -> None:
    """Put the calls of a period into a temporary table, which the other questions ask."""
    values = {
        "timezone": period.timezone,
        "since": naive_utc(period.since),
        "until": naive_utc(period.until),
        "open_since": naive_utc(period.open_since),
        "days": period.days,
        "repeat_days": period.repeat_days,
        "call_types": list(period.call_types),
        "by_week": period.by_week,
    }
    queries.execute(SQL_GATHER, values).fetchall()


def read_totals(queries: Queries) -> Totals:
    """Return what there is to look at."""
    row = queries.execute(SQL_TOTALS).fetchall()[0]
    return Totals(
        orders=row[0],
        joined=row[1],
        calls=row[2],
        unknown=row[3],
        no_operator=row[4],
        usable=row[5],
        won=int(row[6]),
        operators=row[7],
        starts_on=row[8],
        ends_on=row[9],
    )


def read_cells(queries: Queries) -> CellRows:
    """Return the codes 0.. of operator, of what is adjusted for and of the week, a row per cell of calls that agree in all."""
    return _arrays(queries.execute(SQL_CELLS))


def read_criterion_totals(queries: Queries, rubric: str | None) -> tuple[CriterionTotal, ...]:
    """Return how often each verdict was given, for each criterion in the rubric's order."""
    names = [field.name for field in fields(CriterionTotal)]
    totals = []
    for row in queries.execute(SQL_CRITERION_TOTALS, {"rubric": rubric}).fetchall():
        values: dict[str, Any] = dict(zip(names, row, strict=True))
        totals.append(CriterionTotal(**values | {name: int(values[name]) for name in ("won_pass", "won_fail")}))
    return tuple(totals)


def read_criterion_cells(queries: Queries, total: CriterionTotal) -> CellRows:
    """Return cell, verdict (0 fail, 1 pass, 2 unsure), n and won of a criterion, a row per cell and verdict."""
    return _arrays(queries.execute(SQL_CRITERION_CELLS, _key(total)))


def read_scores(queries: Queries, rubric: str | None) -> tuple[tuple[str, int, str, int, int, int], ...]:
    """Return rubric, version, operator, score to the point, calls and sales."""
    return tuple(queries.execute(SQL_SCORES, {"rubric": rubric}).fetchall())


def has_queues(queries: Queries) -> bool:
    """Tell whether any call came through a queue."""
    return bool(queries.execute(SQL_HAS_QUEUES).fetchall()[0][0])


def read_dealt(queries: Queries) -> CellRows:
    """Return queue, stratum (queue, day and hour), operator on duty, calls, and those from the main line and repeat callers."""
    return _arrays(queries.execute(SQL_DEALT))


def read_queue_cells(queries: Queries, total: CriterionTotal, queues: Sequence[str]) -> CellRows:
    """Return stratum, operator, calls, those that met the criterion, sales, and sales that met it, of the given queues."""
    return _arrays(queries.execute(SQL_QUEUE_CELLS, {**_key(total), "queues": list(queues)}))


def _key(total: CriterionTotal) -> dict[str, Any]:
    return {"rubric": total.rubric, "version": total.rubric_version, "criterion": total.criterion}


def _arrays(answer: duckdb.DuckDBPyConnection) -> CellRows:
    columns: dict[str, Any] = dict(answer.fetchnumpy())
    return CellRows(columns)
