"""Questions behind operators' numbers: mixes of calls, and what people found in the random sample. Typed answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final

from callscore.store.asked import Queries
from callscore.store.entries import CallFilter, OperatorScore, OperatorSums
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.queries import PLACED_SCORES, RECORDED, filter_values

__all__ = [
    "AnswerRow",
    "MixCell",
    "PeopleSums",
    "ReviewRow",
    "read_answers",
    "read_mix",
    "read_people",
    "read_reviews",
    "read_stored",
]

# A line of which there are fewer calls than of twenty others counts as one of the rest.
SQL_MIX: Final = f"""
WITH {PLACED_SCORES}, lines AS (SELECT did FROM calls WHERE did IS NOT NULL GROUP BY did ORDER BY count(*) DESC, did LIMIT 20)
SELECT period, kind, rubric, rubric_version, operator, coalesce(call_type, '') AS type,
    CASE WHEN did IN (FROM lines) THEN did ELSE '' END AS line, coalesce(hour(local_at) // 4, -1) AS hours,
    count(score), coalesce(sum(score), 0), coalesce(sum(score * score), 0),
    count(low), coalesce(sum(low), 0), coalesce(sum(low * low), 0), coalesce(sum(high), 0), coalesce(sum(high * high), 0)
FROM placed
GROUP BY ALL
ORDER BY kind, period, rubric, rubric_version, operator NULLS LAST, type, line, hours
"""  # noqa: S608 - joins constants only

# All that a report on operators needs, in one pass over the calls: by operator, by operator and mix, by operator and week.
SQL_PEOPLE: Final = f"""
WITH {PLACED_SCORES}, lines AS (SELECT did FROM calls WHERE did IS NOT NULL GROUP BY did ORDER BY count(*) DESC, did LIMIT 20),
keyed AS (
    SELECT placed.*, coalesce(call_type, '') AS type, CASE WHEN did IN (FROM lines) THEN did ELSE '' END AS line,
        coalesce(hour(local_at) // 4, -1) AS hours, date_trunc('week', local_at)::DATE AS week
    FROM placed
)
SELECT CASE WHEN grouping(type) = 0 THEN 'mix' WHEN grouping(week) = 0 THEN 'week' ELSE 'all' END AS kind,
    rubric, rubric_version, operator, type, line, hours, week, count(*), count(score), coalesce(sum(score), 0),
    coalesce(sum(score * score), 0), count(low), coalesce(sum(low), 0), coalesce(sum(low * low), 0), coalesce(sum(high), 0),
    coalesce(sum(high * high), 0), coalesce(sum(low * high), 0),
    count(*) FILTER (critical_failed), sum(n_verdicts), sum(n_unsure)
FROM keyed
GROUP BY GROUPING SETS ((rubric, rubric_version, operator), (rubric, rubric_version, operator, type, line, hours),
    (rubric, rubric_version, operator, week))
ORDER BY kind, rubric, rubric_version, operator NULLS LAST, type, line, hours, week
"""  # noqa: S608 - joins constants only

SQL_STORED: Final = """
SELECT {columns} FROM operator_scores
WHERE period_kind = $kind AND ($rubric::VARCHAR IS NULL OR rubric = $rubric::VARCHAR)
    AND ($first::DATE IS NULL OR starts_on >= $first::DATE) AND ($end::DATE IS NULL OR starts_on < $end::DATE)
ORDER BY starts_on DESC, rubric, rubric_version DESC, operator NULLS LAST
"""

# A call of the random sample counts once every verdict that the machine gave was looked at; what was found not to arise needs
# no confirmation. The latest verdict by a person is the true one, whatever it was given for; one that is unsure tells nothing.
_TRUTH: Final = """
drawn AS (SELECT DISTINCT call_id, rubric, rubric_version FROM reviews WHERE sample = 'random'),
latest AS (
    SELECT call_id, rubric, rubric_version, criterion, arg_max(verdict, (reviewed_at, review_id)) AS verdict
    FROM reviews GROUP BY ALL
), judged AS (
    SELECT v.call_id, v.rubric, v.rubric_version, v.criterion, v.criterion_no, v.critical, v.verdict AS machine,
        coalesce(l.verdict, CASE v.verdict WHEN 'na' THEN 'na' END) AS truth,
        coalesce(c.weight, v.max_points)::DECIMAL(12, 6) AS weight
    FROM verdicts v JOIN drawn USING (call_id, rubric, rubric_version)
        LEFT JOIN latest l USING (call_id, rubric, rubric_version, criterion)
        LEFT JOIN criteria c USING (rubric, rubric_version, criterion)
), complete AS (
    SELECT call_id, rubric, rubric_version FROM judged GROUP BY ALL HAVING count(*) = count(truth)
)
"""
SQL_REVIEWS: Final = f"""
WITH {PEOPLE}, {_TRUTH}, true_scores AS (
    SELECT call_id, rubric, rubric_version,
        CASE WHEN bool_or(critical AND truth = 'fail') THEN 0.0
            ELSE 100.0 * coalesce(sum(weight) FILTER (truth = 'pass'), 0)
                / nullif(sum(weight) FILTER (truth IN ('pass', 'fail')), 0) END AS score
    FROM judged JOIN complete USING (call_id, rubric, rubric_version) GROUP BY ALL
), gaps AS (
    SELECT {PERSON} AS operator, s.rubric, s.rubric_version, (t.score - s.score_low)::DECIMAL(9, 6) AS gap,
        (s.score_high - s.score_low)::DECIMAL(9, 6) AS width
    FROM true_scores t JOIN call_scores s USING (call_id, rubric, rubric_version) JOIN {RECORDED} c USING (call_id) {WHO}
    WHERE t.score IS NOT NULL AND s.score_low IS NOT NULL AND ($rubric::VARCHAR IS NULL OR s.rubric = $rubric::VARCHAR)
)
SELECT rubric, rubric_version, operator, count(*), sum(gap), sum(width), sum(gap * gap), sum(gap * width), sum(width * width)
FROM gaps GROUP BY ALL ORDER BY rubric, rubric_version, operator NULLS LAST
"""  # noqa: S608 - joins constants only
SQL_ANSWERS: Final = f"""
WITH {_TRUTH}
SELECT rubric, rubric_version, criterion, machine, truth, count(*)
FROM judged JOIN complete USING (call_id, rubric, rubric_version)
WHERE truth <> 'unsure' AND ($rubric::VARCHAR IS NULL OR rubric = $rubric::VARCHAR)
GROUP BY ALL ORDER BY rubric, rubric_version, min(criterion_no), criterion, machine, truth
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class MixCell:
    """What the calls of one operator, kind, line and time of day add up to; see OperatorSums.

    `call_type` and `line` are empty where unknown or rare, `hours` is the block of four hours of the local day from 0, -1 where
    the time is unknown.
    """

    period: str
    period_kind: str
    rubric: str
    rubric_version: int
    operator: str | None
    call_type: str
    line: str
    hours: int
    n: int
    total: Decimal
    squares: Decimal
    n_bounds: int
    total_low: Decimal
    squares_low: Decimal
    total_high: Decimal
    squares_high: Decimal


@dataclass(frozen=True, slots=True)
class PeopleSums:
    """All calls of each operator, the same by mix, and the same by week; calls of an unknown time are in no week."""

    everything: tuple[OperatorSums, ...]
    mix: tuple[MixCell, ...]
    weeks: tuple[OperatorSums, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What the randomly reviewed calls of an operator add up to: `gap` is people's score less score_low, `width` high - low."""

    rubric: str
    rubric_version: int
    operator: str | None
    n: int
    gap: float
    width: float
    gap_gap: float
    gap_width: float
    width_width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """How often people found `truth` (pass, fail, na) where the machine said `machine`, in the random sample."""

    rubric: str
    rubric_version: int
    criterion: str
    machine: str
    truth: str
    n: int


def read_mix(queries: Queries, wanted: CallFilter, timezone: str, kinds: Sequence[str]) -> tuple[MixCell, ...]:
    """Return the calls of `wanted` by operator, kind of call, line and time of day, for each period of `kinds`."""
    values = {**filter_values(wanted), "rubric": wanted.rubric, "timezone": timezone, "kinds": list(kinds)}
    names = [field.name for field in fields(MixCell)]
    rows = queries.execute(SQL_MIX, values).fetchall()
    return tuple(MixCell(**dict(zip(names, row, strict=True))) for row in rows)


def read_people(queries: Queries, wanted: CallFilter, timezone: str) -> PeopleSums:
    """Return what the calls of `wanted` add up to by operator, by mix and by week, in one pass."""
    values = {**filter_values(wanted), "rubric": wanted.rubric, "timezone": timezone, "kinds": ["all"]}
    found: dict[str, list[tuple[Any, ...]]] = {"all": [], "mix": [], "week": []}
    for row in queries.execute(SQL_PEOPLE, values).fetchall():
        found[row[0]].append(row)
    return PeopleSums(
        tuple(_sums(row) for row in found["all"]),
        tuple(_cell(row) for row in found["mix"]),
        tuple(_sums(row) for row in found["week"] if row[7] is not None),
    )


def read_stored(
    queries: Queries, kind: str, rubric: str | None, first: date | None, end: date | None
) -> tuple[OperatorScore, ...]:
    """Return the stored scores of days, weeks or months (`kind`) that begin from `first` on and before `end`, latest first."""
    names = [field.name for field in fields(OperatorScore)]
    values = {"kind": kind, "rubric": rubric, "first": first, "end": end}
    rows = queries.execute(SQL_STORED.format(columns=", ".join(names)), values).fetchall()
    return tuple(OperatorScore(**dict(zip(names, row, strict=True))) for row in rows)


def read_reviews(queries: Queries, rubric: str | None = None) -> tuple[ReviewRow, ...]:
    """Return what people found in the random sample, by rubric version and operator; of all times."""
    return tuple(
        ReviewRow(
            rubric=row[0],
            rubric_version=row[1],
            operator=row[2],
            n=row[3],
            gap=float(row[4]),
            width=float(row[5]),
            gap_gap=float(row[6]),
            gap_width=float(row[7]),
            width_width=float(row[8]),
        )
        for row in queries.execute(SQL_REVIEWS, {"rubric": rubric}).fetchall()
    )


def read_answers(queries: Queries, rubric: str | None = None) -> tuple[AnswerRow, ...]:
    """Return what people found behind each answer of the machine, by criterion; of all times."""
    names = [field.name for field in fields(AnswerRow)]
    rows = queries.execute(SQL_ANSWERS, {"rubric": rubric}).fetchall()
    return tuple(AnswerRow(**dict(zip(names, row, strict=True))) for row in rows)


def _sums(row: tuple[Any, ...]) -> OperatorSums:
    kind, rubric, version, operator, _, _, _, week, *numbers = row
    return OperatorSums(
        period="all" if week is None else week.strftime("%G-W%V"),
        period_kind=kind,
        starts_on=week,
        operator=operator,
        rubric=rubric,
        rubric_version=version,
        calls=numbers[0],
        n=numbers[1],
        total=numbers[2],
        squares=numbers[3],
        n_bounds=numbers[4],
        total_low=numbers[5],
        squares_low=numbers[6],
        total_high=numbers[7],
        squares_high=numbers[8],
        low_high=numbers[9],
        n_critical_failed=numbers[10],
        n_verdicts=int(numbers[11]),
        n_unsure=int(numbers[12]),
    )


def _cell(row: tuple[Any, ...]) -> MixCell:
    _, rubric, version, operator, call_type, line, hours, _, *numbers = row
    return MixCell(
        period="all",
        period_kind="all",
        rubric=rubric,
        rubric_version=version,
        operator=operator,
        call_type=call_type,
        line=line,
        hours=hours,
        n=numbers[1],
        total=numbers[2],
        squares=numbers[3],
        n_bounds=numbers[4],
        total_low=numbers[5],
        squares_low=numbers[6],
        total_high=numbers[7],
        squares_high=numbers[8],
    )
