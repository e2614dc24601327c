"""Ask the store and answer which criteria go with sales, whose better calls sell, and which queues deal out evenly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from callscore.stats.conversion.finding import MIN_OPERATORS, Question, find_effects
from callscore.stats.conversion.power import Limits
from callscore.stats.conversion.queues import QueueDifference, compare_operators, judge_queues
from callscore.stats.conversion.score_link import link_scores
from callscore.store.asked import Queries
from callscore.store.conversion_calls import (
    gather_calls,
    has_queues,
    read_cells,
    read_criterion_cells,
    read_criterion_totals,
    read_dealt,
    read_queue_cells,
    read_scores,
    read_totals,
)
from callscore.store.conversion_records import (
    ConversionPeriod,
    ConversionRow,
    CriterionTotal,
    OperatorConversion,
    QueueBalance,
    Totals,
)

__all__ = ["ConversionFindings", "analyse_conversion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionFindings:
    """Everything that was found out about one period."""

    totals: Totals
    criteria: tuple[ConversionRow, ...]
    operators: tuple[OperatorConversion, ...]
    queues: tuple[QueueBalance, ...]


def analyse_conversion(
    queries: Queries,
    period: ConversionPeriod,
    limits: Limits,
    rubric: str | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> ConversionFindings:
    """Return the findings of a period; of one rubric if it is named. `note` is told each criterion before it is looked at."""
    gather_calls(queries, period)
    totals = read_totals(queries)
    if 1 < totals.operators < MIN_OPERATORS:
        gather_calls(queries, replace(period, by_week=True))
    queues = judge_queues(read_dealt(queries)) if has_queues(queries) else ()
    even = [queue.queue for queue in queues if queue.finding == "even"]
    questions = [
        Question(
            total=total,
            cells=partial(read_criterion_cells, queries, total),
            dealt=partial(_compare_dealt, queries, total, even),
        )
        for total in read_criterion_totals(queries, rubric)
    ]
    return ConversionFindings(
        totals=totals,
        criteria=find_effects(totals, read_cells(queries), questions, limits, note),
        operators=link_scores(read_scores(queries, rubric)),
        queues=queues,
    )


def _compare_dealt(queries: Queries, total: CriterionTotal, queues: list[str]) -> QueueDifference | None:
    return compare_operators(read_queue_cells(queries, total, queues)) if queues else None
