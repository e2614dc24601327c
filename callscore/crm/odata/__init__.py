"""1С over OData: customers' orders of УТ, КА, ERP and УНФ, with names, phones and states from the catalogs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from callscore.crm.base import Crm
from callscore.crm.checkup import check_orders
from callscore.crm.odata.directory import Directory
from callscore.crm.odata.lines import CancelledLines
from callscore.crm.odata.model import Model
from callscore.crm.odata.orders import WANTED, OrderReader
from callscore.crm.odata.paging import Listing
from callscore.crm.odata.service import NotPublishedError, RefusedError, Service
from callscore.crm.outcome import OrderSettings
from callscore.errors import SourceError
from callscore.outside.checkup import check_clock
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.rows import RowError, clean_text
from callscore.outside.secret import Secret
from callscore.outside.settings import need, setting
from callscore.records import OrderRecord

__all__ = ["OneC", "Settings", "open_crm"]

DOCUMENTS: Final = ("Document_ЗаказКлиента", "Document_ЗаказПокупателя")
CHECKED_ORDERS: Final = 50
MOST_WITH_TABLES: Final = 200
"""Where the fields to ask for are not known, orders come with all their tables, and an answer must stay readable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """Which infobase to read."""

    url: str = need("https://1c.example.ru/ut", "address of the infobase, as it is published on the web server")
    username: str = need("callscore", "user of the infobase who may read orders, clients and users")
    password: Secret = need("env:ONEC_PASSWORD", "that user's password")
    document: str = setting("", f'the orders\' document; "": {" or ".join(DOCUMENTS)}, whichever is published')
    page_size: int = setting(1000, "how many orders are asked for at once")
    overlap_days: int = setting(45, "how many days each run reads again; 1С does not tell when an order changed")

    def __post_init__(self) -> None:
        """Refuse pages that hold nothing, or more than an answer can."""
        if not 1 <= self.page_size <= 10000:
            raise ValueError(f"page_size must be 1..10000, got {self.page_size!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """An infobase whose publication has been looked at."""

    listing: Listing
    directory: Directory
    lines: CancelledLines
    reader: OrderReader


class OneC:
    """The orders of one infobase."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._tools = tools
        self._service = Service(settings.url, settings.username, settings.password, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the orders that were made within `window`, see Crm; 1С does not tell when an order was changed."""
        base = self._open()
        seen: dict[str, OrderRecord] = {}
        for rows in base.listing.pages(window):
            orders, rejects = self._read(base, rows)
            within = [order for order in orders if window.holds(order.created_at)]
            new = {order.order_id: order for order in within if seen.get(order.order_id) != order}
            seen.update(new)
            yield OrderPage(records=tuple(new.values()), rejects=tuple(rejects))
        yield OrderPage(records=(), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the newest orders, and tell what is not published, see Crm."""
        base = self._open()
        yield Finding(level=Level.FINE, subject="sign-in", text="accepted")
        yield Finding(level=Level.FINE, subject="document", text=base.listing.document)
        try:
            rows = base.listing.newest(CHECKED_ORDERS)
        except NotPublishedError:
            raise self._unpublished() from None
        orders, rejects = self._read(base, rows)
        yield from check_orders(orders, rejects, f"the newest {CHECKED_ORDERS}")
        for catalog in sorted(base.directory.missing):
            level = Level.ADVICE if any(order.client_phones for order in orders) else Level.PROBLEM
            hint = "tick it among the objects published for OData, and let the user read it"
            yield Finding(level=level, subject="catalogs", text=f"{catalog} is not published", hint=hint)
        yield from check_clock(self._service.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _open(self) -> _Base:
        """Look at what is published and choose the document.

        Raises:
            SourceError: if no orders are published.
        """
        model = self._service.model()
        document = self._settings.document or self._published(model)
        select = model.select(document, WANTED) if model is not None else {}
        size = self._settings.page_size if select else min(self._settings.page_size, MOST_WITH_TABLES)
        directory = Directory(self._service, model, document)
        return _Base(
            listing=Listing(
                service=self._service,
                document=document,
                select=select,
                page_size=size,
                zone=self._tools.timezone,
                patience=self._tools.patience,
            ),
            directory=directory,
            lines=CancelledLines(self._service, model, document),
            reader=OrderReader(account=self._name, settings=self._settings, tools=self._tools, directory=directory),
        )

    def _published(self, model: Model | None) -> str:
        for name in DOCUMENTS:
            if model is not None:
                if name in model.fields:
                    return name
                continue
            try:
                self._service.rows(name, {"$top": 1})
            except NotPublishedError:
                continue
            except RefusedError:
                pass
            return name
        raise self._unpublished()

    def _unpublished(self) -> SourceError:
        return SourceError(
            "no customers' orders are published for OData",
            where=self._service.host,
            hint=f"publish {' or '.join(DOCUMENTS)}, or set document to what they are called in this configuration",
        )

    def _read(self, base: _Base, rows: Sequence[Any]) -> tuple[list[OrderRecord], list[Reject]]:
        base.directory.learn(rows)
        cancelled = base.lines.orders(rows)
        orders, rejects = [], []
        for number, row in enumerate(rows, start=1):
            try:
                orders.append(base.reader.read(row, cancelled))
            except RowError as exc:
                rejects.append(Reject(where=_place(row, number), reason=str(exc)))
        return orders, rejects


def open_crm(name: str, settings: Settings, tools: Tools) -> Crm:
    """Return the infobase as a source of orders; nothing is sent yet."""
    return OneC(name, settings, tools)


def _place(row: object, number: int) -> str:
    key = row.get("Ref_Key") if isinstance(row, dict) else None
    return f"order {clean_text(key)[:36]}" if isinstance(key, str) and key else f"row {number}"
