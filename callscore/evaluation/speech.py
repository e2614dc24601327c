"""How well speech was heard: words against a transcript, roles against who really spoke. Pure; owns jiwer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.evaluation.compare import Pair
from callscore.evaluation.truth import TruthTurn
from callscore.records import Dialogue, Role
from callscore.stats.agreement import Estimate, ratio
from callscore.units import overlap_ms

__all__ = ["WordErrors", "plain_words", "score_roles", "score_words"]

SIDES: Final = (Role.OPERATOR, Role.CLIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordErrors:
    """The word error rate of one side: errors (`substituted`, `deleted`, `inserted`) per word of the transcript."""

    role: Role
    n_words: int
    substituted: int
    deleted: int
    inserted: int
    rate: Estimate


def plain_words(text: str) -> str:
    """Return the words alone: small letters, no punctuation, ё as е, a hyphen parting words.

    >>> plain_words("Ещё по-русски, №5!")
    'еще по русски 5'
    """
    return " ".join(re.sub(r"[^\w ]", " ", text.lower().replace("ё", "е").replace("-", " ")).split())


def score_words(pairs: Sequence[Pair]) -> tuple[WordErrors, ...]:
    """Return the word error rate of operator and client over the calls with a transcript; none for a side that says nothing.

    Prompts count to the operator, whose side they play on, unless the transcript has them on the client's.
    """
    heard = [(truth.turns, call.dialogue) for truth, call in pairs if truth.turns is not None and call and call.dialogue]
    found = [_side(role, heard) for role in SIDES]
    return tuple(errors for errors in found if errors is not None)


def score_roles(pairs: Sequence[Pair]) -> Estimate | None:
    """Return the share of labelled speech time that the right role covers, of the time that any role covers."""
    return ratio(
        [_covered(truth.turns, call.dialogue) for truth, call in pairs if truth.turns is not None and call and call.dialogue]
    )


def _side(role: Role, calls: Sequence[tuple[tuple[TruthTurn, ...], Dialogue]]) -> WordErrors | None:
    import jiwer

    sums, parts = [0, 0, 0], []
    n_words = 0
    for turns, dialogue in calls:
        said = plain_words(" ".join(turn.text for turn in turns if turn.side is role))
        heard = plain_words(_recognised(dialogue, role))
        aligned = jiwer.process_words([said], [heard])
        errors = (aligned.substitutions, aligned.deletions, aligned.insertions)
        sums = [total + more for total, more in zip(sums, errors, strict=True)]
        n_words += len(said.split())
        parts.append((float(sum(errors)), float(len(said.split()))))
    rate = ratio(parts)
    if rate is None:
        return None
    return WordErrors(role=role, n_words=n_words, substituted=sums[0], deleted=sums[1], inserted=sums[2], rate=rate)


def _recognised(dialogue: Dialogue, role: Role) -> str:
    wanted = (Role.OPERATOR, Role.SYSTEM) if role is Role.OPERATOR else (role,)
    return " ".join(turn.text for turn in dialogue.turns if turn.role in wanted)


def _covered(turns: Sequence[TruthTurn], dialogue: Dialogue) -> tuple[float, float]:
    """Return the time of the right role and of any role, both inside the labelled turns."""
    right = whole = 0
    for said in turns:
        for turn in dialogue.turns:
            shared = overlap_ms(said.span, turn.span)
            whole += shared
            right += shared if turn.role is said.role else 0
    return float(right), float(whole)
