"""From a recording file to 16 kHz audio per channel: look, probe, decode, judge the layout."""

from __future__ import annotations

from callscore.audio.base import RATE_HZ, AudioLimits, AudioNote, Decoded
from callscore.audio.decode import decode_channels
from callscore.audio.layout import LayoutVerdict, judge_layout
from callscore.audio.probe import probe_audio

__all__ = [
    "RATE_HZ",
    "AudioLimits",
    "AudioNote",
    "Decoded",
    "LayoutVerdict",
    "decode_channels",
    "judge_layout",
    "probe_audio",
]
