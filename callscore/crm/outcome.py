"""Order status -> won, lost or open: by the user's own lists first, then by what the system says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from callscore.outside.settings import ConnectorSettings, setting
from callscore.records import Outcome

__all__ = ["OrderSettings", "decide_outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettings(ConnectorSettings):
    """What every source of orders has: the statuses whose meaning the user knows better than the system."""

    won_statuses: tuple[str, ...] = setting((), "statuses that mean a sale, as the system writes them")
    lost_statuses: tuple[str, ...] = setting((), "statuses that mean no sale")
    open_statuses: tuple[str, ...] = setting((), "statuses that mean nothing yet")


def decide_outcome(settings: OrderSettings, statuses: tuple[str, ...], guess: Outcome) -> Outcome:
    """Return what the user's lists say of any of `statuses` (name, code, id), else the system's own `guess`.

    Case and blanks around do not count; where lists contradict each other, lost counts before won, and won before open.
    """
    given = {status.strip().casefold() for status in statuses if status}
    lists = (
        (settings.lost_statuses, Outcome.LOST),
        (settings.won_statuses, Outcome.WON),
        (settings.open_statuses, Outcome.OPEN),
    )
    for words, outcome in lists:
        if given & {word.strip().casefold() for word in words}:
            return outcome
    return guess
