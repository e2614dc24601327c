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
from callscore.vad.spectrum import BIN_HZ, Spectrum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Measured", "SoundMap", "find_sounds", "map_sounds"]

_MIN_SOUND_DB: Final = -55.0
"""Music and tones fainter than this are crosstalk or hum, not something that a party hears."""

_STEADY_MUSIC: Final = 0.30
"""Mean part of steady partials over a second: seven music tracks have 0.31 or more in 19 windows of 20; room babble, line
noise and crackle stay below 0.24. Monotone voices reach 0.46, but speech has been taken out before."""
_SMOOTH: Final = 31
_MUSIC_BELOW_LOUD_DB: Final = 20.0
"""Hold music is played to be heard; an engine or a radio behind a caller lies 24 dB and more below the voice."""
_MUSIC_GAP_MS: Final = 1500

_PURE_ONE: Final = 0.80
_PURE_TWO: Final = 0.90
"""Part of the power in the strongest peak, or the two strongest: 0.95 or more for a ring-back tone even after 8 kbit/s Opus."""
_MIN_BURST: Final = 3
_SAME_HZ: Final = 1.6 * BIN_HZ
_RING_GAP_MS: Final = 4500
"""Ring-back is 1 s on and 4 s off (Russia, Europe), 2 s on and 4 s off (America)."""
_SEQUENCE_GAP_MS: Final = 500
"""Keys of a dialled number and the three notes of "number not in service" follow each other within this."""
_TONE_PART: Final = 0.80
_PURE_PART: Final = 0.50
_DTMF_LOW_HZ: Final = (697.0, 770.0, 852.0, 941.0)
_DTMF_HIGH_HZ: Final = (1209.0, 1336.0, 1477.0, 1633.0)

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

    usable = (measured.levels > _MIN_SOUND_DB) & ~speech
    bursts = _find_bursts(measured, usable)
    candidates = _find_music(measured, usable, speech, options.min_music_ms)
    is_tone = np.array([_is_tone(run, bursts, measured) for run in candidates], dtype=np.bool_)
    music = candidates[~is_tone] if len(candidates) else candidates
    in_music = mark_runs(music, len(speech))
    outside = bursts[~in_music[bursts[:, 0]]] if len(bursts) else bursts
    tones = _join_tones(outside, measured, speech | in_music)
    if is_tone.any():
        marked = mark_runs(tones, len(speech)) | mark_runs(candidates[is_tone], len(speech))
        tones = join_runs(find_runs(marked & ~in_music), 0, speech)
    return SoundMap(bursts=bursts, music=music, tones=tones)


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


def _find_bursts(measured: Measured, usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return runs of at least 96 ms in which one or two pure tones keep their frequencies."""
    import numpy as np

    s = measured.spectrum
    pure = usable & (measured.levels > measured.floor + 3.0) & ((s.first >= _PURE_ONE) | (s.first + s.second >= _PURE_TWO))
    kept = np.abs(s.first_hz[1:] - s.first_hz[:-1]) <= _SAME_HZ
    kept |= (s.second[1:] > 0.05) & (np.abs(s.second_hz[1:] - s.first_hz[:-1]) <= _SAME_HZ)
    # A change of frequency ends a burst: cut there by dropping the first window after it.
    pure[1:] &= kept | ~pure[:-1]
    runs = find_runs(pure)
    return runs[runs[:, 1] - runs[:, 0] >= _MIN_BURST]


def _find_music(measured: Measured, usable: NDArray[np.bool_], speech: NDArray[np.bool_], min_ms: int) -> NDArray[np.int64]:
    """Return stretches of at least `min_ms` with steady partials, small dips included."""
    import numpy as np

    weight = _box_sum(usable.astype(np.float64))
    steady = _box_sum(np.where(usable, measured.spectrum.steady, 0.0))
    tuneful = usable & (steady >= _STEADY_MUSIC * np.maximum(weight, _SMOOTH / 4))
    runs = join_runs(find_runs(tuneful), _MUSIC_GAP_MS // WINDOW_MS, speech)
    least_db = measured.loud_db - _MUSIC_BELOW_LOUD_DB
    loud = np.array([np.quantile(measured.levels[a:b], 0.8) >= least_db for a, b in runs], dtype=np.bool_)
    return runs[loud & (runs[:, 1] - runs[:, 0] >= min_ms // WINDOW_MS)]


def _box_sum(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each value the sum of the 31 around it."""
    import numpy as np

    half = _SMOOTH // 2
    sums = np.cumsum(np.pad(values, (half + 1, half)))
    return np.asarray(sums[_SMOOTH:] - sums[:-_SMOOTH])


def _is_tone(run: NDArray[np.int64], bursts: NDArray[np.int64], measured: Measured) -> bool:
    """Tell a signalling tone (one frequency or dialled keys throughout) from a tune made of pure notes."""
    import numpy as np

    inside = bursts[(bursts[:, 0] >= run[0]) & (bursts[:, 1] <= run[1])]
    lengths = inside[:, 1] - inside[:, 0]
    sounding = int(np.count_nonzero(measured.levels[run[0] : run[1]] > _MIN_SOUND_DB))
    if not len(inside) or lengths.sum() < _PURE_PART * sounding:
        return False
    hz, dtmf = np.array([_burst_hz(burst, measured) for burst in inside]), [_is_dtmf(burst, measured) for burst in inside]
    main = hz[int(lengths.argmax())]
    same = (np.abs(hz - main) <= _SAME_HZ) | np.array(dtmf)
    return bool(lengths[same].sum() >= _TONE_PART * lengths.sum())


def _burst_hz(burst: NDArray[np.int64], measured: Measured) -> float:
    """Return the frequency of the burst's strongest tone."""
    import numpy as np

    return float(np.median(measured.spectrum.first_hz[burst[0] : burst[1]]))


def _is_dtmf(burst: NDArray[np.int64], measured: Measured) -> bool:
    """Tell whether the burst consists of one low and one high frequency of the telephone's keys."""
    import numpy as np

    s, window = measured.spectrum, slice(burst[0], burst[1])
    pair = np.stack([s.first_hz[window], s.second_hz[window]])
    low, high = float(np.median(pair.min(axis=0))), float(np.median(pair.max(axis=0)))
    return min(abs(low - hz) for hz in _DTMF_LOW_HZ) <= _SAME_HZ and min(abs(high - hz) for hz in _DTMF_HIGH_HZ) <= _SAME_HZ


def _join_tones(bursts: NDArray[np.int64], measured: Measured, barrier: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Join bursts of one frequency over the pauses of a cadence, and any bursts that follow each other closely."""
    import numpy as np

    joined: list[list[int]] = []
    last_hz = 0.0
    for burst in bursts:
        hz, start = _burst_hz(burst, measured), int(burst[0])
        gap_ms = (start - joined[-1][1]) * WINDOW_MS if joined else 0
        near = gap_ms <= (_RING_GAP_MS if abs(hz - last_hz) <= _SAME_HZ else _SEQUENCE_GAP_MS)
        if joined and near and not barrier[joined[-1][1] : start].any():
            joined[-1][1] = int(burst[1])
        else:
            joined.append([start, int(burst[1])])
        last_hz = hz
    return np.array(joined, dtype=np.int64).reshape(-1, 2)
