"""Checks that cannot pass, cannot fail, or ask the same as another. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callscore.rubric.lint.implied import implies, signature
from callscore.rubric.lint.lists import walk_said
from callscore.rubric.lint.remark import Remark
from callscore.rubric.schema import (
    AllOf,
    AnyOf,
    Check,
    Criterion,
    EventCheck,
    EventKind,
    Metric,
    Not,
    Rubric,
    Said,
    Sequence,
    Window,
)

__all__ = ["remarks_on_checks", "remarks_on_twins"]

_MOST_OF_SHARE: Final = 1.0
_EMPTY_PAIRS: Final = {(kind, kind) for kind in EventKind} | {(EventKind.RING, EventKind.TRANSFER)}
"""Nothing lies before the first such event (left) and after the end of the first one (right); a transfer is heard as a ring."""


def remarks_on_checks(criterion: Criterion) -> Iterator[Remark]:
    """Yield remarks on the parts of one criterion's check and condition."""
    for part in (criterion.applies_when, criterion.check):
        for said, _ in walk_said(part):
            yield from _of_window(said)
    yield from _of_check(criterion.check, criterion)


def remarks_on_twins(rubric: Rubric) -> Iterator[Remark]:
    """Yield a remark for each criterion that asks just what an earlier one of the rubric asks."""
    seen: dict[object, Criterion] = {}
    for criterion in rubric.criteria:
        first = seen.setdefault((signature(criterion.check), signature(criterion.applies_when)), criterion)
        if first is not criterion:
            text = f"criterion '{criterion.id}' checks the same as '{first.id}', so it counts twice; leave one of them out"
            yield Remark(criterion.where, text)


def _of_window(said: Said) -> Iterator[Remark]:
    window = said.window
    if (window.before, window.after) in _EMPTY_PAIRS:
        text = f"nothing is before {window.before} and after {window.after} at once; leave one of them out"
        yield Remark(said.where, f"within: {text}")
    elif _from_both_ends(window):
        text = "it counts from the beginning and from the end, so a call of usual length has nothing inside; leave one out"
        yield Remark(said.where, f"within: {text}")


def _from_both_ends(window: Window) -> bool:
    from_start = (window.first_turns, window.first_ms, window.until_client_turn)
    from_end = (window.last_turns, window.last_ms)
    return any(limit is not None for limit in from_start) and any(limit is not None for limit in from_end)


def _of_check(check: Check, criterion: Criterion) -> Iterator[Remark]:
    name = f"criterion '{criterion.id}'"
    match check:
        case AnyOf() | AllOf():
            yield from _of_branches(check, criterion)
        case Not():
            yield from _of_check(check.check, criterion)
        case Metric():
            yield from (Remark(criterion.where, f"{name}: {text}") for text in _of_metric(check))
        case EventCheck():
            if check.at_most is not None and check.at_least > check.at_most:
                yield Remark(criterion.where, f"{name} can never pass: at_least is above at_most; correct one of them")
            elif check.at_least == 0 and check.at_most is None:
                yield Remark(criterion.where, f"{name} always passes: {check.kind} happens at least 0 times; raise at_least")
        case Sequence():
            for side in (check.before, check.after):
                if side is not None and side.window != Window():
                    text = "within says nothing in before and after of a sequence; use turns"
                    yield Remark(side.where, f"{name}: {text}")
        case _:
            return


def _of_branches(check: AnyOf | AllOf, criterion: Criterion) -> Iterator[Remark]:
    kind = "any_of" if isinstance(check, AnyOf) else "all_of"
    gone: set[int] = set()
    for at, branch in enumerate(check.checks):
        where = next((said.where for said, _ in walk_said(branch)), criterion.where)
        for other_at, other in enumerate(check.checks):
            if other_at == at or other_at in gone:
                continue
            if implies(branch, other) if kind == "any_of" else implies(other, branch):
                gone.add(at)
                text = f"branch {at + 1} of {kind} adds nothing to branch {other_at + 1}; leave it out"
                yield Remark(where, f"criterion '{criterion.id}': {text}")
                break
            if at < other_at and signature(Not(check=branch)) == signature(other):
                effect = "always passes" if kind == "any_of" else "can never pass"
                text = f"{kind} {effect}: branches {at + 1} and {other_at + 1} contradict each other; correct one of them"
                yield Remark(where, f"criterion '{criterion.id}': {text}")
        yield from _of_check(branch, criterion)


def _of_metric(check: Metric) -> Iterator[str]:
    limits = [limit for limit in (check.at_least, check.below) if limit is not None]
    if check.name.endswith("_frac") and any(limit > _MOST_OF_SHARE for limit in limits):
        yield f"{check.name} is a share of 0 to 1, write 0.6 for 60%"
    if check.name.endswith("_ms") and all(0 < limit < 1 for limit in limits):
        yield f"{check.name} is in milliseconds, write 1500 for 1.5 seconds"
    if check.at_least == 0 and check.below is None:
        yield f"{check.name} is never below 0, so this always passes; raise at_least"
    if check.at_least is not None and check.below is not None and check.below - check.at_least <= 2 * check.grey:
        yield "grey covers all between at_least and below, so this is always doubtful; make grey smaller"
