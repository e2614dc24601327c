"""`applies_when`: whether a criterion concerns this call at all - yes, no, or doubtful. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.phrases import text_tokens
from callscore.records import Role
from callscore.rubric.schema import Condition, Flag
from callscore.scoring.base import Outcome
from callscore.scoring.checks.found import best_hit, outcome_of
from callscore.scoring.view import CallView
from callscore.scoring.windows import find_said

__all__ = ["asks_call_type", "condition_holds", "is_cut_off", "is_unanswered"]

_SENTENCE_ENDS = (".", "!", "?", "…")
_LEADING_WORDS = text_tokens(
    """
    и а но или что чтобы если как когда не ни в во на с со к ко по о об от до из за для у при через
    and but or that if when not in on at with to by about from for the a an of
    """
)
"""No sentence ends with these."""
_MIN_TURNS_FOR_PUNCTUATION = 6
_CUT_TAIL_TURNS = 2


def condition_holds(view: CallView, condition: Condition, *, ends_well: bool = False) -> Outcome:
    """Return YES where everything asked for holds, DOUBTFUL where the call type or a phrase is uncertain.

    With `ends_well`, a call that only seems to be cut off counts as brought to its end.
    """
    parts = [Outcome.YES]
    if condition.call_types:
        parts.append(_type_holds(view, condition.call_types))
    if condition.direction is not None and view.info.direction is not None:
        parts.append(_yes_if(view.info.direction is condition.direction))
    if condition.event is not None:
        parts.append(_yes_if(bool(view.of_kind(condition.event))))
    if condition.flag is not None:
        parts.append(_flag_holds(view, condition.flag, ends_well=ends_well))
    if condition.said is not None:
        hit = best_hit(view, find_said(view, condition.said))
        parts.append(outcome_of(view, hit) if hit else Outcome.NO)
    parts += [Outcome(Outcome.YES - condition_holds(view, inner, ends_well=ends_well)) for inner in condition.unless]
    return min(parts)


def asks_call_type(condition: Condition | None) -> bool:
    """Tell whether the condition asks what kind of call it is."""
    return condition is not None and (bool(condition.call_types) or any(map(asks_call_type, condition.unless)))


def _flag_holds(view: CallView, flag: Flag, *, ends_well: bool) -> Outcome:
    if flag is Flag.NO_ANSWER:
        return _yes_if(is_unanswered(view))
    found = is_cut_off(view)
    return Outcome.NO if ends_well and found is Outcome.DOUBTFUL else found


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


def is_cut_off(view: CallView) -> Outcome:
    """Return YES where the call ends while being put through or on hold, or in the middle of a word or phrase.

    A last sentence without its full stop is DOUBTFUL, in a transcript that otherwise ends its turns with punctuation: the last
    words may only be lost to the recogniser.
    """
    if not view.runs:
        return Outcome.NO
    last = view.runs[-1]
    waits = [event.span.end_ms for event in view.events if event.is_heard]
    if waits and not any(run.role is Role.OPERATOR and run.span.end_ms > max(waits) for run in view.runs):
        return Outcome.YES
    ended = [run.words[-1].text.endswith(_SENTENCE_ENDS) for run in view.runs[:-1]]
    is_punctuated = len(ended) >= _MIN_TURNS_FOR_PUNCTUATION and sum(ended) >= 0.75 * len(ended)
    if not is_punctuated or last.words[-1].text.endswith((*_SENTENCE_ENDS, ",")):
        return Outcome.NO
    is_broken = view.is_garbled(last, len(last.words) - 1) or last.words[-1].text.casefold().rstrip("-") in _LEADING_WORDS
    return Outcome.YES if is_broken else Outcome.DOUBTFUL
