"""A fingerprint of what a store holds, to compare two runs over the same calls."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callscore.store.open import connect, store_errors

__all__ = ["store_digest"]

# What belongs to a run and not to a call: its journal, its clock times.
_BOOKKEEPING: Final = frozenset({"runs", "run_calls", "schema_migrations"})
_BOOKKEEPING_COLUMNS: Final = {
    "failures": ("run_id", "failed_at"),
    "verdict_history": ("run_id", "replaced_at"),
    "score_history": ("run_id", "replaced_at"),
}

SQL_TABLES: Final = "SELECT table_name FROM duckdb_tables() WHERE NOT internal ORDER BY table_name"
SQL_ROWS: Final = "SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM (SELECT * {exclude} FROM {table}) t"


def store_digest(path: Path) -> dict[str, str]:
    """Return a text per content table that is equal for equal rows in any order; bookkeeping of runs is left out.

    Raises:
        StoreError: if the database cannot be opened.
    """
    connection = connect(path, read_only=True)
    try:
        with store_errors(path):
            tables = [row[0] for row in connection.execute(SQL_TABLES).fetchall() if row[0] not in _BOOKKEEPING]
            digest = {}
            for table in tables:
                excluded = _BOOKKEEPING_COLUMNS.get(table, ())
                exclude = f"EXCLUDE ({', '.join(excluded)})" if excluded else ""
                rows = connection.execute(SQL_ROWS.format(table=table, exclude=exclude)).fetchall()
                digest[table] = "-".join(map(str, rows[0]))
            return digest
    finally:
        connection.close()
