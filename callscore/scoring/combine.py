"""Verdicts -> points and score with its low and high bound. Pure."""

from __future__ import annotations

from callscore.records import CallScore, CriterionResult, Verdict

__all__ = ["combine_points"]


def combine_points(rubric: str, version: int, sha256: str, results: tuple[CriterionResult, ...]) -> CallScore:
    """Return the score of a call.

    `points` and `max_points` are of the decided criteria (pass, fail), `score` their ratio x 100, None if none was decided.
    The bounds take every `unsure` as failed and as passed. A failed critical criterion makes the score and both bounds 0; an
    unsure one makes the low bound 0.
    """
    decided = [r for r in results if r.verdict in (Verdict.PASS, Verdict.FAIL)]
    unsure = [r for r in results if r.verdict is Verdict.UNSURE]
    points = sum(r.points for r in decided)
    max_points = sum(r.max_points for r in decided)
    open_points = sum(r.max_points for r in unsure)
    score = 100 * points / max_points if max_points else None
    low = 100 * points / (max_points + open_points) if max_points + open_points else None
    high = 100 * (points + open_points) / (max_points + open_points) if max_points + open_points else None
    critical_failed = any(r.critical and r.verdict is Verdict.FAIL for r in results)
    if critical_failed:
        score, low, high = (0.0 if value is not None else None for value in (score, low, high))
    elif any(r.critical for r in unsure) and low is not None:
        low = 0.0
    return CallScore(
        rubric=rubric,
        rubric_version=version,
        rubric_sha256=sha256,
        results=results,
        points=points,
        max_points=max_points,
        score=score,
        score_low=low,
        score_high=high,
        critical_failed=critical_failed,
        n_unsure=len(unsure),
    )
