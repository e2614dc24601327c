"""Read one phrase as written in a rubric into flat variants of slots and gaps. Pure; knows no dictionary.

The notation is described in the package docstring. Work and memory are bounded by `MAX_CHARS`, `MAX_DEPTH`, `MAX_SLOTS` and
`MAX_VARIANTS`: a phrase beyond them is refused, never expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

from callscore.errors import RubricError
from callscore.phrases.notation import CLASSES, HINTS, Atom, Slot, Variant
from callscore.phrases.tokens import text_tokens

__all__ = ["parse_phrase"]

MAX_CHARS: Final = 400
MAX_DEPTH: Final = 6
MAX_SLOTS: Final = 24
MAX_VARIANTS: Final = 256
MAX_FREE_ORDER: Final = 4
_DEFAULT_GAP: Final = 3
_MAX_GAP: Final = 20

_SPECIAL: Final = frozenset('()[]{}|"<>!^$/')


@dataclass(frozen=True, slots=True)
class _Gap:
    words: int


_Element = Slot | _Gap
_Sequence = tuple[_Element, ...]


def parse_phrase(phrase: str, where: str = "") -> tuple[tuple[Variant, ...], bool]:
    """Return the variants of `phrase` and whether it is an exclusion (starts with "!").

    >>> variants, excludes = parse_phrase("(цена|стоимость) [очень] высокая")
    >>> len(variants), len(variants[0].slots), excludes
    (1, 3, False)

    Raises:
        RubricError: naming the phrase and the reason.
    """
    return _Parser(phrase, where).parse()


class _Parser:
    """Recursive descent over the signs of one phrase; depth is bounded by MAX_DEPTH."""

    def __init__(self, phrase: str, where: str) -> None:
        self._phrase = phrase
        self._where = where
        self._text = phrase.strip()
        self._at = 0

    def parse(self) -> tuple[tuple[Variant, ...], bool]:
        if len(self._text) > MAX_CHARS:
            raise self._error(f"it has {len(self._text)} characters, at most {MAX_CHARS} are allowed")
        excludes = self._accept("!")
        at_start = self._accept("^")
        at_end = self._text.endswith("$")
        self._text = self._text.removesuffix("$")
        sequences = self._alternatives(0, closing="")
        variants = tuple(
            Variant(slots, at_start, at_end) for slots in dict.fromkeys(self._slots(found) for found in sequences) if slots
        )
        asking = [variant for variant in variants if any(not slot.is_optional for slot in variant.slots)]
        if not asking or len(asking) < len(variants):
            raise self._error("it can match without a single word, so it says nothing")
        if all(atom == Atom("class", "any") for variant in variants for slot in variant.slots for atom in slot.atoms):
            raise self._error("it matches every word")
        return variants, excludes

    def _error(self, reason: str) -> RubricError:
        shown = self._phrase if len(self._phrase) <= 80 else self._phrase[:77] + "..."
        return RubricError(
            f"phrase {shown!r}: {reason}", where=self._where, hint="see the notation of phrases in rubrics/README.md"
        )

    def _accept(self, sign: str) -> bool:
        self._skip_blanks()
        if self._text.startswith(sign, self._at):
            self._at += len(sign)
            return True
        return False

    def _skip_blanks(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _alternatives(self, depth: int, closing: str) -> list[_Sequence]:
        """Read sequences parted by "|" up to `closing`; single words of different alternatives share one slot."""
        if depth > MAX_DEPTH:
            raise self._error(f"brackets are nested deeper than {MAX_DEPTH}")
        found = self._sequence(depth, closing)
        while self._accept("|"):
            if not closing:
                raise self._error('"|" stands outside of brackets')
            found += self._sequence(depth, closing)
        self._check_size(found)
        if closing and not self._accept(closing):
            raise self._error(f'"{closing}" is missing')
        if not closing and self._at < len(self._text):
            raise self._error(f'"{self._text[self._at]}" stands where a word was expected')
        return _merge_single_words(found)

    def _sequence(self, depth: int, closing: str) -> list[_Sequence]:
        """Read elements up to "|" or a closing sign; return every way to say them."""
        ways: list[_Sequence] = [()]
        n_read = 0
        while True:
            self._skip_blanks()
            if self._at >= len(self._text) or self._text[self._at] in "|)]}":
                break
            choices = self._element(depth)
            n_read += bool(choices)
            if not choices:
                continue
            if len(ways) * len(choices) > MAX_VARIANTS:
                raise self._error(f"it can be said in more than {MAX_VARIANTS} ways; split it")
            ways = [way + choice for way in ways for choice in choices]
        if closing and not n_read:
            raise self._error("an alternative is empty")
        self._check_size(ways)
        return ways

    def _check_size(self, ways: list[_Sequence]) -> None:
        if len(ways) > MAX_VARIANTS:
            raise self._error(f"it can be said in more than {MAX_VARIANTS} ways; split it")
        if any(len(way) > 2 * MAX_SLOTS for way in ways):
            raise self._error(f"it has more than {MAX_SLOTS} words")

    def _element(self, depth: int) -> list[_Sequence]:
        """Read one word, group, class or gap; return the ways to say it (none for a bare sign)."""
        if self._accept("("):
            return self._alternatives(depth + 1, ")")
        if self._accept("["):
            return _optional(self._alternatives(depth + 1, "]"))
        if self._accept("{"):
            return self._free_order(depth)
        if self._text.startswith(("..", "…"), self._at):
            return [(_Gap(self._gap_words()),)]
        return self._words_or_class()

    def _words_or_class(self) -> list[_Sequence]:
        if self._accept('"'):
            return [self._words(self._until('"'), "exact")]
        if self._accept("<"):
            return [(Slot(frozenset({self._class_of(self._until(">"))})),)]
        return self._plain()

    def _until(self, closing: str) -> str:
        end = self._text.find(closing, self._at)
        if end < 0:
            raise self._error(f"'{closing}' is missing")
        inside = self._text[self._at : end]
        self._at = end + 1
        return inside

    def _class_of(self, name: str) -> Atom:
        found = CLASSES.get(name.strip().casefold())
        if found is None:
            raise self._error(f"<{name}> is no class; there are {', '.join(f'<{known}>' for known in CLASSES)}")
        return Atom("class", found)

    def _gap_words(self) -> int:
        if self._accept("...") or self._accept("…"):
            return _DEFAULT_GAP
        self._at += 2
        start = self._at
        while self._at < len(self._text) and self._text[self._at].isdigit() and self._at - start < 3:
            self._at += 1
        digits = self._text[start : self._at]
        if not digits or int(digits) > _MAX_GAP:
            raise self._error(f'".." needs a number of words up to {_MAX_GAP} after it, as in "..5"')
        return int(digits)

    def _plain(self) -> list[_Sequence]:
        """Read a run of signs up to a blank or a special sign; punctuation alone is nothing."""
        start = self._at
        while self._at < len(self._text) and not self._text[self._at].isspace() and self._text[self._at] not in _SPECIAL:
            if self._text.startswith("..", self._at):
                break
            self._at += 1
        if self._at == start:
            if self._text[start] == "!":
                self._at += 1
                return []
            raise self._error(f'"{self._text[start]}" stands where a word was expected')
        words = self._words(self._text[start : self._at], "lemma")
        if not self._text.startswith("/", self._at):
            return [words] if words else []
        self._at += 1
        return [self._hinted(words)]

    def _hinted(self, words: _Sequence) -> _Sequence:
        start = self._at
        while self._at < len(self._text) and self._text[self._at].isalpha():
            self._at += 1
        hint = HINTS.get(self._text[start : self._at].upper())
        if hint is None:
            raise self._error(f'"/{self._text[start : self._at]}" is no part of speech; there are {", ".join(HINTS)}')
        last = words[-1] if words else None
        if len(words) != 1 or not isinstance(last, Slot):
            raise self._error("a part of speech belongs to a single word")
        return (replace(last, atoms=frozenset(replace(atom, hint=hint) for atom in last.atoms)),)

    def _words(self, text: str, kind: str) -> _Sequence:
        words = tuple(Slot(frozenset({Atom(kind, token)})) for token in text_tokens(text))
        if kind == "exact" and not words:
            raise self._error("there is no word inside the quotes")
        return words

    def _free_order(self, depth: int) -> list[_Sequence]:
        """Read "{a b c}": the elements in any order; a gap among them may stand between any two."""
        members: list[list[_Sequence]] = []
        gap: _Sequence = ()
        while not self._accept("}"):
            if self._at >= len(self._text) or self._text[self._at] in "|)]":
                raise self._error('"}" is missing')
            if depth >= MAX_DEPTH:
                raise self._error(f"brackets are nested deeper than {MAX_DEPTH}")
            choices = self._element(depth + 1)
            if len(choices) == 1 and len(choices[0]) == 1 and isinstance(choices[0][0], _Gap):
                gap = choices[0]
            elif choices:
                members.append(choices)
        if not 2 <= len(members) <= MAX_FREE_ORDER:
            raise self._error(f"{{ }} takes 2 to {MAX_FREE_ORDER} members, not {len(members)}")
        found: list[_Sequence] = []
        for order in permutations(members):
            ways: list[_Sequence] = [()]
            for choices in order:
                if len(ways) * len(choices) > MAX_VARIANTS:
                    raise self._error(f"it can be said in more than {MAX_VARIANTS} ways; split it")
                ways = [(way + gap if way else way) + choice for way in ways for choice in choices]
            found += ways
            self._check_size(found)
        return found

    def _slots(self, sequence: _Sequence) -> tuple[Slot, ...]:
        slots: list[Slot] = []
        gap: int | None = None
        for element in sequence:
            if isinstance(element, _Gap):
                gap = element.words if gap is None else max(gap, element.words)
                continue
            slots.append(replace(element, gap=gap if slots else None))
            gap = None
        if len(slots) > MAX_SLOTS:
            raise self._error(f"it has {len(slots)} words, at most {MAX_SLOTS} are allowed")
        return tuple(slots)


def _merge_single_words(ways: list[_Sequence]) -> list[_Sequence]:
    """Join the ways that are a single plain slot into one slot, so that they do not multiply."""
    single = [way[0] for way in ways if len(way) == 1 and isinstance(way[0], Slot) and not way[0].is_optional]
    others = [way for way in ways if not (len(way) == 1 and isinstance(way[0], Slot) and not way[0].is_optional)]
    if not single:
        return ways
    return [(Slot(frozenset().union(*(slot.atoms for slot in single))),), *others]


def _optional(ways: list[_Sequence]) -> list[_Sequence]:
    """Return `ways` or nothing at all; a single slot stays one way by being marked."""
    single = [way for way in ways if len(way) == 1 and isinstance(way[0], Slot)]
    others = [way for way in ways if way not in single]
    marked: list[_Sequence] = [(replace(slot, is_optional=True),) for way in single for slot in way if isinstance(slot, Slot)]
    return [*marked, *others] if marked else [(), *others]
