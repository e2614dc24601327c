"""The examples' notation -> a Dialogue: lines "O: ...", "C: ...", "S: ...", "[hold 20]", "[ring 3]", "[silence 18]". Pure."""

from __future__ import annotations

import re
from typing import Final

from callscore.records import Dialogue, Layout, Role, Turn, TurnKind, Word
from callscore.units import Span

__all__ = ["dialogue_from_text"]

_ROLES: Final = {"O": Role.OPERATOR, "C": Role.CLIENT, "S": Role.SYSTEM}
_KINDS: Final = {"hold": TurnKind.HOLD, "ring": TurnKind.RING}
_EVENT: Final = re.compile(r"\[(hold|ring|silence) (\d{1,4}(?:\.\d)?)\]\Z")
_MS_PER_WORD: Final = 400
_GAP_MS: Final = 300
_LAST_MS: Final = 500


def dialogue_from_text(text: str, language: str) -> Dialogue:
    r"""Return the dialogue that `text` describes; words take 0.4 s each, turns follow each other after 0.3 s.

    >>> call = dialogue_from_text("O: Добрый день!\n[hold 20]\nC: Алло?", "ru")
    >>> [(turn.role.value, turn.kind.value) for turn in call.turns]
    [('operator', 'speech'), ('system', 'hold'), ('client', 'speech')]

    Raises:
        ValueError: naming the line that is in no known form.
    """
    turns: list[Turn] = []
    at = 0
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        event = _EVENT.match(line)
        if event:
            length = round(1000 * float(event[2]))
            if event[1] in _KINDS:
                span = Span(at, at + length)
                turns.append(
                    Turn(turn_no=len(turns), kind=_KINDS[event[1]], role=Role.SYSTEM, speaker="system", channel=0, span=span)
                )
            at += length
            continue
        turns.append(_spoken(line, len(turns), at))
        at = turns[-1].span.end_ms + _GAP_MS
    return Dialogue(duration_ms=at + _LAST_MS, layout=Layout.STEREO, language=language, turns=tuple(turns))


def _spoken(line: str, turn_no: int, at: int) -> Turn:
    mark, colon, said = line.partition(":")
    if not colon or mark.strip().upper() not in _ROLES or not said.strip():
        raise ValueError(f"the line {line!r} is none of 'O: ...', 'C: ...', 'S: ...', '[hold 20]', '[ring 3]', '[silence 18]'")
    role = _ROLES[mark.strip().upper()]
    words = tuple(
        Word(span=Span(at + i * _MS_PER_WORD, at + (i + 1) * _MS_PER_WORD), text=text, prob=1.0)
        for i, text in enumerate(said.split())
    )
    return Turn(
        turn_no=turn_no,
        kind=TurnKind.SPEECH,
        role=role,
        speaker=role.value,
        channel=1 if role is Role.CLIENT else 0,
        span=Span(at, words[-1].span.end_ms),
        words=words,
    )
