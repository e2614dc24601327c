"""How well labelled calls were heard: word errors, lost turns, words in their turns, turn borders, roles. Pure.

All recognisers are measured alike: their words are made normal the same way (normal.py), a leg's words are compared with the
turns of its side, and on mono calls all words with all turns, whoever the recogniser thinks said them; who said it is
a measure of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Final

from benchmarks.hearing.align import count_errors, pair_words
from benchmarks.hearing.normal import Token, normal_tokens
from benchmarks.hearing.records import SIDES, Heard, LabelledCall, LabelledTurn, SpokenTurn, SpokenWord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["REACH_MS", "Scores", "score_call"]

REACH_MS: Final = 300
"""How far off its turn a word may lie."""
LEAST_WORDS: Final = 3
"""Shorter turns ("да", "алло") are not asked for one by one."""
ROLES: Final = (*SIDES, "system")


@dataclass(slots=True)
class Scores:
    """Counts that add up over calls. Words and errors by side; times in ms; `lost` names turns as (call, start or number).

    `invented` counts words where nobody speaks, by call.
    """

    words: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    errors: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SIDES, 0))
    n_turns: int = 0
    lost: list[tuple[str, int]] = field(default_factory=list)
    n_placed: int = 0
    n_inside: int = 0
    start_errors_ms: list[int] = field(default_factory=list)
    end_errors_ms: list[int] = field(default_factory=list)
    role_ms: int = 0
    right_role_ms: int = 0
    invented: dict[str, int] = field(default_factory=dict)

    def add(self, other: Scores) -> None:
        """Take in the counts of another call."""
        for side, n_words in other.words.items():
            self.words[side] += n_words
            self.errors[side] += other.errors[side]
        self.n_turns += other.n_turns
        self.lost += other.lost
        self.n_placed += other.n_placed
        self.n_inside += other.n_inside
        self.start_errors_ms += other.start_errors_ms
        self.end_errors_ms += other.end_errors_ms
        self.role_ms += other.role_ms
        self.right_role_ms += other.right_role_ms
        self.invented |= other.invented

    def wer(self, side: str | None = None) -> float | None:
        """Return the word error rate of a side or of both, None where nothing was said."""
        sides = SIDES if side is None else (side,)
        n_words = sum(self.words[name] for name in sides)
        return sum(self.errors[name] for name in sides) / n_words if n_words else None


def score_call(call: LabelledCall, heard: Heard) -> Scores:
    """Compare what was heard in one call with its labels."""
    scores = Scores()
    if call.quiet_ms is not None:
        start_ms, end_ms = _inner(call.quiet_ms, call.seconds)
        middles = ((word.start_ms + word.end_ms) // 2 for word in heard.words if normal_tokens([word.text], call.language))
        scores.invented[call.call_id] = sum(start_ms <= middle <= end_ms for middle in middles)
        return scores
    for channel, side in enumerate(call.channels):
        turns = sorted((turn for turn in call.turns if side in ("", turn.side)), key=lambda turn: turn.start_ms or 0)
        words = sorted(
            (word for word in heard.words if not side or word.channel == channel), key=lambda word: (word.start_ms, word.end_ms)
        )
        _score_leg(scores, call, turns, words)
    scores.role_ms, scores.right_role_ms = _role_times(call.turns, heard.turns)
    return scores


def _inner(quiet_ms: tuple[int, int], seconds: float) -> tuple[float, float]:
    """Return the stretch without the reach of words beside it; what begins or ends the file has none beside it."""
    start_ms, end_ms = quiet_ms
    return start_ms + REACH_MS if start_ms else -inf, end_ms - REACH_MS if end_ms < seconds * 1000 - REACH_MS else inf


def _score_leg(scores: Scores, call: LabelledCall, turns: Sequence[LabelledTurn], words: Sequence[SpokenWord]) -> None:
    tokens = normal_tokens([word.text for word in words], call.language)
    said = [(token.text, at) for at, turn in enumerate(turns) for token in normal_tokens(turn.text.split(), call.language)]
    default = turns[0].side if turns else SIDES[0]
    texts = [text for text, _turn in said]
    sides = [turns[at].side for _text, at in said]
    for side, count in count_errors(texts, [token.text for token in tokens], sides, default).items():
        scores.errors[side] += count
    for side in sides:
        scores.words[side] += 1
    partners = pair_words(texts, [token.text for token in tokens], _in_time(turns, [at for _text, at in said], words, tokens))
    homes = _homes(tokens, [None if partner is None else said[partner][1] for partner in partners])
    _score_turns(scores, call, turns, words, homes)


def _in_time(
    turns: Sequence[LabelledTurn], at: Sequence[int], words: Sequence[SpokenWord], tokens: Sequence[Token]
) -> NDArray[np.bool_]:
    """Return for each labelled word (row) which tokens (columns) lie in its turn; nothing does where times are unknown."""
    import numpy as np

    starts = np.array([words[token.first].start_ms for token in tokens], dtype=np.int64)
    ends = np.array([words[token.last].end_ms for token in tokens], dtype=np.int64)
    inside = [
        (starts >= turn.start_ms - REACH_MS) & (ends <= turn.end_ms + REACH_MS)
        if turn.start_ms is not None and turn.end_ms is not None
        else np.zeros(len(tokens), dtype=np.bool_)
        for turn in turns
    ]
    return np.array([inside[number] for number in at], dtype=np.bool_).reshape(len(at), len(tokens))


def _homes(tokens: Sequence[Token], found: Sequence[int | None]) -> dict[int, int | None]:
    """Return for each recognised word the turn that most of its tokens belong to, None: no turn's text has it."""
    votes: dict[int, dict[int, int]] = {}
    for token, turn in zip(tokens, found, strict=True):
        for word in range(token.first, token.last + 1):
            of_word = votes.setdefault(word, {})
            if turn is not None:
                of_word[turn] = of_word.get(turn, 0) + 1
    return {word: max(of_word, key=lambda turn: of_word[turn]) if of_word else None for word, of_word in votes.items()}


def _score_turns(
    scores: Scores,
    call: LabelledCall,
    turns: Sequence[LabelledTurn],
    words: Sequence[SpokenWord],
    homes: dict[int, int | None],
) -> None:
    own: list[list[SpokenWord]] = [[] for _turn in turns]
    strange = []
    for number, home in sorted(homes.items()):
        if home is None:
            strange.append(words[number])
        else:
            own[home].append(words[number])
    for at, turn in enumerate(turns):
        if len(normal_tokens(turn.text.split(), call.language)) >= LEAST_WORDS:
            scores.n_turns += 1
            if _is_lost(turn, own[at], strange):
                scores.lost.append((call.call_id, at if turn.start_ms is None else turn.start_ms))
        if turn.start_ms is not None and turn.end_ms is not None and own[at]:
            scores.start_errors_ms.append(abs(min(word.start_ms for word in own[at]) - turn.start_ms))
            scores.end_errors_ms.append(abs(max(word.end_ms for word in own[at]) - turn.end_ms))
            scores.n_inside += sum(_is_inside(word, turn) for word in own[at])
            scores.n_placed += len(own[at])
    if any(turn.start_ms is not None for turn in turns):
        scores.n_placed += len(strange)
        scores.n_inside += sum(any(_is_inside(word, turn) for turn in turns) for word in strange)


def _is_lost(turn: LabelledTurn, own: Sequence[SpokenWord], strange: Sequence[SpokenWord]) -> bool:
    """Tell whether no word lies in the turn but those of other turns; without times, whether none has the turn's text."""
    if turn.start_ms is None or turn.end_ms is None:
        return not own
    middles = ((word.start_ms + word.end_ms) // 2 for word in (*own, *strange))
    return not any(turn.start_ms - REACH_MS <= middle < turn.end_ms + REACH_MS for middle in middles)


def _is_inside(word: SpokenWord, turn: LabelledTurn) -> bool:
    if turn.start_ms is None or turn.end_ms is None:
        return False
    return turn.start_ms - REACH_MS <= word.start_ms and word.end_ms <= turn.end_ms + REACH_MS


def _role_times(turns: Sequence[LabelledTurn], found: Sequence[SpokenTurn]) -> tuple[int, int]:
    """Return the labelled time that any speaker covers and that which the right role does.

    A speaker without a role (not operator, client or system) gets the role of those it covers most.
    """
    shared: dict[str, dict[str, int]] = {}
    for turn in turns:
        if turn.start_ms is None or turn.end_ms is None:
            continue
        for item in found:
            overlap = max(0, min(turn.end_ms, item.end_ms) - max(turn.start_ms, item.start_ms))
            by_role = shared.setdefault(item.speaker, {})
            by_role[turn.role] = by_role.get(turn.role, 0) + overlap
    whole = sum(sum(by_role.values()) for by_role in shared.values())
    right = sum(
        by_role.get(speaker, 0) if speaker in ROLES else max(by_role.values(), default=0) for speaker, by_role in shared.items()
    )
    return whole, right
