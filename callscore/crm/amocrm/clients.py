"""What leads of amoCRM only point to: phones of contacts and companies, names of employees and statuses, calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callscore.crm.amocrm.api import Api
from callscore.crm.amocrm.leads import Lead, custom_values
from callscore.crm.lookup import in_chunks, index_rows, optional, rows_of
from callscore.outside.pages import Reject
from callscore.outside.phones import parse_phones
from callscore.outside.rows import Fields, RowError
from callscore.records import OrderRecord

__all__ = ["CALL_NOTES", "Clients"]

IDS_AT_ONCE: Final = 100
"""They are part of the address, which must not become too long."""
CALL_NOTES: Final = {"filter[note_type][]": ["call_in", "call_out"]}


class Clients:
    """Looks up what leads point to, each thing once; made anew for each reading, as all of it may change."""

    def __init__(self, api: Api, region: str) -> None:
        """Prepare; nothing is asked yet."""
        self._api = api
        self._region = region
        self._phones: dict[str, dict[str, tuple[str, ...]]] = {"contacts": {}, "companies": {}}
        self._names: Mapping[str, str | None] | None = None
        self._calls: Mapping[str, tuple[str, ...]] = {}
        self._calls_since: datetime | None = None
        self._rejects: list[Reject] = []

    def currency(self) -> str | None:
        """Return the account's currency: leads carry none."""
        account = optional(self._api.get, "account")
        try:
            return account.text("currency") if account else None
        except RowError:
            return None

    def statuses(self) -> Mapping[tuple[str, str], str]:
        """Return the names of statuses by pipeline and status; nothing where the token may not see them."""
        pipelines = index_rows(optional(self._api.rows, "leads/pipelines") or [], "id", _statuses, "pipeline", self._rejects)
        return {
            (pipeline_id, status_id): name
            for pipeline_id, rows in pipelines.items()
            for status_id, name in index_rows(rows, "id", _name, "status", self._rejects).items()
            if name
        }

    def complete(self, leads: Sequence[Lead], no_calls_before: datetime) -> tuple[OrderRecord, ...]:
        """Return the orders with phones, names and the ids of calls noted on the leads since `no_calls_before`.

        Raises:
            SourceError: as Api.get does; where only names or notes are refused, orders come without them.
        """
        if not leads:
            return ()
        self._load_phones("contacts", (item for lead in leads for item in lead.contact_ids))
        self._load_phones("companies", (item for lead in leads for item in lead.company_ids))
        self._load_talked_phones(
            [item for lead in leads if not self._phones_of(lead) for item in lead.contact_ids], no_calls_before
        )
        # A note may be older than its lead by the call that the lead came from.
        first = min(lead.order.created_at for lead in leads) - timedelta(days=1)
        self._load_calls(max(no_calls_before, first))
        if self._names is None:
            self._names = index_rows(optional(self._api.rows, "users") or [], "id", _name, "user", self._rejects)
        return tuple(
            replace(
                lead.order,
                client_phones=self._phones_of(lead),
                responsible_name=self._names.get(lead.order.responsible_id or ""),
                call_ids=self._calls.get(lead.order.order_id, ()),
            )
            for lead in leads
        )

    def take_rejects(self) -> tuple[Reject, ...]:
        """Return what could not be read since this was last asked."""
        found, self._rejects = tuple(self._rejects), []
        return found

    def _phones_of(self, lead: Lead) -> tuple[str, ...]:
        contacts, companies = self._phones["contacts"], self._phones["companies"]
        own = [phone for item in lead.contact_ids for phone in contacts.get(item, ())]
        return tuple(dict.fromkeys((*own, *(phone for item in lead.company_ids for phone in companies.get(item, ())))))

    def _load_phones(self, kind: str, ids: Iterable[str]) -> None:
        known = self._phones[kind]
        for chunk in in_chunks([item for item in dict.fromkeys(ids) if item not in known], IDS_AT_ONCE):
            rows = self._api.rows(kind, {"filter[id][]": chunk})
            known.update(dict.fromkeys(chunk, ()))
            known.update(index_rows(rows, "id", self._read_phones, kind, self._rejects))

    def _read_phones(self, row: Fields) -> tuple[str, ...]:
        return parse_phones([value for code, value in custom_values(row) if code == "PHONE"], self._region)

    def _load_talked_phones(self, contact_ids: Sequence[str], since: datetime) -> None:
        """Give contacts without a number those of the calls noted on them: telephony writes there whom it spoke with."""
        for chunk in in_chunks(list(dict.fromkeys(contact_ids)), IDS_AT_ONCE):
            params = {**CALL_NOTES, "filter[entity_id][]": chunk, "filter[updated_at][from]": int(since.timestamp())}
            notes = index_rows(optional(self._api.rows, "contacts/notes", params) or [], "id", _talked, "note", self._rejects)
            for contact_id in chunk:
                texts = [phone for owner, phone in notes.values() if owner == contact_id and phone]
                self._phones["contacts"][contact_id] = parse_phones(texts, self._region)

    def _load_calls(self, since: datetime) -> None:
        """Read the notes of calls since a moment, unless that has been done; leads come in order of id, the oldest first."""
        if self._calls_since is not None and self._calls_since <= since:
            return
        self._calls_since = since
        params = {**CALL_NOTES, "filter[updated_at][from]": int(since.timestamp()), "order[updated_at]": "asc"}
        notes = index_rows(optional(self._api.rows, "leads/notes", params) or [], "id", _call, "note", self._rejects)
        found: dict[str, dict[str, None]] = {}
        for lead_id, call_id in notes.values():
            if lead_id and call_id:
                found.setdefault(lead_id, {})[call_id] = None
        self._calls = {lead_id: tuple(call_ids) for lead_id, call_ids in found.items()}


def _statuses(row: Fields) -> list[object]:
    inner = row.child("_embedded")
    return rows_of(inner.raw("statuses")) if inner else []


def _name(row: Fields) -> str | None:
    return row.text("name")


def _call(row: Fields) -> tuple[str | None, str | None]:
    """Return the lead a call is noted on, and the id that the PBX knows the call by."""
    params = row.child("params")
    return row.text("entity_id"), params.text("uniq") if params else None


def _talked(row: Fields) -> tuple[str | None, str | None]:
    """Return the contact a call is noted on, and the client's number in it."""
    params = row.child("params")
    return row.text("entity_id"), params.text("phone") if params else None
