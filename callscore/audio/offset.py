"""Take a constant offset (a cheap sound card's, or a line's) out of a channel, so that levels are those of sound. In place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["remove_offset"]

_BLOCK: Final = 16_000
_MIN_OFFSET: Final = 5e-4
"""-66 dB of full scale: above the idle value of A-law (a step of 2.4e-4), which is no offset."""


def remove_offset(samples: NDArray[np.float32]) -> None:
    """Subtract the median of the seconds' means from float32 samples at 16 kHz; digital silence stays what it is.

    Speech has no mean over a second; the median leaves out seconds in which a click or a cut makes one. What then lies beyond
    full scale is cut off.
    """
    import numpy as np

    sounding = [block for block in _blocks(samples) if np.count_nonzero(block) > len(block) // 2]
    means = [float(block.mean(dtype=np.float64)) for block in sounding]
    offset = float(np.median(means)) if means else 0.0
    if abs(offset) < _MIN_OFFSET:
        return
    for block in _blocks(samples):
        if block.any():
            np.subtract(block, np.float32(offset), out=block)
            np.clip(block, -1.0, 1.0, out=block)


def _blocks(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [samples[at : at + _BLOCK] for at in range(0, len(samples), _BLOCK)]
