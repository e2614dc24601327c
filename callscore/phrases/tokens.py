"""Cut recognised text into comparable tokens. Pure; knows neither grammar nor sound."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

__all__ = ["Border", "split_text", "text_tokens", "word_set"]

_QUESTION = "?"
_SENTENCE = ".!…"
_CLAUSE = ",;:—–()"
_INNER_OF_NUMBER = ":.,"
MAX_TOKEN_CHARS = 64
"""Longer runs of letters are no words (the longest Russian words in use have under 40) and would slow comparison."""


class Border(IntEnum):
    """What stands after a token; higher is stronger."""

    NONE = 0
    CLAUSE = 1
    SENTENCE = 2
    QUESTION = 3


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list written as text, parted by blanks; for the word lists of this package."""
    return frozenset(text.split())


def text_tokens(text: str) -> tuple[str, ...]:
    """Return the tokens of `text`: lower case, `ё` as `е`, no punctuation, cut at blanks and hyphens.

    >>> text_tokens("Интернет-магазин «Уют», подождёте? В 10:30!")
    ('интернет', 'магазин', 'уют', 'подождете', 'в', '10:30')
    """
    return tuple(token for token, _border in split_text(text))


@lru_cache(maxsize=65_536)
def split_text(text: str) -> tuple[tuple[str, Border], ...]:
    """Return the tokens of `text`, each with the strongest border that follows it.

    >>> split_text("не дорого, нет")
    (('не', <Border.NONE: 0>), ('дорого', <Border.CLAUSE: 1>), ('нет', <Border.NONE: 0>))
    """
    found: list[tuple[str, Border]] = []
    start = -1
    folded = text.casefold().replace("ё", "е").replace("\u0301", "")
    for at, char in enumerate(folded + " "):
        if char.isalnum() or _is_inside_number(folded, at):
            start = at if start < 0 else start
            continue
        if start >= 0:
            found.append((folded[start:at][:MAX_TOKEN_CHARS], Border.NONE))
            start = -1
        border = _border(char)
        if border and found and found[-1][1] < border:
            found[-1] = (found[-1][0], border)
    return tuple(found)


def _is_inside_number(text: str, at: int) -> bool:
    """Tell whether the sign at `at` joins two digits: 10:30, 2.5, 12,9."""
    if at == 0 or at + 1 >= len(text) or text[at] not in _INNER_OF_NUMBER:
        return False
    return text[at - 1].isdigit() and text[at + 1].isdigit()


def _border(char: str) -> Border:
    if char == _QUESTION:
        return Border.QUESTION
    if char in _SENTENCE:
        return Border.SENTENCE
    return Border.CLAUSE if char in _CLAUSE else Border.NONE
