"""The state of the store: ask it and build the report."""

from __future__ import annotations

from callscore.report.health import health_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader

__all__ = ["ask_health"]


def ask_health(reader: StoreReader, options: ViewOptions) -> Report:
    """Return the state of the store; an empty store has one too."""
    return health_report(reader.health(), options)
