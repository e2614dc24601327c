"""Which calls a random sample may be drawn from, and which were drawn. Typed answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.store.asked import Queries
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.queries import RECORDED
from callscore.store.rows import naive_utc

__all__ = ["SampleFilter", "read_drawn", "read_population", "read_sessions"]

SQL_POPULATION: Final = f"""
WITH {PEOPLE}
SELECT c.call_id, {PERSON} FROM {RECORDED} c {WHO}
WHERE c.call_id IN (SELECT call_id FROM call_scores WHERE $rubric::VARCHAR IS NULL OR rubric = $rubric::VARCHAR)
    AND ($since::TIMESTAMP IS NULL OR c.started_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR c.started_at < $until::TIMESTAMP)
    AND ($operator::VARCHAR IS NULL OR {PERSON} = $operator::VARCHAR OR c.operator = $operator::VARCHAR)
"""  # noqa: S608 - joins constants only
SQL_DRAWN: Final = "SELECT DISTINCT rubric, unnest(call_ids) FROM review_samples"
SQL_SESSIONS: Final = "SELECT session_id, unnest(call_ids) FROM review_sessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFilter:
    """Which scored calls; None: no condition. Times are aware UTC, `until` is exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    rubric: str | None = None
    operator: str | None = None


def read_population(queries: Queries, wanted: SampleFilter) -> tuple[tuple[str, str | None], ...]:
    """Return id and operator of every scored call of `wanted`, in no order."""
    values = {
        "since": naive_utc(wanted.since),
        "until": naive_utc(wanted.until),
        "rubric": wanted.rubric,
        "operator": wanted.operator,
    }
    return tuple((row[0], row[1]) for row in queries.execute(SQL_POPULATION, values).fetchall())


def read_drawn(queries: Queries) -> frozenset[tuple[str, str]]:
    """Return rubric (empty: any) and call of every call that was ever drawn."""
    return frozenset((row[0], row[1]) for row in queries.execute(SQL_DRAWN).fetchall())


def read_sessions(queries: Queries) -> frozenset[tuple[str, str]]:
    """Return session and call of every call of every calibration session."""
    return frozenset((row[0], row[1]) for row in queries.execute(SQL_SESSIONS).fetchall())
