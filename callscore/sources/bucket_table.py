"""Tables of calls that lie beside recordings in a bucket: CSV, XLSX or JSON -> rows by column name."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from callscore.outside.pages import Reject
from callscore.outside.table import TableError, TableOptions, read_sheets

__all__ = ["iter_rows"]


def iter_rows(
    data: bytes, label: str, rate: Callable[[Sequence[str]], int]
) -> Iterator[tuple[str, Mapping[Any, Any]] | Reject]:
    """Yield the rows of a table with the place of each; what cannot be read is a Reject, and the rows after it go on.

    JSON is a list of objects, an object with such a list in it, or an object per line. `label` names the table and tells by
    its ending what it is; `rate` tells how many cells of a row are known headings.
    """
    suffix = PurePosixPath(label).suffix.lower()
    if suffix == ".json":
        try:
            whole = json.loads(data)
        except (ValueError, RecursionError):
            suffix = ".jsonl"
        else:
            yield from _iter_json(whole, label)
            return
    with tempfile.TemporaryDirectory(prefix="callscore-") as folder:
        path = Path(folder, f"table{suffix}")
        path.write_bytes(data)
        try:
            for sheet in read_sheets(path, TableOptions(rate=rate, label=label)):
                for row in sheet.rows:
                    yield row if isinstance(row, Reject) else (row.where, row.values)
        except TableError as exc:
            yield Reject(where=label, reason=f"the table {exc.reason}")


def _iter_json(whole: Any, label: str) -> Iterator[tuple[str, Mapping[Any, Any]] | Reject]:
    if isinstance(whole, Mapping):
        whole = next((value for value in whole.values() if isinstance(value, list)), [whole])
    for number, row in enumerate(whole if isinstance(whole, list) else [whole], 1):
        where = f"{label}: row {number}"
        yield (where, row) if isinstance(row, Mapping) else Reject(where=where, reason="the row is not an object")
