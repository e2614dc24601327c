"""The vocabulary that phrase sets share: each recognised token is compared once for all sets, not once with each set.

A process has one lexicon per language, made on first use; when it has grown to `MAX_ATOMS`, later sets get a new one, and the
old one goes with the sets that use it. It remembers answers for tokens (bounded), nothing else of a call.
"""

from __future__ import annotations

from typing import Final

from callscore.phrases.closeness import (
    NEGATING,
    AtomForm,
    closeness,
    closeness_by_sound,
    is_part,
    is_plain,
    least_similarities,
    sound_kind,
)
from callscore.phrases.morphology import word_info
from callscore.phrases.notation import Atom
from callscore.phrases.soundindex import SoundIndex
from callscore.phrases.sounds import sound_key, sound_similarity

__all__ = ["Lexicon", "TokenHits", "shared_lexicon"]

MAX_ATOMS: Final = 50_000
_MEMO_TOKENS: Final = 65_536
_MIN_FUZZY_CHARS: Final = 3

_MEMO_PAIRS: Final = 131_072
_JOIN_BELOW: Final = 0.9  # a word heard well needs no neighbour to complete it
_JOIN_LEAST: Final = 0.8  # letters are not lost where a word is split
_JOIN_ALIKE: Final = 0.85  # a part of a word alone is no split word, and not worth the dictionary's time
_JOIN_DIFFERS: Final = 3  # letters between a word split in two and the form in the phrase

TokenHits = tuple[tuple[int, float], ...]
"""Atoms that a token is close to, by number, with the closeness."""


class Lexicon:
    """Numbered atoms of one language, and which of them a token is close to."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.forms: list[AtomForm] = []
        self._numbers: dict[tuple[Atom, bool], int] = {}
        self._by_text: dict[str, list[int]] = {}
        self._by_lemma: dict[str, list[int]] = {}
        self._by_key: dict[str, list[int]] = {}
        self._sounds = SoundIndex()
        self._kinds: list[int] = []
        self._memo: dict[str, TokenHits] = {}
        self._weak: dict[str, tuple[tuple[int, int, float], ...]] = {}
        self._pairs: dict[tuple[str, str], TokenHits] = {}

    def number_of(self, form: AtomForm) -> int:
        """Return the number of `form`, which is entered if it is new."""
        number = self._numbers.get((form.atom, form.is_glued))
        if number is None:
            number = self._numbers[form.atom, form.is_glued] = len(self.forms)
            self._enter(number, form)
        return number

    def _enter(self, number: int, form: AtomForm) -> None:
        self._memo.clear()  # what is remembered does not know the new atom
        self._weak.clear()
        self._pairs.clear()
        self._kinds.append(sound_kind(form))
        self.forms.append(form)
        self._by_text.setdefault(form.text, []).append(number)
        for lemma in {lemma for lemma, _group in form.readings | form.partners}:
            self._by_lemma.setdefault(lemma, []).append(number)
        self._by_key.setdefault(form.keys[0].fine, []).append(number)
        if len(form.text) >= _MIN_FUZZY_CHARS:
            self._sounds.add(number, form.text, form.keys, self._kinds[number])

    def hits(self, token: str) -> TokenHits:
        """Return the atoms that `token` is close to, with the closeness; remembered."""
        found = self._memo.get(token)
        if found is None:
            if len(self._memo) >= _MEMO_TOKENS:
                self._memo.clear()
            found = self._memo[token] = self._compare(token)
        return found

    def joined_hits(self, first: str, second: str) -> TokenHits:
        """Return the atoms that two neighbouring tokens are closer to when read as one word split in two; remembered."""
        found = self._pairs.get((first, second))
        if found is None:
            if len(self._pairs) >= _MEMO_PAIRS:
                self._pairs.clear()
            found = self._pairs[first, second] = self._join(first, second)
        return found

    def _join(self, first: str, second: str) -> TokenHits:
        joined = first + second
        most = len(joined) + _JOIN_DIFFERS
        weak: dict[int, float] = {}
        for token in (first, second):
            for n_chars, number, close in self._weak_hits(token):
                if n_chars < len(joined) - _JOIN_DIFFERS:
                    break
                if n_chars <= most:
                    weak[number] = min(close, weak.get(number, 1.0))
        if not weak:
            return ()
        key = sound_key(joined, self.language)
        found = []
        for number, close in weak.items():
            form = self.forms[number]
            if max([sound_similarity(key, other, _JOIN_ALIKE) for other in form.keys]) < _JOIN_ALIKE:
                continue
            both = closeness(word_info(joined, self.language), key, form)
            if both > max(close, _JOIN_LEAST):
                found.append((number, both))
        return tuple(found)

    def _weak_hits(self, token: str) -> tuple[tuple[int, int, float], ...]:
        """Return the atoms that a neighbour may complete: their letters (most first), number and closeness."""
        found = self._weak.get(token)
        if found is None:
            if len(self._weak) >= _MEMO_TOKENS:
                self._weak.clear()
            weak = [(len(self.forms[number].text), number, close) for number, close in self.hits(token) if close < _JOIN_BELOW]
            found = self._weak[token] = tuple(sorted(weak, reverse=True))
        return found

    def _compare(self, token: str) -> TokenHits:
        info = word_info(token, self.language)
        key = sound_key(token, self.language)
        forms = self.forms
        same = set(self._by_text.get(token, ()))
        for lemma, _group in info.readings:
            same.update(self._by_lemma.get(lemma, ()))
        same.update(self._by_key.get(key.fine, ()))
        if len(token) < _MIN_FUZZY_CHARS or info.is_number:
            hits = [(number, closeness(info, key, forms[number])) for number in same]
            return tuple(sorted([hit for hit in hits if hit[1] > 0]))
        edged = self._sounds.edged(token, key)
        alike = self._sounds.alike(key, edged, least_similarities(info), by_first=info.is_known)
        parts = [number for number in edged if number not in alike and is_part(key, info, forms[number])]
        hits = [(number, closeness(info, key, forms[number])) for number in same.union(parts).difference(alike)]
        plain = is_plain(info)
        for number, similarity in alike.items():
            kind = self._kinds[number]
            if plain and kind != NEGATING and number not in edged and number not in same:
                hits.append((number, closeness_by_sound(info, key, forms[number], similarity, kind)))
            else:
                hits.append((number, closeness(info, key, forms[number], similarity)))
        return tuple(sorted([hit for hit in hits if hit[1] > 0]))


_current: Final[dict[str, Lexicon]] = {}


def shared_lexicon(language: str) -> Lexicon:
    """Return the lexicon that a set compiled now uses."""
    lexicon = _current.get(language)
    if lexicon is None or len(lexicon.forms) >= MAX_ATOMS:
        lexicon = _current[language] = Lexicon(language)
    return lexicon
