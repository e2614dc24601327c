"""The shop's own list of operators: what is kept of it, and how its names meet the names in calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from callscore.store.asked import Queries
from callscore.store.assemble import aware_utc
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.rows import Row, naive_utc

if TYPE_CHECKING:
    import duckdb

__all__ = ["CallName", "OperatorEntry", "read_call_names", "read_operators", "write_operators"]

SQL_CLEAR: Final = "DELETE FROM operators"
SQL_OPERATORS: Final = """
SELECT operator, names, team, kind, cost_per_hour, cost_per_call, starts_on, ends_on, starts_at, ends_at
FROM operators ORDER BY entry_no
"""
# Calls of telephony systems, and recordings that no telephony system told of.
SQL_CALL_NAMES: Final = f"""
WITH {PEOPLE}, c AS (
    SELECT operator, operator_id, extension, started_at FROM pbx_calls WHERE direction IS DISTINCT FROM 'internal'
    UNION ALL
    SELECT operator, NULL, extension, started_at FROM calls c
    WHERE started_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pbx_recordings r WHERE r.call_id = c.call_id)
)
SELECT coalesce(c.operator, c.operator_id, c.extension), c.extension, {PERSON}, who.operator IS NOT NULL, count(*),
    max(c.started_at)
FROM c {WHO} WHERE {PERSON} IS NOT NULL GROUP BY ALL ORDER BY count(*) DESC, 1, 2
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorEntry:
    """A row of the list: a person from `starts_on` to `ends_on` (local days, both within; None: open), with all names.

    `names` are folded (see fold_name) and hold the person's own. Costs are in the shop's currency, None where not told.
    `starts_at` and `ends_at` are the moments between which the row holds, aware UTC, half-open.
    """

    operator: str
    names: tuple[str, ...]
    team: str | None = None
    kind: str | None = None
    cost_per_hour: Decimal | None = None
    cost_per_call: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallName:
    """How calls name an operator, and the person this is taken for; not `is_listed`: the list does not know the name."""

    name: str
    extension: str | None
    person: str
    is_listed: bool
    calls: int
    last_at: datetime


def write_operators(
    connection: duckdb.DuckDBPyConnection, insert: Callable[[str, Sequence[Row]], None], entries: Sequence[OperatorEntry]
) -> None:
    """Put a list in place of the stored one."""
    connection.execute(SQL_CLEAR)
    insert("operators", [_row(number, entry) for number, entry in enumerate(entries, 1)])


def read_operators(queries: Queries) -> tuple[OperatorEntry, ...]:
    """Return the stored list in the order of its file; empty if none was ever read."""
    return tuple(
        OperatorEntry(
            operator=row[0],
            names=tuple(row[1]),
            team=row[2],
            kind=row[3],
            cost_per_hour=row[4],
            cost_per_call=row[5],
            starts_on=row[6],
            ends_on=row[7],
            starts_at=aware_utc(row[8]),
            ends_at=aware_utc(row[9]),
        )
        for row in queries.execute(SQL_OPERATORS).fetchall()
    )


def read_call_names(queries: Queries) -> tuple[CallName, ...]:
    """Return every name that calls have for an operator, most calls first, with whom the stored list takes it for."""
    return tuple(
        CallName(
            name=row[0],
            extension=row[1],
            person=row[2],
            is_listed=row[3],
            calls=row[4],
            last_at=row[5].replace(tzinfo=UTC),
        )
        for row in queries.execute(SQL_CALL_NAMES).fetchall()
    )


def _row(number: int, entry: OperatorEntry) -> dict[str, Any]:
    same = ("operator", "team", "kind", "cost_per_hour", "cost_per_call", "starts_on", "ends_on")
    return {
        "entry_no": number,
        "names": list(entry.names),
        "starts_at": naive_utc(entry.starts_at),
        "ends_at": naive_utc(entry.ends_at),
        **{name: getattr(entry, name) for name in same},
    }
