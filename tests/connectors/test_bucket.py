"""What is particular to recordings in S3 and on SFTP: pages, half-written files, names, tables, keys of servers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import paramiko
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from callscore.errors import (
    CallscoreError,
    ConfigError,
    RecordingError,
    SourceAuthError,
    SourceError,
    SourceUnavailableError,
)
from callscore.outside.pages import Level, Reject, Window
from callscore.outside.rows import RowError
from callscore.outside.secret import Secret
from callscore.records import CallRecord, Direction, Disposition
from callscore.sources.bucket import BucketSource, Settings, open_source
from callscore.sources.bucket_facts import FOLDER_DATE, Reading, call_record, row_facts
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.cases.bucket import ACCESS_KEY, BUCKET, DAY, keys, settings
from tests.connectors.s3_server import Bucket, error
from tests.connectors.sftp_server import USER, SftpSite, serving_sftp
from tests.connectors.story import FIXTURES, WINDOW, beep, quick_tools

FILES: Final = FIXTURES / "s3_sftp"
NAME: Final = "100200_in_79000000101_101.mp3"


@pytest.fixture
def bucket() -> Bucket:
    """Return an empty bucket."""
    return Bucket(BUCKET, ACCESS_KEY, {})


@pytest.fixture
def server(bucket: Bucket) -> Iterator[ApiServer]:
    """Run a store with the bucket."""
    with serving(bucket.answer) as running, keys():
        yield running


def opened(server: ApiServer, naps: list[float] | None = None, **more: Any) -> BucketSource:
    """Return a source for the store."""
    return open_source("записи", settings(server.url, **more), quick_tools(naps))


def read(source: BucketSource, window: Window = WINDOW) -> tuple[list[CallRecord], list[Reject]]:
    """Return the calls and what was rejected; the connection is closed."""
    pages = list(source.iter_pages(window))
    source.close()
    return [record for page in pages for record in page.records], [reject for page in pages for reject in page.rejects]


def listed(server: ApiServer) -> list[Asked]:
    """Return the requests for lists."""
    return [item for item in server.asked if "list-type" in item.query]


def test_the_fixtures_pages_are_read_as_they_are(server: ApiServer) -> None:
    """Two pages by token; the key that one page repeats counts once; an empty recording is named and is no call."""
    page1, page2 = (FILES / "list_page1.xml").read_bytes(), (FILES / "list_page2.xml").read_bytes()
    table = (FILES / "manifest.csv").read_bytes()

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("calls.csv"):
            return Reply(table, status=206)
        if f"{DAY}/" not in asked.query.get("prefix", ""):
            return Reply(page2.split(b"<Contents>")[0] + b"</ListBucketResult>")
        return Reply(page2 if asked.query.get("continuation-token") == "TOKENEXAMPLE" else page1)

    server.handler = answer
    # The fixture says that the table has 2048 bytes; what is there is what counts.
    records, rejects = read(opened(server))
    assert [(record.client_phone, record.talk_ms, record.direction) for record in records] == [
        ("+79000000101", 184_000, Direction.INBOUND),
        ("+79000000102", 135_000, Direction.INBOUND),
        ("+79000000104", None, Direction.OUTBOUND),
    ]
    assert [record.call_id for record in records][:2] == ["1", "2"]
    assert rejects == [Reject(where=f"{DAY}/empty.wav", reason="the recording is empty")]


def test_thousands_of_keys_are_read_page_by_page(server: ApiServer, bucket: Bucket) -> None:
    """Nothing is lost or doubled at the borders of pages of 1000."""
    sound = beep(0.01)
    bucket.objects |= {f"{DAY}/{100000 + n}_in_7900{n:07d}_101.mp3": sound for n in range(2500) if n % 100 < 60}
    records, _ = read(opened(server))
    assert len(records) == len({record.client_phone for record in records}) == 1500
    assert [len(item.query.get("continuation-token", "")) > 0 for item in listed(server) if DAY in item.query["prefix"]] == [
        False, True,
    ]  # fmt: skip


def test_a_token_that_leads_nowhere_ends_the_reading(server: ApiServer) -> None:
    """A store that gives the same page for ever is an error, not a night without end."""
    server.handler = lambda asked: Reply((FILES / "list_page1.xml").read_bytes())  # noqa: ARG005
    with pytest.raises(SourceError, match="does not go on"):
        read(opened(server))


def test_a_page_that_comes_again_counts_once(server: ApiServer, bucket: Bucket) -> None:
    """A page repeated under a new token doubles nothing, and what follows is not lost."""
    bucket.objects |= {f"{DAY}/{name}": beep() for name in (NAME, "110500_out_79000000104_101.mp3")}
    bucket.page_size = 1

    def answer(asked: Asked) -> Reply:
        token = asked.query.get("continuation-token", "")
        if token.endswith("-again"):
            return bucket.answer(replace(asked, query={**asked.query, "continuation-token": token.removesuffix("-again")}))
        reply = bucket.answer(asked)
        again = reply.data().replace(b"</NextContinuationToken>", b"-again</NextContinuationToken>")
        if token or again == reply.data():
            return reply
        # The first page under its own token, then once more by the token that it names.
        return Reply(again.replace(NAME.encode().hex().encode(), b""))

    server.handler = answer
    records, _ = read(opened(server))
    assert [record.client_phone for record in records] == ["+79000000101", "+79000000104"]


def test_the_stores_pleas_for_patience_are_heard(server: ApiServer, bucket: Bucket) -> None:
    """SlowDown with status 503 is no failure: pauses grow, and what is asked for is kept."""
    bucket.objects[f"{DAY}/{NAME}"] = beep()
    slow = Reply((FILES / "error_slowdown.xml").read_bytes(), status=503)
    server.faults += [slow, replace(slow, headers={"Retry-After": "9"})]
    naps: list[float] = []
    records, _ = read(opened(server, naps))
    assert len(records) == 1
    assert len(naps) == 2
    assert naps[1] == 9.0


@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        (Reply((FILES / "error_access_denied.xml").read_bytes(), status=403), SourceAuthError, "ListBucket"),
        (error(403, "SignatureDoesNotMatch"), SourceAuthError, "secret_key"),
        (error(403, "RequestTimeTooSkewed"), SourceError, "NTP"),
        (error(404, "NoSuchBucket"), SourceError, "style"),
        (error(400, "AuthorizationHeaderMalformed"), SourceError, "region"),
        (error(503, "SlowDown"), SourceUnavailableError, "later"),
    ],
)
def test_each_refusal_says_what_to_check(server: ApiServer, fault: Reply, kind: type[CallscoreError], text: str) -> None:
    """Rights, keys, clock, names and overload are told apart, and no message holds a key or a file name."""
    server.faults += [fault] * 3
    with pytest.raises(kind) as caught:
        read(opened(server))
    assert text in caught.value.hint
    assert "79000000101" not in f"{caught.value.message}{caught.value.hint}{caught.value.where}"


def test_keys_that_are_missing_are_named(server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys anywhere the message says where they may stand."""
    for name, value in {"HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceAuthError, match="no keys"):
        read(opened(server, access_key=None, secret_key=None))


def test_virtual_hosts_are_asked_for(server: ApiServer) -> None:
    """Where the store wants bucket.host, the bucket is in the name of the host."""
    server.handler = lambda asked: error(404, "NoSuchBucket")  # noqa: ARG005
    server.url = server.url.replace("127.0.0.1", "localhost")
    with pytest.raises(SourceError):
        read(opened(server, style="virtual"))
    assert all(item.headers["host"].startswith(f"{BUCKET}.localhost") for item in server.asked)


def test_files_that_are_not_whole_are_left_for_later(server: ApiServer, bucket: Bucket) -> None:
    """Endings of uploads and fresh files are no calls yet; a row whose recording is on its way is one without it."""
    bucket.objects |= {f"{DAY}/{NAME}{ending}": beep() for ending in (".part", ".tmp", ".filepart", "")}
    bucket.objects[f"{DAY}/101500_in_79000000102_102.mp3"] = beep()
    bucket.objects[f"{DAY}/calls.csv"] = (FILES / "manifest.csv").read_bytes()
    bucket.changed_at[f"{DAY}/{NAME}"] = (datetime.now(UTC) - timedelta(minutes=2)).isoformat()
    records, rejects = read(opened(server))
    assert {record.call_id: len(record.recordings) for record in records} == {"1": 0, "2": 1}
    assert rejects == []
    records, _ = read(opened(server, min_age_min=1))
    assert {record.call_id: len(record.recordings) for record in records} == {"1": 1, "2": 1}


def test_a_call_keeps_its_id_when_its_recording_comes(server: ApiServer, bucket: Bucket) -> None:
    """A row without an id is the same call with and without the file: nothing is doubled the next night."""
    bucket.objects[f"{DAY}/calls.csv"] = (
        f"file;Дата и время;Номер клиента;Разговор\n{NAME};02.03.2026 10:02;8 900 000-01-01;00:03:04\n".encode("cp1251")
    )
    (early,), _ = read(opened(server))
    bucket.objects[f"{DAY}/{NAME}"] = beep()
    (late,), _ = read(opened(server))
    assert (early.call_id, early.recordings) == (late.call_id, ())
    assert (late.talk_ms, late.extension, late.recordings[0].rec_id) == (184_000, "101", f"{DAY}/{NAME}")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("2026/03/02/q-600-79000000101-20260302-100200-1772434920.101.wav", ("inbound", "+79000000101", None, "600")),
        ("2026/03/02/out-79000000104-101-20260302-100200-1772438700.107.WAV", ("outbound", "+79000000104", "101", None)),
        ("2026/03/02/external-102-89000000105-20260302-100200-1772442000.109.wav", ("inbound", "+79000000105", "102", None)),
        ("2026/03/02/internal-103-101-20260302-100200-1772442000.110.wav", ("internal", None, None, None)),
        ("2026-03-02/100200_in_79000000101_101.mp3", ("inbound", "+79000000101", "101", None)),
    ],
)
def test_names_tell_of_the_call(server: ApiServer, bucket: Bucket, key: str, expected: tuple[str | None, ...]) -> None:
    """FreePBX's names and times in folders of days are known without any setting."""
    bucket.objects[key] = beep()
    (record,), _ = read(opened(server, folder="", patterns_file=None))
    assert (record.direction, record.client_phone, record.extension, record.queue) == expected
    assert (record.started_at, record.disposition) == (datetime(2026, 3, 2, 7, 2, tzinfo=UTC), Disposition.ANSWERED)


def test_own_patterns_come_first(server: ApiServer, bucket: Bucket) -> None:
    """A regular expression of the user with named groups, with seconds since 1970."""
    bucket.objects["архив/Анна Соколова - 89000000101 - 1772434920.ogg"] = beep()
    pattern = r"/(?P<operator>[^/]+) - (?P<client>\d+) - (?P<epoch>\d{10})\.ogg$"
    (record,), _ = read(opened(server, folder="архив", patterns=(pattern,)))
    assert (record.operator_name, record.client_phone) == ("Анна Соколова", "+79000000101")
    assert record.started_at == datetime(2026, 3, 2, 7, 2, tzinfo=UTC)


def test_only_the_folders_date_is_known(server: ApiServer, bucket: Bucket) -> None:
    """Such recordings are calls of their own, flagged, and the check says what is missing."""
    today = datetime.now(UTC).strftime("%Y/%m/%d")
    bucket.objects |= {f"{DAY}/{name}.mp3": beep() for name in ("a", "b")} | {f"{today}/c.mp3": beep(), "x.mp3": beep()}
    records, rejects = read(opened(server, folder=""))
    assert [record.tags for record in records] == [(FOLDER_DATE,)] * 2
    assert len({record.call_id for record in records}) == 2
    assert {record.started_at for record in records} == {WINDOW.start}
    assert [reject.where for reject in rejects] == ["x.mp3"]
    findings = list(opened(server, first_days=2).check())
    assert [finding.level for finding in findings if finding.subject == "facts"] == [Level.ADVICE]


def test_bad_rows_and_sidecars_are_named_and_the_rest_goes_on(server: ApiServer, bucket: Bucket) -> None:
    """Each has its place in the report, without what it says."""
    bucket.objects[f"{DAY}/{NAME}"] = beep()
    bucket.objects[f"{DAY}/{NAME}.json"] = b"{broken"
    bucket.objects[f"{DAY}/calls.csv"] = (
        "file,call_id,started_at,client_phone,talk_s\n"
        ",7,вчера,+79000000107,1\n"
        ',8,2026-03-02 10:00,"7,90000E+10",1\n'
        ",9,2026-03-02 10:01,+79000000109,много\n"
        ",10,2026-03-02 10:02,+79000000110,5\n"
    ).encode()
    bucket.objects[f"{DAY}/manifest.json"] = b'[3, {"call_id": "11", "start": 1772434920, "client": null}]'
    bucket.objects[f"{DAY}/calls.json"] = b"<html>"
    records, rejects = read(opened(server))
    assert sorted(record.call_id for record in records if record.client_phone != "+79000000101") == ["10", "11"]
    assert len(records) == 3
    places = [reject.where.removeprefix(f"{DAY}/") for reject in rejects]
    assert {"calls.csv:2", "calls.csv:3", "calls.csv:4", "manifest.json: row 1", "100200_in_*01_101.mp3.json"} <= set(places)
    assert [reject.reason for reject in rejects if "7,9" in reject.reason and "79000" in reject.reason] == []


def test_a_table_elsewhere_serves_many_folders(server: ApiServer, bucket: Bucket) -> None:
    """A table by its path is read for each day; a call without recording is given on its own day only."""
    bucket.objects[f"{DAY}/{NAME}"] = beep()
    bucket.objects["tables/2026-03.csv"] = (
        f"file,call_id,started_at,client_phone\n{NAME},1,2026-03-02 10:02,89000000101\n,3,2026-03-02 10:40,89000000103\n"
    ).encode()
    source = opened(server, tables=("tables/%Y-%m.csv",))
    pages = [page for page in source.iter_pages(WINDOW) if page.records]
    source.close()
    assert [[(record.call_id, len(record.recordings)) for record in page.records] for page in pages] == [[("3", 0), ("1", 1)]]


def test_several_recordings_of_one_call(server: ApiServer, bucket: Bucket) -> None:
    """Rows with one id are one call: its recordings come together, the last who talked is the operator."""
    bucket.objects |= {f"{DAY}/{name}.wav": beep() for name in ("a", "b")}
    rows = [
        {"file": "a.wav", "call_id": 5, "start": "2026-03-02T12:00:05+03:00", "operator": "Кравцов Олег", "talk_s": 60},
        {"file": "b.wav", "call_id": 5, "start": "2026-03-02T12:01:12+03:00", "operator": "Лис Дарья", "talk_s": 180},
    ]
    bucket.objects[f"{DAY}/manifest.json"] = json.dumps(rows).encode()
    (record,), _ = read(opened(server))
    assert (record.operator_name, record.talk_ms, len(record.recordings)) == ("Лис Дарья", 240_000, 2)
    assert [leg.operator_name for leg in record.legs] == ["Кравцов Олег", "Лис Дарья"]


def fetched(source: BucketSource, folder: Path) -> Path:
    """Fetch the first recording of the story's day."""
    try:
        (page,) = (page for page in source.iter_pages(WINDOW) if page.records)
        return source.fetch(page.records[0], page.records[0].recordings[0], folder)
    finally:
        source.close()


def test_a_download_goes_on_where_it_broke_off(server: ApiServer, bucket: Bucket, tmp_path: Path) -> None:
    """A long recording comes in pieces; after a lost connection only the missing ones are asked for; twice is once."""
    data = beep() + os.urandom(9 * 1024 * 1024)
    bucket.objects[f"{DAY}/{NAME}"] = data
    calm = server.handler

    def breaking(asked: Asked) -> Reply:
        reply = calm(asked)
        return error(503, "SlowDown") if asked.headers.get("range", "").startswith("bytes=8388608") else reply

    server.handler = breaking
    with pytest.raises(SourceUnavailableError):
        fetched(opened(server), tmp_path)
    server.handler, before = calm, len(server.asked)
    path = fetched(opened(server), tmp_path)
    assert path.read_bytes() == data
    assert path.suffix == ".mp3"
    ranges = [item.headers["range"] for item in server.asked[before:] if "range" in item.headers]
    assert ranges == [f"bytes=8388608-{len(data) - 1}"]
    before = len(server.asked)
    assert fetched(opened(server), tmp_path) == path
    assert [item for item in server.asked[before:] if "range" in item.headers] == []
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_that_changes_meanwhile_is_not_taken(server: ApiServer, bucket: Bucket, tmp_path: Path) -> None:
    """Size and mark are compared before and after; nothing half new, half old stays."""
    bucket.objects[f"{DAY}/{NAME}"] = beep()
    calm = server.handler

    def changing(asked: Asked) -> Reply:
        reply = calm(asked)
        if "range" in asked.headers:
            bucket.objects[f"{DAY}/{NAME}"] = beep() + b"\0\0"
        return reply

    server.handler = changing
    with pytest.raises(RecordingError, match="changed"):
        fetched(opened(server), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_recording_that_may_not_be_read_fails_alone(server: ApiServer, bucket: Bucket, tmp_path: Path) -> None:
    """No right to read objects, cold storage, a deleted file: this call fails, the run goes on."""
    bucket.objects[f"{DAY}/{NAME}"] = beep()
    calm = server.handler
    refusals = {
        "right": error(403, "AccessDenied"),
        "cold": error(403, "InvalidObjectState"),
        "no longer": error(404, "NoSuchKey"),
    }
    for text, refusal in refusals.items():
        server.handler = lambda asked, reply=refusal: reply if "range" in asked.headers else calm(asked)  # type: ignore[misc]
        with pytest.raises(RecordingError, match=text):
            fetched(opened(server), tmp_path)


def test_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    """A password in an address, half a key, an SFTP server without a key file: said before anything is sent."""
    for wrong in (
        {"url": "https://x"},
        {"url": "sftp://user:word@host", "key_file": tmp_path},
        {"url": "sftp://host", "key_file": tmp_path},
        {"url": "sftp://user@host"},
        {"url": "s3://x", "style": "other"},
        {"url": "s3://x", "access_key": Secret("env:X")},
    ):
        with pytest.raises(ValueError, match=r"."):
            Settings(**wrong)
    for more in ({"patterns": ("(",)}, {"patterns_file": tmp_path / "none.json"}):
        with pytest.raises(ConfigError):
            open_source("x", Settings(url="s3://x", **more), quick_tools())


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**70) | st.floats() | st.text(max_size=12) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
READING: Final = Reading(account="записи", tools=quick_tools())


COLUMNS: Final = (
    *("started_at", "Дата", "Время", "talk_s", "Разговор, мин", "client", "direction", "type", "operator", "ext", "call_id"),
    *("status", "operator_channel", "tags", "file"),
)


@settings_of_hypothesis(max_examples=200, deadline=None)
@given(row=st.dictionaries(st.sampled_from(COLUMNS), JSON))
def test_nothing_in_a_sidecar_is_a_crash(row: dict[str, Any]) -> None:
    """Whatever stands in it: a call that can be stored, or a reason."""
    with suppress(RowError):
        facts = row_facts(row, READING)
        record = call_record({"started_at": "2026-03-02T07:02:00+00:00", **facts}, "a.mp3", READING, facts)
        str(record).encode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SftpSite]:
    """Run an SFTP server with the fixture's files, as old as the fixture says."""
    root = tmp_path / "root"
    root.mkdir()
    for line in (FILES / "sftp_listing.tsv").read_text(encoding="utf-8").splitlines():
        name, _, changed_at = line.split("\t")
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(beep())
        os.utime(path, (int(changed_at), int(changed_at)))
    with serving_sftp(root) as running:
        yield running


def sftp(site: SftpSite, folder: Path, naps: list[float] | None = None, **more: Any) -> BucketSource:
    """Return a source for the server, which it knows."""
    site.client_key.write_private_key_file(str(folder / "key"))
    given: dict[str, Any] = {
        "url": f"sftp://{USER}@127.0.0.1:{site.port}/records", "folder": "%Y-%m-%d", "key_file": folder / "key",
        "known_hosts": site.known_hosts(folder / "known_hosts"),
    }  # fmt: skip
    return open_source("архив", Settings(**given | more), quick_tools(naps))


def test_calls_are_read_by_sftp(site: SftpSite, tmp_path: Path) -> None:
    """The fixture's listing: two calls by their names, and a third that is still being written; nothing is changed."""
    source = sftp(site, tmp_path)
    pages = list(source.iter_pages(WINDOW))
    calls = [record for page in pages for record in page.records]
    assert [(record.client_phone, record.extension) for record in calls] == [("+79000000101", "101"), ("+79000000102", "102")]
    assert pages[-1].covered_until == WINDOW.end
    got = source.fetch(calls[0], calls[0].recordings[0], tmp_path / "got")
    assert got.read_bytes() == beep()
    assert [finding for finding in source.check() if finding.level is Level.PROBLEM] == []
    source.close()
    assert site.changes == []


def test_a_lost_connection_is_made_anew(site: SftpSite, tmp_path: Path) -> None:
    """A server that hangs up once loses nothing."""
    naps: list[float] = []
    site.drops = 1
    assert len(read(sftp(site, tmp_path, naps))[0]) == 2
    assert naps


def test_an_unknown_server_is_not_trusted(site: SftpSite, tmp_path: Path) -> None:
    """No key of the server, or another one than ours: nothing is signed in to, and the two are told apart."""
    (tmp_path / "empty").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match="not in known_hosts"):
        read(sftp(site, tmp_path, known_hosts=tmp_path / "empty"))
    other = site.known_hosts(tmp_path / "other", paramiko.ECDSAKey.generate())
    with pytest.raises(SourceError, match="another key"):
        read(sftp(site, tmp_path, known_hosts=other))
    with pytest.raises(ConfigError, match="known_hosts"):
        read(sftp(site, tmp_path, known_hosts=tmp_path / "none"))


def test_a_refused_key_is_named(site: SftpSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrong key, a key that needs its passphrase, no key at all: each says which setting to check."""
    with pytest.raises(SourceAuthError) as caught:
        read(sftp(site, tmp_path, url=f"sftp://other@127.0.0.1:{site.port}/records"))
    assert "key_file" in caught.value.hint
    locked = tmp_path / "locked"
    site.client_key.write_private_key_file(str(locked), password="слово")
    with pytest.raises(SourceAuthError, match="passphrase"):
        read(sftp(site, tmp_path, key_file=locked))
    monkeypatch.setenv("SFTP_WORD", "слово")
    assert len(read(sftp(site, tmp_path, key_file=locked, key_passphrase=Secret("env:SFTP_WORD")))[0]) == 2
    with pytest.raises(ConfigError):
        read(sftp(site, tmp_path, key_file=tmp_path / "none"))
    (tmp_path / "text").write_text("no key", encoding="utf-8")
    with pytest.raises(CallscoreError):
        read(sftp(site, tmp_path, key_file=tmp_path / "text"))


def test_a_long_file_goes_on_by_offset(site: SftpSite, tmp_path: Path) -> None:
    """What came before the process was killed is not read again."""
    path = site.root / "records/2026-03-02" / NAME
    data = beep() + os.urandom(5 * 1024 * 1024)
    path.write_bytes(data)
    os.utime(path, (1772435135, 1772435135))
    got = fetched(sftp(site, tmp_path), tmp_path / "got")
    assert got.read_bytes() == data
    got.replace(got.with_name(f"{got.name}.part"))
    with got.with_name(f"{got.name}.part").open("r+b") as stream:
        stream.truncate(5 * 1024 * 1024)
    site.reads.clear()
    assert fetched(sftp(site, tmp_path), tmp_path / "got").read_bytes() == data
    assert min(offset for _, offset in site.reads) == 5 * 1024 * 1024


def test_links_on_the_server_are_not_followed(site: SftpSite, tmp_path: Path) -> None:
    """A loop of folders does not hang the night."""
    (site.root / "records/2026-03-02/loop").symlink_to(site.root / "records")
    assert len(read(sftp(site, tmp_path))[0]) == 2


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    """No connection is a passing error with the host."""
    with serving_sftp(tmp_path) as gone:
        source = sftp(gone, tmp_path)
    with pytest.raises(SourceUnavailableError) as caught:
        read(source)
    assert caught.value.where == "127.0.0.1"
