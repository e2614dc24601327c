"""Speech -> vectors that tell voices apart: log-mel features in numpy, the CAM++ network on onnxruntime."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from callscore.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FEATURE_STEP_MS", "VoiceVectors", "log_mel"]

FEATURE_STEP_MS: Final = 10

# The features the network was trained on are Kaldi's (feature-fbank.cc with a Hamming window, no dither, no energy).
_RATE_HZ: Final = 16_000
_FRAME: Final = 400
_STEP: Final = 160
_FFT: Final = 512
_BINS: Final = 80
_LOW_HZ: Final = 20.0
_PREEMPHASIS: Final = 0.97
_FLOOR: Final = np.finfo(np.float32).eps
_INT16_SCALE: Final = 32768.0

# The network halves the frames and needs a deviation over time; shorter speech says nothing about a voice anyway.
_MIN_FRAMES: Final = 20


class VoiceVectors:
    """Gives one vector per stretch of speech. Loads the network once.

    Args:
        model: the ONNX file made by callscore.diarize.campplus.
        threads: how many threads it may use.

    Raises:
        ModelError: if the file cannot be loaded.
    """

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Every stretch has a length of its own, for which the arena would keep buffers until the worker ends.
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime's own exceptions share no base class but this
            raise ModelError(
                "the speaker vector model cannot be loaded", where=str(model), hint="delete this file; it is made again"
            ) from exc

    def of(self, features: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return the unit vector, float32, (192,), of log-mel `features` (frames, 80); None for less than 0.2 s."""
        if len(features) < _MIN_FRAMES:
            return None
        centred = features - features.mean(axis=0, keepdims=True)
        vector: NDArray[np.float32] = self._session.run(["embs"], {"feats": centred[None]})[0][0]
        length = float(np.linalg.norm(vector))
        return vector / length if np.isfinite(length) and length > 0 else None


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return Kaldi's log-mel energies, float32, (frames, 80), one frame each 10 ms, of 16 kHz `samples` in -1..1."""
    n_frames = 1 + (len(samples) - _FRAME) // _STEP if len(samples) >= _FRAME else 0
    mel = np.empty((n_frames, _BINS), np.float32)
    block = 3000  # half a minute at a time keeps long calls small in memory
    for first in range(0, n_frames, block):
        last = min(n_frames, first + block)
        part = samples[first * _STEP : (last - 1) * _STEP + _FRAME].astype(np.float32) * _INT16_SCALE
        frames = np.lib.stride_tricks.sliding_window_view(part, _FRAME)[::_STEP]
        frames = frames - frames.mean(axis=1, keepdims=True)
        before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
        power = np.abs(np.fft.rfft((frames - _PREEMPHASIS * before) * np.hamming(_FRAME), _FFT)) ** 2
        mel[first:last] = np.log(np.maximum(power[:, : _FFT // 2] @ _mel_filters(), _FLOOR))
    return mel


@lru_cache(maxsize=1)
def _mel_filters() -> NDArray[np.float64]:
    """Return triangles evenly spaced in mel from 20 Hz to half the rate, (256, 80)."""
    edges = np.linspace(_mel(_LOW_HZ), _mel(_RATE_HZ / 2), _BINS + 2)
    at = _mel(np.arange(_FFT // 2) * _RATE_HZ / _FFT)[:, None]
    rising = (at - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at) / (edges[2:] - edges[1:-1])
    filters: NDArray[np.float64] = np.maximum(0.0, np.minimum(rising, falling))
    return filters


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log1p(hertz / 700.0)
