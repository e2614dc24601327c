"""Compile phrases into a set that finds its candidates by the words that must be there. Remembers tokens only, never calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callscore.errors import RubricError
from callscore.phrases.closeness import AtomForm
from callscore.phrases.lexicon import Lexicon, shared_lexicon
from callscore.phrases.notation import Variant
from callscore.phrases.prepare import PreparedVariant, Term, prepare
from callscore.phrases.syntax import parse_phrase

__all__ = ["LANGUAGES", "AnchorIndex", "PhraseSet", "anchor_terms", "compile_phrases"]

LANGUAGES: Final = ("ru", "en")
MAX_PHRASES: Final = 20_000


@dataclass(frozen=True, slots=True)
class AnchorIndex:
    """Which variants to try when an atom or a class is present; with an atom goes the closeness it needs."""

    atoms: frozenset[int]
    by_atom: Mapping[int, tuple[tuple[int, float], ...]]
    by_class: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class PhraseSet:
    """Compiled phrases of one language: `phrases` as written; `exclusions`, compiled, forbid matches near them."""

    phrases: tuple[str, ...]
    variants: tuple[PreparedVariant, ...]
    lexicon: Lexicon
    exclusions: PhraseSet | None = None
    _anchors: dict[float, AnchorIndex] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"PhraseSet({len(self.phrases)} phrases, {self.language})"

    @property
    def language(self) -> str:
        """The language of the phrases, "ru" or "en"."""
        return self.lexicon.language

    def anchors(self, min_strength: float) -> AnchorIndex:
        """Return the index for a threshold: every variant under enough of its slots that a match must hit one of them."""
        index = self._anchors.get(min_strength)
        if index is None:
            index = self._anchors[min_strength] = _build_index(self.variants, self.lexicon.forms, min_strength)
        return index


def compile_phrases(phrases: Sequence[str], language: str, *, where: str = "") -> PhraseSet:
    """Return `phrases` ready for `find_matches`.

    Args:
        phrases: in the notation of the package docstring; those that start with "!" forbid matches near them.
        language: "ru" or "en".
        where: file and line for messages.

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
    return _build(wanted, language, _build(excluded, language) if excluded else None)


def _build(variants: Sequence[tuple[str, Variant]], language: str, exclusions: PhraseSet | None = None) -> PhraseSet:
    lexicon = shared_lexicon(language)
    sources = tuple(dict.fromkeys(phrase for phrase, _variant in variants))
    return PhraseSet(sources, prepare(variants, lexicon), lexicon, exclusions)


def _build_index(variants: Sequence[PreparedVariant], forms: Sequence[AtomForm], min_strength: float) -> AnchorIndex:
    by_atom: dict[int, dict[int, float]] = {}
    by_class: dict[str, dict[int, None]] = {}
    for number, variant in enumerate(variants):
        may_miss = variant.total * (1 - min_strength) + 1e-9
        for term in anchor_terms(variant, forms, min_strength):
            # What one slot lacks is at most what the whole variant may lack.
            least = 1.0 - may_miss / term.weight
            for atom in term.atoms:
                known = by_atom.setdefault(atom, {})
                known[number] = min(least, known.get(number, 1.0))
            for name in term.classes:
                by_class.setdefault(name, {})[number] = None
    return AnchorIndex(
        atoms=frozenset(by_atom),
        by_atom={atom: tuple(found.items()) for atom, found in by_atom.items()},
        by_class={name: tuple(found) for name, found in by_class.items()},
    )


def anchor_terms(variant: PreparedVariant, forms: Sequence[AtomForm], min_strength: float) -> list[Term]:
    """Return the fewest slots of which a match of `min_strength` cannot miss all: heavy, long words first."""

    def rank(term: Term) -> tuple[float, bool, int]:
        shortest = min((len(forms[atom].text) for atom in term.atoms), default=0)
        return (-term.weight, bool(term.classes), -shortest)

    chosen: list[Term] = []
    missed = 0.0
    for term in sorted(variant.terms, key=rank):
        chosen.append(term)
        missed += term.weight
        if missed > variant.total * (1 - min_strength) + 1e-9:
            break
    return chosen
