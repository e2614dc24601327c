"""What a log of a PBX is to those who read calls from it, whether it is files or a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, TypeVar

from callscore.outside.pages import Reject

__all__ = ["Log"]

_ItemT_co = TypeVar("_ItemT_co", covariant=True)


class Log(Protocol[_ItemT_co]):
    """A log as files or a table hold it, see readers.LogReader."""

    @property
    def told(self) -> tuple[bool, ...]:
        """For a sample of rows, whether the row itself tells that its times are in GMT."""
        ...

    @property
    def newest(self) -> datetime | None:
        """The latest moment in it."""
        ...

    @property
    def zone_offset(self) -> bool:
        """Whether local times differ from GMT at all."""
        ...

    def read(self, start: datetime, end: datetime) -> Iterator[_ItemT_co]:
        """Yield what begins from `start` up to `end`."""
        ...

    def spans(self, start: datetime, end: datetime) -> list[tuple[str, int]]:
        """Return how much lies where, see slices_of."""
        ...

    def take_rejects(self) -> tuple[Reject, ...]:
        """Return what could not be read since the last time."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
