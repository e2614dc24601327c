"""Tell what a recording is before any work goes into it: container, codec, rate, channels and true duration."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from callscore.audio.base import AudioLimits
from callscore.audio.container import iter_packets, open_stream, packet_ms
from callscore.audio.files import check_file
from callscore.errors import AudioError
from callscore.records import AudioInfo

__all__ = ["probe_audio"]

_RATES_HZ: Final = (4_000, 384_000)
_MAX_CHANNELS: Final = 32
_MAX_PACKET_MS: Final = 60_000
"""No codec packs this much into one packet (the longest, FLAC's 65535 samples, are 16 s at 4 kHz): such a length is a lie."""
_MAX_HOLE_FACTOR: Final = 4
"""Timestamps may say that a file lasts up to this many times its packets (calls with silence left out); beyond it they lie."""


def probe_audio(path: Path, limits: AudioLimits) -> AudioInfo:
    """Return what the recording at `path` holds.

    The duration is counted from the packets, not read from the header: headers of recordings cut short by a crash lie.

    Raises:
        AudioError: if it is no readable recording, breaks a limit, or has an impossible rate or number of channels.
    """
    check_file(path, limits)
    with open_stream(path) as (container, stream):
        context = stream.codec_context
        rate_hz, n_channels = int(context.sample_rate or 0), int(context.channels or 0)
        if not _RATES_HZ[0] <= rate_hz <= _RATES_HZ[1]:
            raise _impossible(path, f"a sample rate of {rate_hz} Hz")
        if not 1 <= n_channels <= _MAX_CHANNELS:
            raise _impossible(path, f"{n_channels} channels")
        duration_ms = _count_ms(container, stream, path, limits.max_duration_s)
        codec = str(context.name)
        name = str(container.format.name)
    check_duration(path, duration_ms, limits)
    return AudioInfo(container=name, codec=codec, rate_hz=rate_hz, n_channels=n_channels, duration_ms=duration_ms)


def check_duration(path: Path, duration_ms: int, limits: AudioLimits) -> None:
    """Raise AudioError if `duration_ms` lies outside the limits."""
    if duration_ms == 0:
        raise AudioError("there is no sound in the file, only a header", where=str(path), hint="fetch the recording again")
    if duration_ms < limits.min_duration_ms:
        raise AudioError(
            f"the recording lasts {duration_ms} ms, less than {limits.min_duration_ms}",
            where=str(path),
            hint="such a call holds no words; leave it out",
        )
    if duration_ms > limits.max_duration_s * 1000:
        raise AudioError(
            f"the recording is longer than the limit of {limits.max_duration_s} s",
            where=str(path),
            hint="split it, or raise max_duration_min under [audio] in callscore.toml",
        )


def _impossible(path: Path, what: str) -> AudioError:
    return AudioError(f"the header announces {what}", where=str(path), hint="the file is damaged; fetch the recording again")


def _count_ms(container: Any, stream: Any, path: Path, max_duration_s: int) -> int:
    """Return the duration by walking through the packets; stops soon after `max_duration_s`."""
    total, first, last, n_packets = 0.0, None, 0.0, 0
    for packet in iter_packets(container, stream, path):
        n_packets += 1
        length = packet_ms(packet)
        length = length if length and length <= _MAX_PACKET_MS else 0.0
        total += length
        if packet.pts is not None and packet.time_base is not None:
            at = float(packet.pts * packet.time_base * 1000)
            first = at if first is None else first
            last = max(last, at + length)
        if total > max_duration_s * 1000 + 1000:
            break
    extent = last - first if first is not None else 0.0
    if total == 0.0:  # a container that gives no packet its length
        return round(extent) or (_announced_ms(container) if n_packets else 0)
    return round(extent if total < extent <= _MAX_HOLE_FACTOR * total else total)


def _announced_ms(container: Any) -> int:
    """Return the duration in the header (FFmpeg counts it in microseconds), 0 if there is none."""
    return round((container.duration or 0) / 1000)
