"""What is particular about Мои Звонки."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.errors import RecordingError, SourceAuthError, SourceError
from callscore.outside.pages import Level, Window
from callscore.outside.rows import RowError
from callscore.outside.secret import Secret
from callscore.records import CallRecord, Direction, Disposition, LegKind
from callscore.sources.moizvonki_calls import Account as Owner
from callscore.sources.moizvonki_calls import parse_call
from tests.connectors.api_server import ApiServer, Asked, Reply
from tests.connectors.case import SourceCase
from tests.connectors.cases.moizvonki import Account, fixture, playing
from tests.connectors.story import WINDOW, beep, quick_tools

Playing = tuple[Account, SourceCase, ApiServer]
OWNER = Owner(name="phones", operators={"oleg@shop.example": "Кравцов Олег"})


@pytest.fixture
def phones() -> Iterator[Playing]:
    """Return the system, a source on it, and the server."""
    with playing(quick_tools()) as opened:
        yield opened


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of an answered inbound call, changed."""
    return {**fixture("calls_page1.json")["results"][1], **changes}


def parsed(**changes: Any) -> CallRecord:
    """Return the call of a changed row."""
    call = parse_call(row(**changes), OWNER)
    assert call is not None
    return call


def calls(case: SourceCase, window: Window = WINDOW) -> dict[str, CallRecord]:
    """Return the calls of a window by id."""
    return {call.call_id: call for page in case.source.iter_pages(window) for call in page.records}


def lists(server: ApiServer) -> list[dict[str, Any]]:
    """Return the requests for calls."""
    bodies = [item.json() for item in server.asked if item.method == "POST"]
    return [body for body in bodies if body["action"] == "calls.list"]


def test_rows_are_read_until_none_remain(phones: Playing) -> None:
    """The offset of the next page comes with each answer."""
    _, case, server = phones
    assert set(calls(case)) == {"7001", "7002", "7003", "7004", "7005"}
    assert [body["from_offset"] for body in lists(server)] == [0, 3]
    assert {body["max_results"] for body in lists(server)} == {100}


def test_an_answer_that_comes_again_is_asked_for_again(phones: Playing) -> None:
    """One page in the place of another loses nothing, and an offset that never grows ends the list."""
    _, case, server = phones
    real = server.handler
    first = Asked(method="POST", path="/api/v1", query={}, raw_query="", headers={}, body=b"")
    n_lists = 0

    def stale(asked: Asked) -> Reply:
        nonlocal n_lists, first
        if b"calls.list" not in asked.body:
            return real(asked)
        n_lists += 1
        first = asked if n_lists == 1 else first
        return real(first if n_lists == 2 else asked)

    server.handler = stale
    assert len(calls(case)) == 5
    server.asked.clear()
    server.handler = lambda asked: real(first if b"calls.list" in asked.body else asked)
    assert len(calls(case)) == 3
    assert len(lists(server)) == 3


def test_days_move_the_mark(phones: Playing) -> None:
    """A long first run does not start over when it is cut off."""
    _, case, _ = phones
    window = Window(start=WINDOW.start - timedelta(days=1), end=WINDOW.end)
    assert [page.covered_until for page in case.source.iter_pages(window) if page.covered_until] == [WINDOW.start, WINDOW.end]


def test_only_own_calls_are_asked_for_where_that_is_set() -> None:
    """A login without staff asks for its own calls."""
    with playing(quick_tools(), supervised=False) as (_, case, server):
        calls(case)
        assert {body["supervised"] for body in lists(server)} == {0}


def test_a_missed_call_was_rung_at_somebodys_phone(phones: Playing) -> None:
    """Nobody talked, but it is known whose phone rang."""
    _, case, _ = phones
    call = calls(case)["7003"]
    assert (call.disposition, call.operator_id, call.recordings) == (Disposition.NO_ANSWER, None, ())
    assert [(leg.operator_name, leg.kind) for leg in call.legs] == [("Кравцов Олег", LegKind.RING)]
    assert call.line_phone is None


def test_what_a_row_tells() -> None:
    """The employee's own SIM is the line; the talk is what the phone measured."""
    call = parsed()
    assert (call.line_phone, call.operator_id, call.operator_name) == ("+79010000002", "oleg@shop.example", "Кравцов Олег")
    assert (call.wait_ms, call.ring_ms, call.talk_ms, call.total_ms) == (7000, 7000, 135_000, 142_000)
    assert call.linked_ids == ("1772435700-7002",)


@pytest.mark.parametrize(("value", "expected"), [(0, Direction.INBOUND), ("1", Direction.OUTBOUND), (7, None), (None, None)])
def test_directions(value: Any, expected: Direction | None) -> None:
    """A direction that is not known is left open."""
    assert parsed(direction=value).direction is expected


def test_a_running_call_is_left_out() -> None:
    """A row without an end is read again when it has one."""
    assert parse_call(row(end_time=0), OWNER) is None
    assert parse_call(row(end_time=None), OWNER) is None


def test_a_bad_row_is_named_and_the_others_go_on(phones: Playing) -> None:
    """Foreign values are never trusted."""
    account, case, _ = phones
    account.most_rows = 100
    account.rows += [None, row(db_call_id=1, start_time="x"), row(db_call_id=2, duration=-1), row(db_call_id=None)]
    pages = list(case.source.iter_pages(WINDOW))
    assert len([call for page in pages for call in page.records]) == 5
    assert [reject.where for page in pages for reject in page.rejects] == ["row 6", "call 1", "call 2", "row 9"]


@pytest.mark.parametrize("name", ["7001", "7002", "7005"])
def test_recordings_have_whole_and_relative_addresses(phones: Playing, tmp_path: Path, name: str) -> None:
    """With a host, from the root, or without a slash: all are found, and nobody but the API learns the key."""
    account, case, server = phones
    call = calls(case)[name]
    assert case.source.fetch(call, call.recordings[0], tmp_path).read_bytes() == account.sound
    assert server.asked[-1].path == f"/recordings/{name}.mp3"


def test_a_recording_may_come_later_and_go_again(phones: Playing, tmp_path: Path) -> None:
    """It is uploaded after the call, and kept for 30 days."""
    account, case, _ = phones
    there = account.rows[4]
    account.rows[4] = {**there, "recording": None}
    assert calls(case)["7005"].recordings == ()
    account.rows[4] = there
    call = calls(case)["7005"]
    account.rows[4] = {**there, "recording": ""}
    with pytest.raises(RecordingError, match="30 days"):
        case.source.fetch(call, call.recordings[0], tmp_path)


def test_a_recording_in_the_customers_network_is_refused(tmp_path: Path) -> None:
    """An address from outside does not lead inside, unless the settings say so."""
    with playing(quick_tools(), allow_hosts=()) as (_, case, server):
        call = calls(case)["7002"]
        with pytest.raises(RecordingError, match="allow_hosts"):
            case.source.fetch(call, call.recordings[0], tmp_path)
        assert not any(item.method == "GET" for item in server.asked)


def test_a_wrong_key_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal is a plain text; it is not tried again."""
    monkeypatch.setenv("WRONG_KEY", "nothing")
    with playing(quick_tools(), api_key=Secret("env:WRONG_KEY")) as (_, case, server):
        with pytest.raises(SourceAuthError) as caught:
            calls(case)
        assert "api_key" in caught.value.hint
        assert len(server.asked) == 2


def test_another_refusal_is_no_matter_of_the_key(phones: Playing) -> None:
    """The hint would lead astray."""
    _, case, server = phones
    server.faults += [Reply("Bad request", status=400)] * 2
    with pytest.raises(SourceError) as caught:
        calls(case)
    assert not isinstance(caught.value, SourceAuthError)


def test_names_are_not_needed_but_missed(phones: Playing) -> None:
    """A login that is no administrator's sees calls, but no names; a check says so."""
    account, case, _ = phones
    account.is_admin = False
    assert calls(case)["7001"].operator_name is None
    assert calls(case)["7001"].operator_id == "anna@shop.example"
    found = [finding for finding in case.source.check() if finding.subject == "rights"]
    assert [finding.level for finding in found] == [Level.ADVICE]


def test_a_check_tells_that_phones_record_mono(phones: Playing) -> None:
    """One channel is what there is."""
    account, case, _ = phones
    now = int(time.time()) - 600
    account.rows = [row(start_time=now, answer_time=now + 7, end_time=now + 142)]
    account.sound = beep(channels=1)
    found = {finding.subject: finding.text for finding in case.source.check()}
    assert "mono" in found["recordings"]


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@given(st.sampled_from(sorted(row())), _VALUES)
def test_any_value_gives_a_call_or_a_reason(name: str, value: Any) -> None:
    """No foreign value is a crash."""
    try:
        call = parse_call(row(**{name: value}), OWNER)
    except RowError:
        return
    assert call is None or call.call_id
