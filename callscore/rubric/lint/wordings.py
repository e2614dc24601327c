"""Phrases that cannot be found, stand twice, or hold a slip. Pure but for the dictionary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from callscore.phrases import Atom, PhraseSet, Slot, Variant, find_matches, parse_phrase, word_info
from callscore.records import Word
from callscore.rubric.lint.lists import PhraseList
from callscore.rubric.lint.remark import Remark
from callscore.units import Span

__all__ = ["remarks_on_wordings", "spoken_words"]

_SAMPLES: Final = {
    "ru": {
        "name": "ирина",
        "surname": "иванов",
        "number": "семь",
        "time": "десять утра",
        "day": "завтра",
        "money": "сто рублей",
        "any": "лампа",
    },
    "en": {
        "name": "lucy",
        "surname": "lucy",
        "number": "seven",
        "time": "ten am",
        "day": "tomorrow",
        "money": "ten dollars",
        "any": "lamp",
    },
}
_MAX_TRIES: Final = 24
_WORD_MS: Final = 300
_DEFAULT_SLACK: Final = 2


def remarks_on_wordings(one: PhraseList) -> Iterator[Remark]:
    """Yield remarks on the phrases of one list, in their order."""
    variants = [parse_phrase(phrase, where)[0] for phrase, where in zip(one.phrases, one.wheres, strict=True)]
    covered = _covered(one.phrases, variants)
    for number, (phrase, where) in enumerate(zip(one.phrases, one.wheres, strict=True)):
        shown = f"phrase '{phrase.removeprefix('!')}'"
        if number in covered:
            yield Remark(where, f"{shown} of {one.name} is {covered[number]}; leave it out")
            continue
        slips = list(_slips(variants[number], one.language))
        for slip in slips:
            yield Remark(where, f"{shown}: {slip}")
        bare = phrase.lstrip("!^ ")
        if bare.startswith(("..", "…")) or bare.rstrip("$ ").endswith(("..", "…")):
            yield Remark(where, f"{shown}: a gap at the beginning or end says nothing; leave it out")
        if not slips and not phrase.startswith("!") and not _is_found(variants[number], one.compiled):
            yield Remark(where, f"{shown} of {one.name} can never be found: {_why_not(variants[number], one.compiled)}")


def spoken_words(variant: Variant, language: str, choice: int = 0) -> tuple[Word, ...]:
    """Return the plainest way to say a variant: no optional word, no gap, of alternatives that of number `choice`."""
    texts: list[str] = []
    for slot in variant.slots:
        if not slot.is_optional:
            atoms = sorted(slot.atoms, key=lambda atom: (atom.kind == "class", atom.text))
            atom = atoms[choice % len(atoms)]
            texts += (_SAMPLES[language][atom.text] if atom.kind == "class" else atom.text).split()
    return tuple(Word(span=Span(at * _WORD_MS, (at + 1) * _WORD_MS), text=text, prob=1.0) for at, text in enumerate(texts))


def _plain_ways(variants: Sequence[Variant], language: str) -> Iterator[tuple[Word, ...]]:
    """Yield the first plain ways to say a phrase."""
    widest = max(len(slot.atoms) for variant in variants for slot in variant.slots)
    ways = (spoken_words(variant, language, choice) for choice in range(widest) for variant in variants)
    yield from islice(ways, _MAX_TRIES)


def _is_found(variants: Sequence[Variant], phrases: PhraseSet) -> bool:
    return any(find_matches(words, phrases) for words in _plain_ways(variants, phrases.language))


def _why_not(variants: Sequence[Variant], phrases: PhraseSet) -> str:
    if phrases.exclusions is not None:
        for words in _plain_ways(variants, phrases.language):
            for match in find_matches(words, phrases.exclusions):
                return f"the exception '{match.phrase.removeprefix('!')}' forbids it; narrow one of the two"
    return "its own words are not found by it; write it more simply"


def _slips(variants: Sequence[Variant], language: str) -> Iterator[str]:
    """Yield what no recogniser would write: letters of two alphabets in a word, a part of speech that a word never is."""
    atoms = {atom for variant in variants for slot in variant.slots for atom in slot.atoms if atom.kind != "class"}
    for atom in sorted(atoms, key=lambda atom: atom.text):
        latin = any("a" <= char <= "z" for char in atom.text)
        cyrillic = any("а" <= char <= "я" for char in atom.text)
        if latin and cyrillic:
            yield f"'{atom.text}' mixes Latin and Russian letters that look alike; type it anew"
        elif atom.kind == "exact" and (latin if language == "ru" else cyrillic):
            yield f"'{atom.text}' in double quotes is in another alphabet than the language; spell it as it sounds"
        elif atom.kind == "exact" and atom.text.isalnum() and not atom.text.isalpha() and not atom.text.isdigit():
            yield f"'{atom.text}' in double quotes mixes digits and letters, which recognisers seldom do; leave out the quotes"
        elif atom.hint and not any(group == atom.hint for _lemma, group in word_info(atom.text, language).readings):
            yield f"'{atom.text}' is never the part of speech after its slash; correct or leave out the slash"


def _covered(phrases: Sequence[str], variants: Sequence[Sequence[Variant]]) -> dict[int, str]:
    """Return the numbers of phrases that others say as well, with what to tell: only those of the same number of words."""
    places: dict[tuple[bool, int, Atom], list[tuple[int, Variant]]] = {}
    for number, ways in enumerate(variants):
        for variant in ways:
            for atom in variant.slots[0].atoms:
                places.setdefault((phrases[number].startswith("!"), len(variant.slots), atom), []).append((number, variant))
    found: dict[int, str] = {}
    for number, ways in reversed(list(enumerate(variants))):
        excludes = phrases[number].startswith("!")
        owners: set[int] = set()
        for variant in ways:
            first = next(iter(variant.slots[0].atoms))
            rivals = places[excludes, len(variant.slots), first]
            by = next(
                (other for other, wider in rivals if other != number and _is_within(variant, wider) and other not in found),
                None,
            )
            if by is None:
                break
            owners.add(by)
        else:
            other = phrases[min(owners)].removeprefix("!")
            is_same = other == phrases[number].removeprefix("!")
            found[number] = "written twice" if is_same else f"said by '{other}' already"
    return found


def _is_within(narrow: Variant, wide: Variant) -> bool:
    """Tell whether whatever is said in the one way is said in the other."""
    if (wide.at_start and not narrow.at_start) or (wide.at_end and not narrow.at_end):
        return False
    return all(_slot_is_within(one, other) for one, other in zip(narrow.slots, wide.slots, strict=True))


def _slot_is_within(one: Slot, other: Slot) -> bool:
    if not one.atoms <= other.atoms or one.is_optional != other.is_optional:
        return False
    return one.gap == other.gap or (other.gap is not None and other.gap >= (_DEFAULT_SLACK if one.gap is None else one.gap))
