"""Runs a rubric's own examples: each must get the verdict it claims. Pure; figures are measured by a function passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callscore.errors import RubricError
from callscore.records import CallInfo, CallMetrics, CriterionResult, Dialogue, Direction, Verdict
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.rubric.schema import Criterion, Example, Rubric, RubricBook
from callscore.scoring.base import Outcome
from callscore.scoring.conditions import condition_holds
from callscore.scoring.evaluate import judge_criterion
from callscore.scoring.view import CallView, build_view

__all__ = ["ExampleResult", "run_examples"]

Measure = Callable[[Dialogue], CallMetrics]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """An example under one rubric: what it claims, what it got, and why. `where` is file:line of the example."""

    rubric: str
    criterion: str
    where: str
    expected: Verdict
    got: Verdict
    reason: str

    @property
    def is_right(self) -> bool:
        """Whether the verdict is the claimed one."""
        return self.expected is self.got


def run_examples(book: RubricBook, measure: Measure, rubric_id: str = "") -> tuple[ExampleResult, ...]:
    """Return the results of all examples of all rubrics (or of one), in the order of the files.

    Raises:
        RubricError: for a dialogue that cannot be read, with file and line.
    """
    results = []
    for rubric in book.rubrics:
        if rubric_id and rubric.id != rubric_id:
            continue
        for criterion in rubric.criteria:
            for example in criterion.examples:
                result = _run(rubric, criterion, example, book, measure)
                results += [result] if result else []
    return tuple(results)


def _run(rubric: Rubric, criterion: Criterion, example: Example, book: RubricBook, measure: Measure) -> ExampleResult | None:
    """Return the result under the first call type that fits, None where the rubric takes none of those it is for.

    An example that expects another verdict than na says nothing of call types that the criterion does not apply to.
    """
    try:
        dialogue = dialogue_from_text(example.text, rubric.language)
    except ValueError as exc:
        raise RubricError(f"the example cannot be read: {exc}", where=example.where) from exc
    metrics = measure(dialogue)
    for kind in book.call_types:
        if rubric.applies_to.call_types and kind.id not in rubric.applies_to.call_types:
            continue
        if example.call_types and kind.id not in example.call_types:
            continue
        direction = rubric.applies_to.direction or kind.direction or Direction.INBOUND
        info = CallInfo(call_id="example", direction=direction, language=rubric.language)
        view = build_view(dialogue, metrics, info, rubric.language, book.thresholds)
        view.type_shares = {kind.id: 1.0}
        if example.verdict is Verdict.NA or not _is_foreign(view, criterion):
            return _result(rubric, criterion, example, judge_criterion(view, criterion))
    return None


def _is_foreign(view: CallView, criterion: Criterion) -> bool:
    """Tell whether the criterion does not apply to such calls, whatever is said in them."""
    condition = criterion.applies_when
    if condition is None:
        return False
    by_type = [condition, *condition.unless]
    typed = [c for c in by_type if c.call_types]
    return any(condition_holds(view, c) is (Outcome.NO if c is condition else Outcome.YES) for c in typed)


def _result(rubric: Rubric, criterion: Criterion, example: Example, result: CriterionResult) -> ExampleResult:
    return ExampleResult(
        rubric=rubric.id,
        criterion=criterion.id,
        where=example.where,
        expected=example.verdict,
        got=result.verdict,
        reason=result.reason,
    )
