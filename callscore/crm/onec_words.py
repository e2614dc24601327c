"""The words of 1С: what names of statuses and of currencies mean, whichever way the orders come."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from callscore.records import Outcome

__all__ = ["currency_code", "guess_outcome", "plain"]

_LOST: Final = re.compile(
    r"\b(?:отмен[её]н|отказ|аннулир|возврат|возвращ[её]н|удал[её]н|не\s+состоял|не\s?успе|cancel|refus|declin)"
)
_WON: Final = re.compile(
    r"\b(?:выполнен|заверш[её]н|доставлен|закрыт|отгружен|оплачен|продан|вручен|выдан|успешно|complete|finished|delivered)"
)
_NOT_YET: Final = re.compile(r"\bне[\s_-]|частич|ожида|ждет|ждёт|жд[уе]")
_CURRENCIES: Final[Mapping[str, str]] = {
    "руб": "RUB", "рубль": "RUB", "рубли": "RUB", "р": "RUB", "rur": "RUB", "643": "RUB", "810": "RUB", "₽": "RUB",
    "840": "USD", "$": "USD", "978": "EUR", "€": "EUR", "евро": "EUR", "933": "BYN", "398": "KZT", "тенге": "KZT",
}  # fmt: skip


def guess_outcome(status: str) -> Outcome:
    """Return what the name of a status says of itself; open where it says nothing, or says "not" or "partly".

    >>> [guess_outcome(name).value for name in ("[F] Выполнен", "Отменён", "Не оплачен", "В работе")]
    ['won', 'lost', 'open', 'open']
    """
    text = status.casefold()
    if _LOST.search(text):
        return Outcome.LOST
    return Outcome.WON if _WON.search(text) and not _NOT_YET.search(text) else Outcome.OPEN


def currency_code(text: str | None) -> str | None:
    """Return the ISO 4217 code of a currency named in 1С ("руб.", "643"); other texts as they are.

    >>> currency_code("руб.")
    'RUB'
    """
    word = (text or "").strip().rstrip(".").casefold()
    return _CURRENCIES.get(word) or (word.upper() if word.isascii() and word.isalpha() else text) or None


def plain(name: str) -> str:
    """Return a name in which spelling does not count: "Статус заказа" and "СтатусЗаказа" are one.

    >>> plain("Отменён") == plain("отменен")
    True
    """
    return re.sub(r"[\W_]+", "", name.casefold().replace("ё", "е"))
