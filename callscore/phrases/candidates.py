"""Which variants of a phrase set are worth laying over a text: those that the words present could make strong enough. Pure.

A call is searched with dozens of sets, and most find nothing in a turn. So a turn is held against all sets in use at once: the
greatest closeness of each slot to any word of the turn, summed up by weight, bounds the strength of each variant from above,
whatever the places of the words. With numbered slots, of which many variants share each, that is a few array operations over
all variants (0.1 ms for some thousands); what a set asks afterwards is a dictionary look-up.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from callscore.phrases.analysed import AnalysedText
from callscore.phrases.compile import PhraseSet
from callscore.phrases.heard import hear_atoms
from callscore.phrases.lexicon import Lexicon
from callscore.phrases.prepare import Term

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["find_candidates"]

_MOST_GONE: Final = 64
"""Sets that are gone whose variants are put up with before the index is made anew."""
_ROUNDING: Final = 1e-9
_MEMO_TOKENS: Final = 16_384  # of about 1 kB each


class _Rows(NamedTuple):
    """The slots of all variants, ordered by the slots' numbers.

    `variants` and `shares`, (n rows,): the variant a row belongs to, and the share of its weight; `ends`, (n slots + 1,): where
    the rows of each slot end, after a leading 0.
    """

    variants: NDArray[np.intp]
    shares: NDArray[np.float64]
    ends: NDArray[np.intp]


class _Filled(NamedTuple):
    """Slots that a token can fill, and how well, 0..1."""

    slots: NDArray[np.intp]
    closes: NDArray[np.float64]


@dataclass(slots=True)
class _ReachIndex:
    """The slots of all sets in use, numbered, and which of them an atom or a class of words fills.

    `place` tells the number of a set's first variant, `set_firsts` the same by variant. What tokens fill is remembered.
    """

    place: weakref.WeakKeyDictionary[PhraseSet, int] = field(default_factory=weakref.WeakKeyDictionary)
    n_sets: int = 0
    set_firsts: list[int] = field(default_factory=list)
    _by_atom: dict[int, list[int]] = field(default_factory=dict)
    _by_class: dict[str, list[int]] = field(default_factory=dict)
    _slots: dict[tuple[frozenset[int], tuple[str, ...]], list[tuple[int, float]]] = field(default_factory=dict)
    _rows: _Rows | None = None
    _memo: dict[str, _Filled] = field(default_factory=dict)

    def add(self, phrases: PhraseSet) -> int:
        """Enter a set and return the number of its first variant."""
        first = self.place[phrases] = len(self.set_firsts)
        self.set_firsts += [first] * len(phrases.variants)
        self.n_sets += 1
        self._rows = None
        self._memo.clear()  # what is remembered does not know the new slots
        for number, variant in enumerate(phrases.variants, first):
            for term in variant.terms:
                self._rows_of(term).append((number, term.weight / variant.total))
        return first

    def _rows_of(self, term: Term) -> list[tuple[int, float]]:
        key = (term.atoms, term.classes)
        if key not in self._slots:
            for atom in term.atoms:
                self._by_atom.setdefault(atom, []).append(len(self._slots))
            for name in term.classes:
                self._by_class.setdefault(name, []).append(len(self._slots))
            self._slots[key] = []
        return self._slots[key]

    def reach(self, text: AnalysedText, lexicon: Lexicon) -> NDArray[np.float64]:
        """Return for each variant the strength that no match of it in `text` exceeds, float64, (n variants,)."""
        rows = self._rows = self._rows or self._as_rows()
        closest = np.zeros(len(self._slots))
        for name, of_class in self._by_class.items():
            if text.class_spans(name):
                closest[of_class] = 1.0
        filled = [self._filled_by(token, lexicon) for token in text.positions]
        joined = hear_atoms(text, lexicon).joined
        if joined:
            filled.append(self._filled([(atom, close) for atom, places in joined.items() for _at, close in places]))
        if filled:
            np.maximum.at(
                closest, np.concatenate([one.slots for one in filled]), np.concatenate([one.closes for one in filled])
            )
        slots = closest.nonzero()[0]
        ends = rows.ends[slots + 1]
        n_rows = ends - rows.ends[slots]
        places = np.arange(n_rows.sum()) + np.repeat(ends - n_rows.cumsum(), n_rows)
        gains = rows.shares[places] * np.repeat(closest[slots], n_rows)
        return np.bincount(rows.variants[places], gains, len(self.set_firsts)).astype(np.float64, copy=False)

    def _filled_by(self, token: str, lexicon: Lexicon) -> _Filled:
        found = self._memo.get(token)
        if found is None:
            if len(self._memo) >= _MEMO_TOKENS:
                self._memo.clear()
            found = self._memo[token] = self._filled(lexicon.hits(token))
        return found

    def _filled(self, hits: Iterable[tuple[int, float]]) -> _Filled:
        pairs = [(slot, close) for atom, close in hits for slot in self._by_atom.get(atom, ())]
        return _Filled(
            np.array([slot for slot, _close in pairs], dtype=np.intp),
            np.array([close for _slot, close in pairs], dtype=np.float64),
        )

    def _as_rows(self) -> _Rows:
        rows = [row for slot_rows in self._slots.values() for row in slot_rows]
        return _Rows(
            variants=np.array([variant for variant, _share in rows], dtype=np.intp),
            shares=np.array([share for _variant, share in rows], dtype=np.float64),
            ends=np.cumsum([0, *map(len, self._slots.values())], dtype=np.intp),
        )


class _TextReach:
    """How strong each variant can become in one text; the numbers of those that suffice, by strength and set."""

    def __init__(self, index: _ReachIndex, strengths: NDArray[np.float64]) -> None:
        self.index = index
        self._strengths = strengths
        self._by_strength: dict[float, dict[int, list[int]]] = {}

    def knows(self, first: int) -> bool:
        """Tell whether the set with that first variant was in the index already."""
        return first < len(self._strengths)

    def numbers(self, first: int, min_strength: float) -> Sequence[int]:
        """Return the numbers within its set of the variants that may be that strong, in order."""
        by_set = self._by_strength.get(min_strength)
        if by_set is None:
            by_set = self._by_strength[min_strength] = {}
            set_firsts = self.index.set_firsts
            for number in (self._strengths >= min_strength - _ROUNDING).nonzero()[0].tolist():
                by_set.setdefault(set_firsts[number], []).append(number - set_firsts[number])
        return by_set.get(first, ())


_indexes: Final[weakref.WeakKeyDictionary[Lexicon, _ReachIndex]] = weakref.WeakKeyDictionary()


def find_candidates(text: AnalysedText, phrases: PhraseSet, min_strength: float) -> Sequence[int]:
    """Return the numbers of the variants of `phrases` that may match with that strength, in order."""
    index = _indexes.get(phrases.lexicon)
    if index is None:
        index = _indexes[phrases.lexicon] = _ReachIndex()
    first = index.place.get(phrases)
    if first is None:
        if index.n_sets > 2 * len(index.place) + _MOST_GONE:
            index = _indexes[phrases.lexicon] = _ReachIndex()
        first = index.add(phrases)
    known = text.reach
    if not isinstance(known, _TextReach) or known.index is not index or not known.knows(first):
        known = text.reach = _TextReach(index, index.reach(text, phrases.lexicon))
    return known.numbers(first, min_strength)
