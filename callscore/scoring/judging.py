"""What the `judge` check asks a language model, and which answers it accepts. Pure; how the model is reached is not known here.

Nothing but masked turns ever gets into a question. An answer counts only with a quote that stands in the turn it names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from callscore.masking import Piece
from callscore.phrases import text_tokens
from callscore.records import Role

__all__ = [
    "MOST_CHARS",
    "Ask",
    "AskedTurn",
    "JudgeAnswer",
    "JudgeQuestion",
    "Quoted",
    "Ruling",
    "Silence",
    "find_quote",
    "is_backed",
    "off",
]

MIN_QUOTE_WORDS: Final = 3
"""A shorter quote ("да", "ну хорошо") stands in any call and proves nothing, unless it is all that was said in the turn."""
_LEAST_OWN_WORDS: Final = 2
MOST_CHARS: Final = 200_000
"""A longer passage is given up before it is masked; judge.max_chars of the settings cannot be higher."""


class Ruling(StrEnum):
    """What a language model may answer."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"
    UNCLEAR = "unclear"


class Silence(StrEnum):
    """Why there is no answer: no model is configured, it did not answer, its answer is of no use, the turns are too long."""

    OFF = "off"
    DOWN = "down"
    VOID = "void"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTurn:
    """A masked turn. `number` counts from 1 within the question; only a turn that `may_be_quoted` can prove anything."""

    number: int
    role: Role
    pieces: tuple[Piece, ...]
    may_be_quoted: bool

    @property
    def text(self) -> str:
        """The masked words."""
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeQuestion:
    """A question that yes or no answers, and the masked turns it is about. Holds nothing that names the call."""

    text: str
    language: str
    turns: tuple[AskedTurn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeAnswer:
    """A language model's answer. `turn` is 0 and `quote` empty where it names no words."""

    ruling: Ruling
    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """Where a quote stands: the turn, and the first and last of its words (inclusive), counted before masking."""

    turn: AskedTurn
    first_word: int
    last_word: int


class Ask(Protocol):
    """Puts a question to a language model. Never raises; whatever goes wrong is a Silence."""

    def __call__(self, question: JudgeQuestion) -> JudgeAnswer | Silence:
        """Return the answer, or why there is none."""
        ...


def off(question: JudgeQuestion) -> Silence:
    """Answer nothing: no language model is configured."""
    del question
    return Silence.OFF


def is_backed(question: JudgeQuestion, answer: JudgeAnswer) -> bool:
    """Tell whether the words support the answer: a yes needs a quote that is there; what else is quoted must be there too."""
    if answer.quote or answer.ruling is Ruling.YES:
        return find_quote(question, answer) is not None
    return True


def find_quote(question: JudgeQuestion, answer: JudgeAnswer) -> Quoted | None:
    """Return where the quote stands in the turn the answer names; case, punctuation, blanks and ё do not matter.

    None where there is no such turn, it may not be quoted, the quote is too short to prove anything, or is not there.
    """
    wanted = text_tokens(answer.quote)
    for turn in question.turns:
        if turn.number == answer.turn and turn.may_be_quoted:
            return _place(turn, wanted)
    return None


def _place(turn: AskedTurn, wanted: Sequence[str]) -> Quoted | None:
    known = [(token, piece) for piece in turn.pieces for token in text_tokens(piece.text)]
    tokens = tuple(token for token, _piece in known)
    is_whole = len(wanted) == len(tokens)
    if not wanted or (len(wanted) < MIN_QUOTE_WORDS and not is_whole):
        return None
    for at in range(len(tokens) - len(wanted) + 1):
        if tokens[at : at + len(wanted)] == tuple(wanted):
            pieces = [piece for _token, piece in known[at : at + len(wanted)]]
            n_own = sum(not piece.kind for piece in pieces)
            return Quoted(turn, pieces[0].first, pieces[-1].last) if n_own >= _LEAST_OWN_WORDS else None
    return None
