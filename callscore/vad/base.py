"""The options of voice activity detection and the frame grid that its parts share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["RATE_HZ", "WINDOW", "WINDOW_MS", "VadOptions"]

RATE_HZ: Final = 16_000
WINDOW: Final = 512
"""Samples per window: what the Silero network takes at 16 kHz. Levels and spectra use the same grid."""
WINDOW_MS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class VadOptions:
    """What counts as speech, and how its spans are cut. Set for losing nothing: a missed phrase makes a wrong verdict.

    Attributes:
        speech_prob: probability, 0..1, at which a stretch becomes speech. The weakest of 520 labelled telephone turns peaks
            at 0.49; loud noise and room babble stay under it but for single windows.
        keep_prob: probability down to which a stretch that began stays speech.
        min_speech_ms: shortest span kept, before padding; "да" lasts about 200 ms, its voiced part less.
        bridge_ms: pauses up to this are part of the speech.
        pad_ms: added on both sides, never into another span.
        min_music_ms: shorter tuneful stretches are no hold music.
        min_tone_ms: shorter tones are clicks and parts of keys.
        min_noise_ms: shorter noise is not reported.
    """

    speech_prob: float = 0.4
    keep_prob: float = 0.15
    min_speech_ms: int = 120
    bridge_ms: int = 300
    pad_ms: int = 150
    min_music_ms: int = 3000
    min_tone_ms: int = 300
    min_noise_ms: int = 1000

    def __post_init__(self) -> None:
        if not 0.0 < self.keep_prob <= self.speech_prob < 1.0:
            raise ValueError(
                f"VadOptions needs 0 < keep_prob <= speech_prob < 1, got {self.keep_prob!r} and {self.speech_prob!r}"
            )
        for name in ("min_speech_ms", "bridge_ms", "pad_ms", "min_music_ms", "min_tone_ms", "min_noise_ms"):
            if getattr(self, name) < 0:
                raise ValueError(f"VadOptions.{name} must not be negative, got {getattr(self, name)!r}")
