"""Tables whose rows carry their own column names: JSON lines and Parquet -> lines of cells under one header."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from callscore.outside.table_line import MAX_CELL, MAX_COLUMNS, Line, TableError, cell_text

__all__ = ["iter_jsonl", "iter_parquet"]

MAX_LINE_BYTES: Final = 1024 * 1024
MAX_ROWS: Final = 20_000_000
MAX_UNPACKED_BYTES: Final = 8 * 1024**3
_BATCH_ROWS: Final = 5_000
_PEEKED: Final = 1_000


def iter_jsonl(path: Path) -> Iterator[Line]:
    """Yield the header, line 0 with the names of the first rows, then a row for each line that is not blank.

    Raises:
        OSError: if the file cannot be read.
    """
    with path.open("rb") as stream:
        parsed = _iter_objects(stream)
        first = list(islice(parsed, _PEEKED))
        names = list(dict.fromkeys(str(name) for _, row in first if isinstance(row, dict) for name in row))[:MAX_COLUMNS]
        if names:
            yield Line(0, names)
        for number, row in chain(first, parsed):
            if isinstance(row, dict):
                yield Line(number, [cell_text(row.get(name))[:MAX_CELL] for name in names])
            else:
                yield Line(number, (), "the line is no JSON object")


def iter_parquet(path: Path) -> Iterator[Line]:
    """Yield the header as line 0, then the rows, numbered from 1.

    Raises:
        TableError: if the file is damaged, or unpacks to a flood.
        OSError: if it cannot be read.
    """
    # Outside store/ because such a file comes from elsewhere and never meets the database.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
            n_bytes = sum(group.total_byte_size for group in groups)
            names = file.schema_arrow.names
            if file.metadata.num_rows > MAX_ROWS or n_bytes > MAX_UNPACKED_BYTES or len(names) > MAX_COLUMNS:
                raise TableError("unpacks to more than a table can need")
            yield Line(0, names)
            number = 0
            for batch in file.iter_batches(_BATCH_ROWS):
                columns = [[cell_text(value)[:MAX_CELL] for value in column.to_pylist()] for column in batch.columns]
                for number, cells in enumerate(zip(*columns, strict=True), number + 1):  # noqa: B020 - goes on counting
                    yield Line(number, cells)
    except (pa.ArrowException, ValueError, OverflowError) as exc:
        raise TableError("is damaged or no Parquet file", "write it anew") from exc


def _iter_objects(stream: Any) -> Iterator[tuple[int, Any]]:
    """Yield (line number, value) of the lines that are not blank; None for a line that is no JSON."""
    number = 0
    while data := stream.readline(MAX_LINE_BYTES):
        number += 1
        is_whole = True
        while len(data) == MAX_LINE_BYTES and not data.endswith(b"\n"):
            data, is_whole = stream.readline(MAX_LINE_BYTES), False
        if not is_whole or data.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, _parse(data) if is_whole else None


def _parse(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
