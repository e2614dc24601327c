"""Decode a recording block by block to 16 kHz float32, a channel per leg, without holding it twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callscore.audio.base import RATE_HZ, AudioLimits, AudioNote, Decoded
from callscore.audio.container import DECODER_ERRORS, iter_packets, open_stream
from callscore.audio.offset import remove_offset
from callscore.audio.probe import check_duration
from callscore.errors import AudioError
from callscore.records import AudioInfo, MonoAudio
from callscore.units import samples_to_ms

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["decode_channels"]

_MAX_LEGS: Final = 2
_MIN_KEPT_FRAC: Final = 0.5
"""A damaged recording is used if at least this part of it was decoded: verdicts on less would rest on what is missing."""
_MIN_HOLE_S: Final = 0.2
"""Jumps of the file's clock under this are the jitter of packet times, not lost audio."""
_MAX_IDLE_DECODES: Final = 5_000
"""Packets in a row that decode to nothing (some 100 s of telephone frames) before decoding is given up."""


def decode_channels(path: Path, info: AudioInfo, *, limits: AudioLimits) -> Decoded:
    """Return the channels of the recording that `probe_audio` described as `info`.

    One channel stays one, two stay apart (0 left, 1 right), more are averaged into one and noted. Damaged packets are left
    out and noted; a hole in the file's clock becomes silence, so that later words keep their time.

    Args:
        path: the recording.
        info: what probing told; its duration sizes the memory.
        limits: stops a file that holds more than it announced, while it is being decoded.

    Raises:
        AudioError: if nothing, or less than half of the announced audio, can be decoded, or a limit is broken.
    """
    legs = _Legs(info, limits, path)
    with open_stream(path) as (container, stream):
        damaged = _decode_into(legs, container, stream, path)
        notes = {AudioNote.EXTRA_AUDIO_STREAMS} if len(container.streams.audio) > 1 else set()
    duration_ms = samples_to_ms(legs.n_samples, RATE_HZ)
    if damaged and duration_ms < _MIN_KEPT_FRAC * info.duration_ms:
        raise AudioError(
            f"the recording is damaged: {duration_ms / 1000:.1f} s of {info.duration_ms / 1000:.1f} s could be decoded",
            where=str(path),
            hint="fetch the recording again",
        )
    if damaged:
        notes.add(AudioNote.DAMAGED)
    # A codec's start-up delay and last partial frame come to less than these 250 ms.
    if duration_ms < info.duration_ms - max(250, info.duration_ms // 50):
        notes.add(AudioNote.TRUNCATED)
    if legs.has_holes:
        notes.add(AudioNote.GAPS_FILLED)
    if info.n_channels > _MAX_LEGS:
        notes.add(AudioNote.FOLDED_CHANNELS)
    check_duration(path, duration_ms, limits)
    return Decoded(channels=legs.finish(), notes=tuple(sorted(notes)))


class _Legs:
    """Growing float32 arrays, one per leg. `ndarray.resize` moves pages, so growing never holds the audio twice."""

    def __init__(self, info: AudioInfo, limits: AudioLimits, path: Path) -> None:
        import numpy as np

        expected = info.duration_ms * RATE_HZ // 1000 + RATE_HZ
        self.arrays = [np.empty(expected, dtype=np.float32) for _ in range(2 if info.n_channels == _MAX_LEGS else 1)]
        self.n_samples = 0
        self.has_holes = False
        self._max_samples = limits.max_duration_s * RATE_HZ
        self._hole_limit = expected
        self._path = path

    def append(self, block: NDArray[np.float32]) -> None:
        """Add a block of shape (n_channels, n): folded where the legs are fewer, doubled where they are more."""
        import numpy as np

        if block.shape[0] != len(self.arrays):
            block = np.broadcast_to(block.mean(axis=0), (len(self.arrays), block.shape[1]))
        start = self._reserve(block.shape[1])
        for leg, samples in zip(self.arrays, block, strict=True):
            # Float recordings may hold NaN and values beyond full scale; no later stage should have to think of it.
            np.clip(np.nan_to_num(samples, nan=0.0), -1.0, 1.0, out=leg[start : self.n_samples])

    def fill_hole(self, n_samples: int) -> None:
        """Add silence, but never beyond the probed end: a bad timestamp must not make hours of it."""
        n_samples = min(n_samples, self._hole_limit - self.n_samples)
        if n_samples > 0:
            self.has_holes = True
            start = self._reserve(n_samples)
            for leg in self.arrays:
                leg[start : self.n_samples] = 0.0

    def finish(self) -> tuple[MonoAudio, ...]:
        """Give back the surplus memory, take out offsets, and hand out the arrays, read-only."""
        for leg in self.arrays:
            leg.resize(self.n_samples, refcheck=False)
            remove_offset(leg)
            leg.setflags(write=False)
        return tuple(MonoAudio(samples=leg, rate_hz=RATE_HZ, channel=number) for number, leg in enumerate(self.arrays))

    def _reserve(self, n: int) -> int:
        start, self.n_samples = self.n_samples, self.n_samples + n
        if self.n_samples > self._max_samples:
            seconds = self._max_samples // RATE_HZ
            raise AudioError(
                f"the recording unpacks to more than the limit of {seconds} s",
                where=str(self._path),
                hint="split it, or raise max_duration_min under [audio] in callscore.toml",
            )
        if self.n_samples > len(self.arrays[0]):
            for leg in self.arrays:
                leg.resize(self.n_samples + self.n_samples // 8, refcheck=False)
        return start


class _Clock:
    """Compares the file's timestamps with the audio decoded so far."""

    def __init__(self) -> None:
        self._start_s: float | None = None

    def hole_samples(self, frame: Any, n_samples: int) -> int:
        """Return how many samples at 16 kHz are missing before `frame`; 0 where times are unknown or run backwards."""
        if frame.pts is None or frame.time_base is None:
            return 0
        at_s, here_s = float(frame.pts * frame.time_base), n_samples / RATE_HZ
        if self._start_s is None or at_s - self._start_s - here_s < -_MIN_HOLE_S:
            self._start_s = at_s - here_s
        missing_s = at_s - self._start_s - here_s
        return int(missing_s * RATE_HZ) if missing_s > _MIN_HOLE_S else 0


class _Resampler:
    """PyAV's resampler to 16 kHz planar floats, set up anew when the stream changes its rate or layout on the way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._resampler: Any = None
        self._setup: tuple[str, str, int] | None = None

    def convert(self, frame: Any) -> Iterator[NDArray[np.float32]]:
        """Yield blocks of shape (n_channels, n)."""
        from av.audio.resampler import AudioResampler

        setup = (frame.format.name, frame.layout.name, frame.sample_rate)
        if setup != self._setup:
            yield from self.flush()
            self._resampler, self._setup = AudioResampler(format="fltp", rate=RATE_HZ), setup
        yield from self._run(frame)

    def flush(self) -> Iterator[NDArray[np.float32]]:
        """Yield what the filter still holds, and start afresh."""
        if self._resampler is not None:
            yield from self._run(None)
            self._resampler = self._setup = None

    def _run(self, frame: Any) -> list[NDArray[np.float32]]:
        import av

        try:
            return [out.to_ndarray() for out in self._resampler.resample(frame)]
        except (*DECODER_ERRORS, av.FFmpegError) as exc:
            raise AudioError(
                "the audio cannot be converted to 16 kHz", where=str(self._path), hint="convert it to WAV"
            ) from exc


def _decode_into(legs: _Legs, container: Any, stream: Any, path: Path) -> bool:
    """Decode every packet into `legs`; return whether some could not be decoded."""
    resampler, clock, damaged, idle = _Resampler(path), _Clock(), False, 0
    for frames in _iter_frames(container, stream, path):
        idle = 0 if frames else idle + 1
        if idle > _MAX_IDLE_DECODES:
            raise AudioError("the file goes on without any sound in it", where=str(path), hint="fetch the recording again")
        damaged |= frames is None
        for frame in frames or ():
            hole = clock.hole_samples(frame, legs.n_samples)
            if hole:
                for block in resampler.flush():
                    legs.append(block)
                legs.fill_hole(hole)
            for block in resampler.convert(frame):
                legs.append(block)
    for block in resampler.flush():
        legs.append(block)
    return damaged


def _iter_frames(container: Any, stream: Any, path: Path) -> Iterator[list[Any] | None]:
    """Yield the frames of each packet, None for a packet that cannot be decoded; the decoder's own tail comes last."""
    import av

    for packet in iter_packets(container, stream, path):
        try:
            yield packet.decode()
        except (*DECODER_ERRORS, av.FFmpegError):
            yield None
    try:
        yield stream.codec_context.decode(None)
    except (*DECODER_ERRORS, av.FFmpegError):
        return
