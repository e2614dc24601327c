"""Мегаплан, API v3: deals, their clients' phones and their managers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callscore.crm.base import Crm
from callscore.crm.checkup import check_orders
from callscore.crm.megaplan.api import Api
from callscore.crm.megaplan.deals import DealReader
from callscore.crm.megaplan.paging import iter_answers
from callscore.crm.outcome import OrderSettings
from callscore.outside.checkup import check_clock, last_days
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import need, setting
from callscore.records import OrderRecord

__all__ = ["Megaplan", "Settings", "open_crm"]

CHECKED_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """How to sign in to Мегаплан, and which deals to read."""

    url: str = need("https://account.megaplan.ru", "address of the account")
    username: str = need("callscore@example.ru", "login of an employee who may see all deals, clients and their phones")
    password: Secret = need("env:MEGAPLAN_PASSWORD", "that employee's password")
    program: str = setting("", 'number of the only deal scheme to read (the last number in its address); "": all')
    page_size: int = setting(100, "how many deals are asked for at once")

    def __post_init__(self) -> None:
        """Refuse pages that hold nothing, or more than an answer can."""
        if not 1 <= self.page_size <= 1000:
            raise ValueError(f"page_size must be 1..1000, got {self.page_size!r}")


class Megaplan:
    """The deals of one account."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._tools = tools
        self._api = Api(settings.url, settings.username, settings.password, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the deals that were created or changed within `window`, see Crm."""
        reader = DealReader(account=self._name, settings=self._settings, tools=self._tools, load=self._api.find)
        program, size = self._settings.program, self._settings.page_size
        for answer in iter_answers(self._api, window, program, size, self._tools.patience):
            reader.learn(answer)
            found: dict[str, OrderRecord] = {}
            rejects = []
            for number, row in enumerate(answer, start=1):
                try:
                    deal = reader.read(row)
                except RowError as exc:
                    rejects.append(Reject(where=_place(row, number), reason=str(exc)))
                    continue
                is_within = window.holds(deal.order.created_at) or window.holds(deal.changed_at)
                if is_within and program in ("", deal.program_id):
                    found[deal.order.order_id] = deal.order
            yield OrderPage(records=tuple(found.values()), rejects=tuple(rejects))
        yield OrderPage(records=(), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the deals of the last days, and tell what is missing, see Crm."""
        self._api.sign_in()
        yield Finding(level=Level.FINE, subject="sign-in", text="accepted")
        page = next(self.iter_pages(last_days(CHECKED_DAYS)))
        yield from check_orders(page.records, page.rejects, f"the last {CHECKED_DAYS} days (first page)")
        yield from check_clock(self._api.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()


def open_crm(name: str, settings: Settings, tools: Tools) -> Crm:
    """Return the account's deals as a source of orders; nothing is sent yet."""
    return Megaplan(name, settings, tools)


def _place(row: object, number: int) -> str:
    try:
        deal_id = Fields(row).text("id")
    except RowError:
        deal_id = None
    return f"deal {deal_id}" if deal_id else f"row {number}"
