"""Who is the operator, who the client: from the channel setting, from what is said and who speaks when. Pure.

Two steps. First all ways of giving the speakers roles are compared: each earns the weights of the cues its speakers say, what
the direction of the call makes of who speaks first, and loses for people of one side talking to each other (`guess_roles`).
Then, on mono calls, where single turns may carry the wrong speaker, the turns are read as a chain in which sides mostly
alternate after a pause, and each turn's own words may overrule its speaker (`refine_turn_roles`, forward-backward over a
two-state hidden Markov model). All numbers are natural-log odds; confidences are the posteriors, tempered because
cues are not independent of each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Final

from callscore.dialogue.align import SpeakerUtterance
from callscore.dialogue.cues import CueHit, CueKind, RoleCues, find_cues
from callscore.dialogue.prompts import Prompt, find_prompts, split_prompts
from callscore.dialogue.turns import RoledUtterance
from callscore.records import CallInfo, Direction, Layout, Role, RoleGuess

__all__ = ["Cast", "Scene", "assign_roles", "guess_roles", "read_scene", "refine_turn_roles"]

# A greeting comes within so much of a speaker's first word.
_OPENING_MS: Final = 12_000
_MOST_TEXT: Final = 4.0

# Guessing speakers. Most calls to a shop come in; who is called answers first.
_INBOUND_PRIOR: Final = 0.75
_FIRST_SPEAKER: Final = 2.0
_AFTER_MAILBOX: Final = 3.0
_SAME_SIDE_IN_A_ROW: Final = -0.7
_MOST_IN_A_ROW: Final = 12
_ONE_SIDE_ONLY: Final = -3.0
_JOINED_AFTER_TRANSFER: Final = 1.5
_TRANSFER_REACH: Final = 4
_TEMPER: Final = 0.6
_MOST_SPEAKERS: Final = 6

# Refining turns: how far a diarized speaker is trusted by length of the turn, and how sides alternate by pause.
_TRUST: Final = ((2000, 0.95), (1000, 0.88), (0, 0.75))
# (Pause below, chance that the same side goes on), apart for a voice heard to go on and one heard to change.
_STAY_SAME_VOICE: Final = ((300, 0.85), (600, 0.6))
_STAY_OTHER_VOICE: Final = ((600, 0.5), (2500, 0.35))
_STAY_UNKNOWN: Final = 0.5
_TEXT_TEMPER: Final = 0.7

_MOST_SURE: Final = 0.99

# The channel setting against the words: a setting may be wrong for a whole line, words for one call. Words alone, as spoken and
# as recognised, never had the parties of 20 labelled calls with two legs the wrong way round with more than 0.8.
_CONTRADICTS: Final = 0.95
_OVERRULES: Final = 0.97
_MIN_OVERRULING: Final = 6
_SETTING_CONTRADICTED: Final = 0.6
_SETTING_OVERRULED: Final = 0.9

Party = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Utterances in order of start, the cues found in each, and which of them are recordings."""

    utterances: tuple[SpeakerUtterance, ...]
    hits: tuple[tuple[CueHit, ...], ...]
    prompts: tuple[Prompt, ...]

    @property
    def people(self) -> tuple[int, ...]:
        """The numbers of the utterances that are no recordings."""
        recorded = {prompt.index for prompt in self.prompts}
        return tuple(index for index in range(len(self.utterances)) if index not in recorded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Utterances with their roles, in order of start; `is_contradicted` where the words speak against the channel setting."""

    utterances: tuple[RoledUtterance, ...]
    is_contradicted: bool = False


def assign_roles(utterances: Iterable[SpeakerUtterance], info: CallInfo, layout: Layout, language: str, cues: RoleCues) -> Cast:
    """Return the utterances with their roles; one that holds a prompt and a person may be cut in two."""
    scene = read_scene(utterances, language, cues)
    guesses, is_contradicted = guess_roles(scene, info), False
    if layout is Layout.STEREO and info.operator_channel is not None:
        guesses, is_contradicted = _by_setting(guesses, scene, info.operator_channel)
    if layout is Layout.MONO:
        roles = refine_turn_roles(scene, guesses, info.direction)
    else:
        known = {guess.speaker: (guess.role, guess.confidence) for guess in guesses}
        roles = tuple(known[item.speaker] for item in scene.utterances)
    recorded = {prompt.index: (Role.SYSTEM, min(_MOST_SURE, prompt.confidence)) for prompt in scene.prompts}
    final = [recorded.get(index, roles[index]) for index in range(len(roles))]
    roled = tuple(
        RoledUtterance(utterance=item, role=role, confidence=confidence)
        for item, (role, confidence) in zip(scene.utterances, final, strict=True)
    )
    return Cast(utterances=roled, is_contradicted=is_contradicted)


def read_scene(utterances: Iterable[SpeakerUtterance], language: str, cues: RoleCues) -> Scene:
    """Return the utterances in order, cut after recordings, with the cues said in each."""
    ordered = sorted(utterances, key=lambda item: (item.span.start_ms, item.span.end_ms, item.channel))
    pieces = split_prompts(ordered, language, cues)
    hits = tuple(find_cues(piece.words, language, cues) for piece in pieces)
    return Scene(utterances=pieces, hits=hits, prompts=find_prompts(pieces, hits))


def guess_roles(scene: Scene, info: CallInfo) -> tuple[RoleGuess, ...]:
    """Return one guess per speaker, in order of first appearance, by what is said and who speaks when.

    A speaker heard in nothing but recordings is `system`.
    """
    return _guess_by_text(scene, info.direction)


def refine_turn_roles(
    scene: Scene, guesses: Sequence[RoleGuess], direction: Direction | None
) -> tuple[tuple[Role, float], ...]:
    """Return role and confidence per utterance, correcting single utterances whose words or place speak against their speaker.

    Recordings keep the guess of their speaker; they neither inform nor interrupt the chain.
    """
    known = {guess.speaker: guess for guess in guesses}
    order = scene.people
    opening = _opening_starts(scene)
    leans = []
    for index in order:
        item = scene.utterances[index]
        guess = known[item.speaker]
        sure = guess.confidence if guess.role is not Role.SYSTEM else 0.5
        operator = sure if guess.role is Role.OPERATOR else 1 - sure
        trust = next(value for length_ms, value in _TRUST if item.span.length_ms >= length_ms)
        prior = trust * operator + (1 - trust) * (1 - operator)
        leans.append(_log_odds(prior) + _TEXT_TEMPER * _lean(scene, index, direction, opening))
    stays = [_stay(scene.utterances[left], scene.utterances[right]) for left, right in pairwise(order)]
    posterior = dict(zip(order, _forward_backward(leans, stays), strict=True))
    return tuple(
        _decided(posterior[index]) if index in posterior else (known[item.speaker].role, known[item.speaker].confidence)
        for index, item in enumerate(scene.utterances)
    )


def _guess_by_text(scene: Scene, direction: Direction | None) -> tuple[RoleGuess, ...]:
    people = scene.people
    talk_ms: dict[str, int] = {}
    for index in people:
        item = scene.utterances[index]
        talk_ms[item.speaker] = talk_ms.get(item.speaker, 0) + item.span.length_ms
    speakers = sorted(talk_ms, key=lambda speaker: -talk_ms[speaker])[:_MOST_SPEAKERS]
    operator = _posterior(scene, speakers, direction)
    guesses = []
    for speaker in dict.fromkeys(item.speaker for item in scene.utterances):
        if speaker not in talk_ms:
            sure = max(p.confidence for p in scene.prompts if scene.utterances[p.index].speaker == speaker)
            guesses.append(RoleGuess(speaker=speaker, role=Role.SYSTEM, confidence=min(_MOST_SURE, sure), reason="a recording"))
        else:
            role, confidence = _decided(operator.get(speaker, 0.5))
            guesses.append(
                RoleGuess(speaker=speaker, role=role, confidence=confidence, reason=_reason(scene, speaker, role, direction))
            )
    return tuple(guesses)


def _posterior(scene: Scene, speakers: Sequence[str], direction: Direction | None) -> dict[str, float]:
    """Return how likely each speaker is an operator, over all ways of giving roles and, if unknown, both directions."""
    ways = (
        {Direction.INBOUND: _INBOUND_PRIOR, Direction.OUTBOUND: 1 - _INBOUND_PRIOR} if direction is None else {direction: 1.0}
    )
    opening = _opening_starts(scene)
    scored: list[tuple[float, tuple[bool, ...]]] = []
    for way, prior in ways.items():
        text = {
            speaker: sum(_lean(scene, i, way, opening) for i in scene.people if scene.utterances[i].speaker == speaker)
            for speaker in speakers
        }
        text = {speaker: value + _joined_late(scene, speaker) for speaker, value in text.items()}
        for roles in product((True, False), repeat=len(speakers)):
            given = dict(zip(speakers, roles, strict=True))
            score = sum(value / 2 if given[speaker] else -value / 2 for speaker, value in text.items())
            score += _structure(scene, given, way)
            scored.append((_TEMPER * score + math.log(prior), roles))
    top = max((score for score, _ in scored), default=0.0)
    total = sum(math.exp(score - top) for score, _ in scored)
    return {
        speaker: sum(math.exp(score - top) for score, roles in scored if roles[number]) / total
        for number, speaker in enumerate(speakers)
    }


def _structure(scene: Scene, is_operator: Mapping[str, bool], direction: Direction) -> float:
    """Return what is won and lost by who speaks first and by who follows whom."""
    order = [index for index in scene.people if scene.utterances[index].speaker in is_operator]
    if not order:
        return 0.0
    first = order[0]
    mailbox = any(prompt.is_mailbox and prompt.index < first for prompt in scene.prompts)
    caller_first = mailbox
    is_caller = is_operator[scene.utterances[first].speaker] == (direction is Direction.OUTBOUND)
    weight = _AFTER_MAILBOX if mailbox else _FIRST_SPEAKER
    score = weight / 2 if is_caller == caller_first else -weight / 2
    in_a_row = sum(
        scene.utterances[a].speaker != scene.utterances[b].speaker
        and is_operator[scene.utterances[a].speaker] == is_operator[scene.utterances[b].speaker]
        for a, b in pairwise(order)
    )
    score += _SAME_SIDE_IN_A_ROW * min(_MOST_IN_A_ROW, in_a_row)
    if len(is_operator) > 1 and len(set(is_operator.values())) == 1 and not mailbox:
        score += _ONE_SIDE_ONLY
    return score


def _joined_late(scene: Scene, speaker: str) -> float:
    """Return the lean towards operator of somebody who first speaks right after a transfer was announced."""
    first = next(index for index in scene.people if scene.utterances[index].speaker == speaker)
    before = range(max(0, first - _TRANSFER_REACH), first)
    announced = any(hit.cue.kind is CueKind.TRANSFER for index in before for hit in scene.hits[index])
    return _JOINED_AFTER_TRANSFER if announced else 0.0


def _opening_starts(scene: Scene) -> dict[Party, int]:
    starts: dict[Party, int] = {}
    for index in scene.people:
        item = scene.utterances[index]
        starts.setdefault((item.channel, item.speaker), item.span.start_ms)
    return starts


def _lean(scene: Scene, index: int, direction: Direction | None, opening: Mapping[Party, int]) -> float:
    """Return how far the words of one utterance lean to operator (above 0) or client."""
    item = scene.utterances[index]
    is_opening = item.span.start_ms - opening[item.channel, item.speaker] <= _OPENING_MS
    lean = 0.0
    for hit in scene.hits[index]:
        if _counts(hit, direction, is_opening):
            lean += hit.weight if hit.cue.kind is CueKind.OPERATOR else -hit.weight
    return max(-_MOST_TEXT, min(_MOST_TEXT, lean))


def _counts(hit: CueHit, direction: Direction | None, is_opening: bool) -> bool:
    cue = hit.cue
    return (
        cue.kind in (CueKind.OPERATOR, CueKind.CLIENT)
        and (cue.direction is None or cue.direction is (direction or Direction.INBOUND))
        and (is_opening or not cue.is_opening)
    )


def _stay(left: SpeakerUtterance, right: SpeakerUtterance) -> float:
    """Return how likely the same side goes on after the pause between two utterances."""
    pause_ms = right.span.start_ms - left.span.end_ms
    steps = _STAY_SAME_VOICE if left.speaker == right.speaker else _STAY_OTHER_VOICE
    return next((value for limit_ms, value in steps if pause_ms < limit_ms), _STAY_UNKNOWN)


def _forward_backward(leans: Sequence[float], stays: Sequence[float]) -> list[float]:
    """Return the posterior of the first state per item, for log odds of each and the chance of staying between neighbours.

    >>> [round(p, 2) for p in _forward_backward([2.0, 0.0, 2.0], [0.5, 0.5])]
    [0.88, 0.5, 0.88]
    """
    likely = [1 / (1 + math.exp(-lean)) for lean in leans]
    forward: list[float] = []
    for at, here in enumerate(likely):
        reach = 0.5 if at == 0 else stays[at - 1] * forward[-1] + (1 - stays[at - 1]) * (1 - forward[-1])
        forward.append(_normal(reach * here, (1 - reach) * (1 - here)))
    backward = [0.5] * len(likely)
    for at in range(len(likely) - 2, -1, -1):
        after = _normal(backward[at + 1] * likely[at + 1], (1 - backward[at + 1]) * (1 - likely[at + 1]))
        backward[at] = stays[at] * after + (1 - stays[at]) * (1 - after)
    return [_normal(f * b, (1 - f) * (1 - b)) for f, b in zip(forward, backward, strict=True)]


def _normal(one: float, other: float) -> float:
    return one / (one + other)


def _log_odds(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _decided(operator: float) -> tuple[Role, float]:
    role = Role.OPERATOR if operator >= 0.5 else Role.CLIENT
    return role, min(_MOST_SURE, max(operator, 1 - operator))


def _by_setting(by_text: Sequence[RoleGuess], scene: Scene, operator_channel: int) -> tuple[tuple[RoleGuess, ...], bool]:
    """Return the guesses under the setting that `operator_channel` is the operator's, and whether the words contradict it.

    The setting decides. Where what is said on the legs contradicts it, the roles are in doubt; where it does so plainly on both
    legs and in several turns, the legs are swapped and the words decide.
    """
    channel_of = {item.speaker: item.channel for item in scene.utterances}
    set_roles = {
        guess.speaker: Role.OPERATOR if channel_of[guess.speaker] == operator_channel else Role.CLIENT
        for guess in by_text
        if guess.role is not Role.SYSTEM
    }
    told = [guess for guess in by_text if guess.speaker in set_roles]
    against = [guess for guess in told if guess.role is not set_roles[guess.speaker]]
    is_contradicted = any(guess.confidence >= _CONTRADICTS for guess in against)
    is_swapped = (
        len(against) == len(told)
        and len({channel_of[guess.speaker] for guess in told}) > 1
        and all(guess.confidence >= _OVERRULES for guess in told)
        and len(scene.people) >= _MIN_OVERRULING
    )
    if is_swapped:
        return tuple(_sure_to(guess, _SETTING_OVERRULED) for guess in by_text), True
    sure = _SETTING_CONTRADICTED if is_contradicted else _MOST_SURE
    reason = "the channel setting, against what is said" if is_contradicted else "the channel setting"
    return tuple(
        RoleGuess(speaker=guess.speaker, role=set_roles[guess.speaker], confidence=sure, reason=reason)
        if guess.speaker in set_roles
        else guess
        for guess in by_text
    ), is_contradicted


def _sure_to(guess: RoleGuess, most: float) -> RoleGuess:
    if guess.role is Role.SYSTEM:
        return guess
    return replace(guess, confidence=min(most, guess.confidence), reason=f"{guess.reason}, against the channel setting")


def _reason(scene: Scene, speaker: str, role: Role, direction: Direction | None) -> str:
    """Name the strongest cue for the role, or who spoke first; the words stay out of logs, this is for people."""
    opening = _opening_starts(scene)
    wanted = CueKind.OPERATOR if role is Role.OPERATOR else CueKind.CLIENT
    hits = [
        hit
        for index in scene.people
        if scene.utterances[index].speaker == speaker
        for hit in scene.hits[index]
        if hit.cue.kind is wanted
        and _counts(
            hit,
            direction,
            scene.utterances[index].span.start_ms - opening[scene.utterances[index].channel, speaker] <= _OPENING_MS,
        )
    ]
    if hits:
        return f'says "{max(hits, key=lambda hit: hit.weight).text}"'
    return "by who speaks when"
