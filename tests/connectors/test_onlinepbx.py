"""What is particular about onlinePBX."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.errors import ConfigError, RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Window
from callscore.outside.rows import RowError
from callscore.outside.secret import Secret
from callscore.outside.settings import read_settings
from callscore.records import CallRecord, Direction, Disposition, LegKind
from callscore.sources.onlinepbx import Settings
from callscore.sources.onlinepbx_calls import Account, parse_call
from tests.connectors.api_server import ApiServer, Asked, Reply
from tests.connectors.case import SourceCase
from tests.connectors.cases.onlinepbx import Pbx, fixture, playing
from tests.connectors.story import WINDOW, beep, quick_tools

ACCOUNT = Account(name="pbx", operators={"101": "Соколова Анна"})


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture
def playing_pbx(naps: list[float]) -> Iterator[tuple[Pbx, SourceCase, ApiServer]]:
    """Return the system, a source on it, and the server."""
    with playing(quick_tools(naps)) as opened:
        yield opened


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of an answered inbound call, changed."""
    return {**fixture("calls_page1.json")["data"][1], **changes}


def calls(case: SourceCase, window: Window = WINDOW) -> dict[str, CallRecord]:
    """Return the calls of a window by the end of their id."""
    return {call.call_id[-1]: call for page in case.source.iter_pages(window) for call in page.records}


def searches(server: ApiServer) -> list[Asked]:
    """Return the requests for calls."""
    return [item for item in server.asked if "start_stamp_from" in item.form()]


def test_a_running_call_is_left_out(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """A row without an end is read again when it has one."""
    pbx, case, _ = playing_pbx
    assert set(calls(case)) == {"1", "2", "3", "4", "5"}
    pbx.rows[-1] = {**pbx.rows[-1], "end_stamp": 1772445620, "hangup_cause": "ORIGINATOR_CANCEL"}
    assert calls(case)["7"].disposition is Disposition.ABANDONED


def test_a_call_that_comes_twice_is_one_and_keeps_its_events(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """The second row of a call has fewer events; its queue is still known."""
    _, case, _ = playing_pbx
    found = [call for page in case.source.iter_pages(WINDOW) for call in page.records if call.call_id.endswith("3")]
    assert [call.queue for call in found] == ["600"]


def test_events_become_legs(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """Who was rung in vain, who talked and who took the call over."""
    _, case, _ = playing_pbx
    found = calls(case)
    assert [(leg.extension, leg.kind, leg.result) for leg in found["1"].legs] == [
        ("102", LegKind.RING, Disposition.NO_ANSWER),
        ("101", LegKind.TALK, Disposition.ANSWERED),
    ]
    assert [(leg.operator_name, leg.kind) for leg in found["5"].legs] == [
        ("Кравцов Олег", LegKind.TALK),
        ("Лис Дарья", LegKind.TRANSFER_BLIND),
    ]
    assert found["5"].linked_ids == ("00000000-0000-4000-8000-000000000006",)
    assert found["1"].queue == "600"
    assert found["1"].ring_ms == 6000


def test_a_transfer_that_was_announced_is_an_attended_one() -> None:
    """Who hands over is still talking when the other one answers."""
    events = [
        {"type": "user", "number": "102", "timestamp": 1772435700, "answered_stamp": 1772435710, "end_stamp": 1772435770},
        {"type": "transfer", "number": "103", "timestamp": 1772435750},
        {"type": "user", "number": "103", "timestamp": 1772435750, "answered_stamp": 1772435760, "end_stamp": 1772435842},
    ]
    call = parse_call(row(events=events), ACCOUNT)
    assert call is not None
    assert call.legs[1].kind is LegKind.TRANSFER_ATTENDED


@pytest.mark.parametrize(
    ("cause", "accountcode", "expected"),
    [
        ("ORIGINATOR_CANCEL", "inbound", Disposition.ABANDONED),
        ("ORIGINATOR_CANCEL", "missed", Disposition.ABANDONED),
        ("ORIGINATOR_CANCEL", "outbound", Disposition.NO_ANSWER),
        ("NO_USER_RESPONSE", "inbound", Disposition.NO_ANSWER),
        ("USER_BUSY", "outbound", Disposition.BUSY),
        ("CALL_REJECTED", "outbound", Disposition.REJECTED),
        ("SOMETHING_NEW", "inbound", Disposition.UNKNOWN),
    ],
)
def test_the_cause_tells_why_a_call_was_missed(cause: str, accountcode: str, expected: Disposition) -> None:
    """The system's own word is kept beside it."""
    changes = {"hangup_cause": cause, "accountcode": accountcode, "contacted": False, "events": [], "user_talk_time": 0}
    call = parse_call(row(**changes), ACCOUNT)
    assert call is not None
    assert (call.disposition, call.missed_reason, call.operator_id, call.recordings) == (expected, cause, None, ())


def test_internal_calls_have_no_client() -> None:
    """Extensions are nobody's phone."""
    call = parse_call(row(accountcode="local", caller_id_number="101", destination_number="102"), ACCOUNT)
    assert call is not None
    assert (call.direction, call.client_phone) == (Direction.INTERNAL, None)


def test_the_operator_of_an_outbound_call_without_events_is_the_caller() -> None:
    """One of name and number is the extension, the other may be the trunk."""
    changes = {"accountcode": "outbound", "events": [], "caller_id_name": "101", "caller_id_number": "74950000001"}
    call = parse_call(row(**changes), ACCOUNT)
    assert call is not None
    assert (call.extension, call.operator_name) == ("101", "Соколова Анна")


def test_a_bad_row_is_named_and_the_others_go_on(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """Foreign values are never trusted."""
    pbx, case, _ = playing_pbx
    pbx.rows += [
        None,
        "text",
        row(uuid="bad-1", start_stamp="yesterday"),
        row(uuid="bad-2", duration=-5),
        row(uuid="bad-3", events=[7]),
        row(uuid="bad-4", user_talk_time="many"),
        row(uuid=None),
        row(uuid="bad-5", end_stamp=1e300),
        row(uuid="bad-6", contacted="perhaps"),
    ]
    pages = list(case.source.iter_pages(WINDOW))
    assert len([call for page in pages for call in page.records]) == 5
    rejects = [reject for page in pages for reject in page.rejects]
    assert [reject.where for reject in rejects if reject.where.startswith("call")] == [
        f"call bad-{i}" for i in (1, 2, 3, 4, 5, 6)
    ]
    assert [reject.where for reject in rejects if reject.where.startswith("row")] == ["row 8", "row 9", "row 14"]
    assert not any("7900" in reject.reason for reject in rejects)


def test_the_session_is_renewed_when_it_ends(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """A key that is no longer known is asked for once more, without `new`, which would lock others out."""
    pbx, case, server = playing_pbx
    calls(case)
    pbx.sessions.clear()
    assert len(calls(case)) == 5
    sign_ins = [item.form() for item in server.asked if item.path.endswith("auth.json")]
    assert [set(form) for form in sign_ins] == [{"auth_key"}] * 2


def test_a_wrong_key_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors come with status 200; they are still errors, and not tried again."""
    with playing(quick_tools(), auth_key=Secret("env:WRONG_KEY")) as (_, case, server):
        monkeypatch.setenv("WRONG_KEY", "nothing")
        with pytest.raises(SourceAuthError) as caught:
            calls(case)
        assert "auth_key" in caught.value.hint
        assert len(server.asked) <= 2


def test_an_unknown_domain_names_the_setting() -> None:
    """Whoever mistyped it is told."""
    with playing(quick_tools(), domain="pbx99999.onpbx.ru") as (_, case, _), pytest.raises(SourceAuthError) as caught:
        calls(case)
    assert "domain" in caught.value.hint


def test_an_internal_error_passes(playing_pbx: tuple[Pbx, SourceCase, ApiServer], naps: list[float]) -> None:
    """INTERNAL inside status 200 is tried again, any other refusal is not."""
    _, case, server = playing_pbx
    server.faults.append(Reply(fixture("error_internal.json")))
    assert len(calls(case)) == 5
    assert naps
    pauses = len(naps)
    server.faults += [Reply({"status": "0", "errorCode": "WRONG_PERIOD"})] * 2
    with pytest.raises(SourceError, match="WRONG_PERIOD"):
        calls(case)
    assert len(naps) == pauses


def test_windows_are_a_day_long(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """The system refuses more than a week, and has no paging to rely on; each day read moves the mark."""
    _, case, server = playing_pbx
    window = Window(start=WINDOW.start - timedelta(days=9), end=WINDOW.end + timedelta(hours=5))
    pages = list(case.source.iter_pages(window))
    assert [page.covered_until for page in pages][-2:] == [WINDOW.end, window.end]
    spans = [int(item.form()["start_stamp_to"]) - int(item.form()["start_stamp_from"]) for item in searches(server)]
    assert max(spans) == 86_400
    assert len([call for page in pages for call in page.records]) == 5


def test_an_answer_that_seems_cut_off_is_read_in_halves(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """A round number of rows may be all that the system gives at once."""
    pbx, case, _ = playing_pbx
    start = int(WINDOW.start.timestamp())
    pbx.rows = [row(uuid=f"many-{i}", start_stamp=start + 600 * i, end_stamp=start + 600 * i + 142) for i in range(144)]
    pbx.most_rows = 50
    found = {call.call_id for page in case.source.iter_pages(WINDOW) for call in page.records}
    assert len(found) == 144


def test_a_minute_that_stays_cut_off_is_named(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """What cannot be had is not passed over in silence."""
    pbx, case, _ = playing_pbx
    pbx.rows = [row(uuid=f"many-{i}") for i in range(60)]
    pbx.most_rows = 50
    pages = list(case.source.iter_pages(WINDOW))
    assert len(pages[0].records) == 50
    assert [reject.where[:10] for reject in pages[0].rejects] == ["calls from"]


def test_a_day_that_takes_too_long_is_read_in_halves(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """Asking for less helps a slow server; one that stays away is given up."""
    _, case, server = playing_pbx
    real = server.handler

    def slow(asked: Asked) -> Reply:
        form = asked.form()
        if "start_stamp_from" in form and int(form["start_stamp_to"]) - int(form["start_stamp_from"]) > 50_000:
            return Reply(status=504)
        return real(asked)

    server.handler = slow
    assert len(calls(case)) == 5
    server.handler = lambda _: Reply(status=504)
    with pytest.raises(SourceUnavailableError):
        calls(case)


def test_an_expired_link_is_asked_for_anew(playing_pbx: tuple[Pbx, SourceCase, ApiServer], tmp_path: Path) -> None:
    """Links live for half an hour; ids live on."""
    pbx, case, server = playing_pbx
    call = calls(case)["2"]
    pbx.expired.add("SIGNATURE0")
    path = case.source.fetch(call, call.recordings[0], tmp_path)
    assert path.read_bytes() == pbx.sound
    assert path.name == "00000000-0000-4000-8000-000000000002.wav"
    downloads = [item for item in server.asked if item.path.startswith("/calls-records/")]
    assert len(downloads) == 2
    assert not any("x-pbx-authentication" in item.headers for item in downloads)


def test_the_second_way_to_a_link_is_tried(
    playing_pbx: tuple[Pbx, SourceCase, ApiServer], tmp_path: Path, naps: list[float]
) -> None:
    """Some accounts answer INTERNAL to `uuid` for ever, and the link to `uuid_array`."""
    pbx, case, _ = playing_pbx
    call = calls(case)["2"]
    pbx.knows_uuid = False
    assert case.source.fetch(call, call.recordings[0], tmp_path).read_bytes() == pbx.sound
    assert naps == []


def test_a_call_without_a_recording_says_so(playing_pbx: tuple[Pbx, SourceCase, ApiServer], tmp_path: Path) -> None:
    """An empty link is no error of the run."""
    pbx, case, _ = playing_pbx
    call = calls(case)["2"]
    pbx.unrecorded.add(call.call_id)
    with pytest.raises(RecordingError, match="no recording"):
        case.source.fetch(call, call.recordings[0], tmp_path)


def test_names_are_not_needed(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """Without the right to see employees calls are known by extension."""
    pbx, case, _ = playing_pbx
    for users in ({"status": "0", "errorCode": "ACCESS_DENIED"}, {"status": "1", "data": [3, {"num": "101"}]}):
        pbx.users = users
        assert [calls(case)[n].operator_name for n in "12"] == [None, None]
        assert calls(case)["1"].extension == "101"


@pytest.mark.parametrize(("channels", "word"), [(1, "mono"), (2, "stereo")])
def test_a_check_advises_stereo(playing_pbx: tuple[Pbx, SourceCase, ApiServer], channels: int, word: str) -> None:
    """Stereo is a setting of the account; a recording tells whether it is on."""
    pbx, case, _ = playing_pbx
    now = int(time.time()) - 600
    pbx.rows = [row(start_stamp=now, end_stamp=now + 142, events=[])]
    pbx.sound = beep(channels=channels)
    found = {finding.subject: finding for finding in case.source.check()}
    assert word in found["recordings"].text
    assert found["recordings"].level is (Level.ADVICE if channels == 1 else Level.FINE)
    assert found["calls"].level is Level.FINE


def test_a_check_notices_a_clock_that_is_wrong(playing_pbx: tuple[Pbx, SourceCase, ApiServer]) -> None:
    """Three hours of difference join the wrong calls and orders."""
    _, case, server = playing_pbx
    real = server.handler
    ahead = (datetime.now(UTC) + timedelta(hours=3)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.handler = lambda asked: Reply(real(asked).body, headers={"Date": ahead})
    found = [finding.text for finding in case.source.check() if finding.subject == "clock"]
    assert found == ["the system's clock is 180 min ahead of this computer's"]


def test_settings_need_a_plain_domain() -> None:
    """An address instead of a name is told before anything is sent."""
    table = {"domain": "https://pbx1.onpbx.ru/", "auth_key": "env:KEY"}
    with pytest.raises(ConfigError, match="domain"):
        read_settings(Settings, table, Path(), "callscore.toml")


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@given(st.sampled_from(sorted(row())), _VALUES)
def test_any_value_gives_a_call_or_a_reason(name: str, value: Any) -> None:
    """No foreign value is a crash."""
    try:
        call = parse_call(row(**{name: value}), ACCOUNT)
    except RowError:
        return
    assert call is None or call.call_id
