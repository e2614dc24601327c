"""From a comparison to one of four findings: helps, hurts, no evidence of an effect, not enough data. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from callscore.stats.conversion.design import ADJUSTED, Design, Ints, build_design
from callscore.stats.conversion.effect import Effect, estimate_effect
from callscore.stats.conversion.fdr import q_values
from callscore.stats.conversion.fit import fit_design
from callscore.stats.conversion.power import Limits, difference_that_matters, refusal
from callscore.stats.conversion.queues import QueueDifference
from callscore.stats.conversion.sentences import sentence
from callscore.store.conversion_records import CellRows, ConversionRow, CriterionTotal, Totals

Flags = np.ndarray[Any, np.dtype[np.bool_]]

__all__ = ["LEVEL", "MIN_OPERATORS", "Question", "find_effects"]

LEVEL: Final = 0.05
"""A q-value under this is a finding."""
MIN_OPERATORS: Final = 8
"""From so many operators on, operators are the groups of calls that hang together; with fewer, operators' weeks are."""
_FAIL, _PASS, _UNSURE = 0, 1, 2
_ADJUSTED_FOR: Final = ", ".join(("operator", *ADJUSTED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A criterion to compare: its totals; how to get its calls by cell, and the comparison of operators by even queues."""

    total: CriterionTotal
    cells: Callable[[], CellRows]
    dealt: Callable[[], QueueDifference | None]


def find_effects(
    totals: Totals,
    cells: CellRows,
    questions: Iterable[Question],
    limits: Limits | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> tuple[ConversionRow, ...]:
    """Return a row per criterion, in the order given; q-values are by rubric.

    Args:
        totals: what there is to look at.
        cells: codes of what is adjusted for, by cell, in order of `cell`.
        questions: the criteria.
        limits: when nothing is said.
        note: is told each criterion before it is looked at.
    """
    bounds = limits or Limits()
    rows = []
    for question in questions:
        note(question.total.criterion)
        rows.append(_compare(totals, cells, question, bounds))
    by_rubric: dict[str, list[ConversionRow]] = {}
    for row in rows:
        by_rubric.setdefault(row.rubric, []).append(row)
    judged = {
        (row.rubric, row.criterion): _judge(row, q_value)
        for ours in by_rubric.values()
        for row, q_value in zip(ours, q_values([row.p_value for row in ours]), strict=True)
    }
    return tuple(judged[row.rubric, row.criterion] for row in rows)


def _judge(row: ConversionRow, q_value: float | None) -> ConversionRow:
    """Return the row with its finding and sentences."""
    finding, reason = "not_enough", row.reason
    if q_value is not None and row.odds_ratio is not None and row.detectable is not None and row.matters is not None:
        ends = (row.odds_unsure_low or row.odds_ratio, row.odds_unsure_high or row.odds_ratio)
        if q_value < LEVEL and (ends[0] - 1) * (ends[1] - 1) < 0:
            reason = "doubtful"
        elif q_value < LEVEL:
            finding, reason = "helps" if row.odds_ratio > 1 else "hurts", "effect"
        elif row.p_value is not None and row.p_value < LEVEL:
            reason = "many_asked"
        elif row.detectable <= row.matters:
            finding, reason = "no_effect", "no_difference"
        else:
            reason = "underpowered"
    found = replace(row, q_value=q_value, finding=finding, reason=reason)
    return replace(found, sentence_ru=sentence(found, "ru"), sentence_en=sentence(found, "en"))


def _compare(totals: Totals, cells: CellRows, question: Question, limits: Limits) -> ConversionRow:
    total = question.total
    row = _plain_row(totals, total)
    if not totals.joined or not total.usable:
        return replace(row, reason="no_calls" if totals.joined else "no_outcomes")
    rows = question.cells()
    decided = rows["verdict"] != _UNSURE
    design = _design(totals, cells, rows, decided)
    row = replace(row, n_operators=design.sizes[0] if design else 0)
    why = refusal(total, totals.operators, design, limits)
    if why or design is None:
        return replace(row, reason=why)
    row = replace(row, n_clusters=design.n_clusters, adjusted_for=_ADJUSTED_FOR)
    effect = estimate_effect(design)
    if effect is None or effect.degrees < limits.min_degrees:
        return replace(row, reason="few_clusters")
    base = (total.won_pass + total.won_fail) / (total.n_pass + total.n_fail)
    row = _with_effect(replace(row, matters=difference_that_matters(base, limits)), effect)
    row = _with_queues(row, question.dealt())
    # Doubt can take a finding away but never make one.
    return _with_bounds(row, totals, cells, rows) if effect.p_value < LEVEL else row


def _plain_row(totals: Totals, total: CriterionTotal) -> ConversionRow:
    return ConversionRow(
        rubric=total.rubric,
        rubric_version=total.rubric_version,
        criterion=total.criterion,
        criterion_no=total.criterion_no,
        n=total.n_pass + total.n_fail,
        n_pass=total.n_pass,
        n_fail=total.n_fail,
        conversion_pass=total.won_pass / total.n_pass if total.n_pass else None,
        conversion_fail=total.won_fail / total.n_fail if total.n_fail else None,
        finding="not_enough",
        reason=None,
        starts_on=totals.starts_on,
        ends_on=totals.ends_on,
        n_calls=total.usable,
        n_unknown=total.unknown,
        n_no_operator=total.no_operator,
        n_unsure=total.n_unsure,
        n_na=total.n_na,
        design="operators" if totals.operators >= MIN_OPERATORS else "operator_weeks",
    )


def _design(totals: Totals, cells: CellRows, rows: CellRows, kept: Flags) -> Design | None:
    place = np.searchsorted(cells["cell"], rows["cell"][kept])

    def codes(name: str) -> Ints:
        return np.asarray(cells[name], dtype=np.int64)[place]

    return build_design(
        codes("operator"),
        {name: codes(name) for name in ADJUSTED},
        codes("week"),
        (rows["verdict"][kept] == _PASS).astype(np.int64),
        (rows["n"][kept].astype(np.float64), rows["won"][kept].astype(np.float64)),
        by_week=totals.operators < MIN_OPERATORS,
    )


def _with_effect(row: ConversionRow, effect: Effect) -> ConversionRow:
    return replace(
        row,
        odds_ratio=math.exp(effect.log_odds),
        odds_low=math.exp(max(effect.log_low, -30.0)),
        odds_high=math.exp(min(effect.log_high, 30.0)),
        p_value=effect.p_value,
        degrees=effect.degrees,
        risk_difference=effect.difference,
        risk_low=effect.difference_low,
        risk_high=effect.difference_high,
        detectable=effect.detectable,
    )


def _with_queues(row: ConversionRow, dealt: QueueDifference | None) -> ConversionRow:
    if dealt is None:
        return row
    return replace(row, queue_calls=dealt[0], queue_difference=dealt[1], queue_low=dealt[2], queue_high=dealt[3])


def _with_bounds(row: ConversionRow, totals: Totals, cells: CellRows, rows: CellRows) -> ConversionRow:
    """Return the row with its odds ratio if every unsure verdict were a pass, and if every one were a fail.

    Bounds after Horowitz and Manski (Journal of the American Statistical Association 95, 2000), taken at their two ends.
    """
    if not (rows["verdict"] == _UNSURE).any():
        return row
    every = np.ones(len(rows["verdict"]), dtype=bool)
    odds = []
    for verdict in (_PASS, _FAIL):
        verdicts = np.where(rows["verdict"] == _UNSURE, verdict, rows["verdict"])
        design = _design(totals, cells, CellRows({**rows.columns, "verdict": verdicts}), every)
        if design is not None:
            odds.append(math.exp(fit_design(design).log_odds))
    return replace(row, odds_unsure_low=min(odds), odds_unsure_high=max(odds)) if odds else row
