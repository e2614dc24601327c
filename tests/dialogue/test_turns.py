"""Utterances and sounds -> turns."""

from __future__ import annotations

from callscore.dialogue.align import SpeakerUtterance
from callscore.dialogue.turns import RoledUtterance, build_turns, sound_turns
from callscore.records import Role, Sound, SoundKind, TurnKind, VoiceActivity
from callscore.units import Span
from tests.builders import words


def said(role: Role, start: int, end: int, text: str, confidence: float = 1.0) -> RoledUtterance:
    """Build an utterance of a speaker named like the role."""
    utterance = SpeakerUtterance(speaker=role.value, channel=0, words=words(text, Span(start, end)))
    return RoledUtterance(utterance=utterance, role=role, confidence=confidence)


def activity(channel: int, *sounds: Sound) -> VoiceActivity:
    """Build a channel that holds only sounds."""
    return VoiceActivity(channel=channel, duration_ms=60_000, speech=(), sounds=sounds)


def test_one_speakers_utterances_join_until_another_speaks() -> None:
    """A turn is one role's run of speech."""
    turns = build_turns(
        [
            said(Role.OPERATOR, 0, 1000, "добрый день"),
            said(Role.OPERATOR, 1900, 2500, "слушаю"),
            said(Role.CLIENT, 3000, 3500, "алло"),
            said(Role.OPERATOR, 4000, 4500, "да"),
        ],
        (),
    )
    assert [(turn.turn_no, turn.role, turn.text) for turn in turns] == [
        (0, Role.OPERATOR, "добрый день слушаю"),
        (1, Role.CLIENT, "алло"),
        (2, Role.OPERATOR, "да"),
    ]


def test_a_long_pause_and_a_hold_end_a_turn() -> None:
    """What was said before and after a hold are two turns, and so is speech after three seconds."""
    sounds = sound_turns([activity(0, Sound(span=Span(1500, 2500), kind=SoundKind.MUSIC))])
    turns = build_turns(
        [
            said(Role.OPERATOR, 0, 1000, "минуту"),
            said(Role.OPERATOR, 3000, 4000, "спасибо"),
            said(Role.OPERATOR, 7000, 8000, "вот"),
        ],
        sounds,
    )
    assert [(turn.kind, turn.text) for turn in turns] == [
        (TurnKind.SPEECH, "минуту"),
        (TurnKind.HOLD, ""),
        (TurnKind.SPEECH, "спасибо"),
        (TurnKind.SPEECH, "вот"),
    ]


def test_music_on_both_legs_is_one_hold_and_rings_join() -> None:
    """The same music heard twice is held once; bursts of a ring-back tone are one ringing; noise is no turn."""
    turns = sound_turns(
        [
            activity(
                0,
                Sound(span=Span(0, 1000), kind=SoundKind.TONE),
                Sound(span=Span(5000, 6000), kind=SoundKind.TONE),
                Sound(span=Span(20_000, 30_000), kind=SoundKind.MUSIC),
            ),
            activity(
                1,
                Sound(span=Span(21_000, 31_000), kind=SoundKind.MUSIC),
                Sound(span=Span(50_000, 55_000), kind=SoundKind.NOISE),
            ),
        ]
    )
    assert [(turn.kind, turn.span) for turn in turns] == [
        (TurnKind.HOLD, Span(20_000, 31_000)),
        (TurnKind.RING, Span(0, 6000)),
    ]


def test_role_confidence_is_weighted_by_words() -> None:
    """Three sure words and one doubtful make a turn of three quarters and a bit."""
    turns = build_turns(
        [said(Role.CLIENT, 0, 900, "да я слушаю", 1.0), said(Role.CLIENT, 1000, 1200, "угу", 0.6)],
        (),
    )
    assert turns[0].role_confidence == 0.9
