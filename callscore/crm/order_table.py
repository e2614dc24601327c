"""Orders in tables: one table or a folder of them, as shops keep or export them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from callscore.crm.checkup import check_orders
from callscore.crm.onec_words import currency_code
from callscore.crm.order_words import guess_outcome
from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.cells import NOTHING, parse_amount, parse_moment
from callscore.outside.columns import ORDERS, Columns, lacks_of_orders
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.phones import parse_phone, parse_phones
from callscore.outside.rows import RowError, clean_text
from callscore.outside.settings import need, setting
from callscore.outside.table import Row
from callscore.outside.table_files import TableFiles
from callscore.records import OrderRecord, Outcome

__all__ = ["OrderReader", "OrderTable", "Settings", "open_crm"]

SOURCE: Final = "order-table"
PAGE_ROWS: Final = 1000
CHECKED_ROWS: Final = 20_000
EVER: Final = Window(start=datetime(2000, 1, 1, tzinfo=UTC), end=datetime(2100, 1, 1, tzinfo=UTC))
_UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """Where the tables lie, and what the columns mean where their headings do not say it."""

    path: Path = need("orders.xlsx", "a table (CSV, TSV, XLSX, JSONL, Parquet), a folder of tables, or a pattern")
    columns: tuple[str, ...] = setting(
        (), 'what headings mean that are not understood: ["client_phone = Тел. 1"]; see callscore map --guess'
    )
    sheet: str = setting("", "name of the sheet to read; unset: the visible ones with orders")
    currency: str = setting("RUB", "ISO 4217 code of sums without a currency")

    def __post_init__(self) -> None:
        ORDERS.parse(self.columns)


def open_crm(name: str, settings: Settings, tools: Tools) -> OrderTable:
    """Return the source; nothing is read yet."""
    return OrderTable(name, settings, tools)


class OrderTable:
    """Orders from tables; see Crm."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is read yet."""
        self._name = name
        self._settings = settings
        self._tools = tools
        given = ORDERS.parse(settings.columns)
        self._tables = TableFiles(
            path=settings.path, dictionary=ORDERS, lacks=lacks_of_orders, given=given, sheet=settings.sheet
        )

    def __repr__(self) -> str:
        return f"OrderTable({self._name!r})"

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """See Crm.iter_pages.

        A table without a column of changes was changed when it was last written: written within the window, all of its orders
        count as changed, because any of their statuses may be new.
        """
        records: list[OrderRecord] = []
        rejects: list[Reject] = []
        for item in self._iter_orders(self._tables, window):
            if isinstance(item, Reject):
                rejects.append(item)
            else:
                records.append(item)
            if len(records) + len(rejects) >= PAGE_ROWS:
                yield OrderPage(records=tuple(records), rejects=tuple(rejects))
                records, rejects = [], []
        yield OrderPage(records=tuple(records), rejects=tuple(rejects), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """See Crm.check; the first rows of the last table are read."""
        files = self._tables.find()
        yield Finding(level=Level.FINE, subject="tables", text=f"{len(files)} found, the last is {files[-1].name}")
        last = replace(self._tables, path=files[-1])
        for part in last.iter_parts():
            shown = ", ".join(f"{name} = {heading}" for name, heading in part.columns.headings.items())
            hint = f"not used: {', '.join(part.columns.unused)}" if part.columns.unused else ""
            yield Finding(level=Level.FINE, subject="columns", text=f"understood as: {shown}", hint=hint)
            break
        items = list(islice(self._iter_orders(last, EVER), CHECKED_ROWS))
        orders = [item for item in items if not isinstance(item, Reject)]
        yield from check_orders(orders, [item for item in items if isinstance(item, Reject)], f"the first {len(items)} rows")

    def close(self) -> None:
        """Nothing is kept open."""

    def _iter_orders(self, tables: TableFiles, window: Window) -> Iterator[OrderRecord | Reject]:
        for part in tables.iter_parts():
            reader = OrderReader(part.columns, self._name, self._settings, self._tools)
            for row in part.rows:
                item = row if isinstance(row, Reject) else _read(reader, row, window, part.written_at)
                if item is not None:
                    yield item


class OrderReader:
    """Reads the rows of one table."""

    def __init__(self, columns: Columns, account: str, settings: Settings, tools: Tools) -> None:
        """Prepare; `tools` name the zone of times without an offset and the region of phones without a country."""
        self._headings = columns.headings
        self._account = account
        self._settings = settings
        self._tools = tools

    @property
    def knows_changes(self) -> bool:
        """Tell whether the table says when an order was changed."""
        return "changed_at" in self._headings

    def times(self, values: Mapping[str, str]) -> tuple[datetime, datetime | None, datetime | None]:
        """Return when the order was created, closed and changed.

        Raises:
            RowError: if the row does not tell the first, or a time is none.
        """
        created_at = self._moment(values, "created_at")
        if created_at is None:
            raise RowError("the time of creation is missing")
        return created_at, self._moment(values, "closed_at"), self._moment(values, "changed_at")

    def read(self, values: Mapping[str, str]) -> OrderRecord:
        """Return the order of a row.

        Raises:
            RowError: for a time, a sum or a phone that cannot be read.
        """
        created_at, closed_at, changed_at = self.times(values)
        status = self._text(values, "status") or ""
        # A closing date alone tells that an order is over, not how.
        outcome = decide_outcome(self._settings, (status,), guess_outcome(status))
        is_over = outcome is not Outcome.OPEN
        phones = self._phones(values)
        number, who = self._text(values, "number"), self._text(values, "responsible_name")
        utm = ((name, self._text(values, name)) for name in _UTM if name in self._headings)
        return OrderRecord(
            source=SOURCE,
            account=self._account,
            order_id=self._text(values, "order_id") or _made_id(created_at, phones, number, who),
            number=number,
            created_at=created_at,
            closed_at=(closed_at or changed_at) if is_over else None,
            closed_at_is_estimate=is_over and closed_at is None and changed_at is not None,
            status_raw=status,
            outcome=outcome,
            amount=parse_amount(values.get(self._headings.get("amount", ""), "")),
            currency=currency_code(self._text(values, "currency")) or self._settings.currency,
            client_phones=phones,
            client_id=self._text(values, "client_id"),
            responsible_id=self._text(values, "responsible_id"),
            responsible_name=who,
            utm=tuple((name, text) for name, text in utm if text),
            call_ids=tuple((self._text(values, "call_ids") or "").replace(",", " ").replace(";", " ").split()),
        )

    def _text(self, values: Mapping[str, str], name: str) -> str | None:
        text = values.get(self._headings.get(name, ""), "")
        return clean_text(text) or None if text.strip().casefold() not in NOTHING else None

    def _moment(self, values: Mapping[str, str], name: str) -> datetime | None:
        text = values.get(self._headings.get(name, ""), "")
        return parse_moment(text, self._tools.timezone, name=name)

    def _phones(self, values: Mapping[str, str]) -> tuple[str, ...]:
        text = values.get(self._headings.get("client_phone", ""), "").lstrip("'")
        phone = parse_phone(text, self._tools.region).e164 if len(text) < 20 else None
        return (phone,) if phone else parse_phones([text], self._tools.region) if text else ()


def _read(reader: OrderReader, row: Row, window: Window, written_at: datetime) -> OrderRecord | Reject | None:
    """Return the order of a row, why there is none, or None for one that did not change within the window."""
    try:
        is_rewritten = not reader.knows_changes and window.holds(written_at)
        if not is_rewritten and not any(at is not None and window.holds(at) for at in reader.times(row.values)):
            return None
        return reader.read(row.values)
    except RowError as exc:
        return Reject(where=row.where, reason=str(exc))


def _made_id(created_at: datetime, phones: tuple[str, ...], number: str | None, who: str | None) -> str:
    """Return an id for a row without one; what changes in the life of an order is no part of it."""
    parts = (created_at.isoformat(), *phones, number or "", who or "")
    return hashlib.sha256("\x1f".join(parts).encode(errors="replace")).hexdigest()[:20]
