"""The period of a report that nobody named one for: long enough to tell something, and not the year before last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from callscore.report.labels import label
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.queries import read_reach

__all__ = ["RECENT_DAYS", "recent_since", "with_recent_note"]

RECENT_DAYS: Final = 180


def recent_since(reader: StoreReader, since: datetime | None, until: datetime | None) -> datetime | None:
    """Return from when on to look: `since`; where no period is named, so many days before the last call, None for all."""
    if since is not None or until is not None:
        return since
    with reader.asking() as queries:
        reach = read_reach(queries)
    if reach is None or reach[1] - reach[0] <= timedelta(days=RECENT_DAYS):
        return None
    return reach[1] - timedelta(days=RECENT_DAYS)


def with_recent_note(report: Report, since: datetime | None, asked: datetime | None, options: ViewOptions) -> Report:
    """Return the report with a note where `since` was chosen and not `asked` for."""
    if since == asked:
        return report
    return replace(report, notes=(*report.notes, label("note_recent", options.language, days=RECENT_DAYS)))
