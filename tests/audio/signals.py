"""Makes signals and recordings for tests: tones, pauses, noise, and files in any codec that PyAV can write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from callscore.records import MonoAudio

RATE_HZ = 16_000
Samples = NDArray[np.float64]


def tone(hz: tuple[float, ...], ms: int, amplitude: float = 0.1, rate_hz: int = RATE_HZ) -> Samples:
    """Return sines of the given frequencies added up."""
    at = np.arange(rate_hz * ms // 1000) / rate_hz
    return np.asarray(amplitude * np.sum([np.sin(2 * np.pi * f * at) for f in hz], axis=0))


def pause(ms: int, rate_hz: int = RATE_HZ) -> Samples:
    """Return digital silence."""
    return np.zeros(rate_hz * ms // 1000)


def white_noise(ms: int, level_db: float, rate_hz: int = RATE_HZ, seed: int = 7) -> Samples:
    """Return white noise of the given level (root mean square, full scale = 0 dB)."""
    return np.random.default_rng(seed).standard_normal(rate_hz * ms // 1000) * 10 ** (level_db / 20)


def pink_noise(ms: int, level_db: float) -> Samples:
    """Return noise whose power falls by 3 dB an octave."""
    white = white_noise(ms, 0.0)
    spectrum = np.fft.rfft(white)
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)), len(white))
    return np.asarray(pink / np.sqrt(np.mean(pink**2)) * 10 ** (level_db / 20))


def chords(n: int) -> Samples:
    """Return `n` half-second chords of fading strings: a plain piece of hold music."""
    roots = (220.0, 277.2, 329.6, 440.0)
    steps = (1.0, 1.25, 1.5, 1.125)
    fade = np.exp(-np.arange(RATE_HZ // 2) / 6000)
    parts = (1.0, 2.0, 3.0, 1.5, 2.5)
    played = [roots[i % 4] * steps[i // 4 % 4] for i in range(n)]
    return np.concatenate([fade * np.sum([tone((root * p,), 500, 0.05 / p) for p in parts], axis=0) for root in played])


def mono(samples: Samples) -> MonoAudio:
    """Return samples at 16 kHz as a channel."""
    return MonoAudio(samples=samples.astype(np.float32), rate_hz=RATE_HZ, channel=0)


def write(path: Path, channels: tuple[Samples, ...], codec: str, rate_hz: int, container: str | None = None) -> Path:
    """Encode channels of equal length (floats -1..1) and return `path`."""
    layout = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad"}[len(channels)]
    pcm = (np.clip(np.stack(channels, axis=1), -1, 1) * 32767).astype(np.int16).reshape(1, -1)
    with av.open(str(path), "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout=layout)
        frame.sample_rate = rate_hz
        frame.pts = 0
        resampler = av.AudioResampler(
            format=stream.codec_context.format, layout=layout, rate=stream.codec_context.sample_rate, frame_size=_frame(stream)
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return path


def _frame(stream: Any) -> int:
    """Return the number of samples that the codec wants at a time."""
    stream.codec_context.open(strict=False)
    return int(stream.codec_context.frame_size or 1024)
