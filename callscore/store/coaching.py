"""Questions behind coaching: what each operator meets of each criterion, and examples of one's own. Typed answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from callscore.store.asked import Queries
from callscore.store.assemble import aware_utc
from callscore.store.entries import CallFilter
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.queries import RECORDED
from callscore.store.rows import naive_utc

__all__ = [
    "COACHING_DAYS",
    "CriterionTally",
    "Discussed",
    "Example",
    "Topic",
    "read_discussed",
    "read_examples",
    "read_tallies",
    "recent",
]

_Row = TypeVar("_Row")

COACHING_DAYS: Final = 90
"""The last days that are looked at where no period is named; and those before a talk that it is compared with."""

SQL_LAST_CALL: Final = "SELECT max(started_at) FROM calls WHERE status = 'done'"
SQL_FIRST_TALK: Final = "SELECT min(discussed_at) FROM coaching"
# The newest version of each rubric: a criterion may mean something else in an older one.
_KNOWN: Final = f"""
{PEOPLE}, known AS (
    SELECT c.call_id, c.started_at, {PERSON} AS operator FROM {RECORDED} c {WHO}
    WHERE c.status = 'done' AND ($since::TIMESTAMP IS NULL OR c.started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR c.started_at < $until::TIMESTAMP)
), newest AS (
    SELECT rubric, max(rubric_version) AS rubric_version FROM call_scores
    WHERE $rubric::VARCHAR IS NULL OR rubric = $rubric::VARCHAR GROUP BY rubric
)
"""  # noqa: S608 - joins constants only
SQL_TALLIES: Final = f"""
WITH {_KNOWN}
SELECT k.operator, v.rubric, v.rubric_version, v.criterion, min(v.criterion_no)::INTEGER, bool_or(v.critical),
    max(v.max_points),
    count(*), count(*) FILTER (v.verdict = 'pass'), count(*) FILTER (v.verdict = 'fail'),
    count(*) FILTER (v.verdict = 'unsure')
FROM verdicts v JOIN newest USING (rubric, rubric_version) JOIN known k USING (call_id)
WHERE k.operator IS NOT NULL
GROUP BY k.operator, v.rubric, v.rubric_version, v.criterion
ORDER BY k.operator, v.rubric, min(v.criterion_no), v.criterion
"""  # noqa: S608 - joins constants only
# What a person found goes before what the machine found, and a verdict that a person overruled is no example of it.
SQL_EXAMPLES: Final = f"""
WITH {_KNOWN}, topics AS (
    SELECT unnest($operators::VARCHAR[]) AS operator, unnest($rubrics::VARCHAR[]) AS rubric,
        unnest($criteria::VARCHAR[]) AS criterion
), latest AS (
    SELECT call_id, rubric, criterion, arg_max(verdict, (reviewed_at, review_id)) AS verdict FROM reviews GROUP BY ALL
)
SELECT t.operator, t.rubric, t.criterion, coalesce(r.verdict, v.verdict) AS standing, v.call_id, k.started_at,
    v.evidence_start_ms, v.evidence_text, v.reason, r.verdict IS NOT NULL
FROM topics t JOIN verdicts v USING (rubric, criterion) JOIN newest USING (rubric, rubric_version)
    JOIN known k ON k.call_id = v.call_id AND k.operator = t.operator
    LEFT JOIN latest r ON r.call_id = v.call_id AND r.rubric = v.rubric AND r.criterion = v.criterion
WHERE standing IN ('pass', 'fail')
QUALIFY row_number() OVER (PARTITION BY t.operator, t.rubric, t.criterion, standing
    ORDER BY r.verdict IS NOT NULL DESC, v.confidence DESC, k.started_at DESC NULLS LAST, v.call_id) = 1
ORDER BY t.operator, t.rubric, t.criterion, standing
"""  # noqa: S608 - joins constants only
# The last talk about a criterion parts the calls; long ago the operator may have been another one, so days before it are few.
SQL_DISCUSSED: Final = f"""
WITH {_KNOWN}, talks AS (
    SELECT operator, criterion, max(discussed_at) AS discussed_at, arg_max(note, (discussed_at, coaching_id)) AS note
    FROM coaching GROUP BY ALL
)
SELECT t.operator, t.criterion, t.discussed_at, t.note,
    count(*) FILTER (v.verdict = 'pass' AND k.started_at < t.discussed_at),
    count(*) FILTER (v.verdict = 'fail' AND k.started_at < t.discussed_at),
    count(*) FILTER (v.verdict = 'unsure' AND k.started_at < t.discussed_at),
    count(*) FILTER (v.verdict = 'pass' AND k.started_at >= t.discussed_at),
    count(*) FILTER (v.verdict = 'fail' AND k.started_at >= t.discussed_at),
    count(*) FILTER (v.verdict = 'unsure' AND k.started_at >= t.discussed_at)
FROM talks t LEFT JOIN known k ON k.operator = t.operator AND k.started_at >= t.discussed_at - to_days($days::INTEGER)
    LEFT JOIN (SELECT v.* FROM verdicts v JOIN newest USING (rubric, rubric_version)
        WHERE v.criterion IN (SELECT criterion FROM talks)) v ON v.call_id = k.call_id AND v.criterion = t.criterion
GROUP BY ALL ORDER BY t.operator, t.discussed_at DESC, t.criterion
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussed:
    """When a criterion was last talked over with an operator, and the verdicts of the 90 days before and of the time since."""

    operator: str
    criterion: str
    discussed_at: datetime
    note: str
    pass_before: int
    fail_before: int
    unsure_before: int
    pass_since: int
    fail_since: int
    unsure_since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionTally:
    """How often an operator met a criterion, in `calls` to which the rubric was applied; `weight` is 0 if it never arose."""

    operator: str
    rubric: str
    rubric_version: int
    criterion: str
    criterion_no: int
    critical: bool
    weight: float
    calls: int
    n_pass: int
    n_fail: int
    n_unsure: int


@dataclass(frozen=True, slots=True, order=True)
class Topic:
    """A criterion for an operator to work on."""

    operator: str
    rubric: str
    criterion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A call of the operator's own with the verdict that stands; `is_human`: a person said so."""

    topic: Topic
    verdict: str
    call_id: str
    started_at: datetime | None
    start_ms: int | None
    quote: str | None
    reason: str
    is_human: bool


def recent(queries: Queries, wanted: CallFilter) -> CallFilter:
    """Return the calls to look at: without a beginning, those of the last days; what to work on is not what was years ago."""
    if wanted.since is not None:
        return wanted
    end = wanted.until or aware_utc(queries.execute(SQL_LAST_CALL).fetchall()[0][0])
    return wanted if end is None else replace(wanted, since=end - timedelta(days=COACHING_DAYS))


def read_tallies(queries: Queries, wanted: CallFilter) -> tuple[CriterionTally, ...]:
    """Return the verdicts of every operator by criterion; `wanted.operator` does not apply, as the team is compared with."""
    rows = queries.execute(SQL_TALLIES, _values(wanted)).fetchall()
    return tuple(_record(CriterionTally, row) for row in rows)


def read_examples(queries: Queries, wanted: CallFilter, topics: Sequence[Topic]) -> tuple[Example, ...]:
    """Return the surest pass and the surest fail of each topic, as far as there are any."""
    values = {
        **_values(wanted),
        "operators": [topic.operator for topic in topics],
        "rubrics": [topic.rubric for topic in topics],
        "criteria": [topic.criterion for topic in topics],
    }
    return tuple(
        Example(
            topic=Topic(*row[:3]),
            verdict=row[3],
            call_id=row[4],
            started_at=aware_utc(row[5]),
            start_ms=row[6],
            quote=row[7],
            reason=row[8],
            is_human=row[9],
        )
        for row in queries.execute(SQL_EXAMPLES, values).fetchall()
    )


def read_discussed(queries: Queries, rubric: str | None) -> tuple[Discussed, ...]:
    """Return what was talked over, whenever the calls were: a talk is judged on all that came after it."""
    first = queries.execute(SQL_FIRST_TALK).fetchall()[0][0]
    if first is None:
        return ()
    begins = aware_utc(first - timedelta(days=COACHING_DAYS))
    values = {**_values(CallFilter(since=begins, rubric=rubric)), "days": COACHING_DAYS}
    rows = queries.execute(SQL_DISCUSSED, values).fetchall()
    return tuple(_record(Discussed, (*row[:2], aware_utc(row[2]), *row[3:])) for row in rows)


def _values(wanted: CallFilter) -> dict[str, object]:
    return {"since": naive_utc(wanted.since), "until": naive_utc(wanted.until), "rubric": wanted.rubric}


def _record(kind: type[_Row], row: tuple[Any, ...]) -> _Row:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**dict(zip(names, row, strict=True)))
