"""Turn parsed phrases into what matching works on: numbered atoms, weights, reach. Pure but for the dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callscore.phrases.closeness import AtomForm, atom_form, glued_form
from callscore.phrases.lexicon import Lexicon
from callscore.phrases.notation import Slot, Variant
from callscore.phrases.weights import CONTENT, FUNCTION, LIGHT, NEGATIONS, atom_weight

__all__ = ["DEFAULT_SLACK", "PreparedSlot", "PreparedVariant", "prepare"]

DEFAULT_SLACK: Final = 2
"""Words that may stand between two words of a phrase although the author wrote no gap."""

_MAX_GLUED_PER_SLOT: Final = 9


@dataclass(frozen=True, slots=True)
class PreparedSlot:
    """A slot with atom numbers, the weight of its heaviest atom, and the numbers of atoms that also cover the next slot."""

    atoms: frozenset[int]
    glued: frozenset[int]
    classes: tuple[str, ...]
    weight: float
    is_optional: bool
    is_required: bool
    gap: int | None


@dataclass(frozen=True, slots=True)
class Term:
    """What a slot can add to the strength of its variant: its weight, and the atoms and classes that can earn it."""

    weight: float
    atoms: frozenset[int]
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreparedVariant:
    """A variant with what alignment asks again and again.

    `total` is the sum of the weights; `terms` the slots that have to be said, heaviest first; `heavy` the slots that say
    something; `light` the other ones; `begins` and `ends` tell at which slots a chain may begin and end without passing over a
    required one; `reach` is how many tokens a chain can span between hits; `negates` tells that it holds a negation itself.
    """

    phrase: str
    slots: tuple[PreparedSlot, ...]
    total: float
    terms: tuple[Term, ...]
    heavy: tuple[int, ...]
    light: tuple[int, ...]
    begins: tuple[bool, ...]
    ends: tuple[bool, ...]
    reach: int
    at_start: bool
    at_end: bool
    negates: bool


def prepare(variants: Iterable[tuple[str, Variant]], lexicon: Lexicon) -> tuple[PreparedVariant, ...]:
    """Return the variants of (phrase, variant) pairs ready for alignment; their atoms are entered in `lexicon`."""
    prepared = []
    for phrase, variant in variants:
        slots = []
        for slot, following in zip(variant.slots, [*variant.slots[1:], None], strict=True):
            glued = frozenset(lexicon.number_of(form) for form in _glued_forms(slot, following, lexicon.language))
            words = (atom_form(atom, lexicon.language) for atom in slot.atoms if atom.kind != "class")
            atoms = frozenset(lexicon.number_of(form) for form in words)
            slots.append(_prepare_slot(slot, atoms, glued))
        prepared.append(_prepare_variant(phrase, variant, slots))
    return tuple(prepared)


def _prepare_slot(slot: Slot, atoms: frozenset[int], glued: frozenset[int]) -> PreparedSlot:
    must_be = all(atom.kind == "exact" or atom.text in NEGATIONS for atom in slot.atoms)
    return PreparedSlot(
        atoms=atoms,
        glued=glued,
        classes=tuple(sorted(atom.text for atom in slot.atoms if atom.kind == "class")),
        weight=max(atom_weight(atom) for atom in slot.atoms),
        is_optional=slot.is_optional,
        is_required=must_be and not slot.is_optional,
        gap=slot.gap,
    )


def _prepare_variant(phrase: str, variant: Variant, slots: list[PreparedSlot]) -> PreparedVariant:
    if not any(slot.weight == CONTENT and slot.atoms and not slot.is_optional for slot in slots):
        slots = [replace(slot, weight=LIGHT) for slot in slots]  # "это <имя>": here every word counts the same
    heaviest = max(slot.weight for slot in slots)
    light = tuple(place for place, slot in enumerate(slots) if slot.weight <= FUNCTION < heaviest)
    return PreparedVariant(
        phrase=phrase,
        slots=tuple(slots),
        total=sum(slot.weight for slot in slots if not slot.is_optional),
        terms=tuple(_terms(slots)),
        heavy=tuple(place for place in range(len(slots)) if place not in light),
        light=light,
        begins=tuple(not any(slot.is_required for slot in slots[:place]) for place in range(len(slots))),
        ends=tuple(not any(slot.is_required for slot in slots[place + 1 :]) for place in range(len(slots))),
        reach=sum(DEFAULT_SLACK + 1 if slot.gap is None else slot.gap + 1 for slot in slots),
        at_start=variant.at_start,
        at_end=variant.at_end,
        negates=any(atom.text in NEGATIONS for slot in variant.slots for atom in slot.atoms),
    )


def _terms(slots: Sequence[PreparedSlot]) -> Iterable[Term]:
    terms = []
    for place, slot in enumerate(slots):
        if not slot.is_optional:
            before = slots[place - 1].glued if place else frozenset()
            terms.append(Term(slot.weight, slot.atoms.union(slot.glued, before), slot.classes))
    return sorted(terms, key=lambda term: -term.weight)


def _glued_forms(slot: Slot, following: Slot | None, language: str) -> Iterator[AtomForm]:
    """What the slot and the next one look like as one token, unless the author put a gap between them."""
    if following is None or following.gap or slot.is_optional or following.is_optional:
        return
    firsts = sorted(atom.text for atom in slot.atoms if atom.kind != "class")
    seconds = sorted(atom.text for atom in following.atoms if atom.kind != "class")
    if len(firsts) * len(seconds) > _MAX_GLUED_PER_SLOT:
        return
    for first in firsts:
        for second in seconds:
            yield glued_form(first, second, language)
