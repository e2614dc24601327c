"""What a table's columns seem to mean, tried on its first rows, for a person to confirm."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from callscore.crm.order_table import OrderReader
from callscore.crm.order_table import Settings as OrderTableSettings
from callscore.errors import ConfigError, SourceError
from callscore.outside.columns import CALLS, ORDERS, ColumnError, Columns, Dictionary, lacks_of_calls, lacks_of_orders
from callscore.outside.pages import Reject, Tools
from callscore.outside.rows import RowError
from callscore.outside.table import Row, Sheet, TableError, TableOptions, read_sheets
from callscore.sources.call_rows import CallReader

__all__ = ["MapRequest", "Mapped", "TableMap", "map_table"]

TRIED_ROWS: Final = 1000
_SHOWN_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRequest:
    """The table to look at; `kind` is "table" or "order-table", "" for what fits better; `columns` as in the settings."""

    path: Path
    kind: str = ""
    columns: tuple[str, ...] = ()
    sheet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """One column that is understood, with a value of it; of phones the last digits only."""

    field: str
    heading: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMap:
    """What a table seems to be. `lacks` says why it cannot be used, "" if it can; `toml` is a section for the settings."""

    kind: str
    header: str
    columns: tuple[Mapped, ...]
    unused: tuple[str, ...]
    lacks: str
    n_rows: int
    n_read: int
    rejects: tuple[Reject, ...]
    toml: str


def map_table(request: MapRequest, tools: Tools) -> TableMap:
    """Return the guess for the first sheet that can be used, or else for the first one.

    Raises:
        SourceError: if the table cannot be read.
        ConfigError: if `columns` names a field or a column that is not there.
    """
    found: TableMap | None = None
    options = TableOptions(
        rate=lambda cells: max(CALLS.count(cells), ORDERS.count(cells)), sheet=request.sheet, label=request.path.name
    )
    try:
        for sheet in read_sheets(request.path, options):
            guess = _map_sheet(sheet, request, tools)
            if found is None or (found.lacks and not guess.lacks):
                found = guess
    except TableError as exc:
        raise SourceError(f"the table {exc.reason}", where=str(request.path), hint=exc.hint) from exc
    except ColumnError as exc:
        raise ConfigError(f"the table {exc}", where=str(request.path)) from exc
    except ValueError as exc:
        raise ConfigError(str(exc), where="--column") from exc
    if found is None:
        raise SourceError("the table is empty", where=str(request.path))
    return found


def _map_sheet(sheet: Sheet, request: MapRequest, tools: Tools) -> TableMap:
    kind = request.kind or _likely_kind(sheet.header)
    dictionary, lacks_of = _dictionary(kind)
    columns = dictionary.guess(sheet.header, dictionary.parse(request.columns))
    lacks = lacks_of(columns)
    rows = list(islice(sheet.rows, TRIED_ROWS))
    tried = [] if lacks else list(_try_rows(rows, columns, kind, tools))
    rejects = tuple(item for item in (tried or rows) if isinstance(item, Reject))
    return TableMap(
        kind=kind,
        header=sheet.where,
        columns=tuple(
            Mapped(field=name, heading=heading, example=_example(rows, name, heading))
            for name, heading in columns.headings.items()
        ),
        unused=columns.unused,
        lacks=lacks,
        n_rows=len(rows),
        n_read=len(tried) - len(rejects) if tried else 0,
        rejects=rejects,
        toml=_section(kind, request, columns),
    )


def _likely_kind(header: Sequence[str]) -> str:
    calls, orders = CALLS.guess(header), ORDERS.guess(header)
    worth_calls = (not lacks_of_calls(calls), len(calls.headings))
    return "table" if worth_calls >= (not lacks_of_orders(orders), len(orders.headings)) else "order-table"


def _dictionary(kind: str) -> tuple[Dictionary, Callable[[Columns], str]]:
    return (ORDERS, lacks_of_orders) if kind == "order-table" else (CALLS, lacks_of_calls)


def _try_rows(rows: Sequence[Row | Reject], columns: Columns, kind: str, tools: Tools) -> Iterator[bool | Reject]:
    """Yield True for each row that makes a record, and why the others do not."""
    calls = CallReader(columns, "", tools)
    orders = OrderReader(columns, "", OrderTableSettings(path=Path()), tools)
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        try:
            if kind == "order-table":
                orders.read(row.values)
            else:
                calls.read(row.values, calls.started_at(row.values))
            yield True
        except RowError as exc:
            yield Reject(where=row.where, reason=str(exc))


def _example(rows: Sequence[Row | Reject], field: str, heading: str) -> str:
    values = (row.values.get(heading, "").strip() for row in rows if isinstance(row, Row))
    value = " ".join(next(filter(None, values), "").split())
    if field.endswith("phone") and len(value) > 6:
        return f"...{value[-4:]}"
    if value.casefold().startswith(("http://", "https://")):
        # What stands behind may be a password.
        value = value.split("?")[0]
    return value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}..."


def _section(kind: str, request: MapRequest, columns: Columns) -> str:
    """Return a table of callscore.toml; a text of JSON is one of TOML, too."""
    name = "orders" if kind == "order-table" else "calls"
    lines = [f"[sources.{name}]", f'kind = "{kind}"', f"path = {_quoted(request.path.as_posix())}"]
    if request.sheet:
        lines.append(f"sheet = {_quoted(request.sheet)}")
    lines.append("columns = [")
    lines += [f"  {_quoted(f'{field} = {heading}')}," for field, heading in columns.headings.items()]
    return "\n".join([*lines, "]"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
