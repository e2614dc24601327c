"""Records -> what the templates print: ready-made texts, nothing to decide. Pure; escaping is the templates' work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from callscore.records import Layout, Role, TurnKind, Verdict
from callscore.report.form import form_of
from callscore.report.labels import flag_text, label, note_text
from callscore.report.text import minutes
from callscore.review.desk import DeskCall
from callscore.review.standing import EffectiveScore, EffectiveTurn, EffectiveVerdict, EffectiveWord
from callscore.review.viewer import Rights, hide_number
from callscore.review.words import say
from callscore.units import Span, merge_spans, overlap_ms

__all__ = ["CallPage", "Manner", "Speech", "clean", "shown_call"]

_SILENCE_MS: Final = 3_000
"""Pauses from here on are marked; shorter ones are how people talk."""
_OVERLAP_MS: Final = 300
_LONGEST_TEXT: Final = 2_000
"""Letters of one value from outside: longer ones are cut, for nobody reads a name of a megabyte."""
_DOUBTS: Final = (0.5, 0.7, 0.85)
"""Words less sure than these are shaded, the least sure most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How texts are written: language and time zone."""

    language: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """For whom a call is shown, and how: blind, without anything the machine or others decided.

    With `asks_all` every criterion that nobody judged is to be looked at, not only doubts.
    """

    rights: Rights
    speech: Speech
    is_blind: bool = False
    asks_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordShown:
    """A word; `doubt` 0 (sure) to 3; `machine` is what the machine heard where a person says otherwise."""

    number: int
    text: str
    start_ms: int
    doubt: int
    prob: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnShown:
    """A line of the transcript: a turn, or a stretch of `kind` hold, ring or silence without words."""

    kind: str
    number: int
    role: str
    role_text: str
    role_machine: str
    is_role_doubtful: bool
    start_ms: int
    end_ms: int
    at: str
    length: str
    overlap: str
    words: tuple[WordShown, ...] = ()
    whole: str = ""
    whole_machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenShown:
    """What one person said about a criterion."""

    who: str
    at: str
    verdict: str
    verdict_text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealShown:
    """An appeal with its answer."""

    appeal_id: str
    who: str
    at: str
    reason: str
    state: str
    state_text: str
    answers: tuple[GivenShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteShown:
    """A piece of evidence; an empty `text`: this stretch was searched and nothing found."""

    text: str
    role_text: str
    at: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionShown:
    """A criterion with its verdict as it stands and the machine's."""

    id: str
    key: str
    title: str
    section: str
    is_critical: bool
    is_doubt: bool
    verdict: str
    verdict_text: str
    machine: str
    machine_text: str
    confidence: str
    points: str
    reason: str
    decided_by: str
    is_corrected: bool
    is_disputed: bool
    is_other_version: bool
    quotes: tuple[QuoteShown, ...]
    given: tuple[GivenShown, ...]
    appeals: tuple[AppealShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreShown:
    """A rubric with its score, as it stands and the machine's where that differs."""

    rubric: str
    title: str
    score: str
    machine: str
    critical: str
    criteria: tuple[CriterionShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """A call as the page shows it."""

    call_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    flags: tuple[tuple[int, str, str], ...]
    notes: tuple[str, ...]
    scores: tuple[ScoreShown, ...]
    turns: tuple[TurnShown, ...]
    marks: tuple[tuple[str, int, int], ...]
    legs: tuple[tuple[str, str], ...]
    duration_ms: int
    has_words: bool
    n_stale: int
    seen_by: str


def clean(text: object, most: int = _LONGEST_TEXT) -> str:
    """Return a value from outside as text of bearable length."""
    text = text if isinstance(text, str) else str(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def shown_call(call: DeskCall, manner: Manner) -> CallPage:
    """Return a call as a viewer may see it."""
    stored, standing = call.standing.call, call.standing
    rights, speech, is_blind = manner.rights, manner.speech, manner.is_blind
    turns = tuple(_turns(standing.turns, speech)) if rights.sees_words else ()
    flags = () if is_blind else stored.flags
    return CallPage(
        call_id=stored.info.call_id,
        title=clean(stored.info.call_id, 60),
        facts=_facts(call, rights, speech),
        flags=tuple(
            (flag.severity, flag_text(flag.reason, speech.language), clean(flag.detail, 300) if rights.sees_words else "")
            for flag in flags
        ),
        notes=tuple(clean(note_text(note, speech.language), 300) for note in stored.notes),
        scores=tuple(_score(call, score, manner) for score in standing.scores),
        turns=turns,
        marks=tuple((turn.kind, turn.start_ms, turn.end_ms) for turn in turns if turn.kind != "speech"),
        legs=_legs(call, speech),
        duration_ms=stored.audio.duration_ms if stored.audio else 0,
        has_words=rights.sees_words,
        n_stale=len(standing.stale),
        seen_by=clean(", ".join(standing.seen_by), 200) if not is_blind else "",
    )


def _legs(call: DeskCall, speech: Speech) -> tuple[tuple[str, str], ...]:
    """Return for each channel who is mostly on it, as role and in words; empty for a recording of one channel."""
    stored = call.standing.call
    if (
        stored.dialogue is None
        or stored.dialogue.layout is not Layout.STEREO
        or not stored.audio
        or stored.audio.n_channels < 2
    ):
        return ()
    spoken: dict[tuple[int, Role], int] = {}
    for item in call.standing.turns:
        if item.turn.kind is TurnKind.SPEECH:
            key = (item.turn.channel, item.role)
            spoken[key] = spoken.get(key, 0) + item.turn.span.length_ms
    roles = [max(Role, key=lambda role: spoken.get((channel, role), 0)) for channel in (0, 1)]
    return tuple((role, say(f"role_{role}", speech.language)) for role in roles)


def _facts(call: DeskCall, rights: Rights, speech: Speech) -> tuple[tuple[str, str], ...]:
    info, stored = call.standing.call.info, call.standing.call
    form = form_of(speech.language)
    number = info.client_phone if rights.sees_numbers else hide_number(info.client_phone)
    pairs = (
        ("started", form.time(info.started_at, speech.timezone) if info.started_at else None),
        ("operator", info.operator),
        ("client", number),
        ("direction", say(f"direction_{info.direction}", speech.language) if info.direction else None),
        ("call_type", label(stored.call_type.id, speech.language) if stored.call_type else None),
        ("line", info.did if rights.sees_numbers else hide_number(info.did)),
        ("queue", info.queue),
        ("wait", minutes(info.wait_ms) if info.wait_ms is not None else None),
        ("duration", minutes(stored.audio.duration_ms) if stored.audio else None),
        ("recording", stored.recording if rights.corrects else None),
    )
    return tuple((say(name, speech.language), clean(value, 120)) for name, value in pairs if value)


def _score(call: DeskCall, score: EffectiveScore, manner: Manner) -> ScoreShown:
    rubric, version = score.machine.rubric, score.machine.rubric_version
    speech, is_blind = manner.speech, manner.is_blind
    form = form_of(speech.language)

    def points(of: EffectiveScore, *, machine: bool) -> str:
        one = of.machine if machine else of.score
        if one.score is None:
            return "–"
        if one.score_low is None or one.score_high is None or one.score_low == one.score_high:
            return form.number(one.score)
        return f"{form.number(one.score)} ({form.between(one.score_low, one.score_high, outwards=True)})"

    now, before = points(score, machine=False), points(score, machine=True)
    return ScoreShown(
        rubric=rubric,
        title=clean(call.rubric_titles.get((rubric, version), rubric), 200),
        score="" if is_blind else now,
        machine=before if now != before and not is_blind else "",
        critical=say("critical_failed", speech.language) if score.score.critical_failed and not is_blind else "",
        criteria=tuple(_criterion(call, score, verdict, manner) for verdict in score.verdicts),
    )


def _criterion(call: DeskCall, score: EffectiveScore, verdict: EffectiveVerdict, manner: Manner) -> CriterionShown:
    rights, speech, is_blind = manner.rights, manner.speech, manner.is_blind
    machine, now = verdict.machine, verdict.result
    rubric, version = score.machine.rubric, score.machine.rubric_version
    named = call.criteria.get((rubric, version, machine.criterion))
    title = (named.title_ru if speech.language == "ru" else named.title_en) or named.title_ru or named.title_en if named else ""
    form = form_of(speech.language)
    is_flagged = any(flag.criterion == machine.criterion for flag in call.standing.call.flags)
    is_asked = manner.asks_all and (is_blind or machine.verdict is not Verdict.NA)
    is_doubt = verdict.verdict is Verdict.UNSURE or is_flagged or is_asked
    return CriterionShown(
        id=machine.criterion,
        key=f"{rubric}/{machine.criterion}",
        title=clean(title or machine.criterion, 200),
        section=clean(named.section if named else "", 80),
        is_critical=machine.critical,
        is_doubt=is_doubt and (is_blind or not verdict.given),
        verdict="" if is_blind else verdict.verdict,
        verdict_text="" if is_blind else label(f"verdict_{verdict.verdict}", speech.language),
        machine="" if is_blind else machine.verdict,
        machine_text="" if is_blind else label(f"verdict_{machine.verdict}", speech.language),
        confidence="" if is_blind else form.percent(machine.confidence),
        points="" if is_blind or not now.max_points else f"{form.number(now.points)}/{form.number(now.max_points)}",
        reason="" if is_blind or not rights.sees_words else clean(machine.reason, 600),
        decided_by=now.decided_by,
        is_corrected=verdict.is_corrected and not is_blind,
        is_disputed=verdict.is_disputed and not is_blind,
        is_other_version=verdict.is_of_other_version,
        quotes=() if is_blind or not rights.sees_words else tuple(_quotes(verdict, speech)),
        given=() if is_blind else tuple(_given(verdict, speech)),
        appeals=() if is_blind else tuple(_appeals(call, rubric, machine.criterion, speech)),
    )


def _quotes(verdict: EffectiveVerdict, speech: Speech) -> Iterator[QuoteShown]:
    for item in verdict.machine.evidence[:5]:
        yield QuoteShown(
            text=clean(item.text, 400),
            role_text=say(f"role_{item.role}", speech.language) if item.role else "",
            at=minutes(item.span.start_ms),
            start_ms=item.span.start_ms,
            end_ms=item.span.end_ms,
        )


def _given(verdict: EffectiveVerdict, speech: Speech) -> Iterator[GivenShown]:
    form = form_of(speech.language)
    for entry in verdict.given:
        yield GivenShown(
            who=clean(entry.who, 60),
            at=form.time(entry.at, speech.timezone),
            verdict=entry.new,
            verdict_text=label(f"verdict_{entry.new}", speech.language),
            reason=clean(entry.reason),
        )


def _appeals(call: DeskCall, rubric: str, criterion: str, speech: Speech) -> Iterator[AppealShown]:
    form = form_of(speech.language)
    for appeal in call.standing.appeals:
        filed = appeal.filed
        if (filed.rubric, filed.criterion) != (rubric, criterion):
            continue
        yield AppealShown(
            appeal_id=filed.appeal_id,
            who=clean(filed.who, 60),
            at=form.time(filed.at, speech.timezone),
            reason=clean(filed.reason),
            state=appeal.state,
            state_text=say(f"appeal_{appeal.state}", speech.language),
            answers=tuple(
                GivenShown(
                    who=clean(answer.who, 60),
                    at=form.time(answer.at, speech.timezone),
                    verdict="pass" if answer.accepted else "fail",
                    verdict_text=say("appeal_accepted" if answer.accepted else "appeal_declined", speech.language),
                    reason=clean(answer.reason),
                )
                for answer in appeal.decisions
            ),
        )


def _turns(turns: Sequence[EffectiveTurn], speech: Speech) -> Iterator[TurnShown]:
    """Yield turns and, between them, silences, in order of start."""
    heard = merge_spans([item.turn.span for item in turns])
    silences = {
        after.start_ms: Span(before.end_ms, after.start_ms)
        for before, after in pairwise(heard)
        if after.start_ms - before.end_ms >= _SILENCE_MS
    }
    spoken: list[Span] = []
    for item in turns:
        if silence := silences.pop(item.turn.span.start_ms, None):
            yield _gap("silence", silence, speech)
        if item.turn.kind is not TurnKind.SPEECH:
            yield _gap(item.turn.kind, item.turn.span, speech)
            continue
        shared = max((overlap_ms(item.turn.span, other) for other in spoken[-4:]), default=0)
        spoken.append(item.turn.span)
        yield _turn(item, shared, speech)


def _gap(kind: str, span: Span, speech: Speech) -> TurnShown:
    return TurnShown(
        kind=kind,
        number=-1,
        role="",
        role_text=say(f"gap_{kind}", speech.language),
        role_machine="",
        is_role_doubtful=False,
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        at=minutes(span.start_ms),
        length=minutes(span.length_ms),
        overlap="",
    )


def _turn(item: EffectiveTurn, shared_ms: int, speech: Speech) -> TurnShown:
    turn = item.turn
    overlap = ""
    if shared_ms >= _OVERLAP_MS:
        overlap = say("overlap", speech.language, seconds=form_of(speech.language).number(shared_ms / 1000, 1))
    return TurnShown(
        kind="speech",
        number=turn.turn_no,
        role=item.role,
        role_text=say(f"role_{item.role}", speech.language),
        role_machine=say(f"role_{turn.role}", speech.language) if item.role is not turn.role else "",
        is_role_doubtful=turn.role_confidence < _DOUBTS[1] and item.role_by is None and item.role is not Role.SYSTEM,
        start_ms=turn.span.start_ms,
        end_ms=turn.span.end_ms,
        at=minutes(turn.span.start_ms),
        length=minutes(turn.span.length_ms),
        overlap=overlap,
        words=tuple(_word(number, word) for number, word in enumerate(item.words)),
        whole=clean(item.whole.new, 4000) if item.whole else "",
        whole_machine=clean(turn.text, 4000) if item.whole else "",
    )


def _word(number: int, word: EffectiveWord) -> WordShown:
    """Return a word; a call of forty minutes has ten thousand, so the usual one, sure and untouched, costs little."""
    prob = word.word.prob
    if word.by is None and prob >= _DOUBTS[-1]:
        return WordShown(
            number=number, text=clean(word.text, 200), start_ms=word.word.span.start_ms, doubt=0, prob="", machine=""
        )
    return WordShown(
        number=number,
        text=clean(word.text, 200) if word.text or not word.by else "∅",
        start_ms=word.word.span.start_ms,
        doubt=sum(prob < limit for limit in _DOUBTS) if word.by is None else 0,
        prob=f"{prob:.2f}",
        machine=clean(word.word.text, 200) if word.by else "",
    )
