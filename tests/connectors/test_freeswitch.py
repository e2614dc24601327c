"""What is particular about FreeSWITCH: templates that nothing tells apart, legs in files of their own, stereo by rule."""

from __future__ import annotations

import copy
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callscore.errors import ConfigError, RecordingError, SourceError
from callscore.outside.pages import Level, Reject, Window
from callscore.outside.settings import read_settings
from callscore.records import CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.freeswitch import FreeSwitch, Settings, open_source
from tests.connectors.cases.freeswitch import FIRST, FIXTURE, leg_id, micros, record, transferred, write
from tests.connectors.story import CALLS, WINDOW, beep, quick_tools

A, B, C = leg_id(1), leg_id(1, "b"), leg_id(2, "b")
STAMPS = ("2026-03-02 10:02:00", "2026-03-02 10:02:26", "2026-03-02 10:05:30")
HEAD = ("Иванова Мария", "79000000101", "74950000001", "public", *STAMPS, "210", "184", "NORMAL_CLEARING", A, B)


def quoted(*values: str) -> str:
    """Return values as a template with quotes writes them: nothing is escaped."""
    return ",".join(f'"{value}"' for value in values)


def reading(folder: Path, **how: Any) -> FreeSwitch:
    """Return a source on `folder`."""
    return open_source("shop", Settings(folder=folder, **how), quick_tools())


def read(folder: Path, *lines: str, **how: Any) -> tuple[list[CallRecord], list[Reject]]:
    """Return the calls and rejects of 2 March, with `lines` as Master.csv."""
    if lines:
        (folder / "cdr-csv").mkdir(parents=True, exist_ok=True)
        (folder / "cdr-csv" / "Master.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pages = list(reading(folder, **how).iter_pages(WINDOW))
    return [each for page in pages for each in page.records], [each for page in pages for each in page.rejects]


def one(folder: Path, *lines: str, **how: Any) -> CallRecord:
    """Return the only call of these lines."""
    records, rejects = read(folder, *lines, **how)
    assert rejects == []
    return records[0] if len(records) == 1 else pytest.fail(f"{len(records)} calls")


LINES = {
    "example": quoted(*HEAD, "", "PCMA", "PCMA"),
    "default": f'{quoted(*HEAD)}, "";',
    "sql": f"INSERT INTO cdr VALUES ({quoted(*HEAD)}, {quoted('')});",
    "snom": f"{quoted(*HEAD)}, {quoted('', 'PCMA', 'PCMA', 'snom/1', '', '', '', '')}",
    "linksys": quoted(*HEAD, "", "PCMA", "PCMA", "linksys", ""),
    "asterisk": quoted(
        *("", "79000000101", "74950000001", "public", '"Иванова Мария" <79000000101>', "sofia/external/1@192.0.2.5"),
        *("sofia/internal/101@192.0.2.10", "bridge", "user/101", *STAMPS, "210", "184", "NORMAL_CLEARING", "", A, ""),
    ),
}


@pytest.mark.parametrize("template", LINES)
def test_stock_templates_are_told_apart(tmp_path: Path, template: str) -> None:
    """Whatever stock template wrote a line, the call is the same."""
    call = one(tmp_path, LINES[template])
    assert (call.call_id, call.client_phone, call.line_phone) == (A, "+79000000101", "+74950000001")
    assert (call.started_at, call.ended_at) == (CALLS[0].started_at, datetime(2026, 3, 2, 7, 5, 30, tzinfo=UTC))
    assert (call.direction, call.disposition, call.talk_ms) == (Direction.INBOUND, Disposition.ANSWERED, 184_000)


def test_the_template_without_a_start(tmp_path: Path) -> None:
    """The template opencdrrate tells the answer and the end only."""
    line = quoted(
        *(A, B, "inbound", "79000000101", "74950000001", *STAMPS[1:], "184", "", "", "192.0.2.5", "Мария", ""),
    )
    call = one(tmp_path, line)
    assert (call.call_id, call.client_phone, call.talk_ms) == (A, "+79000000101", 184_000)
    assert call.started_at == datetime(2026, 3, 2, 7, 2, 26, tzinfo=UTC)


def test_templates_may_be_mixed_in_a_file(tmp_path: Path) -> None:
    """Somebody changed the template one day; lines before and after it are read."""
    lines = [line.replace(A, leg_id(number)) for number, line in enumerate(LINES.values(), start=1)]
    assert len(read(tmp_path, *lines)[0]) == len(LINES)


@pytest.mark.parametrize("name", ['ООО "Ромашка", Пётр', 'a","b', 'a","b","c', '","', 'x", "y', "'; DROP TABLE--"])
@pytest.mark.parametrize("template", ["example", "snom", "asterisk"])
def test_a_name_with_quotes_and_commas(tmp_path: Path, template: str, name: str) -> None:
    """Nothing is escaped: a caller's name may hold what separates columns, and must not shift them."""
    call = one(tmp_path, LINES[template].replace("Иванова Мария", name))
    assert (call.client_phone, call.talk_ms, call.call_id) == ("+79000000101", 184_000, A)


def test_the_fixtures_asterisk_template(tmp_path: Path) -> None:
    """Bare quotes within quotes are no CSV, and are read."""
    (tmp_path / "Master.csv").write_bytes((FIXTURE / "cdr-csv" / "Master_asterisk_template.csv").read_bytes())
    call = one(tmp_path)
    assert (call.call_id, call.queue, call.client_phone) == (FIRST, "sales@default", "+79000000101")


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    """A template that the customer wrote is read by the names of its variables."""
    line = quoted(A, *STAMPS, "79000000101", "74950000001", B, "184")
    stamps = ("start_stamp", "answer_stamp", "end_stamp")
    names = ("uuid", *stamps, "caller_id_number", "destination_number", "bleg_uuid", "billsec")
    assert one(tmp_path, line, columns=names).talk_ms == 184_000
    assert read(tmp_path, line)[0] == []


def test_a_cut_line_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    """A line that was cut off by a crash is rejected with its place."""
    broken = (FIXTURE / "cdr-csv" / "Master_broken.csv").read_text(encoding="utf-8").strip()
    records, rejects = read(tmp_path, broken, LINES["example"])
    assert len(records) == 1
    assert [reject.where for reject in rejects] == ["Master.csv:1"]


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        '""',
        '"' + "я" * 200_000,
        LINES["example"].replace(STAMPS[0], "yesterday"),
        LINES["example"].replace(STAMPS[0], "2026-13-45 10:02:00"),
        LINES["example"].replace(STAMPS[2], ""),
        LINES["example"].replace(STAMPS[2], "2026-03-02 09:00:00"),
        LINES["example"].replace('"184"', '"-184"'),
        LINES["example"].replace('"184"', f'"{"9" * 400}"'),
        LINES["example"].replace(A, ""),
        LINES["example"].replace("79000000101", "7,9E+10"),
        "\x00\x01\x02",
    ],
)
def test_hostile_lines(tmp_path: Path, bad: str) -> None:
    """Whatever stands in a line, it costs itself only."""
    good = LINES["example"].replace(A, leg_id(9))
    records, rejects = read(tmp_path, bad, good)
    assert ([call.call_id for call in records], len(rejects)) == ([leg_id(9)], 1)


def test_bytes_of_another_encoding(tmp_path: Path) -> None:
    """A name in cp1251 spoils itself, not the line."""
    (tmp_path / "Master.csv").write_bytes(LINES["example"].encode("cp1251") + b"\r\n")
    assert one(tmp_path).client_phone == "+79000000101"


def test_an_answer_in_1970_is_none(tmp_path: Path) -> None:
    """What did not happen is written as the beginning of time."""
    line = LINES["example"].replace(STAMPS[1], "1970-01-01 03:00:00").replace('"184"', '"0"').replace(B, "")
    call = one(tmp_path, line.replace("NORMAL_CLEARING", "NO_ANSWER"))
    assert (call.answered_at, call.disposition, call.wait_ms) == (None, Disposition.NO_ANSWER, 210_000)


def test_rotated_files_are_read_and_other_copies_are_not(tmp_path: Path) -> None:
    """A call stands in Master.csv or its rotated file; <accountcode>.csv holds it once more."""
    shutil.copytree(FIXTURE / "cdr-csv", tmp_path / "cdr-csv")
    (tmp_path / "cdr-csv" / "sales.csv").write_text(LINES["example"].replace(A, leg_id(9)), encoding="utf-8")
    assert sorted(call.call_id for call in read(tmp_path)[0]) == [leg_id(number) for number in (1, 2, 3, 4, 5)]


def test_what_cdr_csv_cannot_tell_is_unknown(tmp_path: Path) -> None:
    """A queue or menu answers before a person does: without the second leg nobody knows when a person took the call."""
    call = one(tmp_path, LINES["example"])
    assert (call.wait_ms, call.answered_at, call.extension) == (None, None, None)


def test_the_second_leg_tells_who_and_when(tmp_path: Path) -> None:
    """With legs=ab the operator's own line is there: it is part of the call, and tells ringing, waiting and talk."""
    second = quoted(
        *("Мария", "79000000101", "101", "default", "2026-03-02 10:02:20", *STAMPS[1:], "190", "184", "NORMAL_CLEARING"),
        *(B, "", "", "PCMA", "PCMA"),
    )
    first = LINES["example"].replace(STAMPS[1], "2026-03-02 10:02:02")
    call = one(tmp_path, second, first)
    assert (call.extension, call.wait_ms, call.ring_ms, call.talk_ms) == ("101", 26_000, 6_000, 184_000)
    assert call.linked_ids == (B,)


def test_a_phone_that_was_rung_in_vain_is_no_call(tmp_path: Path) -> None:
    """Of several phones that were rung a line names one: the others' lines lie within the call, and are legs of it."""
    vain = quoted(
        *("Мария", "79000000101", "102", "default", "2026-03-02 10:02:05", "", "2026-03-02 10:02:20", "15", "0", "NO_ANSWER"),
        *(C, "", "", "PCMA", "PCMA"),
    )
    call = one(tmp_path, vain, LINES["example"])
    assert [(leg.kind, leg.extension) for leg in call.legs] == [(LegKind.RING, "102"), (LegKind.TALK, None)]
    again = vain.replace("10:02:20", "10:09:20")
    assert len(read(tmp_path, again, LINES["example"])[0]) == 2


def test_variables_count_more_than_a_line(tmp_path: Path) -> None:
    """A call that stands in cdr-csv and in json_cdr is one call, as the variables tell it."""
    write(tmp_path, record(CALLS[1]))
    call = one(tmp_path, LINES["example"].replace(A, leg_id(2)))
    assert (call.wait_ms, call.extension) == (7_000, "102")


def test_a_transfer_has_a_stage_of_its_own(tmp_path: Path) -> None:
    """Who talked first and who last stand in the stages of the call."""
    write(tmp_path, transferred())
    call = one(tmp_path)
    assert [(leg.kind, leg.extension) for leg in call.legs] == [(LegKind.TALK, "102"), (LegKind.TRANSFER_BLIND, "103")]
    assert (call.extension, call.wait_ms, call.talk_ms) == ("103", 5_000, 240_000)


def test_a_stage_that_inherits_its_times_is_no_talk(tmp_path: Path) -> None:
    """A client sent on to a menu did not talk twice with the one who sent him."""
    made = transferred()
    made["callflow"][0]["times"]["bridged_time"] = made["callflow"][1]["times"]["bridged_time"]
    write(tmp_path, made)
    call = one(tmp_path)
    assert (len(call.legs), call.talk_ms, call.extension) == (1, 60_000, "102")


def agent_leg(uuid: str, extension: str, offered_s: float, answered_s: float, cause: str) -> dict[str, Any]:
    """Return the leg that mod_callcenter makes to an agent for the first call."""
    at = CALLS[0].started_at
    made = copy.deepcopy(record(CALLS[0]))
    made["variables"] |= {
        "uuid": uuid,
        "cc_side": "agent",
        "cc_member_session_uuid": A,
        "start_epoch": str(at.timestamp() + offered_s),
        "answer_epoch": str(at.timestamp() + answered_s) if answered_s else "0",
        "bridge_epoch": "0",
        "end_epoch": str(at.timestamp() + (210 if answered_s else 20)),
        "hangup_cause": cause,
    }
    made["callflow"][0]["caller_profile"] |= {"destination_number": extension, "originatee": {}}
    made["callflow"][0]["times"] = {}
    return made


def test_agents_who_were_rung_are_legs(tmp_path: Path) -> None:
    """mod_callcenter rings agents on legs of their own: they are part of the client's call, not calls."""
    (tmp_path / "json_cdr").mkdir()
    shutil.copy(FIXTURE / "json_cdr" / f"{FIRST}.cdr.json", tmp_path / "json_cdr")
    write(tmp_path, agent_leg(leg_id(7), "102", 4, 0, "NO_ANSWER"))
    write(tmp_path, agent_leg(B, "101", 20, 26, "NORMAL_CLEARING"))
    call = one(tmp_path)
    assert [(leg.kind, leg.extension, leg.result) for leg in call.legs] == [
        (LegKind.RING, "102", Disposition.NO_ANSWER),
        (LegKind.TALK, "101", Disposition.ANSWERED),
    ]
    assert (call.queue, call.ring_ms, call.wait_ms) == ("sales@default", 6_000, 26_000)


def test_legs_that_name_each_other_are_one_call(tmp_path: Path) -> None:
    """Two legs that both claim to be the other's neither vanish nor become two calls."""
    for number in (1, 2):
        made = record(replace(CALLS[0], number=number))
        made["callflow"][0]["caller_profile"]["originator"] = {"originator_caller_profiles": [{"uuid": leg_id(3 - number)}]}
        write(tmp_path, made)
    assert len(read(tmp_path)[0]) == 1


@pytest.mark.parametrize(
    ("variables", "found", "reason"),
    [
        ({"hangup_cause": "ORIGINATOR_CANCEL"}, Disposition.ABANDONED, "ORIGINATOR_CANCEL"),
        ({"hangup_cause": "NO_USER_RESPONSE"}, Disposition.NO_ANSWER, "NO_USER_RESPONSE"),
        ({"hangup_cause": "USER_BUSY"}, Disposition.BUSY, "USER_BUSY"),
        ({"hangup_cause": "CALL_REJECTED"}, Disposition.REJECTED, "CALL_REJECTED"),
        ({"hangup_cause": "UNALLOCATED_NUMBER"}, Disposition.FAILED, "UNALLOCATED_NUMBER"),
        ({"hangup_cause": "SOMETHING_NEW"}, Disposition.UNKNOWN, "SOMETHING_NEW"),
        ({"cc_cause": "cancel", "cc_cancel_reason": "TIMEOUT"}, Disposition.TIMEOUT, "TIMEOUT"),
        ({"cc_cause": "cancel", "cc_cancel_reason": "BREAK_OUT"}, Disposition.ABANDONED, "BREAK_OUT"),
        ({"answer_epoch": "1772437202"}, Disposition.ABANDONED, "NORMAL_CLEARING"),
    ],
)
def test_why_nobody_talked(tmp_path: Path, variables: Mapping[str, str], found: Disposition, reason: str) -> None:
    """The queue's word counts before the leg's cause; a menu that answered is no person."""
    call = replace(CALLS[2], talk_ms=0)
    base = {"answer_epoch": "0", "bridge_epoch": "0", "billsec": "0"}
    made = record(call, **{**base, **variables})
    made["callflow"][0]["times"] |= {"bridged_time": "0", "answered_time": "0"}
    write(tmp_path, made)
    record_made = one(tmp_path)
    assert (record_made.disposition, record_made.missed_reason, record_made.wait_ms) == (found, reason, 48_000)


def test_an_outgoing_call_that_nobody_took(tmp_path: Path) -> None:
    """An operator who gave up did not abandon us: the client did not answer."""
    line = quoted(
        *("Соколова Анна", "101", "79000000104", "default", STAMPS[0], "", STAMPS[1], "26", "0", "ORIGINATOR_CANCEL"),
        *(A, B, "", "PCMA", "PCMA"),
    )
    call = one(tmp_path, line)
    assert (call.direction, call.disposition) == (Direction.OUTBOUND, Disposition.NO_ANSWER)
    assert [(leg.kind, leg.operator_name, leg.extension) for leg in call.legs] == [(LegKind.RING, "Соколова Анна", "101")]


def test_a_call_between_colleagues(tmp_path: Path) -> None:
    """Short numbers at both ends are no client."""
    line = LINES["example"].replace("79000000101", "101").replace("74950000001", "102")
    call = one(tmp_path, line.replace("public", "default"))
    assert (call.direction, call.client_phone, call.line_phone) == (Direction.INTERNAL, None, None)


def test_encoded_variables(tmp_path: Path) -> None:
    """Values may be URL-encoded, or not, whatever the format: text that only looks encoded stays."""
    made = record(CALLS[0], cc_queue="sales%40default", cc_agent="101%40default")
    write(tmp_path, made)
    assert one(tmp_path).queue == "sales@default"
    write(tmp_path, record(CALLS[0], cc_queue="100% sales@x"))
    assert one(tmp_path).queue == "100% sales@x"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"variables": null}',
        b'{"variables": {"uuid": "x"}}',
        b'{"variables": {"uuid": "x", "start_epoch": "soon", "end_epoch": 1}}',
        b'{"variables": {"uuid": {"a": 1}, "start_epoch": 1772434920, "end_epoch": 1772434930}}',
        b'{"variables": {"start_epoch": 1772434920, "end_epoch": 1772434910}}',
        b'{"variables": {"start_epoch": 1772434920, "end_epoch": 1772434930}, "callflow": [{"caller_profile": 5}]}',
        b"[" * 100_000,
        b"<cdr><variables>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><cdr><variables><uuid>&a;</uuid></variables></cdr>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><cdr><variables><uuid>&a;</uuid></variables></cdr>',
    ],
)
def test_hostile_files(tmp_path: Path, content: bytes) -> None:
    """A file cut off, of another shape or made to do harm is rejected by name, and the others go on."""
    (tmp_path / "json_cdr").mkdir()
    (tmp_path / "json_cdr" / "bad.cdr.json").write_bytes(content)
    write(tmp_path, record(CALLS[1]))
    records, rejects = read(tmp_path)
    assert ([call.call_id for call in records], [reject.where for reject in rejects]) == ([leg_id(2)], ["bad.cdr.json"])


def test_a_call_without_an_end_is_left_out(tmp_path: Path) -> None:
    """A record written before the call ended comes again."""
    made = record(CALLS[1])
    made["variables"]["end_epoch"] = "0"
    made["callflow"][0]["times"]["hangup_time"] = "0"
    write(tmp_path, made)
    assert read(tmp_path) == ([], [])


def test_the_zone_of_the_server(tmp_path: Path) -> None:
    """Stamps are in the server's zone; epochs need none."""
    tools = replace(quick_tools(), timezone="Asia/Yekaterinburg")
    (tmp_path / "Master.csv").write_text(LINES["example"] + "\n", encoding="utf-8")
    write(tmp_path, record(CALLS[1]))
    source = open_source("shop", Settings(folder=tmp_path), tools)
    started = {call.call_id: call.started_at for page in source.iter_pages(WINDOW) for call in page.records}
    assert started == {A: datetime(2026, 3, 2, 5, 2, tzinfo=UTC), leg_id(2): CALLS[1].started_at}


def recorded(folder: Path, call: int = 1, variables: Mapping[str, str] | None = None, **how: Any) -> tuple[RecordingLink, ...]:
    """Return the links of a call of the story whose recording is named by its first leg."""
    (folder / "recordings" / "2026").mkdir(parents=True)
    (folder / "recordings" / "2026" / f"x.{leg_id(call + 1)}.wav").write_bytes(beep())
    write(folder, record(CALLS[call], **(variables or {})))
    return one(folder, recordings=folder / "recordings", **how).recordings


@pytest.mark.parametrize(
    ("call", "variables", "how", "channel"),
    [
        (1, {}, {}, 0),
        (3, {}, {}, 1),
        (1, {"RECORD_STEREO_SWAP": "true"}, {}, 1),
        (1, {}, {"stereo_swap": True}, 1),
        (1, {}, {"recorder_leg": "b"}, 1),
        (3, {}, {"recorder_leg": "b"}, 0),
        (1, {"RECORD_STEREO": "false"}, {}, None),
    ],
)
def test_the_clients_channel(
    tmp_path: Path, call: int, variables: Mapping[str, str], how: Mapping[str, Any], channel: int | None
) -> None:
    """Left is who is on the leg that records: the client in an incoming call, our phone in an outgoing one."""
    (link,) = recorded(tmp_path, call, variables, **how)
    assert (link.client_channel, link.rec_id) == (channel, f"2026/x.{leg_id(call + 1)}.wav")


def test_a_recording_told_by_record_session(tmp_path: Path) -> None:
    """The application's own argument names the file, wherever the recordings were moved to."""
    made = record(CALLS[1])
    made["app_log"]["applications"].append({"app_name": "record_session", "app_data": "/var/rec/any name.wav"})
    write(tmp_path, made)
    (tmp_path / "recordings").mkdir()
    (tmp_path / "recordings" / "any name.wav").write_bytes(beep())
    source = reading(tmp_path, recordings=tmp_path / "recordings")
    (call,) = [call for page in source.iter_pages(WINDOW) for call in page.records]
    assert source.fetch(call, call.recordings[0], tmp_path).name == "any name.wav"


@pytest.mark.parametrize("rec_id", ["../secret.wav", "/etc/passwd", "none.wav", "empty.wav", "link.wav"])
def test_only_recordings_are_handed_out(tmp_path: Path, rec_id: str) -> None:
    """A name from a record leads nowhere outside the folder of recordings, and an empty file is none."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (tmp_path / "secret.wav").write_bytes(beep())
    (folder / "empty.wav").write_bytes(b"RIFF" + b"\0" * 40)
    (folder / "link.wav").symlink_to(tmp_path / "secret.wav")
    write(tmp_path, record(CALLS[1]))
    call = one(tmp_path)
    with pytest.raises(RecordingError):
        reading(tmp_path, recordings=folder).fetch(call, RecordingLink(rec_id=rec_id), tmp_path)


def test_a_path_in_a_record_is_not_followed(tmp_path: Path) -> None:
    """A record that names a file elsewhere gives a link by name only."""
    (tmp_path / "recordings").mkdir()
    write(tmp_path, record(CALLS[1], cc_record_filename="/etc/passwd"))
    source = reading(tmp_path, recordings=tmp_path / "recordings")
    (call,) = [call for page in source.iter_pages(WINDOW) for call in page.records]
    assert call.recordings == (RecordingLink(rec_id="passwd", client_channel=0),)
    with pytest.raises(RecordingError):
        source.fetch(call, call.recordings[0], tmp_path)


def test_a_window_takes_its_own_calls(tmp_path: Path) -> None:
    """Pages cover a day each; a call belongs to the day it began, though it ended on the next."""
    late = LINES["example"].replace(STAMPS[0], "2026-03-02 23:59:30").replace(STAMPS[1], "2026-03-03 00:00:10")
    (tmp_path / "Master.csv").write_text(late.replace(STAMPS[2], "2026-03-03 00:05:00") + "\n", encoding="utf-8")
    window = Window(start=WINDOW.start - timedelta(days=1), end=WINDOW.end + timedelta(days=1))
    pages = list(reading(tmp_path).iter_pages(window))
    assert [len(page.records) for page in pages] == [0, 1, 0]
    assert [page.covered_until for page in pages] == [WINDOW.start, WINDOW.end, window.end]


def test_old_files_are_not_opened(tmp_path: Path) -> None:
    """A file last written before the window is left alone, whatever is in it."""
    path = write(tmp_path, record(CALLS[1]))
    path.write_bytes(b"broken")
    old = (WINDOW.start - timedelta(days=9)).timestamp()
    os.utime(path, (old, old))
    assert read(tmp_path) == ([], [])


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing folder stops the source and says which."""
    none = tmp_path / "none"
    for settings in (Settings(folder=none), Settings(folder=tmp_path, recordings=none)):
        with pytest.raises(SourceError) as caught:
            list(open_source("shop", settings, quick_tools()).iter_pages(WINDOW))
        assert caught.value.where.endswith("none")


def test_a_check_says_what_is_missing(tmp_path: Path) -> None:
    """Without files there is a problem; with cdr-csv alone waiting times are missing; without a folder, recordings."""
    assert [each.level for each in reading(tmp_path).check()][-1] is Level.PROBLEM
    now = datetime.now(UTC) - timedelta(hours=5)
    line = LINES["example"]
    for number, stamp in enumerate(STAMPS):
        line = line.replace(stamp, f"{now + timedelta(hours=3, minutes=number):%Y-%m-%d %H:%M:%S}")
    (tmp_path / "Master.csv").write_text(line + "\n", encoding="utf-8")
    found = {each.subject: each.text for each in reading(tmp_path).check()}
    assert found["waiting"] == "how long clients waited is not told"
    assert found["recordings"] == "recordings is not set"


def test_the_settings_are_checked(tmp_path: Path) -> None:
    """Values that mean nothing are refused when the settings are read."""
    for wrong in ({"recorder_leg": "c"}, {"columns": ["uuid"]}):
        with pytest.raises(ConfigError):
            read_settings(Settings, {"folder": "log", **wrong}, tmp_path, "test")


def test_micros_and_json_are_as_in_the_fixture() -> None:
    """The records that tests make have the shape of the fixture."""
    made = json.loads((FIXTURE / "json_cdr" / f"{FIRST}.cdr.json").read_text(encoding="utf-8"))
    assert made["callflow"][0]["times"]["created_time"] == micros(CALLS[0].started_at)
