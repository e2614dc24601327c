"""What differs between two scorings of the same calls: new scores and stored ones, or those of two sets of rubrics.

Works on a snapshot and staged files in a database of its own beside them, so that neither their size nor the number of
differences is limited by memory, and nothing here can change the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.records import Role, Verdict
from callscore.store.assemble import aware_utc
from callscore.store.changes import (
    CallShift,
    ChangedCall,
    ChangeTotals,
    CriterionMoves,
    Move,
    OperatorShift,
    RubricMove,
    VerdictChange,
)
from callscore.store.open import connect, store_errors
from callscore.store.staging import SCORED, staged_files

if TYPE_CHECKING:
    import duckdb

__all__ = ["Comparison", "compare_scores"]

# Staged files are read once; what does not fit is spilled beside them.
MEMORY: Final = "400MB"
_BATCH: Final = 1000

SQL_ATTACH: Final = "ATTACH '{path}' AS store (READ_ONLY)"
SQL_LOOKED_AT: Final = "CREATE TABLE looked_at AS SELECT call_id FROM read_parquet('{files}')"
SQL_STAGED: Final = "CREATE VIEW {side}_{table} AS SELECT * FROM read_parquet('{files}')"
SQL_STORED: Final = """
CREATE VIEW {side}_{table} AS SELECT * FROM store.{table} WHERE call_id IN (SELECT call_id FROM looked_at)
"""
SQL_SHIFTS: Final = """
CREATE TABLE shifts AS
SELECT call_id, o.rubric AS old_rubric, o.rubric_version AS old_version, o.score AS old_score,
    n.rubric AS new_rubric, n.rubric_version AS new_version, n.score AS new_score,
    o.score IS DISTINCT FROM n.score AND coalesce(abs(o.score - n.score) > 1e-9, true) AS is_shifted,
    o.rubric IS DISTINCT FROM n.rubric AS is_moved
FROM old_call_scores o FULL JOIN new_call_scores n USING (call_id)
"""
# The words of two verdicts are compared by hash: texts of a million verdicts would not fit into memory.
SQL_CHANGES: Final = """
CREATE TABLE changes AS
SELECT call_id, criterion, o.verdict AS old, n.verdict AS new, coalesce(n.place, o.place) AS place,
    o.verdict IS DISTINCT FROM n.verdict AS is_verdict
FROM (
    SELECT call_id, criterion, verdict, criterion_no AS place, hash(reason, evidence_text, evidence_start_ms) AS words
    FROM old_verdicts
) o FULL JOIN (
    SELECT call_id, criterion, verdict, criterion_no AS place, hash(reason, evidence_text, evidence_start_ms) AS words
    FROM new_verdicts
) n USING (call_id, criterion)
WHERE o.verdict IS DISTINCT FROM n.verdict OR o.words IS DISTINCT FROM n.words
"""
# The largest change of score first: that is where somebody will ask.
SQL_RANKED: Final = """
CREATE TABLE ranked AS
SELECT call_id, row_number() OVER (ORDER BY abs(coalesce(new_score, 0) - coalesce(old_score, 0)) DESC, call_id) AS rank
FROM shifts
WHERE is_shifted OR is_moved OR call_id IN (SELECT call_id FROM changes WHERE is_verdict)
"""
SQL_TOTALS: Final = """
SELECT (SELECT count(*) FROM shifts), (SELECT count(*) FROM ranked), (SELECT count(*) FROM changes WHERE is_verdict),
    (SELECT count(DISTINCT call_id) FROM changes WHERE call_id NOT IN (SELECT call_id FROM ranked))
"""
SQL_RUBRIC_MOVES: Final = """
SELECT old_rubric, new_rubric, count(*) FROM shifts WHERE is_moved GROUP BY ALL ORDER BY 3 DESC, 1 NULLS FIRST, 2 NULLS FIRST
"""
SQL_CRITERIA: Final = """
SELECT new_rubric, criterion, old, new, count(*) AS n
FROM changes JOIN shifts USING (call_id) WHERE is_verdict AND NOT is_moved
GROUP BY new_rubric, criterion, old, new
ORDER BY new_rubric, sum(n) OVER (PARTITION BY new_rubric, criterion) DESC, criterion, n DESC, old NULLS FIRST, new NULLS FIRST
"""
SQL_OPERATORS: Final = """
WITH halves AS (
    SELECT call_id, old_rubric AS rubric, old_score, NULL::DOUBLE AS new_score, 1 AS old_calls, 0 AS new_calls FROM shifts
    WHERE old_rubric IS NOT NULL
    UNION ALL
    SELECT call_id, new_rubric, NULL, new_score, 0, 1 FROM shifts WHERE new_rubric IS NOT NULL
)
SELECT c.operator, h.rubric, sum(old_calls), avg(old_score), sum(new_calls), avg(new_score),
    count(DISTINCT call_id) FILTER (call_id IN (SELECT call_id FROM ranked)) AS changed
FROM halves h JOIN store.calls c USING (call_id)
GROUP BY c.operator, h.rubric HAVING changed > 0
ORDER BY h.rubric, abs(coalesce(avg(new_score), 0) - coalesce(avg(old_score), 0)) DESC, c.operator NULLS LAST
"""
_SHIFT: Final = """
call_id, c.operator, c.started_at, s.old_rubric, s.old_version, s.old_score, s.new_rubric, s.new_version, s.new_score
"""
SQL_CALLS: Final = f"""
SELECT {_SHIFT}, criterion, ch.old, ch.new, o.reason, n.reason, o.evidence_text, n.evidence_text,
    coalesce(n.evidence_role, o.evidence_role), coalesce(n.evidence_start_ms, o.evidence_start_ms)
FROM ranked r JOIN shifts s USING (call_id) JOIN store.calls c USING (call_id)
    LEFT JOIN (SELECT * FROM changes WHERE is_verdict) ch USING (call_id)
    LEFT JOIN old_verdicts o USING (call_id, criterion) LEFT JOIN new_verdicts n USING (call_id, criterion)
WHERE rank <= coalesce($limit::BIGINT, 9223372036854775807) ORDER BY rank, ch.place, criterion
"""  # noqa: S608 - joins constants only
SQL_OLD_RUBRICS: Final = """
SELECT rubric, mode(rubric_version), mode(rubric_sha256) FROM old_call_scores GROUP BY rubric ORDER BY rubric
"""


def compare_scores(folder: Path, snapshot: Path, *, is_old_staged: bool) -> Comparison:
    """Find the differences between the old and the new scores of the calls that were staged.

    Args:
        folder: with the staged files; the result lies there too, until the folder goes.
        snapshot: the store with the calls.
        is_old_staged: whether the old scores are staged as well; else they are those of the snapshot.

    Raises:
        StoreError: if the disk is full.
    """
    path = folder / "differences.duckdb"
    connection = connect(path, read_only=False, memory=MEMORY)
    try:
        with store_errors(path):
            connection.execute(SQL_ATTACH.format(path=_quoted(snapshot)))
            connection.execute(SQL_LOOKED_AT.format(files=_quoted(staged_files(folder, "new", SCORED))))
            for table in ("verdicts", "call_scores"):
                new, old = staged_files(folder, "new", table), staged_files(folder, "old", table)
                connection.execute(SQL_STAGED.format(side="new", table=table, files=_quoted(new)))
                form = SQL_STAGED if is_old_staged else SQL_STORED
                connection.execute(form.format(side="old", table=table, files=_quoted(old)))
            for sql in (SQL_SHIFTS, SQL_CHANGES, SQL_RANKED):
                connection.execute(sql)
    finally:
        connection.close()
    return Comparison(path, snapshot)


class Comparison:
    """Answers what differs; each question opens the database of differences for itself."""

    def __init__(self, path: Path, snapshot: Path) -> None:
        self._path = path
        self._snapshot = snapshot

    def totals(self) -> ChangeTotals:
        """Return how much differs."""
        row = next(self._rows(SQL_TOTALS))
        return ChangeTotals(calls=row[0], changed_calls=row[1], changed_verdicts=row[2], reworded_calls=row[3])

    def rubric_moves(self) -> tuple[RubricMove, ...]:
        """Return between which rubrics calls moved, commonest first."""
        return tuple(RubricMove(old_rubric=row[0], new_rubric=row[1], calls=row[2]) for row in self._rows(SQL_RUBRIC_MOVES))

    def criteria(self) -> tuple[CriterionMoves, ...]:
        """Return the criteria whose verdicts changed in calls that kept their rubric, the most changed first per rubric."""
        grouped = groupby(self._rows(SQL_CRITERIA), key=lambda row: (row[0], row[1]))
        return tuple(
            CriterionMoves(
                rubric=rubric,
                criterion=criterion,
                moves=tuple(Move(_verdict(row[2]), _verdict(row[3]), row[4]) for row in rows),
            )
            for (rubric, criterion), rows in grouped
        )

    def operators(self) -> tuple[OperatorShift, ...]:
        """Return the operators with changed calls, the largest change of the mean first per rubric."""
        return tuple(
            OperatorShift(
                operator=row[0],
                rubric=row[1],
                old_calls=int(row[2]),
                old_score=row[3],
                new_calls=int(row[4]),
                new_score=row[5],
                changed_calls=row[6],
            )
            for row in self._rows(SQL_OPERATORS)
        )

    def calls(self, limit: int | None = None) -> Iterator[ChangedCall]:
        """Yield the changed calls, at most `limit`, the largest change of score first."""
        for _, rows in groupby(self._rows(SQL_CALLS, {"limit": limit}), key=lambda row: row[0]):
            found = list(rows)
            yield ChangedCall(_shift(found[0]), tuple(_change(row) for row in found if row[9] is not None))

    def old_rubrics(self) -> dict[str, tuple[int, str]]:
        """Return version and hash by rubric of most of the old scores."""
        return {row[0]: (row[1], row[2]) for row in self._rows(SQL_OLD_RUBRICS)}

    def _rows(self, sql: str, values: object = None) -> Iterator[tuple[Any, ...]]:
        """Yield row after row, so that a million differences are never in memory together."""
        connection: duckdb.DuckDBPyConnection = connect(self._path, read_only=True, memory=MEMORY)
        try:
            with store_errors(self._path):
                connection.execute(SQL_ATTACH.format(path=_quoted(self._snapshot)))
                connection.execute(sql, values)
                while rows := connection.fetchmany(_BATCH):
                    yield from rows
        finally:
            connection.close()


def _quoted(path: Path | str) -> str:
    return str(path).replace("'", "''")


def _verdict(text: str | None) -> Verdict | None:
    return Verdict(text) if text else None


def _shift(row: Sequence[Any]) -> CallShift:
    return CallShift(
        call_id=row[0],
        operator=row[1],
        started_at=aware_utc(row[2]),
        old_rubric=row[3],
        old_version=row[4],
        old_score=row[5],
        new_rubric=row[6],
        new_version=row[7],
        new_score=row[8],
    )


def _change(row: Sequence[Any]) -> VerdictChange:
    return VerdictChange(
        criterion=row[9],
        old=_verdict(row[10]),
        new=_verdict(row[11]),
        old_reason=row[12],
        new_reason=row[13],
        old_quote=row[14],
        new_quote=row[15],
        role=Role(row[16]) if row[16] else None,
        start_ms=row[17],
    )
