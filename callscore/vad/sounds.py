"""Tell tones, hold music and noise apart in what is not speech. Pure: takes measurements of windows, gives spans.

The thresholds were measured on seven hold-music tracks, room noise of a call centre, line noise and ring-back tones after
PCM, A-law, GSM, MP3 and Opus, and on Russian and English telephone speech of people and machines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callscore.records import Sound, SoundKind
from callscore.vad.base import WINDOW_MS, VadOptions
from callscore.vad.runs import find_runs, join_runs, mark_runs, to_spans
from callscore.vad.spectrum import Spectrum
from callscore.vad.tones import SAME_HZ, Bursts, find_bursts, join_tones

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Measured", "SoundMap", "find_sounds", "map_sounds"]

_MIN_SOUND_DB: Final = -55.0
"""Music and tones fainter than this are crosstalk or hum, not something that a party hears."""

_ABOVE_FLOOR_DB: Final = 6.0

_STEADY_MUSIC: Final = 0.30
"""Mean part of steady partials over a second: seven music tracks have 0.31 or more in 19 windows of 20; room babble, line
noise and crackle stay below 0.24. Monotone voices reach 0.46, but speech has been taken out before."""
_SMOOTH: Final = 31
_BELOW_LOUD_DB: Final = 20.0
"""Hold music and tones are played to be heard; an engine or a radio behind a caller lies 24 dB and more below the voice."""
_FROZEN_DB: Final = 2.5
"""Range of nine windows in ten; mains hum keeps within 1 dB, the tracks of hold music spread over 6 dB and more."""
_MUSIC_GAP_MS: Final = 1500

_TONE_PART: Final = 0.80
_PURE_PART: Final = 0.50
"""A tuneful stretch is signalling if signals fill half of its sound, and four fifths of them have one frequency or are keys."""

_NOISE_DB: Final = -40.0
_NOISE_BELOW_LOUD_DB: Final = 20.0
"""Noise matters if it is above -40 dB and less than 20 dB below the voices; line noise lies 20-35 dB below them."""
_NOISE_GAP_MS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of each window: level and noise floor in dB, the loudest voice's level, speech probability, spectrum."""

    levels: NDArray[np.float32]
    floor: NDArray[np.float32]
    loud_db: float
    prob: NDArray[np.float32]
    spectrum: Spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundMap:
    """Rows (first window, after the last): `bursts` of pure tone, and stretches of `music` and `tones`, none overlapping."""

    bursts: NDArray[np.int64]
    music: NDArray[np.int64]
    tones: NDArray[np.int64]


def map_sounds(measured: Measured, speech: NDArray[np.bool_], options: VadOptions) -> SoundMap:
    """Find tones and music among the windows that are not `speech`."""
    import numpy as np

    usable = (measured.levels > max(_MIN_SOUND_DB, measured.loud_db - _BELOW_LOUD_DB)) & ~speech
    bursts = find_bursts(measured.spectrum, measured.prob, usable)
    signals = bursts.chosen(bursts.is_signal)
    candidates = _find_music(measured, usable, speech, options.min_music_ms)
    tuneful = [not _is_frozen(run, measured) and not _is_signalling(run, signals, measured) for run in candidates]
    music = candidates[np.array(tuneful, dtype=np.bool_)]
    in_music = mark_runs(music, len(speech))
    tones = join_tones(signals.chosen(~in_music[signals.runs[:, 0]]), speech | in_music)
    return SoundMap(bursts=bursts.runs, music=music, tones=tones)


def find_sounds(
    measured: Measured, sounds: SoundMap, speech: NDArray[np.bool_], options: VadOptions, limit_ms: int
) -> tuple[Sound, ...]:
    """Return music, tones and noise as spans in time order, outside the `speech` windows and not overlapping."""
    n = len(speech)
    tones = find_runs(mark_runs(sounds.tones, n) & ~speech)
    music = find_runs(mark_runs(sounds.music, n) & ~speech & ~mark_runs(sounds.tones, n))
    taken = speech | mark_runs(tones, n) | mark_runs(music, n)
    loud = (measured.levels > max(_NOISE_DB, measured.loud_db - _NOISE_BELOW_LOUD_DB)) & ~taken
    noise = join_runs(find_runs(loud), _NOISE_GAP_MS // WINDOW_MS, taken)
    kinds = (
        (SoundKind.TONE, tones, options.min_tone_ms),
        (SoundKind.MUSIC, music, min(options.min_music_ms, 1000)),
        (SoundKind.NOISE, noise, options.min_noise_ms),
    )
    found = [
        Sound(span=span, kind=kind)
        for kind, runs, least in kinds
        for span in to_spans(runs, limit_ms)
        if span.length_ms >= least
    ]
    return tuple(sorted(found, key=lambda sound: sound.span))


def _find_music(measured: Measured, usable: NDArray[np.bool_], speech: NDArray[np.bool_], min_ms: int) -> NDArray[np.int64]:
    """Return stretches of at least `min_ms` with steady partials, small dips included."""
    import numpy as np

    weight = _box_sum(usable.astype(np.float64))
    steady = _box_sum(np.where(usable, measured.spectrum.steady, 0.0))
    tuneful = usable & (steady >= _STEADY_MUSIC * np.maximum(weight, _SMOOTH / 4))
    runs = join_runs(find_runs(tuneful), _MUSIC_GAP_MS // WINDOW_MS, speech)
    return runs[runs[:, 1] - runs[:, 0] >= min_ms // WINDOW_MS]


def _is_frozen(run: NDArray[np.int64], measured: Measured) -> bool:
    """Tell a hum, which never changes its level, from music."""
    import numpy as np

    low, high = np.quantile(measured.levels[run[0] : run[1]], (0.1, 0.9))
    return bool(high - low < _FROZEN_DB)


def _box_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each value the sum of the 31 around it."""
    import numpy as np

    half = _SMOOTH // 2
    sums = np.cumsum(np.pad(values, (half + 1, half)))
    return np.asarray(sums[_SMOOTH:] - sums[:-_SMOOTH])


def _is_signalling(run: NDArray[np.int64], signals: Bursts, measured: Measured) -> bool:
    """Tell a signalling tone (one frequency, or dialled keys, throughout) from a tune."""
    import numpy as np

    inside = signals.chosen((signals.runs[:, 0] >= run[0]) & (signals.runs[:, 1] <= run[1]))
    lengths = inside.runs[:, 1] - inside.runs[:, 0]
    above = np.maximum(_MIN_SOUND_DB, measured.floor[run[0] : run[1]] + _ABOVE_FLOOR_DB)
    sounding = int(np.count_nonzero(measured.levels[run[0] : run[1]] > above))
    if not len(lengths) or lengths.sum() < _PURE_PART * sounding:
        return False
    same = (np.abs(inside.hz - inside.hz[int(lengths.argmax())]) <= SAME_HZ) | inside.is_key
    return bool(lengths[same].sum() >= _TONE_PART * lengths.sum())
