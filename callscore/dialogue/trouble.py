"""When a call was heard too badly to judge anybody by it: from its turns, metrics and the notes of the stages. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callscore.records import CallMetrics, Dialogue, Role

__all__ = ["Trouble", "TroubleKind", "find_troubles"]

_SPEAKING_CLIENT_MS: Final = 8000
"""A client who speaks that long without any answer talks to somebody who was not recorded, or not heard."""
_NO_OPERATOR_MS: Final = 1000
_LITTLE_UNRECOGNISED_MS: Final = 5000
_MOST_FRAC: Final = 0.5
_SILENT_LEG: Final = "silent_leg"
_CERTAIN_ROLE: Final = 0.8


class TroubleKind(StrEnum):
    """Why a call gets no verdicts. The notes of the same name come from the audio stage."""

    OPERATOR_NOT_HEARD = "operator_not_heard"
    """The client talks, but of the operator there is nothing."""
    ONE_PARTY = "one_party"
    """One leg is silent, and it is not certain who speaks on the other: it may be the client who would be judged."""
    MOSTLY_UNRECOGNISED = "mostly_unrecognised"
    """Of most of the speech no words were recognised."""
    ODD_RATE = "odd_rate"
    """The recording plays too fast or too slow: its header names a wrong sample rate."""
    LEGS_SHIFTED = "legs_shifted"
    """One leg lies seconds before or after the other: who said what first is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One reason, with a figure for it: a time in ms, a share, or nothing."""

    kind: TroubleKind
    ms: int | None = None
    frac: float | None = None


def find_troubles(dialogue: Dialogue, metrics: CallMetrics, notes: Iterable[str]) -> tuple[Trouble, ...]:
    """Return what makes verdicts on a call worthless, nothing for a call that can be judged.

    A client who leaves a message after a recorded prompt is no trouble, nor is a call in which hardly anybody speaks.

    Args:
        dialogue: the call.
        metrics: of the dialogue.
        notes: codes of the stages, `code` or `code:milliseconds`.
    """
    notes, troubles = tuple(notes), []
    nobody = metrics.operator_talk_ms < _NO_OPERATOR_MS and metrics.client_talk_ms >= _SPEAKING_CLIENT_MS
    if nobody and (_SILENT_LEG in notes or not dialogue.spoken(Role.SYSTEM)):
        troubles.append(Trouble(kind=TroubleKind.OPERATOR_NOT_HEARD, ms=metrics.client_talk_ms))
    if _SILENT_LEG in notes and _is_somebody_alone(dialogue) and metrics.operator_talk_ms >= _SPEAKING_CLIENT_MS:
        troubles.append(Trouble(kind=TroubleKind.ONE_PARTY, ms=metrics.operator_talk_ms))
    speech_ms = metrics.operator_talk_ms + metrics.client_talk_ms + metrics.unrecognised_ms
    if metrics.unrecognised_ms >= max(_LITTLE_UNRECOGNISED_MS, _MOST_FRAC * speech_ms):
        troubles.append(Trouble(kind=TroubleKind.MOSTLY_UNRECOGNISED, frac=metrics.unrecognised_ms / speech_ms))
    for note in notes:
        code, _, ms = note.partition(":")
        if code in (TroubleKind.ODD_RATE, TroubleKind.LEGS_SHIFTED):
            troubles.append(Trouble(kind=TroubleKind(code), ms=int(ms) if ms else None))
    return tuple(troubles)


def _is_somebody_alone(dialogue: Dialogue) -> bool:
    """Tell whether the only one who speaks is taken for the operator without being surely so."""
    turns = dialogue.spoken(Role.OPERATOR)
    return bool(turns) and not dialogue.spoken(Role.CLIENT) and min(turn.role_confidence for turn in turns) < _CERTAIN_ROLE
