"""Progress of fitting thresholds: a bar on a terminal, a line now and then elsewhere, nothing when asked to be quiet."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Final

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from callscore.cli.output import message, stderr_console

__all__ = ["fitting_progress"]

_LINE_EVERY_S: Final = 30.0


@contextlib.contextmanager
def fitting_progress(*, quiet: bool) -> Iterator[Callable[[float], None]]:
    """Give a function that shows the share done, 0..1, on stderr."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        columns = (TextColumn("fitting"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(*columns, TextColumn("at most"), TimeRemainingColumn(), console=stderr_console()) as bar:
            task = bar.add_task("", total=1.0)
            yield lambda share: bar.update(task, completed=share)
    else:
        yield _lines()


def _lines() -> Callable[[float], None]:
    last = time.monotonic()

    def show(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _LINE_EVERY_S and share < 1.0:
            last = now
            message(f"fitting: {share:.0%}")

    return show
