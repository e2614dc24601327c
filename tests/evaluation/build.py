"""Builders of labelled and heard calls: "greeting=pass farewell=unsure"."""

from __future__ import annotations

from callscore.evaluation import HeardCall, TruthCall
from callscore.evaluation.truth import TruthTurn
from callscore.records import CriterionResult, Dialogue, Evidence, Role, Verdict
from callscore.units import Span


def verdicts(text: str) -> dict[str, Verdict]:
    """Return verdicts by criterion."""
    return {name: Verdict(value) for name, _, value in (part.partition("=") for part in text.split())}


def truth(labels: str = "", *, file: str = "a.wav", **fields: object) -> TruthCall:
    """Return a labelled call."""
    values: dict[str, object] = {"call_id": None, "file": file, "labels": verdicts(labels), "where": "t.jsonl:1", **fields}
    return TruthCall(**values)  # type: ignore[arg-type]


def result(name: str, verdict: Verdict) -> CriterionResult:
    """Return a verdict with one quote."""
    return CriterionResult(
        criterion=name,
        verdict=verdict,
        confidence=0.8,
        points=0.0,
        max_points=1.0,
        critical=False,
        evidence=(Evidence(span=Span(2000, 3000), role=Role.OPERATOR, text="Добрый день"),),
        reason="Оператор поздоровался.",
    )


def heard(given: str = "", *, call_type: str | None = None, dialogue: Dialogue | None = None) -> HeardCall:
    """Return what callscore made of a call."""
    results = {name: result(name, verdict) for name, verdict in verdicts(given).items()}
    return HeardCall(call_id="c1", verdicts=results, call_type=call_type, dialogue=dialogue)


def said(line: str, role: Role | None = None) -> TruthTurn:
    """Build a labelled turn from "O 0-1200 good morning"; `role` where the time is not that side's (a prompt)."""
    letter, times, text = line.split(" ", 2)
    start, end = (int(part) for part in times.split("-"))
    side = {"O": Role.OPERATOR, "C": Role.CLIENT}[letter]
    return TruthTurn(span=Span(start, end), role=role or side, side=side, text=text)
