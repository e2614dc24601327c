"""The main table of a report as Parquet: a type per unit, times in UTC, null for unknown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from callscore.report.view import Column, Report, Unit, Value

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_parquet"]


def write_parquet(report: Report, stream: BinaryIO) -> None:
    """Write the main section: shares 0..1, scores 0..100, durations in ms, days as dates, times as UTC.

    A column whose values do not fit its unit becomes text, so that nothing is lost.

    Raises:
        OSError: if it cannot be written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    section = next(section for section in report.sections if section.key == report.main)
    arrays = {
        column.key: _array(column, [row[place].value for row in section.rows]) for place, column in enumerate(section.columns)
    }
    units = {column.key: str(column.unit) for column in section.columns}
    schema = pa.schema([pa.field(key, array.type, metadata={"unit": units[key]}) for key, array in arrays.items()])
    table = pa.Table.from_arrays(list(arrays.values()), schema=schema)
    pq.write_table(table, stream, compression="zstd")


def _array(column: Column, values: Sequence[Value]) -> pa.Array:
    import pyarrow as pa

    types = {
        Unit.TEXT: pa.string(),
        Unit.COUNT: pa.int64(),
        Unit.DURATION: pa.int64(),
        Unit.NUMBER: pa.float64(),
        Unit.SHARE: pa.float64(),
        Unit.SCORE: pa.float64(),
        Unit.MONEY: pa.float64(),
        Unit.TIME: pa.timestamp("us", tz="UTC"),
        Unit.DAY: pa.date32(),
        Unit.YES_NO: pa.bool_(),
    }
    try:
        return pa.array([_typed(value, column.unit) for value in values], types[column.unit])
    except (ValueError, TypeError, OverflowError, pa.ArrowException):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _typed(value: Value, unit: Unit) -> Any:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if unit is Unit.TEXT:
        return str(value)
    if unit is Unit.TIME:
        return datetime.fromisoformat(str(value))
    if unit is Unit.DAY:
        return date.fromisoformat(str(value))
    if isinstance(value, float) and unit in (Unit.COUNT, Unit.DURATION):
        return round(value)
    return value
