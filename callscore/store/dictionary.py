"""The data dictionary: every table, view and column with its unit and meaning, as the COMMENTs in the migrations say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from callscore.store.migrate import migrate

__all__ = ["ColumnDoc", "TableDoc", "data_dictionary"]

SQL_TABLES: Final = """
SELECT table_name, comment, false FROM duckdb_tables() WHERE NOT internal ORDER BY table_oid
"""
SQL_VIEWS: Final = """
SELECT view_name, comment, true FROM duckdb_views() WHERE NOT internal ORDER BY view_oid
"""
SQL_COLUMNS: Final = """
SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal ORDER BY table_oid, column_index
"""


@dataclass(frozen=True, slots=True)
class ColumnDoc:
    """A column, its SQL type and what it means."""

    name: str
    sql_type: str
    meaning: str


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A table or a view, what one row is, and its columns in order."""

    name: str
    meaning: str
    is_view: bool
    columns: tuple[ColumnDoc, ...]


def data_dictionary() -> tuple[TableDoc, ...]:
    """Return the documentation of the newest schema, views first; an empty text where a COMMENT is missing."""
    with duckdb.connect(":memory:") as connection:
        migrate(connection, Path(":memory:"))
        tables = [*connection.execute(SQL_VIEWS).fetchall(), *connection.execute(SQL_TABLES).fetchall()]
        columns = connection.execute(SQL_COLUMNS).fetchall()
    return tuple(
        TableDoc(name, meaning or "", is_view, tuple(ColumnDoc(c[1], c[2], c[3] or "") for c in columns if c[0] == name))
        for name, meaning, is_view in tables
    )
