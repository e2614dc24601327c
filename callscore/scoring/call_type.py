"""Guesses the kind of call from direction, line, queue, structure and words; what the metadata says overrides. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from callscore.records import CallInfo, CallType, Dialogue
from callscore.rubric.schema import CallTypeDef, RubricBook
from callscore.scoring.base import Outcome
from callscore.scoring.checks.found import best_hit, outcome_of, quote
from callscore.scoring.reasons import reason
from callscore.scoring.view import CallView, Hit, build_view
from callscore.scoring.windows import find_said

__all__ = ["guess_call_type", "type_shares"]

_WRONG_DIRECTION = -12.0
"""Natural-log odds against a type whose direction contradicts the PBX: words alone hardly ever outweigh it."""
_DOUBTFUL_SHARE = 0.5
"""A doubtful match brings this share of its cue's weight."""
_MAX_QUOTES = 3
_MIN_WORDS = 2
"""A lone word in the whole call may be the other side's, given to the wrong speaker; it proves no conversation."""


def guess_call_type(dialogue: Dialogue, info: CallInfo, book: RubricBook) -> CallType:
    """Return the most likely call type: a sum of log odds per type, turned into shares of one.

    An unknown `info.call_type` is ignored; ids and aliases are known.
    """
    for known in book.call_types:
        if info.call_type and info.call_type.lower() in (known.id, *known.aliases):
            return CallType(id=known.id, confidence=1.0, reason=reason(_language(info, dialogue), "type_given"))
    view = build_view(dialogue, None, info, _language(info, dialogue), book.thresholds)
    shares = type_shares(view, book.call_types)
    best = max(book.call_types, key=lambda kind: shares[kind.id])
    is_sure = shares[best.id] >= book.thresholds.type_sure
    return CallType(
        id=best.id,
        confidence=shares[best.id],
        reason=_why(view, _score(view, best)[1]),
        shares=() if is_sure else tuple(sorted(shares.items())),
    )


def type_shares(view: CallView, types: Sequence[CallTypeDef]) -> dict[str, float]:
    """Return the probability of each call type, together 1."""
    scores = {kind.id: _score(view, kind)[0] for kind in types}
    highest = max(scores.values())
    weights = {name: math.exp(score - highest) for name, score in scores.items()}
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _language(info: CallInfo, dialogue: Dialogue) -> str:
    return info.language or dialogue.language or "ru"


def _why(view: CallView, hits: tuple[Hit, ...]) -> str:
    if not hits:
        return reason(view.language, "type_unheard")
    quotes = ", ".join(f"«{quote(hit)}»" for hit in hits[:_MAX_QUOTES])
    return reason(view.language, "type_heard", quotes=quotes)


def _score(view: CallView, kind: CallTypeDef) -> tuple[float, tuple[Hit, ...]]:
    score = kind.prior
    info = view.info
    if kind.direction and info.direction and info.direction is not kind.direction:
        score += _WRONG_DIRECTION
    score += kind.queues.get((info.queue or "").lower(), 0.0) + kind.lines.get(info.did or "", 0.0)
    for structure in kind.structures:
        spoken = view.of_roles((structure.role,))
        if sum(len(run.words) for run in spoken) < _MIN_WORDS or len(spoken) <= structure.at_most_turns:
            score += structure.weight
    hits: list[Hit] = []
    for cue in kind.cues.get(view.language, ()):
        hit = best_hit(view, find_said(view, cue.said))
        if hit is None:
            continue
        score += cue.weight * (1.0 if outcome_of(view, hit) is Outcome.YES else _DOUBTFUL_SHARE)
        if cue.weight > 0:
            hits.append(hit)
    return score, tuple(hits)
