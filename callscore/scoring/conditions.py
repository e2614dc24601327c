"""`applies_when`: whether a criterion concerns this call at all - yes, no, or doubtful. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.records import Role
from callscore.rubric.schema import Condition, Flag
from callscore.scoring.base import Outcome
from callscore.scoring.checks.found import best_hit, outcome_of
from callscore.scoring.view import CallView
from callscore.scoring.windows import find_said

__all__ = ["condition_holds", "is_cut_off", "is_unanswered"]

_SENTENCE_ENDS = (".", "!", "?", "…")
_MIN_TURNS_FOR_PUNCTUATION = 6
_CUT_TAIL_TURNS = 2


def condition_holds(view: CallView, condition: Condition) -> Outcome:
    """Return YES where everything asked for holds, DOUBTFUL where the call type or a phrase is uncertain."""
    parts = [Outcome.YES]
    if condition.call_types:
        parts.append(_type_holds(view, condition.call_types))
    if condition.direction is not None and view.info.direction is not None:
        parts.append(_yes_if(view.info.direction is condition.direction))
    if condition.event is not None:
        parts.append(_yes_if(bool(view.of_kind(condition.event))))
    if condition.flag is not None:
        parts.append(_yes_if({Flag.CUT_OFF: is_cut_off, Flag.NO_ANSWER: is_unanswered}[condition.flag](view)))
    if condition.said is not None:
        hit = best_hit(view, find_said(view, condition.said))
        parts.append(outcome_of(view, hit) if hit else Outcome.NO)
    parts += [Outcome(Outcome.YES - condition_holds(view, inner)) for inner in condition.unless]
    return min(parts)


def _yes_if(value: bool) -> Outcome:
    return Outcome.YES if value else Outcome.NO


def _type_holds(view: CallView, call_types: Sequence[str]) -> Outcome:
    """Return YES where these types together are likely enough, NO where the others are."""
    share = sum(view.type_shares.get(call_type, 0.0) for call_type in call_types)
    if share >= view.thresholds.type_sure:
        return Outcome.YES
    return Outcome.NO if share <= 1 - view.thresholds.type_sure else Outcome.DOUBTFUL


def is_unanswered(view: CallView) -> bool:
    """Tell whether one of the two sides never spoke."""
    return not view.of_roles((Role.OPERATOR,)) or not view.of_roles((Role.CLIENT,))


def is_cut_off(view: CallView) -> bool:
    """Tell whether the call broke off: it ends while being put through or on hold, or in the middle of a sentence.

    A sentence counts as broken only in a transcript that otherwise ends its turns with punctuation.
    """
    if not view.runs:
        return False
    last = view.runs[-1]
    waits = [event.span.end_ms for event in view.events if event.is_heard]
    if waits and not any(run.role is Role.OPERATOR and run.span.end_ms > max(waits) for run in view.runs):
        return True
    ended = [run.words[-1].text.endswith(_SENTENCE_ENDS) for run in view.runs[:-1]]
    is_punctuated = len(ended) >= _MIN_TURNS_FOR_PUNCTUATION and sum(ended) >= 0.75 * len(ended)
    return is_punctuated and not last.words[-1].text.endswith((*_SENTENCE_ENDS, ",", "-"))
