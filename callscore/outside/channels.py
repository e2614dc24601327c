"""How many channels a recording holds, told by its head alone: checks of sources advise by it without decoding sound."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

__all__ = ["count_channels"]

_HEAD_BYTES: Final = 64 * 1024
_MP3_MONO: Final = 3


def count_channels(path: Path) -> int | None:
    """Return the number of channels of a WAV or MP3 file; None for other kinds and for damaged ones."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        if head[:3] == b"ID3" and len(head) >= 10:
            # Tags may hold a picture; their length has 7 bits a byte.
            stream.seek(10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True)))
            head = stream.read(_HEAD_BYTES)
    return _of_wav(head) if head[:4] == b"RIFF" else _of_mp3(head)


def _of_wav(head: bytes) -> int | None:
    at = head.find(b"fmt ", 12)
    if at < 0 or len(head) < at + 12:
        return None
    return int(struct.unpack_from("<H", head, at + 10)[0]) or None


def _of_mp3(head: bytes) -> int | None:
    frame = head.lstrip(b"\0")[:4]
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0 or not frame[1] & 0x06 or frame[2] >> 4 == 15:
        return None
    return 1 if frame[3] >> 6 == _MP3_MONO else 2
