"""What people say of stored verdicts, as labels to learn from. Typed answers, no decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.records import Verdict
from callscore.store.agreement import TRUTHS, gather_reviewed, review_values
from callscore.store.asked import Queries
from callscore.store.entries import CallFilter

__all__ = ["ReviewLabel", "read_failed_calls", "read_labels"]

SQL_LABELS: Final = f"""
WITH {TRUTHS}, last_of_each AS (
    SELECT call_id, rubric, criterion, reviewer, arg_max(verdict, (reviewed_at, review_id)) AS verdict
    FROM wanted GROUP BY ALL
), spread AS (
    SELECT call_id, rubric, criterion, count(DISTINCT verdict) FILTER (verdict <> 'unsure') > 1 AS is_contested
    FROM last_of_each GROUP BY ALL
)
SELECT l.call_id, l.rubric, l.criterion, v.verdict, l.truth, t.call_id IS NOT NULL, s.is_contested
FROM latest l JOIN reviewed_verdicts v USING (call_id, rubric, criterion) JOIN spread s USING (call_id, rubric, criterion)
    LEFT JOIN truths t USING (call_id, rubric, criterion)
WHERE l.truth <> 'unsure'
ORDER BY l.call_id, l.rubric, l.criterion
"""  # noqa: S608 - joins constants only
# Drawn by a hash, so that they are the same calls each time and yet any.
SQL_FAILED: Final = """
SELECT v.call_id FROM verdicts v
WHERE v.rubric = $rubric AND v.criterion = $criterion AND v.verdict = 'fail'
    AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.call_id = v.call_id AND r.rubric = v.rubric AND r.criterion = v.criterion)
ORDER BY hash(v.call_id), v.call_id LIMIT $limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLabel:
    """What a person said last of a criterion of a call (pass, fail, na), beside the machine's verdict in force.

    `is_for_rates`: the call was drawn by lot and looked at in full, or judged blind. `is_contested`: reviewers differ.
    """

    call_id: str
    rubric: str
    criterion: str
    machine: Verdict
    truth: Verdict
    is_for_rates: bool
    is_contested: bool


def read_labels(queries: Queries, criteria: Sequence[str] = ()) -> tuple[ReviewLabel, ...]:
    """Return all labels whose call is still stored, of `criteria` only if any are named."""
    gather_reviewed(queries)
    rows = queries.execute(SQL_LABELS, review_values(CallFilter(), "UTC", None)).fetchall()
    return tuple(
        ReviewLabel(
            call_id=row[0],
            rubric=row[1],
            criterion=row[2],
            machine=Verdict(row[3]),
            truth=Verdict(row[4]),
            is_for_rates=row[5],
            is_contested=row[6],
        )
        for row in rows
        if not criteria or row[2] in criteria
    )


def read_failed_calls(queries: Queries, rubric: str, criterion: str, limit: int) -> tuple[str, ...]:
    """Return up to `limit` calls that the machine failed on a criterion and nobody looked at, always the same ones."""
    values = {"rubric": rubric, "criterion": criterion, "limit": limit}
    return tuple(row[0] for row in queries.execute(SQL_FAILED, values).fetchall())
