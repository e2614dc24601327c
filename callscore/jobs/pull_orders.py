"""Read orders from CRM systems and tables into the store, and find the calls that led to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from callscore.config import Config, SourceConfig
from callscore.errors import SourceError
from callscore.jobs.feeds import feed_settings, new_watermark, open_orders, reading_window
from callscore.jobs.pull_calls import Pull, SourceFailure, source_failure
from callscore.joining import JoinOptions, join_orders
from callscore.store import StoreWriter
from callscore.store.feeds import Feed, FeedBatch, JoinRow

__all__ = ["JoinSummary", "OrdersSummary", "join_stored", "pull_orders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersSummary:
    """What reading one source of orders gave."""

    source: str
    orders: int
    rejected: int
    failure: SourceFailure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinSummary:
    """How many orders have calls, by certainty, and how many have none, by reason."""

    orders: int
    joined: int
    by_certainty: tuple[tuple[str, int], ...]
    by_reason: tuple[tuple[str, int], ...]


def pull_orders(source: SourceConfig, pull: Pull) -> OrdersSummary:
    """Bring a source of orders up to date.

    Raises:
        ConfigError: if its settings cannot be used.
        StoreError: if the store cannot be written.
    """
    connector, settings = feed_settings(source)
    feed = Feed(source=source.name, kind=connector.kind)
    progress = pull.writer.reader().feed_progress(source.name, pull.now)
    window = reading_window(settings, progress, pull.since, pull.now)
    failure: SourceFailure | None = None
    n_orders = n_rejects = 0
    with open_orders(source, pull.config, pull.patience) as opened:
        try:
            for page in opened.iter_pages(window):
                pull.writer.save_batch(
                    FeedBatch(
                        feed=feed,
                        at=pull.now,
                        orders=page.records,
                        rejects=tuple((reject.where, reject.reason) for reject in page.rejects),
                        covered_until=new_watermark(page.covered_until, window, progress, pull.now),
                    )
                )
                n_orders, n_rejects = n_orders + len(page.records), n_rejects + len(page.rejects)
                pull.note(f"{source.name}: {n_orders} orders read")
        except SourceError as error:
            failure = source_failure(source.name, error)
            pull.writer.save_batch(FeedBatch(feed=feed, at=pull.now, error=failure.message))
    return OrdersSummary(source=source.name, orders=n_orders, rejected=n_rejects, failure=failure)


def join_stored(writer: StoreWriter, config: Config) -> JoinSummary:
    """Find anew which stored calls led to which stored orders."""
    orders, calls = writer.reader().joinable()
    options = JoinOptions(days=config.joining.days, grace=timedelta(minutes=config.joining.grace_min))
    joined = join_orders(orders, calls, options)
    rows = [
        JoinRow(
            outcome_id=order.outcome_id,
            source=found.call.source,
            pbx_call_id=found.call.pbx_call_id,
            call_id=found.call.call_id,
            place=place,
            rule=found.rule,
            certainty=found.certainty,
            gap_ms=round(found.gap / timedelta(milliseconds=1)),
        )
        for order in joined
        for place, found in enumerate(order.calls)
    ]
    reasons = [(order.outcome_id, str(order.reason)) for order in joined if order.reason is not None]
    writer.replace_joins(rows, reasons)
    first = [str(order.calls[0].certainty) for order in joined if order.calls]
    return JoinSummary(
        orders=len(joined), joined=len(first), by_certainty=_counts(first), by_reason=_counts([reason for _, reason in reasons])
    )


def _counts(words: list[str]) -> tuple[tuple[str, int], ...]:
    return tuple((word, words.count(word)) for word in sorted(set(words)))
