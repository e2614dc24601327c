"""The morning digest: ask the store and build the report."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callscore.errors import NothingToDoError
from callscore.report.digest import DigestOptions, Morning, digest_report
from callscore.report.view import Report, ViewOptions
from callscore.store import StoreReader
from callscore.store.missed import read_missed
from callscore.store.morning import WEEKS, read_day_figures, read_flag_counts, read_troubles, read_urgent
from callscore.store.telephony import Hours, Window

__all__ = ["ask_digest"]


def ask_digest(reader: StoreReader, day: date, hours: Hours, shown: DigestOptions, options: ViewOptions) -> Report:
    """Return what `day` (in the reports' zone) was like; a day without calls has a digest too: silence is news.

    Raises:
        NothingToDoError: if nothing was ever read into the store.
    """
    since, until = _midnight(day, options.timezone), _midnight(day + timedelta(days=1), options.timezone)
    oldest = _midnight(day - timedelta(weeks=WEEKS), options.timezone)
    health = reader.health()
    feeds = reader.feeds()
    if not health.runs and not feeds and not reader.has_calls():
        raise NothingToDoError("the store holds no calls yet", where=str(reader.path), hint="callscore ingest FOLDER")
    with reader.asking() as queries:
        figures, history = read_day_figures(queries, day, (oldest, until), options.timezone)
        morning = Morning(
            day=day,
            # The calls of a day are heard in the night after it.
            runs=tuple(run for run in health.runs if since <= run.started_at < until + timedelta(days=1)),
            troubles=read_troubles(queries, since),
            feeds=feeds,
            figures=figures,
            history=history,
            flags=read_flag_counts(queries, since, until),
            urgent=read_urgent(queries, since, until, shown.max_rows),
            missed=read_missed(queries, hours, Window(since=since, until=until), None),
        )
    return digest_report(morning, shown, options)


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
