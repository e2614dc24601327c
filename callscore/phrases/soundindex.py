"""Find the words of a vocabulary that may sound like a given one, without comparing it with each. Pure.

The index is SymSpell's symmetric deletion (W. Garbe, 2012) over consonant skeletons: two words are near if they agree after
deleting at most one consonant from each (two in long words). Vowels, which noise changes most, play no part. Long beginnings
and endings are indexed as well, for words cut short or split in two. A look-up costs some dozens of dictionary accesses.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from typing import Final

from callscore.phrases.sounds import SoundKey

__all__ = ["SoundIndex"]

_VOWEL_SIGNS: Final = str.maketrans({"а": None, "a": None})  # all vowels are one sign in a coarse key
_SHORT_SKELETON: Final = 1
_LONG_SKELETON: Final = 5
_EDGE: Final = 4
_BEGINNING: Final = 7


class SoundIndex:
    """Numbers of words under what stays of their sounds after small changes."""

    def __init__(self) -> None:
        self._by_skeleton: dict[str, list[int]] = {}
        self._by_edge: dict[str, list[int]] = {}

    def add(self, number: int, text: str, key: SoundKey) -> None:
        """Enter word `number` with its sound; a word may be entered with several sounds."""
        for variant in _deletions(key.coarse.translate(_VOWEL_SIGNS)):
            self._by_skeleton.setdefault(variant, []).append(number)
        for edge in _edges(text, key):
            self._by_edge.setdefault(edge, []).append(number)

    def alike(self, key: SoundKey) -> set[int]:
        """Return the numbers of the words that may sound alike: all that do, and some that do not."""
        found: set[int] = set()
        for variant in _deletions(key.coarse.translate(_VOWEL_SIGNS)):
            found.update(self._by_skeleton.get(variant, ()))
        return found

    def edged(self, text: str, key: SoundKey) -> set[int]:
        """Return the numbers of the words with the same beginning or ending."""
        found: set[int] = set()
        for edge in _edges(text, key):
            found.update(self._by_edge.get(edge, ()))
        return found


def _edges(text: str, key: SoundKey) -> Iterable[str]:
    """Return the beginning and ending of the letters, and a long beginning of the sounds, marked apart."""
    if len(text) >= _EDGE:
        yield "^" + text[:_EDGE]
        yield "$" + text[-_EDGE:]
    if len(key.fine) >= _BEGINNING:
        yield "<" + key.fine[:_BEGINNING]


@lru_cache(maxsize=65_536)
def _deletions(skeleton: str) -> frozenset[str]:
    """Return `skeleton` and what is left of it without one sign (or two, if long); short ones stand for themselves."""
    if len(skeleton) <= _SHORT_SKELETON:
        return frozenset({skeleton})
    depth = 2 if len(skeleton) >= _LONG_SKELETON else 1
    signs = range(len(skeleton))
    kept = (set(signs) - set(gone) for n_gone in range(depth + 1) for gone in combinations(signs, n_gone))
    return frozenset("".join(skeleton[at] for at in sorted(places)) for places in kept)
