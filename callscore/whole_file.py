"""Files that are written for people: whole or not at all, under the name that was asked for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from callscore.errors import ConfigError

__all__ = ["whole_file"]


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a stream to write to; the file appears under its name when the context ends well, and not otherwise.

    Raises:
        ConfigError: if the folder does not exist, the name is a folder's, or the disk is full.
    """
    if not path.absolute().parent.is_dir():
        raise ConfigError("the folder does not exist", where=str(path.parent), hint=f"mkdir -p {path.parent}")
    if path.is_dir():
        raise ConfigError("this is a folder, not a file", where=str(path))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as exc:
        raise ConfigError(f"the file cannot be written: {exc.strerror or exc}", where=str(path)) from exc
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
