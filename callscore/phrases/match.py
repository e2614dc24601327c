"""Find phrases in recognised words. Pure; the time is bounded by words x phrases that could match them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from callscore.phrases.align import Chain, align_variant
from callscore.phrases.analysed import AnalysedText, AnalysedWords, analyse
from callscore.phrases.candidates import find_candidates
from callscore.phrases.compile import PhraseSet
from callscore.phrases.heard import hear_atoms
from callscore.phrases.negation import can_deny, is_negated
from callscore.phrases.prepare import PreparedVariant
from callscore.phrases.weights import FUNCTION, is_content
from callscore.records import Word
from callscore.units import Span

__all__ = ["DEFAULT_STRENGTH", "Match", "best_match", "find_matches"]

DEFAULT_STRENGTH: Final = 0.75
_MEMO_SETS: Final = 512  # more than any book of rubrics asks one text for
_EXCLUSION_REACH: Final = 2
"""An exclusion forbids a match that it overlaps or that stands at most so many words from it in the same sentence."""

_EXCLUSION_WEAKER: Final = 0.1
"""How much weaker than the match an exclusion may be: what is clearly rather the phrase than the exclusion stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A phrase found: words `first_word`..`last_word` (inclusive) of those searched.

    `strength` 0..1 tells how close the words are to the phrase, `confidence` 0..1 how sure the recogniser was of them (the mean
    of their probabilities, heavy words counting more); `text` is as recognised, `phrase` as written in the rubric;
    `is_telling` says that one of the words found is more than a function word or an everyday one.
    """

    first_word: int
    last_word: int
    span: Span
    text: str
    strength: float
    phrase: str
    confidence: float
    is_telling: bool


class _Found(NamedTuple):
    chain: Chain
    variant: PreparedVariant

    @property
    def first(self) -> int:
        return self.chain.hits[0].first

    @property
    def last(self) -> int:
        return self.chain.hits[-1].last


def find_matches(
    words: Sequence[Word] | AnalysedWords, phrases: PhraseSet, *, min_strength: float = DEFAULT_STRENGTH
) -> tuple[Match, ...]:
    """Return the best matches that do not overlap, in order of time; nothing for no words.

    Args:
        words: of one turn, or of any stretch ("^" and "$" mean its start and end); analysed words of another language than the
            phrases' are analysed anew.
        phrases: what to look for.
        min_strength: above 0, up to 1; lower finds worse-heard phrases and more false ones.

    Raises:
        ValueError: for a `min_strength` out of range.
    """
    if not 0.0 < min_strength <= 1.0:
        raise ValueError(f"min_strength must be above 0 and at most 1, got {min_strength!r}")
    analysed = words if isinstance(words, AnalysedWords) else analyse(words, phrases.language)
    if analysed.text.language != phrases.language:
        analysed = analyse(analysed.words, phrases.language)
    return tuple(_as_match(analysed, one) for one in _find(analysed.text, phrases, min_strength))


def best_match(
    words: Sequence[Word] | AnalysedWords, phrases: PhraseSet, *, min_strength: float = DEFAULT_STRENGTH
) -> Match | None:
    """Return the strongest match, the earliest among equals, or None."""
    return max(find_matches(words, phrases, min_strength=min_strength), key=lambda match: match.strength, default=None)


def _find(text: AnalysedText, phrases: PhraseSet, min_strength: float) -> tuple[_Found, ...]:
    """Return what a set finds in a text, in order; remembered with the text."""
    key = (phrases, min_strength)
    known = text.found.get(key)
    if known is not None:
        return cast("tuple[_Found, ...]", known)
    found = _search(text, phrases, min_strength)
    if not found:
        text.found[key] = ()
        return ()
    if phrases.exclusions is not None:
        forbidden = _search(text, phrases.exclusions, DEFAULT_STRENGTH)
        found = [one for one in found if not any(_forbids(text, other, one) for other in forbidden)]
    if len(text.found) >= _MEMO_SETS:
        text.found.clear()
    kept = text.found[key] = _without_overlap(text, found)
    return kept


def _search(text: AnalysedText, phrases: PhraseSet, min_strength: float) -> list[_Found]:
    """Return every chain of every variant that the words of the text could make so strong, less those that are negated."""
    numbers = find_candidates(text, phrases, min_strength)
    if not numbers:
        return []
    atom_hits = hear_atoms(text, phrases.lexicon)
    found: list[_Found] = []
    for number in numbers:
        variant = phrases.variants[number]
        chains = align_variant(text, variant, atom_hits, min_strength)
        if chains and not variant.negates and can_deny(text):
            chains = [chain for chain in chains if not is_negated(text, *_matched_and_heads(variant, chain))]
        found += [_Found(chain, variant) for chain in chains]
    return found


def _matched_and_heads(variant: PreparedVariant, chain: Chain) -> tuple[list[int], list[int]]:
    """Return the tokens of a chain, and those of them that a negation can deny (content words)."""
    matched = [token for hit in chain.hits for token in range(hit.first, hit.last + 1)]
    asked = [hit for hit in chain.hits if variant.slots[hit.last_slot].classes != ("any",)]  # nobody denies "any word"
    heads = [hit.first for hit in asked if variant.slots[hit.last_slot].weight > FUNCTION]
    return matched, heads or matched


def _forbids(text: AnalysedText, other: _Found, one: _Found) -> bool:
    if other.chain.strength < one.chain.strength - _EXCLUSION_WEAKER:
        return False
    before, after = (other, one) if other.first <= one.first else (one, other)
    if after.first <= before.last:
        return True
    same_sentence = text.sentences[before.last] == text.sentences[after.first]
    return same_sentence and after.first <= before.last + _EXCLUSION_REACH


def _without_overlap(text: AnalysedText, found: list[_Found]) -> tuple[_Found, ...]:
    """Keep the strongest (then the longest, then the earliest) of those that share words; return them by place."""
    kept: list[_Found] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda f: (-f.chain.strength, f.first - f.last, f.first)):
        # Words, not tokens: one written word may hold several ("интернет-магазин").
        places = range(text.word_nos[one.first], text.word_nos[one.last] + 1)
        if taken.isdisjoint(places):
            kept.append(one)
            taken.update(places)
    return tuple(sorted(kept, key=lambda f: f.first))


def _as_match(analysed: AnalysedWords, found: _Found) -> Match:
    text = analysed.text
    first, last = text.word_nos[found.first], text.word_nos[found.last]
    words = analysed.words[first : last + 1]
    weighed = sure = 0.0
    for hit in found.chain.hits:
        weight = found.variant.slots[hit.last_slot].weight
        for token in range(hit.first, hit.last + 1):
            weighed += weight
            sure += weight * analysed.words[text.word_nos[token]].prob
    return Match(
        first_word=first,
        last_word=last,
        span=Span(min(word.span.start_ms for word in words), max(word.span.end_ms for word in words)),
        text=" ".join(word.text for word in words),
        strength=round(found.chain.strength, 4),
        phrase=found.variant.phrase,
        confidence=min(1.0, sure / weighed),
        is_telling=any(is_content(token) for hit in found.chain.hits for token in text.tokens[hit.first : hit.last + 1]),
    )
