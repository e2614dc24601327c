"""Where a channel holds speech, and where tones, hold music or noise."""

from __future__ import annotations

from callscore.vad.base import VadOptions
from callscore.vad.detect import VoiceDetector

__all__ = ["VadOptions", "VoiceDetector"]
