"""What every step of reading audio shares: the limits, the result and the codes of its notes. Reads nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from callscore.records import MonoAudio

__all__ = ["RATE_HZ", "AudioLimits", "AudioNote", "Decoded"]

RATE_HZ: Final = 16_000
"""The rate that every model here expects; telephone audio is upsampled to it once."""


class AudioNote(StrEnum):
    """What a reader of the results should know about a recording that was decoded all the same."""

    DAMAGED = "damaged"
    """Some packets could not be decoded; the rest was."""
    TRUNCATED = "truncated"
    """Less audio came out than the file announces."""
    GAPS_FILLED = "gaps_filled"
    """Holes in the file's clock were filled with silence, so that times stay true."""
    FOLDED_CHANNELS = "folded_channels"
    """More than two channels were averaged into one: which party is on which is not known."""
    EXTRA_AUDIO_STREAMS = "extra_audio_streams"
    """The file has further audio streams, which were not read."""
    CLIPPED = "clipped"
    """Many samples stand at full scale: the recording is distorted."""
    SAME_SIGNAL = "same_signal"
    """Both channels carry one signal (low-rate Opus, for one, folds stereo): the parties are not apart."""
    SILENT_LEG = "silent_leg"
    """One of two channels carries nothing of its own: silence, hum, noise, or only the other party's bleed."""
    BLEED = "bleed"
    """One leg heard the other party faintly; what was only that was cut out of its speech."""
    LATE_LEG = "late_leg"
    """One leg begins late or ends early while the other party speaks; `late_leg:MS` says how much is missing."""
    LEGS_SHIFTED = "legs_shifted"
    """One leg lies seconds before the other; `legs_shifted:MS` says how many."""
    LEGS_SWAPPED = "legs_swapped"
    """The words on the legs contradict the channel that was said to be the operator's."""
    ODD_RATE = "odd_rate"
    """Voices sound too fast or too slow for people: the header names a wrong sample rate."""
    SILENT = "silent"
    """No channel carries a signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioLimits:
    """What is accepted. The defaults fit telephone calls: nobody talks for four hours, and 0.1 s holds no word.

    `max_duration_s` also bounds memory: two hours of stereo take 0.92 GB (16 kHz, float32, two channels).
    """

    max_duration_s: int = 4 * 3600
    max_bytes: int = 2 * 1024**3
    min_duration_ms: int = 100

    def __post_init__(self) -> None:
        for name in ("max_duration_s", "max_bytes", "min_duration_ms"):
            if getattr(self, name) <= 0:
                raise ValueError(f"AudioLimits.{name} must be positive, got {getattr(self, name)!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """The channels of a recording, one or two of equal length, and codes of `AudioNote` in alphabetical order."""

    channels: tuple[MonoAudio, ...]
    notes: tuple[str, ...]
