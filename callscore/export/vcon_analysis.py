"""What callscore found in a call, as the analysis objects of a vCon: transcript, scores, times and flags. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from callscore.masking import mask_text, mask_turns
from callscore.records import CallScore, CriterionResult, Dialogue, Evidence, Turn, TurnKind
from callscore.store.entries import StoredCall

__all__ = ["analysis_objects"]

VENDOR: Final = "callscore"


def analysis_objects(call: StoredCall, *, is_masked: bool) -> list[dict[str, Any]]:
    """Return a transcript, a report per rubric, and reports of times and flags, as far as the store holds them."""
    language = call.dialogue.language if call.dialogue else "ru"
    mask = _Mask(language, is_masked=is_masked)
    found = []
    if call.dialogue is not None:
        found.append(_analysis("transcript", "asr", "callscore-transcript-1", _transcript(call, call.dialogue, mask)))
    found += [_analysis("report", "rubric", "callscore-score-1", _score(score, mask)) for score in call.scores]
    if call.metrics is not None:
        found.append(_analysis("report", "metrics", "callscore-metrics-1", dataclasses.asdict(call.metrics)))
    if call.flags:
        flags = [{**dataclasses.asdict(flag), "detail": mask.text(flag.detail)} for flag in call.flags]
        found.append(_analysis("report", "flags", "callscore-flags-1", {"flags": flags}))
    return found


class _Mask:
    """Takes personal data out of texts, if it is asked to."""

    def __init__(self, language: str, *, is_masked: bool) -> None:
        self.is_masked = is_masked
        self._language = language

    def text(self, text: str) -> str:
        """Return a text as it may be told."""
        return mask_text(text, self._language) if self.is_masked and text else text

    def turns(self, turns: Sequence[Turn]) -> list[str]:
        """Return the texts of turns as they may be told; numbers dictated over several turns are seen together."""
        if not self.is_masked:
            return [turn.text for turn in turns]
        masked = mask_turns([[word.text for word in turn.words] for turn in turns], self._language)
        return [" ".join(piece.text for piece in pieces) for pieces in masked]


def _analysis(kind: str, product: str, schema: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": kind,
        "dialog": 0,
        "mediatype": "application/json",
        "vendor": VENDOR,
        "product": product,
        "schema": schema,
        "encoding": "json",
        "body": body,
    }


def _transcript(call: StoredCall, dialogue: Dialogue, mask: _Mask) -> dict[str, Any]:
    """Return the turns in order with times in seconds from the start of the recording.

    Words with times of their own are only in what is not masked: a placeholder stands for several of them.
    """
    texts = mask.turns(dialogue.turns)
    return {
        "language": dialogue.language,
        "segments": [
            _segment(turn, text, has_words=not mask.is_masked) for turn, text in zip(dialogue.turns, texts, strict=True)
        ],
        "unrecognised": [
            {"role": role, "start": span.start_ms / 1000, "end": span.end_ms / 1000} for role, span in dialogue.unrecognised
        ],
        "provenance": [dataclasses.asdict(step) for step in call.provenance],
    }


def _segment(turn: Turn, text: str, *, has_words: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "channel": turn.channel,
        "start": turn.span.start_ms / 1000,
        "end": turn.span.end_ms / 1000,
        "role": turn.role,
        "speaker": turn.speaker,
        "text": text,
        "confidence": round(turn.confidence, 3),
    }
    if turn.kind is not TurnKind.SPEECH:
        found["kind"] = turn.kind
    if has_words and turn.words:
        found["words"] = [
            {"start": word.span.start_ms / 1000, "end": word.span.end_ms / 1000, "text": word.text, "prob": round(word.prob, 3)}
            for word in turn.words
        ]
    return found


def _score(score: CallScore, mask: _Mask) -> dict[str, Any]:
    """Return a score as parts of 1, with the verdict on each criterion and what it rests on."""
    return {
        "rubric": score.rubric,
        "rubric_version": score.rubric_version,
        "rubric_sha256": score.rubric_sha256,
        "score": _frac(score.score),
        "score_low": _frac(score.score_low),
        "score_high": _frac(score.score_high),
        "points": score.points,
        "max_points": score.max_points,
        "critical_failed": score.critical_failed,
        "n_unsure": score.n_unsure,
        "verdicts": [_verdict(result, mask) for result in score.results],
    }


def _frac(score: float | None) -> float | None:
    return None if score is None else round(score / 100, 4)


def _verdict(result: CriterionResult, mask: _Mask) -> dict[str, Any]:
    return {
        "criterion": result.criterion,
        "verdict": result.verdict,
        "confidence": round(result.confidence, 3),
        "points": result.points,
        "max_points": result.max_points,
        "critical": result.critical,
        "decided_by": result.decided_by,
        "reason": mask.text(result.reason),
        "evidence": [_evidence(item, mask) for item in result.evidence],
    }


def _evidence(evidence: Evidence, mask: _Mask) -> dict[str, Any]:
    return {
        "start": evidence.span.start_ms / 1000,
        "end": evidence.span.end_ms / 1000,
        "role": evidence.role,
        "text": mask.text(evidence.text),
    }
