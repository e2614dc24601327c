"""A deal as Bitrix24 writes it, under the names of either method that lists deals -> OrderRecord. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callscore.crm.lookup import link_id
from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text
from callscore.records import OrderRecord, Outcome

__all__ = ["DEAL_LIST", "ITEM_LIST", "Deal", "DealMethod", "DealReader", "deal_id"]

LARGEST_ID: Final = 2**53
_SEMANTICS: Final[Mapping[str, Outcome]] = {"S": Outcome.WON, "F": Outcome.LOST, "P": Outcome.OPEN}
_STAGES: Final[Mapping[str, Outcome]] = {"WON": Outcome.WON, "LOSE": Outcome.LOST}
_UTM: Final = ("UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM")
_TIMES: Final = ("DATE_CREATE", "DATE_MODIFY", "MOVED_TIME", "CLOSEDATE")
_FIELDS: Final = (
    "ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "OPPORTUNITY", "CURRENCY_ID", "ASSIGNED_BY_ID", "CONTACT_ID", "COMPANY_ID",
    "LEAD_ID", "DATE_CREATE", "DATE_MODIFY", "MOVED_TIME", "CLOSEDATE", "CLOSED", *_UTM,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DealMethod:
    """A method that lists deals: how it calls their fields, what it must be told, and where its rows lie in the result."""

    name: str
    names: Mapping[str, str]
    params: Mapping[str, Any]
    rows_key: str = ""


DEAL_LIST: Final = DealMethod(name="crm.deal.list", names={name: name for name in _FIELDS}, params={})
ITEM_LIST: Final = DealMethod(
    name="crm.item.list",
    names={
        "ID": "id", "STAGE_ID": "stageId", "STAGE_SEMANTIC_ID": "stageSemanticId", "OPPORTUNITY": "opportunity",
        "CURRENCY_ID": "currencyId", "ASSIGNED_BY_ID": "assignedById", "CONTACT_ID": "contactId", "CONTACT_IDS": "contactIds",
        "COMPANY_ID": "companyId", "LEAD_ID": "leadId", "DATE_CREATE": "createdTime", "DATE_MODIFY": "updatedTime",
        "MOVED_TIME": "movedTime", "CLOSEDATE": "closedate", "CLOSED": "closed", "UTM_SOURCE": "utmSource",
        "UTM_MEDIUM": "utmMedium", "UTM_CAMPAIGN": "utmCampaign", "UTM_CONTENT": "utmContent", "UTM_TERM": "utmTerm",
    },
    params={"entityTypeId": 2},
    rows_key="items",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal whose clients are still to be looked up; `moments` are all times at which it is known to have changed."""

    order: OrderRecord
    contact_ids: tuple[str, ...]
    company_id: str | None
    lead_id: str | None
    moments: tuple[datetime, ...]


def deal_id(row: object, method: DealMethod) -> int | None:
    """Return the id of a row; None where it has none that can be used."""
    try:
        found = Fields(row).whole(method.names["ID"])
    except RowError:
        return None
    return found if found is not None and 0 < found < LARGEST_ID else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealReader:
    """Reads rows of one method; `stages` are the names of stages by their ids."""

    method: DealMethod
    account: str
    settings: OrderSettings
    zone: str
    stages: Mapping[str, str]

    def read(self, row: object) -> Deal:
        """Return the deal in a row.

        Raises:
            RowError: with the reason.
        """
        given = Fields(row)
        fields = Fields({name: given.raw(own) for name, own in self.method.names.items()})
        number = deal_id(row, self.method)
        if number is None:
            raise RowError(f"{self.method.names['ID']} is no id")
        at = {name: from_text(fields.text(name), self.zone, name) for name in _TIMES}
        created_at = at["DATE_CREATE"]
        if created_at is None:
            raise RowError(f"{self.method.names['DATE_CREATE']} is missing")
        contact_ids = tuple(
            dict.fromkeys(filter(None, map(link_id, (fields.text("CONTACT_ID"), *fields.texts("CONTACT_IDS")))))
        )
        company_id = link_id(fields.text("COMPANY_ID"))
        outcome, status, is_final = self._outcome(fields)
        closed_at = None if outcome is Outcome.OPEN else _closed_at(fields, at)
        order = OrderRecord(
            source="bitrix24",
            account=self.account,
            order_id=str(number),
            number=str(number),
            created_at=created_at,
            outcome=outcome,
            status_raw=status,
            closed_at=closed_at,
            closed_at_is_estimate=closed_at is not None and not (is_final and closed_at == at["MOVED_TIME"]),
            amount=fields.number("OPPORTUNITY"),
            currency=fields.text("CURRENCY_ID"),
            client_id=f"contact {contact_ids[0]}" if contact_ids else f"company {company_id}" if company_id else None,
            responsible_id=link_id(fields.text("ASSIGNED_BY_ID")),
            utm=tuple((name.lower(), value) for name in _UTM if (value := fields.text(name))),
        )
        moments = (created_at, at["DATE_MODIFY"], at["MOVED_TIME"])
        return Deal(
            order=order,
            contact_ids=contact_ids,
            company_id=company_id,
            lead_id=link_id(fields.text("LEAD_ID")),
            moments=tuple(moment for moment in moments if moment is not None),
        )

    def _outcome(self, fields: Fields) -> tuple[Outcome, str, bool]:
        """Return the outcome, the stage as people call it, and whether the portal itself takes the stage for final."""
        stage_id = fields.text("STAGE_ID") or ""
        stage = self.stages.get(stage_id, stage_id)
        by_name = _STAGES.get(stage_id.rpartition(":")[2].upper(), Outcome.OPEN)
        guess = _SEMANTICS.get((fields.text("STAGE_SEMANTIC_ID") or "").upper(), by_name)
        return decide_outcome(self.settings, (stage, stage_id), guess), stage, guess is not Outcome.OPEN


def _closed_at(fields: Fields, at: Mapping[str, datetime | None]) -> datetime | None:
    """Return when a finished deal came to its stage; an open one has a CLOSEDATE too, the planned day."""
    day = at["CLOSEDATE"] if fields.flag("CLOSED") else None
    return at["MOVED_TIME"] or day or at["DATE_MODIFY"]
