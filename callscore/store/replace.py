"""Replacing the scores of many calls at once, and keeping what is replaced. Runs inside the writer's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callscore.store.staging import SCORE_TABLES, SCORED, staged_files

if TYPE_CHECKING:
    import duckdb

__all__ = ["keep_history", "replace_scores"]

# A verdict knows the version of its rubric; which text that was is known by the hash beside the score.
SQL_KEEP_VERDICTS: Final = """
INSERT INTO verdict_history BY NAME
SELECT v.*, s.rubric_sha256, $run_id AS run_id, (SELECT started_at FROM runs WHERE run_id = $run_id) AS replaced_at
FROM verdicts v JOIN call_scores s USING (call_id, rubric, rubric_version) WHERE call_id IN ({calls})
"""
SQL_KEEP_SCORES: Final = """
INSERT INTO score_history BY NAME
SELECT s.*, $run_id AS run_id, (SELECT started_at FROM runs WHERE run_id = $run_id) AS replaced_at
FROM call_scores s WHERE call_id IN ({calls})
"""
CALLS_GIVEN: Final = "SELECT unnest($ids::VARCHAR[])"
CALLS_DIFFERING: Final = "SELECT call_id FROM differing WHERE is_kept"

SQL_SCORED: Final = "CREATE OR REPLACE TEMP TABLE scored AS SELECT * FROM read_parquet('{files}')"
SQL_NEW: Final = "CREATE OR REPLACE TEMP VIEW new_{table} AS SELECT * FROM read_parquet('{files}')"
# Rows are compared by their hashes, added up per call: in any order, and without holding the texts of a million verdicts.
SQL_DIFFERING_IN: Final = """
SELECT call_id, {is_kept} AS is_kept
FROM (
    SELECT call_id, sum(hash(t)::HUGEINT) AS rows FROM (
        SELECT {columns} FROM {table} WHERE call_id IN (SELECT call_id FROM scored)
    ) t GROUP BY call_id
) o FULL JOIN (
    SELECT call_id, sum(hash(t)::HUGEINT) AS rows FROM (SELECT {columns} FROM new_{table}) t GROUP BY call_id
) n USING (call_id)
WHERE o.rows IS DISTINCT FROM n.rows
"""
SQL_DIFFERING: Final = """
CREATE OR REPLACE TEMP TABLE differing AS SELECT call_id, bool_or(is_kept) AS is_kept FROM ({parts}) GROUP BY call_id
"""
# Another hash alone (an example was added, a limit of doubt moved) is no other verdict.
COMPARED: Final = (
    ("verdicts", "* EXCLUDE (criterion_sha256)", True),
    ("verdicts", "call_id, criterion_sha256", False),
    ("call_scores", "* EXCLUDE (rubric_sha256)", True),
    ("call_scores", "call_id, rubric_sha256", False),
    ("evidence", "*", False),
    ("flags", "*", False),
    ("call_metrics", "*", False),
)
SQL_DELETE: Final = "DELETE FROM {table} WHERE call_id IN (SELECT call_id FROM differing)"
SQL_INSERT: Final = "INSERT INTO {table} BY NAME SELECT * FROM new_{table} WHERE call_id IN (SELECT call_id FROM differing)"
SQL_CALLS: Final = """
UPDATE calls SET call_type = s.call_type, call_type_confidence = s.call_type_confidence,
    call_type_reason = s.call_type_reason, call_type_shares = s.call_type_shares, fingerprint = s.fingerprint
FROM scored s WHERE calls.call_id = s.call_id
"""
SQL_JOURNAL: Final = "INSERT INTO run_calls SELECT $run_id, call_id, 'done' FROM scored"
SQL_CLEAN: Final = "DROP TABLE temp.differing; DROP TABLE temp.scored"


def keep_history(connection: duckdb.DuckDBPyConnection, call_ids: Sequence[str], run_id: str) -> None:
    """Copy the verdicts and scores of these calls to the tables of history."""
    for sql in (SQL_KEEP_VERDICTS, SQL_KEEP_SCORES):
        connection.execute(sql.format(calls=CALLS_GIVEN), {"ids": list(call_ids), "run_id": run_id})


def replace_scores(connection: duckdb.DuckDBPyConnection, folder: Path, run_id: str) -> None:
    """Replace the scores of the calls that are staged in `folder`; rows of calls in which nothing differs are left alone."""
    connection.execute(SQL_SCORED.format(files=_literal(folder, SCORED)))
    for table in SCORE_TABLES:
        connection.execute(SQL_NEW.format(table=table, files=_literal(folder, table)))
    parts = " UNION ALL ".join(
        SQL_DIFFERING_IN.format(table=table, columns=columns, is_kept=is_kept) for table, columns, is_kept in COMPARED
    )
    connection.execute(SQL_DIFFERING.format(parts=parts))
    for sql in (SQL_KEEP_VERDICTS, SQL_KEEP_SCORES):
        connection.execute(sql.format(calls=CALLS_DIFFERING), {"run_id": run_id})
    for table in SCORE_TABLES:
        connection.execute(SQL_DELETE.format(table=table))
        connection.execute(SQL_INSERT.format(table=table))
    connection.execute(SQL_CALLS)
    connection.execute(SQL_JOURNAL, {"run_id": run_id})
    for table in SCORE_TABLES:
        connection.execute(f"DROP VIEW temp.new_{table}")
    connection.execute(SQL_CLEAN)


def _literal(folder: Path, table: str) -> str:
    return staged_files(folder, "new", table).replace("'", "''")
