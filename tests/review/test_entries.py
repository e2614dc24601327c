"""Tests for the lines of the journal."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.records import Role, Verdict
from callscore.review.entries import (
    KINDS,
    MAX_CHARS,
    AppealDecided,
    AppealFiled,
    CallSeen,
    ClipRemoved,
    ClipTaken,
    Discussed,
    Entry,
    RoleCorrected,
    SampleDrawn,
    SessionOpened,
    TextCorrected,
    UnknownEntry,
    VerdictGiven,
    from_json,
    to_json,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAME = TEXT.filter(bool)
ID = st.uuids().map(lambda value: value.hex)
AT = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
MS = st.integers(0, 10_000_000)
LATER = st.integers(10_000_001, 20_000_000)
VERDICT = st.sampled_from(Verdict)
KEY = {"id": ID, "at": AT, "who": NAME}
CALL = {**KEY, "call_id": NAME}
NAMES = st.lists(NAME, min_size=1, max_size=4).map(tuple)


def entries() -> st.SearchStrategy[Entry]:
    """Any entry of a kind that this callscore knows."""
    return st.one_of(
        st.builds(
            VerdictGiven, **CALL, rubric=TEXT, rubric_version=MS, criterion=NAME, old=VERDICT, new=VERDICT, reason=TEXT,
            sample=st.sampled_from(["random", "flagged", "appeal", ""]), session=TEXT,
        ),
        st.builds(TextCorrected, **CALL, turn_no=MS, word_no=st.none() | MS, old=TEXT, new=TEXT),
        st.builds(RoleCorrected, **CALL, turn_no=MS, old=st.sampled_from(Role), new=st.sampled_from(Role)),
        st.builds(AppealFiled, **CALL, appeal_id=ID, rubric=TEXT, criterion=NAME, reason=TEXT),
        st.builds(AppealDecided, **KEY, appeal_id=ID, accepted=st.booleans(), reason=TEXT),
        st.builds(ClipTaken, **CALL, clip_id=ID, collection=NAME, start_ms=MS, end_ms=LATER, note=TEXT),
        st.builds(ClipRemoved, **KEY, clip_id=ID),
        st.builds(Discussed, **KEY, operator=NAME, criterion=NAME, note=TEXT),
        st.builds(SessionOpened, **KEY, session_id=ID, title=TEXT, rubric=TEXT, call_ids=NAMES, reviewers=NAMES),
        st.builds(
            SampleDrawn, **KEY, sample_id=ID, rubric=TEXT, since=st.none() | AT, until=st.none() | AT,
            half_width=st.none() | st.floats(0, 1), seed=MS, population=MS, call_ids=NAMES,
        ),
        st.builds(CallSeen, **CALL),
    )  # fmt: skip


@given(entries())
def test_an_entry_reads_back_as_it_was(entry: Entry) -> None:
    """Whatever people write, of any kind, is one line and comes back the same."""
    line = to_json(entry)
    assert "\n" not in line
    assert from_json(line) == entry


def test_every_kind_is_tried() -> None:
    """The property above knows all kinds there are."""
    assert len(KINDS) == 11


def seen(**changes: object) -> str:
    """A line of the journal with some fields changed; None takes one away."""
    fields = {"v": 1, "kind": "seen", "id": "0" * 32, "at": "2026-10-05T09:00:00Z", "who": "olga", "call_id": "c1", **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not None})


@pytest.mark.parametrize("kind", ["dance", "seen"])
def test_what_a_newer_callscore_wrote_is_kept_and_named(kind: str) -> None:
    """An unknown kind or format is no error, and its line is kept letter by letter."""
    line = seen(v=1 if kind == "dance" else 2, kind=kind, mood="good")
    entry = from_json(line)
    assert isinstance(entry, UnknownEntry)
    assert (entry.kind, entry.who, to_json(entry)) == (kind, "olga", line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "null",
        '"seen"',
        "{}",
        "[" * 100_000,
        seen(v=True),
        seen(v=0),
        seen(call_id=None),
        seen(mood="good"),
        seen(call_id=""),
        seen(call_id=7),
        seen(who=["olga"]),
        seen(id="../../etc/passwd"),
        seen(at="2026-10-05T09:00:00"),
        seen(at="2026-10-05T09:00:00+03:00"),
        seen(at="yesterdayZ"),
        seen(call_id="x" * (MAX_CHARS + 1)),
        seen(call_id="\udc80"),
        seen(kind="clip", clip_id="k", collection="good", start_ms=5, end_ms=5, note=""),
        seen(kind="clip", clip_id="k", collection="good", start_ms=-5, end_ms=5, note=""),
        seen(kind="clip", clip_id="k", collection="good", start_ms=0.5, end_ms=5, note=""),
        seen(kind="clip", clip_id="k", collection="good", start_ms=0, end_ms=2**63, note=""),
        seen(kind="role", turn_no=2**31, old="client", new="operator"),
        seen(kind="role", turn_no=int("9" * 400), old="client", new="operator"),
        seen(kind="role", turn_no=True, old="client", new="operator"),
        seen(kind="role", turn_no=1, old="client", new="boss"),
        seen(
            kind="verdict",
            rubric="r",
            rubric_version=1,
            criterion="c",
            old="na",
            new="pass",
            reason="",
            sample="blind",
            session="",
        ),
        seen(
            kind="verdict",
            rubric="r",
            rubric_version=1,
            criterion="c",
            old="na",
            new="pass",
            reason="",
            sample="lucky",
            session="",
        ),
    ],
)
def test_what_is_no_entry_is_refused(line: str) -> None:
    """A line that cannot be what it says gives a ValueError and nothing else."""
    with pytest.raises(ValueError):  # noqa: PT011 - the text differs; that it is no other error is what counts
        from_json(line)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    """Damage is told as a wrong line, never as a bug."""
    with pytest.raises(ValueError):  # noqa: PT011 - as above
        from_json(data.decode())
