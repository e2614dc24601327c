"""Look at a recording as a file: does it exist, may it be read, how large is it, what is its sha256. Decodes nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from callscore.audio.base import AudioLimits
from callscore.errors import AudioError

__all__ = ["check_file", "read_head"]


def check_file(path: Path, limits: AudioLimits) -> int:
    """Return the size of `path` in bytes.

    Raises:
        AudioError: if it is missing, not a regular file, not readable, empty, or larger than `limits.max_bytes`.
    """
    n_bytes = _regular_size(path)
    if n_bytes == 0:
        raise AudioError("the file is empty (0 bytes)", where=str(path), hint="fetch the recording again")
    if n_bytes > limits.max_bytes:
        raise AudioError(
            f"the file has {n_bytes} bytes, the limit is {limits.max_bytes}",
            where=str(path),
            hint="raise max_file_mb under [audio] in callscore.toml if the recording really is that large",
        )
    read_head(path, 1)
    return n_bytes


def read_head(path: Path, n_bytes: int) -> bytes:
    """Return up to `n_bytes` from the start of the file; raises AudioError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(n_bytes)
    except OSError as exc:
        raise _unreadable(path, exc) from exc


def _regular_size(path: Path) -> int:
    """Return the size; opening a pipe or a device instead of a file could block for ever, so those are refused first."""
    try:
        status = os.stat(path)  # noqa: PTH116 - Path.stat raises RuntimeError on some symlink loops
    except (OSError, ValueError) as exc:
        raise _unreadable(path, exc) from exc
    if stat.S_ISDIR(status.st_mode):
        raise AudioError("this is a folder, not a recording", where=str(path), hint="give the files inside it")
    if not stat.S_ISREG(status.st_mode):
        raise AudioError("this is no regular file (a pipe, socket or device)", where=str(path), hint="copy it to a file first")
    return status.st_size


def _unreadable(path: Path, exc: OSError | ValueError) -> AudioError:
    """Turn the system's error into one with a hint."""
    if isinstance(exc, FileNotFoundError):
        return AudioError("the recording does not exist", where=str(path), hint="check the path, or the link it goes through")
    if isinstance(exc, PermissionError):
        return AudioError("no permission to read the recording", where=str(path), hint="chmod or run as the owner")
    reason = (exc.strerror if isinstance(exc, OSError) else None) or str(exc)
    return AudioError(f"the recording cannot be read: {reason}", where=str(path), hint="check the disk and the path")
