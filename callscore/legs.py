"""From decoded channels to legs: which to hear, where each holds its own party's speech, what is wrong with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final

from callscore.audio import AudioNote, Decoded, judge_layout
from callscore.records import Layout, SoundKind
from callscore.transcribe.base import Channel
from callscore.units import covered_ms
from callscore.vad import VoiceDetector
from callscore.vad.alignment import find_shift_ms, missing_spans
from callscore.vad.bleed import mute, remove_bleed
from callscore.vad.pace import is_odd_rate, measure_pace

__all__ = ["Legs", "find_legs"]

_log = logging.getLogger(__name__)

_TALK_MS: Final = 2000


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
    missing = (*missing_spans(left.audio, right.activity.speech), *missing_spans(right.audio, left.activity.speech))
    shift_ms = find_shift_ms(left.activity.speech, right.activity.speech, left.audio.duration_ms)
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
