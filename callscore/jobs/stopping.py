"""Stopping cleanly: Ctrl-C and SIGTERM ask a run to stop at the next good moment, instead of breaking into a commit."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Final

__all__ = ["stop_on_signals"]

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether somebody asked to stop; a second signal interrupts at once.

    SIGTERM is how service managers end a program. Outside the main thread, where no handler can be set, nobody ever asks.
    """
    asked: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = [(number, signal.signal(number, handle)) for number in _SIGNALS]
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before:
            signal.signal(number, handler)
