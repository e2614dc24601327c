"""Open a recording with PyAV and hand out its packets; every FFmpeg failure becomes an AudioError here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from callscore.audio.files import read_head
from callscore.errors import AudioError

__all__ = ["DECODER_ERRORS", "iter_packets", "open_stream", "packet_ms"]

DECODER_ERRORS: Final = (OSError, ValueError, ArithmeticError, LookupError, EOFError, MemoryError, RuntimeError)
"""What PyAV raises on damaged input besides FFmpegError: mostly OSError and ValueError. Catch them around its calls only."""

_FORMATS: Final = (
    "aac,ac3,aiff,alaw,amr,amrnb,amrwb,ape,asf,au,avi,caf,flac,flv,g722,g723_1,g729,gsm,matroska,webm,mov,mp4,m4a,3gp,mp3,"
    "mpeg,mpegts,mulaw,nistsphere,ogg,rm,s16le,tta,w64,wav,wv"
)
"""Containers that may be read. Playlists (hls, concat, dash) are left out: they make FFmpeg open other files and addresses."""

_HEADERLESS: Final[dict[str, tuple[str, int]]] = {
    # Asterisk's own names for headerless files (formats/format_*.c): alaw|al|alw, ulaw|ul|mu|ulw, sln*, raw, gsm, g722.
    **dict.fromkeys((".al", ".alaw", ".alw"), ("alaw", 8000)),
    **dict.fromkeys((".ul", ".ulaw", ".mulaw", ".mu", ".ulw"), ("mulaw", 8000)),
    ".gsm": ("gsm", 8000),
    ".g722": ("g722", 16000),
    **dict.fromkeys((".sln", ".raw"), ("s16le", 8000)),
    **{f".sln{khz}": ("s16le", khz * 1000) for khz in (8, 12, 16, 24, 32, 48, 96, 192)},
    ".sln44": ("s16le", 44100),
    # The name tells no rate. Speech services that take bare PCM name it so at 16 kHz; an 8 kHz file should be called .sln.
    ".s16": ("s16le", 16000),
}

_MAGIC: Final = re.compile(rb"RIFF|RF64|RIFX|OggS|fLaC|ID3|FORM|caff|\.snd|#!AMR|NIST_1A|\x1aE\xdf\xa3|.{4}ftyp", re.DOTALL)
"""First bytes of files with a header: believed before the file's name."""

_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e]+")

_MAX_IDLE_PACKETS: Final = 20_000
"""Packets in a row that bring neither bytes nor time before the file counts as endless (a hostile or looping index)."""

_OPEN_TIMEOUT_S: Final = 60.0
_READ_TIMEOUT_S: Final = 60.0


def headerless_format(path: Path) -> tuple[str, int] | None:
    """Return FFmpeg's format name and the rate for a telephone file without a header, None if the file speaks for itself.

    The name decides, unless the first bytes are those of a file with a header.

    Raises:
        AudioError: if the content cannot be what the name says (text, or a GSM file that does not start with a GSM frame).
    """
    known = _HEADERLESS.get(path.suffix.lower())
    if known is None:
        return None
    head = read_head(path, 4096)
    if _MAGIC.match(head):
        return None
    # Every frame of GSM 06.10 as stored by toast and Asterisk begins with the four bits 1101.
    if _TEXT.fullmatch(head) or (known[0] == "gsm" and head[:1] and head[0] >> 4 != 0xD):
        raise AudioError(
            f"the file is not the {known[0]} audio that its name announces", where=str(path), hint="check its type"
        )
    return known


@contextmanager
def open_stream(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open `path` and give PyAV's container and its first audio stream.

    Raises:
        AudioError: if it is no recording that can be decoded, or has no audio.
    """
    import av

    try:
        container = _open(path, av)
    except (*DECODER_ERRORS, av.FFmpegError) as exc:
        raise _no_recording(path, exc) from exc
    with container:
        yield container, _audio_stream(container, path)


def iter_packets(container: Any, stream: Any, path: Path) -> Iterator[Any]:
    """Yield the stream's packets, the closing empty one excluded; a read error in the middle ends the file.

    Raises:
        AudioError: if the file never ends (packets that bring neither bytes nor time).
    """
    import av

    idle = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except (*DECODER_ERRORS, av.FFmpegError):
            return
        idle = 0 if packet.size and packet_ms(packet) != 0 else idle + 1
        if idle > _MAX_IDLE_PACKETS:
            raise AudioError("the file goes on without any sound in it", where=str(path), hint="fetch the recording again")
        if packet.size:
            yield packet


def packet_ms(packet: Any) -> float | None:
    """Return the packet's duration in ms, None where the container does not tell."""
    if packet.duration is None or packet.time_base is None:
        return None
    return float(packet.duration * packet.time_base * 1000)


def _open(path: Path, av: Any) -> Any:
    """Open with only local files and audio containers allowed; the absolute path keeps "a:b.wav" from being an address."""
    # Larger packets than the WAV reader's 4 KB make decoding PCM twice as fast; other readers ignore the option.
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file", "max_size": "65536"}
    forced = headerless_format(path)
    if forced and forced[0] in ("alaw", "mulaw", "s16le"):
        options |= {"sample_rate": str(forced[1]), "ch_layout": "mono"}
    return av.open(
        os.fspath(path.absolute()),
        mode="r",
        format=forced[0] if forced else None,
        container_options=options,
        metadata_errors="replace",
        timeout=(_OPEN_TIMEOUT_S, _READ_TIMEOUT_S),
    )


def _audio_stream(container: Any, path: Path) -> Any:
    """Return the first audio stream, decoding on the calling thread only (the pool of workers already fills the machine)."""
    if not container.streams.audio:
        raise AudioError("the file has no audio in it", where=str(path), hint="check that this is a recording")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise AudioError("the audio is in a codec that cannot be decoded", where=str(path), hint="convert it to WAV or FLAC")
    stream.codec_context.thread_count = 1
    return stream


def _no_recording(path: Path, exc: Exception) -> AudioError:
    """Say that FFmpeg does not understand the file; its own words come last, they rarely help."""
    detail = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    hint = "fetch the recording again or convert it to WAV"
    if path.suffix.lower() == ".wav":
        hint += "; bare PCM without a WAV header is read if called .sln (8 kHz) or .s16 (16 kHz)"
    return AudioError(f"the file is no audio that can be decoded ({detail})", where=str(path), hint=hint)
