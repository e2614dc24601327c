"""Questions of the review page about calls that need no words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from callscore.records import CallInfo
from callscore.store.asked import Queries
from callscore.store.assemble import CALL_FACTS, call_info

__all__ = ["read_call_info", "read_call_infos", "read_operators", "read_reasons"]

SQL_CALL_INFO: Final = f"SELECT {CALL_FACTS} FROM calls WHERE call_id = ?"  # noqa: S608 - column names
SQL_CALL_INFOS: Final = f"SELECT {CALL_FACTS} FROM calls WHERE call_id IN (SELECT unnest(?::VARCHAR[]))"  # noqa: S608 - as above
SQL_OPERATORS: Final = "SELECT DISTINCT operator FROM calls WHERE operator IS NOT NULL ORDER BY operator LIMIT 1000"
SQL_REASONS: Final = "SELECT reason FROM flags GROUP BY reason ORDER BY max(severity) DESC, reason LIMIT 100"


def read_call_info(queries: Queries, call_id: str) -> CallInfo | None:
    """Return what is known about a call, None if there is none of that id."""
    row = queries.execute(SQL_CALL_INFO, [call_id]).fetchone()
    return call_info(row) if row else None


def read_operators(queries: Queries) -> tuple[str, ...]:
    """Return the names that calls have for operators, in order."""
    return tuple(row[0] for row in queries.execute(SQL_OPERATORS).fetchall())


def read_reasons(queries: Queries) -> tuple[str, ...]:
    """Return the reasons for which calls are flagged, most severe first."""
    return tuple(row[0] for row in queries.execute(SQL_REASONS).fetchall())


def read_call_infos(queries: Queries, call_ids: Sequence[str]) -> Mapping[str, tuple[CallInfo, int | None]]:
    """Return what is known about calls, and how long each lasts in ms; those that are not stored are left out."""
    rows = queries.execute(SQL_CALL_INFOS, [list(call_ids)]).fetchall()
    return {row[0]: (call_info(row), row[17]) for row in rows}
