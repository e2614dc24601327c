"""The second listen: which doubtful places to hear once more, and what the words heard then change. Pure.

A second listen can only confirm: it turns an unsure verdict, or a failed critical one, into a pass, where the words that were
missed are found at the place that was heard again. It never proves that something was not said, and never blames.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from callscore.phrases import parse_phrase
from callscore.records import CallScore, CriterionResult, Dialogue, Role, SecondListen, Turn, TurnKind, Verdict, Word
from callscore.rubric.check_nodes import parts_of
from callscore.rubric.schema import Check, Criterion, Exchange, Name, Phrase, RubricBook, Said, Steps
from callscore.rubric.schema import Sequence as Around
from callscore.units import Span, overlap_ms

__all__ = ["Wish", "find_wishes", "is_confirmed", "is_doubtful", "with_second_words"]

MAX_PLACE_MS = 28_000
"""A place longer than a recogniser hears at once is no place: then the whole call was heard badly."""
_MAX_HINTS = 8
_REACH_MS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A place worth hearing again: stretches of one role on one channel, the words to listen for, and why (criterion ids)."""

    role: Role
    channel: int
    spans: tuple[Span, ...]
    hints: tuple[str, ...]
    criteria: tuple[str, ...]

    @property
    def length_ms(self) -> int:
        """How much sound that is."""
        return sum(span.length_ms for span in self.spans)


def is_doubtful(result: CriterionResult) -> bool:
    """Tell whether a verdict is one to hear again for: unsure, or a critical fail."""
    return result.verdict is Verdict.UNSURE or (result.critical and result.verdict is Verdict.FAIL)


def find_wishes(dialogue: Dialogue, scores: Sequence[CallScore], book: RubricBook, most: int) -> tuple[Wish, ...]:
    """Return up to `most` places to hear again, critical criteria and heavy ones first; places that fit together are one."""
    criteria = {(rubric.id, item.id): item for rubric in book.rubrics for item in rubric.criteria}
    results = [(criteria[score.rubric, result.criterion], result) for score in scores for result in score.results]
    doubtful = [(criterion, result) for criterion, result in results if is_doubtful(result)]
    doubtful.sort(key=lambda pair: (not pair[0].critical, -pair[0].weight))
    wishes: list[Wish] = []
    for criterion, result in doubtful:
        for wish in _wishes_of(dialogue, criterion, result):
            fitting = next((at for at, other in enumerate(wishes) if _fits(other, wish)), None)
            if fitting is None:
                wishes.append(wish)
            else:
                wishes[fitting] = _joined(wishes[fitting], wish)
    return tuple(wishes[:most])


def _wishes_of(dialogue: Dialogue, criterion: Criterion, result: CriterionResult) -> Iterator[Wish]:
    hints = tuple(dict.fromkeys(hint for part in parts_of(criterion.check) for hint in _hints(part)))
    if not hints:
        return
    roles = {role for part in parts_of(criterion.check) for said in _said(part) for role in said.roles} or {Role.OPERATOR}
    places: dict[tuple[Role, int], dict[int, Span]] = {}
    for evidence in result.evidence:
        for turn in dialogue.spoken():
            is_meant = turn.role is evidence.role or (evidence.role is None and turn.role in roles)
            if is_meant and overlap_ms(turn.span, evidence.span):
                places.setdefault((turn.role, turn.channel), {})[turn.turn_no] = turn.span
    for (role, channel), spans in places.items():
        wish = Wish(role=role, channel=channel, spans=tuple(spans.values()), hints=hints, criteria=(criterion.id,))
        if wish.length_ms <= MAX_PLACE_MS:
            yield wish


def _fits(one: Wish, other: Wish) -> bool:
    same_side = (one.role, one.channel) == (other.role, other.channel)
    return same_side and _joined(one, other).length_ms <= MAX_PLACE_MS


def _joined(one: Wish, other: Wish) -> Wish:
    return replace(
        one,
        spans=tuple(sorted({*one.spans, *other.spans})),
        hints=tuple(dict.fromkeys((*one.hints, *other.hints))),
        criteria=(*one.criteria, *other.criteria),
    )


def _said(part: Check) -> tuple[Said, ...]:
    match part:
        case Phrase():
            return part.parts
        case Exchange():
            return part.when, part.then
        case Around():
            return tuple(said for said in (part.before, part.after) if said is not None)
        case Steps():
            return part.steps
        case _:
            return ()


def _hints(part: Check) -> Iterator[str]:
    """Yield the wordings a check asks for, one for each of its first phrases; what must not be said is never suggested."""
    sets = [said.phrases for said in _said(part)]
    if isinstance(part, Name) and part.frames is not None:
        sets.append(part.frames)
    for phrases in sets:
        for phrase in islice(phrases.phrases, _MAX_HINTS):
            variant = parse_phrase(phrase)[0][0]
            words = [
                min((atom.text for atom in slot.atoms if atom.kind != "class"), default="")
                for slot in variant.slots
                if not slot.is_optional
            ]
            text = " ".join(word for word in words if word)
            if text:
                yield text


def with_second_words(dialogue: Dialogue) -> Dialogue:
    """Return the dialogue as if the places that were heard again had been heard so the first time."""
    turns = list(dialogue.turns)
    for listen in dialogue.second:
        places = [at for at, turn in enumerate(turns) if _is_heard_again(turn, listen)]
        heard: dict[int, list[Word]] = {at: [] for at in places}
        for word in listen.words:
            nearest = min(places, key=lambda at: _distance(turns[at].span, word.span.middle_ms), default=None)
            if nearest is not None and _distance(turns[nearest].span, word.span.middle_ms) <= _REACH_MS:
                heard[nearest].append(word)
        for at in places:
            turns[at] = replace(turns[at], words=tuple(sorted(heard[at], key=lambda word: word.span.start_ms)))
    return replace(dialogue, turns=tuple(turns))


def _is_heard_again(turn: Turn, listen: SecondListen) -> bool:
    same_side = turn.kind is TurnKind.SPEECH and (turn.role, turn.channel) == (listen.role, listen.channel)
    return same_side and any(overlap_ms(turn.span, word.span) for word in listen.words)


def _distance(span: Span, at_ms: int) -> int:
    return max(0, span.start_ms - at_ms, at_ms - span.end_ms)


def is_confirmed(result: CriterionResult, dialogue: Dialogue) -> bool:
    """Tell whether a verdict on the second words is a pass that rests on them."""
    return result.verdict is Verdict.PASS and any(
        evidence.text and evidence.role is listen.role and overlap_ms(evidence.span, listen.span)
        for evidence in result.evidence
        for listen in dialogue.second
    )
