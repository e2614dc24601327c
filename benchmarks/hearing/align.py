"""Which recognised word is which labelled word, and how many are wrong. Pure; owns jiwer and rapidfuzz here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["count_errors", "pair_words"]

_LEAST_LIKENESS: Final = 0.5
"""A misheard word still shares half of its letters; what shares less is another word."""
_IN_TIME: Final = 0.001
"""Decides between equal texts ("да" of this turn or the next) and never against a likeness: those differ by more."""


def count_errors(said: Sequence[str], heard: Sequence[str], sides: Sequence[str], default: str) -> dict[str, int]:
    """Return the word errors (substituted, deleted, inserted) by side, as jiwer aligns the words.

    Args:
        said: labelled words.
        heard: recognised words.
        sides: whose word each of `said` is.
        default: whose errors inserted words are where nothing was said.

    An inserted word counts to the side of the labelled word before it, at the beginning to that of the first.

    >>> count_errors(["да", "нет"], ["да", "но", "нет"], ["client", "operator"], "client")
    {'client': 1, 'operator': 0}
    """
    counts = dict.fromkeys([*sides, default], 0)
    if not said or not heard:
        for side in sides if said else [default] * len(heard):
            counts[side] += 1
        return counts
    import jiwer

    for chunk in jiwer.process_words([" ".join(said)], [" ".join(heard)]).alignments[0]:
        if chunk.type == "insert":
            counts[sides[max(0, chunk.ref_start_idx - 1)]] += chunk.hyp_end_idx - chunk.hyp_start_idx
        elif chunk.type != "equal":
            for side in sides[chunk.ref_start_idx : chunk.ref_end_idx]:
                counts[side] += 1
    return counts


def pair_words(said: Sequence[str], heard: Sequence[str], in_time: NDArray[np.bool_]) -> list[int | None]:
    """Return for each recognised word the number of the labelled word it is, in order; None where it is none of them.

    Pairs are chosen so that their likeness (1 - edit distance / length, at least a half) sums to the most; digits pair with the
    same digit only. Time is not looked at, so that a word at a wrong time is still recognised as that word; it only decides
    between choices of the same likeness.

    Args:
        said: labelled words.
        heard: recognised words.
        in_time: whether recognised word j (column) lies where labelled word i (row) was said.
    """
    import numpy as np
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    if not said or not heard:
        return [None] * len(heard)
    likeness = cdist(said, heard, scorer=Levenshtein.normalized_similarity, dtype=np.float64)
    gain = np.where(likeness >= _LEAST_LIKENESS, likeness + _IN_TIME * in_time, 0.0)
    best = np.zeros((len(said) + 1, len(heard) + 1))
    for i in range(len(said)):
        diagonal = np.maximum(best[i, :-1] + gain[i], best[i, 1:])
        best[i + 1, 1:] = np.maximum.accumulate(diagonal)
    return _trace(best, gain)


def _trace(best: NDArray[np.float64], gain: NDArray[np.float64]) -> list[int | None]:
    partners: list[int | None] = [None] * gain.shape[1]
    i, j = gain.shape
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            partners[j] = i
    return partners
