"""Queue log and CEL: the truth about who was rung, who talked, how long the client waited, and why nobody talked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.errors import SourceError
from callscore.outside.pages import Level, Window
from callscore.outside.rows import RowError
from callscore.records import Disposition, LegKind
from callscore.sources.asterisk import Settings, open_source
from callscore.sources.asterisk.cel import CEL_COLUMNS
from callscore.sources.asterisk.queue_log import parse_event_line, trace_queues
from tests.connectors.asterisk_lines import CLIENT, DAY, SEVEN, Row, one, read, write_rows
from tests.connectors.cases.asterisk import FILES
from tests.connectors.story import WINDOW, quick_tools

UID = "1772434800.1"
EPOCH = 1772434800
ENTER = f"{EPOCH + 2}|{UID}|600|NONE|ENTERQUEUE||79000000101|1"
MUSIC = Row(answer=1, end=120)
"""What CDR tells of a queue that answers with music."""


def write_log(folder: Path, *lines: str) -> None:
    """Write queue_log."""
    (folder / "queue_log").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def event(second: int, agent: str, text: str, uid: str = UID, queue: str = "600") -> str:
    """Return a line of the log."""
    return f"{EPOCH + second}|{uid}|{queue}|{agent}|{text}"


def cel(kind: str, second: int, **columns: str) -> str:
    """Return a line of cel_custom."""
    row = {"eventtype": kind, "eventtime": f"{second}.100000", "uniqueid": UID, "linkedid": UID}
    told = {"name": "cidname", "number": "cidnum", "channel": "channame", "extra": "eventextra"}
    row |= {told.get(name, name): value for name, value in columns.items()}
    return ",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in CEL_COLUMNS)


def test_the_wait_ends_when_a_person_answers(tmp_path: Path) -> None:
    """CDR counts from the music on."""
    write_rows(tmp_path, [MUSIC])
    write_log(tmp_path, ENTER, event(40, "Анна", "CONNECT|38|1772434830.2|9"), event(120, "Анна", "COMPLETECALLER|38|80|1"))
    record = one(read(tmp_path))
    assert (record.wait_ms, record.ring_ms, record.talk_ms) == (40_000, 9_000, 80_000)
    assert (record.operator_name, record.extension, record.queue) == ("Анна", "101", "600")
    assert record.tags == ("ended-by:client",)


def test_everybody_who_was_rung_is_a_leg(tmp_path: Path) -> None:
    """RINGNOANSWER tells milliseconds, other events seconds."""
    rows = [
        Row(start=3, answer=None, end=18, dstchannel="PJSIP/102-00000002", disposition="NO ANSWER"),
        Row(start=18, answer=25, end=90, dstchannel="PJSIP/101-00000003"),
    ]
    write_rows(tmp_path, rows)
    write_log(
        tmp_path,
        ENTER,
        event(18, "Олег", "RINGNOANSWER|15000"),
        event(25, "Анна", "CONNECT|23|1772434818.3|6"),
        event(90, "Анна", "COMPLETEAGENT|23|65|1"),
    )
    record = one(read(tmp_path))
    assert [(leg.kind, leg.extension, leg.operator_name, leg.result) for leg in record.legs] == [
        (LegKind.RING, "102", "Олег", Disposition.NO_ANSWER),
        (LegKind.TALK, "101", "Анна", Disposition.ANSWERED),
    ]
    assert record.legs[0].offered_at == SEVEN + timedelta(seconds=3)
    assert record.tags == ("ended-by:operator",)


def test_a_name_seen_once_with_its_extension_is_known_elsewhere(tmp_path: Path) -> None:
    """A member's name is learnt where CDR has the same talk."""
    write_rows(tmp_path, [MUSIC])
    other = "1772435800.9"
    write_log(
        tmp_path,
        ENTER,
        event(40, "Анна", "CONNECT|38|x|9"),
        event(120, "Анна", "COMPLETECALLER|38|80|1"),
        event(1002, "NONE", "ENTERQUEUE||79000000109|1", other),
        event(1010, "Анна", "CONNECT|8|x|3", other),
        event(1050, "Анна", "COMPLETECALLER|8|40|1", other),
    )
    records, _ = read(tmp_path)
    assert records[other].extension == "101"


@pytest.mark.parametrize("agent", ["PJSIP/104", "Local/104@from-queue/n", "SIP/104", "104", "Вера"])
def test_a_member_may_be_a_name_or_an_interface(tmp_path: Path, agent: str) -> None:
    """The log holds whichever queues.conf has; the settings know names."""
    write_log(tmp_path, ENTER, event(40, agent, "CONNECT|38|x|9"), event(90, agent, "COMPLETEAGENT|38|50|1"))
    record = one(read(tmp_path, operators=("104=Вера",)))
    assert (record.extension, record.operator_name) == ("104", "Вера")


@pytest.mark.parametrize(
    ("text", "disposition"),
    [
        ("ABANDON|1|1|30", Disposition.ABANDONED),
        ("EXITWITHTIMEOUT|1|1|30", Disposition.TIMEOUT),
        ("EXITEMPTY|1|1|30", Disposition.FAILED),
        ("EXITWITHKEY|1|1|1|30", Disposition.ABANDONED),
        ("WITHDRAW|1|1|30|moved", Disposition.NO_ANSWER),
    ],
)
@pytest.mark.parametrize("has_cdr", [True, False])
def test_the_log_says_why_nobody_talked(tmp_path: Path, text: str, disposition: Disposition, has_cdr: bool) -> None:
    """CDR hides unanswered calls by default; then the log alone has them."""
    if has_cdr:
        write_rows(tmp_path, [Row(answer=1, end=32, dstchannel="")])
    write_log(tmp_path, ENTER, event(32, "NONE", text))
    record = one(read(tmp_path))
    assert (record.disposition, record.missed_reason) == (disposition, text.partition("|")[0])
    assert (record.started_at, record.wait_ms, record.client_phone) == (SEVEN, 32_000, "+79000000101")


def test_voice_mail_after_a_queue(tmp_path: Path) -> None:
    """Whoever leaves a message was not simply lost."""
    write_rows(tmp_path, [Row(answer=1, dstchannel="", lastapp="VoiceMail")])
    write_log(tmp_path, ENTER, event(32, "NONE", "EXITWITHTIMEOUT|1|1|30"))
    assert one(read(tmp_path)).disposition is Disposition.VOICEMAIL


def test_a_call_that_found_somebody_after_the_queue_is_answered(tmp_path: Path) -> None:
    """The wait goes on until then."""
    rows = [
        Row(answer=1, end=32, dstchannel=""),
        Row(start=32, answer=40, end=100, dst="105", dstchannel="SIP/105-1", lastapp="Dial"),
    ]
    write_rows(tmp_path, rows)
    write_log(tmp_path, ENTER, event(32, "NONE", "EXITWITHTIMEOUT|1|1|30"))
    record = one(read(tmp_path))
    assert (record.disposition, record.extension, record.wait_ms) == (Disposition.ANSWERED, "105", 40_000)
    assert record.missed_reason is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BLINDTRANSFER|103|from-internal-xfer|38|20|1", LegKind.TRANSFER_BLIND),
        ("TRANSFER|103|from-internal|38|20|1", LegKind.TRANSFER_BLIND),
        ("ATTENDEDTRANSFER|BRIDGE|0b6f6f9e|38|20|1", LegKind.TRANSFER_ATTENDED),
        ("ATTENDEDTRANSFER|LINK|SIP/a-1|SIP/b-2|38|20|1", LegKind.TRANSFER_ATTENDED),
        ("ATTENDEDTRANSFER|APP|Voicemail|38|20|1", LegKind.TRANSFER_ATTENDED),
    ],
)
def test_transfers_are_told_by_the_log(tmp_path: Path, text: str, kind: LegKind) -> None:
    """How the call went on is in CDR; the fields before the last three vary."""
    rows = [
        Row(answer=1, end=60),
        Row(start=60, answer=63, end=160, dst="103", dcontext="x", dstchannel="SIP/103-1", lastapp="Dial"),
    ]
    write_rows(tmp_path, rows)
    write_log(tmp_path, ENTER, event(40, "Анна", "CONNECT|38|x|9"), event(60, "Анна", text))
    record = one(read(tmp_path))
    assert [(leg.kind, leg.extension) for leg in record.legs] == [(LegKind.TALK, "101"), (kind, "103")]
    assert record.talk_ms == 117_000


def test_a_transfer_of_which_no_more_is_known_is_a_leg(tmp_path: Path) -> None:
    """Without CDR the extension is all there is."""
    write_log(tmp_path, ENTER, event(40, "Анна", "CONNECT|38|x|9"), event(60, "Анна", "BLINDTRANSFER|103|x|38|20|1"))
    record = one(read(tmp_path))
    assert [(leg.kind, leg.extension, leg.answered_at is None) for leg in record.legs] == [
        (LegKind.TALK, None, False),
        (LegKind.TRANSFER_BLIND, "103", True),
    ]
    assert record.talk_ms == 20_000


def test_a_second_queue_is_the_same_call(tmp_path: Path) -> None:
    """It starts with a new ENTERQUEUE under the same id."""
    write_log(
        tmp_path,
        ENTER,
        event(30, "NONE", "EXITWITHTIMEOUT|1|1|28"),
        event(31, "NONE", "ENTERQUEUE||79000000101|1", queue="700"),
        event(50, "Анна", "CONNECT|19|x|4", queue="700"),
        event(90, "Анна", "COMPLETECALLER|19|40|1", queue="700"),
    )
    record = one(read(tmp_path))
    assert (record.queue, record.wait_ms, record.disposition) == ("700", 50_000, Disposition.ANSWERED)


def test_a_call_still_in_the_queue_is_left_out(tmp_path: Path) -> None:
    """Neither one that waits nor one that talks, until its end is logged."""
    write_log(tmp_path, ENTER, event(40, "Анна", "CONNECT|38|x|9"))
    assert read(tmp_path) == ({}, [])


def test_an_end_that_was_never_logged_is_taken_from_cdr(tmp_path: Path) -> None:
    """Asterisk was restarted while people talked."""
    write_rows(tmp_path, [MUSIC])
    write_log(tmp_path, ENTER, event(40, "Анна", "CONNECT|38|x|9"))
    record = one(read(tmp_path))
    assert (record.disposition, record.talk_ms) == (Disposition.ANSWERED, 80_000)


def test_a_call_without_ids_meets_its_events_by_number_and_time(tmp_path: Path) -> None:
    """Master.csv of 16 columns has no uniqueid."""
    write_rows(tmp_path, [Row(answer=1, end=32, dstchannel="", disposition="NO ANSWER")], 16)
    write_log(tmp_path, ENTER, event(32, "NONE", "ABANDON|1|1|30"))
    record = one(read(tmp_path, cdr_times="gmt"))
    assert (record.missed_reason, record.linked_ids) == ("ABANDON", (UID,))


def test_broken_lines_of_the_log_are_named(tmp_path: Path) -> None:
    """Events that nobody knows are no error."""
    (tmp_path / "queue_log").write_bytes((FILES / "queue_log_broken").read_bytes())
    records, rejects = read(tmp_path, WINDOW)
    assert [(reject.where, reject.reason) for reject in rejects] == [
        ("queue_log:2", "the line has 3 of at least 5 fields"),
        ("queue_log:3", "time is not a time"),
    ]
    assert records == {}


def test_events_of_no_call_make_none(tmp_path: Path) -> None:
    """Pauses, penalties, log-ins, also those under the id of the channel that dialled them."""
    lines = (event(1, "Анна", "PAUSE|обед"), event(2, "Анна", "ADDMEMBER|"), f"{EPOCH}|NONE|NONE|NONE|QUEUESTART|")
    write_log(tmp_path, *lines, f"{EPOCH}|MANAGER|600|SIP/101|REMOVEMEMBER|", event(3, "Анна", "OUTCALL|ANSWER|7|"))
    assert read(tmp_path) == ({}, [])


def test_a_dump_of_the_table_is_read_like_the_log(tmp_path: Path) -> None:
    """Its times are local, with fractions; data5 holds what had no column."""
    head = "id,time,callid,queuename,agent,event,data1,data2,data3,data4,data5"
    lines = [
        f"1,2026-03-02 10:00:02.101000,{UID},600,NONE,ENTERQUEUE,,79000000101,1,,",
        f"2,2026-03-02 10:00:40.004000,{UID},600,Анна,CONNECT,38,x,9,,",
        f'3,2026-03-02 10:01:00.500000,{UID},600,Анна,ATTENDEDTRANSFER,LINK,SIP/a-1,SIP/b-2,38,"20|1"',
    ]
    (tmp_path / "queue_log").write_text("\n".join([head, *lines]), encoding="utf-8")
    record = one(read(tmp_path))
    assert (record.started_at, record.talk_ms) == (SEVEN, 20_000)
    (tmp_path / "queue_log").write_bytes((FILES / "queue_log_realtime.csv").read_bytes())
    records, rejects = read(tmp_path, WINDOW)
    assert rejects == []
    assert records["1772434920.101"].talk_ms == 184_000
    assert records["1772437200.106"].missed_reason == "ABANDON"


def test_cel_tells_names_lines_and_transfers(tmp_path: Path) -> None:
    """Where rows of CDR have no did and no names."""
    write_rows(tmp_path, [MUSIC, Row(start=120, answer=125, end=200, dstchannel="SIP/103-1", lastapp="Dial")])
    extra = '{"transfer_target_channel_name":"SIP/103-00000009"}'
    lines = (
        cel("CHAN_START", EPOCH, number=CLIENT, exten="74950000001", channel=MUSIC.channel),
        cel("ANSWER", EPOCH + 3, name="Анна", number="101", channel="PJSIP/101-00000002", uniqueid="1772434803.2"),
        cel("ATTENDEDTRANSFER", EPOCH + 119, channel=MUSIC.channel, extra=extra),
        '"LINKEDID_END","broken"',
    )
    (tmp_path / "cel").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (record,), rejects = (found := read(tmp_path))[0].values(), found[1]
    assert (record.line_phone, record.legs[0].operator_name) == ("+74950000001", "Анна")
    assert record.legs[1].kind is LegKind.TRANSFER_ATTENDED
    assert [reject.where for reject in rejects] == ["cel:4"]


def test_cel_joins_rows_that_have_no_linkedid(tmp_path: Path) -> None:
    """Its events know which channels belong together."""
    rows = [Row(end=50), Row(start=50, answer=60, end=90, uniqueid="1772434850.9", channel="SIP/t-9", dstchannel="SIP/103-1")]
    write_rows(tmp_path, rows)
    line = cel("CHAN_START", EPOCH + 50, channel="SIP/t-9", uniqueid="1772434850.9")
    (tmp_path / "cel").write_text(f"{line}\n", encoding="utf-8")
    assert one(read(tmp_path)).talk_ms == 70_000


def test_the_fixture_of_cel_is_read(tmp_path: Path) -> None:
    """Beside the story's CDR it tells the line of the first call."""
    (tmp_path / "Master.csv").write_bytes((FILES / "cdr-csv/Master.csv").read_bytes().replace(b"did=", b""))
    (tmp_path / "cel").write_bytes((FILES / "cel_custom.csv").read_bytes())
    records, rejects = read(tmp_path, WINDOW, line_pattern=r"(nothing)")
    assert rejects == []
    assert records["1772434920.101"].line_phone == "+74950000001"
    assert records["1772434920.101"].operator_name == "Соколова Анна"


def test_calls_around_a_window_are_whole_and_not_doubled(tmp_path: Path) -> None:
    """A call belongs to the window it began in, with all that came later."""
    late = 17 * 3600 - 30
    write_rows(tmp_path, [Row(start=late, answer=late + 40, end=late + 100, uniqueid=f"{EPOCH + late}.1")])
    write_log(
        tmp_path,
        event(late + 2, "NONE", "ENTERQUEUE||79000000101|1", f"{EPOCH + late}.1"),
        event(late + 40, "Анна", "CONNECT|38|x|9", f"{EPOCH + late}.1"),
        event(late + 100, "Анна", "COMPLETECALLER|38|60|1", f"{EPOCH + late}.1"),
    )
    assert one(read(tmp_path)).talk_ms == 60_000
    assert read(tmp_path, Window(start=DAY.end, end=DAY.end + timedelta(days=1))) == ({}, [])


def test_slices_of_a_long_file_give_what_one_reading_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many parts a window is read in."""
    rows = [
        Row(start=s, answer=s + 5, end=s + 50, uniqueid=f"{EPOCH + s}.{s}", channel=f"SIP/t-{s:08x}")
        for s in range(0, 60000, 60)
    ]
    write_rows(tmp_path, rows)
    window = Window(start=datetime(2026, 3, 2, 8, tzinfo=UTC), end=datetime(2026, 3, 2, 20, tzinfo=UTC))
    whole = read(tmp_path, window)
    monkeypatch.setattr("callscore.sources.asterisk.slices._SLICE_BYTES", 20_000)
    monkeypatch.setattr("callscore.sources.asterisk.logfiles._BLOCK_BYTES", 4_000)
    assert read(tmp_path, window) == whole
    assert len(whole[0]) == 720
    with (tmp_path / "Master.csv").open("a", encoding="utf-8") as file:
        file.write("".join(f'"1999-99-99 99:99:9{n % 10}"\n' for n in range(500)))
    assert read(tmp_path, window)[0] == whole[0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong path is no empty day."""
    with pytest.raises(SourceError) as caught:
        read(tmp_path, cdr=tmp_path / "Master.csv")
    assert "Master.csv" in caught.value.where
    with pytest.raises(SourceError):
        read(tmp_path, cdr=tmp_path / "nowhere" / "Master.csv")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"cdr": Path("x"), "cdr_times": "utc"},
        {"cdr": Path("x"), "channel_side": "left"},
        {"cdr": Path("x"), "operators": ("101",)},
        {"cdr": Path("x"), "leg_endings": ("-rx",)},
        {"cdr": Path("x"), "incoming_pattern": "("},
        {"cdr": Path("x"), "line_pattern": "x"},
        {"cdr": Path("x"), "raw_rate_hz": 1},
        {"cdr": Path("x"), "guess_within_s": -1},
    ],
)
def test_settings_that_cannot_work_are_refused(values: dict[str, object]) -> None:
    """When they are read, not at night."""
    with pytest.raises(ValueError, match=r"\w"):
        Settings(**values)  # type: ignore[arg-type]


def test_a_check_notices_times_that_are_set_wrong(tmp_path: Path) -> None:
    """Three hours off would join no order."""
    write_rows(tmp_path, [Row()])
    settings = Settings(cdr=tmp_path / "Master.csv", cdr_times="local")
    findings = list(open_source("office", settings, quick_tools()).check())
    assert [finding.subject for finding in findings if finding.level is Level.PROBLEM] == ["clock"]


def test_a_check_of_empty_files_says_so(tmp_path: Path) -> None:
    """An empty log is as suspicious as none."""
    (tmp_path / "Master.csv").write_text("", encoding="utf-8")
    settings = Settings(cdr=tmp_path / "Master.csv")
    findings = list(open_source("office", settings, quick_tools()).check())
    assert [finding.text for finding in findings if finding.level is Level.PROBLEM] == ["no call is found"]


@given(st.lists(st.text(alphabet="|0123456789.ABCDENOQRTUW-", max_size=60), max_size=30))
def test_no_log_breaks_the_reader(lines: list[str]) -> None:
    """Whatever stands in it."""
    events = []
    for line in lines:
        try:
            events.append(parse_event_line(f"{EPOCH}|{line}", "x"))
        except RowError:
            continue
    for trace in trace_queues(events).values():
        assert len(trace.legs) == len(trace.members)
