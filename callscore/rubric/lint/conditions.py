"""`applies_when` that never holds, or always: tried on every kind of call that the rubrics take. Pure.

A condition is true or false for a call type, a direction, and yes or no for each event, flag and phrase it names. All their
combinations are tried, so contradictions are found however deep they are nested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from callscore.records import SCORED_DIRECTIONS, Direction, Verdict
from callscore.rubric.lint.implied import signature
from callscore.rubric.lint.remark import Remark
from callscore.rubric.schema import CallTypeDef, Condition, Criterion, Rubric, RubricBook

__all__ = ["remarks_on_conditions"]

_MAX_FACTS: Final = 10
"""More yes-or-no facts in one condition than anybody writes; beyond it the condition is passed over."""


@dataclass(frozen=True, slots=True)
class _Call:
    """A kind of call."""

    call_type: str
    direction: Direction


def remarks_on_conditions(book: RubricBook) -> Iterator[Remark]:
    """Yield remarks on rubrics that take no call, and on the conditions of their criteria.

    A criterion that several rubrics inherit is judged by all the calls they take together.
    """
    kinds = {kind.id: kind for kind in book.call_types}
    calls_of = {rubric.id: _calls(rubric, kinds) for rubric in book.rubrics}
    for rubric in book.rubrics:
        if not calls_of[rubric.id]:
            yield Remark(
                f"{rubric.file}:1",
                f"rubric '{rubric.id}' takes no call: its call types go in the other direction; correct applies_to",
            )
    owners: dict[str, list[Rubric]] = {}
    criteria: dict[str, Criterion] = {}
    for rubric in book.rubrics:
        for criterion in rubric.criteria:
            owners.setdefault(criterion.where, []).append(rubric)
            criteria[criterion.where] = criterion
    for where, criterion in criteria.items():
        calls = tuple(dict.fromkeys(call for rubric in owners[where] for call in calls_of[rubric.id]))
        if calls:
            yield from _of_criterion(criterion, calls)


def _calls(rubric: Rubric, kinds: Mapping[str, CallTypeDef]) -> tuple[_Call, ...]:
    applies = rubric.applies_to
    return tuple(
        _Call(kind.id, direction)
        for kind in kinds.values()
        for direction in SCORED_DIRECTIONS
        if (not applies.call_types or kind.id in applies.call_types)
        and applies.direction in (None, direction)
        and kind.direction in (None, direction)
    )


def _of_criterion(criterion: Criterion, calls: Sequence[_Call]) -> Iterator[Remark]:
    condition = criterion.applies_when
    if condition is not None:
        can_hold, can_fail = _reach(condition, calls)
        if not can_hold:
            why = _why_never(condition, calls)
            yield Remark(condition.where, f"criterion '{criterion.id}' never applies: {why}; correct applies_when")
            return
        if not can_fail:
            text = f"applies_when of criterion '{criterion.id}' holds for every call that its rubrics take; leave it out"
            yield Remark(condition.where, text)
        for inner in _inner(condition) if can_fail else ():
            if not _reach(inner, calls)[0]:
                text = (
                    f"this part of `not` in criterion '{criterion.id}' never holds, so it says nothing; correct or leave it out"
                )
                yield Remark(inner.where, text)
    for example in criterion.examples:
        taken = [call for call in calls if not example.call_types or call.call_type in example.call_types]
        is_run = example.verdict is Verdict.NA or condition is None or _reach(condition, taken)[0]
        if not taken or not is_run:
            why = "no rubric with the criterion applies it to such calls"
            text = f"this example of criterion '{criterion.id}' is never run: {why}; correct its call_type"
            yield Remark(example.where, text)


def _why_never(condition: Condition, calls: Sequence[_Call]) -> str:
    if condition.call_types and not {call.call_type for call in calls} & set(condition.call_types):
        return f"no rubric with it takes calls of type {', '.join(condition.call_types)}"
    if condition.direction and condition.direction not in {call.direction for call in calls}:
        return f"no rubric with it takes {condition.direction} calls"
    if condition.unless and _reach(replace(condition, unless=()), calls)[0]:
        return "its `not` forbids every call that the rest allows"
    return "its conditions contradict one another"


def _inner(condition: Condition) -> Iterator[Condition]:
    for inner in condition.unless:
        yield inner
        yield from _inner(inner)


def _reach(condition: Condition, calls: Sequence[_Call]) -> tuple[bool, bool]:
    """Return whether the condition holds for some call, and whether it fails for some."""
    facts = sorted(_facts(condition))
    if len(facts) > _MAX_FACTS:
        return True, True
    values = product((False, True), repeat=len(facts))
    found = {_holds(condition, call, dict(zip(facts, chosen, strict=True))) for chosen in values for call in calls}
    return True in found, False in found


def _facts(condition: Condition) -> set[str]:
    own = {f"event {condition.event}"} if condition.event else set()
    own |= {f"flag {condition.flag}"} if condition.flag else set()
    own |= {_fact_of_said(condition)} if condition.said else set()
    return own.union(*(_facts(inner) for inner in condition.unless))


def _fact_of_said(condition: Condition) -> str:
    return f"said {signature(condition.said)}"


def _holds(condition: Condition, call: _Call, facts: Mapping[str, bool]) -> bool:
    return (
        (not condition.call_types or call.call_type in condition.call_types)
        and condition.direction in (None, call.direction)
        and (condition.event is None or facts[f"event {condition.event}"])
        and (condition.flag is None or facts[f"flag {condition.flag}"])
        and (condition.said is None or facts[_fact_of_said(condition)])
        and not any(_holds(inner, call, facts) for inner in condition.unless)
    )
