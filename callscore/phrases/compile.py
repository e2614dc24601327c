"""Compile phrases into a set ready to be searched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.errors import RubricError
from callscore.phrases.lexicon import Lexicon, shared_lexicon
from callscore.phrases.notation import Variant
from callscore.phrases.prepare import PreparedVariant, prepare
from callscore.phrases.syntax import parse_phrase

__all__ = ["LANGUAGES", "PhraseSet", "compile_phrases"]

LANGUAGES: Final = ("ru", "en")
MAX_PHRASES: Final = 20_000


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class PhraseSet:
    """Compiled phrases of one language: `phrases` as written; `exclusions`, compiled, forbid matches near them."""

    phrases: tuple[str, ...]
    variants: tuple[PreparedVariant, ...]
    lexicon: Lexicon
    exclusions: PhraseSet | None = None

    def __repr__(self) -> str:
        return f"PhraseSet({len(self.phrases)} phrases, {self.language})"

    @property
    def language(self) -> str:
        """The language of the phrases, "ru" or "en"."""
        return self.lexicon.language


def compile_phrases(phrases: Sequence[str], language: str, *, where: str = "", lexicon: Lexicon | None = None) -> PhraseSet:
    """Return `phrases` ready for `find_matches`.

    Args:
        phrases: in the notation of the package docstring; those that start with "!" forbid matches near them.
        language: "ru" or "en".
        where: file and line for messages.
        lexicon: of that language, to share words with other sets than those compiled so far; the usual one if None.

    Raises:
        RubricError: for a phrase that cannot be read, that matches anything, or a set without a phrase.
    """
    if language not in LANGUAGES:
        raise RubricError(
            f"language {language!r} has no phrase matching", where=where, hint=f"use one of {', '.join(LANGUAGES)}"
        )
    if isinstance(phrases, str) or not isinstance(phrases, Sequence):
        raise RubricError("phrases must be a list", where=where, hint="put each phrase on its own line after a dash")
    if len(phrases) > MAX_PHRASES:
        raise RubricError(f"{len(phrases)} phrases in one set, at most {MAX_PHRASES} are allowed", where=where)
    wanted: list[tuple[str, Variant]] = []
    excluded: list[tuple[str, Variant]] = []
    for phrase in phrases:
        if not isinstance(phrase, str):
            raise RubricError(f"phrase {phrase!r} is no text", where=where, hint="put it in quotes")
        variants, excludes = parse_phrase(phrase, where)
        (excluded if excludes else wanted).extend((phrase, variant) for variant in variants)
    if not wanted:
        raise RubricError("a phrase set needs at least one phrase that is no exclusion", where=where)
    lexicon = lexicon or shared_lexicon(language)
    return _build(wanted, lexicon, _build(excluded, lexicon) if excluded else None)


def _build(variants: Sequence[tuple[str, Variant]], lexicon: Lexicon, exclusions: PhraseSet | None = None) -> PhraseSet:
    sources = tuple(dict.fromkeys(phrase for phrase, _variant in variants))
    return PhraseSet(sources, prepare(variants, lexicon), lexicon, exclusions)
