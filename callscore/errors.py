"""Every error callscore raises on purpose, with its exit code. One place, so that codes stay unique."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar, Literal

__all__ = [
    "AudioError",
    "CallError",
    "CallscoreError",
    "ConfigError",
    "DiarizeError",
    "ModelError",
    "NothingToDoError",
    "RecordingError",
    "RubricError",
    "SourceAuthError",
    "SourceError",
    "SourceUnavailableError",
    "StoreBusyError",
    "StoreError",
    "TranscribeError",
    "nearest",
]


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known name most like `name` (at least `cutoff`, 0..1, see difflib), or an empty string; for hints.

    >>> nearest("critcal", ["critical", "weight"])
    'critical'
    """
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return found[0] if found else ""


class CallscoreError(Exception):
    """Something the user can act on: what went wrong, where, and what to do.

    Args:
        message: what is wrong, in one plain sentence without a full stop.
        where: file, line, key or address; empty if the message says it.
        hint: the command or action that helps; empty if there is none.
    """

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False
    scope: ClassVar[Literal["run", "call"]] = "run"

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint


class ConfigError(CallscoreError):
    """The configuration, the metadata file or an option cannot be used."""

    exit_code = 3


class RubricError(CallscoreError):
    """A rubric, phrase set or call-type file is wrong."""

    exit_code = 4


class ModelError(CallscoreError):
    """Weights are missing, damaged or cannot be fetched."""

    exit_code = 5


class StoreError(CallscoreError):
    """The database cannot be opened, read or written."""

    exit_code = 6


class StoreBusyError(StoreError):
    """Another run holds the database."""

    exit_code = 7


class NothingToDoError(CallscoreError):
    """There is no recording to work on."""

    exit_code = 8


class SourceError(CallscoreError):
    """A place that holds recordings cannot be read."""

    exit_code = 10


class SourceAuthError(SourceError):
    """A source refused the sign-in."""

    exit_code = 11


class SourceUnavailableError(SourceError):
    """A source did not answer; trying again later may help."""

    exit_code = 12
    transient = True


class CallError(CallscoreError):
    """One call cannot be processed; the others go on."""

    exit_code = 20
    scope = "call"


class AudioError(CallError):
    """The recording cannot be decoded or breaks a limit."""

    exit_code = 21


class TranscribeError(CallError):
    """Recognition of one call failed."""

    exit_code = 22


class DiarizeError(CallError):
    """Telling the speakers of one call apart failed."""

    exit_code = 23


class RecordingError(CallError):
    """The recording of one call cannot be fetched from its source."""

    exit_code = 24
