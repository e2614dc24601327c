"""Bitrix24: its deals, with the phones of their contacts and companies. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.crm.base import Crm
from callscore.crm.bitrix24.api import PAGE_SIZE, Api
from callscore.crm.bitrix24.clients import Clients
from callscore.crm.bitrix24.deals import DEAL_LIST, ITEM_LIST, Deal, DealReader, deal_id
from callscore.crm.checkup import check_orders
from callscore.crm.lookup import optional
from callscore.crm.outcome import OrderSettings
from callscore.errors import SourceError
from callscore.outside.checkup import check_clock, last_days
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.rows import RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import need, setting

__all__ = ["Bitrix24", "Settings", "open_crm"]

CHECKED_DAYS: Final = 7
_RIGHTS: Final = (
    ("user.get", Level.PROBLEM, "names of employees cannot be read", 'give the webhook the right "user"'),
    (
        "voximplant.statistic.get",
        Level.ADVICE,
        "calls tied to deals cannot be read; orders join calls by phone only",
        'give the webhook the right "telephony", and its user the right to see the statistics of calls',
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """How to reach a portal of Bitrix24."""

    webhook: Secret = need("env:BITRIX24_WEBHOOK", "the whole address of an incoming webhook; whoever has it has its rights")
    use_item_list: bool = setting(
        default=False, doc="list deals by crm.item.list, which tells all contacts of a deal, instead of crm.deal.list"
    )


class Bitrix24:
    """The deals of one portal."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._tools = tools
        self._method = ITEM_LIST if settings.use_item_list else DEAL_LIST
        self._api = Api(settings.webhook, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the deals that were created within `window`, then older ones that were changed within it; see Crm."""
        clients = Clients(self._api, self._tools.region)
        created, changed = self._method.names["DATE_CREATE"], self._method.names["DATE_MODIFY"]
        start, end = self._iso(window.start), self._iso(window.end + timedelta(seconds=1))
        new = {f">={created}": start, f"<{created}": end}
        old = {f">={changed}": start, f"<{changed}": end, f"<{created}": start}
        for wanted in (new, old):
            for rows in self._row_pages(wanted):
                yield self._page(rows, window, clients)
        yield OrderPage(records=(), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the deals of the last days, and try the rights that are not needed for them."""
        pages = list(self.iter_pages(last_days(CHECKED_DAYS)))
        yield Finding(level=Level.FINE, subject="sign-in", text=f"accepted by {self._api.host}")
        orders = [order for page in pages for order in page.records]
        rejects = [reject for page in pages for reject in page.rejects]
        yield from check_orders(orders, rejects, f"the last {CHECKED_DAYS} days")
        for method, level, text, hint in _RIGHTS:
            if optional(self._api.rows, method, {"start": 0}) is None:
                yield Finding(level=level, subject="rights", text=text, hint=hint)
        yield from check_clock(self._api.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _row_pages(self, wanted: Mapping[str, Any]) -> Iterator[list[object]]:
        """Yield rows in order of id, each page from the last id of the one before on: nothing is counted, no row slips away."""
        last = 0
        while True:
            rows = self._rows_after(last, wanted)
            if rows:
                yield rows
            reached = max((found for row in rows if (found := deal_id(row, self._method))), default=last)
            if reached == last:
                return
            last = reached

    def _rows_after(self, last: int, wanted: Mapping[str, Any]) -> list[object]:
        method = self._method
        params = {
            **method.params,
            "select": list(method.names.values()),
            "order": {method.names["ID"]: "ASC"},
            "filter": {**wanted, f">{method.names['ID']}": last},
            "start": -1,
        }
        for _ in range(self._tools.patience.attempts):
            rows = self._api.rows(method.name, params, method.rows_key)
            ids = [deal_id(row, method) for row in rows]
            if not rows or any(found is not None and found > last for found in ids):
                return [row for row, found in zip(rows, ids, strict=True) if found is None or found > last]
        # The page before has come again. A short one was the last; behind a full one there is more.
        if len(rows) >= PAGE_SIZE:
            raise SourceError(f"{method.name}: the same page comes again and again", where=self._api.host)
        return [row for row, found in zip(rows, ids, strict=True) if found is None]

    def _page(self, rows: list[object], window: Window, clients: Clients) -> OrderPage:
        reader = DealReader(
            method=self._method,
            account=self._name,
            settings=self._settings,
            zone=self._tools.timezone,
            stages=clients.stages(),
        )
        deals: list[Deal] = []
        rejects: list[Reject] = []
        for row_no, row in enumerate(rows, start=1):
            try:
                deal = reader.read(row)
            except RowError as error:
                found = deal_id(row, self._method)
                rejects.append(Reject(where=f"deal {found}" if found else f"deals, row {row_no}", reason=str(error)))
                continue
            if any(window.holds(at) for at in deal.moments):
                deals.append(deal)
        records = clients.complete(deals)
        return OrderPage(records=records, rejects=(*rejects, *clients.take_rejects()))

    def _iso(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self._tools.timezone)).isoformat(timespec="seconds")


def open_crm(name: str, settings: Settings, tools: Tools) -> Crm:
    """Return the configured portal; nothing is sent yet."""
    return Bitrix24(name, settings, tools)
