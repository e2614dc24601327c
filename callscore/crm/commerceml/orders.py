"""A Документ of CommerceML -> OrderRecord: the order's own elements, its clients' phones, and what its requisites tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from callscore.crm.commerceml.documents import local_name
from callscore.crm.onec_words import currency_code, guess_outcome, plain
from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.phones import parse_phones
from callscore.outside.rows import Fields, RowError, clean_text
from callscore.outside.times import from_text
from callscore.records import OrderRecord, Outcome

__all__ = ["DocumentReader", "ReadOrder"]

_CANCELLED: Final = tuple(map(plain, ("Отменен", "Отменено", "Заказ отменен", "Пометка удаления", "Удален")))
_CANCELLED_AT: Final = tuple(map(plain, ("Дата отмены", "Дата отмены заказа")))
_PAID: Final = tuple(map(plain, ("Заказ оплачен", "Оплачен", "Отгружен")))
_PAID_AT: Final = tuple(map(plain, ("Дата оплаты", "Дата оплаты по 1С", "Дата отгрузки", "Дата отгрузки по 1С")))
_FINAL: Final = (plain("Финальный статус"),)
_STATUS_AT: Final = tuple(map(plain, ("Дата изменения статуса", "Дата статуса")))
_LETTER: Final = re.compile(r"\[(\w+)\]\s*")  # Bitrix writes "[F] Выполнен"
_YES: Final = ("true", "1", "да", "истина", "y", "yes")
_PHONE: Final = "телефон"
_SELLER: Final = "продавец"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOrder:
    """An order and when it was last changed, as far as it says so itself."""

    order: OrderRecord
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReader:
    """Reads documents; `status_names` and `responsible_names` are the requisites that hold those, the first one counts."""

    account: str
    settings: OrderSettings
    zone: str
    region: str
    operations: tuple[str, ...]
    status_names: tuple[str, ...]
    responsible_names: tuple[str, ...]

    def is_order(self, document: Element) -> bool:
        """Tell whether a document is a sale's order: refunds, shipments, payments and our own purchases are documents too."""
        operation, role = plain(_text(document, "ХозОперация")), plain(_text(document, "Роль"))
        return (not operation or operation in map(plain, self.operations)) and role in ("", _SELLER)

    def read(self, document: Element) -> ReadOrder:
        """Return the order in a document.

        Raises:
            RowError: if it cannot be used.
        """
        fields, facts = Fields(_own_texts(document)), _facts(document)
        created_at = self._created_at(fields)
        status = next((facts[plain(name)] for name in self.status_names if plain(name) in facts), "")
        outcome = self._outcome(facts, status)
        closed_at, is_estimate = self._closed_at(facts, outcome)
        buyer = next(_counterparties(document), None)
        responsible = (facts.get(plain(name)) for name in self.responsible_names)
        order = OrderRecord(
            source="commerceml",
            account=self.account,
            order_id=fields.need_text("Ид"),
            number=fields.text("Номер"),
            created_at=created_at,
            closed_at=closed_at,
            closed_at_is_estimate=is_estimate,
            status_raw=status,
            outcome=outcome,
            amount=fields.number("Сумма"),
            currency=currency_code(fields.text("Валюта")),
            client_phones=parse_phones(_phone_texts(document), self.region),
            # A shop on Bitrix writes "id#mail#name" here: the rest is personal, and no id.
            client_id=None if buyer is None else _text(buyer, "Ид").partition("#")[0] or None,
            responsible_name=next((name for name in responsible if name), None),
        )
        times = (self._time(facts, (*_STATUS_AT, *_CANCELLED_AT, *_PAID_AT)), created_at)
        return ReadOrder(order=order, changed_at=max(at for at in times if at is not None))

    def _created_at(self, fields: Fields) -> datetime:
        day, hour = fields.need_text("Дата"), fields.text("Время")
        if hour is not None:  # 1С may write both as a date with a time, of which one half is meant
            day = f"{re.split('[T ]', day)[0]} {hour.rpartition('T')[2]}"
        created_at = from_text(day, self.zone, "Дата")
        if created_at is None:
            raise RowError("Дата is missing")
        return created_at

    def _outcome(self, facts: Mapping[str, str], status: str) -> Outcome:
        """Return what became of an order: cancelled is lost whatever its status, then the user's words, then the rest."""
        if _is_true(facts, _CANCELLED):
            return Outcome.LOST
        guess = guess_outcome(status)
        is_paid = _is_true(facts, (*_PAID, *_FINAL)) or self._time(facts, _PAID_AT) is not None
        if guess is Outcome.OPEN and is_paid:
            guess = Outcome.WON
        letter = _LETTER.match(status)
        words = (status, letter.group(1), status[letter.end() :]) if letter else (status,)
        return decide_outcome(self.settings, words, guess)

    def _closed_at(self, facts: Mapping[str, str], outcome: Outcome) -> tuple[datetime | None, bool]:
        """Return when an order was closed, and whether that is an estimate."""
        if outcome is Outcome.OPEN:
            return None, False
        cancelled_at = self._time(facts, _CANCELLED_AT) if outcome is Outcome.LOST else None
        status_at = self._time(facts, _STATUS_AT)
        if cancelled_at is not None or (status_at is not None and _is_true(facts, _FINAL)):
            return cancelled_at or status_at, False
        closed_at = status_at or (self._time(facts, _PAID_AT) if outcome is Outcome.WON else None)
        return closed_at, closed_at is not None

    def _time(self, facts: Mapping[str, str], names: tuple[str, ...]) -> datetime | None:
        """Return the latest of the times that those requisites hold; people write other things there, too."""
        found = []
        for name in names:
            try:
                at = from_text(facts.get(name), self.zone)
            except RowError:
                continue
            found += [at] if at is not None else []
        return max(found, default=None)


def _own_texts(element: Element) -> Mapping[str, str]:
    """Return the texts of the elements right below, the first of each name."""
    found: dict[str, str] = {}
    for child in element:
        if len(child) == 0 and child.text and child.text.strip():
            found.setdefault(local_name(child), child.text)
    return found


def _text(element: Element, name: str) -> str:
    return clean_text(_own_texts(element).get(name, ""))


def _facts(document: Element) -> Mapping[str, str]:
    """Return the requisites by plain name; some shops write them as elements of the document."""
    found = {plain(name): clean_text(text) for name, text in _own_texts(document).items()}
    for child in document:
        if local_name(child) == "ЗначенияРеквизитов":
            for item in child:
                if value := _text(item, "Значение"):
                    found[plain(_text(item, "Наименование"))] = value
    return found


def _counterparties(document: Element) -> Iterator[Element]:
    """Yield the clients of an order, the buyer first; not ourselves."""
    found = [
        item
        for child in document
        if local_name(child) == "Контрагенты"
        for item in child
        if local_name(item) == "Контрагент" and plain(_text(item, "Роль")) != _SELLER
    ]
    yield from sorted(found, key=lambda item: plain(_text(item, "Роль")) not in ("", "покупатель"))


def _phone_texts(document: Element) -> Iterator[str]:
    """Yield what may hold phones: the clients' own, those of the people who speak for them, those of the order."""
    for buyer in _counterparties(document):
        yield from _phones_below(buyer, skip="Представители")
        for child in buyer:
            if local_name(child) == "Представители":
                yield from _phones_below(child, skip="")
    for name, value in _facts(document).items():
        if name.startswith(_PHONE):
            yield value


def _phones_below(element: Element, skip: str) -> Iterator[str]:
    """Yield phones at any depth: as a contact with its kind and value, or as an element of that name."""
    waiting = [child for child in reversed(element) if local_name(child) != skip]
    while waiting:
        item = waiting.pop()
        texts = _own_texts(item)
        kinds = [texts.get(name, "") for name in ("Тип", "КонтактВид")]
        if local_name(item) == "ЗначениеРеквизита":
            kinds.append(texts.get("Наименование", ""))
        if any(plain(kind).startswith(_PHONE) for kind in kinds):
            yield texts.get("Значение", "")
        elif plain(local_name(item)).startswith(_PHONE):
            yield (item.text or "").strip() or texts.get("Представление", "") or texts.get("Значение", "")
        else:
            waiting.extend(reversed(item))


def _is_true(facts: Mapping[str, str], names: tuple[str, ...]) -> bool:
    return any(facts.get(name, "").casefold() in _YES for name in names)
