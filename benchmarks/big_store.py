"""Fill a store with generated calls, orders and verdicts, by SQL alone: as many as a large shop has in two years.

Numbers follow from the row's number by hashes, so that a store of the same size is the same store.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from callscore.config import load_config
from callscore.jobs.conversion import refresh_conversion
from callscore.jobs.operator_scores import write_operator_scores
from callscore.store import open_store
from callscore.store.maintain import publish_store

__all__ = ["make_store"]

# A hash of the row and a salt as a number 0..1: draws that do not hang together.
_DRAW: Final = "CREATE OR REPLACE TEMP MACRO draw(n, salt) AS (hash(n, salt) % 1000003) / 1000003.0"
_FILL: Final = Path(__file__).with_name("big_store.sql")


def make_store(path: Path, n_calls: int, *, n_criteria: int = 12, n_days: int = 730) -> None:
    """Make a database at `path` with `n_calls` calls, 85 of 100 of them recorded and scored.

    What a run computes at its end is there too, and the readers' copy.
    """
    with open_store(path):
        pass
    values = {"calls": n_calls, "criteria": n_criteria, "days": n_days, "clients": max(1, n_calls // 3)}
    with duckdb.connect(str(path)) as connection:
        connection.execute("SET memory_limit = '6GB'")
        connection.execute(_DRAW)
        for statement in _FILL.read_text(encoding="utf-8").split(";\n"):
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used)
    with open_store(path) as writer:
        config = load_config(environ={}, cwd=path.parent).config
        write_operator_scores(writer, config.report.timezone)
        writer.refresh_shifts(config.operators.shift_gap_hours)
        refresh_conversion(writer, config)
    publish_store(path)
