"""The table operator_scores, computed anew from everything that is stored."""

from __future__ import annotations

from callscore.stats.operators import fit_corrections, score_operators
from callscore.store import StoreWriter
from callscore.store.entries import CallFilter
from callscore.store.people import read_mix, read_reviews

__all__ = ["write_operator_scores"]


def write_operator_scores(writer: StoreWriter, timezone: str) -> None:
    """Replace the table by the scores of every operator, rubric version, day, week and month, and of all times.

    Scores for equal calls are of months and all times; a day or a week has too few calls to tell lines from operators.

    Args:
        writer: of the open store.
        timezone: IANA name of the zone in which days begin.
    """
    sums = writer.operator_sums(timezone)
    with writer.reader().asking() as queries:
        mix = read_mix(queries, CallFilter(), timezone, ("month", "all"))
        reviews = read_reviews(queries)
    corrections = fit_corrections((entry for entry in sums if entry.period_kind == "all"), reviews)
    writer.write_operator_scores(score_operators(sums, mix, corrections))
