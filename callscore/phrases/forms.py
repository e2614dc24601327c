"""Every form of a word, to look it up where only forms are stored. Knows grammar by morphology.py alone."""

from __future__ import annotations

from functools import lru_cache

from callscore.phrases.english import english_lemmas, irregular_forms
from callscore.phrases.morphology import inflections
from callscore.phrases.tokens import text_tokens

__all__ = ["word_forms"]


def word_forms(word: str) -> frozenset[str]:
    """Return all forms of one word, itself among them: small letters, ё as е; Russian by its letters, else English.

    Of a word with several meanings the forms of each likely one; of an unknown word the forms that it would have. Some English
    ones are no words, which finds nothing wrong.

    >>> sorted(word_forms("Ёлку"))
    ['елка', 'елкам', 'елками', 'елках', 'елке', 'елки', 'елкой', 'елкою', 'елку', 'елок']
    >>> {"child", "children"} <= word_forms("children"), {"order", "orders", "ordered"} <= word_forms("ordering")
    (True, True)
    """
    tokens = text_tokens(word)
    if len(tokens) != 1:
        return frozenset(tokens)
    return _forms(tokens[0])


@lru_cache(maxsize=1_024)
def _forms(token: str) -> frozenset[str]:
    if not token[0].isalpha():
        return frozenset({token})
    if any("а" <= letter <= "я" for letter in token):
        return inflections(token) | {token}
    return frozenset({token, *(form for lemma in english_lemmas(token) for form in _english_forms(lemma))})


def _english_forms(lemma: str) -> set[str]:
    """Return the forms that lead back to `lemma`, and no other word."""
    made = {lemma + ending for ending in ("s", "es", "ed", "d", "ing")} | {
        lemma[:-1] + ending for ending in ("ies", "ied", "ing")
    }
    made |= {lemma + lemma[-1] + ending for ending in ("ed", "ing")}
    return {lemma, *irregular_forms(lemma), *(form for form in made if lemma in english_lemmas(form))}
