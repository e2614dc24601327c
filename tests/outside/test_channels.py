"""How many channels a recording holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.outside.channels import count_channels
from tests.connectors.story import beep

ID3 = b"ID3\x04\x00\x00\x00\x00\x02\x00" + bytes(256)
STEREO_FRAME = b"\xff\xfb\x90\x04" + bytes(413)
MONO_FRAME = b"\xff\xf3\x40\xc4" + bytes(200)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (beep(0.1, channels=1), 1),
        (beep(0.1, channels=2), 2),
        (STEREO_FRAME, 2),
        (MONO_FRAME, 1),
        (ID3 + MONO_FRAME, 1),
        (b"RIFF", None),
        (b"", None),
        (b"\xff", None),
        (b"OggS" + bytes(100), None),
    ],
)
def test_channels_are_told_by_the_head(tmp_path: Path, data: bytes, expected: int | None) -> None:
    """WAV and MP3 say it in their first bytes; anything else, cut short or damaged, is unknown."""
    path = tmp_path / "recording"
    path.write_bytes(data)
    assert count_channels(path) == expected
