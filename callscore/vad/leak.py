"""How one leg leaks into the other: at which lag, how strongly, and what it should sound like there. Pure numpy.

A leak (the echo of a handset or a hybrid, another headset in the room) is the other leg's sound, later and fainter, so the
energies of its bands over time follow those of the other leg at one lag. This holds after filters, echoes and lossy codecs,
where the waves themselves no longer match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FRAME_MS", "Leak", "Leaks", "band_energies", "find_leaks"]

FRAME_MS: Final = 16
_HOP: Final = 256
_WINDOW: Final = 512
_RATE_HZ: Final = 16_000
_BANDS: Final = 16
_BAND_HZ: Final = (200.0, 3600.0)
_TINY: Final = 1e-8
"""16 bands of it are -68 dB of full scale: nobody hears more in digital silence than in the quietest line noise."""

_LAGS: Final = range(-12, 33)
"""-192..512 ms: echoes of mobile networks take up to 300 ms; recorders may begin the two legs some ms apart."""
_MIN_FRAMES: Final = 60
_MIN_SCORE: Final = 0.12
_CHANCE: Final = 5.0
"""Legs of different calls, put together 2,000 times, correlate by chance up to about this over the root of the frames."""
_MAX_LEAKS: Final = 3
FAINT_DB: Final = -3.0
"""What is louder than that is no leak: a prompt played to both sides, or the leak heard from its other end."""
_NEAR_LAGS: Final = 3

_NOISE_DB: Final = 4.0
"""From the quiet fifth of a band's energies up to their mean."""
_FLOOR_BLOCK: Final = 64
_FLOOR_REACH: Final = 5

_ATTACK: Final = 0.5
_DECAY_DB: Final = 2.2
"""A frame's energy may linger: 2.2 dB a frame is a room of 0.4 s of reverberation."""
_LOUD_FRAC: Final = 0.3

_LOCAL: Final = 32
_LOCAL_HOP: Final = 8
_ALIKE: Final = (0.35, 0.6)
"""Half-seconds of both legs that correlate so hold the leak and little else; how strong it is, is measured there."""
_DRIFT_DB: Final = (-3.0, 8.0)
"""How far the strength may stray from the usual in one half-second (automatic gain, a head that turns)."""
_MIN_CELLS: Final = 24
MARGIN: Final = 4.0
"""Energy over this many times (6 dB) what leak and noise explain is the leg's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One way into the leg: how much later, how much fainter (dB, negative) than on the other leg."""

    lag_ms: int
    gain_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaks:
    """The leaks found, what leak and noise together should give in each frame and band, and where the leak sounds.

    `share` is the part of the other's talk, 0..1, in which the strongest leak is plainly heard.
    """

    found: tuple[Leak, ...]
    share: float
    explained: NDArray[np.float32]
    sounding: NDArray[np.bool_]


def band_energies(samples: NDArray[np.float32], first: int, last: int, block: int = 2048) -> NDArray[np.float32]:
    """Return the energy of frames `first..last` in 16 bands of telephone speech, shape (n, 16); zeros outside the recording."""
    import numpy as np

    hz = np.fft.rfftfreq(_WINDOW, 1 / _RATE_HZ)
    low, high = _mel(np.array(_BAND_HZ))
    edges = np.searchsorted(_mel(hz), np.linspace(low, high, _BANDS + 1))
    window = np.hanning(_WINDOW).astype(np.float32)
    out = np.empty((last - first, _BANDS), dtype=np.float32)
    for at in range(first, last, block):
        end = min(last, at + block)
        frames = np.lib.stride_tricks.sliding_window_view(_piece(samples, at, end), _WINDOW)[::_HOP]
        spectrum = np.fft.rfft(frames * window, axis=1)[:, edges[0] : edges[-1]]
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        out[at - first : end - first] = np.add.reduceat(power, edges[:-1] - edges[0], axis=1)
    return out * np.float32(2 / (_WINDOW * _WINDOW * 0.375))


def find_leaks(
    source: NDArray[np.float32], leg: NDArray[np.float32], talking: NDArray[np.bool_], loudest_db: float = FAINT_DB
) -> Leaks | None:
    """Return how `source` leaks into `leg`, None if it does not, as far as can be told.

    The strongest leak is found first, then what it leaves unexplained is searched for another: an echo of the echo, or the
    lag that the line had after a transfer.

    Args:
        source: band energies of the leg that may leak.
        leg: band energies of the other one at the same times.
        talking: where somebody speaks on `source`.
        loudest_db: what is louder on `leg` is no leak.
    """
    import numpy as np

    # Where the leg is the louder one, it speaks itself, and its own echo may be all that the source carries.
    headroom = 10 ** ((loudest_db - FAINT_DB) / 10)
    telling = talking & (headroom * _around(source.sum(axis=1)) >= _around(leg.sum(axis=1)))
    n_telling = int(telling.sum())
    if n_telling < _MIN_FRAMES:
        return None
    noise = _noise(leg)
    explained, sounding = noise.copy(), np.zeros(len(leg), dtype=np.bool_)
    found: list[Leak] = []
    share = 0.0
    barred: set[int] = set()
    for _ in range(2 * _MAX_LEAKS):
        unexplained = np.where(leg > MARGIN * explained, leg, noise) if found else leg
        lag, score = _best_lag(_db(source), _db(unexplained), telling, barred)
        if score < max(_MIN_SCORE, _CHANCE / n_telling**0.5) or len(found) == _MAX_LEAKS:
            break
        gain_db, part, leaked = _leaked(_shifted(source, lag), leg, noise, _shifted(telling, lag))
        if gain_db > loudest_db:
            barred.update(range(lag - _NEAR_LAGS, lag + _NEAR_LAGS + 1))
            continue
        found.append(Leak(lag_ms=lag * FRAME_MS, gain_db=round(gain_db, 1)))
        share = max(share, part)
        explained += np.minimum(leaked, _lingering(_shifted(source, lag)) * np.float32(10 ** (loudest_db / 10)))
        sounding |= _shifted(talking, lag)
    return Leaks(found=tuple(found), share=share, explained=explained, sounding=sounding) if found else None


def _best_lag(
    source: NDArray[np.float32], leg: NDArray[np.float32], talking: NDArray[np.bool_], barred: set[int]
) -> tuple[int, float]:
    """Return the lag at which the bands of both correlate best, and by how much more than at the usual lag."""
    import numpy as np

    frames = np.flatnonzero(talking)
    scores = []
    for lag in _LAGS:
        moved = frames + lag
        inside = (moved >= 0) & (moved < len(leg))
        a, b = source[frames[inside]], leg[moved[inside]]
        a, b = a - a.mean(axis=0), b - b.mean(axis=0)
        scores.append(float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + _TINY)))
    usual = float(np.median(scores))
    around = [-1.0, *scores, -1.0]
    # A peak of its own: the shoulders of a barred one are the same sound once more.
    peaks = [
        (score, lag)
        for number, (score, lag) in enumerate(zip(scores, _LAGS, strict=True))
        if score >= max(around[number], around[number + 2]) and lag not in barred
    ]
    score, lag = max(peaks, default=(usual, 0))
    return lag, score - usual


def _leaked(
    source: NDArray[np.float32], leg: NDArray[np.float32], noise: NDArray[np.float32], here: NDArray[np.bool_]
) -> tuple[float, float, NDArray[np.float32]]:
    """Return how strong the leak is in dB, in which part of `here` it is plain, and its band energies on the leg.

    `source` has been moved to the leak's lag.
    """
    import numpy as np

    lingering = _lingering(source)
    alike = _likeness(source, np.maximum(leg, noise))
    by_frame = np.repeat(alike, _LOCAL_HOP)[: len(leg)]
    limit = float(np.clip(np.quantile(by_frame[here], 0.8), *_ALIKE))
    sure = here & (by_frame >= limit)
    gains = np.empty(_BANDS, dtype=np.float32)
    for band in range(_BANDS):
        sent, received = lingering[sure, band], leg[sure, band] - noise[sure, band]
        loud = (
            source[sure, band] >= np.quantile(source[sure, band], 1 - _LOUD_FRAC) if len(sent) else np.zeros(0, dtype=np.bool_)
        )
        gains[band] = np.median(np.maximum(received[loud], 0.0) / (sent[loud] + _TINY)) if loud.any() else 0.0
    usual = source[here].mean(axis=0)
    gain_db = 10 * float(np.log10((gains * usual).sum() / usual.sum() + _TINY))
    leaked = gains * lingering
    drift = np.where(alike >= limit, _drift_db(np.where(lingering <= 2 * source, leaked, 0.0), leg, noise), 0.0)
    leaked *= np.repeat(10 ** (drift / 10), _LOCAL_HOP)[: len(leg), None].astype(np.float32)
    return gain_db, float(np.mean(by_frame[here] >= _ALIKE[1])), leaked


def _drift_db(leaked: NDArray[np.float32], leg: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each half-second by how much the leak is stronger than usual: the median of the cells above the noise.

    Echoes are left out of `leaked`: how fast they die away differs from line to line.
    """
    import warnings

    import numpy as np

    cells = _half_seconds(np.where(leaked > noise, _db(leg) - _db(leaked), np.nan)).reshape(-1, _BANDS * _LOCAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # half-seconds without any such cell
        median = np.nan_to_num(np.nanmedian(cells, axis=1))
    enough = np.isfinite(cells).sum(axis=1) >= _MIN_CELLS
    return np.where(enough, np.clip(median, *_DRIFT_DB), 0.0).astype(np.float32)


def _likeness(source: NDArray[np.float32], leg: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return for each half-second how the bands of both correlate."""
    import numpy as np

    a, b = _half_seconds(_db(source)), _half_seconds(_db(leg))
    a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    product = np.einsum("ijk,ijk->i", a, b)
    return np.asarray(product / np.sqrt(np.einsum("ijk,ijk->i", a, a) * np.einsum("ijk,ijk->i", b, b) + 1e-6))


def _half_seconds(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the half-second around every eighth frame, shape (n, bands, frames)."""
    import numpy as np

    padded = np.pad(cells, ((_LOCAL // 2, _LOCAL // 2 - 1), (0, 0)), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, _LOCAL, axis=0)[::_LOCAL_HOP]


def _lingering(energies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the energies with a short attack and a room's decay: the largest of now and what is left of before."""
    import numpy as np

    attacked = np.maximum(energies, _ATTACK * np.maximum(_shifted(energies, 1), 2 * _shifted(energies, -1)))
    slope = np.arange(len(energies), dtype=np.float32)[:, None] * np.float32(_DECAY_DB)
    decayed = np.maximum.accumulate(_db(attacked) + slope, axis=0) - slope
    return np.asarray(10 ** (decayed / 10), dtype=np.float32)


def _noise(energies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the noise of each band around each frame: the lowest of the quiet levels of the seconds around it."""
    import numpy as np

    n_blocks = -(-len(energies) // _FLOOR_BLOCK)
    padded = np.full((n_blocks * _FLOOR_BLOCK, _BANDS), np.inf, dtype=np.float32)
    padded[: len(energies)] = energies
    quiet = np.sort(padded.reshape(n_blocks, _FLOOR_BLOCK, _BANDS), axis=1)[:, _FLOOR_BLOCK // 5]
    around = np.pad(quiet, ((_FLOOR_REACH, _FLOOR_REACH), (0, 0)), constant_values=np.inf)
    lowest = np.lib.stride_tricks.sliding_window_view(around, 2 * _FLOOR_REACH + 1, axis=0).min(axis=-1)
    lowest = np.where(np.isfinite(lowest), lowest, energies.min(axis=0))
    return np.repeat(lowest + _TINY, _FLOOR_BLOCK, axis=0)[: len(energies)] * np.float32(10 ** (_NOISE_DB / 10))


def _around(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return for each frame the sum of the half-second around it."""
    import numpy as np

    half = _LOCAL // 2
    sums = np.cumsum(np.pad(values.astype(np.float64), (half + 1, half)))
    return np.asarray(sums[2 * half + 1 :] - sums[: -2 * half - 1])


def _shifted(frames: NDArray[Any], lag: int) -> NDArray[Any]:
    """Return the frames moved `lag` later, zeros coming in."""
    import numpy as np

    out = np.zeros_like(frames)
    if lag >= 0:
        out[lag:] = frames[: len(frames) - lag]
    else:
        out[:lag] = frames[-lag:]
    return out


def _piece(samples: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """Return the samples under frames `first..last`, each window centred on its frame's 16 ms."""
    import numpy as np

    start, end = first * _HOP - (_WINDOW - _HOP) // 2, (last - 1) * _HOP - (_WINDOW - _HOP) // 2 + _WINDOW
    inside = samples[max(0, start) : max(0, min(end, len(samples)))]
    before = max(0, -start)
    return np.pad(inside, (before, max(0, end - start - before - len(inside)))) if len(inside) < end - start else inside


def _mel(hz: NDArray[Any]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(2595 * np.log10(1 + hz / 700))


def _db(energies: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(10 * np.log10(energies + np.float32(_TINY)))
