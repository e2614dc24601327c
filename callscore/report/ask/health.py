"""The state of the store: ask it and build the report."""

from __future__ import annotations

from callscore.report.health import health_report
from callscore.report.levels import LevelAnswers
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.levels import (
    read_changes,
    read_heard_lines,
    read_hour_levels,
    read_line_levels,
    read_recorded_lines,
    read_unsure_criteria,
)
from callscore.store.telephony import Hours

__all__ = ["ask_health"]


def ask_health(reader: StoreReader, hours: Hours, options: ViewOptions) -> Report:
    """Return the state of the store; an empty store has one too."""
    with reader.asking() as queries:
        levels = LevelAnswers(
            lines=read_line_levels(queries, hours.timezone),
            hours=read_hour_levels(queries, hours.timezone),
            recorded=read_recorded_lines(queries),
            heard=read_heard_lines(queries),
            unsure=read_unsure_criteria(queries),
            changes=read_changes(queries),
            criteria=reader.criteria(),
            days_off=hours.days_off,
        )
    return health_report(reader.health(), levels, options)
