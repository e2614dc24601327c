"""An order as RetailCRM writes it -> OrderRecord. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.crm.lookup import need_id
from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.pages import Tools
from callscore.outside.phones import parse_phones
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text
from callscore.records import OrderRecord, Outcome

__all__ = ["OrderReader", "Placed", "Status"]

_GROUPS: Final[Mapping[str, Outcome]] = {"complete": Outcome.WON, "cancel": Outcome.LOST}
"""The two standard groups of final statuses."""
_UTM: Final[Mapping[str, str]] = {
    "source": "utm_source",
    "medium": "utm_medium",
    "campaign": "utm_campaign",
    "keyword": "utm_term",
    "content": "utm_content",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status of the account: its name, and the group it belongs to by code and name."""

    name: str
    group: str = ""
    group_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order, and when its status last changed."""

    order: OrderRecord
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReader:
    """Reads orders; `statuses` are those of the account by code, `names` the employees' by id."""

    account: str
    settings: OrderSettings
    tools: Tools
    statuses: Mapping[str, Status]
    names: Mapping[str, str | None]

    def read(self, row: object) -> Placed:
        """Return the order in a row.

        Raises:
            RowError: with the reason.
        """
        fields = Fields(row)
        zone = self.tools.timezone
        created_at = from_text(fields.text("createdAt"), zone, "createdAt")
        if created_at is None:
            raise RowError("createdAt is missing")
        changed_at = from_text(fields.text("statusUpdatedAt"), zone, "statusUpdatedAt")
        outcome, status = self._outcome(fields)
        closed_at = None if outcome is Outcome.OPEN else changed_at
        amount = fields.number("totalSumm")
        manager_id = fields.text("managerId")
        customer = fields.child("customer")
        order = OrderRecord(
            source="retailcrm",
            account=self.account,
            order_id=need_id(fields.text("id")),
            number=fields.text("number"),
            created_at=created_at,
            outcome=outcome,
            status_raw=status,
            closed_at=closed_at,
            closed_at_is_estimate=closed_at is not None,
            amount=fields.number("summ") if amount is None else amount,
            currency=fields.text("currency"),
            client_phones=parse_phones(_phones(fields, customer), self.tools.region),
            client_id=customer.text("id") if customer else None,
            responsible_id=manager_id,
            responsible_name=self.names.get(manager_id or ""),
            utm=tuple(_utm(fields)),
        )
        return Placed(order=order, changed_at=changed_at)

    def _outcome(self, fields: Fields) -> tuple[Outcome, str]:
        code = fields.text("status") or ""
        status = self.statuses.get(code, Status(name=code))
        words = (status.name, code, status.group, status.group_name)
        return decide_outcome(self.settings, words, _GROUPS.get(status.group or code, Outcome.OPEN)), status.name


def _phones(fields: Fields, customer: Fields | None) -> Iterator[str | None]:
    """Yield the numbers given with the order, then those of the client and of the person at a firm."""
    yield fields.text("phone")
    yield fields.text("additionalPhone")
    for person in (customer, fields.child("contact")):
        for phone in person.children("phones") if person else ():
            yield phone.text("number")


def _utm(fields: Fields) -> Iterator[tuple[str, str]]:
    source = fields.child("source")
    for name, word in _UTM.items() if source else ():
        if source and (value := source.text(name)):
            yield word, value
