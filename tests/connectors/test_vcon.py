"""vCon files as different makers write them, and files that are none."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.errors import RecordingError, SourceError
from callscore.outside.pages import Level, Reject, Window
from callscore.records import CallRecord, Direction, Disposition, LegKind
from callscore.sources.vcon import Settings, VconSource, open_source
from tests.connectors.api_server import Reply, serving
from tests.connectors.cases.vcon import AUDIO, FILES, HOST, age, load, record_server, story_vcon
from tests.connectors.story import CALLS, WINDOW, quick_tools

WIDE: Final = Window(start=WINDOW.start.replace(year=2020), end=WINDOW.end.replace(year=2040))


def source(folder: Path, **more: Any) -> VconSource:
    """Return a source for the folder."""
    return open_source("обмен", Settings(folder=folder, **more), quick_tools())


def put(folder: Path, vcon: object, name: str = "one.vcon") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(vcon if isinstance(vcon, bytes) else json.dumps(vcon, ensure_ascii=False).encode())
    return path


def read(folder: Path, **more: Any) -> tuple[list[CallRecord], list[Reject]]:
    """Return the calls and what was rejected."""
    pages = list(source(folder, **more).iter_pages(WIDE))
    return [record for page in pages for record in page.records], [reject for page in pages for reject in page.rejects]


def only(folder: Path, **more: Any) -> CallRecord:
    """Return the one call of a folder in which nothing is wrong."""
    (record,), rejects = read(folder, **more)
    assert rejects == []
    return record


def signed(vcon: dict[str, Any]) -> dict[str, Any]:
    """Return a vCon in a signature that nobody can check."""
    payload = base64.urlsafe_b64encode(json.dumps(vcon).encode()).decode().rstrip("=")
    return {"payload": payload, "signatures": [{"header": {"alg": "RS256"}, "protected": "e30", "signature": "x"}]}


@pytest.mark.parametrize("version", ["0.0.1", "0.0.2", "0.3.0", "0.4.0", "9.9", None])
def test_any_version_is_read(tmp_path: Path, version: str | None) -> None:
    """The member is deprecated: what it says, and whether it is there, makes no difference."""
    vcon = load("answered.vcon.json") | {"vcon": version}
    put(tmp_path, {name: value for name, value in vcon.items() if value is not None})
    assert only(tmp_path).client_phone == "+79000000101"


def test_the_fixture_is_read_in_full(tmp_path: Path) -> None:
    """Parties, history, the contact centre's members and callscore's own attachment."""
    put(tmp_path, load("answered.vcon.json"))
    record = only(tmp_path)
    assert record.linked_ids == ("1772434920.101",)
    assert (record.operator_id, record.operator_name) == ("019ca000-0000-7000-8000-000000000101", "Соколова Анна")
    assert (record.campaign, record.queue, record.line_phone) == ("Директ Чайники", "sales", "+74950000001")
    assert (record.wait_ms, record.talk_ms, record.recordings[0].client_channel) == (26_000, 184_000, 0)
    (leg,) = record.legs
    assert (leg.kind, leg.answered_at, leg.ended_at) == (LegKind.TALK, record.answered_at, record.ended_at)


def test_old_names_are_known(tmp_path: Path) -> None:
    """mimetype, alg and signature, appended, must_support: the first drafts' words."""
    put(tmp_path, load("legacy_0_0_1.vcon.json"))
    record = only(tmp_path)
    assert (record.client_phone, record.direction, record.talk_ms) == ("+79000000101", Direction.INBOUND, 184_000)
    with pytest.raises(RecordingError, match="content_hash"):
        source(tmp_path).fetch(record, record.recordings[0], tmp_path / "got")


def test_a_missed_call_has_no_recording_and_a_reason(tmp_path: Path) -> None:
    """What the first attempt waited is the wait; the bot's name is the queue."""
    put(tmp_path, load("missed.vcon.json"))
    record = only(tmp_path)
    assert (record.disposition, record.missed_reason, record.wait_ms) == (Disposition.ABANDONED, "hung-up", 48_000)
    assert (record.recordings, record.legs, record.queue, record.answered_at) == ((), (), "Очередь продаж", None)


def test_a_transfer_gives_a_leg_to_each(tmp_path: Path) -> None:
    """The last who talked is the operator, and each recording belongs to one leg."""
    put(tmp_path, load("transfer.vcon.json"))
    record = only(tmp_path)
    assert [(leg.operator_name, leg.kind) for leg in record.legs] == [
        ("Кравцов Олег", LegKind.TALK),
        ("Лис Дарья", LegKind.TRANSFER_BLIND),
    ]
    assert (record.operator_name, record.talk_ms, [link.leg for link in record.recordings]) == ("Лис Дарья", 240_000, [0, 1])


def test_a_failed_consultation_is_a_ring_in_vain(tmp_path: Path) -> None:
    """Attempts within an answered call are legs that nobody took."""
    vcon = load("transfer.vcon.json")
    vcon["parties"].append({"name": "Петров Иван", "role": "agent"})
    for number, role in enumerate(("customer", "agent", "agent")):
        vcon["parties"][number]["role"] = role
    attempt = {"type": "incomplete", "start": "2026-03-02T09:00:40Z", "duration": 10, "parties": [1, 3], "disposition": "busy"}
    vcon["dialog"].append(attempt)
    vcon["dialog"][1]["consultation"] = 3
    put(tmp_path, vcon)
    record = only(tmp_path)
    assert record.disposition is Disposition.ANSWERED
    assert ("Петров Иван", LegKind.RING, Disposition.BUSY) in [(leg.operator_name, leg.kind, leg.result) for leg in record.legs]
    assert [leg.kind for leg in record.legs if leg.operator_name == "Лис Дарья"] == [LegKind.TRANSFER_ATTENDED]


def test_parties_on_channels(tmp_path: Path) -> None:
    """An entry per channel tells the client's; of a mono file with both in it nothing is told."""
    stereo = story_vcon(CALLS[1])
    put(tmp_path, stereo)
    assert only(tmp_path).recordings[0].client_channel == 0
    stereo["dialog"][0]["parties"] = [1, [0]]
    put(tmp_path, stereo)
    assert only(tmp_path).recordings[0].client_channel == 1
    stereo["dialog"][0]["parties"] = [None, 0]
    put(tmp_path, stereo)
    assert only(tmp_path).recordings[0].client_channel == 1
    wav = bytearray(AUDIO.read_bytes())
    wav[22:24] = b"\x01\x00"
    stereo["dialog"][0] |= {"parties": [0, 1], "body": base64.urlsafe_b64encode(wav).decode()}
    put(tmp_path, stereo)
    assert only(tmp_path).recordings[0].client_channel is None


def test_our_numbers_tell_the_sides(tmp_path: Path) -> None:
    """Without roles the one who began is taken for the client, and no direction is claimed; our own numbers decide it."""
    put(tmp_path, load("inline_body.vcon.json"))
    guessed, told = only(tmp_path), only(tmp_path, our_phones=("8 (495) 000-00-01",))
    assert (guessed.client_phone, guessed.direction) == ("+79000000101", None)
    assert (told.client_phone, told.direction, told.line_phone) == ("+79000000101", Direction.INBOUND, "+74950000001")


@pytest.mark.parametrize("wrap", [lambda data: data, gzip.compress], ids=["plain", "gzip"])
def test_a_signed_vcon_is_read_and_said_to_be_unchecked(tmp_path: Path, wrap: Callable[[bytes], bytes]) -> None:
    """The payload counts; a check says that nobody looked at the signature."""
    put(tmp_path, wrap(json.dumps(signed(load("missed.vcon.json"))).encode()))
    assert only(tmp_path).client_phone == "+79000000103"
    assert [finding.level for finding in source(tmp_path).check() if finding.subject == "signatures"] == [Level.ADVICE]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (FILES / "encrypted.jwe.json", "encrypted"),
        (FILES / "error_critical.vcon.json", "extension FUTURE"),
        (FILES / "error_bad.vcon.json", "uuid is missing"),
        (b"<html>", "no JSON"),
        (b"[]", "no JSON object"),
        (b"\x1f\x8b\x08cut", "no JSON"),
        (gzip.compress(b"{}" * 500)[:-20], "cut off|no JSON"),
        (b"[" * 100_000, "no JSON"),
        ({"uuid": "x", "dialog": {}}, "no list"),
        ({"uuid": "x", "dialog": []}, "no call"),
        ({"uuid": "x", "must_support": ["QWE"]}, "extension QWE"),
        ({"uuid": "x", "critical": True}, "extension True"),
        (b'{"uuid": "\\ud800", "dialog": []}', "uuid is missing"),
        ({"uuid": "x", "dialog": [{"type": "text", "body": "привет"}]}, "no call"),
        ({"uuid": "x", "parties": [{}], "dialog": [{"type": "incomplete", "parties": [7]}]}, "party that is not there"),
        ({"uuid": "x", "parties": [{}], "dialog": [{"type": "recording", "parties": [True]}]}, "party that is not there"),
        ({"uuid": "x", "dialog": [{"type": "recording"}]}, "when the call was"),
        ({"uuid": "x", "dialog": [{"type": "recording", "start": "yesterday"}]}, "not a time"),
        ({"uuid": "x", "created_at": "2026-03-02T07:00:00Z", "dialog": [{"type": "recording", "duration": -1}]}, "duration"),
        ({"payload": "%%%", "signatures": []}, "base64url"),
        ({"payload": signed({"ciphertext": "x"})["payload"], "signatures": []}, "encrypted"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path: Path, content: Any, reason: str) -> None:
    """One bad file is one reject with its name and the reason, without what it says."""
    put(tmp_path, content.read_bytes() if isinstance(content, Path) else content, "bad.vcon")
    put(tmp_path, load("missed.vcon.json"), "good.vcon")
    records, (reject,) = read(tmp_path)
    assert [record.client_phone for record in records] == ["+79000000103"]
    assert reject.where == "bad.vcon"
    assert any(part in reject.reason for part in reason.split("|"))


def test_an_amended_vcon_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """Both lie in the folder: it is one call, and the newer version counts; a redacted one never beats a full one."""
    first = load("missed.vcon.json")
    newer = first | {"uuid": "019ca000-0000-8000-8000-00000000aaaa", "amended": {"uuid": first["uuid"]}}
    newer["dialog"] = [first["dialog"][0] | {"disposition": "busy"}]
    redacted = first | {"uuid": "019ca000-0000-8000-8000-00000000bbbb", "redacted": {"uuid": newer["uuid"], "type": "names"}}
    redacted["parties"] = [{"name": "anonymous"}, {"name": "anonymous"}]
    age(put(tmp_path, first, "z.vcon"), 60)
    age(put(tmp_path, newer, "y.vcon"), 30)
    put(tmp_path, redacted, "x.vcon")
    records, rejects = read(tmp_path)
    assert {record.call_id for record in records} == {first["uuid"]}
    assert records[-1].disposition is Disposition.BUSY
    assert rejects == []


def test_a_changed_recording_is_refused(tmp_path: Path) -> None:
    """Whatever the link gives must have the hash; nothing else stays on the disk."""
    vcon = json.loads(json.dumps(load("answered.vcon.json")))
    with serving(record_server) as server:
        vcon["dialog"][0]["url"] = f"{server.url}/a.wav"
        put(tmp_path, vcon)
        record, opened = only(tmp_path), source(tmp_path, allow_hosts=("127.0.0.1",))
        assert opened.fetch(record, record.recordings[0], tmp_path / "got").read_bytes() == AUDIO.read_bytes()
        server.handler = lambda asked: Reply(AUDIO.read_bytes() + b"\0")  # noqa: ARG005
        with pytest.raises(RecordingError, match="hash"):
            opened.fetch(record, record.recordings[0], tmp_path / "other")
        assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/a.wav", "file:///etc/passwd", "ftp://x/a.wav", "https://127.0.0.1:9/a", "a"]
)
def test_links_lead_nowhere_else(tmp_path: Path, url: str) -> None:
    """Only https, and never into the own network unless the host is listed."""
    vcon = load("answered.vcon.json")
    vcon["dialog"][0]["url"] = url
    put(tmp_path, vcon)
    record = only(tmp_path)
    with pytest.raises(RecordingError):
        source(tmp_path).fetch(record, record.recordings[0], tmp_path / "got")


def test_a_recording_can_lie_beside(tmp_path: Path) -> None:
    """A file name is looked up in audio_folder only, whatever path it claims to have."""
    vcon = load("answered.vcon.json")
    del vcon["dialog"][0]["url"]
    vcon["dialog"][0]["filename"] = "../../audio/stereo_200ms.wav"
    put(tmp_path, vcon)
    opened = source(tmp_path, audio_folder=AUDIO.parent)
    (page,) = opened.iter_pages(WIDE)
    (record,) = page.records
    assert opened.fetch(record, record.recordings[0], tmp_path / "got") == AUDIO
    assert only(tmp_path).recordings == ()


def test_a_call_leads_to_no_file_outside(tmp_path: Path) -> None:
    """An id of a recording from a damaged store opens nothing outside the folder."""
    put(tmp_path, load("inline_body.vcon.json"))
    (tmp_path / "in").mkdir()
    record = only(tmp_path)
    link = type(record.recordings[0])(rec_id="../one.vcon#0")
    with pytest.raises(RecordingError, match="outside"):
        source(tmp_path / "in").fetch(record, link, tmp_path / "got")


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """A share that is not mounted is no day without calls."""
    with pytest.raises(SourceError, match="no such folder"):
        list(source(tmp_path / "none").iter_pages(WIDE))


def test_other_files_and_hidden_ones_are_left_alone(tmp_path: Path) -> None:
    """Recordings beside, half-written files and hidden folders are no vCons."""
    put(tmp_path, load("missed.vcon.json"))
    put(tmp_path, b"RIFF", "a.wav")
    put(tmp_path, b"{", ".one.vcon.part")
    (tmp_path / ".trash").mkdir()
    put(tmp_path / ".trash", b"{")
    (tmp_path / "gone.vcon").symlink_to(tmp_path / "nowhere.vcon")
    assert only(tmp_path).client_phone == "+79000000103"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**70) | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WORDS = (
    *("dialog", "parties", "attachments", "analysis", "start", "duration", "type", "tel", "party_history", "time", "party"),
    *("body", "content_hash", "url", "uuid", "redacted", "critical", "role", "name", "session_id", "originator", "created_at"),
    *("mediatype", "signature", "amended", "disposition", "transfer_target", "target_dialog"),
)
PLACES = st.lists(st.sampled_from([0, 1, *WORDS]), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(place=PLACES, value=JSON, name=st.sampled_from(["answered.vcon.json", "missed.vcon.json", "transfer.vcon.json"]))
def test_nothing_in_a_file_is_a_crash(
    tmp_path_factory: pytest.TempPathFactory, place: list[Any], value: Any, name: str
) -> None:
    """Whatever stands where: a call or a reject."""
    vcon: Any = load(name)
    at = vcon
    for step in place[:-1]:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            break
    if isinstance(at, dict):
        at[str(place[-1])] = value
    elif isinstance(at, list) and at:
        at[0] = value
    folder = tmp_path_factory.mktemp("vcon")
    put(folder, json.dumps(vcon).replace(HOST, "http://records.example.org/").encode())
    records, rejects = read(folder)
    assert len(records) + len(rejects) <= 1
    str((records, rejects)).encode()
    for link in (link for record in records for link in record.recordings):
        with pytest.raises(RecordingError):
            source(folder).fetch(records[0], link, folder / "got")
