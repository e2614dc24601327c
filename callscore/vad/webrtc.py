"""Fine timing from WebRTC's voice detector: 10 ms frames. It takes music for speech, so it never decides alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from callscore.vad.base import RATE_HZ

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FRAME_MS", "WebrtcTimer"]

FRAME_MS: Final = 10
_FRAME: Final = RATE_HZ * FRAME_MS // 1000
_MODE: Final = 2
"""Of 0..3: mode 3 cuts quiet word ends, modes 0 and 1 run on into the line noise."""
_LOUD_DB: Final = -18.0
"""The detector has fixed energy thresholds, made for voices at about this level."""
_BLOCK: Final = 6000


class WebrtcTimer:
    """Tells for each 10 ms whether somebody may be speaking."""

    def __init__(self) -> None:
        import webrtcvad

        self._webrtcvad: Any = webrtcvad

    def voiced(self, samples: NDArray[np.float32], loud_db: float) -> NDArray[np.bool_]:
        """Return one flag for each full frame of 10 ms.

        Args:
            samples: float32, (n_samples,), -1..1, 16 kHz.
            loud_db: the level of the loudest voice in `samples`, dB of full scale.
        """
        import numpy as np

        detector = self._webrtcvad.Vad(_MODE)
        gain = np.float32(32767.0 * 10.0 ** ((_LOUD_DB - loud_db) / 20.0))
        n = len(samples) // _FRAME
        out = np.empty(n, dtype=np.bool_)
        for first in range(0, n, _BLOCK):
            last = min(n, first + _BLOCK)
            pcm = np.clip(samples[first * _FRAME : last * _FRAME] * gain, -32768, 32767).astype("<i2").tobytes()
            step = 2 * _FRAME
            out[first:last] = [detector.is_speech(pcm[at : at + step], RATE_HZ) for at in range(0, len(pcm), step)]
        return out
