"""A lead as amoCRM writes it -> OrderRecord. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.crm.lookup import link_id, need_id
from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_epoch
from callscore.records import OrderRecord, Outcome

__all__ = ["Lead", "LeadReader", "custom_values"]

_FINAL: Final[Mapping[str, Outcome]] = {"142": Outcome.WON, "143": Outcome.LOST}
"""The two statuses that every pipeline ends with; all others are the user's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A lead whose clients are still to be looked up; `moments` are all times at which it is known to have changed."""

    order: OrderRecord
    contact_ids: tuple[str, ...]
    company_ids: tuple[str, ...]
    moments: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadReader:
    """Reads leads; `statuses` are the names of statuses by pipeline and status."""

    account: str
    settings: OrderSettings
    statuses: Mapping[tuple[str, str], str]
    currency: str | None

    def read(self, row: object) -> Lead | None:
        """Return the lead in a row; None for one in the bin.

        Raises:
            RowError: with the reason.
        """
        fields = Fields(row)
        if fields.flag("is_deleted"):
            return None
        at = {name: from_epoch(fields.number(name), name) for name in ("created_at", "updated_at", "closed_at")}
        created_at = at["created_at"]
        if created_at is None:
            raise RowError("created_at is missing")
        outcome, status = self._outcome(fields)
        closed_at = None if outcome is Outcome.OPEN else at["closed_at"] or at["updated_at"]
        price = fields.number("price_with_minor_units")
        contact_ids, company_ids = _linked(fields, "contacts"), _linked(fields, "companies")
        order = OrderRecord(
            source="amocrm",
            account=self.account,
            order_id=need_id(fields.text("id")),
            number=fields.text("id"),
            created_at=created_at,
            outcome=outcome,
            status_raw=status,
            closed_at=closed_at,
            closed_at_is_estimate=closed_at is not None and at["closed_at"] is None,
            amount=fields.number("price") if price is None else price,
            currency=self.currency,
            client_id=next(
                (f"contact {item}" for item in contact_ids), next((f"company {item}" for item in company_ids), None)
            ),
            responsible_id=fields.text("responsible_user_id"),
            utm=tuple(_utm(fields)),
        )
        moments = tuple(moment for moment in at.values() if moment is not None)
        return Lead(order=order, contact_ids=contact_ids, company_ids=company_ids, moments=moments)

    def _outcome(self, fields: Fields) -> tuple[Outcome, str]:
        """Return the outcome, and the status as people call it, with the reason why a sale was lost."""
        status_id = fields.text("status_id") or ""
        name = self.statuses.get((fields.text("pipeline_id") or "", status_id), status_id)
        inner = fields.child("_embedded")
        reasons = [reason.text("name") for reason in inner.children("loss_reason")] if inner else []
        status = ": ".join(part for part in (name, *reasons) if part)
        return decide_outcome(self.settings, (status, name, status_id), _FINAL.get(status_id, Outcome.OPEN)), status


def custom_values(fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield the code of each custom field that has one, with each of its values."""
    for custom in fields.children("custom_fields_values"):
        code = custom.text("field_code")
        for value in custom.children("values") if code else ():
            text = value.text("value")
            if code and text:
                yield code, text


def _utm(fields: Fields) -> Iterator[tuple[str, str]]:
    for code, value in custom_values(fields):
        if code.upper().startswith("UTM_"):
            yield code.lower(), value


def _linked(fields: Fields, name: str) -> tuple[str, ...]:
    """Return the ids of the contacts or companies of a lead, the main one first."""
    inner = fields.child("_embedded")
    linked = list(inner.children(name)) if inner else []
    ids = [link_id(item.text("id")) for item in sorted(linked, key=lambda item: not item.flag("is_main"))]
    return tuple(dict.fromkeys(item for item in ids if item))
