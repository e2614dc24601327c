"""Recorded prompts among utterances: queue announcements, mailboxes, "the subscriber cannot answer". Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

from callscore.dialogue.align import SpeakerUtterance
from callscore.dialogue.cues import CueHit, CueKind, RoleCues, find_cues

__all__ = ["Prompt", "find_prompts", "split_prompts"]

Hits = Sequence[Sequence[CueHit]]

# Natural-log odds; set on 36 labelled calls with 6 prompts and 20 greetings by people that mention the recording as well.
_PRIOR: Final = -4.5
_MOST_CUES: Final = 6.5
_OPENS_CALL: Final = 1.5
_AFTER_PEOPLE: Final = -4.0
_OPERATOR_FOLLOWS: Final = 2.5
_GOES_ON: Final = -1.0

# A recording pauses like a person; it is cut there to see where it ends.
_SPLIT_PAUSE_MS: Final = 350
_SAME_RUN_MS: Final = 1500
# Between a recording and the person on the same leg there is at least this silence, unless the voice tells them apart.
_HANDOVER_MS: Final = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Utterance number `index` is (part of) a recording, with `confidence` 0.5..1; after a mailbox the caller speaks."""

    index: int
    confidence: float
    is_mailbox: bool


def split_prompts(utterances: Sequence[SpeakerUtterance], language: str, cues: RoleCues) -> tuple[SpeakerUtterance, ...]:
    """Return the utterances, those that hold words of a prompt cut at their pauses.

    A person who speaks on the same channel right after a recording thereby is an utterance of its own.
    """
    pieces: list[SpeakerUtterance] = []
    for utterance in utterances:
        hits = find_cues(utterance.words, language, cues)
        pieces += _cut(utterance) if any(hit.cue.kind is CueKind.PROMPT for hit in hits) else [utterance]
    return tuple(pieces)


def find_prompts(utterances: Sequence[SpeakerUtterance], hits: Hits) -> tuple[Prompt, ...]:
    """Return which utterances are recordings, in order.

    Weighs what is said (a recording asks to hold, to press a key, to leave a message; it has no name and does not ask how to
    help), whether it comes before any person, and whether somebody on the same side introduces himself after it.

    Args:
        utterances: of all channels, in order of start.
        hits: the cues found in each.
    """
    found: dict[int, Prompt] = {}
    for run in _runs(utterances):
        heads = [(_score(run[:size], utterances, hits, found), size) for size in range(1, len(run) + 1)]
        score, size = max(heads)
        if score > 0:
            confidence = 1 / (1 + math.exp(-score))
            is_mailbox = any(hit.cue.kind is CueKind.MAILBOX for index in run[:size] for hit in hits[index])
            found |= {i: Prompt(index=i, confidence=confidence, is_mailbox=is_mailbox) for i in run[:size]}
    return tuple(found[index] for index in sorted(found))


def _runs(utterances: Sequence[SpeakerUtterance]) -> list[list[int]]:
    """Return the numbers of utterances that one speaker says in a row without a long pause."""
    runs: list[list[int]] = []
    for index, item in enumerate(utterances):
        last = utterances[runs[-1][-1]] if runs else None
        if last and _party(last) == _party(item) and item.span.start_ms - last.span.end_ms < _SAME_RUN_MS:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _score(head: Sequence[int], utterances: Sequence[SpeakerUtterance], hits: Hits, found: dict[int, Prompt]) -> float:
    """Return the log odds that the utterances `head`, one after the other, are a recording; equal heads prefer the longer."""
    said = list(chain.from_iterable(hits[index] for index in head))
    prompt = min(_MOST_CUES, _sum(said, CueKind.PROMPT))
    if not prompt:
        return -math.inf
    score = _PRIOR + prompt - _sum(said, CueKind.PERSON)
    score += _OPENS_CALL if all(index in found for index in range(head[0])) else _AFTER_PEOPLE
    last, after = head[-1], head[-1] + 1
    if after == len(utterances):
        return score
    hands_over = _hands_over(utterances[last], utterances[after]) and _is_introduction(hits[after])
    return score + (_OPERATOR_FOLLOWS if hands_over else _GOES_ON)


def _hands_over(recording: SpeakerUtterance, person: SpeakerUtterance) -> bool:
    if person.channel != recording.channel:
        return False
    return person.speaker != recording.speaker or person.span.start_ms - recording.span.end_ms >= _HANDOVER_MS


def _is_introduction(hits: Sequence[CueHit]) -> bool:
    """Tell whether somebody opens a conversation here rather than answers one."""
    opens = any(hit.cue.kind is CueKind.OPERATOR and hit.cue.is_opening for hit in hits)
    return opens and _sum(hits, CueKind.CLIENT) < _sum(hits, CueKind.OPERATOR)


def _party(utterance: SpeakerUtterance) -> tuple[int, str]:
    return utterance.channel, utterance.speaker


def _sum(hits: Sequence[CueHit], kind: CueKind) -> float:
    return sum(hit.weight for hit in hits if hit.cue.kind is kind)


def _cut(utterance: SpeakerUtterance) -> list[SpeakerUtterance]:
    words = utterance.words
    pauses = [at for at in range(1, len(words)) if words[at].span.start_ms - words[at - 1].span.end_ms >= _SPLIT_PAUSE_MS]
    return [
        SpeakerUtterance(speaker=utterance.speaker, channel=utterance.channel, words=words[start:end])
        for start, end in pairwise([0, *pauses, len(words)])
    ]
