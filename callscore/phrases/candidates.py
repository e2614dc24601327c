"""Which variants of a phrase set are worth laying over a text: those whose telling words are there. Pure.

A call is searched with dozens of sets, and most find nothing in a turn. So the words of a turn are looked up once in an index
over all sets in use. The index is a table of bit sets, a bit for each variant: a variant is a candidate if one of its anchors
is there, and if each of the next slots that a match cannot do without is there. Only weak matches, which are looked for rarely
and with one set at a time, go through that set's own index.
"""

from __future__ import annotations

import weakref
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callscore.phrases.analysed import AnalysedText
from callscore.phrases.compile import PhraseSet, anchor_terms
from callscore.phrases.heard import hear_atoms
from callscore.phrases.lexicon import Lexicon
from callscore.phrases.prepare import PreparedVariant, Term

__all__ = ["find_candidates"]

LEAST_SHARED: Final = 0.75
"""Strength from which the common index misses nothing; that of the usual threshold of a match."""
_ROUNDS: Final = 3
"""Conditions a variant is put to: its anchors, and up to two more slots."""
_MOST_GONE: Final = 64
"""Sets that are gone whose bits are put up with before the index is made anew."""
_STEPS: Final = (0.0, 0.4, 0.55, 0.7, 0.85)
"""A slot that needs a closeness of 0.6 is entered under the step below it: rather a candidate too many."""


@dataclass(slots=True)
class _CommonIndex:
    """The variants whose conditions an atom of a closeness, or a class, fulfils, a bit set for each round.

    `by_atom` has such bit sets for each step of closeness; `free` are the variants without a condition in a round; `place`
    tells the first bit of a set in use, `n_bits` how many bits are taken, also by sets that are gone.
    """

    place: weakref.WeakKeyDictionary[PhraseSet, int] = field(default_factory=weakref.WeakKeyDictionary)
    n_bits: int = 0
    n_sets: int = 0
    by_atom: dict[int, list[list[int]]] = field(default_factory=dict)
    by_class: dict[str, list[int]] = field(default_factory=dict)
    free: list[int] = field(default_factory=lambda: [0] * _ROUNDS)

    def add(self, phrases: PhraseSet) -> int:
        """Enter a set and return its first bit."""
        first = self.place[phrases] = self.n_bits
        self.n_bits += len(phrases.variants)
        self.n_sets += 1
        for number, variant in enumerate(phrases.variants, first):
            _enter(self, 1 << number, phrases, variant)
        return first

    def enter(self, bit: int, number: int, terms: Sequence[Term], may_miss: float) -> None:
        """Enter a variant with the condition of round `number`: one of `terms`."""
        for term in terms:
            step = max(0, bisect_right(_STEPS, 1.0 - may_miss / term.weight) - 1)
            for atom in term.atoms:
                masks = self.by_atom.setdefault(atom, [[0] * _ROUNDS for _ in _STEPS])
                for above in masks[step:]:
                    above[number] |= bit
            for name in term.classes:
                self.by_class.setdefault(name, [0] * _ROUNDS)[number] |= bit

    def search(self, text: AnalysedText, best: Mapping[int, float]) -> int:
        """Return the variants that fulfil all their conditions in a text."""
        first, second, third = self.free
        by_atom = self.by_atom
        for atom, close in best.items():
            masks = by_atom.get(atom)
            if masks is not None:
                mask = masks[bisect_right(_STEPS, close) - 1]
                first |= mask[0]
                second |= mask[1]
                third |= mask[2]
        for name, mask in self.by_class.items():
            if text.class_spans(name):
                first |= mask[0]
                second |= mask[1]
                third |= mask[2]
        return first & second & third


_indexes: Final[weakref.WeakKeyDictionary[Lexicon, _CommonIndex]] = weakref.WeakKeyDictionary()


def find_candidates(text: AnalysedText, phrases: PhraseSet, min_strength: float) -> Iterable[int]:
    """Return the numbers of the variants of `phrases` that may match with that strength, in order."""
    if min_strength < LEAST_SHARED:
        return _of_one_set(text, phrases, min_strength)
    index = _indexes.setdefault(phrases.lexicon, _CommonIndex())
    first = index.place.get(phrases)
    if first is None:
        if index.n_sets > 2 * len(index.place) + _MOST_GONE:
            index = _indexes[phrases.lexicon] = _CommonIndex()
        first = index.add(phrases)
    if text.candidates is None or text.candidates[0] is not index or text.candidates[1] < index.n_bits:
        text.candidates = (index, index.n_bits, index.search(text, hear_atoms(text, phrases.lexicon).best))
    own = text.candidates[2] >> first & ((1 << len(phrases.variants)) - 1)
    return _numbers(own) if own else ()


def _numbers(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _of_one_set(text: AnalysedText, phrases: PhraseSet, min_strength: float) -> list[int]:
    index = phrases.anchors(min_strength)
    best = hear_atoms(text, phrases.lexicon).best
    found: set[int] = set()
    for atom in index.by_atom.keys() & best.keys():
        close = best[atom]
        found.update([number for number, least in index.by_atom[atom] if close >= least])
    for name, numbers in index.by_class.items():
        if text.class_spans(name):
            found.update(numbers)
    return sorted(found)


def _enter(index: _CommonIndex, bit: int, phrases: PhraseSet, variant: PreparedVariant) -> None:
    may_miss = variant.total * (1 - LEAST_SHARED) + 1e-9
    anchors = anchor_terms(variant, phrases.lexicon.forms, LEAST_SHARED)
    needed = [term for term in variant.terms if term.weight > may_miss and term not in anchors]
    conditions = [anchors, *([term] for term in needed)]
    for number in range(_ROUNDS):
        if number < len(conditions):
            index.enter(bit, number, conditions[number], may_miss)
        else:
            index.free[number] |= bit
