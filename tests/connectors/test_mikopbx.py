"""What is particular about MikoPBX: whole calls instead of rows, stereo that is stated, links with tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callscore.errors import ConfigError, RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Window
from callscore.outside.secret import Secret
from callscore.outside.settings import read_settings
from callscore.records import CallRecord, Direction, Disposition, LegKind
from callscore.sources.mikopbx import Settings
from tests.connectors.api_server import Asked, Handler, Reply
from tests.connectors.case import SourceCase
from tests.connectors.cases.mikopbx import MikoServer, open_case, row, stored_rows
from tests.connectors.story import FIXTURES, WINDOW, quick_tools

CLIENT = "79000000150"


@contextmanager
def playing(rows: list[dict[str, Any]], tmp_path: Path, **how: bool) -> Iterator[SourceCase]:
    """Open a source on a MikoPBX that holds these rows."""
    with open_case(tmp_path, quick_tools(), MikoServer(rows, **how)) as case:
        yield case


def calls(case: SourceCase, window: Window = WINDOW) -> list[CallRecord]:
    """Return the calls of a window."""
    return [record for page in case.source.iter_pages(window) for record in page.records]


def rejects(case: SourceCase) -> list[tuple[str, str]]:
    """Return where rows were rejected, and why."""
    return [(reject.where, reject.reason) for page in case.source.iter_pages(WINDOW) for reject in page.rejects]


def one(tmp_path: Path, *rows: dict[str, Any]) -> CallRecord:
    """Return the only call of these rows."""
    with playing(list(rows), tmp_path) as case:
        (record,) = calls(case)
    return record


def always(reply: Reply) -> Handler:
    """Return what gives the same answer to every request."""

    def answer(asked: Asked) -> Reply:
        del asked
        return reply

    return answer


def test_lines_of_incoming_calls_are_told(tmp_path: Path) -> None:
    """The line that a client dialled says which advertisement worked."""
    with playing(stored_rows(), tmp_path) as case:
        lines = {call.client_phone: call.line_phone for call in calls(case)}
    assert lines["+79000000101"] == "+74950000001"
    assert lines["+79000000105"] == "+74950000002"
    assert lines["+79000000104"] is None


def test_who_was_rung_in_vain_is_told(tmp_path: Path) -> None:
    """A leg that nobody took stands beside the one that was taken."""
    with playing(stored_rows(), tmp_path) as case:
        (call,) = [call for call in calls(case) if call.client_phone == "+79000000101"]
    assert [(leg.kind, leg.extension, leg.result) for leg in call.legs] == [
        (LegKind.RING, "102", Disposition.NO_ANSWER),
        (LegKind.TALK, "101", Disposition.ANSWERED),
    ]
    assert call.ring_ms == 5600


def test_a_transfer_ends_with_the_last_who_talked(tmp_path: Path) -> None:
    """A call handed on has two recordings, each with its leg."""
    with playing(stored_rows(), tmp_path) as case:
        (call,) = [call for call in calls(case) if call.client_phone == "+79000000105"]
    assert [(leg.kind, leg.extension) for leg in call.legs] == [(LegKind.TALK, "102"), (LegKind.TRANSFER_BLIND, "103")]
    assert [link.leg for link in call.recordings] == [0, 1]
    assert (call.operator_name, call.extension) == ("Лис Дарья", "103")


def test_colleagues_who_confer_are_no_talk_with_the_client(tmp_path: Path) -> None:
    """What operators say to each other while the client waits is neither talk nor a leg, and makes the transfer attended."""
    linked = "mikopbx-1772445600.1"
    call = one(
        tmp_path,
        row(1, linked, (CLIENT, "101"), ("13:00:02", "13:00:05", "13:01:00"), did="74950000001"),
        row(2, linked, ("101", "102"), ("13:00:30", "13:00:35", "13:00:50"), did="74950000001", from_account=""),
        row(3, linked, (CLIENT, "102"), ("13:00:50", "13:00:50", "13:01:50"), did="74950000001"),
    )
    assert [(leg.kind, leg.extension) for leg in call.legs] == [(LegKind.TALK, "101"), (LegKind.TRANSFER_ATTENDED, "102")]
    assert (call.talk_ms, len(call.recordings)) == (115_000, 2)


def test_a_transferred_row_may_be_turned_around(tmp_path: Path) -> None:
    """After a transfer the operator may stand as the source: the client's channel is then the other one."""
    linked = "mikopbx-1772445600.1"
    call = one(
        tmp_path,
        row(1, linked, (CLIENT, "101"), ("13:00:02", "13:00:05", "13:01:00"), did="74950000001", rec_src_channel="0"),
        row(2, linked, ("102", CLIENT), ("13:01:00", "13:01:00", "13:02:00"), rec_src_channel="0"),
    )
    assert [leg.extension for leg in call.legs] == ["101", "102"]
    assert [link.client_channel for link in call.recordings] == [0, 1]


@pytest.mark.parametrize(("said", "channel"), [("0", 1), ("1", 0), ("", None), ("7", None), (None, None)])
def test_the_clients_channel_of_an_outgoing_call(tmp_path: Path, said: str | None, channel: int | None) -> None:
    """The PBX says which channel holds who called; in an outgoing call that is the operator."""
    outgoing = row(1, "mikopbx-1772445600.1", ("101", CLIENT), ("13:00:00", "13:00:05", "13:01:00"), rec_src_channel=said)
    assert one(tmp_path, outgoing).recordings[0].client_channel == channel


@pytest.mark.parametrize(
    ("ends", "more", "direction", "client"),
    [
        ((CLIENT, "101"), {"did": "74950000001"}, Direction.INBOUND, "+79000000150"),
        (("8 (900) 000-01-50", "101"), {}, Direction.INBOUND, "+79000000150"),
        (("anonymous", "101"), {}, Direction.INBOUND, None),
        (("101", "89000000150"), {}, Direction.OUTBOUND, "+79000000150"),
        (("101", "112"), {"to_account": "SIP-1"}, Direction.OUTBOUND, None),
        (("101", "102"), {}, Direction.INTERNAL, None),
    ],
)
def test_the_direction(
    tmp_path: Path, ends: tuple[str, str], more: Mapping[str, Any], direction: Direction, client: str | None
) -> None:
    """Numbers and trunks tell who called whom, also hidden and short numbers."""
    call = one(tmp_path, row(1, "mikopbx-1772445600.1", ends, ("13:00:00", "13:00:05", "13:01:00"), **more))
    assert (call.direction, call.client_phone) == (direction, client)


@pytest.mark.parametrize(
    ("ends", "word", "found"),
    [
        ((CLIENT, "101"), "CANCEL", Disposition.ABANDONED),
        ((CLIENT, "101"), "NO ANSWER", Disposition.NO_ANSWER),
        ((CLIENT, "101"), "BUSY", Disposition.BUSY),
        ((CLIENT, "101"), "CHANUNAVAIL", Disposition.FAILED),
        ((CLIENT, "101"), "SOMETHINGNEW", Disposition.UNKNOWN),
        (("101", CLIENT), "CANCEL", Disposition.NO_ANSWER),
    ],
)
def test_why_nobody_answered(tmp_path: Path, ends: tuple[str, str], word: str, found: Disposition) -> None:
    """The dial status stands for the outcome; a word nobody knows is unknown, and is kept."""
    call = one(tmp_path, row(1, "mikopbx-1772445600.1", ends, ("13:00:00", "", "13:01:00"), disposition=word))
    assert (call.disposition, call.missed_reason) == (found, word)


def test_a_call_that_met_a_menu_only_is_not_answered(tmp_path: Path) -> None:
    """A menu or queue that picks up is no person."""
    menu = row(1, "mikopbx-1772445600.1", (CLIENT, "2000"), ("13:00:00", "13:00:01", "13:00:40"), is_app="1", did="74950000001")
    call = one(tmp_path, menu)
    assert (call.disposition, call.wait_ms, call.legs, call.recordings) == (Disposition.ABANDONED, 40_000, (), ())


def test_a_missed_call_without_a_destination(tmp_path: Path) -> None:
    """Who hung up in the greeting is a missed call as well."""
    missed = row(1, "mikopbx-1772445600.1", (CLIENT, ""), ("13:00:00", "", "13:00:09"), did="74950000001", disposition="")
    call = one(tmp_path, missed)
    assert (call.direction, call.client_phone, call.wait_ms, call.legs) == (Direction.INBOUND, "+79000000150", 9000, ())


def test_a_running_call_is_left_out(tmp_path: Path) -> None:
    """A call with a row that has no end comes with a later run."""
    linked = "mikopbx-1772445600.1"
    with playing(
        [
            row(1, linked, (CLIENT, "101"), ("13:00:00", "", "13:00:20"), did="74950000001"),
            row(2, linked, (CLIENT, "102"), ("13:00:20", "13:00:25", ""), did="74950000001", billsec=None),
        ],
        tmp_path,
    ) as case:
        assert calls(case) == []


def test_answers_in_whole_calls_lose_none(tmp_path: Path) -> None:
    """Older versions group whatever is asked; calls that overlap have mixed ids, and none is skipped."""
    rows = stored_rows()
    rows += [
        row(n, f"mikopbx-{1772445600 + n % 5}.{n % 5}", (CLIENT, "101"), ("13:00:10", "", "13:00:30"), did="74950000001")
        for n in range(600, 615)
    ]
    with playing(rows, tmp_path, is_grouped=True) as case:
        grouped = calls(case)
    with playing(rows, tmp_path) as case:
        assert grouped == calls(case)
    assert len(grouped) == 10


def test_a_page_that_comes_twice_doubles_nothing(tmp_path: Path) -> None:
    """The same page again is asked for once more; a server that gives nothing else is named."""
    with playing(stored_rows(), tmp_path) as case:
        assert case.server is not None
        real = case.server.handler
        pages: list[Reply] = []

        def repeat(asked: Asked) -> Reply:
            pages.append(real(asked))
            return pages[0] if len(pages) == 2 else pages[-1]

        case.server.handler = repeat
        assert len(calls(case)) == 5
        first = pages[0]
        case.server.handler = always(first)
        with pytest.raises(SourceUnavailableError):
            calls(case)


def test_long_windows_are_cut(tmp_path: Path) -> None:
    """The API takes 365 days at most; longer windows are asked for in weeks, and each call comes once."""
    window = Window(start=WINDOW.start - timedelta(days=500), end=WINDOW.end + timedelta(days=10))
    with playing(stored_rows(), tmp_path) as case:
        pages = list(case.source.iter_pages(window))
    assert sum(len(page.records) for page in pages) == 5
    assert pages[0].covered_until == window.start + timedelta(days=7)


def test_a_call_belongs_to_the_moment_it_entered_the_line(tmp_path: Path) -> None:
    """A call that came before midnight and was first rung after it is in one window, not in two and not in none."""
    late = row(1, "mikopbx-1772485195.1", (CLIENT, "101"), ("23:59:59", "", "23:59:59"), did="74950000001")
    late |= {"start": "2026-03-03 00:00:20.000", "endtime": "2026-03-03 00:01:00.000"}
    tomorrow = Window(start=WINDOW.end, end=WINDOW.end + timedelta(days=1))
    with playing([late], tmp_path) as case:
        assert (len(calls(case)), calls(case, tomorrow)) == (1, [])


def test_a_link_is_asked_for_anew(tmp_path: Path) -> None:
    """A token is good once; each download gets its own."""
    with playing(stored_rows(), tmp_path) as case:
        call = calls(case)[0]
        for name in ("first", "second"):
            assert case.source.fetch(call, call.recordings[0], tmp_path / name).suffix == ".wav"


@pytest.mark.parametrize("change", [{"download_url": "", "playback_url": None}, {"id": 999}, {"download_url": 17}])
def test_a_recording_that_is_gone(tmp_path: Path, change: Mapping[str, Any]) -> None:
    """A recording deleted by now fails its call only."""
    rows = stored_rows()
    with playing(rows, tmp_path) as case:
        call = calls(case)[0]
        rows[1].update(change)
        with pytest.raises(RecordingError):
            case.source.fetch(call, call.recordings[0], tmp_path / "got")


def test_the_key_is_told_to_nobody_else(tmp_path: Path) -> None:
    """A link to another address is refused there, without our key."""
    rows = stored_rows()
    with playing(rows, tmp_path) as case, playing([], tmp_path) as other:
        assert other.server is not None
        call = calls(case)[0]
        rows[1]["download_url"] = f"{other.server.url}/x"
        with pytest.raises(RecordingError):
            case.source.fetch(call, call.recordings[0], tmp_path / "got")
        assert [asked.headers.get("authorization") for asked in other.server.asked] == [None]


def test_a_refused_request_is_named(tmp_path: Path) -> None:
    """A status of 422 is an error of ours or of the settings, and is not tried again."""
    with playing([], tmp_path) as case:
        assert case.server is not None
        body = (FIXTURES / "asterisk" / "mikopbx" / "error_422.json").read_bytes()
        case.server.faults.append(Reply(body, status=422))
        with pytest.raises(SourceError) as caught:
            calls(case)
        assert "422" in caught.value.message
        assert len(case.server.asked) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"result": False, "messages": {"error": ["Unauthorized"]}}, SourceAuthError),
        ({"result": False, "messages": {"error": ["Date range exceeds maximum"]}}, SourceError),
        ({"result": True, "data": []}, SourceError),
        ({"result": True, "data": {"records": None}}, SourceError),
        ([], SourceError),
        (17, SourceError),
    ],
)
def test_errors_inside_status_200(tmp_path: Path, body: object, kind: type[SourceError]) -> None:
    """What looks like success may be none, and an answer of another shape is no day without calls."""
    with playing([], tmp_path) as case:
        assert case.server is not None
        case.server.faults.append(Reply(body))
        with pytest.raises(kind):
            calls(case)


def test_the_list_under_its_older_name(tmp_path: Path) -> None:
    """In 2025 the list was called data, and nothing said whether more would come."""
    with playing([], tmp_path) as case:
        assert case.server is not None
        case.server.handler = always(Reply({"result": True, "data": {"data": stored_rows()[:1]}}))
        assert len(calls(case)) == 1


HOSTILE: tuple[Any, ...] = (
    None,
    "row",
    {},
    {"start": None},
    {"start": "yesterday"},
    {"start": ["2026-03-02"]},
    {"billsec": -5},
    {"billsec": 10**400},
    {"billsec": "NaN"},
    {"src_num": "7,9E+10"},
    {"src_num": {"a": 1}},
    {"is_app": "maybe"},
    {"endtime": "2026-03-01 00:00:00"},
    {"linkedid": "", "UNIQUEID": None},
)


@pytest.mark.parametrize("spoilt", HOSTILE)
def test_a_bad_row_is_named_and_the_others_go_on(tmp_path: Path, spoilt: Any) -> None:
    """Whatever a row holds, it costs its own call at the most."""
    good = row(900, "mikopbx-1772445600.1", (CLIENT, "101"), ("13:00:00", "13:00:05", "13:01:00"))
    bad = {**good, **spoilt} if isinstance(spoilt, dict) and spoilt else spoilt
    rows = stored_rows()
    with playing(rows, tmp_path) as case:
        assert case.server is not None
        case.server.handler = always(Reply({"result": True, "data": {"records": [bad, *rows]}}))
        assert len(calls(case)) == 5
        assert len(rejects(case)) == 1


@pytest.mark.parametrize(
    "change", [{"rec_src_channel": []}, {"id": None}, {"billsec": None}, {"work_completed": "?"}, {"dst_name": "a\nb\0c" * 999}]
)
def test_odd_values_that_do_not_matter(tmp_path: Path, change: Mapping[str, Any]) -> None:
    """What is not needed, or can be had otherwise, costs nothing."""
    odd = row(900, "mikopbx-1772445600.1", (CLIENT, "101"), ("13:00:00", "13:00:05", "13:01:00")) | dict(change)
    with playing([], tmp_path) as case:
        assert case.server is not None
        case.server.handler = always(Reply({"result": True, "data": {"records": [odd]}}))
        if "rec_src_channel" in change:
            assert len(rejects(case)) == 1
        else:
            assert [call.talk_ms for call in calls(case)] == [55_000]


def test_a_call_with_one_bad_row_is_left_out(tmp_path: Path) -> None:
    """A call whose answered row cannot be read must not look missed."""
    rows = stored_rows()
    rows[1]["billsec"] = -1
    with playing(rows, tmp_path) as case:
        assert rejects(case) == [("call mikopbx-1772434920.101", "billsec is not a duration")]
        assert len(calls(case)) == 4


def test_another_zone(tmp_path: Path) -> None:
    """The PBX's local times are read, and asked for, in the zone that is set."""
    rows = [row(1, "pbx.1", (CLIENT, "101"), ("13:00:00", "13:00:05", "13:01:00"), did="74950000001")]
    with playing(rows, tmp_path) as case:
        object.__setattr__(case.source._tools, "timezone", "Asia/Yekaterinburg")  # type: ignore[attr-defined]
        assert calls(case)[0].started_at == datetime(2026, 3, 2, 8, tzinfo=UTC)


def recent(zone: str) -> list[dict[str, Any]]:
    """Return a call of an hour ago, whose times are in `zone`."""
    at = datetime.now(UTC) - timedelta(hours=1)
    made = row(1, f"mikopbx-{int(at.timestamp())}.1", (CLIENT, "101"), ("13:00:00", "13:00:05", "13:01:00"), did="74950000001")
    local = [f"{(at + timedelta(seconds=s)).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}" for s in (0, 5, 60)]
    return [made | dict(zip(("start", "answer", "endtime"), local, strict=True))]


def test_a_check_fetches_the_last_recording(tmp_path: Path) -> None:
    """A check says how many calls there are, and that a recording can be had and is stereo."""
    with playing(recent("Europe/Moscow"), tmp_path) as case:
        found = {finding.subject: (finding.level, finding.text) for finding in case.source.check()}
    assert found["calls"] == (Level.FINE, "1 calls in the last 3 days, 1 with a recording")
    assert found["recordings"] == (Level.FINE, "stereo")


def test_a_check_finds_a_wrong_zone(tmp_path: Path) -> None:
    """The epoch within the call ids gives away that the zone is not that of the PBX."""
    with playing(recent("Asia/Yekaterinburg"), tmp_path) as case:
        problems = [finding for finding in case.source.check() if finding.level is Level.PROBLEM]
    assert [finding.text for finding in problems] == ["the times of the PBX differ by +2.0 h from its call ids"]


def test_a_wrong_key_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets 401 is told which setting to look at."""
    with playing(stored_rows(), tmp_path) as case:
        monkeypatch.setenv("TEST_MIKOPBX_KEY", "another")
        with pytest.raises(SourceAuthError):
            list(case.source.check())


def test_the_settings_are_checked(tmp_path: Path) -> None:
    """A page size that the API refuses is refused when the settings are read."""
    table = {"url": "https://pbx.example.org", "api_key": "env:KEY", "page_size": 5000}
    with pytest.raises(ConfigError):
        read_settings(Settings, table, tmp_path, "test")
    assert read_settings(Settings, table | {"page_size": 100}, tmp_path, "test").api_key == Secret("env:KEY")
