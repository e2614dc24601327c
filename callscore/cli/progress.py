"""Progress of a run: a bar with ETA on a terminal, a line now and then elsewhere, nothing when asked to be quiet."""

from __future__ import annotations

import sys
import time
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.status import Status

from callscore.cli.output import message, stderr_console
from callscore.jobs.ingest import Failure, Progress

__all__ = ["make_progress"]

_LINE_EVERY_S: Final = 30.0


def make_progress(*, quiet: bool) -> Progress:
    """Return what suits stderr."""
    if quiet:
        return _Silent()
    return _OnTerminal() if sys.stderr.isatty() else _InLog()


class _Silent:
    def note(self, text: str) -> None:
        pass

    def begin(self, found: int, skipped: int, todo: int) -> None:
        pass

    def advance(self, recording: str, audio_ms: int, failure: Failure | None) -> None:
        pass

    def finish(self) -> None:
        pass


class _OnTerminal:
    """A bar; the time left follows from the calls done so far."""

    def __init__(self) -> None:
        self._bar = Bar(
            TextColumn("scoring"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("calls"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=stderr_console(),
        )
        self._task: TaskID | None = None
        self._status = Status("", console=stderr_console())

    def note(self, text: str) -> None:
        self._status.update(text)
        self._status.start()

    def begin(self, found: int, skipped: int, todo: int) -> None:
        self._status.stop()
        message(f"{found} calls found, {skipped} done before, {todo} to do")
        if todo:
            self._task = self._bar.add_task("", total=todo)
            self._bar.start()

    def advance(self, recording: str, audio_ms: int, failure: Failure | None) -> None:
        del audio_ms
        if failure is not None:
            self._bar.console.print(f"failed: {recording} [{failure.code}] {failure.message}", markup=False)
        if self._task is not None:
            self._bar.advance(self._task)

    def finish(self) -> None:
        self._status.stop()
        self._bar.stop()


class _InLog:
    """Lines that read well in the mail of a cron job."""

    def __init__(self) -> None:
        self._todo = self._n_done = 0
        self._begun = self._last = time.monotonic()

    def note(self, text: str) -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_EVERY_S:
            self._last = now
            message(text)

    def begin(self, found: int, skipped: int, todo: int) -> None:
        self._todo = todo
        message(f"{found} calls found, {skipped} done before, {todo} to do")

    def advance(self, recording: str, audio_ms: int, failure: Failure | None) -> None:
        del recording, audio_ms, failure  # failures are named in the summary
        self._n_done += 1
        now = time.monotonic()
        if now - self._last >= _LINE_EVERY_S and self._n_done < self._todo:
            self._last = now
            left = (now - self._begun) / self._n_done * (self._todo - self._n_done)
            message(f"{self._n_done} of {self._todo} calls, about {left / 60:.0f} min left")

    def finish(self) -> None:
        pass
