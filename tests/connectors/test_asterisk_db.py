"""What is particular about the database of a PBX: any set of columns, rows without a key, a user that may only read."""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callscore.errors import ConfigError, RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Reject, Tools, Window
from callscore.outside.secret import Secret
from callscore.outside.settings import read_settings
from callscore.records import CallRecord, Disposition, RecordingLink
from callscore.sources.asterisk_db import Settings, open_source
from callscore.sources.asterisk_db.database import Database
from callscore.sources.base import Source
from tests.connectors.cases.asterisk_db import ZONE, fill, freepbx_rows, queue_rows
from tests.connectors.cases.mikopbx import stored_rows
from tests.connectors.story import CALLS, WINDOW, beep, quick_tools


def opened(path: Path, tools: Tools | None = None, **how: Any) -> Source:
    """Return a source on a SQLite file."""
    return open_source("office", Settings(url=f"sqlite:///{path}", **how), tools or quick_tools())


def read(source: Source, window: Window = WINDOW) -> tuple[list[CallRecord], list[Reject]]:
    """Return the calls and rejects of a window."""
    pages = list(source.iter_pages(window))
    return [each for page in pages for each in page.records], [each for page in pages for each in page.rejects]


def calls_of(tmp_path: Path, rows: Sequence[Mapping[str, Any]], declared: str = "", **how: Any) -> list[CallRecord]:
    """Return the calls of a table `cdr` with these rows."""
    path = tmp_path / "cdr.db"
    path.unlink(missing_ok=True)
    fill(path, "cdr", rows, declared)
    return read(opened(path, **how))[0]


def standard() -> list[dict[str, Any]]:
    """Return the rows of FreePBX in the columns of the schema that Asterisk ships."""
    rows: list[dict[str, Any]] = []
    for row in freepbx_rows():
        start = datetime.fromisoformat(row["calldate"])
        end = start + timedelta(seconds=int(row["duration"]))
        answer = end - timedelta(seconds=int(row["billsec"])) if int(row["billsec"]) else None
        names = ("src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "disposition")
        more = ("uniqueid", "linkedid", "sequence", "duration", "billsec")
        times = {"start": start, "answer": answer, "end": end}
        rows.append({**{name: row[name] for name in names + more}, **{name: at and str(at) for name, at in times.items()}})
    return rows


def summary(calls: Sequence[CallRecord]) -> list[tuple[Any, ...]]:
    """Return what must be the same whatever columns a table has."""
    return [
        (call.call_id, call.started_at, call.client_phone, call.extension, call.talk_ms, call.disposition) for call in calls
    ]


def test_calldate_and_start_mean_the_same(tmp_path: Path) -> None:
    """The classic table has calldate alone; the shipped one start, answer and end."""
    classic = [{name: value for name, value in row.items() if name in {*standard()[0], "calldate"}} for row in freepbx_rows()]
    assert summary(calls_of(tmp_path, standard())) == summary(calls_of(tmp_path, classic))
    assert [call.started_at for call in calls_of(tmp_path, classic)] == [call.started_at for call in CALLS]


def test_columns_of_cdr_adaptive_odbc(tmp_path: Path) -> None:
    """Columns may be written in capitals, in any order, and there may be more of them."""
    rows = [{**{name.upper(): row[name] for name in reversed(row)}, "tenantid": "x", "My Own": "y"} for row in standard()]
    assert summary(calls_of(tmp_path, rows)) == summary(calls_of(tmp_path, standard()))


@pytest.mark.parametrize("missing", [("linkedid",), ("sequence",), ("linkedid", "sequence"), ("dcontext", "clid", "lastdata")])
def test_columns_that_are_not_there(tmp_path: Path, missing: tuple[str, ...]) -> None:
    """What older tables lack costs no call."""
    rows = [{name: value for name, value in row.items() if name not in missing} for row in standard()]
    assert [call.client_phone for call in calls_of(tmp_path, rows)] == [call.client_phone for call in CALLS]


@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 1000])
def test_no_row_is_lost_between_pages(tmp_path: Path, page_size: int) -> None:
    """Rows of one second have no order and no key: a page that ends among them loses none and doubles none."""
    base = standard()[2]
    rows: list[dict[str, Any]] = []
    for number in range(40):
        second = number // 7
        unique_id, at = f"{1772435700 + second}.{number}", f"2026-03-02 10:15:0{second}"
        rows.append({**base, "uniqueid": unique_id, "linkedid": unique_id, "start": at, "answer": at, "end": at})
    found = calls_of(tmp_path, rows, page_size=page_size)
    assert sorted(call.call_id for call in found) == sorted(row["linkedid"] for row in rows)


def test_two_contexts_that_write_one_table_double_nothing(tmp_path: Path) -> None:
    """cdr_adaptive_odbc with two contexts on one table writes each row twice."""
    rows = standard()
    assert summary(calls_of(tmp_path, [*rows, *rows])) == summary(calls_of(tmp_path, rows))


@pytest.mark.parametrize("form", ["{:%Y-%m-%d %H:%M:%S}", "{:%Y-%m-%dT%H:%M:%S}", "{:%Y-%m-%d %H:%M:%S.%f}"])
def test_forms_of_times(tmp_path: Path, form: str) -> None:
    """Times are texts in SQLite, with a blank or a T, with fractions or not."""
    rows = [{**row, "calldate": form.format(datetime.fromisoformat(row["calldate"]))} for row in freepbx_rows()]
    declared = ", ".join(f'"{name}"' + (" DATETIME" if name == "calldate" else "") for name in rows[0])
    assert [call.started_at for call in calls_of(tmp_path, rows, declared)] == [call.started_at for call in CALLS]


def test_times_in_gmt_are_told_by_uniqueids(tmp_path: Path) -> None:
    """With usegmtime the table holds GMT: the second in the uniqueid says so."""
    rows = [{**row, "calldate": str(datetime.fromisoformat(row["calldate"]) - timedelta(hours=3))} for row in freepbx_rows()]
    assert [call.started_at for call in calls_of(tmp_path, rows)] == [call.started_at for call in CALLS]


def test_another_zone(tmp_path: Path) -> None:
    """Without ids that tell, times are read in the zone that is set."""
    fill(tmp_path / "cdr.db", "cdr", [{**row, "uniqueid": f"x{n}", "linkedid": ""} for n, row in enumerate(freepbx_rows())])
    source = opened(tmp_path / "cdr.db", replace(quick_tools(), timezone="Asia/Yekaterinburg"))
    assert read(source)[0][0].started_at == CALLS[0].started_at - timedelta(hours=2)


def test_without_the_queue_log_cdr_alone_counts(tmp_path: Path) -> None:
    """CDR alone tells the calls; the queue log adds who was rung and how long a person was waited for."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    fill(tmp_path / "cdr.db", "queue_log", queue_rows())
    alone = {call.client_phone: call for call in read(opened(tmp_path / "cdr.db"))[0]}
    both = {call.client_phone: call for call in read(opened(tmp_path / "cdr.db", queue_log_table="queue_log"))[0]}
    assert alone["+79000000101"].extension == both["+79000000101"].extension == "101"
    assert both["+79000000101"].wait_ms == 26_000
    assert both["+79000000103"].disposition is Disposition.ABANDONED
    assert {"+79000000107", "+79000000109"} <= set(both) - set(alone)


def test_epochs_in_the_queue_log(tmp_path: Path) -> None:
    """Older versions write seconds since 1970 into the table."""
    rows = queue_rows()
    for row in rows:
        row["time"] = str(int(datetime.fromisoformat(row["time"]).replace(tzinfo=ZONE).timestamp()))
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    fill(tmp_path / "cdr.db", "queue_log", rows)
    calls = {call.client_phone: call for call in read(opened(tmp_path / "cdr.db", queue_log_table="queue_log"))[0]}
    assert calls["+79000000101"].wait_ms == 26_000


HOSTILE: tuple[dict[str, Any], ...] = (
    {"calldate": "2026-03-02 soon"},
    {"duration": -1},
    {"duration": "many"},
    {"duration": 10**18},
    {"duration": b"\xff\xfe"},
    {"src": "7,9E+10", "cnum": "7,9E+10"},
)


@pytest.mark.parametrize("bad", HOSTILE)
def test_a_bad_row_is_named_and_the_others_go_on(tmp_path: Path, bad: Mapping[str, Any]) -> None:
    """Whatever a row holds, it costs its own call at the most."""
    odd = {**freepbx_rows()[2], "uniqueid": "1772436000.900", "linkedid": "1772436000.900", "calldate": "2026-03-02 10:20:00"}
    fill(tmp_path / "cdr.db", "cdr", [*freepbx_rows(), {**odd, **bad}])
    records, rejects = read(opened(tmp_path / "cdr.db"))
    assert [record.client_phone for record in records] == [call.client_phone for call in CALLS]
    assert len(rejects) == 1


@pytest.mark.parametrize("bad", [{"calldate": None}, {"calldate": 17}, {"calldate": ""}, {"src": b"\xff\x00"}, {"clid": None}])
def test_odd_rows_harm_nobody(tmp_path: Path, bad: Mapping[str, Any]) -> None:
    """Rows without a time are in no window, and bytes are texts."""
    odd = {**freepbx_rows()[2], "uniqueid": "1772436000.900", "linkedid": "1772436000.900", "calldate": "2026-03-02 10:20:00"}
    found = calls_of(tmp_path, [*freepbx_rows(), {**odd, **bad}])
    assert {call.client_phone for call in CALLS} <= {call.client_phone for call in found}


def test_texts_in_another_encoding(tmp_path: Path) -> None:
    """A name in cp1251 spoils itself only."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    with closing(sqlite3.connect(tmp_path / "cdr.db")) as link, link:
        link.execute("UPDATE cdr SET cnam = CAST(X'C8E2E0EDEEE2' AS TEXT)")
    assert len(read(opened(tmp_path / "cdr.db"))[0]) == 5


def test_the_database_is_not_changed(tmp_path: Path) -> None:
    """Reading and checking leave the file as it is, and a statement that writes is refused."""
    path = tmp_path / "cdr.db"
    fill(path, "cdr", freepbx_rows())
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    source = opened(path)
    read(source)
    list(source.check())
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    import sqlalchemy as sa

    database = Database(f"sqlite:///{path}", None, quick_tools().patience, 10)
    with closing(database), database._engine.connect() as link, pytest.raises(sa.exc.OperationalError):
        link.execute(sa.text("DELETE FROM cdr"))


def test_a_locked_database_is_tried_again(tmp_path: Path) -> None:
    """A writer that holds the database makes the source wait, and then says that it stays away."""
    path = tmp_path / "cdr.db"
    fill(path, "cdr", freepbx_rows())
    naps: list[float] = []
    tools = quick_tools(naps)
    quick = replace(tools, patience=replace(tools.patience, timeout_s=0.01))
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SourceUnavailableError) as caught:
            read(opened(path, quick))
    assert (caught.value.where, len(naps)) == ("cdr.db", 2)


@pytest.mark.parametrize(
    ("table", "words"), [("none", "no table"), ("other", "no column"), ("cdr; DROP TABLE cdr", "no table"), ("x.cdr", "")]
)
def test_a_table_that_cannot_be_used_is_named(tmp_path: Path, table: str, words: str) -> None:
    """A name that is wrong, or of something else, stops the source with a reason."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    fill(tmp_path / "cdr.db", "other", [{"a": 1, "start": 2}])
    with pytest.raises(SourceError) as caught:
        read(opened(tmp_path / "cdr.db", table=table))
    assert words in caught.value.message


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """What is no database, or not there, is named by its file."""
    (tmp_path / "cdr.db").write_bytes(b"x" * 5000)
    for name in ("cdr.db", "none.db"):
        with pytest.raises(SourceError) as caught:
            read(opened(tmp_path / name))
        assert name in caught.value.where
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    "url",
    [
        "mysql+pymysql://u:SECRET@h/db",
        "postgresql://h/db?password=SECRET",
        "postgresql://u@h/db?user=u&passwd=SECRET",
        "x",
        "",
    ],
)
def test_a_password_in_the_address_is_refused(tmp_path: Path, url: str) -> None:
    """The settings file holds no password, and the message does not repeat it."""
    with pytest.raises(ConfigError) as caught:
        read_settings(Settings, {"url": url}, tmp_path, "test")
    assert "SECRET" not in f"{caught.value.message}{caught.value.hint}{caught.value.where}"


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has not installed the driver is told so, without the password."""
    monkeypatch.setenv("CDR_PASSWORD", "SECRET")
    monkeypatch.setitem(sys.modules, "pymysql", None)
    settings = Settings(url="mysql+pymysql://reader@db.example.org/asteriskcdrdb", password=Secret("env:CDR_PASSWORD"))
    with pytest.raises(ConfigError) as caught:
        read(open_source("office", settings, quick_tools()))
    assert "pip install" in caught.value.hint
    assert "SECRET" not in f"{caught.value.message}{caught.value.hint}{caught.value.where}"


class RefusedError(Exception):
    """What drivers raise, with a code and a text that holds more than anybody should see."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RefusedError(1045, "Access denied for user 'reader'@'h' (using password: YES)"), SourceAuthError),
        (RefusedError('connection failed: FATAL: password authentication failed for user "reader" SECRET'), SourceAuthError),
        (RefusedError(1142, "SELECT command denied to user SECRET"), SourceAuthError),
        (RefusedError(2003, "Can't connect to MySQL server SECRET"), SourceUnavailableError),
    ],
)
def test_what_a_server_refuses(tmp_path: Path, error: Exception, kind: type[SourceError]) -> None:
    """A refused user stops at once; a server that is away is tried again; no text of the driver is repeated."""
    import sqlalchemy as sa

    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    naps: list[float] = []
    database = Database(f"sqlite:///{tmp_path / 'cdr.db'}", None, quick_tools(naps).patience, 10)

    def fail(_: object) -> None:
        raise sa.exc.OperationalError("SELECT SECRET", {}, error)

    with pytest.raises(kind) as caught:
        database._ask(fail)
    assert (naps == []) == (kind is SourceAuthError)
    assert "SECRET" not in f"{caught.value.message}{caught.value.hint}{caught.value.where}{database!r}"


def test_a_long_window_comes_day_by_day(tmp_path: Path) -> None:
    """Each page says up to when everything has been given."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    window = Window(start=WINDOW.start - timedelta(days=30), end=WINDOW.end + timedelta(days=30))
    pages = list(opened(tmp_path / "cdr.db").iter_pages(window))
    marks = [page.covered_until for page in pages if page.covered_until is not None]
    assert (marks == sorted(marks), marks[-1], len(pages) > 30) == (True, window.end, True)
    assert sum(len(page.records) for page in pages) == 5


def test_a_check_says_what_is_missing(tmp_path: Path) -> None:
    """Without the queue log and the folder of recordings there is advice, and no problem."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    found = {finding.subject: finding.level for finding in opened(tmp_path / "cdr.db").check()}
    assert (found["database"], found["queues"], found["recordings"]) == (Level.FINE, Level.ADVICE, Level.ADVICE)


def test_a_check_of_an_empty_table(tmp_path: Path) -> None:
    """A table without a row is a problem to look at."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    with closing(sqlite3.connect(tmp_path / "cdr.db")) as link, link:
        link.execute("DELETE FROM cdr")
    assert Level.PROBLEM in [finding.level for finding in opened(tmp_path / "cdr.db").check()]


def miko(tmp_path: Path) -> Source:
    """Return a source on MikoPBX's own database, with the recordings of its monitor folder."""
    hidden = ("src_name", "dst_name", "playback_url", "download_url")
    rows = [{name: value for name, value in row.items() if name not in hidden} for row in stored_rows()]
    fill(tmp_path / "cdr.db", "cdr_general", rows)
    for row in rows:
        if row["recordingfile"]:
            path = tmp_path / "monitor" / str(row["recordingfile"]).rpartition("/monitor/")[2]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".wav").write_bytes(beep())
    return opened(tmp_path / "cdr.db", table="cdr_general", recordings=tmp_path / "monitor", page_size=2)


def test_mikopbx_has_a_table_of_its_own(tmp_path: Path) -> None:
    """The table cdr_general tells the same calls as the REST, and recordings lie in its folder, converted or not."""
    source = miko(tmp_path)
    calls, rejects = read(source)
    assert (rejects, len(calls)) == ([], 5)
    assert {call.source for call in calls} == {"asterisk-db"}
    assert [call.extension for call in sorted(calls, key=lambda call: call.started_at)] == ["101", "102", None, "101", "103"]
    link = next(call for call in calls if call.client_phone == "+79000000101").recordings[0]
    assert (link.rec_id, link.client_channel) == ("2026/03/02/10/mikopbx-1772434920.101_a2.webm", 0)
    for call in calls:
        for recording in call.recordings:
            assert source.fetch(call, recording, tmp_path / "got").is_file()
    assert Level.PROBLEM not in [finding.level for finding in source.check()]


@pytest.mark.parametrize("rec_id", ["../cdr.db", "/etc/passwd", "none.webm", ""])
def test_only_recordings_are_handed_out(tmp_path: Path, rec_id: str) -> None:
    """A path out of the folder, or to nothing, fails its call; a new source fetches as well as one that has read."""
    source = miko(tmp_path)
    with pytest.raises(RecordingError):
        source.fetch(read(source)[0][0], RecordingLink(rec_id=rec_id), tmp_path)
    with pytest.raises(RecordingError):
        miko_again(tmp_path).fetch(read(source)[0][0], RecordingLink(rec_id=rec_id), tmp_path)


def miko_again(tmp_path: Path) -> Source:
    """Return another source on the same database."""
    return opened(tmp_path / "cdr.db", table="cdr_general", recordings=tmp_path / "monitor")


def test_the_window_is_of_the_start(tmp_path: Path) -> None:
    """A call belongs to the window in which it began."""
    fill(tmp_path / "cdr.db", "cdr", freepbx_rows())
    half = Window(start=datetime(2026, 3, 2, 7, 15, tzinfo=UTC), end=datetime(2026, 3, 2, 8, 5, tzinfo=UTC))
    assert [call.client_phone for call in read(opened(tmp_path / "cdr.db"), half)[0]] == ["+79000000102", "+79000000103"]
