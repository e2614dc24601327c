"""What is particular about Телфин."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.errors import RecordingError, SourceAuthError, SourceUnavailableError
from callscore.outside.pages import Level, Window
from callscore.outside.rows import RowError
from callscore.outside.secret import Secret
from callscore.records import CallRecord, Direction, Disposition, LegKind
from callscore.sources.telphin_calls import Account, parse_call
from tests.connectors.api_server import ApiServer, Asked, Reply
from tests.connectors.case import SourceCase
from tests.connectors.cases.telphin import HISTORY, Pbx, fixture, playing
from tests.connectors.story import WINDOW, beep, quick_tools

Playing = tuple[Pbx, SourceCase, ApiServer]
ACCOUNT = Account(name="office", extensions={"00112233*101": "Соколова Анна"})


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture
def telphin(naps: list[float]) -> Iterator[Playing]:
    """Return the system, a source on it, and the server."""
    with playing(quick_tools(naps)) as opened:
        yield opened


def row(**changes: Any) -> dict[str, Any]:
    """Return a row of an answered inbound call, changed."""
    return {**fixture("calls_page1.json")["call_history"][1], **changes}


def missed(**changes: Any) -> CallRecord:
    """Return the call of a row that nobody answered, changed."""
    call = parse_call({**fixture("calls_page1.json")["call_history"][2], **changes}, ACCOUNT)
    assert call is not None
    return call


def calls(case: SourceCase, window: Window = WINDOW) -> dict[str, CallRecord]:
    """Return the calls of a window by the end of their id."""
    return {call.call_id[-1]: call for page in case.source.iter_pages(window) for call in page.records}


def history(server: ApiServer) -> list[Asked]:
    """Return the requests for calls."""
    return [item for item in server.asked if item.path == HISTORY]


def test_pages_are_read_to_the_short_one(telphin: Playing) -> None:
    """The system decides how many rows fit on a page, and says so."""
    pbx, case, server = telphin
    assert set(calls(case)) == {"1", "2", "3", "4", "5"}
    assert [item.query["page"] for item in history(server)] == ["1", "2"]
    pbx.most_rows = 5
    assert set(calls(case)) == {"1", "2", "3", "4", "5"}


def test_a_page_that_comes_again_is_asked_for_again(telphin: Playing) -> None:
    """One page in the place of another loses nothing, and a system without pages is not asked for ever."""
    _, case, server = telphin
    real = server.handler
    n_asked = 0

    def stale(asked: Asked) -> Reply:
        nonlocal n_asked
        n_asked += asked.path == HISTORY
        return real(Asked(**{**vars(asked), "query": {**asked.query, "page": "1"}}) if n_asked == 2 else asked)

    server.handler = stale
    assert set(calls(case)) == {"1", "2", "3", "4", "5"}
    server.asked.clear()
    server.handler = lambda asked: real(Asked(**{**vars(asked), "query": {**asked.query, "page": "1"}}))
    assert set(calls(case)) == {"1", "2", "3"}
    assert len(history(server)) == 3


def test_the_period_is_asked_for_a_day_wider(telphin: Playing) -> None:
    """Whether its times are UTC is not known; what lies outside the window is cut off here."""
    _, case, server = telphin
    window = Window(start=datetime(2026, 3, 2, 7, 10, tzinfo=UTC), end=datetime(2026, 3, 2, 8, 5, tzinfo=UTC))
    assert set(calls(case, window)) == {"2", "3"}
    assert history(server)[0].query["start_datetime"] == "2026-03-01 07:10:00"
    assert history(server)[0].query["end_datetime"] == "2026-03-03 08:05:00"


def test_weeks_move_the_mark(telphin: Playing) -> None:
    """A long first run does not start over when it is cut off."""
    _, case, _ = telphin
    window = Window(start=WINDOW.start - timedelta(days=8), end=WINDOW.end)
    pages = list(case.source.iter_pages(window))
    assert [page.covered_until for page in pages if page.covered_until] == [window.start + timedelta(days=7), WINDOW.end]
    assert len([call for page in pages for call in page.records]) == 5


def test_entries_become_legs_with_their_recordings(telphin: Playing) -> None:
    """A call may have several recordings, one a leg."""
    _, case, _ = telphin
    found = calls(case)
    assert [(leg.operator_name, leg.kind, leg.result) for leg in found["1"].legs] == [
        ("Кравцов Олег", LegKind.RING, Disposition.NO_ANSWER),
        ("Соколова Анна", LegKind.TALK, Disposition.ANSWERED),
    ]
    assert found["1"].queue == "Продажи"
    assert [leg.kind for leg in found["5"].legs] == [LegKind.TALK, LegKind.TRANSFER_BLIND]
    assert [(link.rec_id[-1], link.leg) for link in found["5"].recordings] == [("5", 0), ("6", 1)]
    assert [(link.rec_id[-1], link.leg) for link in found["1"].recordings] == [("1", 1)]


def test_a_queue_that_answers_is_nobody() -> None:
    """Queues and menus answer without a human; what they record belongs to the whole call."""
    entry = {"extension_name": "00112233*600", "extension_type": "queue", "result": "answered", "record_uuid": "r"}
    changes = {"cdr": [entry], "result": "answered", "hangup_disposition": "caller_bye", "extension_type": "ivr"}
    call = missed(**changes)
    assert (call.disposition, call.legs, call.queue) == (Disposition.ABANDONED, (), "600")
    assert [(link.rec_id, link.leg) for link in call.recordings] == [("r", None)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Disposition.ABANDONED),
        ({"hangup_disposition": "internal_cancel"}, Disposition.NO_ANSWER),
        ({"result": "busy", "hangup_disposition": "callee_refuse"}, Disposition.BUSY),
        ({"result": "rejected", "hangup_disposition": "callee_refuse"}, Disposition.REJECTED),
        ({"result": "failed", "hangup_disposition": None}, Disposition.FAILED),
        ({"result": "voicemail"}, Disposition.VOICEMAIL),
        ({"result": "a new word", "hangup_disposition": None}, Disposition.UNKNOWN),
        ({"flow": "out", "from_username": "00112233*101", "to_username": "79000000103"}, Disposition.NO_ANSWER),
    ],
)
def test_how_a_call_was_missed(changes: dict[str, Any], expected: Disposition) -> None:
    """The client gave up, the line was busy, or nobody came."""
    assert missed(**changes).disposition is expected


def test_names_may_carry_the_domain() -> None:
    """Both spellings of a name mean the same extension."""
    call = parse_call(
        row(bridged_username="00112233*101@sipproxy.telphin.ru", cdr=None, from_username="89000000102@x"), ACCOUNT
    )
    assert call is not None
    assert (call.extension, call.operator_name, call.client_phone) == ("101", "Соколова Анна", "+79000000102")


def test_two_extensions_make_an_internal_call() -> None:
    """Colleagues are no clients."""
    call = parse_call(row(from_username="00112233*103", to_username="00112233*102"), ACCOUNT)
    assert call is not None
    assert (call.direction, call.client_phone) == (Direction.INTERNAL, None)


def test_a_running_call_is_left_out(telphin: Playing) -> None:
    """A row without an end is read again when it has one."""
    pbx, case, _ = telphin
    pbx.rows[0] = {**pbx.rows[0], "hangup_time_gmt": None}
    assert set(calls(case)) == {"2", "3", "4", "5"}


def test_a_bad_row_is_named_and_the_others_go_on(telphin: Playing) -> None:
    """Foreign values are never trusted."""
    pbx, case, _ = telphin
    pbx.most_rows = 100
    pbx.rows += [
        None,
        row(call_uuid="bad-1", init_time_gmt="yesterday"),
        row(call_uuid="bad-2", duration=-1),
        row(call_uuid="bad-3", cdr="none"),
        row(call_uuid="bad-4", cdr=[None]),
        row(call_uuid="bad-5", bridged_duration=[1]),
        row(call_uuid=""),
    ]
    pages = list(case.source.iter_pages(WINDOW))
    assert len([call for page in pages for call in page.records]) == 5
    wheres = [reject.where for page in pages for reject in page.rejects]
    assert wheres == ["row 6", "call bad-1", "call bad-2", "call bad-3", "call bad-4", "call bad-5", "row 12"]


def test_a_token_is_renewed_when_it_is_refused(telphin: Playing) -> None:
    """Tokens live for an hour, and may end before."""
    pbx, case, _ = telphin
    calls(case)
    assert pbx.n_tokens == 1
    pbx.tokens.clear()
    assert len(calls(case)) == 5
    assert pbx.n_tokens == 2


def test_a_token_is_renewed_before_it_ends(telphin: Playing) -> None:
    """One that lasts less than a minute is not used twice."""
    pbx, case, server = telphin
    real = server.handler
    server.handler = lambda asked: (
        Reply({**real(asked).body, "expires_in": 30}) if asked.path == "/oauth/token" else real(asked)
    )
    calls(case)
    assert pbx.n_tokens == len([item for item in server.asked if item.path != "/oauth/token"])


def test_a_wrong_secret_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused sign-in is not tried for ever."""
    monkeypatch.setenv("WRONG_SECRET", "nothing")
    with playing(quick_tools(), client_secret=Secret("env:WRONG_SECRET")) as (_, case, server):
        with pytest.raises(SourceAuthError) as caught:
            calls(case)
        assert "client_secret" in caught.value.hint
        assert len(server.asked) <= 2


def test_another_request_under_way_is_waited_for(telphin: Playing, naps: list[float]) -> None:
    """Statistics are given to one program at a time."""
    _, case, server = telphin
    server.faults.append(Reply(fixture("token.json") | {"access_token": "STALE"}))
    server.faults.append(Reply(fixture("error_concurrent.json"), status=429, headers={"X-RateLimit-Reset": "3000"}))
    assert len(calls(case)) == 5
    assert naps == [5.0]


def test_a_short_wait_for_the_quota_is_made(telphin: Playing, naps: list[float]) -> None:
    """The quota is the client's, for all its programs."""
    _, case, server = telphin
    server.faults.append(Reply(fixture("error_rate_limit.json"), status=429, headers={"X-RateLimit-Reset": "120"}))
    assert len(calls(case)) == 5
    assert naps == [120.0]


def test_a_long_wait_for_the_quota_is_left_to_the_next_run(telphin: Playing, naps: list[float]) -> None:
    """Nobody sits through most of an hour; what was read is kept."""
    _, case, server = telphin
    server.faults.append(Reply(fixture("error_rate_limit.json"), status=429, headers={"X-RateLimit-Reset": "3000"}))
    with pytest.raises(SourceUnavailableError, match="50 min"):
        calls(case)
    assert naps == []


def test_a_quota_without_a_time_lasts_to_the_next_hour(telphin: Playing, naps: list[float]) -> None:
    """The next request goes out in the next hour."""
    _, case, server = telphin
    server.faults.append(Reply(fixture("error_rate_limit.json"), status=429))
    left_s = 3600 - time.time() % 3600
    if left_s > 895:
        with pytest.raises(SourceUnavailableError):
            calls(case)
    else:
        calls(case)
        assert abs(naps[0] - left_s) < 5


def test_a_link_is_used_where_bytes_are_refused(telphin: Playing, tmp_path: Path) -> None:
    """The token goes to the API only, never to the storage."""
    pbx, case, _ = telphin
    pbx.gives_bytes = False
    call = calls(case)["2"]
    path = case.source.fetch(call, call.recordings[0], tmp_path)
    assert path.read_bytes() == pbx.sound


def test_a_recording_outlives_its_token(telphin: Playing, tmp_path: Path) -> None:
    """A token that ended between the list and the recording is renewed."""
    pbx, case, _ = telphin
    call = calls(case)["2"]
    pbx.tokens.clear()
    assert case.source.fetch(call, call.recordings[0], tmp_path).read_bytes() == pbx.sound


def test_a_recording_that_is_gone_says_so(telphin: Playing, tmp_path: Path) -> None:
    """One recording less is no error of the run."""
    pbx, case, _ = telphin
    call = calls(case)["2"]
    pbx.rows.clear()
    with pytest.raises(RecordingError):
        case.source.fetch(call, call.recordings[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_names_are_not_needed_but_missed(telphin: Playing) -> None:
    """Without the right to read extensions calls are known by number; a check says which right is missing."""
    pbx, case, _ = telphin
    pbx.extensions = Reply({"message": "Forbidden"}, status=403)
    assert calls(case)["1"].operator_name is None
    assert calls(case)["1"].extension == "101"
    found = [finding for finding in case.source.check() if finding.subject == "rights"]
    assert [finding.level for finding in found] == [Level.ADVICE]


@pytest.mark.parametrize(("channels", "word"), [(1, "mono"), (2, "stereo")])
def test_a_check_listens_to_a_recording(telphin: Playing, channels: int, word: str) -> None:
    """Nothing but a recording tells whether it is stereo."""
    pbx, case, _ = telphin
    at = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.00")
    pbx.rows = [row(init_time_gmt=at, bridged_time_gmt=at, hangup_time_gmt=at)]
    pbx.sound = beep(channels=channels)
    found = {finding.subject: finding.text for finding in case.source.check()}
    assert word in found["recordings"]
    assert found["calls"].startswith("1 calls")


_VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)


@given(st.sampled_from(sorted(row())), _VALUES)
def test_any_value_gives_a_call_or_a_reason(name: str, value: Any) -> None:
    """No foreign value is a crash."""
    try:
        call = parse_call(row(**{name: value}), ACCOUNT)
    except RowError:
        return
    assert call is None or call.call_id


@given(st.sampled_from(sorted(row()["cdr"][0])), _VALUES)
def test_any_value_in_a_leg_gives_a_call_or_a_reason(name: str, value: Any) -> None:
    """No foreign value is a crash, one level deeper either."""
    try:
        call = parse_call(row(cdr=[{**row()["cdr"][0], name: value}]), ACCOUNT)
    except RowError:
        return
    assert call is None or call.call_id
