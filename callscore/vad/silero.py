"""Speech probability per window from the Silero network (MIT), the ONNX file that faster-whisper ships."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.errors import ModelError
from callscore.vad.base import WINDOW
from callscore.vad.levels import windows_at

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Silero", "find_silero"]

_FILE: Final = "silero_vad_v6.onnx"
_CONTEXT: Final = 64
"""Samples before each window that the network takes too (faster_whisper/vad.py)."""
_STATE: Final = (1, 1, 128)
_BATCH: Final = 2048


def find_silero() -> Path:
    """Return the path of the network's file without importing faster-whisper.

    Raises:
        ModelError: if faster-whisper is not installed or holds no such file.
    """
    spec = importlib.util.find_spec("faster_whisper")
    path = Path(spec.origin).parent / "assets" / _FILE if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ModelError(
            f"the speech detector {_FILE} is not installed",
            where=str(path or "faster_whisper"),
            hint="install the locked dependencies again: faster-whisper brings the file along",
        )
    return path


class Silero:
    """The network, loaded once. One thread: the pool of workers already fills the machine."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        path = find_silero()
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime's errors share no narrower class
            raise ModelError(
                "the speech detector cannot be loaded", where=str(path), hint="install faster-whisper again"
            ) from exc

    def probabilities(
        self, samples: NDArray[np.float32], active: NDArray[np.bool_], gain_db: float, batch: int = _BATCH
    ) -> NDArray[np.float32]:
        """Return the speech probability of each window, 0..1; 0 where not active.

        The network remembers what it heard: inactive stretches are cut out, as if the active ones followed each other.

        Args:
            samples: float32, (n_samples,), -1..1, 16 kHz.
            active: one flag for each window.
            gain_db: what brings the voices to the level at which the network hears best.
            batch: windows per call of the network; the result does not depend on it.
        """
        import numpy as np

        gain = np.float32(10.0 ** (gain_db / 20.0))
        out = np.zeros(len(active), dtype=np.float32)
        h, c = np.zeros(_STATE, dtype=np.float32), np.zeros(_STATE, dtype=np.float32)
        chosen = np.flatnonzero(active)
        for at in range(0, len(chosen), batch):
            part = chosen[at : at + batch]
            out[part], h, c = self._session.run(None, {"input": _inputs(samples, part) * gain, "h": h, "c": c})
        return out


def _inputs(samples: NDArray[np.float32], chosen: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the chosen windows, each with the 64 samples before it: shape (n, 576)."""
    import numpy as np

    first, last = int(chosen[0]), int(chosen[-1]) + 1
    if last - first <= 2 * len(chosen):
        part = windows_at(samples, first, last, _CONTEXT, 0)
        return np.lib.stride_tricks.sliding_window_view(part, WINDOW + _CONTEXT)[::WINDOW][chosen - first]
    return np.stack([windows_at(samples, int(i), int(i) + 1, _CONTEXT, 0) for i in chosen])
