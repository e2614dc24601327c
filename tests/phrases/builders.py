"""Short ways to write what the matcher takes."""

from __future__ import annotations

from callscore.phrases import Match, compile_phrases, find_matches
from callscore.records import Word
from callscore.units import Span

__all__ = ["found", "heard", "matches"]


def heard(text: str, prob: float = 0.9) -> tuple[Word, ...]:
    """Return the words of `text`, 300 ms each, with the same probability."""
    return tuple(Word(span=Span(at * 300, at * 300 + 300), text=word, prob=prob) for at, word in enumerate(text.split()))


def matches(text: str, *phrases: str, language: str = "ru", min_strength: float = 0.75) -> tuple[Match, ...]:
    """Return what `phrases` find in `text`."""
    return find_matches(heard(text), compile_phrases(phrases, language), min_strength=min_strength)


def found(text: str, *phrases: str, language: str = "ru") -> list[str]:
    """Return the words that `phrases` find in `text`."""
    return [match.text for match in matches(text, *phrases, language=language)]
