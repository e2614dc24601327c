"""A deal as Мегаплан writes it -> OrderRecord."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.pages import Tools
from callscore.outside.phones import parse_phones
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text
from callscore.records import OrderRecord, Outcome

__all__ = ["DealReader", "ReadDeal"]

PHONE_TYPES: Final = ("phone", "mobile", "whatsapp", "telegram", "viber")
LOADABLE: Final = ("ContractorHuman", "ContractorCompany", "Employee", "ProgramState", "Program")
_RESULTS: Final[Mapping[str, Outcome]] = {"positive": Outcome.WON, "negative": Outcome.LOST, "active": Outcome.OPEN}
_Entity = Mapping[str, Any]
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDeal:
    """A deal: the order, when it was last changed, and the id of its scheme."""

    order: OrderRecord
    changed_at: datetime
    program_id: str | None


class DealReader:
    """Reads deals answer by answer: an object is written out where an answer first names it, and is a bare link after that."""

    def __init__(
        self, *, account: str, settings: OrderSettings, tools: Tools, load: Callable[[str, str], _Entity | None]
    ) -> None:
        """Prepare; `load` fetches an object by kind and id, for those that no answer writes out."""
        self._account = account
        self._settings = settings
        self._tools = tools
        self._load = load
        self._written: dict[_Key, _Entity] = {}
        self._loaded: dict[_Key, _Entity | None] = {}

    def learn(self, rows: Iterable[object]) -> None:
        """Note all objects that an answer writes out; those of the answer before are forgotten, as they may have changed."""
        self._written = {}
        for entity in _entities(rows):
            key = _key(entity)
            if key and len(entity) > len(self._written.get(key, ())):
                self._written[key] = entity

    def read(self, row: object) -> ReadDeal:
        """Return the deal in a row.

        Raises:
            RowError: if it cannot be used.
        """
        deal = Fields(row)
        created_at = self._time(deal, "timeCreated")
        if created_at is None:
            raise RowError("timeCreated is missing")
        state_at = self._time(deal, "stateTimeUpdated")
        changed_at = max(at for at in (created_at, state_at, self._time(deal, "timeUpdated")) if at is not None)
        state, program = self._name(deal.raw("state")), self._name(deal.raw("program"))
        outcome = self._outcome(deal, state, program)
        price = deal.child("price")
        currency = price.raw("currency") if price else None
        order = OrderRecord(
            source="megaplan",
            account=self._account,
            order_id=deal.need_text("id"),
            number=deal.text("number"),
            created_at=created_at,
            closed_at=None if outcome is Outcome.OPEN else state_at or changed_at,
            closed_at_is_estimate=outcome is not Outcome.OPEN,
            status_raw=_in_program(state, program) or deal.text("result") or "",
            outcome=outcome,
            amount=price.number("value") if price else None,
            currency=currency if isinstance(currency, str) and currency else None,
            client_phones=self._phones(deal),
            client_id=_id(deal.raw("contractor")),
            responsible_id=_id(deal.raw("manager")),
            responsible_name=self._name(deal.raw("manager")),
        )
        return ReadDeal(order=order, changed_at=changed_at, program_id=_id(deal.raw("program")))

    def _outcome(self, deal: Fields, state: str | None, program: str | None) -> Outcome:
        result = deal.text("result") or ""
        words = (state, _id(deal.raw("state")), _in_program(state, program), result)
        guess = _RESULTS.get(result.lower(), Outcome.OPEN)
        return decide_outcome(self._settings, tuple(word for word in words if word), guess)

    def _time(self, deal: Fields, name: str) -> datetime | None:
        value = deal.raw(name)
        text = value.get("value") if isinstance(value, Mapping) else value
        if text is not None and not isinstance(text, str):
            raise RowError(f"{name} is not a time")
        return from_text(text, self._tools.timezone, name)

    def _phones(self, deal: Fields) -> tuple[str, ...]:
        """Return the client's phones: the deal's own, the client's, those of the client's contact."""
        people = [deal.raw("contractor"), deal.raw("contact")]
        texts = [*_phone_texts(deal.raw("contractorPhone"))]
        for link in people:
            texts += _phone_texts(self._known(link).get("contactInfo"))
        if not texts:
            for link in people:
                if "contactInfo" not in self._known(link):
                    texts += _phone_texts(self._fetched(link).get("contactInfo"))
        return parse_phones(texts, self._tools.region)

    def _name(self, link: object) -> str | None:
        """Return the name of what a link leads to, fetched where no answer has written it out."""
        for entity in (self._known(link), self._fetched(link) if _full_name(self._known(link)) is None else {}):
            if (name := _full_name(entity)) is not None:
                return name
        return None

    def _known(self, link: object) -> _Entity:
        """Return what this answer says of an object, if only the link itself."""
        own: _Entity = link if isinstance(link, Mapping) else {}
        written = self._written.get(_key(own) or ("", ""), own)
        return written if len(written) > len(own) else own

    def _fetched(self, link: object) -> _Entity:
        key = _key(link) if isinstance(link, Mapping) else None
        if key is None or key[0] not in LOADABLE:
            return {}
        if key not in self._loaded:
            self._loaded[key] = self._load(*key)
        return self._loaded[key] or {}


def _entities(rows: Iterable[object]) -> Iterator[_Entity]:
    """Yield all objects at any depth."""
    waiting = list(rows)
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _key(entity: _Entity) -> _Key | None:
    kind, entity_id = entity.get("contentType"), _id(entity)
    return (kind, entity_id) if isinstance(kind, str) and kind and entity_id else None


def _id(link: object) -> str | None:
    return Fields(link).text("id") if isinstance(link, Mapping) and isinstance(link.get("id"), str | int) else None


def _full_name(entity: _Entity) -> str | None:
    fields = Fields(entity)
    try:
        parts = [fields.text(part) for part in ("lastName", "firstName", "middleName")]
        return fields.text("name") or " ".join(part for part in parts if part) or None
    except RowError:
        return None  # an object is written out once for many deals: what ails its name must not cost all of them


def _in_program(state: str | None, program: str | None) -> str:
    return f"{state} ({program})" if state and program else state or ""


def _phone_texts(value: object) -> Iterator[str]:
    """Yield the texts that may hold phones in a contact, a list of contacts, or a plain text."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            kind = item.get("type")
            is_phone = not isinstance(kind, str) or kind.lower() in PHONE_TYPES
            item = item.get("value") if is_phone else None  # noqa: PLW2901 - a contact stands for its value
        if isinstance(item, str | int) and not isinstance(item, bool):
            yield str(item)
