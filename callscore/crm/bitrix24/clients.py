"""What deals of Bitrix24 only point to: phones of contacts and companies, names of employees and stages, calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from callscore.crm.bitrix24.api import PAGE_SIZE, Api
from callscore.crm.bitrix24.deals import Deal
from callscore.crm.lookup import full_name, in_chunks, index_rows, optional
from callscore.outside.pages import Reject
from callscore.outside.phones import parse_phones
from callscore.outside.rows import Fields
from callscore.records import OrderRecord

__all__ = ["Clients"]


class Clients:
    """Looks up what deals point to, each thing once; made anew for each reading, as all of it may change."""

    def __init__(self, api: Api, region: str) -> None:
        """Prepare; nothing is asked yet."""
        self._api = api
        self._region = region
        self._phones: dict[str, dict[str, tuple[str, ...]]] = {"contact": {}, "company": {}}
        self._names: dict[str, str | None] = {}
        self._stages: Mapping[str, str] | None = None
        self._has_calls = True
        self._rejects: list[Reject] = []

    def stages(self) -> Mapping[str, str]:
        """Return the names of the stages of deals by their ids; nothing where the webhook may not see them."""
        if self._stages is None:
            rows = optional(self._api.all_rows, "crm.status.list", {})
            self._stages = dict(
                stage for stage in index_rows(rows or [], "ID", _stage, "stage", self._rejects).values() if stage
            )
        return self._stages

    def complete(self, deals: Sequence[Deal]) -> tuple[OrderRecord, ...]:
        """Return the orders with phones, names and call ids.

        Raises:
            SourceError: as Api.call does; where only names or calls are refused, orders come without them.
        """
        self._load_phones("contact", [contact_id for deal in deals for contact_id in deal.contact_ids])
        self._load_phones("company", [deal.company_id for deal in deals if deal.company_id])
        self._load_names([deal.order.responsible_id for deal in deals if deal.order.responsible_id])
        calls = self._calls(deals)
        return tuple(
            replace(
                deal.order,
                client_phones=self._phones_of(deal),
                responsible_name=self._names.get(deal.order.responsible_id or ""),
                call_ids=tuple(
                    dict.fromkeys((*calls.get(("DEAL", deal.order.order_id), ()), *calls.get(("LEAD", deal.lead_id), ())))
                ),
            )
            for deal in deals
        )

    def take_rejects(self) -> tuple[Reject, ...]:
        """Return what could not be read since this was last asked."""
        found, self._rejects = tuple(self._rejects), []
        return found

    def _phones_of(self, deal: Deal) -> tuple[str, ...]:
        contacts, companies = self._phones["contact"], self._phones["company"]
        own = [phone for contact_id in deal.contact_ids for phone in contacts.get(contact_id, ())]
        return tuple(dict.fromkeys((*own, *companies.get(deal.company_id or "", ()))))

    def _load_phones(self, kind: str, ids: Iterable[str]) -> None:
        known = self._phones[kind]
        for chunk in in_chunks([item for item in dict.fromkeys(ids) if item not in known], PAGE_SIZE):
            params = {"filter": {"ID": chunk}, "select": ["ID", "PHONE"], "start": -1}
            rows = self._api.rows(f"crm.{kind}.list", params)
            known.update(dict.fromkeys(chunk, ()))
            known.update(index_rows(rows, "ID", self._read_phones, kind, self._rejects))

    def _read_phones(self, row: Fields) -> tuple[str, ...]:
        return parse_phones([phone.text("VALUE") for phone in row.children("PHONE")], self._region)

    def _load_names(self, ids: Iterable[str]) -> None:
        missing = [item for item in dict.fromkeys(ids) if item not in self._names]
        for chunk in in_chunks(missing, PAGE_SIZE):
            rows = optional(self._api.rows, "user.get", {"FILTER": {"ID": chunk}})
            self._names.update(dict.fromkeys(chunk))
            self._names.update(index_rows(rows or [], "ID", _employee, "employee", self._rejects))

    def _calls(self, deals: Sequence[Deal]) -> Mapping[tuple[str, str | None], list[str]]:
        """Return the ids of calls that the portal ties to the deals, or to the leads they came from."""
        owners = {("DEAL", deal.order.order_id) for deal in deals}
        owners |= {("LEAD", deal.lead_id) for deal in deals if deal.lead_id}
        found: dict[tuple[str, str | None], list[str]] = {}
        if not owners or not self._has_calls:
            return found
        asked = {"CRM_ENTITY_TYPE": sorted({kind for kind, _ in owners}), "CRM_ENTITY_ID": sorted({item for _, item in owners})}
        params = {"FILTER": asked, "SORT": "ID", "ORDER": "ASC"}
        rows = optional(self._api.all_rows, "voximplant.statistic.get", params)
        self._has_calls = rows is not None
        for owner, call_ids in index_rows(rows or [], "ID", _call, "call", self._rejects).values():
            if owner in owners:
                found.setdefault(owner, []).extend(call_ids)
        return found


def _stage(row: Fields) -> tuple[str, str] | None:
    """Return a stage's id and name; None for what else the portal keeps a list of, under ids that may be the same."""
    # Deals of the first pipeline have the stages DEAL_STAGE, of the others DEAL_STAGE_<number>.
    if not (row.text("ENTITY_ID") or "").startswith("DEAL_STAGE"):
        return None
    return row.need_text("STATUS_ID"), row.need_text("NAME")


def _employee(row: Fields) -> str | None:
    return full_name(row.text("LAST_NAME"), row.text("NAME"))


def _call(row: Fields) -> tuple[tuple[str, str | None], tuple[str, ...]]:
    """Return what a call is tied to and the ids it is known by; its ID is a number within the portal only."""
    ids = (row.text("CALL_ID"), row.text("EXTERNAL_CALL_ID"))
    return (row.text("CRM_ENTITY_TYPE") or "", row.text("CRM_ENTITY_ID")), tuple(filter(None, ids))
