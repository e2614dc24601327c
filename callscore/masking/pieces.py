"""The words of a turn as pieces that may be replaced by a placeholder and still know which words they stand for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.phrases import text_tokens

__all__ = ["PLACEHOLDERS", "Kind", "Piece", "cut_pieces", "replaced"]

Kind = str
"""What a placeholder stands for: name, number, address or email."""

PLACEHOLDERS: Final[dict[str, dict[Kind, str]]] = {
    "ru": {"name": "[имя]", "number": "[номер]", "address": "[адрес]", "email": "[почта]"},
    "en": {"name": "[name]", "number": "[number]", "address": "[address]", "email": "[email]"},
}
_KINDS: Final = {text: kind for texts in PLACEHOLDERS.values() for kind, text in texts.items()}
_PLACEHOLDER: Final = re.compile(r"(\[\w+\])[.,!?…:;]*\Z")
_TAIL: Final = re.compile(r"[.,!?…:;]*\Z")
_ENDS: Final = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, or the placeholder for words `first..last` (inclusive, counted from 0). `kind` is empty for a word."""

    text: str
    first: int
    last: int
    kind: Kind = ""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The piece's comparable tokens; none for a placeholder, which no rule may touch again."""
        return () if self.kind else text_tokens(self.text)

    @property
    def ends_sentence(self) -> bool:
        """Whether a sentence ends with this piece."""
        return self.text.endswith(_ENDS)

    @property
    def is_capital(self) -> bool:
        """Whether it is a word that begins with a capital letter."""
        return not self.kind and self.text.lstrip("«\"'(")[:1].isupper()


def cut_pieces(words: Sequence[str]) -> tuple[Piece, ...]:
    """Return the words as pieces; a word that holds blanks gives several, one that is a placeholder already stays one."""
    found = []
    for at, word in enumerate(words):
        for text in word.split():
            known = _PLACEHOLDER.match(text)
            found.append(Piece(text, at, at, _KINDS.get(known.group(1), "") if known else ""))
    return tuple(found)


def replaced(pieces: Sequence[Piece], stretches: Sequence[tuple[int, int]], kind: Kind, language: str) -> tuple[Piece, ...]:
    """Return the pieces with each stretch `(first, last)` replaced by one placeholder that keeps the closing punctuation.

    The stretches are sorted, inclusive, and do not overlap.
    """
    done: list[Piece] = []
    at = 0
    for first, last in stretches:
        tail = _TAIL.search(pieces[last].text)
        text = PLACEHOLDERS.get(language, PLACEHOLDERS["en"])[kind] + (tail.group() if tail else "")
        done += [*pieces[at:first], Piece(text, pieces[first].first, pieces[last].last, kind)]
        at = last + 1
    return (*done, *pieces[at:])
