"""`metric`: a figure of the call lies inside its limits. Pure."""

from __future__ import annotations

from callscore.records import Evidence
from callscore.rubric.schema import Metric
from callscore.scoring.base import CheckResult, Outcome
from callscore.scoring.reasons import clock, reason
from callscore.scoring.view import CallView
from callscore.units import Span

__all__ = ["METRIC_NAMES", "check_metric"]

METRIC_NAMES = {
    "ru": {
        "operator_talk_ms": "Речь оператора", "client_talk_ms": "Речь клиента", "overlap_ms": "Одновременная речь",
        "silence_ms": "Тишина всего", "longest_silence_ms": "Самая долгая пауза", "hold_ms": "Удержание",
        "n_holds": "Число удержаний", "ring_ms": "Гудки", "n_operator_turns": "Реплик оператора",
        "n_client_turns": "Реплик клиента", "interruptions_by_operator": "Оператор перебил клиента, раз",
        "interruptions_by_client": "Клиент перебил оператора, раз", "operator_words_per_min": "Темп оператора, слов в минуту",
        "client_words_per_min": "Темп клиента, слов в минуту", "operator_talk_frac": "Доля речи оператора",
        "operator_reply_delay_ms": "Задержка ответа оператора", "longest_operator_turn_ms": "Самая долгая реплика оператора",
        "unrecognised_ms": "Нераспознанная речь",
    },
    "en": {},
}  # fmt: skip
"""What figures are called in reasons; English names are the fields' own, with blanks."""


def check_metric(view: CallView, spec: Metric) -> CheckResult:
    """Return YES inside the limits, DOUBTFUL within `grey` of one; does not apply where nothing could be measured."""
    value = getattr(view.metrics, spec.name) if view.metrics else None
    span = _span(view, spec)
    evidence = (Evidence(span=span, role=None, text=""),)
    name = METRIC_NAMES.get(view.language, {}).get(spec.name, spec.name.removesuffix("_ms").replace("_", " "))
    if value is None:
        text = reason(view.language, "metric_none", name=name)
        return CheckResult(outcome=Outcome.YES, confidence=0.9, evidence=evidence, reason=text, applies=False)
    outcome = _outcome(float(value), spec)
    key = {Outcome.YES: "metric_ok", Outcome.NO: "metric_bad", Outcome.DOUBTFUL: "metric_close"}[outcome]
    text = reason(view.language, key, name=name, value=_shown(spec.name, float(value), view.language), at=clock(span.start_ms))
    return CheckResult(outcome=outcome, confidence=0.5 if outcome is Outcome.DOUBTFUL else 0.95, evidence=evidence, reason=text)


def _span(view: CallView, spec: Metric) -> Span:
    """Return where to listen: the silence itself for the longest one, else the whole call."""
    metrics = view.metrics
    if spec.name == "longest_silence_ms" and metrics and metrics.longest_silence_start_ms is not None:
        return Span(metrics.longest_silence_start_ms, metrics.longest_silence_start_ms + metrics.longest_silence_ms)
    return Span(0, view.dialogue.duration_ms)


def _outcome(value: float, spec: Metric) -> Outcome:
    low = spec.at_least if spec.at_least is not None else float("-inf")
    high = spec.below if spec.below is not None else float("inf")
    if spec.grey and min(abs(value - low), abs(value - high)) < spec.grey:
        return Outcome.DOUBTFUL
    return Outcome.YES if low <= value < high else Outcome.NO


def _shown(name: str, value: float, language: str) -> str:
    if name.endswith("_ms"):
        return f"{value / 1000:.1f} " + ("с" if language == "ru" else "s")
    return f"{value:.0%}" if name.endswith("_frac") else f"{value:.0f}"
