"""A transcript made elsewhere: its records, the meaning of speaker names, and word times where none are given. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.records import Role, TurnKind, Word
from callscore.units import Span

__all__ = ["Script", "ScriptTurn", "clean_text", "role_of_speaker", "spread_words"]

_ROLES: Final = {
    Role.OPERATOR: ("operator", "agent", "manager", "employee", "оператор", "менеджер", "консультант", "сотрудник"),
    Role.CLIENT: ("client", "customer", "клиент", "покупатель", "заказчик", "абонент"),
    Role.SYSTEM: ("ivr", "system", "prompt", "autoattendant", "автоответчик", "система", "автоинформатор"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTurn:
    """One turn as given. `speaker` is empty and `role` and `channel` are None where the script does not say.

    Turns of kind hold and ring have no words and role system.
    """

    span: Span
    kind: TurnKind
    speaker: str
    role: Role | None
    channel: int | None
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The turns of one call in order of start; they may overlap. `language` is an ISO 639-1 code if the script names one."""

    turns: tuple[ScriptTurn, ...]
    language: str | None

    @property
    def sha256(self) -> str:
        """A hash of everything that is said, for telling whether a call must be processed again."""
        return hashlib.sha256(repr((self.turns, self.language)).encode()).hexdigest()


def role_of_speaker(name: str) -> Role | None:
    """Return the role that a speaker's name states, None if it states none.

    >>> role_of_speaker("operator2"), role_of_speaker("Клиент"), role_of_speaker("SPEAKER_00")
    (<Role.OPERATOR: 'operator'>, <Role.CLIENT: 'client'>, None)
    """
    plain = re.sub(r"[\W\d_]+", "", name.lower())
    return next((role for role, names in _ROLES.items() if plain in names), None)


def clean_text(text: str) -> str:
    r"""Return `text` without invisible signs, broken letters and control codes.

    >>> clean_text("до\u00adстав\x00ка\ud800 завтра")
    'доставка завтра'
    """
    return "".join(ch for ch in text if ch.isprintable() or ch.isspace())


def spread_words(texts: Sequence[str], span: Span, prob: float = 1.0) -> tuple[Word, ...]:
    """Return words that fill `span` one after another, each for a time in proportion to its length.

    >>> [word.span.start_ms for word in spread_words(["да,", "хорошо"], Span(0, 900))]
    [0, 300]
    """
    total = sum(len(text) for text in texts)
    words: list[Word] = []
    said = 0
    for text in texts:
        start = span.start_ms + span.length_ms * said // total
        said += len(text)
        words.append(Word(span=Span(start, span.start_ms + span.length_ms * said // total), text=text, prob=prob))
    return tuple(words)
