"""Recordings as browsers can play them: decoded once to plain WAV in memory, with peaks per leg. Writes nothing to the disk.

No browser plays A-law, GSM or G.722, and none may be given a path: what comes in is where the store says a recording lies and
the SHA-256 that it had when it was heard.
"""

from __future__ import annotations

import hashlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callscore.audio import RATE_HZ, AudioLimits, decode_channels, probe_audio
from callscore.errors import AudioError
from callscore.store.entries import RecordingFile
from callscore.units import Span, ms_to_samples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Sound", "SoundGoneError", "Sounds"]

_TELEPHONE_HZ: Final = 8_000
_HEADER_BYTES: Final = 44
_PEAKS_PER_S: Final = 20
_MOST_PEAKS: Final = 24_000
"""Per leg: more than any screen has columns, and a few hundred kilobytes for the longest call."""
_KEPT_BYTES: Final = 400 * 1024 * 1024
_READ_BYTES: Final = 1024 * 1024


class SoundGoneError(AudioError):
    """The recording cannot be played. `kind` is no_recording, missing or changed: the page has a sentence for each."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A decoded recording: 16-bit PCM, (n_samples, n_channels).

    `peaks` of each leg are its lowest and highest values in turn, -100..100; `rate_hz` is 8000 for telephone audio, else 16000.
    """

    pcm: NDArray[np.int16]
    rate_hz: int
    peaks: tuple[tuple[int, ...], ...]

    @property
    def n_channels(self) -> int:
        """How many legs lie apart."""
        return int(self.pcm.shape[1])

    @property
    def duration_ms(self) -> int:
        """Length, rounded down."""
        return int(self.pcm.shape[0]) * 1000 // self.rate_hz

    @property
    def n_bytes(self) -> int:
        """Size as a WAV file."""
        return _HEADER_BYTES + self.pcm.nbytes

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes `[start, end)` of the WAV file."""
        head = self._header(self.pcm.nbytes)[start:end]
        data = self.pcm.reshape(-1).view("u1")
        return head + data[max(0, start - _HEADER_BYTES) : max(0, end - _HEADER_BYTES)].tobytes()

    def clip(self, span: Span) -> bytes:
        """Return a WAV file of `span` alone, cut to what there is."""
        part = self.pcm[ms_to_samples(span.start_ms, self.rate_hz) : ms_to_samples(span.end_ms, self.rate_hz)]
        return self._header(part.nbytes) + part.tobytes()

    def _header(self, n_bytes: int) -> bytes:
        frame = 2 * self.n_channels
        form = struct.pack("<HHIIHH", 1, self.n_channels, self.rate_hz, self.rate_hz * frame, frame, 16)
        return (
            b"RIFF"
            + struct.pack("<I", 36 + n_bytes)
            + b"WAVEfmt "
            + struct.pack("<I", 16)
            + form
            + b"data"
            + struct.pack("<I", n_bytes)
        )


class Sounds:
    """Gives sounds by call id and keeps those used last, up to `kept_bytes` and at least one. Safe to use from threads."""

    def __init__(self, limits: AudioLimits, *, kept_bytes: int = _KEPT_BYTES) -> None:
        self._limits = limits
        self._kept_bytes = kept_bytes
        self._kept: OrderedDict[tuple[str, int, int], Sound] = OrderedDict()
        self._lock = threading.Lock()
        # One decoder at a time: it takes a core and, for an hour of stereo, half a gigabyte.
        self._decoding = threading.Lock()

    def open(self, file: RecordingFile | None) -> Sound:
        """Return the sound of a recording; the first time it is checked and decoded, some 1 s for 20 minutes.

        Raises:
            SoundGoneError: if there is no recording, or it was moved, deleted or changed since it was heard.
            AudioError: if it cannot be decoded.
        """
        if file is None:
            raise SoundGoneError("no_recording", "the store has no recording of this call")
        key = _key(file)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._decoding:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            if _sha256(file.path) != file.sha256:
                raise SoundGoneError("changed", "the recording was changed or re-encoded since it was heard")
            sound = _decode(file.path, self._limits)
            with self._lock:
                self._kept[key] = sound
                self._drop_oldest()
            return sound

    def _drop_oldest(self) -> None:
        while len(self._kept) > 1 and sum(sound.n_bytes for sound in self._kept.values()) > self._kept_bytes:
            self._kept.popitem(last=False)


def _key(file: RecordingFile) -> tuple[str, int, int]:
    """Return what tells that the file is still the one that was decoded."""
    try:
        status = file.path.stat()
    except (OSError, ValueError) as exc:
        raise SoundGoneError("missing", "the recording was moved or deleted since it was heard") from exc
    return file.sha256, status.st_mtime_ns, status.st_size


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        for block in _blocks(path):
            digest.update(block)
    except OSError as exc:
        raise SoundGoneError("missing", "the recording cannot be read any more") from exc
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            yield block


def _decode(path: Path, limits: AudioLimits) -> Sound:
    import numpy as np

    info = probe_audio(path, limits)
    channels = decode_channels(path, info, limits=limits).channels
    # Telephone audio was doubled in rate to be heard by the models: every second sample is what the line carried.
    step = 2 if info.rate_hz <= _TELEPHONE_HZ else 1
    n = len(channels[0].samples[::step])
    pcm = np.empty((n, len(channels)), dtype=np.int16)
    for at, channel in enumerate(channels):
        np.multiply(channel.samples[::step], 32767, out=pcm[:, at], casting="unsafe")
    rate_hz = RATE_HZ // step
    pcm.setflags(write=False)
    return Sound(pcm=pcm, rate_hz=rate_hz, peaks=tuple(_peaks(pcm[:, at], rate_hz) for at in range(len(channels))))


def _peaks(samples: NDArray[np.int16], rate_hz: int) -> tuple[int, ...]:
    """Return the lowest and the highest value of each of equal stretches, scaled to -100..100."""
    import numpy as np

    n = max(1, min(_MOST_PEAKS // 2, len(samples) * _PEAKS_PER_S // (2 * rate_hz)))
    size = max(1, len(samples) // n)
    blocks = samples[: len(samples) // size * size].reshape(-1, size)
    pairs = np.stack([blocks.min(axis=1), blocks.max(axis=1)], axis=1).ravel()
    return tuple(int(value) for value in pairs.astype(np.int32) * 100 // 32767)
