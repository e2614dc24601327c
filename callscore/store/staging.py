"""New scores on their way into the store: Parquet files that worker processes write and the one writer reads."""

from __future__ import annotations

import errno
import glob
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callscore.errors import StoreError
from callscore.records import CallMetrics, CallScore, CallType
from callscore.store.entries import Flag
from callscore.store.open import connect_archive, store_errors
from callscore.store.rows import Row, score_rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SCORE_TABLES", "ScoreStage", "ScoredCall", "Side", "prepare_stage", "staged_files"]

Side = str
"""Whose scores: "new", or "old" where two sets of rubrics are compared."""

# The tables that scoring fills. `scored` has a row per call with what goes into `calls`.
SCORE_TABLES: Final = ("call_metrics", "verdicts", "evidence", "call_scores", "flags")
SCORED: Final = "scored"

SQL_SCHEMA: Final = "SELECT * FROM {table} LIMIT 0"
SQL_SCORED: Final = (
    "SELECT call_id, call_type, call_type_confidence, call_type_reason, call_type_shares, fingerprint FROM calls LIMIT 0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredCall:
    """What scoring a stored call again gave."""

    call_id: str
    fingerprint: str
    metrics: CallMetrics
    call_type: CallType
    scores: tuple[CallScore, ...]
    flags: tuple[Flag, ...]


def staged_files(folder: Path, side: Side, table: str) -> str:
    """Return the pattern of the files that hold one table of one side."""
    return f"{glob.escape(str(folder))}/{side}-{table}-*.parquet"


def prepare_stage(folder: Path, snapshot: Path, sides: Sequence[Side]) -> None:
    """Write a file without rows for each table, so that nothing staged is still a table.

    Raises:
        StoreError: if the disk is full.
    """
    for side in sides:
        stage = ScoreStage(folder, snapshot, side)
        for table in (*SCORE_TABLES, SCORED):
            stage.write_rows(table, "none", ())


class ScoreStage:
    """Writes the scores of one side; each worker has its own."""

    def __init__(self, folder: Path, snapshot: Path, side: Side) -> None:
        self._folder = folder
        self._side = side
        self._schemas = _schemas(snapshot)

    def write(self, number: int, calls: Sequence[ScoredCall]) -> None:
        """Write what a chunk of calls gave; `number` is the chunk's.

        Raises:
            StoreError: if the disk is full.
        """
        tables: dict[str, list[Row]] = defaultdict(list)
        for call in calls:
            tables[SCORED].append(
                {
                    "call_id": call.call_id,
                    "call_type": call.call_type.id,
                    "call_type_confidence": call.call_type.confidence,
                    "call_type_reason": call.call_type.reason,
                    "call_type_shares": call.call_type.shares or None,
                    "fingerprint": call.fingerprint,
                }
            )
            for table, rows in score_rows(call.call_id, call.metrics, call.scores, call.flags).items():
                tables[table] += rows
        for table, rows in tables.items():
            self.write_rows(table, str(number), rows)

    def write_rows(self, table: str, name: str, rows: Sequence[Row]) -> None:
        """Write one file."""
        import pyarrow as pa  # a third of a second that reading commands need not pay
        import pyarrow.parquet as pq

        path = self._folder / f"{self._side}-{table}-{name}.parquet"
        try:
            pq.write_table(pa.Table.from_pylist(list(rows), schema=self._schemas[table]), path)
        except OSError as exc:
            full = exc.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            message = "the disk is full: the new scores could not be written" if full else f"cannot write: {exc.strerror}"
            raise StoreError(
                message, where=str(self._folder.parent), hint="free some space and run it again; nothing has changed"
            ) from exc


def _schemas(snapshot: Path) -> dict[str, pa.Schema]:
    connection = connect_archive(snapshot)
    try:
        with store_errors(snapshot):
            questions = {table: SQL_SCHEMA.format(table=table) for table in SCORE_TABLES}
            questions[SCORED] = SQL_SCORED
            return {table: connection.sql(sql).to_arrow_table().schema for table, sql in questions.items()}
    finally:
        connection.close()
