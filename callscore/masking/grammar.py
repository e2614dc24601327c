"""What the masking rules ask of a token: its dictionary forms, whether it is a person's name. Knows the phrase package only."""

from __future__ import annotations

from functools import lru_cache

from callscore.masking.lexicon import SURNAME_ENDINGS, SURNAME_ENDINGS_ANY, SURNAME_ENDINGS_SURE
from callscore.phrases.morphology import WordInfo, word_info

__all__ = ["forms", "info_of", "is_given_name", "is_surname", "may_be_surname"]

_LEAST_SURNAME_CHARS = 4


def info_of(token: str) -> WordInfo:
    """Return the grammar of a token, Russian where it has Cyrillic letters."""
    return word_info(token, "ru" if any("а" <= char <= "я" for char in token) else "en")


@lru_cache(maxsize=65_536)
def forms(token: str) -> frozenset[str]:
    """Return the token with its plausible dictionary forms."""
    return frozenset({token} | {lemma for lemma, _group in info_of(token).readings})


def is_given_name(token: str) -> bool:
    """Tell whether a token can be a given name or patronymic, also one that was recognised a little wrong."""
    info = info_of(token)
    return info.is_name or info.is_name_like


def is_surname(token: str) -> bool:
    """Tell whether a token is a surname by the dictionary and looks like one in its first form.

    >>> is_surname("ковалевой"), is_surname("машина"), is_surname("мороз")
    (True, False, False)
    """
    info = info_of(token)
    if info.is_known:
        return info.is_surname and info.main[0].endswith(SURNAME_ENDINGS) and info.main[1] == "noun"
    return len(token) > _LEAST_SURNAME_CHARS and token.endswith(SURNAME_ENDINGS_SURE)


def may_be_surname(token: str) -> bool:
    """Tell whether a token is a surname where its place speaks for one: beside a name, or with a capital letter."""
    info = info_of(token)
    if info.is_known:
        return info.is_surname and len(token) >= _LEAST_SURNAME_CHARS
    return len(token) >= _LEAST_SURNAME_CHARS and token.isalpha() and token.endswith(SURNAME_ENDINGS_ANY)
