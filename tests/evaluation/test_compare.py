"""Verdicts against labels."""

from __future__ import annotations

import pytest

from callscore.evaluation.compare import Confusion, compare, score_types, wrong_verdicts
from callscore.records import Verdict
from tests.evaluation.build import heard, truth


def test_unsure_and_missing_are_neither_right_nor_wrong() -> None:
    """Only decided verdicts count as right or wrong; what is undecided or absent is counted by itself."""
    pairs = [
        (truth("a=pass b=fail c=na d=fail e=pass f=pass"), heard("a=pass b=pass c=na d=unsure e=fail")),
        (truth("a=pass"), None),
    ]
    _, total = compare(pairs)
    found = total.confusion
    assert (found.n, found.right, found.wrong, found.unsure, found.missing) == (7, 2, 2, 1, 2)
    assert (found.false_pass, found.false_fail, found.fails, found.decided) == (1, 1, 2, 4)


def test_criteria_come_by_name_and_add_up() -> None:
    """Each criterion has its own score, and the total is their sum."""
    pairs = [(truth("b=pass a=fail"), heard("b=pass a=fail")), (truth("a=pass"), heard("a=fail"))]
    criteria, total = compare(pairs)
    assert [(score.criterion, score.confusion.right, score.confusion.wrong) for score in criteria] == [
        ("a", 1, 1),
        ("b", 1, 0),
    ]
    assert (total.criterion, total.confusion.n) == (None, 3)
    assert total.confusion.counts == ((1, 1, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 0, 0, 0))


def test_only_the_criteria_asked_for() -> None:
    """Other labels are left alone, also among the wrong verdicts."""
    pairs = [(truth("a=pass b=pass"), heard("a=fail b=fail"))]
    assert [score.criterion for score in compare(pairs, ("b",))[0]] == ["b"]
    assert [(item.call_id, item.label, item.result.criterion) for item in wrong_verdicts(pairs, ("b",))] == [
        ("c1", Verdict.PASS, "b")
    ]


def test_na_is_a_verdict_of_its_own() -> None:
    """Saying that nothing arose, where the label says fail, is wrong, but no false pass."""
    (score,), _ = compare([(truth("a=fail"), heard("a=na"))])
    assert (score.confusion.wrong, score.confusion.false_pass, score.confusion.false_fail) == (1, 0, 0)


def test_kappa_is_over_decided_verdicts() -> None:
    """Unsure verdicts do not enter kappa; where nothing is decided there is none."""
    pairs = [(truth("a=pass"), heard("a=pass")), (truth("a=fail"), heard("a=fail")), (truth("a=fail"), heard("a=unsure"))]
    (score,), _ = compare(pairs)
    assert score.kappa is not None
    assert score.kappa.value == 1.0
    (nothing,), _ = compare([(truth("a=fail"), heard("a=unsure"))])
    assert nothing.kappa is None
    assert (nothing.interval.low, nothing.interval.high) == (0.0, 1.0)


def test_call_types_by_any_of_their_names() -> None:
    """A label may use an alias of the type; calls without a label or that are not stored do not count."""
    pairs = [
        (truth(call_type="Inbound"), heard(call_type="sale")),
        (truth(call_type="complaint"), heard(call_type="sale")),
        (truth(), heard(call_type="sale")),
        (truth(call_type="sale"), None),
    ]
    found = score_types(pairs, {"inbound": "sale", "sale": "sale", "complaint": "complaint"})
    assert found is not None
    assert found[:2] == (1, 2)
    assert score_types([(truth(), heard())], {}) is None


def test_a_label_is_never_unsure() -> None:
    """People decide; an unsure label cannot be counted."""
    with pytest.raises(ValueError, match="must be pass, fail or na"):
        Confusion.of(Verdict.UNSURE, Verdict.PASS)
