"""Why a person should listen to a call: reasons with a severity, from its verdicts and metrics, or why it has none. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from callscore.dialogue.trouble import Trouble, find_troubles
from callscore.records import CallMetrics, CallResult, CallScore, CriterionResult, Verdict
from callscore.store.entries import Flag

__all__ = ["FlagOptions", "flag_call", "flag_scores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagOptions:
    """When a call is flagged.

    Scores are 0..100, shares 0..1. `rude_criteria` are ids whose fail means that somebody was rude. 15 s of silence is where
    the rubrics speak of dead air; the other limits are where a supervisor would want to hear the call.
    """

    low_score: float = 60.0
    long_silence_ms: int = 15_000
    long_hold_ms: int = 120_000
    many_interruptions: int = 5
    badly_heard_frac: float = 0.25
    many_unsure_frac: float = 0.34
    rude_criteria: tuple[str, ...] = ("politeness",)


def flag_call(result: CallResult, options: FlagOptions | None = None) -> tuple[Flag, ...]:
    """Return the flags of a call, most severe first; empty for a call nobody needs to hear."""
    troubles = find_troubles(result.dialogue, result.metrics, result.notes)
    return flag_scores(result.scores, result.metrics, options, troubles)


def flag_scores(
    scores: Iterable[CallScore],
    metrics: CallMetrics,
    options: FlagOptions | None = None,
    troubles: Sequence[Trouble] = (),
) -> tuple[Flag, ...]:
    """Return the flags of a call from what they depend on; see flag_call.

    Each of `troubles`, for which the call got no verdicts, is a flag; such a call is then not called badly heard as well.
    """
    limits = options or FlagOptions()
    if troubles:
        return tuple(Flag(reason=trouble.kind, severity=2, detail=_figure(trouble)) for trouble in troubles)
    flags = [flag for score in scores for flag in _score_flags(score, limits)]
    flags.extend(_metric_flags(metrics, limits))
    return tuple(sorted(flags, key=lambda flag: -flag.severity))


def _score_flags(score: CallScore, limits: FlagOptions) -> Iterator[Flag]:
    for result in score.results:
        if result.critical and result.verdict is Verdict.FAIL:
            yield _verdict_flag("critical_failed", 3, result)
        elif result.criterion in limits.rude_criteria and result.verdict is Verdict.FAIL:
            yield _verdict_flag("rudeness", 3, result)
        elif result.critical and result.verdict is Verdict.UNSURE:
            yield _verdict_flag("critical_unsure", 2, result)
    # A failed critical criterion makes the score 0; saying so twice helps nobody.
    if score.score is not None and score.score < limits.low_score and not score.critical_failed:
        low, high = score.score_low, score.score_high
        bounds = f" ({low:.0f}-{high:.0f})" if low is not None and high is not None else ""
        yield Flag(reason="low_score", severity=2, detail=f"{score.score:.0f}{bounds}")
    asked = sum(result.verdict is not Verdict.NA for result in score.results)
    if asked and score.n_unsure / asked >= limits.many_unsure_frac:
        yield Flag(reason="many_unsure", severity=1, detail=f"{score.n_unsure}/{asked}")


def _metric_flags(metrics: CallMetrics, limits: FlagOptions) -> Iterator[Flag]:
    if metrics.longest_silence_ms >= limits.long_silence_ms:
        start = metrics.longest_silence_start_ms
        end = None if start is None else start + metrics.longest_silence_ms
        detail = _minutes(metrics.longest_silence_ms)
        yield Flag(reason="long_silence", severity=2, detail=detail, start_ms=start, end_ms=end)
    if metrics.hold_ms >= limits.long_hold_ms:
        yield Flag(reason="long_hold", severity=1, detail=_minutes(metrics.hold_ms))
    if metrics.interruptions_by_operator >= limits.many_interruptions:
        yield Flag(reason="interruptions", severity=1, detail=str(metrics.interruptions_by_operator))
    speech_ms = metrics.operator_talk_ms + metrics.client_talk_ms
    if speech_ms and metrics.unrecognised_ms / speech_ms >= limits.badly_heard_frac:
        yield Flag(reason="badly_heard", severity=1, detail=f"{min(1.0, metrics.unrecognised_ms / speech_ms):.0%}")


def _verdict_flag(reason: str, severity: int, result: CriterionResult) -> Flag:
    place = result.evidence[0].span if result.evidence else None
    return Flag(
        reason=reason,
        severity=severity,
        detail=result.reason,
        criterion=result.criterion,
        start_ms=place.start_ms if place else None,
        end_ms=place.end_ms if place else None,
    )


def _figure(trouble: Trouble) -> str:
    if trouble.frac is not None:
        return f"{trouble.frac:.0%}"
    return "" if trouble.ms is None else _minutes(trouble.ms)


def _minutes(ms: int) -> str:
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"
