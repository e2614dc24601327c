"""A row of Document_ЗаказКлиента (УТ, КА, ERP) or Document_ЗаказПокупателя (УНФ) -> OrderRecord."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callscore.crm.odata.directory import Directory, reference_key
from callscore.crm.onec_words import currency_code, guess_outcome
from callscore.crm.outcome import OrderSettings, decide_outcome
from callscore.outside.pages import Tools
from callscore.outside.phones import parse_phones
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text
from callscore.records import OrderRecord, Outcome

__all__ = ["WANTED", "OrderReader"]

WANTED: Final = (
    "Ref_Key", "Number", "Date", "Posted", "DeletionMark", "СуммаДокумента", "Партнер_Key", "Контрагент_Key", "Менеджер_Key",
    "Ответственный_Key", "Статус", "СостояниеЗаказа_Key", "ВариантЗавершения", "Валюта_Key", "ВалютаДокумента_Key",
)  # fmt: skip
_CLIENTS: Final = ("Партнер", "Контрагент")
_PEOPLE: Final = ("Менеджер", "Ответственный")
_CURRENCIES: Final = ("ВалютаДокумента", "Валюта")
_PHONE: Final = "телефон"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReader:
    """Reads orders whose references `directory` has learnt."""

    account: str
    settings: OrderSettings
    tools: Tools
    directory: Directory

    def read(self, row: object, cancelled: frozenset[str]) -> OrderRecord:
        """Return the order in a row; `cancelled`: the keys of orders whose lines are all cancelled.

        1С does not tell when an order was closed.

        Raises:
            RowError: if it cannot be used.
        """
        order, directory = Fields(row), self.directory
        created_at = from_text(order.text("Date"), self.tools.timezone, "Date")
        if created_at is None:
            raise RowError("Date is missing")
        order_id = order.need_text("Ref_Key")
        state_key = reference_key(order, "СостояниеЗаказа")
        status = order.text("Статус") or directory.entry("СостояниеЗаказа", state_key).text("Description")
        ending = order.text("ВариантЗавершения")
        status_raw = f"{status} ({ending})" if status and ending else status or ending or ""
        words = tuple(word for word in (status, ending, status_raw, state_key) if word)
        is_lost = order.flag("DeletionMark") is True or order_id in cancelled or _is_cancelled(order)
        person = next((name for name in _PEOPLE if reference_key(order, name)), _PEOPLE[0])
        person_key = reference_key(order, person)
        return OrderRecord(
            source="odata",
            account=self.account,
            order_id=order_id,
            number=order.text("Number"),
            created_at=created_at,
            status_raw=status_raw,
            outcome=Outcome.LOST if is_lost else self._outcome(order, words, ending or status or ""),
            amount=order.number("СуммаДокумента"),
            currency=_currency(order, directory),
            client_phones=parse_phones(_phone_texts(order, directory), self.tools.region),
            client_id=next((key for name in _CLIENTS if (key := reference_key(order, name))), None),
            responsible_id=person_key,
            responsible_name=directory.entry(person, person_key).text("Description"),
        )

    def _outcome(self, order: Fields, words: tuple[str, ...], telling: str) -> Outcome:
        """Return what the status says; what is not posted is a draft, and no sale."""
        guess = guess_outcome(telling)
        is_draft = guess is Outcome.WON and order.flag("Posted") is False
        return decide_outcome(self.settings, words, Outcome.OPEN if is_draft else guess)


def _is_cancelled(order: Fields) -> bool:
    """Tell whether all lines are cancelled, where 1С has sent them with the order."""
    lines = list(order.children("Товары"))
    return bool(lines) and all(line.flag("Отменено") for line in lines)


def _currency(order: Fields, directory: Directory) -> str | None:
    for name in _CURRENCIES:
        entry = directory.entry(name, reference_key(order, name))
        if (code := currency_code(entry.text("Description")) or currency_code(entry.text("Code"))) is not None:
            return code
    return None


def _phone_texts(order: Fields, directory: Directory) -> Iterator[str | None]:
    """Yield what may hold phones: the number may be empty while the text shown to people holds it."""
    for name in _CLIENTS:
        for contact in directory.entry(name, reference_key(order, name)).children("КонтактнаяИнформация"):
            if (contact.text("Тип") or _PHONE).lower() == _PHONE:
                yield contact.text("НомерТелефона")
                yield contact.text("Представление")
