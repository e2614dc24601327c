"""The vocabulary that phrase sets share: each recognised token is compared once for all sets, not once with each set.

A process has one lexicon per language, made on first use; when it has grown to `MAX_ATOMS`, later sets get a new one, and the
old one goes with the sets that use it. It remembers answers for tokens (bounded), nothing else of a call.
"""

from __future__ import annotations

from typing import Final

from callscore.phrases.closeness import AtomForm, closeness
from callscore.phrases.morphology import word_info
from callscore.phrases.notation import Atom
from callscore.phrases.soundindex import SoundIndex
from callscore.phrases.sounds import sound_key

__all__ = ["Lexicon", "TokenHits", "shared_lexicon"]

MAX_ATOMS: Final = 50_000
_MEMO_TOKENS: Final = 65_536
_MIN_FUZZY_CHARS: Final = 3

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
        self._memo: dict[str, TokenHits] = {}

    def number_of(self, form: AtomForm) -> int:
        """Return the number of `form`, which is entered if it is new."""
        number = self._numbers.get((form.atom, form.is_glued))
        if number is None:
            number = self._numbers[form.atom, form.is_glued] = len(self.forms)
            self._enter(number, form)
        return number

    def _enter(self, number: int, form: AtomForm) -> None:
        self._memo.clear()  # what is remembered does not know the new atom
        self.forms.append(form)
        self._by_text.setdefault(form.text, []).append(number)
        for lemma in {lemma for lemma, _group in form.readings | form.partners}:
            self._by_lemma.setdefault(lemma, []).append(number)
        self._by_key.setdefault(form.keys[0].fine, []).append(number)
        if len(form.text) >= _MIN_FUZZY_CHARS:
            for key in form.keys:
                self._sounds.add(number, form.text, key)

    def hits(self, token: str) -> TokenHits:
        """Return the atoms that `token` is close to, with the closeness; remembered."""
        found = self._memo.get(token)
        if found is None:
            if len(self._memo) >= _MEMO_TOKENS:
                self._memo.clear()
            found = self._memo[token] = self._compare(token)
        return found

    def _compare(self, token: str) -> TokenHits:
        info = word_info(token, self.language)
        key = sound_key(token, self.language)
        numbers = set(self._by_text.get(token, ()))
        for lemma, _group in info.readings:
            numbers.update(self._by_lemma.get(lemma, ()))
        numbers.update(self._by_key.get(key.fine, ()))
        if len(token) >= _MIN_FUZZY_CHARS and not info.is_number:
            numbers |= self._sounds.near(token, key)
        hits = ((number, closeness(info, key, self.forms[number])) for number in sorted(numbers))
        return tuple((number, close) for number, close in hits if close > 0)


_current: Final[dict[str, Lexicon]] = {}


def shared_lexicon(language: str) -> Lexicon:
    """Return the lexicon that a set compiled now uses."""
    lexicon = _current.get(language)
    if lexicon is None or len(lexicon.forms) >= MAX_ATOMS:
        lexicon = _current[language] = Lexicon(language)
    return lexicon
