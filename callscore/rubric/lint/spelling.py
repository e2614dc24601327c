"""Words of Russian phrases that look mistyped. Pure but for the dictionary.

A word is suspected only if no dictionary knows it and one slip of the keyboard away stands a word that the rubrics themselves
use more than once (or, for a letter typed twice, any word): names, brands and slang have no such neighbour as a rule.
English is passed over: there is no dictionary of it here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Final

from callscore.phrases import Atom, parse_phrase, word_info
from callscore.rubric.lint.everyday import everyday_lines
from callscore.rubric.lint.lists import PhraseList
from callscore.rubric.lint.remark import Remark
from callscore.rubric.schema import RubricBook

__all__ = ["known_forms", "remarks_on_spelling"]

_LETTERS: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_LEAST_CHARS: Final = 5
_LEAST_USES: Final = 2
_WORD: Final = re.compile(r"[а-яё]+")


def known_forms(book: RubricBook, lists: tuple[PhraseList, ...]) -> frozenset[str]:
    """Return the dictionary words, lower case with `е` for `ё`, that phrases, examples and everyday turns use repeatedly."""
    texts = [phrase for one in lists for phrase in one.phrases]
    texts += [example.text for rubric in book.rubrics for criterion in rubric.criteria for example in criterion.examples]
    texts += everyday_lines("ru")
    words = Counter(word.replace("ё", "е") for text in texts for word in _WORD.findall(text.lower()))
    return frozenset(word for word, n_used in words.items() if n_used >= _LEAST_USES and word_info(word, "ru").is_known)


def remarks_on_spelling(one: PhraseList, forms: frozenset[str]) -> Iterator[Remark]:
    """Yield a remark for each word of a Russian list that is rather a slip; beside the right form a wrong one is meant."""
    for phrase, where in zip(one.phrases, one.wheres, strict=True) if one.language == "ru" else ():
        variants, _ = parse_phrase(phrase, where)
        atoms = {atom for variant in variants for slot in variant.slots for atom in slot.atoms}
        beside = {atom.text for atom in atoms}
        for word in sorted(atom.text for atom in atoms if _is_suspect(atom)):
            meant = _meant(word, forms)
            if meant and meant not in beside:
                yield Remark(where, f"phrase '{phrase.removeprefix('!')}': no dictionary knows '{word}'; is '{meant}' meant?")


def _is_suspect(atom: Atom) -> bool:
    if atom.kind == "class" or len(atom.text) < _LEAST_CHARS or not atom.text.isalpha():
        return False
    info = word_info(atom.text, "ru")
    return not info.is_known and not info.is_name


def _meant(word: str, forms: frozenset[str]) -> str:
    """Return the word that `word` is a slip of, an empty string if there is none; slips seldom hit the first letter."""
    used = sorted(other for other in _one_slip_away(word) if other in forms and other[0] == word[0])
    return used[0] if used else _without_double(word)


def _one_slip_away(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        head, tail = word[:at], word[at:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]


@cache
def _without_double(word: str) -> str:
    """Return the dictionary word that is left when a doubled letter is dropped, an empty string if there is none."""
    shorter = (word[:at] + word[at + 1 :] for at in range(1, len(word)) if word[at] == word[at - 1])
    return next((other for other in shorter if word_info(other, "ru").is_known), "")
