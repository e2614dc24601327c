"""Find the words of a vocabulary that sound like a given one, without comparing it with each. Pure.

The index is SymSpell's symmetric deletion (W. Garbe, 2012) over consonant skeletons: two words are near if they agree after
deleting at most one consonant from each (two in long words). Vowels, which noise changes most, play no part. Long beginnings
and endings are indexed as well, for words cut short or split in two.

A look-up costs some dozens of dictionary accesses. They give rows of a table, a row for each sound of a word, and RapidFuzz
compares all of them in two calls, so that no Python runs for each row: some hundreds of rows cost less than 0.1 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from callscore.phrases.sounds import LEAST_COARSE, SoundKey, edit_similarities, narrow

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SoundIndex"]

_VOWEL_SIGNS: Final = str.maketrans({"а": None, "a": None})  # all vowels are one sign in a coarse key
_SHORT_SKELETON: Final = 1
_LONG_SKELETON: Final = 5
_EDGE: Final = 4
_BEGINNING: Final = 7
_MEMO_SKELETONS: Final = 4_096
"""A long skeleton has a hundred deletions of 60 bytes each."""


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows as arrays: number and kind of the word, whether it is its first sound, the sound (narrow) and its lengths.

    `is_near` is scratch; `fitting` remembers the rows that a sound of some lengths can be alike enough to.
    """

    numbers: NDArray[np.intp]
    kinds: NDArray[np.intp]
    is_first: NDArray[np.bool_]
    fine: NDArray[np.object_]
    coarse: NDArray[np.object_]
    n_fine: NDArray[np.intp]
    n_coarse: NDArray[np.intp]
    is_near: NDArray[np.bool_]
    fitting: dict[tuple[int, int, tuple[float, ...], bool], NDArray[np.bool_]]

    def fits(self, key: SoundKey, leasts: tuple[float, ...], *, by_first: bool) -> NDArray[np.bool_]:
        """Tell which rows have sounds of such a length that they can be as similar to `key` as their kind asks."""
        lengths = (len(key.fine), len(key.coarse), leasts, by_first)
        found = self.fitting.get(lengths)
        if found is None:
            most = (_most_alike(self.n_fine, lengths[0]) + _most_alike(self.n_coarse, lengths[1])) / 2
            found = self.fitting[lengths] = (most >= np.array(leasts)[self.kinds]) & (self.is_first | (not by_first))
        return found


class SoundIndex:
    """Words by number, each with several sounds, under what stays of the sounds after small changes."""

    def __init__(self) -> None:
        self._sounds: list[tuple[int, int, bool, SoundKey]] = []
        self._rows: dict[int, range] = {}
        self._by_skeleton: dict[str, list[int]] = {}
        self._by_edge: dict[str, dict[int, None]] = {}
        self._packed: dict[str, NDArray[np.intp]] = {}
        self._table: _Table | None = None

    def add(self, number: int, text: str, keys: Sequence[SoundKey], kind: int) -> None:
        """Enter word `number`, as written and with all its sounds; `kind` tells which least similarity it asks for."""
        self._table = None
        first = len(self._sounds)
        rows = self._rows[number] = range(first, first + len(keys))
        self._sounds += [(number, kind, key is keys[0], narrow(key)) for key in keys]
        for variant in {variant for key in keys for variant in _deletions(_skeleton(key))}:
            self._by_skeleton.setdefault(variant, []).extend(rows)
            self._packed.pop(variant, None)
        for edge in {edge for key in keys for edge in _edges(text, key)}:
            self._by_edge.setdefault(edge, {})[number] = None

    def alike(self, key: SoundKey, edged: Iterable[int], leasts: tuple[float, ...], *, by_first: bool) -> dict[int, float]:
        """Return the words that sound alike: number -> similarity, the greatest of a word's sounds.

        Args:
            key: of the word to look up.
            edged: numbers of words to compare in any case.
            leasts: the similarity that counts, for each kind of word.
            by_first: compare with the first sound of each word only.
        """
        table = self._table = self._table or self._as_table()
        sound = narrow(key)
        found = [packed for variant in _deletions(_skeleton(key)) if (packed := self._under(variant)) is not None]
        for rows in found:
            table.is_near[rows] = True
        for number in edged:
            table.is_near[self._rows[number].start : self._rows[number].stop] = True
        near = (table.is_near & table.fits(key, leasts, by_first=by_first)).nonzero()[0]
        table.is_near.fill(False)
        wanted = np.array(leasts)[table.kinds[near]]
        coarse = edit_similarities(sound.coarse, table.coarse[near].tolist())
        # Where the coarse keys are too far apart, no fine keys could make up for it.
        kept = (coarse >= np.maximum(2 * wanted - 1, LEAST_COARSE)).nonzero()[0]
        near = near[kept]
        similarities = (edit_similarities(sound.fine, table.fine[near].tolist()) + coarse[kept]) / 2
        alike = (similarities >= wanted[kept]).nonzero()[0]
        best: dict[int, float] = {}
        for number, similarity in zip(table.numbers[near[alike]].tolist(), similarities[alike].tolist(), strict=True):
            if similarity > best.get(number, 0.0):
                best[number] = similarity
        return best

    def edged(self, text: str, key: SoundKey) -> set[int]:
        """Return the numbers of the words with the same beginning or ending."""
        found: set[int] = set()
        for edge in _edges(text, key):
            found.update(self._by_edge.get(edge, ()))
        return found

    def _under(self, variant: str) -> NDArray[np.intp] | None:
        packed = self._packed.get(variant)
        if packed is None and variant in self._by_skeleton:
            packed = self._packed[variant] = np.array(self._by_skeleton[variant], dtype=np.intp)
        return packed

    def _as_table(self) -> _Table:
        sounds = self._sounds
        return _Table(
            numbers=np.array([number for number, _kind, _is_first, _key in sounds], dtype=np.intp),
            kinds=np.array([kind for _number, kind, _is_first, _key in sounds], dtype=np.intp),
            is_first=np.array([is_first for _number, _kind, is_first, _key in sounds], dtype=np.bool_),
            fine=np.array([sound[-1].fine for sound in sounds], dtype=np.object_),
            coarse=np.array([sound[-1].coarse for sound in sounds], dtype=np.object_),
            n_fine=np.array([len(sound[-1].fine) for sound in sounds], dtype=np.intp),
            n_coarse=np.array([len(sound[-1].coarse) for sound in sounds], dtype=np.intp),
            is_near=np.zeros(len(sounds), dtype=np.bool_),
            fitting={},
        )


def _most_alike(lengths: NDArray[np.intp], length: int) -> NDArray[np.float64]:
    """Return the edit similarity that strings of these lengths and one of `length` can have at most."""
    most: NDArray[np.float64] = np.minimum(lengths, length) / np.maximum(np.maximum(lengths, length), 1)
    return most


def _skeleton(key: SoundKey) -> str:
    return key.coarse.translate(_VOWEL_SIGNS)


def _edges(text: str, key: SoundKey) -> Iterable[str]:
    """Return the beginning and ending of the letters, and a long beginning of the sounds, marked apart."""
    if len(text) >= _EDGE:
        yield "^" + text[:_EDGE]
        yield "$" + text[-_EDGE:]
    if len(key.fine) >= _BEGINNING:
        yield "<" + key.fine[:_BEGINNING]


@lru_cache(maxsize=_MEMO_SKELETONS)
def _deletions(skeleton: str) -> frozenset[str]:
    """Return `skeleton` and what is left of it without one sign (or two, if long); short ones stand for themselves."""
    if len(skeleton) <= _SHORT_SKELETON:
        return frozenset({skeleton})
    once = _without_one(skeleton)
    if len(skeleton) < _LONG_SKELETON:
        return frozenset({skeleton, *once})
    return frozenset({skeleton, *once}.union(*map(_without_one, once)))


def _without_one(skeleton: str) -> set[str]:
    return {skeleton[:at] + skeleton[at + 1 :] for at in range(len(skeleton))}
