"""One way to write what was said, the same for every recogniser and for the labels: words without case, marks and spellings.

Small letters, ё as е, no punctuation, a hyphen parts words; "%", "№" and currency signs as words. Numbers become single digits
however they were written, so that "32 900", "32900" and "тридцать две тысячи девятьсот" are all `3 2 9 0 0`, and a telephone
number is the same however it was grouped. Ordinals count as their number. Pure, but for the dictionary of numerals' cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from callscore.masking.grammar import forms
from callscore.masking.lexicon import SCALES, WORD_VALUES

__all__ = ["Token", "normal_text", "normal_tokens"]

_SIGNS: Final = {
    "ru": {"%": " процентов ", "№": " номер ", "₽": " рублей ", "$": " долларов ", "€": " евро "},
    "en": {"%": " percent ", "№": " number ", "$": " dollars ", "€": " euros ", "£": " pounds ", "&": " and "},
}
_ORDINAL: Final = re.compile(r"(?<=\d)(й|я|е|го|му|ти|ми|х|ый|ого|ая|ое|st|nd|rd|th)\b")
_HUNDREDS: Final = frozenset({"hundred", "сотня"})


@dataclass(frozen=True, slots=True)
class Token:
    """A normal word or one digit, and the words `first..last` of the text that it comes from, counted from 0."""

    text: str
    first: int
    last: int


@dataclass(slots=True)
class _Number:
    """A number that may go on: `done` of closed scales, then `part` below the next scale (None: nothing yet)."""

    first: int
    last: int
    done: int = 0
    part: int | None = None
    lead: str = ""
    least_scale: int = 0

    def digits(self) -> str:
        """Return the number's digits, with the zeros it was written with."""
        return self.lead + str(self.done + (self.part or 0)) if self.done or self.part is not None else self.lead


def normal_text(text: str, language: str) -> str:
    """Return the normal words of a text, parted by blanks.

    >>> normal_text("Тридцать две тысячи девятьсот рублей, по-вашему?", "ru")
    '3 2 9 0 0 рублей по вашему'
    >>> normal_text("32 900 рублей — ещё 5%", "ru")
    '3 2 9 0 0 рублей еще 5 процентов'
    """
    return " ".join(token.text for token in normal_tokens(text.split(), language))


def normal_tokens(words: Sequence[str], language: str) -> tuple[Token, ...]:
    """Return the tokens of words in order; a word of punctuation alone gives none."""
    found: list[Token] = []
    number: _Number | None = None
    for at, word in enumerate(words):
        for piece in _pieces(word, language):
            taken = _take(number, piece, at)
            if taken is number and number is not None:
                continue
            if number is not None:
                found += _close(number)
            if taken is None:
                found.append(Token(piece, at, at))
            number = taken
    if number is not None:
        found += _close(number)
    return tuple(found)


def _close(number: _Number) -> Iterable[Token]:
    return (Token(digit, number.first, number.last) for digit in number.digits())


def _pieces(word: str, language: str) -> list[str]:
    text = word.lower().replace("ё", "е")
    for sign, name in _SIGNS.get(language, {}).items():
        text = text.replace(sign, name)
    text = re.sub(r"(?<=\w)['’](?=\w)", "", text)
    text = _ORDINAL.sub("", re.sub(r"(?<=\d)-(?=[^\W\d])", "", text))
    text = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", text)
    return re.sub(r"[\W_]", " ", text).split()


def _take(number: _Number | None, piece: str, at: int) -> _Number | None:
    """Return the number that takes in the piece: the same if it goes on, another if one begins, None for a plain word."""
    if piece.isdecimal():
        return _take_digits(number, piece, at)
    value, scale = _meaning(piece)
    if scale:
        return _take_scale(number, scale, at)
    if value is None:
        return None
    if number is not None and not number.lead and _goes_on(number, value, piece):
        number.part = (number.part or 0) + value if piece not in _HUNDREDS else (number.part or 1) * 100
        number.last = at
        return number
    return _Number(at, at, part=value)


def _goes_on(number: _Number, value: int, piece: str) -> bool:
    """Tell whether a numeral may follow: "двадцать" "пять", "тысяча" "сто", "five" "hundred"."""
    part = number.part
    if piece in _HUNDREDS and part is not None:
        return 1 <= part <= 9
    if value == 0:
        return False
    if part is None:
        return number.least_scale > value
    return part > 0 and part % (10 ** len(str(value))) == 0


def _take_digits(number: _Number | None, piece: str, at: int) -> _Number:
    if number is not None and number.part is None and number.done and len(piece) <= 3 and int(piece) < number.least_scale:
        number.part, number.last = int(piece), at
        return number
    value = piece.lstrip("0")
    if not value or len(value) > 12:
        return _Number(at, at, lead=piece)
    return _Number(at, at, lead=piece[: len(piece) - len(value)], part=int(value))


def _take_scale(number: _Number | None, scale: int, at: int) -> _Number:
    if number is None or number.part is None or number.lead or (number.done and scale >= number.least_scale):
        if number is not None and number.done and number.part is None and scale < number.least_scale:
            number.done += scale
            number.least_scale, number.last = scale, at
            return number
        return _Number(at, at, done=scale, least_scale=scale)
    number.done += number.part * scale
    number.part, number.least_scale, number.last = None, scale, at
    return number


@lru_cache(maxsize=65_536)
def _meaning(piece: str) -> tuple[int | None, int]:
    """Return the value of a numeral (None: it is none) and the scale of words such as "тысяч" (0: it is none)."""
    known = sorted(forms(piece))
    scale = next((SCALES[form] for form in known if form in SCALES), 0)
    value = next((WORD_VALUES[form] for form in known if form in WORD_VALUES), None)
    return (None, scale) if scale else (value, 0)
