"""Two legs in two files, or stereo without a header -> one WAV file: the received leg left, the transmitted one right."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.errors import RecordingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["merge_legs", "wrap_raw"]

_BLOCK: Final = 1 << 18
_MAX_APART_S: Final = 0.5
"""Legs are kept in step by Asterisk unless MixMonitor was told not to; then words of one would stand beside the wrong ones."""
_SLIN_HZ: Final = {".sln": 0, ".slin": 0, ".raw": 0, ".sln16": 16_000, ".sln32": 32_000, ".sln44": 44_100, ".sln48": 48_000}
_MU_LAW: Final = (".ulaw", ".ul", ".mulaw", ".pcm")
_A_LAW: Final = (".alaw", ".al")


@dataclass(frozen=True, slots=True)
class _Leg:
    """One leg: its samples on disk, and what turns them into 16 bits."""

    samples: Any
    rate_hz: int
    decode: Callable[[Any], NDArray[np.int16]]


def merge_legs(received: Path, sent: Path, target: Path, raw_rate_hz: int) -> Path:
    """Write the two legs of a call as stereo to `target` and return it; the shorter one is filled up with silence.

    Raises:
        RecordingError: a leg is missing, of a kind that is not read here, or the two do not fit.
        OSError: the disk is full or cannot be written.
    """
    import numpy as np

    left, right = _open_leg(received, raw_rate_hz), _open_leg(sent, raw_rate_hz)
    if left.rate_hz != right.rate_hz:
        raise RecordingError("the two legs have different sample rates")
    n_samples = max(len(left.samples), len(right.samples))
    apart_s = abs(len(left.samples) - len(right.samples)) / left.rate_hz
    if apart_s > _MAX_APART_S:
        hint = "take option n out of MixMonitor: it stops filling gaps with silence, and the legs get out of step"
        raise RecordingError(f"the two legs do not fit: one is {apart_s:.1f} s longer", hint=hint)
    with _writing(target, left.rate_hz) as file:
        for at in range(0, n_samples, _BLOCK):
            both = np.zeros((min(_BLOCK, n_samples - at), 2), dtype="<i2")
            for channel, leg in enumerate((left, right)):
                part = leg.decode(leg.samples[at : at + _BLOCK])
                both[: len(part), channel] = part
            file.writeframesraw(both.tobytes())
    return target


def wrap_raw(raw: Path, target: Path, rate_hz: int) -> Path:
    """Write interleaved stereo of 16 bits without a header (MixMonitor's option D) as a WAV file and return it.

    Raises:
        RecordingError: it holds less than a sample, or cannot be read.
        OSError: the disk is full or cannot be written.
    """
    with _reading(raw) as stream, _writing(target, rate_hz) as file:
        rest = raw.stat().st_size // 4 * 4
        if not rest:
            raise RecordingError("the recording is empty")
        while rest and (data := stream.read(min(rest, 4 * _BLOCK))):
            file.writeframesraw(data)
            rest -= len(data)
    return target


def _open_leg(path: Path, raw_rate_hz: int) -> _Leg:
    suffix = path.suffix.lower()
    if suffix in (".wav", ".wave"):
        return _open_wav(path)
    if suffix in _SLIN_HZ:
        return _Leg(_mapped(path, "<i2", 0, None), _SLIN_HZ[suffix] or raw_rate_hz, _as_is)
    if suffix in _MU_LAW:
        return _Leg(_mapped(path, "u1", 0, None), 8000, _from_mu_law)
    if suffix in _A_LAW:
        return _Leg(_mapped(path, "u1", 0, None), 8000, _from_a_law)
    raise RecordingError(
        f"legs in {suffix or 'files without ending'} cannot be merged", hint="record r() and t() as .wav or .sln"
    )


def _open_wav(path: Path) -> _Leg:
    """Find the samples of a WAV file; the length in the header counts only as far as there are samples."""
    try:
        with _reading(path) as stream:
            head = stream.read(12)
            if head[:4] != b"RIFF" or head[8:] != b"WAVE":
                raise RecordingError("a leg is no WAV file")
            layout = b""
            while len(mark := stream.read(8)) == 8:
                size = int.from_bytes(mark[4:], "little")
                if mark[:4] == b"data":
                    return _wav_leg(path, layout, stream.tell(), size)
                if mark[:4] == b"fmt ":
                    layout = stream.read(size + size % 2)
                else:
                    stream.seek(size + size % 2, 1)
    except OSError as exc:
        raise RecordingError(f"a leg cannot be read: {exc.strerror}") from exc
    raise RecordingError("a leg holds no sound")


def _wav_leg(path: Path, layout: bytes, offset: int, size: int) -> _Leg:
    kind, channels, rate_hz, bits = (int.from_bytes(layout[a:b], "little") for a, b in ((0, 2), (2, 4), (4, 8), (14, 16)))
    if channels != 1 or not 4000 <= rate_hz <= 192_000:
        raise RecordingError("a leg is not mono")
    # Interrupted recordings have 0 or too much in the header.
    n_bytes = min(size or 1 << 40, path.stat().st_size - offset)
    if (kind, bits) in ((1, 16), (0xFFFE, 16)):
        return _Leg(_mapped(path, "<i2", offset, n_bytes // 2), rate_hz, _as_is)
    if (kind, bits) in ((6, 8), (7, 8)):
        return _Leg(_mapped(path, "u1", offset, n_bytes), rate_hz, _from_a_law if kind == 6 else _from_mu_law)
    raise RecordingError("legs in this kind of WAV cannot be merged", hint="record r() and t() as .wav (16 bits) or .sln")


def _mapped(path: Path, kind: str, offset: int, n_samples: int | None) -> Any:
    import numpy as np

    try:
        whole = (path.stat().st_size - offset) // np.dtype(kind).itemsize
        count = whole if n_samples is None else min(whole, n_samples)
        if count < 1:
            raise RecordingError("a leg holds no sound")
        return np.memmap(path, dtype=kind, mode="r", offset=offset, shape=(count,))
    except (OSError, ValueError) as exc:
        raise RecordingError(f"a leg cannot be read: {type(exc).__name__}") from exc


def _as_is(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    return samples


def _from_mu_law(samples: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Decode G.711 mu-law."""
    import numpy as np

    code = ~samples.astype(np.int32) & 0xFF
    size = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _from_a_law(samples: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Decode G.711 A-law."""
    import numpy as np

    code = samples.astype(np.int32) ^ 0x55
    step, exponent = (code & 0x0F) << 4, (code >> 4) & 7
    size = np.where(exponent == 0, step + 8, (step + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    try:
        stream = path.open("rb")
    except OSError as exc:
        raise RecordingError(f"the recording cannot be read: {exc.strerror}") from exc
    with stream:
        yield stream


@contextmanager
def _writing(target: Path, rate_hz: int) -> Iterator[wave.Wave_write]:
    """Open a stereo WAV file that has its name only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        with wave.open(str(part), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
