"""What is particular about CoMagic and UIS."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callscore.errors import RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Tools, Window
from callscore.outside.secret import Secret
from callscore.records import CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources import comagic_api
from callscore.sources.comagic import Settings, open_source
from callscore.sources.comagic_rows import Account, read_call
from tests.connectors.api_server import Asked, Reply
from tests.connectors.case import SourceCase
from tests.connectors.cases.comagic import Pbx, load, open_pbx, server_of, story_pbx
from tests.connectors.story import CALLS, WINDOW, quick_tools


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture
def pbx() -> Pbx:
    """Return the account that tells the story, to be changed by a test."""
    return story_pbx()


@pytest.fixture
def case(pbx: Pbx, naps: list[float]) -> Iterator[SourceCase]:
    """Return a source at that account."""
    with open_pbx(pbx, quick_tools(naps)) as opened:
        yield opened


def read(case: SourceCase, window: Window = WINDOW) -> dict[str, CallRecord]:
    """Return the calls of a window by id."""
    return {record.call_id: record for page in case.source.iter_pages(window) for record in page.records}


def rejects(case: SourceCase) -> list[tuple[str, str]]:
    """Return where and why rows of the story's day were rejected."""
    return [(item.where, item.reason) for page in case.source.iter_pages(WINDOW) for item in page.rejects]


def row(**changes: Any) -> dict[str, Any]:
    """Return the row of an answered call with some fields changed."""
    return {**load("calls_page1.json")["result"]["data"][0], **changes}


def parse(**changes: Any) -> CallRecord:
    """Return the record of such a row."""
    record = read_call(row(**changes), [], Account("shop", "Europe/Moscow", {}, "RU"))
    assert record is not None
    return record


def test_the_accounts_own_zone_counts(pbx: Pbx, case: SourceCase) -> None:
    """Texts of time carry no zone: the account is asked for it, and what is asked for is written in it too."""
    pbx.zone = "Asia/Yekaterinburg"
    window = Window(start=WINDOW.start - timedelta(hours=2), end=WINDOW.end - timedelta(hours=2))
    assert read(case, window)["300001"].started_at == CALLS[0].started_at - timedelta(hours=2)
    assert ("2026-03-01 23:00:00", "2026-03-03 01:00:00") in pbx.texts


@pytest.mark.parametrize("zone", [None, "", "Europe/Nowhere", "../../etc/passwd", 3])
def test_without_a_zone_that_of_the_settings_counts(pbx: Pbx, case: SourceCase, zone: Any) -> None:
    """An account that names no zone, or none that exists, is read in the configured one."""
    pbx.zone = zone
    assert read(case)["300001"].started_at == CALLS[0].started_at


def test_the_answer_of_the_limit_says_how_long_to_wait(pbx: Pbx, case: SourceCase, naps: list[float]) -> None:
    """The pause is the minute's rest that the last good answer named."""
    server = server_of(case)
    real = server.handler
    limits = iter([False, True])
    server.handler = lambda asked: Reply(load("error_limit.json")) if next(limits, False) else real(asked)
    assert len(read(case)) == 5
    assert naps == [31.0]


def test_no_request_is_wasted_when_none_is_left(pbx: Pbx, case: SourceCase, naps: list[float]) -> None:
    """An answer that says that no request is left this minute is waited out before the next one."""
    pbx.minute_left = 1
    with pytest.raises(SourceUnavailableError):
        read(case)
    assert naps[0] == 31.0


def test_a_day_without_requests_left_ends_the_run(case: SourceCase) -> None:
    """Nobody waits half a day; the message says when to come again."""
    used_up = load("error_limit.json")
    used_up["error"]["message"] = "Day limit exceeded"
    server_of(case).faults.append(Reply(used_up))
    with pytest.raises(SourceUnavailableError, match="60 min"):
        read(case)


@pytest.mark.parametrize(("name", "hint"), [("error_access_token.json", "access_token"), ("error_ip.json", "white list")])
def test_refusals_in_status_200_are_of_the_sign_in(case: SourceCase, name: str, hint: str) -> None:
    """The hint tells which setting or right to look at."""
    server_of(case).faults.append(Reply(load(name)))
    with pytest.raises(SourceAuthError) as caught:
        read(case)
    assert hint in caught.value.hint


def test_wrong_parameters_are_no_sign_in(case: SourceCase) -> None:
    """What the system cannot do is said with its own word."""
    server_of(case).faults.append(Reply(load("error_interval.json")))
    with pytest.raises(SourceError, match="date_interval_limit_reached") as caught:
        read(case)
    assert not isinstance(caught.value, SourceAuthError | SourceUnavailableError)


@pytest.mark.parametrize(
    "answer",
    [{"error": "x"}, {"error": {"code": -32603}}, {"result": None}, {"result": {"data": {}}}, [], "text", None, {"error": []}],
)
def test_odd_answers_are_asked_for_again(case: SourceCase, answer: Any) -> None:
    """An internal error and what is no answer at all pass."""
    server_of(case).faults.append(Reply(answer))
    assert len(read(case)) == 5


def test_an_error_repeats_nothing_that_may_be_secret(case: SourceCase) -> None:
    """Foreign words are shown only where they are plain names of errors."""
    error = {"error": {"code": -32602, "data": {"mnemonic": "Key comagic-token-5f1c of +79000000101"}, "message": "x"}}
    server_of(case).faults.append(Reply(error))
    with pytest.raises(SourceError) as caught:
        read(case)
    assert caught.value.message == "the system refuses the request: error -32602"


def test_all_fields_are_asked_for(case: SourceCase) -> None:
    """By default the system gives few of them."""
    read(case)
    bodies = [asked.json() for asked in server_of(case).asked]
    asked = next(body for body in bodies if body["method"] == "get.calls_report")
    assert {"communication_id", "call_records", "employees", "utm_source"} <= set(asked["params"]["fields"])
    assert "user_id" not in asked["params"]
    assert [body["method"] for body in bodies][:2] == ["get.account", "get.employees"]


def test_agents_name_their_client(pbx: Pbx) -> None:
    """An agent reads a client's calls, and may not ask for the client's account."""
    pbx.forbidden.add("get.account")
    with open_pbx(pbx, quick_tools(), user_id=77) as case:
        assert len(read(case)) == 5
        assert {asked.json()["params"].get("user_id") for asked in server_of(case).asked} == {77}


def test_a_page_that_comes_twice_is_asked_for_again(case: SourceCase) -> None:
    """Nothing is lost and nothing doubled when an old answer comes instead of the next page."""
    server = server_of(case)
    real, repeats = server.handler, iter([False, True])
    last: dict[str, bytes] = {}

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST" and asked.json()["method"] == "get.calls_report":
            if next(repeats, False):
                return Reply(last["page"])
            last["page"] = real(asked).data()
            return Reply(last["page"])
        return real(asked)

    server.handler = answer
    records = [record.call_id for page in case.source.iter_pages(WINDOW) for record in page.records]
    assert records == ["300001", "300002", "300003", "300004", "300005"]


def test_a_stretch_with_too_many_rows_is_halved(pbx: Pbx, case: SourceCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The offset ends at some number: busier days are read in parts."""
    monkeypatch.setattr(comagic_api, "MOST_ROWS", 3)
    assert len(read(case)) == 5
    spans = {(datetime.fromisoformat(until) - datetime.fromisoformat(since)) for since, until in pbx.texts}
    assert timedelta(hours=13) in spans


def test_days_are_read_one_by_one(case: SourceCase) -> None:
    """A run that breaks off keeps the days that were read; no window is longer than the system allows."""
    window = Window(start=WINDOW.start - timedelta(days=3), end=WINDOW.end)
    marks = [page.covered_until for page in case.source.iter_pages(window) if page.covered_until]
    assert marks == [window.start + timedelta(days=days) for days in (1, 2, 3, 4)]


def test_a_row_changed_later_comes_in_its_new_state(pbx: Pbx, case: SourceCase) -> None:
    """Tags are set for hours after a call."""
    before = read(case)["300002"]
    pbx.calls[1]["tags"] = [{"tag_id": 5, "tag_name": "Заказ"}]
    assert (before.tags, read(case)["300002"].tags) == ((), ("Заказ",))


def test_a_running_call_is_left_out(pbx: Pbx, case: SourceCase) -> None:
    """A call without an end comes with the next run."""
    pbx.calls[4]["finish_time"] = None
    assert "300005" not in read(case)


@pytest.mark.parametrize(
    "changes",
    [
        {"start_time": None},
        {"start_time": "вчера"},
        {"start_time": 17724342920000},
        {"id": None},
        {"id": []},
        {"total_wait_duration": -5},
        {"talk_duration": 1e300},
        {"is_lost": "возможно"},
        {"tags": "Заказ"},
        {"employees": [None]},
        {"contact_phone_number": {"x": 1}},
        {"call_records": ["../../secret"]},
        {"communication_id": "a/b"},
        {"finish_time": "0"},
    ],
)
def test_a_bad_row_is_rejected_and_the_others_go_on(pbx: Pbx, case: SourceCase, changes: dict[str, Any]) -> None:
    """A foreign value of a wrong kind costs its own call only."""
    pbx.calls[1].update(changes)
    found = rejects(case)
    assert len(found) == 1
    assert found[0][0].startswith("call ")
    assert set(read(case)) == {"300001", "300003", "300004", "300005"}


@pytest.mark.parametrize("value", [None, 5, "row", [], [1]])
def test_what_is_no_row_is_rejected(pbx: Pbx, case: SourceCase, value: Any) -> None:
    """A list may hold anything."""
    pbx.calls.insert(2, value)
    assert rejects(case) == [("call in row 1", "the row is not an object")]
    assert len(read(case)) == 5


def test_a_bad_leg_costs_the_leg_only(pbx: Pbx, case: SourceCase) -> None:
    """The call comes without it."""
    pbx.legs[0]["total_duration"] = "long"
    assert rejects(case) == [("leg 410001", "total_duration is not a number")]
    assert [leg.extension for leg in read(case)["300005"].legs] == ["103"]


def test_legs_tell_who_handed_over_to_whom(case: SourceCase) -> None:
    """The second operator was rung after the first had gone: a blind transfer; each has a recording."""
    call = read(case)["300005"]
    first, second = call.legs
    assert (first.kind, first.extension, first.result) == (LegKind.TALK, "102", Disposition.ANSWERED)
    assert (second.kind, second.extension) == (LegKind.TRANSFER_BLIND, "103")
    assert second.answered_at == datetime(2026, 3, 2, 9, 1, 12, tzinfo=UTC)
    assert call.queue == "Продажи"
    assert call.ring_ms == 7000
    assert call.linked_ids == ("305005",)
    assert [(item.rec_id, item.leg) for item in call.recordings] == [
        ("talk/305005/3c4d5e6f70819203", 0),
        ("talk/305005/4d5e6f7081920314", 1),
    ]


def test_a_transfer_after_a_word_is_told_apart(pbx: Pbx, case: SourceCase) -> None:
    """Who consults first is still on the line while the next one is rung."""
    pbx.legs[0]["total_duration"] = 80
    assert read(case)["300005"].legs[1].kind is LegKind.TRANSFER_ATTENDED


def test_legs_that_nobody_took_and_coaches(pbx: Pbx, case: SourceCase) -> None:
    """An operator rung in vain is a leg; a coach who listens, and the client's own side, are none."""
    ring = {**pbx.legs[0], "id": 1, "call_session_id": 300003, "connect_time": None, "is_talked": False}
    ring |= {"start_time": "2026-03-02 10:40:03", "finish_reason": "operator_busy", "employee_id": 11, "call_records": None}
    pbx.legs += [ring, {**ring, "id": 2, "is_coach": True}, {**ring, "id": 3, "is_operator": False}]
    legs = read(case)["300003"].legs
    assert [(leg.kind, leg.extension, leg.result) for leg in legs] == [(LegKind.RING, "101", Disposition.BUSY)]


def test_without_the_report_of_legs_calls_come_all_the_same(pbx: Pbx, case: SourceCase) -> None:
    """A right that is missing is named; employees stand in the call's own row too."""
    pbx.forbidden = {"get.call_legs_report", "get.employees"}
    found = read(case)["300005"]
    assert (found.operator_name, found.extension) == ("Лис Дарья", None)
    assert [leg.operator_name for leg in found.legs] == ["Кравцов Олег", "Лис Дарья"]
    assert [where for where, _ in rejects(case)] == ["employees", "legs of 2026-03-01"]
    problems = {item.subject: item.hint for item in case.source.check() if item.level is Level.PROBLEM}
    assert set(problems) == {"legs", "employees"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"is_lost": True, "finish_reason": "subscriber_disconnects"}, Disposition.ABANDONED),
        ({"is_lost": True, "finish_reason": "operator_busy"}, Disposition.BUSY),
        ({"is_lost": True, "finish_reason": "timeout"}, Disposition.NO_ANSWER),
        ({"is_lost": True, "finish_reason": "operator_not_responsible"}, Disposition.NO_ANSWER),
        ({"is_lost": True, "finish_reason": "employee_status_break"}, Disposition.NO_ANSWER),
        ({"is_lost": True, "finish_reason": "numa_in_black_list"}, Disposition.BLOCKED),
        ({"is_lost": True, "finish_reason": "numa_in_spam_list"}, Disposition.BLOCKED),
        ({"is_lost": True, "finish_reason": "sip_trunk_is_locked"}, Disposition.FAILED),
        ({"is_lost": True, "finish_reason": "a word of tomorrow"}, Disposition.UNKNOWN),
        ({"is_lost": True, "finish_reason": None}, Disposition.UNKNOWN),
        ({"is_lost": True, "voice_mail_records": ["0a"]}, Disposition.VOICEMAIL),
        ({"direction": "out", "talk_duration": 0, "finish_reason": "subscriber_busy"}, Disposition.BUSY),
        ({"direction": "out", "talk_duration": 0, "finish_reason": "operator_disconnects"}, Disposition.NO_ANSWER),
        ({"direction": "out", "talk_duration": 0, "finish_reason": "subscriber_disconnects"}, Disposition.REJECTED),
        ({"is_lost": None}, Disposition.ANSWERED),
        ({"is_lost": None, "talk_duration": None, "finish_reason": "timeout"}, Disposition.NO_ANSWER),
    ],
)
def test_reasons_become_dispositions(changes: dict[str, Any], expected: Disposition) -> None:
    """A lost call says why; outgoing calls that nobody took are not marked as lost by the system."""
    found = parse(**changes)
    assert found.disposition is expected
    assert found.missed_reason is None or expected is not Disposition.ANSWERED
    assert bool(found.recordings) == (expected is Disposition.ANSWERED)


def test_marketing_is_kept() -> None:
    """Campaign, marks and visitor come with the call."""
    found = parse()
    assert (found.campaign, found.visitor_id, found.session_id) == ("Директ Чайники", "910001", "920001")
    assert found.utm == (("utm_source", "yandex"), ("utm_medium", "cpc"), ("utm_campaign", "teapots"))
    assert found.tags == ("Заказ",)


def test_the_operator_who_talked_last_counts() -> None:
    """Who picked up last need not have talked."""
    found = parse(last_talked_employee_id=7, last_talked_employee_full_name="Кто-то")
    assert (found.operator_id, found.operator_name) == ("7", "Кто-то")


@pytest.mark.parametrize(
    ("number", "expected"), [("anonymous", None), (None, None), (89000000101, "+79000000101"), ("102", "102")]
)
def test_clients_are_numbers(number: Any, expected: str | None) -> None:
    """Hidden numbers are no client."""
    assert parse(contact_phone_number=number).client_phone == expected


def test_unknown_directions_are_unknown() -> None:
    """A word that is not known stops nothing."""
    assert parse(direction="sideways").direction is None
    assert parse(direction="internal").direction is Direction.INTERNAL


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"wav_call_records": ["0a"]}, ["wav/305001/0a"]),
        ({"call_records": ["0a", "0b"], "wav_call_records": ["0c"]}, ["talk/305001/0a", "talk/305001/0b"]),
        ({"call_records": ["0a", "0a"]}, ["talk/305001/0a"]),
        ({"call_records": "0a"}, ["talk/305001/0a"]),
        ({"call_records": None, "full_record_file_link": "https://media.comagic.ru/305001/0d"}, ["full/305001/0d"]),
        ({"call_records": [], "full_record_file_link": "javascript:x"}, []),
        ({"communication_id": None}, ["talk/300001/0f3a5b7c9d1e2f30"]),
    ],
)
def test_ids_of_recordings_are_lasting(changes: dict[str, Any], expected: list[str]) -> None:
    """A recording is kind, communication and hash; WAV is taken where all of the call is kept so."""
    assert [link.rec_id for link in parse(**changes).recordings] == expected


@pytest.mark.parametrize(
    ("url", "rec_id", "expected"),
    [
        ("https://dataapi.comagic.ru/v2.0", "talk/1/a", "https://app.comagic.ru/system/media/talk/1/a/"),
        ("https://dataapi.uiscom.ru/v2.0", "wav/1/a", "https://app.uiscom.ru/system/media/wav/1/a/"),
        ("https://dataapi.uiscom.ru/v2.0", "full/1/a", "https://media.uiscom.ru/1/a"),
    ],
)
def test_recordings_lie_with_the_same_brand(url: str, rec_id: str, expected: str) -> None:
    """UIS has hosts of its own."""
    source = open_source("shop", Settings(access_token=Secret("env:NONE"), url=url), Tools())
    assert source._media_address(*rec_id.split("/")) == expected  # type: ignore[attr-defined]
    source.close()


def test_recordings_under_the_calls_id_are_found_too(pbx: Pbx, case: SourceCase, tmp_path: Path) -> None:
    """The maker's pages name the communication in one place and the call in another."""
    call = read(case)["300001"]
    sound = pbx.recordings.pop("/system/media/talk/305001/0f3a5b7c9d1e2f30/")
    pbx.recordings["/system/media/talk/300001/0f3a5b7c9d1e2f30/"] = sound
    assert case.source.fetch(call, call.recordings[0], tmp_path).read_bytes() == sound


def test_a_recording_that_is_gone_is_an_error_of_its_call(case: SourceCase, tmp_path: Path) -> None:
    """The other recordings go on."""
    call = read(case)["300001"]
    with pytest.raises(RecordingError):
        case.source.fetch(call, RecordingLink(rec_id="talk/305001/00"), tmp_path)


def test_a_check_tells_what_is_missing(pbx: Pbx, naps: list[float]) -> None:
    """Employees without recording and a zone that is not used: each is named."""
    now = datetime.now(UTC) - timedelta(hours=1)
    call = copy.deepcopy(pbx.calls[0])
    call |= {"start_time": f"{now:%Y-%m-%d %H:%M:%S}", "finish_time": f"{now:%Y-%m-%d %H:%M:%S}"}
    pbx.calls, pbx.zone = [call], "UTC"
    pbx.employees[0]["call_recording"] = "off"
    with open_pbx(pbx, quick_tools(naps), timezone="Europe/Moscow") as case:
        found = {item.subject: (item.level, item.text) for item in case.source.check()}
    assert found["calls"] == (Level.FINE, "1 calls in the last 2 days, 1 with a recording")
    assert found["employees"] == (Level.ADVICE, "of 3 employees 1 are not recorded, or in one direction only")
    assert found["recordings"][0] is Level.FINE
    assert found["timezone"][0] is Level.ADVICE
