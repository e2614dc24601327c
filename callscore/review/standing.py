"""What stands for a call once the journal is laid over what the machine said; the machine's verdicts stay beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from callscore.records import CallScore, CriterionResult, DecidedBy, Role, Turn, Verdict, Word
from callscore.review.entries import (
    AppealDecided,
    AppealFiled,
    CallSeen,
    ClipRemoved,
    ClipTaken,
    Entry,
    RoleCorrected,
    TextCorrected,
    VerdictGiven,
)
from callscore.scoring.combine import combine_points
from callscore.store.entries import CriterionEntry, StoredCall

__all__ = [
    "Appeal",
    "Criteria",
    "EffectiveCall",
    "EffectiveScore",
    "EffectiveTurn",
    "EffectiveVerdict",
    "EffectiveWord",
    "effective_score",
    "stand",
]

Criteria = Mapping[tuple[str, int, str], CriterionEntry]
"""The stored criteria by rubric, version and id, as StoreReader.criteria gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveVerdict:
    """The machine's result, everything that people said, oldest first, and `result`: what counts.

    The latest verdict of a person counts, else the machine's. One given under another version of the rubric counts as well: a
    person judged what was said, and `is_of_other_version` lets the page say so.
    """

    machine: CriterionResult
    given: tuple[VerdictGiven, ...]
    result: CriterionResult
    is_of_other_version: bool = False

    @property
    def verdict(self) -> Verdict:
        """The verdict that counts."""
        return self.result.verdict

    @property
    def by_reviewer(self) -> Mapping[str, VerdictGiven]:
        """The last word of each reviewer."""
        return {entry.who: entry for entry in self.given}

    @property
    def is_disputed(self) -> bool:
        """Whether reviewers disagree, each by the last word."""
        return len({entry.new for entry in self.by_reviewer.values()}) > 1

    @property
    def is_corrected(self) -> bool:
        """Whether people say otherwise than the machine."""
        return self.result.verdict is not self.machine.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveScore:
    """A call under one rubric: the machine's score, the one that counts, and each criterion in the rubric's order."""

    machine: CallScore
    score: CallScore
    verdicts: tuple[EffectiveVerdict, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveWord:
    """A word as the machine heard it, and as it stands; `by` is the last correction, None if it was never touched."""

    word: Word
    text: str
    by: TextCorrected | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveTurn:
    """A turn as the machine heard it, with its role and words as they stand.

    `whole` is the last correction of the whole turn: its text then stands in place of the words.
    """

    turn: Turn
    role: Role
    role_by: RoleCorrected | None
    words: tuple[EffectiveWord, ...]
    whole: TextCorrected | None = None

    @property
    def text(self) -> str:
        """The text as it stands."""
        return self.whole.new if self.whole else " ".join(word.text for word in self.words if word.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """An appeal with every answer given to it, oldest first; the last one counts."""

    filed: AppealFiled
    decisions: tuple[AppealDecided, ...] = ()

    @property
    def state(self) -> str:
        """One of open, accepted, declined."""
        if not self.decisions:
            return "open"
        return "accepted" if self.decisions[-1].accepted else "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveCall:
    """A call as it stands. `stale` are corrections of words or turns that are no longer there: the call was heard again."""

    call: StoredCall
    scores: tuple[EffectiveScore, ...]
    turns: tuple[EffectiveTurn, ...]
    appeals: tuple[Appeal, ...]
    clips: tuple[ClipTaken, ...]
    seen_by: tuple[str, ...]
    stale: tuple[TextCorrected | RoleCorrected, ...] = ()


def stand(call: StoredCall, entries: Iterable[Entry], criteria: Criteria) -> EffectiveCall:
    """Return the call with everything laid over it that `entries`, in the order of the journal, say about it.

    Args:
        call: what the machine made of it.
        entries: of any calls; those of others are passed over.
        criteria: for the weight of criteria that the machine found not to arise.
    """
    call_id = call.info.call_id
    mine = [entry for entry in entries if getattr(entry, "call_id", call_id) == call_id]
    turns, stale = _stand_turns(call.dialogue.turns if call.dialogue else (), mine)
    removed = {entry.clip_id for entry in mine if isinstance(entry, ClipRemoved)}
    return EffectiveCall(
        call=call,
        scores=tuple(effective_score(score, mine, criteria) for score in call.scores),
        turns=turns,
        appeals=_appeals(mine),
        clips=tuple(entry for entry in mine if isinstance(entry, ClipTaken) and entry.clip_id not in removed),
        seen_by=tuple(dict.fromkeys(entry.who for entry in mine if isinstance(entry, CallSeen | VerdictGiven))),
        stale=stale,
    )


def effective_score(score: CallScore, entries: Iterable[Entry], criteria: Criteria) -> EffectiveScore:
    """Return a score as it stands after `entries` of this call, in the order of the journal; added up as scoring does."""
    given: dict[str, list[VerdictGiven]] = {}
    for entry in entries:
        if isinstance(entry, VerdictGiven) and entry.rubric == score.rubric:
            given.setdefault(entry.criterion, []).append(entry)
    verdicts = tuple(_effective_verdict(score, result, given.get(result.criterion, ()), criteria) for result in score.results)
    if all(verdict.result is verdict.machine for verdict in verdicts):
        return EffectiveScore(machine=score, score=score, verdicts=verdicts)
    combined = combine_points(
        score.rubric, score.rubric_version, score.rubric_sha256, tuple(verdict.result for verdict in verdicts)
    )
    return EffectiveScore(machine=score, score=combined, verdicts=verdicts)


def _effective_verdict(
    score: CallScore, machine: CriterionResult, given: Sequence[VerdictGiven], criteria: Criteria
) -> EffectiveVerdict:
    if not given:
        return EffectiveVerdict(machine=machine, given=(), result=machine)
    last = given[-1]
    criterion = criteria.get((score.rubric, score.rubric_version, machine.criterion))
    weight = criterion.weight if criterion else machine.max_points
    result = replace(
        machine,
        verdict=last.new,
        confidence=1.0,
        points=weight if last.new is Verdict.PASS else 0.0,
        max_points=0.0 if last.new is Verdict.NA else weight,
        # The machine's reason explains the machine's verdict only.
        reason=last.reason or (machine.reason if last.new is machine.verdict else ""),
        decided_by=DecidedBy.HUMAN,
    )
    is_other = last.rubric_version != score.rubric_version
    return EffectiveVerdict(machine=machine, given=tuple(given), result=result, is_of_other_version=is_other)


def _stand_turns(
    turns: Sequence[Turn], entries: Iterable[Entry]
) -> tuple[tuple[EffectiveTurn, ...], tuple[TextCorrected | RoleCorrected, ...]]:
    found = {
        turn.turn_no: EffectiveTurn(
            turn=turn,
            role=turn.role,
            role_by=None,
            words=tuple(EffectiveWord(word=word, text=word.text) for word in turn.words),
        )
        for turn in turns
    }
    stale: list[TextCorrected | RoleCorrected] = []
    for entry in entries:
        if not isinstance(entry, TextCorrected | RoleCorrected):
            continue
        turn = found.get(entry.turn_no)
        corrected = _corrected(turn, entry) if turn else None
        if corrected is None:
            stale.append(entry)
        else:
            found[entry.turn_no] = corrected
    return tuple(found.values()), tuple(stale)


def _corrected(turn: EffectiveTurn, entry: TextCorrected | RoleCorrected) -> EffectiveTurn | None:
    """Return the turn after a correction, None where what it corrects is not there."""
    if isinstance(entry, RoleCorrected):
        return replace(turn, role=entry.new, role_by=entry) if entry.old in (turn.role, turn.turn.role) else None
    if entry.word_no is None:
        return replace(turn, whole=entry) if entry.old in (turn.text, turn.turn.text) else None
    if not 0 <= entry.word_no < len(turn.words):
        return None
    word = turn.words[entry.word_no]
    if entry.old not in (word.text, word.word.text):
        return None
    words = list(turn.words)
    words[entry.word_no] = replace(word, text=entry.new, by=entry)
    return replace(turn, words=tuple(words))


def _appeals(entries: Sequence[Entry]) -> tuple[Appeal, ...]:
    found = {entry.appeal_id: Appeal(filed=entry) for entry in entries if isinstance(entry, AppealFiled)}
    for entry in entries:
        if isinstance(entry, AppealDecided) and entry.appeal_id in found:
            appeal = found[entry.appeal_id]
            found[entry.appeal_id] = replace(appeal, decisions=(*appeal.decisions, entry))
    return tuple(found.values())
