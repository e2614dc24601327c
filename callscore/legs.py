"""From decoded channels to legs: which to hear, where each holds its own party's speech, what is wrong with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from callscore.audio import AudioNote, Decoded, judge_layout
from callscore.records import Layout
from callscore.transcribe.base import Channel
from callscore.units import covered_ms
from callscore.vad import VoiceDetector
from callscore.vad.bleed import mute, remove_bleed

__all__ = ["Legs", "find_legs"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """The channels to hear, one or two, each with its speech, and codes of `AudioNote`, sorted."""

    layout: Layout
    channels: tuple[Channel, ...]
    notes: tuple[str, ...]


def find_legs(decoded: Decoded, detector: VoiceDetector, call_id: str) -> Legs:
    """Return what is to be heard of a decoded recording: on stereo without what one leg only hears of the other."""
    verdict = judge_layout(decoded.channels)
    heard = [Channel(audio, detector.detect(audio)) for audio in (decoded.channels[number] for number in verdict.channels)]
    notes = {*decoded.notes, *verdict.notes}
    if verdict.layout is Layout.STEREO:
        heard, has_bleed = _without_bleed(heard, call_id)
        if has_bleed:
            notes.add(AudioNote.BLEED)
    return Legs(layout=verdict.layout, channels=tuple(heard), notes=tuple(sorted(notes)))


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
