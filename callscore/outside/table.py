"""The one reader of tables as they come out of Excel and Russian systems: CSV, TSV, XLSX, JSON lines and Parquet.

It finds the header, gives rows as text by heading, and goes on behind what cannot be read. What the texts mean is said by
`columns` and `cells`. Rows are streamed: no table is held in memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple

from callscore.outside.pages import Reject
from callscore.outside.table_csv import iter_csv
from callscore.outside.table_line import Line, TableError
from callscore.outside.table_named import iter_jsonl, iter_parquet
from callscore.outside.table_xlsx import iter_book

__all__ = ["ENDINGS", "Row", "Sheet", "TableError", "TableOptions", "is_table", "read_sheets"]

ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".jsonl", ".ndjson", ".parquet", ".xls")
"""Of files that are tables; .xls is among them to be named, it cannot be read."""
MAX_TABLE_BYTES: Final = 4 * 1024**3
_OTHERS: Final = {
    ".xls": "is an old Excel workbook (.xls)",
    ".xlsb": "is a binary Excel workbook (.xlsb)",
    ".ods": "is an OpenDocument workbook (.ods)",
}
_TOTAL: Final = re.compile(r"(?:общий\s+)?(?:итого|всего|grand total|total)(?:\s|:|$)", re.IGNORECASE)


class Row(NamedTuple):
    """One row of a table by heading, all as text (empty: unknown), and where it stands."""

    values: Mapping[str, str]
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table: the headings, and the rows, to be read before the next sheet.

    Headings are as written; empty ones are left out, and those that come again have their number behind them.
    """

    name: str
    header: tuple[str, ...]
    where: str
    rows: Iterator[Row | Reject]


def _count_texts(cells: Sequence[str]) -> int:
    del cells
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOptions:
    """How to read a table.

    `rate` tells how many cells of a row are known headings: the row where it is highest is the header, searched in the first
    `header_within` rows. `label` names the file in messages, "" is its path. `sheet` picks one of a workbook.
    """

    rate: Callable[[Sequence[str]], int] = _count_texts
    header_within: int = 40
    sheet: str = ""
    label: str = ""
    max_bytes: int = MAX_TABLE_BYTES


def is_table(path: Path) -> bool:
    """Tell by its name whether a file is a table; what Excel keeps beside an open workbook is none."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith((".", "~$"))


def read_sheets(path: Path, options: TableOptions) -> Iterator[Sheet]:
    """Yield the tables in a file: one, or each visible sheet of a workbook that is not empty.

    Raises:
        TableError: if it cannot be read; also while rows are read, if the rest of them is damaged.
    """
    label = options.label or str(path)
    try:
        if path.stat().st_size > options.max_bytes:
            raise TableError(f"is larger than {options.max_bytes // 2**20} MiB", "split it")
        for name, lines in _open(path, options):
            where = f"{label} [{name}]" if name else label
            if sheet := _sheet(lines, options, name, where):
                yield sheet
    except OSError as exc:
        raise TableError(f"cannot be read: {exc.strerror or exc}") from exc


def _open(path: Path, options: TableOptions) -> Iterator[tuple[str, Iterator[Line]]]:
    ending = path.suffix.lower()
    if ending in (".xlsx", ".xlsm"):
        yield from iter_book(path, options.sheet)
    elif ending in (".csv", ".tsv", ".txt"):
        yield "", iter_csv(path, options.rate)
    elif ending in (".jsonl", ".ndjson"):
        yield "", iter_jsonl(path)
    elif ending == ".parquet":
        yield "", iter_parquet(path)
    else:
        raise TableError(_OTHERS.get(ending, "must be .csv, .tsv, .xlsx, .jsonl or .parquet"), "save it as .xlsx")


def _sheet(lines: Iterator[Line], options: TableOptions, name: str, where: str) -> Sheet | None:
    head = list(islice(lines, options.header_within))
    usable = [line for line in head if not line.fault]
    if not usable:
        # Faults alone are still to be told.
        return Sheet(name=name, header=(), where=where, rows=_iter_rows((), iter(head), where)) if head else None
    best = max(usable, key=lambda line: (options.rate(line.cells), _looks(line) if options.header_within > 1 else 0))
    after = [line for line in head if line.number > best.number or (line.fault and line.number < best.number)]
    header = tuple(heading.replace("\ufeff", "").strip() for heading in best.cells)
    rows = _iter_rows(header, chain(after, lines), where)
    return Sheet(name=name, header=tuple(filter(None, _unique(header))), where=f"{where}:{max(best.number, 1)}", rows=rows)


def _looks(line: Line) -> int:
    """Return how much a row looks like a header where no heading is known: many cells, all of them words."""
    return sum(1 if re.search(r"[^\W\d_]", cell) else -1 for cell in line.cells if cell.strip())


def _iter_rows(header: Sequence[str], lines: Iterator[Line], where: str) -> Iterator[Row | Reject]:
    width = len(header)
    named = _unique(header)
    is_plain = all(header)
    same = [heading.strip() for heading in header]
    for number, cells, fault in lines:
        place = f"{where}:{number}"
        if fault:
            yield Reject(where=place, reason=fault)
        elif len(cells) > width and any(cell.strip() for cell in cells[width:]):
            yield Reject(where=place, reason="a row has more cells than the header")
        elif _is_no_row(cells, same):
            continue
        elif is_plain:
            yield Row(dict(zip(named, cells, strict=False)), place)
        else:
            yield Row({name: cell for name, cell in zip(named, cells, strict=False) if name}, place)


def _is_no_row(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether a row is blank, a total, or the header again, as it stands on each printed page."""
    first = next((cell for cell in cells if cell and not cell.isspace()), None)
    if first is None or _TOTAL.match(first.lstrip()):
        return True
    return first.strip() in header and [cell.strip() for cell in cells] == header


def _unique(header: Sequence[str]) -> list[str]:
    """Return the headings, those that come again with their number.

    >>> _unique(["Дата", "", "Дата"])
    ['Дата', '', 'Дата (2)']
    """
    seen: dict[str, int] = {}
    names = []
    for heading in header:
        seen[heading] = seen.get(heading, 0) + 1
        names.append(heading if seen[heading] == 1 or not heading else f"{heading} ({seen[heading]})")
    return names
