"""Bring a database to the newest schema: numbered .sql files, each applied once and recorded."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Final

import duckdb

from callscore.errors import StoreError
from callscore.store.open import store_errors

__all__ = ["Migration", "check_version", "migrate", "migrations", "schema_version"]

SQL_CREATE_LOG: Final = """
CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMP NOT NULL);
COMMENT ON TABLE schema_migrations IS 'Which migrations were applied to this database';
COMMENT ON COLUMN schema_migrations.version IS 'Number of the migration';
COMMENT ON COLUMN schema_migrations.name IS 'Name of its file';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When, UTC';
"""
SQL_HAS_LOG: Final = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migrations' AND NOT internal"
SQL_HAS_TABLES: Final = "SELECT count(*) FROM duckdb_tables() WHERE NOT internal"
SQL_VERSION: Final = "SELECT coalesce(max(version), 0) FROM schema_migrations"
SQL_RECORD: Final = "INSERT INTO schema_migrations VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step."""

    version: int
    name: str
    sql: str


def migrations() -> tuple[Migration, ...]:
    """Return the migrations this callscore knows, in order; they are numbered 1.. without gaps."""
    folder = resources.files("callscore.store") / "migrations"
    found = [
        Migration(int(match.group(1)), entry.name, entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if (match := re.fullmatch(r"(\d{4})_\w+\.sql", entry.name))
    ]
    return tuple(sorted(found, key=lambda migration: migration.version))


def schema_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the number of the last migration applied, 0 for an empty database.

    Raises:
        StoreError: if the file holds tables but was not made by callscore.
    """
    with store_errors(path):
        if _number(connection, SQL_HAS_LOG):
            return _number(connection, SQL_VERSION)
        if _number(connection, SQL_HAS_TABLES):
            raise StoreError(
                "the database holds other tables and none of callscore's", where=str(path), hint="choose another file with --db"
            )
    return 0


def check_version(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the schema version, or refuse one this callscore does not know.

    Raises:
        StoreError: if a newer callscore wrote the database.
    """
    version, known = schema_version(connection, path), migrations()[-1].version
    if version > known:
        raise StoreError(
            f"the database has schema version {version}, this callscore knows versions up to {known}",
            where=str(path),
            hint="install the newer callscore that wrote it, or choose another file with --db",
        )
    return version


def migrate(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Apply what is missing, all in one transaction together with its record; return how many steps were applied.

    Raises:
        StoreError: if a newer callscore wrote the database or a step fails (then nothing has changed).
    """
    version = check_version(connection, path)
    missing = [migration for migration in migrations() if migration.version > version]
    if not missing:
        return 0
    with store_errors(path):
        connection.execute("BEGIN")
        try:
            if version == 0:
                connection.execute(SQL_CREATE_LOG)
            for migration in missing:
                connection.execute(migration.sql)
                # The only clock in the store: it dates the schema, never the data.
                connection.execute(SQL_RECORD, [migration.version, migration.name, datetime.now(UTC).replace(tzinfo=None)])
            connection.execute("COMMIT")
        except BaseException:
            # After a fatal error (a full disk) DuckDB refuses even this; the file is then as before anyway.
            with contextlib.suppress(duckdb.Error):
                connection.execute("ROLLBACK")
            raise
    return len(missing)


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(connection.execute(sql).fetchall()[0][0])
