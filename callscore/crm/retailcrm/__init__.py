"""RetailCRM: its orders, with their statuses by group and their managers' names. Only reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from callscore.crm.base import Crm
from callscore.crm.checkup import check_orders
from callscore.crm.lookup import full_name, index_rows, optional
from callscore.crm.outcome import OrderSettings
from callscore.crm.retailcrm.api import Api
from callscore.crm.retailcrm.orders import OrderReader, Placed, Status
from callscore.outside.checkup import check_clock, last_days
from callscore.outside.pages import Finding, Level, OrderPage, Reject, Tools, Window
from callscore.outside.rows import Fields, RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import need

__all__ = ["RetailCrm", "Settings", "open_crm"]

CHECKED_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(OrderSettings):
    """How to sign in to RetailCRM. Times there carry no zone: `timezone` is the account's."""

    url: str = need("https://account.retailcrm.ru", "address of the account")
    api_key: Secret = need("env:RETAILCRM_KEY", "API key that may read orders, users and reference data of all shops")


class RetailCrm:
    """The orders of one account."""

    def __init__(self, name: str, settings: Settings, tools: Tools) -> None:
        """Prepare; nothing is sent yet."""
        self._name = name
        self._settings = settings
        self._tools = tools
        self._api = Api(settings.url, settings.api_key, tools.patience)

    def iter_pages(self, window: Window) -> Iterator[OrderPage]:
        """Yield the orders that were created within `window`, then older ones whose status changed within it; see Crm."""
        reader: OrderReader | None = None
        rejects: list[Reject] = []
        told: set[Reject] = set()  # both lists may hold the same bad row
        first, last = self._day(window.start), self._day(window.end)
        for field in ("createdAt", "statusUpdatedAt"):
            for rows in self._api.pages("orders", {f"{field}From": first, f"{field}To": last}):
                reader = reader or self._reader(rejects)
                placed = _read_rows(reader, rows, rejects)
                fresh = tuple(reject for reject in dict.fromkeys(rejects) if reject not in told)
                told.update(fresh)
                yield OrderPage(
                    records=tuple(item.order for item in placed if _is_due(item, window, field)),
                    rejects=fresh,
                )
        yield OrderPage(records=(), covered_until=window.end)

    def check(self) -> Iterator[Finding]:
        """Sign in, read the orders of the last days, and try what they need beside themselves."""
        pages = list(self.iter_pages(last_days(CHECKED_DAYS)))
        yield Finding(level=Level.FINE, subject="sign-in", text=f"accepted by {self._api.host}")
        orders = [order for page in pages for order in page.records]
        rejects = [reject for page in pages for reject in page.rejects]
        yield from check_orders(orders, rejects, f"the last {CHECKED_DAYS} days")
        if optional(self._api.rows, "reference/statuses", "statuses") is None:
            text, hint = "statuses cannot be read, so that won and lost are not told apart", "let the key read reference data"
            yield Finding(level=Level.PROBLEM, subject="rights", text=text, hint=hint)
        if optional(self._api.all_rows, "users") is None:
            text, hint = "names of employees cannot be read", "let the key read users"
            yield Finding(level=Level.PROBLEM, subject="rights", text=text, hint=hint)
        yield from check_clock(self._api.clock_skew_s)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _reader(self, rejects: list[Reject]) -> OrderReader:
        groups = index_rows(
            optional(self._api.rows, "reference/status-groups", "statusGroups") or [], "code", _name, "status group", rejects
        )
        statuses = optional(self._api.rows, "reference/statuses", "statuses") or []
        users = optional(self._api.all_rows, "users") or []
        return OrderReader(
            account=self._name,
            settings=self._settings,
            tools=self._tools,
            statuses=index_rows(statuses, "code", lambda row: _status(row, groups), "status", rejects),
            names=index_rows(users, "id", _employee, "user", rejects),
        )

    def _day(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self._tools.timezone)).date().isoformat()


def open_crm(name: str, settings: Settings, tools: Tools) -> Crm:
    """Return the configured account; nothing is sent yet."""
    return RetailCrm(name, settings, tools)


def _read_rows(reader: OrderReader, rows: list[object], rejects: list[Reject]) -> list[Placed]:
    placed: list[Placed] = []
    for row_no, row in enumerate(rows, start=1):
        try:
            placed.append(reader.read(row))
        except RowError as error:
            rejects.append(Reject(where=_place(row, row_no), reason=str(error)))
    return placed


def _is_due(item: Placed, window: Window, field: str) -> bool:
    """Tell whether an order belongs to the window, and into this list; filters know whole days only."""
    if window.holds(item.order.created_at):
        return field == "createdAt"
    return item.changed_at is not None and window.holds(item.changed_at) and field == "statusUpdatedAt"


def _place(row: object, row_no: int) -> str:
    try:
        return f"order {Fields(row).need_text('id')}"
    except RowError:
        return f"orders, row {row_no}"


def _name(row: Fields) -> str:
    return row.text("name") or ""


def _status(row: Fields, groups: Mapping[str, str]) -> Status:
    group = row.text("group") or ""
    return Status(name=row.text("name") or row.need_text("code"), group=group, group_name=groups.get(group, ""))


def _employee(row: Fields) -> str | None:
    return full_name(row.text("lastName"), row.text("firstName"))
