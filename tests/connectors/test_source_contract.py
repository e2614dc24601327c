"""What holds for every source of calls, whichever system it reads."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.errors import CallscoreError, RecordingError, SourceError
from callscore.outside.pages import Level, Window
from callscore.records import CallRecord, Disposition
from tests.connectors.api_server import Reply
from tests.connectors.case import CALL_KINDS, SourceCase, open_source_case
from tests.connectors.story import CALLS, LATER, OPERATORS, WINDOW, StoryCall, quick_tools


@pytest.fixture
def naps() -> list[float]:
    """Return the pauses that were asked for."""
    return []


@pytest.fixture(params=CALL_KINDS)
def case(request: pytest.FixtureRequest, tmp_path: Path, naps: list[float]) -> Iterator[SourceCase]:
    """Return each kind of source in turn, telling the story."""
    with open_source_case(request.param, tmp_path, quick_tools(naps)) as opened:
        yield opened


@pytest.fixture
def online(case: SourceCase) -> SourceCase:
    """Return the sources that speak over HTTP."""
    if case.server is None:
        pytest.skip("this system is read from files")
    return case


def read(case: SourceCase, window: Window = WINDOW) -> dict[str, CallRecord]:
    """Return the calls of a window by client, the latest state of each."""
    latest: dict[str, CallRecord] = {}
    for page in case.source.iter_pages(window):
        latest.update({record.call_id: record for record in page.records})
    return {record.client_phone or "": record for record in latest.values()}


def told(case: SourceCase, record: CallRecord) -> StoryCall:
    """Return a record as a call of the story, with the story's own words where the system tells nothing."""
    expected = next(call for call in CALLS if call.client_phone == record.client_phone)
    names = {name: extension for extension, name in OPERATORS.items()} | dict(case.operators)
    keys = (record.extension, record.operator_name, record.operator_id)
    extension = record.extension or next((names[key] for key in keys if key in names), None)
    found = {
        "direction": record.direction,
        "started_at": record.started_at,
        "line_phone": record.line_phone,
        "extension": extension,
        "disposition": record.disposition,
        "wait_ms": record.wait_ms,
        "talk_ms": record.talk_ms or 0,
    }
    known = {name: value for name, value in found.items() if name not in case.unknown}
    return StoryCall(**{**vars(expected), **known})


def test_the_story_is_the_same_in_every_system(case: SourceCase) -> None:
    """The five calls come out equal, but for what a system does not tell; a call that nobody answered is not answered."""
    found = read(case)
    assert [told(case, found[call.client_phone]) for call in CALLS] == list(CALLS)
    answered = {phone for phone, record in found.items() if record.disposition is Disposition.ANSWERED}
    assert {call.client_phone for call in CALLS if call.extension} <= answered
    assert "+79000000103" not in answered


def test_reading_twice_gives_the_same(case: SourceCase) -> None:
    """Each night reads the last days again."""
    assert read(case) == read(case)


def test_the_last_page_covers_the_window(case: SourceCase) -> None:
    """The watermark moves to what has been read."""
    pages = list(case.source.iter_pages(WINDOW))
    assert pages[-1].covered_until == WINDOW.end
    marks = [page.covered_until for page in pages if page.covered_until is not None]
    assert marks == sorted(marks)


def test_a_day_without_calls_is_empty(case: SourceCase) -> None:
    """What lies outside the window is left out, and an empty answer is no error."""
    pages = list(case.source.iter_pages(LATER))
    assert [record for page in pages for record in page.records] == []
    assert pages[-1].covered_until == LATER.end


def test_recordings_of_answered_calls_can_be_had(case: SourceCase, tmp_path: Path) -> None:
    """Each answered call of the story has a recording, and it is sound."""
    found = read(case)
    for call in CALLS:
        record = found[call.client_phone]
        if call.extension is None:
            assert record.recordings == ()
            continue
        assert record.recordings
        for recording in record.recordings:
            path = case.source.fetch(record, recording, tmp_path / "got")
            assert path.stat().st_size > 100


def test_a_check_finds_nothing_wrong(case: SourceCase) -> None:
    """A source that works is told to work."""
    assert [finding for finding in case.source.check() if finding.level is Level.PROBLEM] == []


def test_nothing_is_changed(online: SourceCase) -> None:
    """Reading, fetching and checking send no request that deletes or writes."""
    read(online)
    list(online.source.check())
    assert online.server is not None
    assert {item.method for item in online.server.asked} <= {"GET", "POST", "HEAD"}


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_passing_error_is_tried_again(online: SourceCase, naps: list[float], status: int) -> None:
    """A server that fails once loses nothing."""
    assert online.server is not None
    online.server.faults.append(Reply(status=status))
    assert len(read(online)) >= len(CALLS)
    assert naps


def test_a_pause_that_is_asked_for_is_kept(online: SourceCase, naps: list[float]) -> None:
    """Retry-After counts, with status 429."""
    assert online.server is not None
    online.server.faults.append(Reply(status=429, headers={"Retry-After": "7"}))
    assert len(read(online)) >= len(CALLS)
    assert 7.0 in naps


def test_too_many_requests_without_a_pause_named(online: SourceCase, naps: list[float]) -> None:
    """Without Retry-After the usual pause is made."""
    assert online.server is not None
    online.server.faults.append(Reply(status=429))
    assert len(read(online)) >= len(CALLS)
    assert naps


@pytest.mark.parametrize(
    "fault",
    [Reply("<html>работы на сервере</html>"), Reply('{"cut": ['), Reply(b"0123456789", cut_after=3), Reply(wait_s=1.4)],
    ids=["a web page", "half a JSON", "half an answer", "a time-out"],
)
def test_a_broken_answer_is_tried_again(online: SourceCase, fault: Reply) -> None:
    """One answer that cannot be understood is no reason to lose a night."""
    assert online.server is not None
    online.server.faults.append(fault)
    assert len(read(online)) >= len(CALLS)


def test_a_server_that_stays_away_is_named(online: SourceCase) -> None:
    """Whoever reads the message knows which system, and that it may come back; no secret is in it."""
    assert online.server is not None
    online.server.faults += [Reply(status=503) for _ in range(50)]
    with pytest.raises(SourceError) as caught:
        read(online)
    assert "127.0.0.1" in caught.value.where


def test_secrets_are_seen_nowhere(
    online: SourceCase, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """No message, log or repr holds the key, whatever the system answers."""
    assert online.server is not None
    assert online.secret
    caplog.set_level(logging.DEBUG)
    texts = [repr(online.source)]
    for fault in (Reply(status=401), Reply({"error": "x"}, status=403), Reply("<html>", status=404), Reply(status=500)):
        online.server.faults[:] = [fault] * 20
        try:
            read(online)
        except CallscoreError as error:
            texts += [error.message, error.where, error.hint, str(error)]
    online.server.faults.clear()
    read(online)
    assert any(online.secret in f"{item.path}{item.raw_query}{item.headers}{item.body!r}" for item in online.server.asked)
    # httpcore's debug lines hold whole requests; they are switched off with the module that imports it.
    texts += [caplog.text, *capsys.readouterr()]
    assert [text for text in texts if online.secret in text] == []


def test_an_error_page_is_no_recording(online: SourceCase, tmp_path: Path) -> None:
    """A page of HTML with status 200 does not become an mp3, and no file stays behind."""
    assert online.server is not None
    record = read(online)[CALLS[0].client_phone]
    page = Reply("<html>link expired</html>", headers={"Content-Type": "audio/mpeg"})
    online.server.handler = (
        lambda asked, real=online.server.handler: (  # type: ignore[misc]
            page if (reply := real(asked)).data()[:4] == b"RIFF" else reply
        )
    )
    with pytest.raises(RecordingError):
        online.source.fetch(record, record.recordings[0], tmp_path / "got")
    assert [path for path in (tmp_path / "got").rglob("*") if path.is_file()] == []
