"""Utterances with roles and sounds -> the numbered turns of a dialogue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from callscore.dialogue.align import SpeakerUtterance
from callscore.records import Role, SoundKind, Turn, TurnKind, VoiceActivity, Word
from callscore.units import Span, merge_spans

__all__ = ["RoledUtterance", "build_turns", "sound_turns"]

# The same speaker going on after so long a pause starts a new turn, so that a turn never hides a silence worth asking about.
TURN_PAUSE_MS: Final = 3000

# Dips in hold music shorter than this do not make two holds of one.
HOLD_GAP_MS: Final = 2000

# Russian ring-back tone sounds 1 s and pauses 4 s.
RING_GAP_MS: Final = 4600

# A shorter tone is a beep or a key, no ringing.
MIN_RING_MS: Final = 800

SYSTEM_SPEAKER: Final = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoledUtterance:
    """An utterance whose speaker's role is known with `confidence` 0..1."""

    utterance: SpeakerUtterance
    role: Role
    confidence: float


def build_turns(utterances: Iterable[RoledUtterance], sounds: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return all turns in order of start, numbered from 0.

    One speaker's utterances join into a turn until somebody else speaks, a sound comes between, or a pause of TURN_PAUSE_MS.
    """
    ordered = sorted(utterances, key=lambda item: (item.utterance.span.start_ms, item.utterance.span.end_ms))
    turns: list[Turn] = []
    run: list[RoledUtterance] = []
    for item in ordered:
        if run and not _continues(run, item, sounds):
            turns.append(_join(run))
            run = []
        run.append(item)
    if run:
        turns.append(_join(run))
    everything = sorted([*turns, *sounds], key=lambda turn: (turn.span.start_ms, turn.span.end_ms, turn.kind))
    return tuple(replace(turn, turn_no=number) for number, turn in enumerate(everything))


def sound_turns(activities: Iterable[VoiceActivity]) -> tuple[Turn, ...]:
    """Return hold music and signalling tones of all channels as turns of role `system`; a sound on both legs is one turn."""
    music: list[Span] = []
    tones: list[Span] = []
    for activity in activities:
        music += [sound.span for sound in activity.sounds if sound.kind is SoundKind.MUSIC]
        tones += [sound.span for sound in activity.sounds if sound.kind is SoundKind.TONE]
    rings = [span for span in merge_spans(tones, RING_GAP_MS) if span.length_ms >= MIN_RING_MS]
    kinds = ((TurnKind.HOLD, merge_spans(music, HOLD_GAP_MS)), (TurnKind.RING, rings))
    return tuple(
        Turn(turn_no=0, kind=kind, role=Role.SYSTEM, speaker=SYSTEM_SPEAKER, channel=0, span=span)
        for kind, spans in kinds
        for span in spans
    )


def _continues(run: Sequence[RoledUtterance], item: RoledUtterance, sounds: Sequence[Turn]) -> bool:
    last = run[-1]
    same = (last.utterance.speaker, last.utterance.channel, last.role) == (
        item.utterance.speaker,
        item.utterance.channel,
        item.role,
    )
    pause = Span(min(last.utterance.span.end_ms, item.utterance.span.start_ms), item.utterance.span.start_ms)
    if not same or pause.length_ms >= TURN_PAUSE_MS:
        return False
    return not any(pause.start_ms <= sound.span.middle_ms < pause.end_ms for sound in sounds)


def _join(run: Sequence[RoledUtterance]) -> Turn:
    words: tuple[Word, ...] = tuple(word for item in run for word in item.utterance.words)
    weight = sum(len(item.utterance.words) for item in run)
    return Turn(
        turn_no=0,
        kind=TurnKind.SPEECH,
        role=run[0].role,
        speaker=run[0].utterance.speaker,
        channel=run[0].utterance.channel,
        span=Span(words[0].span.start_ms, max(word.span.end_ms for word in words)),
        words=words,
        role_confidence=sum(item.confidence * len(item.utterance.words) for item in run) / weight,
    )
