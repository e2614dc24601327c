"""Recordings as files: what is refused before anything is decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.audio import AudioLimits, probe_audio
from callscore.errors import AudioError

LIMITS = AudioLimits()


def _refusal(path: Path, limits: AudioLimits = LIMITS) -> AudioError:
    with pytest.raises(AudioError) as caught:
        probe_audio(path, limits)
    return caught.value


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A missing recording is told apart from a broken one, and the error names it."""
    error = _refusal(tmp_path / "gone.wav")
    assert (error.message, error.where) == ("the recording does not exist", str(tmp_path / "gone.wav"))


def test_every_refusal_carries_a_hint(tmp_path: Path) -> None:
    """What cannot be read says what to do."""
    (tmp_path / "empty.wav").touch()
    assert all(_refusal(path).hint for path in (tmp_path, tmp_path / "gone.wav", tmp_path / "empty.wav"))


def test_folder_is_refused(tmp_path: Path) -> None:
    """A folder is no recording."""
    assert _refusal(tmp_path).message == "this is a folder, not a recording"


def test_empty_file_is_refused(tmp_path: Path) -> None:
    """Zero bytes are named as such."""
    path = tmp_path / "empty.mp3"
    path.touch()
    assert _refusal(path).message == "the file is empty (0 bytes)"


def test_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    """A pipe that nobody writes to does not block the run."""
    path = tmp_path / "pipe.wav"
    os.mkfifo(path)
    assert _refusal(path).message == "this is no regular file (a pipe, socket or device)"


def test_symlink_loop_is_refused(tmp_path: Path) -> None:
    """Links in a circle end in a plain error."""
    (tmp_path / "a.wav").symlink_to(tmp_path / "b.wav")
    (tmp_path / "b.wav").symlink_to(tmp_path / "a.wav")
    assert _refusal(tmp_path / "a.wav").message.startswith("the recording cannot be read: ")


@pytest.fixture
def unreadable(tmp_path: Path) -> Iterator[Path]:
    """Give a file that the process may not read; root gives up its right for as long."""
    path = tmp_path / "secret.wav"
    path.write_bytes(b"RIFF")
    path.chmod(0)
    if os.geteuid() != 0:
        yield path
        return
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    os.seteuid(65534)
    yield path
    os.seteuid(0)


def test_unreadable_file_is_refused(unreadable: Path) -> None:
    """A lack of permission is named."""
    assert _refusal(unreadable).message == "no permission to read the recording"


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    """The limit on size is checked before the file is opened."""
    path = tmp_path / "big.wav"
    path.write_bytes(b"x" * 11)
    assert _refusal(path, AudioLimits(max_bytes=10)).message == "the file has 11 bytes, the limit is 10"


def test_limits_must_be_positive() -> None:
    """A limit of nothing is a mistake in the options."""
    with pytest.raises(ValueError, match=r"AudioLimits\.max_bytes must be positive, got 0"):
        AudioLimits(max_bytes=0)
