"""Points, score and bounds."""

from __future__ import annotations

from callscore.records import CallScore, CriterionResult, Verdict
from callscore.scoring.combine import combine_points


def combined(*rows: tuple[Verdict, float, bool]) -> CallScore:
    """Return the score of criteria given as verdict, weight, critical."""
    results = tuple(
        CriterionResult(
            criterion=f"c{number}",
            verdict=verdict,
            confidence=0.9,
            points=weight if verdict is Verdict.PASS else 0.0,
            max_points=0.0 if verdict is Verdict.NA else weight,
            critical=critical,
            evidence=(),
            reason="",
        )
        for number, (verdict, weight, critical) in enumerate(rows)
    )
    return combine_points("r", 1, "hash", results)


def test_na_is_kept_out() -> None:
    """Only what arose counts."""
    score = combined((Verdict.PASS, 3, False), (Verdict.FAIL, 1, False), (Verdict.NA, 6, False))
    assert (score.points, score.max_points, score.score) == (3, 4, 75.0)
    assert (score.score_low, score.score_high) == (75.0, 75.0)


def test_bounds_take_unsure_as_failed_and_as_passed() -> None:
    """3 of 4 decided, 4 open: between 3/8 and 7/8."""
    score = combined((Verdict.PASS, 3, False), (Verdict.FAIL, 1, False), (Verdict.UNSURE, 4, False))
    assert (score.score, score.score_low, score.score_high) == (75.0, 37.5, 87.5)
    assert score.n_unsure == 1


def test_critical_fail_makes_zero() -> None:
    """One failed critical criterion outweighs the rest."""
    score = combined((Verdict.PASS, 9, False), (Verdict.FAIL, 1, True))
    assert score.critical_failed
    assert (score.score, score.score_low, score.score_high) == (0.0, 0.0, 0.0)


def test_critical_doubt_opens_the_bound_to_zero() -> None:
    """If the critical criterion turns out failed, the score is zero."""
    score = combined((Verdict.PASS, 9, False), (Verdict.UNSURE, 1, True))
    assert (score.score, score.score_low, score.score_high) == (100.0, 0.0, 100.0)


def test_nothing_decided() -> None:
    """A call where nothing arose has no score rather than a zero."""
    score = combined((Verdict.NA, 5, False))
    assert (score.score, score.score_low, score.score_high) == (None, None, None)
