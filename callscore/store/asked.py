"""Queries that remember what they were, so that every number of a report can be traced to the SQL behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import duckdb

__all__ = ["Asked", "Queries", "RememberedQueries"]

# A text, a name in double quotes, a comment, or the place of a value.
_TOKEN: Final = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|\$([A-Za-z_]\w*)|\?")


class Queries(Protocol):
    """Something that runs a query: a connection, or RememberedQueries over one."""

    def execute(self, query: str, parameters: object = None, /) -> duckdb.DuckDBPyConnection:
        """Run a query with its values; the connection returned has the rows."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was run, and the values put into it: by name, or in order."""

    sql: str
    values: Mapping[str, object] | Sequence[object]

    @property
    def text(self) -> str:
        """The query with its values written in: what `callscore sql` takes.

        >>> Asked("SELECT $name, '$no', ?", {"name": "O'Hara"}).text
        "SELECT 'O''Hara', '$no', ?"
        """
        in_order = iter(() if isinstance(self.values, Mapping) else self.values)
        named = self.values if isinstance(self.values, Mapping) else {}

        def write(found: re.Match[str]) -> str:
            if found.group() == "?":
                return _literal(next(in_order)) if not named else "?"
            name = found.group(1)
            return _literal(named[name]) if name in named else found.group()

        return _TOKEN.sub(write, self.sql).strip()


class RememberedQueries:
    """Runs queries on a connection and keeps them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._asked: dict[str, Asked] = {}

    def execute(self, query: str, parameters: object = None, /) -> duckdb.DuckDBPyConnection:
        """See Queries.execute."""
        asked = Asked(query, parameters if isinstance(parameters, Mapping | Sequence) else ())
        self._asked.setdefault(asked.text, asked)
        return self._connection.execute(query, parameters)

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Every query that was run so far, in order, each once."""
        return tuple(self._asked.values())


def _literal(value: object) -> str:
    """Return a value as SQL writes it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value).upper()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(item) for item in value)}]"
    text = str(value).replace("'", "''")
    kind = "TIMESTAMP " if isinstance(value, datetime) else "DATE " if isinstance(value, date) else ""
    return f"{kind}'{text}'"
