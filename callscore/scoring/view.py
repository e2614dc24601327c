"""A call as the checks see it: runs of talk, events, traits, and every phrase search done once. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callscore.phrases import AnalysedWords, Match, PhraseSet, analyse, find_matches, find_word
from callscore.records import CallInfo, CallMetrics, Dialogue, Role, Turn, TurnKind, Word
from callscore.rubric.schema import EventKind
from callscore.rubric.thresholds import Thresholds
from callscore.scoring.judging import Ask, off
from callscore.units import Span, overlap_ms

__all__ = ["CallView", "Event", "Hit", "Run", "build_view"]

RUN_PAUSE_MS: Final = 5000
"""One speaker's turns further apart than this count as two; shorter pauses are breath or a backchannel's gap."""


@dataclass(frozen=True, slots=True)
class Run:
    """Turns of one role with nobody else and no music in between: what people call a turn. `number` counts per call."""

    number: int
    role: Role
    turns: tuple[Turn, ...]
    words: tuple[Word, ...]
    span: Span
    role_confidence: float

    @property
    def text(self) -> str:
        """The words joined by blanks."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Event:
    """A hold, transfer or ring. A transfer known only from the PBX has the span of the whole call and `is_heard` false."""

    kind: EventKind
    span: Span
    is_heard: bool = True


@dataclass(frozen=True, slots=True)
class Hit:
    """A match and the run it was found in."""

    run: Run
    match: Match

    @property
    def places(self) -> range:
        """The numbers of the matched words in the run."""
        return range(self.match.first_word, self.match.last_word + 1)

    @property
    def role_confidence(self) -> float:
        """How sure the role of the matched words is."""
        word = self.run.words[self.match.first_word]
        for turn in self.run.turns:
            if turn.span.start_ms <= word.span.start_ms < turn.span.end_ms:
                return turn.role_confidence
        return self.run.role_confidence


@dataclass(slots=True)
class CallView:
    """The call prepared for scoring in one language; caches what was searched already.

    `type_shares` are the probabilities of the call types; what is missing has none. `ask` reaches the language model, if there
    is one; `criterion` is the one being judged, for the log.
    """

    dialogue: Dialogue
    metrics: CallMetrics | None
    info: CallInfo
    language: str
    thresholds: Thresholds
    runs: tuple[Run, ...]
    events: tuple[Event, ...]
    type_shares: Mapping[str, float] = field(default_factory=dict)
    ask: Ask = off
    criterion: str = ""
    _analysed: dict[int, AnalysedWords] = field(default_factory=dict)
    _hits: dict[int, tuple[Hit, ...]] = field(default_factory=dict)
    _searched: dict[int, PhraseSet] = field(default_factory=dict)
    _weak: dict[int, frozenset[int]] = field(default_factory=dict)
    _noise: float | None = None

    def of_roles(self, roles: Sequence[Role]) -> tuple[Run, ...]:
        """Return the runs of these roles, in order."""
        return tuple(run for run in self.runs if run.role in roles)

    def of_kind(self, kind: EventKind) -> tuple[Event, ...]:
        """Return the events of one kind, in order."""
        return tuple(event for event in self.events if event.kind is kind)

    def hits(self, run: Run, phrases: PhraseSet) -> tuple[Hit, ...]:
        """Return the matches of `phrases` in a run from the grey band up; the search is done once per run and set."""
        key = (run.number << 64) | id(phrases)
        if key not in self._hits:
            self._searched[key] = phrases  # keeps the id from being given to another set
            found = find_matches(self._text(run), phrases, min_strength=self.thresholds.match_grey)
            self._hits[key] = tuple(Hit(run, match) for match in found)
        return self._hits[key]

    def word_hits(self, run: Run, word: str) -> tuple[Hit, ...]:
        """Return where a single word that became known in the call stands in a run."""
        return tuple(Hit(run, match) for match in find_word(self._text(run), word, min_strength=self.thresholds.match_grey))

    def traces(self, run: Run, phrases: PhraseSet, strength: float) -> tuple[Hit, ...]:
        """Return the matches of `phrases` in a run from `strength` up; for the rare case that `hits` found too little."""
        return tuple(Hit(run, match) for match in find_matches(self._text(run), phrases, min_strength=strength))

    def weak_words(self, run: Run) -> frozenset[int]:
        """Return the numbers of the run's words that were recognised badly: improbable, or in no dictionary."""
        if run.number not in self._weak:
            improbable = (number for number, word in enumerate(run.words) if word.prob < self.thresholds.weak_prob)
            self._weak[run.number] = self._text(run).text.garbled.union(improbable)
        return self._weak[run.number]

    @property
    def noise(self) -> float:
        """The share 0..1 of all words that were recognised badly; counted once."""
        if self._noise is None:
            n_words = sum(len(run.words) for run in self.runs)
            self._noise = sum(len(self.weak_words(run)) for run in self.runs) / max(1, n_words)
        return self._noise

    def is_garbled(self, run: Run, word_no: int) -> bool:
        """Tell whether a word of a run is in no dictionary."""
        return word_no in self._text(run).text.garbled

    def _text(self, run: Run) -> AnalysedWords:
        if run.number not in self._analysed:
            self._analysed[run.number] = analyse(run.words, self.language)
        return self._analysed[run.number]

    def lost_ms(self, roles: Sequence[Role], span: Span) -> int:
        """Return how much speech of these roles inside `span` gave no words."""
        return sum(overlap_ms(lost, span) for role, lost in self.dialogue.unrecognised if role in roles)


def build_view(
    dialogue: Dialogue, metrics: CallMetrics | None, info: CallInfo, language: str, thresholds: Thresholds
) -> CallView:
    """Prepare a call for checks; no text is searched yet. Without `metrics`, checks on figures do not apply."""
    runs = _runs(dialogue)
    return CallView(
        dialogue=dialogue,
        metrics=metrics,
        info=info,
        language=language,
        thresholds=thresholds,
        runs=runs,
        events=_events(dialogue, runs, info),
    )


def _runs(dialogue: Dialogue) -> tuple[Run, ...]:
    """Join turns of one role and channel; a hold, a ring, another role or a pause over RUN_PAUSE_MS parts them."""
    groups: list[list[Turn]] = []
    parted = True
    for turn in dialogue.turns:
        if turn.kind is not TurnKind.SPEECH:
            parted = True
            continue
        if not turn.words:
            continue
        last = groups[-1][-1] if groups else None
        if parted or last is None or not _continues(last, turn):
            groups.append([])
        groups[-1].append(turn)
        parted = False
    return tuple(_run(number, turns) for number, turns in enumerate(groups))


def _continues(last: Turn, turn: Turn) -> bool:
    same = (last.role, last.channel, last.speaker) == (turn.role, turn.channel, turn.speaker)
    return same and turn.span.start_ms - last.span.end_ms <= RUN_PAUSE_MS


def _run(number: int, turns: Sequence[Turn]) -> Run:
    words = tuple(word for turn in turns for word in turn.words)
    confidence = sum(turn.role_confidence * len(turn.words) for turn in turns) / len(words)
    span = Span(turns[0].span.start_ms, max(turn.span.end_ms for turn in turns))
    return Run(number, turns[0].role, tuple(turns), words, span, confidence)


def _events(dialogue: Dialogue, runs: Sequence[Run], info: CallInfo) -> tuple[Event, ...]:
    holds = [Event(EventKind.HOLD, turn.span) for turn in dialogue.turns if turn.kind is TurnKind.HOLD]
    rings = [Event(EventKind.RING, turn.span) for turn in dialogue.turns if turn.kind is TurnKind.RING]
    return tuple(sorted([*holds, *rings, *_transfers(dialogue, runs, rings, info)], key=lambda event: event.span.start_ms))


def _transfers(dialogue: Dialogue, runs: Sequence[Run], rings: Sequence[Event], info: CallInfo) -> list[Event]:
    """A ring after the operator and the client have talked is a transfer; else the PBX's word that there was one."""
    spoken = {role: next((run.span.start_ms for run in runs if run.role is role), None) for role in Role}
    operator_ms, client_ms = spoken[Role.OPERATOR], spoken[Role.CLIENT]
    if operator_ms is None or client_ms is None:
        return []
    both_ms = max(operator_ms, client_ms)
    heard = [Event(EventKind.TRANSFER, ring.span) for ring in rings if ring.span.start_ms > both_ms]
    if heard or not info.transferred_to:
        return heard
    return [Event(EventKind.TRANSFER, Span(0, dialogue.duration_ms), is_heard=False)]
