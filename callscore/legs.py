"""From decoded channels to legs: which to hear, where each holds its own party's speech, what is wrong with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from callscore.audio import AudioNote, Decoded, judge_layout
from callscore.records import Diarization, Layout, SoundKind, VoiceActivity
from callscore.transcribe.base import Channel
from callscore.units import covered_ms, merge_spans
from callscore.vad import VoiceDetector
from callscore.vad.alignment import find_shift_ms, missing_spans
from callscore.vad.bleed import mute, remove_bleed
from callscore.vad.pace import is_odd_rate, measure_pace

__all__ = ["Legs", "find_legs", "has_long_pauses", "takes_turns"]

_log = logging.getLogger(__name__)

_TALK_MS: Final = 2000

# A leg beside a silent one: in a conversation, the pauses of one party are a third to three quarters of the time, those of both
# together a tenth to a third. A diarizer finds two voices in one party's speech too, but they seldom follow each other.
_LONG_PAUSES: Final = 0.3
_MIN_VOICE_FRAC: Final = 0.2
_MIN_CHANGES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """The channels to hear, one or two, each with its speech; codes of `AudioNote`, some with `:milliseconds`, sorted."""

    layout: Layout
    channels: tuple[Channel, ...]
    notes: tuple[str, ...]


def find_legs(decoded: Decoded, rate_hz: int, detector: VoiceDetector, call_id: str) -> Legs:
    """Return what is to be heard of a decoded recording: on stereo without what one leg only hears of the other.

    Args:
        decoded: the channels.
        rate_hz: the sample rate that the file's header names.
        detector: finds speech.
        call_id: for the log.
    """
    verdict = judge_layout(decoded.channels)
    heard = [Channel(audio, detector.detect(audio)) for audio in (decoded.channels[number] for number in verdict.channels)]
    notes = {*decoded.notes, *verdict.notes}
    if verdict.layout is Layout.STEREO:
        heard, has_bleed = _without_bleed(heard, call_id)
        if has_bleed:
            notes.add(AudioNote.BLEED)
        if _is_one_sided(heard):
            notes.add(AudioNote.SILENT_LEG)
        notes |= _time_notes(heard)
    paces = [measure_pace(channel.audio, channel.activity.speech) for channel in heard]
    if is_odd_rate([pace for pace in paces if pace is not None], rate_hz):
        notes.add(AudioNote.ODD_RATE)
    return Legs(layout=verdict.layout, channels=tuple(heard), notes=tuple(sorted(notes)))


def has_long_pauses(activity: VoiceActivity) -> bool:
    """Tell whether the speech of a channel leaves room for another party's turns."""
    if not activity.speech:
        return True
    extent_ms = activity.speech[-1].end_ms - activity.speech[0].start_ms
    return covered_ms(activity.speech) < (1 - _LONG_PAUSES) * extent_ms


def takes_turns(diarization: Diarization) -> bool:
    """Tell whether two voices, each with a fair part, take turns on a channel."""
    spans = sorted(diarization.spans, key=lambda item: item.span.start_ms)
    talk_ms: dict[str, int] = {}
    for item in spans:
        talk_ms[item.speaker] = talk_ms.get(item.speaker, 0) + item.span.length_ms
    fair = [speaker for speaker, ms in talk_ms.items() if ms >= _MIN_VOICE_FRAC * sum(talk_ms.values())]
    changes = sum(a.speaker != b.speaker for a, b in pairwise(item for item in spans if item.speaker in fair))
    return len(fair) > 1 and changes >= _MIN_CHANGES


def _is_one_sided(heard: list[Channel]) -> bool:
    """Tell whether one leg holds neither speech nor music nor tones while somebody speaks on the other."""
    is_empty = [
        not channel.activity.speech and all(sound.kind is SoundKind.NOISE for sound in channel.activity.sounds)
        for channel in heard
    ]
    talk_ms = max(covered_ms(channel.activity.speech) for channel in heard)
    return any(is_empty) and talk_ms >= _TALK_MS


def _time_notes(heard: list[Channel]) -> set[str]:
    """Return notes with milliseconds on a leg that was not recorded all the time, or at another time than the other."""
    left, right = heard
    gone = [missing_spans(left.audio, right.activity.speech), missing_spans(right.audio, left.activity.speech)]
    missing = merge_spans((*gone[0], *gone[1]))
    # A leg that begins later and was laid at the beginning all the same lacks sound at its end: it has to be moved by so much.
    ends_ms = [sum(span.length_ms for span in spans if span.start_ms) for spans in gone]
    speech, length_ms = (left.activity.speech, right.activity.speech), left.audio.duration_ms
    shift_ms = find_shift_ms(*speech, length_ms)
    for suspected_ms in (ends_ms[1], -ends_ms[0]):
        if shift_ms is None and suspected_ms:
            shift_ms = find_shift_ms(*speech, length_ms, suspected_ms)
    notes = set()
    if missing:
        notes.add(f"{AudioNote.LATE_LEG}:{covered_ms(missing)}")
    if shift_ms is not None:
        notes.add(f"{AudioNote.LEGS_SHIFTED}:{abs(shift_ms)}")
    return notes


def _without_bleed(heard: list[Channel], call_id: str) -> tuple[list[Channel], bool]:
    """Return two legs with the bleed cut out of speech and sound, and whether it is worth a note."""
    left, right = heard
    bleed = remove_bleed((left.audio, right.audio), (left.activity, right.activity))
    for number, leaks in enumerate(bleed.leaks):
        cut_s = covered_ms(bleed.cut[number]) / 1000
        for leak in leaks if cut_s else ():
            _log.info("call %s: leg %d hears the other at %.1f dB, %d ms late", call_id, number, leak.gain_db, leak.lag_ms)
    # Muted, not only left out: nobody is to be given the other's words in a second listen either.
    legs = [
        Channel(mute(channel.audio, cut), activity)
        for channel, cut, activity in zip(heard, bleed.cut, bleed.activities, strict=True)
    ]
    return legs, any(bleed.is_noteworthy(number) for number in range(2))
