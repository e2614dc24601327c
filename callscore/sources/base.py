"""What a source of calls must do, and what it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from callscore.outside.pages import CallPage, Finding, Window
from callscore.records import CallRecord, RecordedCall, RecordingLink

__all__ = ["Found", "Problem", "Source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A recording that cannot even be listed; it fails with exit code `code` while the others go on."""

    source: str
    call_id: str
    recording: str
    code: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What there is to hear: the calls in order of recording name, what is wrong, and remarks for the person who reads."""

    calls: tuple[RecordedCall, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]


class Source(Protocol):
    """A system that knows calls, recorded or not. It is only read: nothing there is ever changed or deleted.

    To add one: write sources/<kind>.py with a `Settings` dataclass (a subclass of ConnectorSettings) and
    `open_source(name, settings, tools) -> Source`, add its line to connectors.py, its fixtures to tests/connectors/fixtures/
    and a case to tests/connectors/cases/<kind>.py; tests/connectors/test_contract.py then finds it, and `callscore init` and
    `callscore sources` know it.
    """

    def iter_pages(self, window: Window) -> Iterator[CallPage]:
        """Yield what the system knows of the calls that started within `window`; repeatable.

        Calls still running are left out. A row that cannot be used becomes a Reject and the others go on.

        Raises:
            SourceAuthError: the sign-in is refused.
            SourceUnavailableError: the system stays away; pages given before it are good.
            SourceError: it answers with what cannot be understood.
        """
        ...

    def fetch(self, call: CallRecord, recording: RecordingLink, folder: Path) -> Path:
        """Return the file with a recording: one that lies on this machine already, or one downloaded into `folder`.

        Raises:
            RecordingError: there is none, it is not ready yet, or what came is no sound.
            SourceError: as for iter_pages.
        """
        ...

    def check(self) -> Iterator[Finding]:
        """Sign in, read one page, look at the head of one recording, and tell what is fine and what is missing.

        Raises:
            SourceError: as for iter_pages.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...
