"""Flags: which calls a person should hear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callscore.records import CallResult, CriterionResult, Verdict
from callscore.stats.flags import FlagOptions, flag_call
from callscore.store.entries import Flag
from tests.store.build import criterion, metrics, result, score

PASS, FAIL, UNSURE = Verdict.PASS, Verdict.FAIL, Verdict.UNSURE


def call(*results: CriterionResult, **changed: float | None) -> CallResult:
    """Return a call with these verdicts and these metrics changed."""
    return replace(result(1), scores=(score(*results),), metrics=metrics(**changed))


def reasons(made: CallResult) -> list[tuple[str, int]]:
    """Return reason and severity of each flag."""
    return [(flag.reason, flag.severity) for flag in flag_call(made)]


def test_a_good_call_needs_no_listener() -> None:
    """Nothing is flagged without a reason."""
    assert flag_call(call(*(criterion(f"c{n}", PASS) for n in range(5)))) == ()


def test_a_failed_critical_criterion_comes_first_with_its_place() -> None:
    """The most urgent reason leads, says where to listen, and is not repeated as a low score."""
    made = call(criterion("recording_notice", FAIL, critical=True), *(criterion(f"c{n}", PASS) for n in range(5)))
    critical = replace(made.scores[0], score=0.0)
    assert flag_call(replace(made, scores=(critical,))) == (
        Flag(
            reason="critical_failed",
            severity=3,
            criterion="recording_notice",
            start_ms=0,
            end_ms=2600,
            detail="В записи этого не слышно.",
        ),
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (call(criterion("politeness", FAIL), criterion("a", PASS), criterion("b", PASS)), [("rudeness", 3)]),
        (
            call(*(criterion(f"c{n}", PASS) for n in range(3)), criterion("notice", UNSURE, critical=True)),
            [("critical_unsure", 2)],
        ),
        (call(criterion("a", FAIL), criterion("b", PASS)), [("low_score", 2)]),
        (call(criterion("a", PASS), criterion("b", UNSURE)), [("many_unsure", 1)]),
        (call(criterion("a", PASS), longest_silence_ms=15_000), [("long_silence", 2)]),
        (call(criterion("a", PASS), longest_silence_ms=14_999), []),
        (call(criterion("a", PASS), hold_ms=150_000), [("long_hold", 1)]),
        (call(criterion("a", PASS), interruptions_by_operator=5), [("interruptions", 1)]),
        (call(criterion("a", PASS), unrecognised_ms=15_000), [("badly_heard", 1)]),
        (call(criterion("a", PASS), operator_talk_ms=0, client_talk_ms=0, unrecognised_ms=0), []),
    ],
)
def test_each_reason_has_its_rule(made: CallResult, expected: list[tuple[str, int]]) -> None:
    """Every reason arises exactly where its limit says."""
    assert reasons(made) == expected


def test_a_long_silence_says_where_it_is() -> None:
    """The listener is taken to the silence, not to the start of the call."""
    made = call(criterion("a", PASS), longest_silence_ms=18_000, longest_silence_start_ms=61_000)
    assert flag_call(made) == (Flag(reason="long_silence", severity=2, detail="00:18", start_ms=61_000, end_ms=79_000),)


def test_limits_are_options() -> None:
    """A shop sets its own limits."""
    made = call(criterion("a", PASS), criterion("b", FAIL))
    assert flag_call(made, FlagOptions(low_score=50.0)) == ()


@pytest.mark.parametrize(
    ("changed", "notes", "expected"),
    [
        ({"operator_talk_ms": 0, "client_talk_ms": 65_000}, ("silent_leg",), ("operator_not_heard", 2, "01:05")),
        ({"unrecognised_ms": 180_000}, (), ("mostly_unrecognised", 2, "75%")),
        ({}, ("odd_rate",), ("odd_rate", 2, "")),
        ({}, ("legs_shifted:5700",), ("legs_shifted", 2, "00:05")),
    ],
)
def test_a_call_without_verdicts_says_why(
    changed: dict[str, int], notes: tuple[str, ...], expected: tuple[str, int, str]
) -> None:
    """A call that was heard too badly for verdicts has this as its only flag."""
    made = replace(result(1), scores=(), metrics=metrics(**changed), notes=notes)
    assert [(flag.reason, flag.severity, flag.detail) for flag in flag_call(made)] == [expected]
