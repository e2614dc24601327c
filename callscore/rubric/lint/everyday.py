"""Phrases that are found nearly everywhere: measured on everyday turns that are about nothing a rubric asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from callscore.phrases import FUNCTION, AnalysedWords, analyse, atom_weight, compile_phrases, find_matches, parse_phrase
from callscore.records import Word
from callscore.rubric.lint.lists import PhraseList
from callscore.rubric.lint.remark import Remark
from callscore.units import Span

__all__ = ["everyday_lines", "remarks_on_everyday"]

MOST_FRAC: Final = 0.1
"""A phrase found in more of the everyday turns says nothing; the most general shipped one is found in one of twenty."""
_SHORT: Final = 3
_WORD_MS: Final = 300


def remarks_on_everyday(one: PhraseList) -> Iterator[Remark]:
    """Yield remarks on the phrases of a list that is looked for in open talk."""
    if not one.is_open:
        return
    turns = _analysed_turns(one.language)
    found = Counter(match.phrase for turn in turns for match in find_matches(turn, one.compiled))
    # Where several phrases of a set match, only the best is named; alone, each shows all that it finds.
    suspects = {phrase for phrase, n_found in found.items() if n_found > MOST_FRAC * len(turns) / 2}
    alone = {phrase: compile_phrases((phrase,), one.language) for phrase in sorted(suspects)}
    for phrase, where in zip(one.phrases, one.wheres, strict=True):
        shown = f"phrase '{phrase}' of {one.name}"
        n_found = sum(bool(find_matches(turn, alone[phrase])) for turn in turns) if phrase in alone else 0
        if n_found > MOST_FRAC * len(turns):
            share = f"{100 * n_found / len(turns):.0f}% of {len(turns)} everyday turns that are about nothing"
            yield Remark(where, f"{shown} is found in {share}; write more of what is said")
        elif not phrase.startswith("!") and _says_nothing(phrase, where):
            yield Remark(where, f"{shown} is a word that stands in any sentence; write more of what is said")


@cache
def everyday_lines(language: str) -> tuple[str, ...]:
    """Return the turns of the file of that language."""
    text = (Path(__file__).parent / f"everyday_{language}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _analysed_turns(language: str) -> tuple[AnalysedWords, ...]:
    return tuple(analyse(_words(line), language) for line in everyday_lines(language))


def _words(line: str) -> tuple[Word, ...]:
    texts = line.split()
    return tuple(Word(span=Span(at * _WORD_MS, (at + 1) * _WORD_MS), text=text, prob=1.0) for at, text in enumerate(texts))


def _says_nothing(phrase: str, where: str) -> bool:
    """Tell whether a phrase can be a single short function word, tied to no place of the turn ("да", "вы")."""
    for variant in parse_phrase(phrase, where)[0]:
        slots = [slot for slot in variant.slots if not slot.is_optional]
        if len(slots) == 1 and not variant.at_start and not variant.at_end:
            return all(atom_weight(atom) <= FUNCTION and len(atom.text) <= _SHORT for atom in slots[0].atoms)
    return False
