"""What is stale, and how much of it."""

from __future__ import annotations

from dataclasses import replace

from callscore.jobs.plan import Settings, plan_calls
from callscore.records import CallInfo, RecordedCall, Recording

CALL = RecordedCall(
    info=CallInfo(call_id="7", operator="anna"),
    recording=Recording(path="/a/x.wav", name="x.wav", source="folder", sha256="ab" * 32, n_bytes=5),
)
SETTINGS = Settings(hearing="h", scoring="s")
DONE = {"7": plan_calls([CALL], {}, SETTINGS).todo[0].fingerprint.text}


def stale(call: RecordedCall, settings: Settings = SETTINGS, script: str = "") -> str:
    """Return what must be done with a call that is stored under DONE."""
    plan = plan_calls([call], DONE, settings, {"7": script})
    if not plan.todo:
        return "nothing" if plan.n_skipped else "lost"
    return "score" if plan.todo[0].is_heard else "hear"


def test_a_call_done_with_the_same_settings_is_skipped() -> None:
    """Running again does nothing twice."""
    assert stale(CALL) == "nothing"


def test_a_new_call_is_heard() -> None:
    """What is not stored needs everything."""
    assert not plan_calls([CALL], {}, SETTINGS).todo[0].is_heard


def test_another_recording_engine_or_transcript_is_heard_anew() -> None:
    """Whatever the words depend on makes the dialogue stale."""
    assert stale(replace(CALL, recording=replace(CALL.recording, sha256="cd" * 32))) == "hear"
    assert stale(CALL, Settings(hearing="other", scoring="s")) == "hear"
    assert stale(CALL, script="another") == "hear"
    assert stale(replace(CALL, info=replace(CALL.info, operator_channel=1))) == "hear"


def test_other_rubrics_or_facts_need_no_sound() -> None:
    """A changed rubric or operator's name is scored from the stored words."""
    assert stale(CALL, Settings(hearing="h", scoring="other")) == "score"
    assert stale(replace(CALL, info=replace(CALL.info, operator="boris"))) == "score"


def test_a_moved_recording_is_not_heard_again() -> None:
    """The path is no part of the fingerprint."""
    assert stale(replace(CALL, recording=replace(CALL.recording, path="/b/x.wav", name="b/x.wav"))) == "nothing"
