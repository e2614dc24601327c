"""Recognised words made ready to be searched many times. Pure; the last texts are remembered, for short turns come again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from callscore.phrases.classes import class_ends, classes_begun
from callscore.phrases.morphology import WordInfo, word_info
from callscore.phrases.tokens import Border, split_text
from callscore.phrases.weights import FILLERS
from callscore.records import Word

__all__ = ["AnalysedText", "AnalysedWords", "AtomHits", "analyse"]

_PARTICLES: Final = frozenset({"нибудь", "либо", "таки"})  # known only as parts of "что-нибудь"
MEMO_TEXTS: Final = 1_024
"""Texts remembered: some dozen calls, 20 MB or so."""

ClassSpans = dict[int, tuple[int, ...]]


class AtomHits(NamedTuple):
    """Where the atoms of phrases lie in a text.

    `single` atom -> (places of a token, closeness); `joined` atom -> (first of two tokens, closeness of both read as one),
    where that is closer than either token.
    """

    single: Mapping[int, list[tuple[Sequence[int], float]]]
    joined: Mapping[int, list[tuple[int, float]]]

    def places(self, atom: int) -> list[tuple[int, int, float]]:
        """Return first token, last token and closeness of each place where `atom` lies."""
        found = [(at, at, close) for places, close in self.single.get(atom, ()) for at in places]
        if atom in self.joined:
            found += [(at, at + 1, close) for at, close in self.joined[atom]]
        return found


class AnalysedText:
    """The tokens of a text, with what was derived from them so far; knows no times and no probabilities.

    One word may give several tokens ("интернет-магазин") or none ("-"); `word_nos` tells each token's word, `borders` what
    stands after it, `sentences` how many sentences end before it. `heard` holds the atoms found last, with the state of the
    lexicon they were found for, `reach` how strong phrases can become in it, `found` what was searched, by phrase set and
    strength.
    """

    def __init__(self, texts: tuple[str, ...], language: str) -> None:
        self.texts = texts
        self.language = language
        tokens: list[str] = []
        borders: list[Border] = []
        word_nos: list[int] = []
        for number, text in enumerate(texts):
            for token, border in split_text(text):
                tokens.append(token)
                borders.append(border)
                word_nos.append(number)
        self.tokens = tuple(tokens)
        self.borders = tuple(borders)
        self.word_nos = tuple(word_nos)
        self.sentences = tuple(accumulate((border >= Border.SENTENCE for border in borders), initial=0))
        self.positions: dict[str, list[int]] = {}
        for at, token in enumerate(tokens):
            self.positions.setdefault(token, []).append(at)
        self.reach: object = None
        self.heard: tuple[tuple[object, int], AtomHits] | None = None
        self.found: dict[tuple[object, float], object] = {}
        self._class_spans: dict[str, ClassSpans] = {}

    @cached_property
    def infos(self) -> tuple[WordInfo, ...]:
        """The grammar of each token."""
        return tuple(word_info(token, self.language) for token in self.tokens)

    @cached_property
    def _begun(self) -> dict[str, list[int]]:
        """Where stretches of each class may begin."""
        begun: dict[str, list[int]] = {}
        for at, token in enumerate(self.tokens):
            for name in classes_begun(token, self.language):
                begun.setdefault(name, []).append(at)
        return begun

    @cached_property
    def garbled(self) -> frozenset[int]:
        """Numbers of the words that no dictionary knows; those with a capital inside a sentence are names, not misheard.

        Empty in a language without a dictionary here (English).
        """
        found = (at for at, info in enumerate(self.infos) if not _is_word(info))
        numbers = {self.word_nos[at] for at in found} if self.language == "ru" else set()
        return frozenset(number for number in numbers if not self.texts[number][:1].isupper() or self._begins_sentence(number))

    def _begins_sentence(self, number: int) -> bool:
        return number == 0 or self.texts[number - 1].endswith((".", "!", "?", "…"))

    def class_spans(self, name: str) -> ClassSpans:
        """Return the stretches of class `name`: start -> ends (exclusive)."""
        found = self._class_spans.get(name)
        if found is None:
            ends = ((at, class_ends(name, self.infos, at)) for at in self._begun.get(name, ()))
            found = self._class_spans[name] = {at: places for at, places in ends if places}
        return found

    def is_at_start(self, at: int) -> bool:
        """Tell whether only fillers stand before token `at`."""
        return all(token in FILLERS for token in self.tokens[:at]) if at <= len(FILLERS) else False

    def is_at_end(self, at: int) -> bool:
        """Tell whether only fillers stand after token `at`."""
        rest = self.tokens[at + 1 : at + 2 + len(FILLERS)]
        return len(rest) <= len(FILLERS) and all(token in FILLERS for token in rest)


def _is_word(info: WordInfo) -> bool:
    return info.is_known or info.is_name or info.is_number or info.text in _PARTICLES


class AnalysedWords(NamedTuple):
    """Recognised words and their text, ready to be searched; made by `analyse`."""

    words: tuple[Word, ...]
    text: AnalysedText


def analyse(words: Sequence[Word], language: str) -> AnalysedWords:
    """Return `words` ready for `find_matches`; worth it when they are searched with several phrase sets."""
    return AnalysedWords(tuple(words), _analysed_text(tuple([word.text for word in words]), language))


@lru_cache(maxsize=MEMO_TEXTS)
def _analysed_text(texts: tuple[str, ...], language: str) -> AnalysedText:
    return AnalysedText(texts, language)
