"""Find the numbers of a turn that belong to somebody: phones, cards, orders, houses, in digits or spoken as words. Pure.

Numbers that follow one another with nothing but fillers between them are one group: that is how people dictate. A group is
masked where it has four digits or more or stands by a word such as "заказ", unless it is an amount: one number with a scale
or a currency, a time, a range.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.masking.grammar import forms, info_of
from callscore.masking.lexicon import (
    ADDRESS_AFTER,
    BEFORE_TIME,
    CURRENCIES,
    FILLERS,
    IDENTITY,
    NUMBER_OF,
    SCALES,
    UNITS,
    WORD_VALUES,
)
from callscore.masking.pieces import Piece

__all__ = ["is_dictation", "personal_numbers"]

MANY_DIGITS: Final = 4
MOST_OF_AMOUNT: Final = 7
"""An amount of more digits than this (9,999,999) is no price in a shop."""
_SIGNS: Final = ("₽", "$", "€", "£", "%")
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d{2})\W*\Z")
_MOST_FILLERS: Final = 3
_BETWEEN_KEY: Final = frozenset(
    {"это", "мой", "ваш", "такой", "номер", "был", "быть", "у", "я", "мы", "вы", "number", "is", "my", "your", "was", "the"}
)


@dataclass(slots=True)
class _Number:
    """One grammatical number: pieces `first..last`, how many digits it has, whether it carries a scale ("тысяч")."""

    first: int
    last: int
    digits: int
    value: int = 0
    has_scale: bool = False
    lowest: int = 1

    @property
    def is_amount_like(self) -> bool:
        return self.has_scale and self.digits <= MOST_OF_AMOUNT


def personal_numbers(pieces: Sequence[Piece]) -> tuple[tuple[int, int], ...]:
    """Return the stretches `(first, last)` of pieces to mask, in order, none overlapping."""
    strict = any(forms(token) & IDENTITY for piece in pieces for token in piece.tokens)
    found = []
    for group in _groups(pieces):
        found += _masked(pieces, group, strict=strict)
    return tuple(found)


def is_dictation(pieces: Sequence[Piece]) -> bool:
    """Tell whether the turn is nothing but numbers, placeholders for such, and fillers."""
    n_numbers = 0
    for at, piece in enumerate(pieces):
        if piece.kind == "number" or _is_number(piece):
            n_numbers += 1
        elif not _is_filler(piece):
            return False
        if _is_amount(pieces, at):
            return False
    return n_numbers > 0


def _is_amount(pieces: Sequence[Piece], at: int) -> bool:
    return bool(_lemmas(pieces[at]) & SCALES.keys()) or any(sign in pieces[at].text for sign in _SIGNS)


def _lemmas(piece: Piece) -> frozenset[str]:
    return frozenset(lemma for token in piece.tokens for lemma in forms(token))


def _is_filler(piece: Piece) -> bool:
    """Tell whether a piece may stand inside a dictated number: a filler, a sign, or a word no dictionary knows."""
    if piece.kind:
        return False
    return all(token in FILLERS or _is_garbled(token) for token in piece.tokens)


def _is_garbled(token: str) -> bool:
    info = info_of(token)
    return any("а" <= char <= "я" for char in token) and not info.is_known and not info.is_name


def _is_number(piece: Piece) -> bool:
    tokens = piece.tokens
    if not tokens:
        return False
    return any(char.isdigit() for char in piece.text) or all(
        forms(token) & (WORD_VALUES.keys() | SCALES.keys()) for token in tokens
    )


def _groups(pieces: Sequence[Piece]) -> list[list[_Number]]:
    """Return the numbers of the turn, those parted by fillers only in one list."""
    groups: list[list[_Number]] = []
    last = -_MOST_FILLERS - 2
    for at, piece in enumerate(pieces):
        if not _is_number(piece):
            continue
        between = pieces[max(last + 1, 0) : at]
        if at - last - 1 > _MOST_FILLERS or not all(_is_filler(item) for item in between) or last < 0:
            groups.append([])
        for token in piece.tokens:
            _add(groups[-1], token, at)
        last = at
    return [group for group in groups if group]


def _add(group: list[_Number], token: str, at: int) -> None:
    """Take a token into the last number of the group where grammar joins them ("сорок пять"), else begin another."""
    known = forms(token)
    current = group[-1] if group else None
    scale = next((SCALES[form] for form in sorted(known) if form in SCALES), 0)
    if scale:
        _scale(group, scale, at)
        return
    n_digits = sum(char.isdigit() for char in token)
    value = next((WORD_VALUES[form] for form in sorted(known) if form in WORD_VALUES), None)
    if n_digits == 0 and value is None:
        return  # "5-го": the rest of a piece whose digits were counted
    is_joined = current is not None and at - current.last <= 1
    if value is not None and current is not None and is_joined and 0 < value < 10 ** (current.lowest - 1):
        current.value += value
        current.digits = max(current.digits, len(str(current.value)))
        current.lowest, current.last = _lowest(value), at
    elif n_digits and current is not None and is_joined and current.has_scale and n_digits <= 3 and current.lowest > 3:
        current.lowest, current.last = 1, at
    else:
        digits = n_digits or len(str(value))
        number = int(token) if token.isdecimal() and n_digits <= MOST_OF_AMOUNT else (value or 0)
        group.append(_Number(at, at, digits, number, lowest=1 if n_digits else _lowest(value or 0)))


def _lowest(value: int) -> int:
    """Return the place, counted from 1, of the lowest digit that is not 0: below it more may follow."""
    if value == 0:
        return 1
    text = str(value)
    return len(text) - len(text.rstrip("0")) + 1


def _scale(group: list[_Number], scale: int, at: int) -> None:
    places = len(str(scale))
    current = group[-1] if group else None
    if current is not None and at - current.last <= 1 and not current.has_scale and current.digits <= 3:
        current.digits += places - 1
        current.value = max(current.value, 1) * scale
        current.last, current.lowest, current.has_scale = at, places, True
    else:
        group.append(_Number(at, at, places, scale, has_scale=True, lowest=places))


def _masked(pieces: Sequence[Piece], group: list[_Number], *, strict: bool) -> list[tuple[int, int]]:
    whole = [(group[0].first, group[-1].last)]
    if strict or _is_alone(pieces, group):
        return whole
    if _is_price(pieces, group):
        return []
    tail = group[-1]
    ends_in_unit = tail.is_amount_like or _has_unit(pieces, tail)
    if len(group) == 2 and ends_in_unit and not _is_range(group):
        return _masked(pieces, group[:1], strict=strict)  # "заказ 45812, две штуки"
    if all(number.is_amount_like and not _is_year(pieces, number) for number in group):
        return []
    is_small = sum(number.digits for number in group) < MANY_DIGITS
    is_known = is_small or _is_clock(pieces, group) or _is_short_price(group) or (_is_range(group) and ends_in_unit)
    return whole if not is_known or _is_somebodys(pieces, group) else []


def _is_alone(pieces: Sequence[Piece], group: list[_Number]) -> bool:
    """Tell whether the turn is nothing but this dictated group of two digits or more; "семь триста" alone may be a price."""
    return sum(number.digits for number in group) >= 2 and is_dictation(pieces) and not _is_short_price(group)


def _is_price(pieces: Sequence[Piece], group: list[_Number]) -> bool:
    """Tell whether the group is one amount of money: "12990 рублей", "12 990 руб.", "двенадцать тысяч девятьсот рублей"."""
    first, last = group[0].first, group[-1].last
    if not _is_money(pieces, last) or sum(number.digits for number in group) > MOST_OF_AMOUNT:
        return False
    if len(group) == 1:
        return True
    texts = [re.sub(r"\D", "", pieces[at].text) for at in range(first, last + 1)]
    return 1 <= len(texts[0]) <= 3 and all(len(text) == 3 for text in texts[1:])


def _is_money(pieces: Sequence[Piece], last: int) -> bool:
    if any(sign in pieces[last].text for sign in _SIGNS):
        return True
    return last + 1 < len(pieces) and (
        bool(_lemmas(pieces[last + 1]) & CURRENCIES) or any(sign in pieces[last + 1].text for sign in _SIGNS)
    )


def _has_unit(pieces: Sequence[Piece], number: _Number) -> bool:
    if number.digits >= MANY_DIGITS and not number.has_scale:
        return _is_money(pieces, number.last) and number.digits <= MOST_OF_AMOUNT
    after = _lemmas(pieces[number.last + 1]) if number.last + 1 < len(pieces) else frozenset()
    return _is_money(pieces, number.last) or bool(after & UNITS)


def _is_year(pieces: Sequence[Piece], number: _Number) -> bool:
    after = _lemmas(pieces[number.last + 1]) if number.last + 1 < len(pieces) else frozenset()
    return 1900 <= number.value <= 2100 and bool(after & {"год", "year"})


def _is_range(group: list[_Number]) -> bool:
    """Tell whether the group is "двадцать-двадцать пять": two small numbers, the second the greater."""
    return len(group) == 2 and group[0].digits <= 3 and group[1].digits <= 3 and group[0].value < group[1].value


def _is_short_price(group: list[_Number]) -> bool:
    """Tell whether the group is a price without its word: "семь триста". "Восемь девятьсот" begins a telephone number."""
    if len(group) != 2 or group[0].digits > 2 or group[1].digits != 3:
        return False
    return group[1].value % 100 == 0 and not (group[0].value == 8 and group[1].value == 900)


def _is_clock(pieces: Sequence[Piece], group: list[_Number]) -> bool:
    """Tell whether the group is a time or a day: "10:30", "25.05", "в двенадцать тридцать"."""
    texts = [_CLOCK.match(pieces[number.first].text) for number in group]
    if all(texts):
        return all(int(found.group(1)) <= 31 and int(found.group(2)) <= 59 for found in texts if found)
    if len(group) != 2 or group[0].value > 24 or group[1].value > 59 or max(item.digits for item in group) > 2:
        return False
    before = pieces[group[0].first - 1].tokens if group[0].first else ()
    after = _lemmas(pieces[group[1].last + 1]) if group[1].last + 1 < len(pieces) else frozenset()
    return bool(set(before) & BEFORE_TIME) or bool(after & {"утро", "вечер", "день", "ночь", "am", "pm"})


def _is_somebodys(pieces: Sequence[Piece], group: list[_Number]) -> bool:
    """Tell whether a word beside the group makes it personal: "квартира двенадцать", "пятый подъезд", a street before it."""
    last = group[-1].last
    if last + 1 < len(pieces) and (pieces[last + 1].kind == "address" or _lemmas(pieces[last + 1]) & ADDRESS_AFTER):
        return True
    if _has_unit(pieces, group[-1]):
        return False
    for at in range(group[0].first - 1, max(-1, group[0].first - 5), -1):
        lemmas = _lemmas(pieces[at])
        if pieces[at].kind == "address" or lemmas & NUMBER_OF:
            return True
        if not (lemmas & _BETWEEN_KEY or _is_filler(pieces[at])):
            return False
    return False
