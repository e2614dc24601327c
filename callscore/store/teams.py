"""Questions about teams and kinds of work: scores and sales of their operators together. Typed answers, no decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.store.asked import Queries
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.shifts import TALKS, WON, talk_values

__all__ = ["TeamSales", "TeamScore", "read_team_sales", "read_team_scores"]

_GROUP: Final = "CASE $by WHEN 'kind' THEN who.kind ELSE who.team END"
SQL_TEAM_SCORES: Final = f"""
WITH {PEOPLE}, c AS (
    SELECT *, NULL::VARCHAR AS operator_id FROM calls WHERE ($since::TIMESTAMP IS NULL OR started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR started_at < $until::TIMESTAMP)
)
SELECT {_GROUP} AS group_name, s.rubric, count(DISTINCT {PERSON}), count(*), count(s.score), sum(s.score), count(s.score_low),
    sum(s.score_low), sum(s.score_low * s.score_low), sum(s.score_high), sum(s.score_high * s.score_high),
    count(*) FILTER (s.critical_failed)
FROM call_scores s JOIN c USING (call_id) {WHO}
WHERE {PERSON} IS NOT NULL
GROUP BY group_name, s.rubric ORDER BY s.rubric, group_name NULLS LAST
"""  # noqa: S608 - joins constants only
SQL_TEAM_SALES: Final = f"""
WITH {PEOPLE}, {TALKS}, {WON}, of_people AS (
    SELECT {_GROUP} AS group_name, {PERSON} AS person, count(*) AS calls, count(won.call_id) AS sold
    FROM talks c {WHO} LEFT JOIN won ON won.call_id = c.call_id
    WHERE c.is_answered AND c.direction = 'inbound' AND {PERSON} IS NOT NULL
    GROUP BY ALL
)
SELECT group_name, list(calls ORDER BY person), list(sold ORDER BY person) FROM of_people
GROUP BY group_name ORDER BY group_name NULLS LAST
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamScore:
    """What the calls of a team under a rubric add up to; `name` None: operators without a team."""

    name: str | None
    rubric: str
    people: int
    calls: int
    n: int
    total: float
    n_bounds: int
    total_low: float
    squares_low: float
    total_high: float
    squares_high: float
    critical_failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSales:
    """The answered incoming calls of a team, and how many sold, by operator."""

    name: str | None
    calls: tuple[int, ...]
    sold: tuple[int, ...]


def read_team_scores(queries: Queries, by: str, since: datetime | None, until: datetime | None) -> tuple[TeamScore, ...]:
    """Return scores by `by` (team, kind) and rubric."""
    return tuple(
        TeamScore(
            name=row[0],
            rubric=row[1],
            people=row[2],
            calls=row[3],
            n=row[4],
            total=float(row[5] or 0),
            n_bounds=row[6],
            total_low=float(row[7] or 0),
            squares_low=float(row[8] or 0),
            total_high=float(row[9] or 0),
            squares_high=float(row[10] or 0),
            critical_failed=row[11],
        )
        for row in queries.execute(SQL_TEAM_SCORES, {**talk_values(since, until), "by": by}).fetchall()
    )


def read_team_sales(queries: Queries, by: str, since: datetime | None, until: datetime | None) -> tuple[TeamSales, ...]:
    """Return sales by `by` (team, kind)."""
    rows = queries.execute(SQL_TEAM_SALES, {**talk_values(since, until), "by": by}).fetchall()
    return tuple(TeamSales(name=row[0], calls=tuple(row[1]), sold=tuple(row[2])) for row in rows)
