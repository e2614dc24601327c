"""Where the words that phrases ask for lie in a text: token by token, and split in two ("за писывается"). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from callscore.phrases.analysed import AnalysedText, AtomHits
from callscore.phrases.lexicon import Lexicon

__all__ = ["hear_atoms"]


def hear_atoms(text: AnalysedText, lexicon: Lexicon) -> AtomHits:
    """Return where the atoms of `lexicon` lie in `text`; remembered with the text."""
    stamp = (lexicon, len(lexicon.forms))
    if text.heard is None or text.heard[0] != stamp:
        text.heard = (stamp, _hear(text, lexicon))
    return text.heard[1]


def _hear(text: AnalysedText, lexicon: Lexicon) -> AtomHits:
    single: dict[int, list[tuple[Sequence[int], float]]] = {}
    for token, positions in text.positions.items():
        for atom, close in lexicon.hits(token):
            if atom in single:
                single[atom].append((positions, close))
            else:
                single[atom] = [(positions, close)]
    joined: dict[int, list[tuple[int, float]]] = {}
    for at, (first, second) in enumerate(pairwise(text.tokens)):
        for atom, close in lexicon.joined_hits(first, second):
            joined.setdefault(atom, []).append((at, close))
    return AtomHits(single, joined)
