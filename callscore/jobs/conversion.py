"""What goes with sales, found out anew at the end of a run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from callscore.config import Config
from callscore.store import StoreWriter
from callscore.store.conversion_records import ConversionPeriod

__all__ = ["conversion_period", "refresh_conversion"]


def conversion_period(
    config: Config, now: datetime, since: datetime | None = None, until: datetime | None = None
) -> ConversionPeriod:
    """Return which calls are looked at: those from `since` to `until`, or the last days that the settings name."""
    settings = config.conversion
    return ConversionPeriod(
        since=since,
        until=until,
        open_since=now - timedelta(days=settings.open_days),
        timezone=config.report.timezone,
        days=settings.days,
        repeat_days=config.telephony.repeat_days,
        call_types=settings.call_types,
    )


def refresh_conversion(
    writer: StoreWriter, config: Config, note: Callable[[str], None] = lambda _: None, now: datetime | None = None
) -> None:
    """Replace the stored findings by those of the calls and orders that are stored now."""
    from callscore.stats.conversion.analyse import analyse_conversion
    from callscore.stats.conversion.power import Limits

    period = conversion_period(config, now or datetime.now(UTC))
    with writer.reader().asking() as queries:
        found = analyse_conversion(queries, period, Limits(matters=config.conversion.matters / 100), note=note)
    writer.write_conversion(found.criteria, found.operators, found.queues)
