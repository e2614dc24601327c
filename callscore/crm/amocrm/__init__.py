"""amoCRM (Kommo): its leads, with the phones of their contacts and companies. Only reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from callscore.crm.amocrm.api import Api
from callscore.crm.amocrm.clients import CALL_NOTES, Clients
from callscore.crm.amocrm.leads import Lead, LeadReader
from callscore.crm.base import Crm
from callscore.crm.checkup import check_orders
from callscore.crm.lookup import optional
from callscore.crm.outcome import OrderSettings
from callscore.outside.checkup import check_clock, last_days
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import need

__all__ = ["AmoCrm", "Settings", "open_crm"]

CHECKED_DAYS: Final = 7
CALL_DAYS: Final = 180
"""How long before the window calls may lie that are named: notes of all calls since then are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """How to sign in to amoCRM."""

    url: str = need("https://account.amocrm.ru", "address of the account, the one in the browser")
    token: Secret = need("env:AMOCRM_TOKEN", "long-lived token of a private integration, made by an administrator")


class AmoCrm:
    """The leads of one account."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._tools = tools
        self._api = Api(settings.url, settings.token, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the leads that were created or changed within `window`; see Crm."""
        clients = Clients(self._api, self._tools.region)
        reader: LeadReader | None = None
        # Without an end: a lead that is changed meanwhile would leave the list, and another slip to a page already read.
        params = {
            "with": "contacts,loss_reason",
            "filter[updated_at][from]": int(window.start.timestamp()),
            "order[id]": "asc",
        }
        for rows in self._api.pages("leads", params):
            reader = reader or LeadReader(
                account=self._name, settings=self._settings, statuses=clients.statuses(), currency=clients.currency()
            )
            leads, rejects = _read_rows(reader, rows, window)
            records = clients.complete(leads, window.start - timedelta(days=CALL_DAYS))
            yield OrderPage(records=records, rejects=(*rejects, *clients.take_rejects()))
        yield OrderPage(records=(), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the leads of the last days, and try the rights that are not needed for them."""
        pages = list(self.iter_pages(last_days(CHECKED_DAYS)))
        yield Finding(level=Level.FINE, subject="sign-in", text=f"accepted by {self._api.host}")
        orders = [order for page in pages for order in page.records]
        rejects = [reject for page in pages for reject in page.rejects]
        yield from check_orders(orders, rejects, f"the last {CHECKED_DAYS} days")
        if optional(self._api.get, "users") is None:
            hint = "let an administrator make the token"
            yield Finding(level=Level.PROBLEM, subject="rights", text="names of employees cannot be read", hint=hint)
        if optional(self._api.get, "leads/notes", {**CALL_NOTES, "limit": 1}) is None:
            text = "calls noted on leads cannot be read; orders join calls by phone only"
            yield Finding(level=Level.ADVICE, subject="rights", text=text, hint="let an administrator make the token")
        yield from check_clock(self._api.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()


def open_crm(name: str, settings: Settings, tools: Tools) -> Crm:
    """Return the configured account; nothing is sent yet."""
    return AmoCrm(name, settings, tools)


def _read_rows(reader: LeadReader, rows: list[object], window: Window) -> tuple[list[Lead], list[Reject]]:
    leads: list[Lead] = []
    rejects: list[Reject] = []
    for row_no, row in enumerate(rows, start=1):
        try:
            lead = reader.read(row)
        except RowError as error:
            rejects.append(Reject(where=_place(row, row_no), reason=str(error)))
            continue
        if lead is not None and any(window.holds(at) for at in lead.moments):
            leads.append(lead)
    return leads, rejects


def _place(row: object, row_no: int) -> str:
    try:
        return f"lead {Fields(row).need_text('id')}"
    except RowError:
        return f"leads, row {row_no}"
