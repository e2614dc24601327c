"""What is stale."""

from __future__ import annotations

from dataclasses import replace

from callscore.jobs.plan import fingerprint_call, plan_calls
from callscore.records import CallInfo, CallRecord, Recording

CALL = CallRecord(
    info=CallInfo(call_id="7", operator="anna"),
    recording=Recording(path="/a/x.wav", name="x.wav", source="folder", sha256="ab" * 32, n_bytes=5),
)


def test_a_call_done_with_the_same_settings_is_skipped() -> None:
    """Running again does nothing twice."""
    plan = plan_calls([CALL], {"7": fingerprint_call(CALL, "s")}, "s")
    assert (plan.todo, plan.n_skipped) == ((), 1)


def test_new_content_facts_or_settings_make_a_call_stale() -> None:
    """Whatever a result depends on is part of the fingerprint."""
    done = {"7": fingerprint_call(CALL, "s")}
    heard_anew = replace(CALL, recording=replace(CALL.recording, sha256="cd" * 32))
    known_anew = replace(CALL, info=replace(CALL.info, operator="boris"))
    assert len(plan_calls([heard_anew], done, "s").todo) == 1
    assert len(plan_calls([known_anew], done, "s").todo) == 1
    assert len(plan_calls([CALL], done, "other").todo) == 1


def test_a_moved_recording_is_not_heard_again() -> None:
    """The path is no part of the fingerprint."""
    moved = replace(CALL, recording=replace(CALL.recording, path="/b/x.wav", name="b/x.wav"))
    assert plan_calls([moved], {"7": fingerprint_call(CALL, "s")}, "s").n_skipped == 1
