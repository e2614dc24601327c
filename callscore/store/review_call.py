"""Questions of the review page about one call that need no words."""

from __future__ import annotations

from typing import Final

from callscore.records import CallInfo
from callscore.store.asked import Queries
from callscore.store.assemble import CALL_FACTS, call_info

__all__ = ["read_call_info"]

SQL_CALL_INFO: Final = f"SELECT {CALL_FACTS} FROM calls WHERE call_id = ?"  # noqa: S608 - column names


def read_call_info(queries: Queries, call_id: str) -> CallInfo | None:
    """Return what is known about a call, None if there is none of that id."""
    row = queries.execute(SQL_CALL_INFO, [call_id]).fetchone()
    return call_info(row) if row else None
