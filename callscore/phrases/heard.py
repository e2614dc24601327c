"""Where the words that phrases ask for lie in a text: token by token, and split in two ("за писывается"). Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from callscore.phrases.analysed import AnalysedWords, AtomHits
from callscore.phrases.closeness import WEAKEST, AtomForm, closeness
from callscore.phrases.lexicon import Lexicon
from callscore.phrases.morphology import word_info
from callscore.phrases.sounds import sound_key, sound_similarity

__all__ = ["hear_atoms"]

_JOIN_BELOW: Final = 0.9  # a word heard well needs no neighbour to complete it
_JOIN_LEAST: Final = 0.8  # letters are not lost where a word is split
_JOIN_ALIKE: Final = 0.85  # a part of a word alone is no split word, and not worth the dictionary's time
_JOIN_DIFFERS: Final = 3  # letters between a word split in two and the form in the phrase


def hear_atoms(text: AnalysedWords, lexicon: Lexicon) -> AtomHits:
    """Return where the atoms of `lexicon` lie in `text`; remembered with the text."""
    stamp = (lexicon, len(lexicon.forms))
    if text.heard is None or text.heard[0] != stamp:
        text.heard = (stamp, _hear(text, lexicon))
    return text.heard[1]


def _hear(text: AnalysedWords, lexicon: Lexicon) -> AtomHits:
    places: dict[int, list[tuple[int, int, float]]] = {}
    best: dict[int, float] = {}
    doubtful: list[tuple[int, int, float]] = []
    for token, positions in text.positions.items():
        for atom, close in lexicon.hits(token):
            places.setdefault(atom, []).extend([(at, at, close) for at in positions])
            if close > best.get(atom, 0.0):
                best[atom] = close
            if close < _JOIN_BELOW:
                doubtful += [(atom, at, close) for at in positions]
    for atom, at, close in doubtful:
        for start in (at - 1, at):
            joined = _joined_closeness(text, start, lexicon.forms[atom])
            if joined > max(close, _JOIN_LEAST):
                places[atom].append((start, start + 1, joined))
                best[atom] = max(best[atom], joined)
    return AtomHits(places, best, frozenset(atom for atom, close in best.items() if close >= WEAKEST))


def _joined_closeness(text: AnalysedWords, first: int, form: AtomForm) -> float:
    if first < 0 or first + 1 >= len(text.tokens):
        return 0.0
    joined = text.tokens[first] + text.tokens[first + 1]
    if abs(len(joined) - len(form.text)) > _JOIN_DIFFERS:
        return 0.0
    key = sound_key(joined, text.language)
    if all(sound_similarity(key, other) < _JOIN_ALIKE for other in form.keys):
        return 0.0
    return _closeness_of(joined, form, text.language)


@lru_cache(maxsize=16_384)
def _closeness_of(token: str, form: AtomForm, language: str) -> float:
    return closeness(word_info(token, language), sound_key(token, language), form)
