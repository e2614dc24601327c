"""Questions about how far people agree with each other and with the machine. Typed answers, no decisions.

Only reviews drawn by lot (`random`) or made without seeing the machine's verdict (`blind`) tell how often it is wrong. What
came from the flagged queue or an appeal was chosen because it looked wrong, so it is counted and never made a rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, TypeVar

from callscore.store.asked import Queries
from callscore.store.entries import CallFilter
from callscore.store.queries import CALL_CONDITION, filter_values

__all__ = [
    "TRUTHS",
    "MachineRow",
    "PanelRow",
    "SampleRow",
    "StandRow",
    "gather_reviewed",
    "read_machine",
    "read_panel",
    "read_samples",
    "read_stands",
    "review_values",
]

_Row = TypeVar("_Row")

# Temporary: it lives in the memory of one connection, also of one that only reads; ten million verdicts are then read once.
SQL_GATHER: Final = """
CREATE OR REPLACE TEMP TABLE reviewed_verdicts AS
SELECT call_id, rubric, rubric_version, criterion, verdict FROM verdicts WHERE call_id IN (SELECT call_id FROM reviews)
"""
# Reviews of a calibration session, or of all.
_OF_SESSION: Final = "($session::VARCHAR IS NULL OR session = $session::VARCHAR)"
_WANTED: Final = f"""
wanted AS (
    SELECT r.*, c.started_at, (c.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone AS local_at
    FROM reviews r JOIN calls c USING (call_id)
    WHERE ($rubric::VARCHAR IS NULL OR r.rubric = $rubric::VARCHAR) AND {CALL_CONDITION}
)
"""  # noqa: S608 - joins constants only
# What a person said last; an answer that is unsure is no answer.
SQL_PANEL: Final = f"""
WITH {_WANTED}, said AS (
    SELECT call_id, rubric, rubric_version, criterion, reviewer, arg_max(verdict, (reviewed_at, review_id)) AS verdict,
        date_trunc('month', any_value(local_at))::DATE AS month
    FROM wanted WHERE sample = 'blind' AND {_OF_SESSION} GROUP BY ALL
)
SELECT rubric, rubric_version, criterion, call_id, month, count(*) FILTER (verdict = 'pass'),
    count(*) FILTER (verdict = 'fail'), count(*) FILTER (verdict = 'na'),
    count(*) FILTER (verdict = 'unsure'), list_sort(list(reviewer))
FROM said GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - joins constants only
# A call of the random sample counts once every verdict of the machine but na was looked at: who looks only at what seems wrong
# would otherwise make the machine look worse. In blind reviews nobody sees what seems wrong, so each answer counts. Where
# people disagree, the latest verdict is what stands.
TRUTHS: Final = f"""
{_WANTED}, drawn AS (
    SELECT DISTINCT call_id, rubric, rubric_version, sample FROM wanted
    WHERE sample IN ('random', 'blind') AND {_OF_SESSION}
), latest AS (
    SELECT call_id, rubric, criterion, arg_max(verdict, (reviewed_at, review_id)) AS truth,
        any_value(local_at) AS local_at
    FROM wanted GROUP BY ALL
), answered AS (
    SELECT DISTINCT call_id, rubric, rubric_version, criterion FROM wanted
), shown AS (
    SELECT call_id, rubric, rubric_version, criterion FROM reviewed_verdicts
    WHERE verdict <> 'na' AND call_id IN (SELECT call_id FROM drawn)
    UNION
    SELECT call_id, rubric, rubric_version, criterion FROM verdict_history
    WHERE verdict <> 'na' AND call_id IN (SELECT call_id FROM drawn)
), part AS (
    SELECT DISTINCT call_id, rubric, rubric_version FROM drawn d JOIN shown USING (call_id, rubric, rubric_version)
        ANTI JOIN answered USING (call_id, rubric, rubric_version, criterion)
    WHERE d.sample = 'random'
), usable AS (
    SELECT call_id, rubric, criterion FROM wanted WHERE sample = 'blind' AND {_OF_SESSION}
    UNION
    SELECT call_id, rubric, criterion FROM wanted JOIN drawn d USING (call_id, rubric, rubric_version)
        ANTI JOIN part USING (call_id, rubric, rubric_version)
    WHERE d.sample = 'random'
), truths AS (
    SELECT call_id, rubric, criterion, truth, local_at FROM usable JOIN latest USING (call_id, rubric, criterion)
    WHERE truth <> 'unsure'
)
"""  # noqa: S608 - joins constants only
SQL_MACHINE: Final = f"""
WITH {TRUTHS}
SELECT v.rubric, v.criterion, v.verdict, t.truth, count(*)
FROM truths t JOIN reviewed_verdicts v USING (call_id, rubric, criterion)
GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - joins constants only
# The same calls under what stood before a run and what stands now, each with the rubric version and the recogniser behind it.
# What recognised the words of a verdict that was replaced is no longer stored.
SQL_STANDS: Final = f"""
WITH {TRUTHS}, stood AS (
    SELECT call_id, rubric, rubric_version, criterion, verdict, p.model, NULL::TIMESTAMP AS replaced_at
    FROM reviewed_verdicts LEFT JOIN (
        SELECT call_id, coalesce(nullif(model, ''), engine) AS model FROM provenance WHERE step_no = 0) p USING (call_id)
    WHERE call_id IN (SELECT call_id FROM truths)
    UNION ALL
    SELECT call_id, rubric, rubric_version, criterion, verdict, NULL, replaced_at FROM verdict_history
    WHERE call_id IN (SELECT call_id FROM truths)
)
SELECT s.rubric, s.rubric_version, s.model, s.replaced_at::DATE AS replaced_on, t.call_id,
    date_trunc('month', any_value(t.local_at))::DATE AS month,
    count(*) FILTER (s.verdict = t.truth AND s.verdict <> 'unsure') AS n_right,
    count(*) FILTER (s.verdict <> 'unsure') AS decided, count(*) AS n
FROM truths t JOIN stood s USING (call_id, rubric, criterion)
GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - joins constants only
SQL_SAMPLES: Final = f"""
WITH {TRUTHS}
SELECT w.sample, count(*), count(DISTINCT w.call_id), count(DISTINCT w.reviewer),
    count(*) FILTER (v.verdict IS DISTINCT FROM w.verdict AND v.verdict IS NOT NULL),
    count(DISTINCT part.call_id) FILTER (w.sample = 'random')
FROM wanted w LEFT JOIN reviewed_verdicts v USING (call_id, rubric, rubric_version, criterion)
    LEFT JOIN part USING (call_id, rubric, rubric_version)
GROUP BY w.sample ORDER BY w.sample NULLS LAST
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelRow:
    """How many reviewers gave each answer on one criterion of one call, not knowing the machine's."""

    rubric: str
    rubric_version: int
    criterion: str
    call_id: str
    month: date | None
    n_pass: int
    n_fail: int
    n_na: int
    n_unsure: int
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """How often people found `truth` (pass, fail, na) where the machine says `machine`, unsure among its answers."""

    rubric: str
    criterion: str
    machine: str
    truth: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandRow:
    """How many of a call's verdicts people found right under one rubric version and recogniser.

    `replaced_on` is the day on which they were replaced, None for those in force; `model` is None where it is not known.
    """

    rubric: str
    rubric_version: int
    model: str | None
    replaced_on: date | None
    call_id: str
    month: date | None
    n_right: int
    decided: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRow:
    """Reviews by how their calls were chosen; `differs` are those that are not the machine's present verdict.

    `partly` are calls of the random sample in which not every verdict was looked at, so that they do not count yet.
    """

    sample: str | None
    reviews: int
    calls: int
    reviewers: int
    differs: int
    partly: int


def gather_reviewed(queries: Queries) -> None:
    """Put the verdicts of reviewed calls together; to be done once before anything else here is asked."""
    queries.execute(SQL_GATHER)


def read_panel(queries: Queries, wanted: CallFilter, timezone: str, session: str | None) -> tuple[PanelRow, ...]:
    """Return the blind answers by criterion and call, of one session or of all."""
    rows = queries.execute(SQL_PANEL, review_values(wanted, timezone, session)).fetchall()
    return tuple(_record(PanelRow, (*row[:-1], tuple(row[-1]))) for row in rows)


def read_machine(queries: Queries, wanted: CallFilter, timezone: str, session: str | None) -> tuple[MachineRow, ...]:
    """Return how the machine's verdicts compare with people's, by criterion."""
    rows = queries.execute(SQL_MACHINE, review_values(wanted, timezone, session)).fetchall()
    return tuple(_record(MachineRow, row) for row in rows)


def read_stands(queries: Queries, wanted: CallFilter, timezone: str, session: str | None) -> tuple[StandRow, ...]:
    """Return how right the verdicts were under each rubric version and recogniser, by call."""
    rows = queries.execute(SQL_STANDS, review_values(wanted, timezone, session)).fetchall()
    return tuple(_record(StandRow, row) for row in rows)


def read_samples(queries: Queries, wanted: CallFilter, timezone: str, session: str | None) -> tuple[SampleRow, ...]:
    """Return how many reviews there are of each kind of sample."""
    rows = queries.execute(SQL_SAMPLES, review_values(wanted, timezone, session)).fetchall()
    return tuple(_record(SampleRow, row) for row in rows)


def review_values(wanted: CallFilter, timezone: str, session: str | None) -> Mapping[str, object]:
    """Return the values that TRUTHS binds."""
    return {**filter_values(wanted), "rubric": wanted.rubric, "timezone": timezone, "session": session}


def _record(kind: type[_Row], row: tuple[Any, ...]) -> _Row:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**dict(zip(names, row, strict=True)))
