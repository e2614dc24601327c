"""Where the words that phrases ask for lie in a text: token by token, and split in two ("за писывается"). Pure."""

from __future__ import annotations

from collections.abc import Sequence

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
    found: dict[int, list[tuple[Sequence[int], float]]] = {}
    best: dict[int, float] = {}
    for token, positions in text.positions.items():
        for atom, close in lexicon.hits(token):
            known = found.get(atom)
            if known is None:
                found[atom], best[atom] = [(positions, close)], close
            else:
                known.append((positions, close))
                best[atom] = max(best[atom], close)
    joined: dict[int, list[tuple[int, float]]] = {}
    for at in range(len(text.tokens) - 1):
        for atom, close in lexicon.joined_hits(text.tokens[at], text.tokens[at + 1]):
            joined.setdefault(atom, []).append((at, close))
            best[atom] = max(best[atom], close)
    return AtomHits(found, joined, best)
