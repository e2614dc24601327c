"""What was found out about what goes with sales: read for reports, replaced at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from typing import Final

from callscore.store.asked import Queries
from callscore.store.conversion_records import ConversionRow, OperatorConversion, QueueBalance
from callscore.store.rows import Row

__all__ = ["read_conversion", "read_operator_conversion", "read_queue_balance", "write_conversion"]

SQL_CONVERSION: Final = (
    f"SELECT {', '.join(field.name for field in fields(ConversionRow))} FROM conversion_correlations "  # noqa: S608
    "WHERE $rubric::VARCHAR IS NULL OR rubric = $rubric::VARCHAR ORDER BY rubric, criterion_no, criterion"
)
SQL_OPERATOR_CONVERSION: Final = (
    f"SELECT {', '.join(field.name for field in fields(OperatorConversion))} FROM conversion_operators "  # noqa: S608
    "WHERE $rubric::VARCHAR IS NULL OR rubric = $rubric::VARCHAR ORDER BY rubric, operator"
)
SQL_QUEUES: Final = f"SELECT {', '.join(field.name for field in fields(QueueBalance))} FROM conversion_queues ORDER BY queue"  # noqa: S608
SQL_DELETE: Final = "DELETE FROM {table}"


def read_conversion(queries: Queries, rubric: str | None) -> tuple[ConversionRow, ...]:
    """Return what was found out at the end of the last run, in the rubric's order."""
    names = [field.name for field in fields(ConversionRow)]
    rows = queries.execute(SQL_CONVERSION, {"rubric": rubric}).fetchall()
    return tuple(ConversionRow(**dict(zip(names, row, strict=True))) for row in rows)


def read_operator_conversion(queries: Queries, rubric: str | None) -> tuple[OperatorConversion, ...]:
    """Return whether better-scored calls sell more often, by operator."""
    names = [field.name for field in fields(OperatorConversion)]
    rows = queries.execute(SQL_OPERATOR_CONVERSION, {"rubric": rubric}).fetchall()
    return tuple(OperatorConversion(**dict(zip(names, row, strict=True))) for row in rows)


def read_queue_balance(queries: Queries) -> tuple[QueueBalance, ...]:
    """Return whether the queues deal out evenly."""
    names = [field.name for field in fields(QueueBalance)]
    return tuple(QueueBalance(**dict(zip(names, row, strict=True))) for row in queries.execute(SQL_QUEUES).fetchall())


def write_conversion(
    queries: Queries,
    insert: Callable[[str, Sequence[Row]], None],
    tables: tuple[Sequence[ConversionRow], Sequence[OperatorConversion], Sequence[QueueBalance]],
) -> None:
    """Put new findings in place of the stored ones."""
    criteria, operators, queues = tables
    for table, rows in (
        ("conversion_correlations", [asdict(row) for row in criteria]),
        ("conversion_operators", [asdict(row) for row in operators]),
        ("conversion_queues", [asdict(row) for row in queues]),
    ):
        queries.execute(SQL_DELETE.format(table=table))
        insert(table, rows)
