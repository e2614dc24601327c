"""Cuts the speech of a channel into stretches for a model without padding, where nobody is in the middle of a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callscore.records import MonoAudio
from callscore.transcribe.windows import Packing, Piece, Window, plan_windows
from callscore.units import Span, ms_to_samples

__all__ = ["plan_stretches"]

# Speech without a pause is cut at the quietest tenth of a second in the last third of what fits.
_BLOCK_MS: Final = 20
_QUIET_BLOCKS: Final = 5
_SEARCHED: Final = 3
_LEAST_MS: Final = 500


def plan_stretches(audio: MonoAudio, speech: Sequence[Span], sounds: Sequence[Span], packing: Packing) -> list[Window]:
    """Return a window for each stretch of `speech` with short pauses only, cut at a pause where it is too long.

    Unlike a model that hears 30 s whatever it is given, these take any length: nothing need be laid together.
    """
    longest_ms = max(_LEAST_MS, packing.max_window_ms - 2 * packing.pad_ms)
    parted = [part for span in speech for part in _part(audio, span, longest_ms)]
    packed = plan_windows(parted, sounds, audio.duration_ms, packing)
    return [Window((Piece(piece.span, 0),)) for window in packed for piece in window.pieces]


def _part(audio: MonoAudio, span: Span, longest_ms: int) -> Iterator[Span]:
    """Yield `span` in parts of at most `longest_ms`, a millisecond between them."""
    at = span.start_ms
    while span.end_ms - at > longest_ms:
        cut = _quietest(audio, Span(at + longest_ms - longest_ms // _SEARCHED, at + longest_ms))
        yield Span(at, cut)
        at = cut + 1
    yield Span(at, span.end_ms)


def _quietest(audio: MonoAudio, span: Span) -> int:
    """Return the middle of the quietest tenth of a second, in ms from the start of the call."""
    import numpy as np

    block = ms_to_samples(_BLOCK_MS, audio.rate_hz)
    part = audio.samples[ms_to_samples(span.start_ms, audio.rate_hz) : ms_to_samples(span.end_ms, audio.rate_hz)]
    blocks = part[: len(part) // block * block].reshape(-1, block)
    energy = np.convolve(np.square(blocks, dtype=np.float64).sum(axis=1), np.ones(_QUIET_BLOCKS), mode="valid")
    return span.start_ms + int(energy.argmin()) * _BLOCK_MS + _QUIET_BLOCKS * _BLOCK_MS // 2
