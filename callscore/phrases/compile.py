"""Make phrases ready for matching: parse, weigh, index by the words that must be there. Keeps no text of any call but tokens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from callscore.errors import RubricError
from callscore.phrases.closeness import AtomForm, atom_form, closeness, glued_form
from callscore.phrases.morphology import word_info
from callscore.phrases.sounds import sound_key
from callscore.phrases.syntax import Atom, Slot, Variant, parse_phrase
from callscore.phrases.weights import CONTENT, LIGHT, NEGATIONS, atom_weight

__all__ = ["LANGUAGES", "PhraseSet", "PreparedSlot", "PreparedVariant", "compile_phrases"]

LANGUAGES: Final = ("ru", "en")
MAX_PHRASES: Final = 20_000
_CUTOFF: Final = 0.4  # on fine keys; what passes is compared closely
_MEMO_TOKENS: Final = 16_384
_MAX_GLUED_PER_SLOT: Final = 9
_MIN_FUZZY_CHARS: Final = 3

TokenHits = tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class PreparedSlot:
    """A slot with atom numbers, the weight of its heaviest atom, and the numbers of atoms that also cover the next slot."""

    atoms: frozenset[int]
    classes: frozenset[str]
    weight: float
    is_optional: bool
    is_required: bool
    gap: int | None
    glued: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PreparedVariant:
    """A variant with the sum of its weights; `negates` if it holds a negation itself."""

    phrase: str
    slots: tuple[PreparedSlot, ...]
    total: float
    at_start: bool
    at_end: bool
    negates: bool


@dataclass(frozen=True, slots=True)
class AnchorIndex:
    """Which variants to try when an atom or a class is present."""

    by_atom: Mapping[int, tuple[int, ...]]
    by_class: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PhraseSet:
    """Compiled phrases of one language. What it finds never changes; it remembers tokens it has compared (bounded).

    `phrases` are the sources; `exclusions` the compiled phrases that forbid a match, or None.
    """

    language: str
    phrases: tuple[str, ...]
    variants: tuple[PreparedVariant, ...]
    exclusions: PhraseSet | None
    forms: tuple[AtomForm, ...]
    _by_text: dict[str, list[int]] = field(default_factory=dict)
    _by_lemma: dict[str, list[int]] = field(default_factory=dict)
    _by_key: dict[str, list[int]] = field(default_factory=dict)
    _keys: list[str] = field(default_factory=list)
    _key_atoms: list[int] = field(default_factory=list)
    _memo: dict[str, TokenHits] = field(default_factory=dict)
    _anchors: dict[float, AnchorIndex] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, form in enumerate(self.forms):
            self._by_text.setdefault(form.text, []).append(number)
            for lemma, _group in form.readings | form.partners:
                self._by_lemma.setdefault(lemma, []).append(number)
            self._by_key.setdefault(form.keys[0].fine, []).append(number)
            if len(form.text) >= _MIN_FUZZY_CHARS:
                for key in form.keys:
                    self._keys.append(key.fine)
                    self._key_atoms.append(number)

    def __repr__(self) -> str:
        return f"PhraseSet({len(self.phrases)} phrases, {self.language})"

    def token_hits(self, token: str) -> TokenHits:
        """Return the atoms that `token` is close to, with the closeness; remembered."""
        found = self._memo.get(token)
        if found is None:
            if len(self._memo) >= _MEMO_TOKENS:
                self._memo.clear()
            found = self._memo[token] = self._compare(token)
        return found

    def _compare(self, token: str) -> TokenHits:
        info = word_info(token, self.language)
        numbers = set(self._by_text.get(token, ()))
        for lemma, _group in info.readings:
            numbers.update(self._by_lemma.get(lemma, ()))
        key = sound_key(token, self.language).fine
        numbers.update(self._by_key.get(key, ()))
        if len(token) >= _MIN_FUZZY_CHARS and not info.is_number:
            alike = extract(
                key, self._keys, scorer=Levenshtein.normalized_similarity, processor=None, score_cutoff=_CUTOFF, limit=None
            )
            numbers.update(self._key_atoms[place] for _key, _score, place in alike)
        hits = ((number, closeness(info, self.forms[number], self.language)) for number in sorted(numbers))
        return tuple((number, close) for number, close in hits if close > 0)

    def anchors(self, min_strength: float) -> AnchorIndex:
        """Return the index for a threshold: every variant under enough of its slots that a match must hit one of them."""
        index = self._anchors.get(min_strength)
        if index is None:
            index = self._anchors[min_strength] = _build_index(self.variants, self.forms, min_strength)
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
    exclusions = _build(excluded, language, None) if excluded else None
    return _build(wanted, language, exclusions)


def _build(variants: Iterable[tuple[str, Variant]], language: str, exclusions: PhraseSet | None) -> PhraseSet:
    numbers: dict[tuple[Atom, bool], int] = {}
    forms: list[AtomForm] = []

    def number_of(form: AtomForm) -> int:
        known = numbers.setdefault((form.atom, form.is_glued), len(forms))
        if known == len(forms):
            forms.append(form)
        return known

    prepared = []
    for phrase, variant in variants:
        slots = []
        for slot, following in zip(variant.slots, [*variant.slots[1:], None], strict=True):
            glued = frozenset(number_of(form) for form in _glued_forms(slot, following, language))
            atoms = frozenset(number_of(atom_form(atom, language)) for atom in slot.atoms if atom.kind != "class")
            slots.append(_prepare(slot, atoms, glued))
        if not any(slot.weight == CONTENT for slot in slots if not slot.is_optional):
            slots = [replace(slot, weight=LIGHT) for slot in slots]  # "это <имя>": now every word counts the same
        negates = any(atom.text in NEGATIONS for slot in variant.slots for atom in slot.atoms)
        total = sum(slot.weight for slot in slots if not slot.is_optional)
        prepared.append(PreparedVariant(phrase, tuple(slots), total, variant.at_start, variant.at_end, negates))
    sources = tuple(dict.fromkeys(phrase for phrase, _variant in variants))
    return PhraseSet(language, sources, tuple(prepared), exclusions, tuple(forms))


def _prepare(slot: Slot, atoms: frozenset[int], glued: frozenset[int]) -> PreparedSlot:
    return PreparedSlot(
        atoms=atoms,
        classes=frozenset(atom.text for atom in slot.atoms if atom.kind == "class"),
        weight=max(atom_weight(atom) for atom in slot.atoms),
        is_optional=slot.is_optional,
        is_required=not slot.is_optional and all(atom.kind == "exact" or atom.text in NEGATIONS for atom in slot.atoms),
        gap=slot.gap,
        glued=glued,
    )


def _glued_forms(slot: Slot, following: Slot | None, language: str) -> Iterable[AtomForm]:
    """What the slot and the next one look like as one token, unless the author put a gap between them."""
    if following is None or following.gap or slot.is_optional or following.is_optional:
        return
    firsts = [atom.text for atom in slot.atoms if atom.kind != "class"]
    seconds = [atom.text for atom in following.atoms if atom.kind != "class"]
    if len(firsts) * len(seconds) > _MAX_GLUED_PER_SLOT:
        return
    for first in sorted(firsts):
        for second in sorted(seconds):
            yield glued_form(first, second, language)


def _build_index(variants: Sequence[PreparedVariant], forms: Sequence[AtomForm], min_strength: float) -> AnchorIndex:
    by_atom: dict[int, list[int]] = {}
    by_class: dict[str, list[int]] = {}
    for number, variant in enumerate(variants):
        for place in _anchor_places(variant, forms, min_strength):
            slot = variant.slots[place]
            before = variant.slots[place - 1].glued if place else frozenset()
            for atom in slot.atoms | slot.glued | before:
                by_atom.setdefault(atom, []).append(number)
            for name in slot.classes:
                by_class.setdefault(name, []).append(number)
    return AnchorIndex(
        {a: tuple(dict.fromkeys(v)) for a, v in by_atom.items()}, {c: tuple(dict.fromkeys(v)) for c, v in by_class.items()}
    )


def _anchor_places(variant: PreparedVariant, forms: Sequence[AtomForm], min_strength: float) -> list[int]:
    """Return the fewest slots of which a match of `min_strength` cannot miss all: heavy, long words first."""

    def rank(place: int) -> tuple[float, bool, int]:
        slot = variant.slots[place]
        shortest = min((len(forms[atom].text) for atom in slot.atoms), default=0)
        return (-slot.weight, bool(slot.classes), -shortest)

    chosen: list[int] = []
    missed = 0.0
    for place in sorted((p for p, slot in enumerate(variant.slots) if not slot.is_optional), key=rank):
        chosen.append(place)
        missed += variant.slots[place].weight
        if missed > variant.total * (1 - min_strength) + CONTENT * 1e-9:
            break
    return chosen
