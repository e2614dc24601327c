"""From matches to an outcome with evidence: is it said, doubtful, or absent. Shared by the checks on words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.phrases import PhraseSet
from callscore.records import Evidence, Role
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.doubt import find_trace, heard_share, is_badly_heard
from callscore.scoring.reasons import clock, reason, role_name
from callscore.scoring.view import CallView, Hit, Run
from callscore.scoring.windows import Searched
from callscore.units import Span

__all__ = [
    "absent",
    "best_hit",
    "certainty",
    "evidence_of",
    "outcome_of",
    "quote",
    "quote_words",
    "said_result",
    "span_text",
    "traced",
]

_CONTEXT_WORDS = 3
"""A quote shows so many words on both sides of the match, so that a reader understands it."""
_ABSENT_CONFIDENCE = 0.9
_DOUBT_CONFIDENCE = 0.5


def outcome_of(view: CallView, hit: Hit) -> Outcome:
    """Return whether the match is certain or doubtful, by its strength, its words and who spoke."""
    limits, match = view.thresholds, hit.match
    is_single = match.first_word == match.last_word and len(match.text) < limits.long_word
    is_close = match.strength >= (limits.single_sure if is_single else limits.match_sure)
    if not is_close or (match.confidence < limits.word_sure and match.strength < limits.exact):
        return Outcome.DOUBTFUL
    return Outcome.YES if hit.role_confidence >= limits.role_sure else Outcome.DOUBTFUL


def certainty(hit: Hit) -> float:
    """Return how sure the match is, 0..1: its strength times the confidence in role and words."""
    return max(0.0, min(1.0, hit.match.strength * (0.5 + 0.25 * hit.role_confidence + 0.25 * hit.match.confidence)))


def best_hit(view: CallView, hits: Sequence[Hit]) -> Hit | None:
    """Return the surest of the matches, the earliest among equals."""
    return max(hits, key=lambda hit: (outcome_of(view, hit), certainty(hit)), default=None)


def quote(hit: Hit) -> str:
    """Return the matched words with a little of what stands around them, as recognised."""
    return quote_words(hit.run, hit.match.first_word, hit.match.last_word)


def quote_words(run: Run, first_word: int, last_word: int) -> str:
    """Return these words of a run with a little of what stands around them, as recognised."""
    first = max(0, first_word - _CONTEXT_WORDS)
    last = min(len(run.words), last_word + 1 + _CONTEXT_WORDS)
    text = " ".join(word.text for word in run.words[first:last])
    return ("…" if first else "") + text.rstrip(" .,;:") + ("…" if last < len(run.words) else "")


def evidence_of(hit: Hit) -> Evidence:
    """Return the match as evidence."""
    return Evidence(span=hit.match.span, role=hit.run.role, text=quote(hit))


def span_text(span: Span) -> str:
    """Return a stretch of the call as people read it."""
    return f"{clock(span.start_ms)}-{clock(span.end_ms)}"


def said_result(view: CallView, hit: Hit) -> CheckResult:
    """Return YES or DOUBTFUL for a match that was looked for."""
    outcome = outcome_of(view, hit)
    key = "said"
    if outcome is Outcome.DOUBTFUL:
        key = "role_doubtful" if hit.role_confidence < view.thresholds.role_sure else "said_doubtful"
    return CheckResult(
        outcome=outcome,
        confidence=certainty(hit),
        evidence=(evidence_of(hit),),
        reason=reason(
            view.language,
            key,
            role=role_name(hit.run.role, view.language),
            at=clock(hit.match.span.start_ms),
            quote=quote(hit),
        ),
    )


def traced(view: CallView, trace: Hit) -> CheckResult:
    """Return DOUBTFUL for something that resembles what was looked for."""
    return CheckResult(
        outcome=Outcome.DOUBTFUL,
        confidence=min(_DOUBT_CONFIDENCE, certainty(trace)),
        evidence=(evidence_of(trace),),
        reason=reason(view.language, "traced", at=clock(trace.match.span.start_ms), quote=quote(trace)),
    )


def absent(
    view: CallView, roles: Sequence[Role], searched: Searched, phrases: PhraseSet | None = None, key: str = "not_said"
) -> CheckResult:
    """Return NO for words that were not found, DOUBTFUL where a trace of them is left or the searched part was heard badly."""
    trace = find_trace(view, phrases, searched) if phrases else None
    if trace is not None:
        return traced(view, trace)
    doubtful = is_badly_heard(view, roles, searched)
    heard = heard_share(view, roles, searched)
    return CheckResult(
        outcome=Outcome.DOUBTFUL if doubtful else Outcome.NO,
        confidence=_DOUBT_CONFIDENCE if doubtful else max(_DOUBT_CONFIDENCE, _ABSENT_CONFIDENCE * heard),
        evidence=(Evidence(span=searched.span, role=roles[0] if len(roles) == 1 else None, text=""),),
        reason=reason(view.language, "badly_heard" if doubtful else key, span=span_text(searched.span), heard=f"{heard:.0%}"),
    )
