"""Calls as vCon files: they validate, and reading them gives back what was known."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.export import Sound, VconOptions, build_vcon
from callscore.outside.pages import Window
from callscore.records import (
    CallInfo,
    CallRecord,
    Dialogue,
    Direction,
    Disposition,
    Layout,
    Role,
    Turn,
    TurnKind,
    Verdict,
    Word,
)
from callscore.sources.vcon import Settings, open_source
from callscore.store.entries import Flag, StoredCall
from callscore.units import Span
from tests.connectors.story import beep, quick_tools
from tests.store.build import result

SCHEMA: Final = json.loads(
    (Path(__file__).parents[1] / "connectors" / "schemas" / "vcon-core-03.schema.json").read_text(encoding="utf-8")
)
VALIDATOR: Final = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
START: Final = datetime(2026, 3, 2, 7, 2, tzinfo=UTC)
OPTIONS: Final = VconOptions(created_at=datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
MASKED: Final = VconOptions(created_at=OPTIONS.created_at, is_masked=True)
WIDE: Final = Window(start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2040, 1, 1, tzinfo=UTC))
INFO: Final = CallInfo(
    call_id="1772434920.101",
    started_at=START,
    direction=Direction.INBOUND,
    operator="Соколова Анна",
    extension="101",
    client_phone="+79000000101",
    did="+74950000001",
    queue="Продажи",
    wait_ms=26_000,
    transferred_to="Лис Дарья",
    language="ru",
)


def stored(info: CallInfo = INFO, dialogue: Dialogue | None = None, **more: Any) -> StoredCall:
    """Return a stored call with verdicts; the dialogue is a made one unless it is given."""
    made = result(1, n_turns=4, verdicts=(Verdict.PASS, Verdict.FAIL, Verdict.UNSURE, Verdict.NA))
    values: dict[str, Any] = {
        "info": info,
        "source": "asterisk",
        "recording": "a.wav",
        "status": "done",
        "fingerprint": "f",
        "audio": made.audio,
        "call_type": made.call_type,
        "dialogue": dialogue or made.dialogue,
        "metrics": made.metrics,
        "scores": made.scores,
        "provenance": made.provenance,
        "notes": made.notes,
        "flags": (Flag(reason="low_score", severity=2, detail="Клиент Иванов, 8 900 000-01-01"),),
        "failures": (),
    }
    return StoredCall(**values | more)


def problems(vcon: dict[str, Any]) -> list[str]:
    """Return what the draft's rules say against a vCon, as it would be in a file."""
    written = json.loads(json.dumps(vcon, ensure_ascii=False, allow_nan=False))
    return [f"{list(error.path)}: {error.message}" for error in VALIDATOR.iter_errors(written)]


def read_back(folder: Path, vcon: dict[str, Any]) -> CallRecord:
    """Return the call that the source for vCon files finds in a file."""
    (folder / "one.vcon").write_text(json.dumps(vcon, ensure_ascii=False), encoding="utf-8")
    (page,) = open_source("обмен", Settings(folder=folder), quick_tools()).iter_pages(WIDE)
    assert page.rejects == ()
    return page.records[0]


def test_a_whole_call_validates_and_comes_back(tmp_path: Path) -> None:
    """Who, when, which way, how long they waited and talked: all is the same after a journey through a file."""
    call = stored()
    vcon = build_vcon(call, Sound(name="a.wav", sha512=hashlib.sha512(b"x").digest()), OPTIONS)
    assert problems(vcon) == []
    record = read_back(tmp_path, vcon)
    assert record.linked_ids == ("1772434920.101",)
    assert (record.started_at, record.direction, record.disposition) == (START, Direction.INBOUND, Disposition.ANSWERED)
    assert (record.client_phone, record.line_phone, record.queue) == ("+79000000101", "+74950000001", "Продажи")
    assert (record.operator_name, record.extension) == ("Соколова Анна", "101")
    assert (record.wait_ms, record.talk_ms, record.answered_at) == (26_000, 12_000, START + timedelta(seconds=26))


def test_the_recording_inside_is_the_recording(tmp_path: Path) -> None:
    """Sound goes in and comes out byte by byte, and the client is on the channel that is not the operator's."""
    data = beep()
    vcon = build_vcon(stored(), Sound(name="a.wav", sha512=hashlib.sha512(data).digest(), data=data), OPTIONS)
    assert problems(vcon) == []
    record = read_back(tmp_path, vcon)
    source = open_source("обмен", Settings(folder=tmp_path), quick_tools())
    assert source.fetch(record, record.recordings[0], tmp_path / "got").read_bytes() == data
    assert record.recordings[0].client_channel == 1
    assert vcon["dialog"][0]["parties"] == [1, 0]
    assert vcon["dialog"][0]["originator"] == 0


def test_a_recording_outside_is_known_by_its_hash(tmp_path: Path) -> None:
    """Without the sound the file tells how to know it: the recording of that name is taken only if it has the hash."""
    data, audio = beep(), tmp_path / "audio"
    audio.mkdir()
    (audio / "a.wav").write_bytes(data)
    vcon = build_vcon(stored(), Sound(name="a.wav", sha512=hashlib.sha512(data).digest()), OPTIONS)
    (tmp_path / "one.vcon").write_text(json.dumps(vcon), encoding="utf-8")
    source = open_source("обмен", Settings(folder=tmp_path, audio_folder=audio), quick_tools())
    (page,) = source.iter_pages(WIDE)
    (call,) = page.records
    assert source.fetch(call, call.recordings[0], tmp_path / "got") == audio / "a.wav"
    digest = base64.urlsafe_b64encode(hashlib.sha512(data).digest()).rstrip(b"=").decode()
    assert vcon["dialog"][0]["content_hash"] == f"sha512-{digest}"


def test_what_was_found_is_told() -> None:
    """The transcript, the score of each rubric and the flags are analyses of the one dialog."""
    vcon = build_vcon(stored(), None, OPTIONS)
    by_product = {item["product"]: item for item in vcon["analysis"]}
    assert {name: item["type"] for name, item in by_product.items()} == {
        "asr": "transcript", "rubric": "report", "metrics": "report", "flags": "report",
    }  # fmt: skip
    assert by_product["asr"]["body"]["segments"][0]["text"].startswith("Алло, компания Шинторг,")
    report = by_product["rubric"]["body"]
    assert (report["score"], report["points"], report["max_points"]) == (0.5, 1.0, 2.0)
    assert [item["verdict"] for item in report["verdicts"]] == ["pass", "fail", "unsure", "na"]
    assert {item["dialog"] for item in (*vcon["analysis"], *vcon["attachments"])} == {0}


def test_the_masked_one_tells_nothing_of_people() -> None:
    """No name, number or file name is left; an id leads those who may to the fuller one."""
    text = "Меня зовут Ольга Ковалёва, номер заказа сорок пять восемьсот двенадцать"
    words = tuple(Word(span=Span(100 * n, 100 * n + 90), text=word, prob=1.0) for n, word in enumerate(text.split()))
    turn = Turn(turn_no=0, kind=TurnKind.SPEECH, role=Role.CLIENT, speaker="S0", channel=0, span=Span(0, 2000), words=words)
    dialogue = Dialogue(duration_ms=2000, layout=Layout.MONO, language="ru", turns=(turn,))
    info = replace(INFO, call_id="100200_in_79000000101")
    sound = Sound(name="79000000101.wav", sha512=bytes(64), data=beep())
    vcon = build_vcon(stored(info, dialogue), sound, MASKED)
    assert problems(vcon) == []
    told = json.dumps(vcon, ensure_ascii=False)
    leaks = ("Ольг", "Ковал", "восемьсот", "79000000101", "900 000", "Соколова", "Анна", "Лис", "Иванов", "RIFF", "UklGR")
    assert [leak for leak in leaks if leak in told] == []
    assert "[имя]" in told
    assert vcon["redacted"]["uuid"] == build_vcon(stored(info, dialogue), None, OPTIONS)["uuid"] != vcon["uuid"]


def test_ids_are_of_version_eight_and_last() -> None:
    """The same call has the same id each time; calls of the same second have different ones."""
    ids = [uuid.UUID(build_vcon(stored(replace(INFO, call_id=f"c{n}")), None, OPTIONS)["uuid"]) for n in range(200)]
    assert len(set(ids)) == 200
    assert {(made.version, made.variant) for made in ids} == {(8, uuid.RFC_4122)}
    assert {made.int >> 80 for made in ids} == {round(START.timestamp() * 1000)}
    assert ids[7] == uuid.UUID(build_vcon(stored(replace(INFO, call_id="c7")), None, OPTIONS)["uuid"])


@pytest.mark.parametrize("options", [OPTIONS, MASKED], ids=["whole", "masked"])
def test_a_failed_call_of_which_little_is_known_validates(tmp_path: Path, options: VconOptions) -> None:
    """A call without time, phone, operator or words is a vCon as well, and does not claim to know them."""
    bare = stored(
        CallInfo(call_id="c1"), audio=None, call_type=None, metrics=None, scores=(), provenance=(), notes=(), flags=(),
        status="failed",
    )  # fmt: skip
    vcon = build_vcon(replace(bare, dialogue=None), None, options)
    assert problems(vcon) == []
    assert vcon["attachments"][0]["body"]["started_at"] is None
    record = read_back(tmp_path, vcon)
    assert (record.client_phone, record.operator_name, record.direction) == (None, None, None)


def test_a_call_to_the_client_begins_with_the_operator(tmp_path: Path) -> None:
    """Whoever called is the originator."""
    vcon = build_vcon(stored(replace(INFO, direction=Direction.OUTBOUND)), None, OPTIONS)
    assert vcon["dialog"][0]["party_history"][0] == {"party": 1, "time": "2026-03-02T07:02:00Z", "event": "join"}
    assert read_back(tmp_path, vcon).direction is Direction.OUTBOUND


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
NAMES = st.none() | st.text("абвгдАБВ ёЁ-'", min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
PHONES = st.none() | st.integers(79_000_000_000, 79_999_999_999).map("+{}".format)


@st.composite
def dialogues(draw: st.DrawFn) -> Dialogue:
    """Return turns of any length, overlapping as they like, with words that hold any characters."""
    layout = draw(st.sampled_from(Layout))
    turns = []
    for number in range(draw(st.integers(0, 6))):
        start, length = draw(st.integers(0, 600_000)), draw(st.integers(0, 60_000))
        is_speech = draw(st.booleans())
        words = tuple(
            Word(span=Span(start, start + length), text=text, prob=draw(st.floats(0, 1)))
            for text in draw(st.lists(TEXTS, max_size=5 if is_speech else 0))
        )
        role = draw(st.sampled_from([Role.OPERATOR, Role.CLIENT])) if is_speech else Role.SYSTEM
        turns.append(
            Turn(
                turn_no=number, kind=TurnKind.SPEECH if is_speech else TurnKind.HOLD, role=role, speaker=f"S{number % 2}",
                channel=draw(st.integers(0, 1)) if layout is Layout.STEREO else 0, span=Span(start, start + length),
                words=words, role_confidence=draw(st.floats(0, 1)),
            )
        )  # fmt: skip
    return Dialogue(duration_ms=draw(st.integers(0, 700_000)), layout=layout, language="ru", turns=tuple(turns))


INFOS = st.builds(
    CallInfo,
    call_id=TEXTS,
    started_at=st.datetimes(datetime(2021, 1, 1), datetime(2039, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - zone beside
    direction=st.none() | st.sampled_from([Direction.INBOUND, Direction.OUTBOUND]),
    operator=NAMES,
    extension=st.none() | st.integers(10, 99_999).map(str),
    client_phone=PHONES,
    did=PHONES,
    queue=NAMES,
    wait_ms=st.none() | st.integers(0, 3_600_000),
    operator_channel=st.none() | st.integers(0, 1),
)


@settings(max_examples=60, deadline=None)
@given(info=INFOS, dialogue=dialogues(), is_masked=st.booleans())
def test_whatever_was_said_validates_and_comes_back(
    tmp_path_factory: pytest.TempPathFactory, info: CallInfo, dialogue: Dialogue, is_masked: bool
) -> None:
    """No text, time or gap in what is known makes a file that the draft forbids or that is read as another call."""
    call = stored(info, dialogue)
    assert problems(build_vcon(call, None, MASKED if is_masked else OPTIONS)) == []
    vcon = json.loads(json.dumps(build_vcon(call, None, OPTIONS)))
    segments = vcon["analysis"][0]["body"]["segments"]
    assert [[word["text"] for word in segment.get("words", ())] for segment in segments] == [
        [word.text for word in turn.words] for turn in dialogue.turns
    ]
    assert [(round(s["start"] * 1000), round(s["end"] * 1000), s["role"], s["channel"]) for s in segments] == [
        (turn.span.start_ms, turn.span.end_ms, turn.role, turn.channel) for turn in dialogue.turns
    ]
    record = read_back(tmp_path_factory.mktemp("vcon"), vcon)
    assert abs((record.started_at - (info.started_at or START)).total_seconds()) < 0.001
    assert (record.direction, record.client_phone) == (info.direction, info.client_phone)
    assert (record.wait_ms or 0, record.talk_ms) == (info.wait_ms or 0, dialogue.duration_ms)
    assert (record.line_phone, record.extension) == (info.did, info.extension)
    clean = " ".join(info.operator.split()) if info.operator else None
    assert (record.operator_name, record.queue) == (clean, " ".join(info.queue.split()) if info.queue else None)
