"""Asking again: passing errors are tried again with growing pauses, and pauses that a system asks for are kept."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from callscore.errors import SourceUnavailableError
from callscore.outside.pages import Patience

__all__ = ["TryLaterError", "ask_patiently"]

_T = TypeVar("_T")


class TryLaterError(Exception):
    """The system asks to come again, or passing trouble kept it from answering.

    Args:
        reason: in a few words, without anything personal or secret.
        after_s: how long to wait; None: the usual pause.
    """

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


def ask_patiently(what: str, host: str, patience: Patience, ask: Callable[[], _T]) -> _T:
    """Return what `ask` returns; it is called again after a pause each time it raises TryLaterError.

    Raises:
        SourceUnavailableError: after the last attempt, or if a longer pause is asked for than our patience.
    """
    reason, pause_s = "", 0.0
    for attempt in range(patience.attempts):
        if attempt:
            patience.sleep(pause_s)
        try:
            return ask()
        except TryLaterError as exc:
            reason, asked_s = str(exc), exc.after_s
        if asked_s is not None and asked_s > patience.longest_wait_s:
            raise SourceUnavailableError(
                f"{what}: the system asks to come again in {asked_s / 60:.0f} min ({reason})",
                where=host,
                hint="what was read is kept; run it again then",
            )
        usual_s = patience.first_wait_s * 2**attempt * random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        pause_s = min(usual_s if asked_s is None else max(asked_s, 0.0), patience.longest_wait_s)
    raise SourceUnavailableError(
        f"{what}: no answer after {patience.attempts} attempts ({reason})",
        where=host,
        hint="run it again later; what was read is kept",
    )
