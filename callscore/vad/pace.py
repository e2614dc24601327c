"""Tell a recording that plays too fast or too slow from people's voices: the header names a wrong sample rate. Pure numpy.

At twice the speed the pitch, the resonances of the mouth and the beat of the syllables all rise by an octave, together more
than one person differs from another: a child has a high voice, but does not speak twice as many syllables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callscore.records import MonoAudio
from callscore.units import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Pace", "is_odd_rate", "measure_pace"]

_RATE_HZ: Final = 16_000
_MOST_SPEECH_MS: Final = 30_000

_PITCH_RATE_HZ: Final = 8000
_PITCH_WINDOW: Final = 512
_PITCH_HOP: Final = 160
_PITCH_HZ: Final = (45, 900)
_VOICED: Final = 0.75
_FIRST_PEAK: Final = 0.88
_QUIET: Final = 1e-7

_SPECTRUM: Final = 512

_BEAT_STEP: Final = 160
_BEAT_WINDOW: Final = 100
_BEAT_FFT: Final = 400
_BEAT_HZ: Final = (1.0, 25.0)

_WEIGHTS: Final = (0.3, 0.2, 0.5)
"""Of the octaves of pitch, middle of the spectrum, and beat of the syllables: what best tells recordings as they are from the
same at twice and half the speed."""
_USUAL: Final = (4.50, 5.50)
"""Of 98 recordings with voices (people and machines; Russian, English, French and more; men, women and voices raised as high as
a child's) none lies outside; of the same at twice the speed 85 % do, at half the speed 72 %."""
_MIN_VOICED: Final = 60
_MUCH_VOICED: Final = 200
_LITTLE_MORE: Final = 0.15
_MIN_FAST_HZ: Final = 11_025
_MAX_SLOW_HZ: Final = 24_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast voices sound, on a scale of octaves, and on how many voiced frames of 20 ms this rests."""

    octaves: float
    n_voiced: int


def measure_pace(audio: MonoAudio, speech: Sequence[Span]) -> Pace | None:
    """Return the pace of the voices in the first half minute of `speech`; None if there is too little of it.

    Args:
        audio: a channel at 16 kHz.
        speech: where somebody speaks on it.
    """
    import numpy as np

    pieces = _pieces(audio, speech)
    pitches = np.concatenate([_pitches(piece) for piece in pieces]) if pieces else np.zeros(0)
    beat_hz, middle_hz = _beat_hz(pieces), _middle_hz(pieces)
    if not len(pitches) or beat_hz is None or middle_hz is None:
        return None
    measured = (float(np.median(pitches)), middle_hz, beat_hz)
    octaves = sum(weight * float(np.log2(hz)) for weight, hz in zip(_WEIGHTS, measured, strict=True))
    return Pace(octaves=octaves, n_voiced=len(pitches))


def is_odd_rate(paces: Sequence[Pace], rate_hz: int) -> bool:
    """Tell whether the voices of a call, all channels together, are too fast or too slow for people.

    Args:
        paces: of the channels.
        rate_hz: what the header says: a file of 8 kHz is never too fast, one of 44 kHz never too slow.
    """
    n_voiced = sum(pace.n_voiced for pace in paces)
    if n_voiced < _MIN_VOICED:
        return False
    octaves = sum(pace.octaves * pace.n_voiced for pace in paces) / n_voiced
    more = 0.0 if n_voiced >= _MUCH_VOICED else _LITTLE_MORE
    is_fast = octaves > _USUAL[1] + more and rate_hz >= _MIN_FAST_HZ
    return is_fast or (octaves < _USUAL[0] - more and rate_hz <= _MAX_SLOW_HZ)


def _pieces(audio: MonoAudio, speech: Sequence[Span]) -> list[NDArray[np.float32]]:
    """Return the sound of the first half minute of speech, a piece for each span."""
    pieces, left_ms = [], _MOST_SPEECH_MS
    for span in speech:
        if left_ms > 0:
            end_ms = min(span.end_ms, span.start_ms + left_ms)
            pieces.append(audio.samples[span.start_ms * _RATE_HZ // 1000 : end_ms * _RATE_HZ // 1000])
            left_ms -= span.length_ms
    return pieces


def _pitches(piece: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the pitch in Hz of each voiced frame: the first high peak of the autocorrelation (Boersma's correction)."""
    import numpy as np

    halved = piece[: len(piece) // 2 * 2].reshape(-1, 2).mean(axis=1)
    if len(halved) < _PITCH_WINDOW:
        return np.zeros(0)
    frames = np.lib.stride_tricks.sliding_window_view(halved, _PITCH_WINDOW)[::_PITCH_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames[(frames**2).mean(axis=1) >= _QUIET]
    window = np.hanning(_PITCH_WINDOW)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * _PITCH_WINDOW)) ** 2)[:_PITCH_WINDOW]
    power = np.abs(np.fft.rfft(frames * window, 2 * _PITCH_WINDOW, axis=1)) ** 2
    periodic = np.fft.irfft(power, axis=1)[:, :_PITCH_WINDOW]
    periodic = periodic / (periodic[:, :1] + 1e-9) / (own / own[0] + 1e-9)
    shortest, longest = _PITCH_RATE_HZ // _PITCH_HZ[1], _PITCH_RATE_HZ // _PITCH_HZ[0]
    near = periodic[:, shortest:longest]
    highest = near.max(axis=1, keepdims=True, initial=0.0)
    inner = near[:, 1:-1]
    is_peak = (inner >= near[:, :-2]) & (inner >= near[:, 2:]) & (inner >= _FIRST_PEAK * highest) & (highest >= _VOICED)
    voiced = is_peak.any(axis=1)
    return np.asarray(_PITCH_RATE_HZ / (is_peak[voiced].argmax(axis=1) + 1 + shortest))


def _middle_hz(pieces: Sequence[NDArray[np.float32]]) -> float | None:
    """Return the frequency below which half of the power lies."""
    import numpy as np

    power, window = np.zeros(_SPECTRUM // 2 + 1), np.hanning(_SPECTRUM)
    for piece in pieces:
        if len(piece) >= _SPECTRUM:
            frames = np.lib.stride_tricks.sliding_window_view(piece, _SPECTRUM)[::_SPECTRUM]
            power += (np.abs(np.fft.rfft(frames * window, axis=1)) ** 2).sum(axis=0)
    below = np.cumsum(power)
    if not below[-1]:
        return None
    return float(max(1, np.searchsorted(below, below[-1] / 2)) * _RATE_HZ / _SPECTRUM)


def _beat_hz(pieces: Sequence[NDArray[np.float32]]) -> float | None:
    """Return the mean rate at which the loudness of speech goes up and down, None if no piece lasts a second."""
    import numpy as np

    power, window = np.zeros(_BEAT_FFT // 2 + 1), np.hanning(_BEAT_WINDOW)
    for piece in pieces:
        n_steps = len(piece) // _BEAT_STEP
        if n_steps < _BEAT_WINDOW:
            continue
        change = np.diff(piece[: n_steps * _BEAT_STEP], prepend=piece[:1]).reshape(n_steps, _BEAT_STEP)
        loudness = np.log10((change**2).mean(axis=1) + 1e-9)
        frames = np.lib.stride_tricks.sliding_window_view(loudness, _BEAT_WINDOW)[:: _BEAT_WINDOW // 2]
        frames = (frames - frames.mean(axis=1, keepdims=True)) * window
        power += (np.abs(np.fft.rfft(frames, _BEAT_FFT, axis=1)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(_BEAT_FFT, _BEAT_STEP / _RATE_HZ)
    inside = (hz >= _BEAT_HZ[0]) & (hz <= _BEAT_HZ[1])
    total = float(power[inside].sum())
    return float((hz * power)[inside].sum()) / total if total else None
