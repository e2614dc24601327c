"""What a source of calls must do, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from callscore.records import CallRecord

__all__ = ["Found", "Problem", "Source"]


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

    To add one: write sources/<name>.py, its keys and kind into callscore/config.py (SOURCE_KEYS, SourceConfig), the branch that
    builds it into jobs/collect.py, and tests/sources/test_<name>.py after the model of test_folder.py.
    """

    name: str

    def find_calls(self, since: datetime | None) -> Found:
        """Return the calls that started at or after `since` (aware, UTC); a call of unknown start always counts; repeatable.

        Raises:
            SourceError: if the place itself cannot be read; a single bad recording becomes a Problem.
            ConfigError: if the metadata cannot be used.
        """
        ...
