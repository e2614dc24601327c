"""What a phrase consists of once read (variants of slots, slots of atoms) and the names it may use. Records and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CLASSES", "HINTS", "Atom", "Slot", "Variant"]

CLASSES: Final = {
    "имя": "name",
    "фамилия": "surname",
    "число": "number",
    "время": "time",
    "день": "day",
    "деньги": "money",
    "любое": "any",
} | {name: name for name in ("name", "surname", "number", "time", "day", "money", "any")}
HINTS: Final = {
    "NOUN": "noun",
    "ADJ": "adj",
    "SHORT": "short",
    "ADV": "short",
    "COMP": "comp",
    "VERB": "verb",
    "PART": "part",
    "NUM": "num",
    "PRON": "pron",
    "СУЩ": "noun",
    "ПРИЛ": "adj",
    "КРАТ": "short",
    "НАР": "short",
    "СРАВ": "comp",
    "ГЛАГ": "verb",
    "ПРИЧ": "part",
    "ЧИСЛ": "num",
    "МЕСТ": "pron",
}


@dataclass(frozen=True, slots=True)
class Atom:
    """What one slot asks of one word: `kind` is "lemma", "exact" or "class"; `text` the token or the class."""

    kind: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a phrase: any of `atoms`; `gap` is how many words the author lets stand before it, None if unsaid."""

    atoms: frozenset[Atom]
    is_optional: bool = False
    gap: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to say a phrase."""

    slots: tuple[Slot, ...]
    at_start: bool = False
    at_end: bool = False
