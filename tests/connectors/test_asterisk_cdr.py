"""Rows of CDR: all forms of Master.csv, what their times mean, which rows are one call, and which way it went."""

from __future__ import annotations

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.outside.rows import RowError
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind
from callscore.sources.asterisk.cdr import parse_row
from callscore.sources.asterisk.channels import read_channel
from callscore.sources.asterisk.clock import RowClock
from callscore.sources.asterisk.plain import parse_plain
from callscore.sources.asterisk.tables import columns_of
from tests.connectors.asterisk_lines import CLIENT, SEVEN, TRUNK, Row, one, read, write_rows
from tests.connectors.cases.asterisk import FILES
from tests.connectors.story import CALLS, WINDOW

LOCAL = "Local/101@from-queue-00000001"
MOSCOW = timedelta(hours=3)


def kinds(record: CallRecord) -> list[tuple[LegKind, str | None]]:
    """Return what the legs of a call were."""
    return [(leg.kind, leg.extension) for leg in record.legs]


@pytest.mark.parametrize("name", ["Master_21col.csv", "Master.csv"])
def test_cdr_alone_tells_the_story(tmp_path: Path, name: str) -> None:
    """Without a queue log, legs and waits come from the rows."""
    for path in FILES.glob(f"cdr-csv/{name}*"):
        (tmp_path / path.name.replace("_21col", "")).write_bytes(path.read_bytes())
    records, rejects = read(tmp_path, WINDOW)
    assert rejects == []
    found = {record.client_phone: record for record in records.values()}
    for call in CALLS:
        record = found[call.client_phone]
        assert (record.direction, record.started_at, record.extension) == (call.direction, call.started_at, call.extension)
        assert (record.disposition, record.wait_ms, record.talk_ms) == (call.disposition, call.wait_ms, call.talk_ms)
    assert kinds(found["+79000000105"]) == [(LegKind.TALK, "102"), (LegKind.TRANSFER_BLIND, "103")]


def test_all_numbers_of_columns_may_stand_in_one_file(tmp_path: Path) -> None:
    """Somebody edits cdr.conf, and the file goes on; a single column behind the base is told by its form."""
    rows = [
        Row(start=n, answer=n + 9, end=n + 90, channel=f"PJSIP/trunk-0000000{n}", uniqueid=f"{1772434800 + n}.{n}")
        for n in range(7)
    ]
    lines = [row.line(n_columns, MOSCOW) for row, n_columns in zip(rows, (21, 20, 19, 18, 17, 16), strict=False)]
    lines.append(
        Row(start=500, answer=510, end=600, channel="SIP/t-1", uniqueid="", userfield="did=74950000009").line(17, MOSCOW)
    )
    (tmp_path / "Master.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    records, rejects = read(tmp_path)
    assert rejects == []
    starts = {record.started_at for record in records.values()}
    assert starts == {SEVEN + timedelta(seconds=s) for s in (0, 1, 2, 3, 4, 5, 500)}
    assert {"1772434800.0", "1772434801.1", "1772434803.3", "1772434804.4"} <= set(records)
    assert [record.line_phone for record in records.values() if record.line_phone] == ["+74950000009"]


def test_sixteen_columns_still_make_calls(tmp_path: Path) -> None:
    """Without an id, the channel that began the call ties its rows together, and stands in the call's id."""
    rows = [
        Row(end=20, answer=None, disposition="NO ANSWER", dstchannel="PJSIP/102-00000002"),
        Row(start=20, answer=26, end=90, dstchannel="PJSIP/101-00000003"),
    ]
    write_rows(tmp_path, rows, 16)
    record = one(read(tmp_path, cdr_times="gmt"))
    assert record.call_id == f"20260302T070000-{TRUNK}"
    assert kinds(record) == [(LegKind.RING, "102"), (LegKind.TALK, "101")]
    assert record.wait_ms == 26_000


@pytest.mark.parametrize(("times", "shift"), [("local", 3), ("gmt", 0), ("auto", 3), ("auto", 0)])
def test_times_mean_what_the_settings_or_the_ids_say(tmp_path: Path, times: str, shift: int) -> None:
    """Master.csv does not tell whether its times are local; a uniqueid holds the second."""
    (tmp_path / "Master.csv").write_text(Row().line(18, timedelta(hours=shift)) + "\n", encoding="utf-8")
    record = one(read(tmp_path, cdr_times=times))
    assert (record.started_at, record.answered_at) == (SEVEN, SEVEN + timedelta(seconds=10))


def test_rows_without_ids_follow_the_others(tmp_path: Path) -> None:
    """Where some rows tell that times are GMT, those that tell nothing are taken alike."""
    lines = [Row(start=300, answer=310, end=320, channel="SIP/t-9").line(16), Row().line(18)]
    (tmp_path / "Master.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    records, _ = read(tmp_path)
    assert {record.started_at for record in records.values()} == {SEVEN, SEVEN + timedelta(seconds=300)}


def test_an_hour_that_comes_twice_is_told_by_the_id() -> None:
    """When clocks are set back, only the uniqueid knows which of the two hours it was."""
    clock = RowClock("Europe/Berlin", "local")
    second = int(datetime(2026, 10, 25, 1, 30, tzinfo=UTC).timestamp())
    naive = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert clock.read(naive, f"{second}.1").hour == 1
    assert clock.read(naive, f"{second - 3600}.1").hour == 0


def test_rotated_files_are_read_too(tmp_path: Path) -> None:
    """Logrotate numbers, dates and packs the older parts."""
    (tmp_path / "Master.csv").write_text(Row().line() + "\n", encoding="utf-8")
    for n, name in enumerate(("Master.csv.1", "Master.csv.2.gz", "Master-20260302.csv", "Master.csv-20260301.gz"), 1):
        row = Row(start=n * 100, answer=n * 100, end=n * 100 + 9, uniqueid=f"{1772434800 + n * 100}.{n}")
        data = f"{row.line()}\n".encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    (tmp_path / "Master.csv.bak").write_text("something else", encoding="utf-8")
    records, rejects = read(tmp_path)
    assert len(records) == 5
    assert rejects == []


def test_a_copy_made_by_copytruncate_doubles_nothing(tmp_path: Path) -> None:
    """The same rows in the rotated file and in the live one are one call with one leg."""
    write_rows(tmp_path, [Row()])
    (tmp_path / "Master.csv.1").write_bytes((tmp_path / "Master.csv").read_bytes())
    assert len(one(read(tmp_path)).legs) == 1


def test_a_damaged_archive_is_named_and_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """One bad rotated file must not stop the night."""
    write_rows(tmp_path, [Row()])
    packed = gzip.compress("".join(f"{Row(start=n, end=n + 50).line()}\n" for n in range(2000)).encode())
    (tmp_path / "Master.csv.1.gz").write_bytes(packed[: len(packed) // 2])
    records, rejects = read(tmp_path)
    assert records
    assert any(reject.where == "Master.csv.1.gz" and "damaged" in reject.reason for reject in rejects)


def test_broken_lines_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    """A cut line must not swallow the next one, and a short one is no row."""
    (tmp_path / "Master.csv").write_bytes((FILES / "cdr-csv/Master_broken.csv").read_bytes())
    records, rejects = read(tmp_path, WINDOW)
    assert [record.client_phone for record in records.values()] == ["+79000000102"]
    assert [reject.where for reject in rejects] == ["Master.csv:1", "Master.csv:3"]
    assert "columns" in rejects[1].reason


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('"2026-03-02 07:00:00"', "start is not a time"),
        ('"ANSWERED"', ""),
        (",90,", "whole number"),
    ],
)
def test_hostile_values_reject_their_row_only(tmp_path: Path, bad: str, reason: str) -> None:
    """Each row stands alone."""
    broken = Row(uniqueid="1772434900.2").line().replace(bad, ',"x",' if bad.startswith(",") else '"never"')
    (tmp_path / "Master.csv").write_text(f"{broken}\n{Row().line()}\n", encoding="utf-8")
    records, rejects = read(tmp_path)
    assert "1772434800.1" in records
    assert [reject.where for reject in rejects] == (["Master.csv:1"] if reason else [])
    assert all(reason in reject.reason for reject in rejects)


def test_a_number_that_a_spreadsheet_spoilt_is_named(tmp_path: Path) -> None:
    """Its digits are lost; a wrong client is worse than none."""
    write_rows(tmp_path, [Row(src="7,9E+10"), Row(start=500, answer=510, end=600, uniqueid="1772435300.2")])
    records, rejects = read(tmp_path)
    assert set(records) == {"1772435300.2"}
    assert "spreadsheet" in rejects[0].reason


def test_half_a_line_is_left_for_the_next_time(tmp_path: Path) -> None:
    """The file grows while it is read; the rest of its last line is still to come."""
    whole, half = Row().line(), Row(start=200, answer=210, end=300, uniqueid="1772435000.2").line(21)
    path = tmp_path / "Master.csv"
    path.write_text(f"{whole}\n{half[:-30]}", encoding="utf-8")
    assert one(read(tmp_path)).call_id == "1772434800.1"
    path.write_text(f"{whole}\n{half}\n", encoding="utf-8")
    assert set(read(tmp_path)[0]) == {"1772434800.1", "1772435000.2"}


def test_caller_names_in_the_windows_code_page(tmp_path: Path) -> None:
    """Encodings may change from line to line."""
    lines = [
        Row(
            src="101", channel="PJSIP/101-1", dst=CLIENT, dcontext="x", lastapp="Dial", clid='"Анна" <101>', uniqueid=uid
        ).line()
        for uid in ("1772434800.1", "1772434800.2")
    ]
    (tmp_path / "Master.csv").write_bytes(lines[0].encode("cp1251") + b"\n" + lines[1].encode() + b"\n")
    records, _ = read(tmp_path)
    assert [record.operator_name for record in records.values()] == ["Анна", "Анна"]


def test_freepbx_export_is_read_by_its_header(tmp_path: Path) -> None:
    """Its times are local, answer and end follow from durations, and its last line needs no end."""
    (tmp_path / "Master.csv").write_bytes((FILES / "freepbx_cdr_export.csv").read_bytes().rstrip(b"\n"))
    records, rejects = read(tmp_path, WINDOW)
    assert rejects == []
    found = {record.client_phone: record for record in records.values()}
    for call in CALLS:
        record = found[call.client_phone]
        assert (record.started_at, record.line_phone, record.talk_ms) == (call.started_at, call.line_phone, call.talk_ms)
    assert found["+79000000105"].operator_name == "Лис Дарья"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_an_export_with_other_delimiters_and_a_mark(tmp_path: Path, delimiter: str) -> None:
    """Excel writes semicolons and a byte order mark."""
    rows = list(csv.reader((FILES / "freepbx_cdr_export.csv").read_text(encoding="utf-8").splitlines()))
    with (tmp_path / "Master.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    assert len(read(tmp_path, WINDOW)[0]) == 5


def test_local_channels_lead_to_the_one_who_talked(tmp_path: Path) -> None:
    """FreePBX rings members over Local channels: their inner rows tell the extension and the true answer."""
    rows = [
        Row(answer=1, dstchannel=f"{LOCAL};1"),
        Row(
            start=2, answer=12, src=CLIENT, channel=f"{LOCAL};2", dstchannel="PJSIP/101-00000007", lastapp="Dial", dst="101",
            uniqueid="1772434802.3",
        ),
    ]  # fmt: skip
    write_rows(tmp_path, rows)
    record = one(read(tmp_path))
    assert record.call_id == "1772434800.1"
    assert record.linked_ids == ("1772434802.3",)
    assert kinds(record) == [(LegKind.TALK, "101")]
    assert (record.wait_ms, record.talk_ms, record.ring_ms) == (12_000, 88_000, 10_000)


def test_rows_with_one_linkedid_are_one_call(tmp_path: Path) -> None:
    """Whatever their uniqueids."""
    linked = "1772434800.1"
    rows = [
        Row(linkedid=linked, sequence="1", end=50),
        Row(start=50, answer=60, end=90, linkedid=linked, uniqueid="1772434850.9", sequence="2", dstchannel="SIP/103-1"),
    ]
    write_rows(tmp_path, rows, 21)
    record = one(read(tmp_path))
    assert kinds(record) == [(LegKind.TALK, "101"), (LegKind.TRANSFER_BLIND, "103")]
    assert record.talk_ms == 70_000


def test_a_colleague_who_was_asked_first_has_the_call_handed_over(tmp_path: Path) -> None:
    """An attended transfer: 101 calls 103 on an own channel, then 103 goes on with the client."""
    linked = "1772434800.1"
    rows = [
        Row(linkedid=linked, end=100, answer=10),
        Row(
            start=60, answer=65, end=200, src="101", dst="103", channel="PJSIP/101-00000009", dstchannel="PJSIP/103-0000000a",
            uniqueid="1772434860.5", linkedid=linked, dcontext="from-internal", lastapp="Dial",
        ),
    ]  # fmt: skip
    write_rows(tmp_path, rows, 21)
    record = one(read(tmp_path))
    assert kinds(record) == [(LegKind.TALK, "101"), (LegKind.TRANSFER_ATTENDED, "103")]
    assert record.talk_ms == 190_000
    assert record.extension == "103"


def test_asking_a_colleague_is_no_transfer(tmp_path: Path) -> None:
    """Where the colleague hangs up first, the client stays with the first."""
    linked = "1772434800.1"
    rows = [
        Row(linkedid=linked),
        Row(
            start=60, answer=65, end=80, src="101", dst="103", channel="PJSIP/101-00000009", dstchannel="PJSIP/103-0000000a",
            uniqueid="1772434860.5", linkedid=linked, dcontext="from-internal", lastapp="Dial",
        ),
    ]  # fmt: skip
    write_rows(tmp_path, rows, 21)
    record = one(read(tmp_path))
    assert kinds(record) == [(LegKind.TALK, "101")]


IN, OUT, INTERNAL = Direction.INBOUND, Direction.OUTBOUND, Direction.INTERNAL


@pytest.mark.parametrize(
    ("row", "direction", "client"),
    [
        (Row(), IN, "+79000000101"),
        (Row(dcontext="from-trunk", dst="74950000001", lastapp="Dial"), IN, "+79000000101"),
        (Row(src="anonymous", clid='"Anonymous" <anonymous>'), IN, None),
        (Row(src="", clid='"x" <+7 900 000-01-01>'), IN, "+79000000101"),
        (Row(dcontext="from-pstn", channel="SIP/200-00000001", src="0611"), IN, None),
        (Row(src="101", dst="89000000101", channel="SIP/101-1", dcontext="from-internal"), OUT, "+79000000101"),
        (Row(src="101", dst="9000000101", channel="SIP/101-1", dcontext="from-internal"), OUT, "+79000000101"),
        (Row(src="anna", dst="89000000101", channel="SIP/101-1", dcontext="users"), OUT, "+79000000101"),
        (
            Row(src="101", dst="s", channel="SIP/101-1", dcontext="macro-dialout", lastdata="SIP/trunk/79000000101,300"),
            OUT,
            "+79000000101",
        ),
        (Row(src="101", dst="102", channel="SIP/101-1", dcontext="from-internal", lastapp="Dial"), INTERNAL, None),
        (Row(src="101", dst="600", channel="SIP/101-1"), INTERNAL, None),
        (Row(dcontext="web-callback", channel="Local/101@x-1;1", dst=CLIENT), Direction.CALLBACK, "+79000000101"),
    ],
)
def test_which_way_a_call_went(tmp_path: Path, row: Row, direction: Direction, client: str | None) -> None:
    """By who began it, and where to."""
    write_rows(tmp_path, [row])
    record = one(read(tmp_path))
    assert (record.direction, record.client_phone) == (direction, client)


def test_a_prefix_for_lines_outside_is_no_part_of_the_number(tmp_path: Path) -> None:
    """As far as it is configured."""
    write_rows(tmp_path, [Row(src="101", dst="989000000101", channel="SIP/101-1", dcontext="from-internal", lastapp="Dial")])
    assert one(read(tmp_path, outside_prefix="9")).client_phone == "+79000000101"


def test_patterns_tell_what_an_extension_and_a_trunk_is(tmp_path: Path) -> None:
    """Some PBXs name their trunks by numbers, and their phones by words."""
    write_rows(tmp_path, [Row(channel="SIP/7495-1", dcontext="users", dstchannel="SIP/anna-101-1")])
    record = one(read(tmp_path, trunk_pattern=r"7495", extension_pattern=r"(?:\w+-)?(\d{3,4})"))
    assert (record.direction, record.extension) == (IN, "101")


@pytest.mark.parametrize(
    ("row", "disposition", "reason"),
    [
        (Row(answer=None, dstchannel="", disposition="NO ANSWER"), Disposition.ABANDONED, "NO ANSWER"),
        (Row(dstchannel="", end=310), Disposition.TIMEOUT, "Queue"),
        (Row(dstchannel="", lastapp="VoiceMail"), Disposition.VOICEMAIL, "VoiceMail"),
        (Row(dstchannel="", lastapp="BackGround"), Disposition.ABANDONED, "BackGround"),
        (Row(answer=None, lastapp="Dial", disposition="NO ANSWER"), Disposition.NO_ANSWER, "NO ANSWER"),
        (Row(answer=None, lastapp="Dial", disposition="BUSY"), Disposition.BUSY, "BUSY"),
        (Row(answer=None, lastapp="Dial", disposition="CONGESTION"), Disposition.FAILED, "CONGESTION"),
        (Row(answer=None, lastapp="Dial", disposition="CANCEL"), Disposition.ABANDONED, "CANCEL"),
        (Row(answer=None, lastapp="Dial", disposition="НЕЧТО"), Disposition.UNKNOWN, "НЕЧТО"),
    ],
)
def test_why_nobody_talked(tmp_path: Path, row: Row, disposition: Disposition, reason: str) -> None:
    """A machine that answers is nobody."""
    write_rows(tmp_path, [row])
    record = one(read(tmp_path))
    assert (record.disposition, record.missed_reason, record.talk_ms) == (disposition, reason, 0)
    assert record.answered_at is None


def test_who_called_in_vain_is_known(tmp_path: Path) -> None:
    """An outgoing call without an answer belongs to the one who dialled."""
    row = Row(src="101", dst=CLIENT, channel="SIP/101-1", dcontext="x", lastapp="Dial", answer=None, disposition="BUSY")
    write_rows(tmp_path, [row])
    record = one(read(tmp_path))
    assert record.extension == "101"
    assert [(leg.kind, leg.result) for leg in record.legs] == [(LegKind.RING, Disposition.BUSY)]


def test_a_call_of_which_only_helpers_wrote_is_still_going_on(tmp_path: Path) -> None:
    """A Local channel writes its row when a member did not answer; the client's own comes at the end."""
    inner = Row(
        end=20, answer=None, channel=f"{LOCAL};2", disposition="NO ANSWER", uniqueid="1772434802.3", linkedid="1772434800.1"
    )
    other = Row(start=300, answer=310, end=400, uniqueid="1772435100.8", linkedid="1772435100.8")
    write_rows(tmp_path, [inner, other], 21)
    assert set(read(tmp_path)[0]) == {"1772435100.8"}
    write_rows(tmp_path, [inner, other, Row(start=20, answer=30, end=500, linkedid="1772434800.1")], 21)
    assert set(read(tmp_path)[0]) == {"1772434800.1", "1772435100.8"}


def test_names_and_lines_from_the_settings(tmp_path: Path) -> None:
    """Rows name a trunk and an extension; people want a number and a name."""
    write_rows(tmp_path, [Row()])
    record = one(read(tmp_path, operators=("101=Соколова Анна",), lines=("trunk-msk=8 495 000-00-01",)))
    assert (record.operator_name, record.line_phone) == ("Соколова Анна", "+74950000001")


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/101-00000103", "101"),
        ("SIP/trunk-msk-b7f0a3c8", "trunk-msk"),
        ("SIP/trunk-msk", "trunk-msk"),
        ("DAHDI/i1/79000000101-5", "i1/79000000101"),
        ("IAX2/provider-1234", "provider"),
        ("AsyncGoto/PJSIP/101-00000103", "101"),
        ("Local/101@from-queue-0000001f;2", "101"),
        ("Local/101@from-queue/n", "101"),
        ("Agent/101", "101"),
    ],
)
def test_endpoints_in_names_of_channels(name: str, endpoint: str) -> None:
    """Technology in front, a number of its own behind."""
    channel = read_channel(name)
    assert channel is not None
    assert channel.endpoint == endpoint


@given(
    st.builds(
        Row,
        start=st.integers(-5, 5),
        answer=st.none() | st.integers(0, 9),
        end=st.integers(-70, 700_000),
        clid=st.text(max_size=20),
        disposition=st.sampled_from(["ANSWERED", "NO ANSWER", "busy", ""]),
        uniqueid=st.sampled_from(["", "1772434800.1", "pbx-1772434800.1", "x"]),
        linkedid=st.text(max_size=3),
        sequence=st.sampled_from(["", "7"]),
    ),
    st.sampled_from([16, 17, 18, 19, 20, 21]),
)
def test_the_quick_way_gives_what_the_long_one_gives(row: Row, n_columns: int) -> None:
    """Rows of the usual form are read by other code; nobody may notice."""
    fields = next(csv.reader([row.line(n_columns).replace("\r", "").replace("\n", "")], strict=False))
    names, clock = columns_of(fields), RowClock("Europe/Moscow")
    quick = parse_plain(fields, names, "x:1", clock)
    if quick is not None:
        assert quick == parse_row(dict(zip(names, fields, strict=True)), "x:1", clock)


@given(st.lists(st.text(max_size=30), min_size=16, max_size=21))
def test_no_row_breaks_the_reader(fields: list[str]) -> None:
    """Foreign values make a RowError, or a row."""
    names, clock = columns_of(fields), RowClock("Europe/Moscow")
    try:
        assert parse_plain(fields, names, "x:1", clock) is None
        parse_row(dict(zip(names, fields, strict=True)), "x:1", clock)
    except RowError:
        pass


def test_legs_have_times_in_order(tmp_path: Path) -> None:
    """Offered, answered, ended."""
    write_rows(tmp_path, [Row()])
    (leg,) = one(read(tmp_path)).legs
    assert leg == CallLeg(
        kind=LegKind.TALK,
        operator_id="101",
        extension="101",
        offered_at=SEVEN,
        answered_at=SEVEN + timedelta(seconds=10),
        ended_at=SEVEN + timedelta(seconds=100),
        result=Disposition.ANSWERED,
    )
