"""What a source of calls must do, and the table of sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from callscore.records import CallRecord

__all__ = ["SOURCES", "Found", "Problem", "Source"]

SOURCES: Final[Mapping[str, str]] = {"folder": "callscore.sources.folder:FolderSource"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A recording that cannot even be listed; it fails with exit code `code` while the others go on."""

    call_id: str
    recording: str
    code: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a source holds: the calls in order of recording name, what is wrong, and remarks for the person who reads."""

    calls: tuple[CallRecord, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


class Source(Protocol):
    """A place that holds call recordings.

    To add one: write sources/<name>.py, add a line to SOURCES, its keys to callscore/config.py (SOURCE_KEYS), then run
    tests/sources/test_contract.py, which finds it by itself.
    """

    name: str

    def find_calls(self, since: datetime | None) -> Found:
        """Return the calls that started at or after `since` (aware, UTC); a call of unknown start always counts; repeatable.

        Raises:
            SourceError: if the place itself cannot be read; a single bad recording becomes a Problem.
            ConfigError: if the metadata cannot be used.
        """
        ...
