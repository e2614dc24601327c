"""Keeping the store in step with what people do at the trainer's desk."""

from __future__ import annotations

from datetime import UTC, datetime

from callscore.config import Config
from callscore.errors import StoreError
from callscore.jobs.operator_scores import write_operator_scores
from callscore.review.fold import FoldSummary, fold_journal, fold_part
from callscore.review.journal import Journal, reviews_folder
from callscore.store import StoreWriter, open_store

__all__ = ["fold_now", "fold_reviews"]


def fold_reviews(writer: StoreWriter, config: Config) -> tuple[str, ...]:
    """Bring the journal over in the course of a run; one that cannot be read leaves the store as it is.

    Returns:
        Remarks for the person who reads how the run went; what waits in the journal is told when there is something new.
    """
    try:
        part = Journal(reviews_folder(config.store.db)).read(writer.fold_place().retry_byte)
    except StoreError as exc:
        return (f"the journal of reviews was not read: {exc.message} ({exc.where})",)
    summary = fold_part(writer, part, datetime.now(UTC))
    return summary.remarks if summary.new else summary.notes


def fold_now(config: Config) -> FoldSummary:
    """Bring the journal into the store and, where something came in, work out the scores of operators anew.

    Raises:
        StoreBusyError: if a run holds the store; the entries stay in the journal.
        StoreError: if the journal cannot be read or the store not be written.
    """
    with open_store(config.store.db) as writer:
        summary = fold_journal(writer, Journal(reviews_folder(config.store.db)), datetime.now(UTC))
        if summary.new:
            write_operator_scores(writer, config.report.timezone)
    return summary
