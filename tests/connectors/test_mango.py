"""What is particular about MANGO OFFICE."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from callscore.errors import RecordingError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside.pages import Level, Window
from callscore.outside.secret import Secret
from callscore.records import CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.mango import Settings
from callscore.sources.mango_lines import read_lines
from callscore.sources.mango_rows import Account, User, read_call, read_users
from tests.connectors.api_server import Asked, Reply
from tests.connectors.case import SourceCase
from tests.connectors.cases.mango import SALT, Pbx, load, open_pbx, server_of, story_pbx
from tests.connectors.story import CALLS, WINDOW, beep, quick_tools

ACCOUNT = Account("shop", "RU", (User("1", "Соколова Анна", "101", "74950000001"),))


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


@pytest.fixture
def old(pbx: Pbx, naps: list[float]) -> Iterator[SourceCase]:
    """Return a source that reads the old statistics."""
    with open_pbx(pbx, quick_tools(naps), statistics="old") as opened:
        yield opened


def read(case: SourceCase, window: Window = WINDOW) -> dict[str, CallRecord]:
    """Return the calls of a window by id."""
    return {record.call_id: record for page in case.source.iter_pages(window) for record in page.records}


def rejects(case: SourceCase) -> list[tuple[str, str]]:
    """Return where and why rows of the story's day were rejected."""
    return [(item.where, item.reason) for page in case.source.iter_pages(WINDOW) for item in page.rejects]


def leg(**changes: Any) -> dict[str, Any]:
    """Return the leg of an operator who answered, with some fields changed."""
    found: dict[str, Any] = load("calls_page1.json")["data"][0]["list"][1]["context_calls"][0]
    return {**found, **changes}


def row(**changes: Any) -> dict[str, Any]:
    """Return the row of an answered call with some fields changed."""
    found: dict[str, Any] = load("calls_page1.json")["data"][0]["list"][1]
    return {**found, **changes}


def parse(**changes: Any) -> CallRecord:
    """Return the record of such a row."""
    record = read_call(row(**changes), ACCOUNT)
    assert record is not None
    return record


def test_a_wrong_signature_is_of_the_sign_in(case: SourceCase) -> None:
    """Status is 200; the hint names both settings."""
    server_of(case).faults.append(Reply(load("error_sign.json")))
    with pytest.raises(SourceAuthError) as caught:
        read(case)
    assert "api_key and api_salt" in caught.value.hint


def test_the_salt_is_never_sent(case: SourceCase) -> None:
    """It only makes signatures."""
    read(case)
    assert [item for item in server_of(case).asked if SALT.encode() in item.body] == []


def test_a_wrong_salt_is_found_out(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system checks the signature of exactly what is sent."""
    monkeypatch.setenv("WRONG_SALT", "wrong")
    with open_pbx(pbx, quick_tools(), api_salt=Secret("env:WRONG_SALT")) as case, pytest.raises(SourceAuthError):
        read(case)


def test_wrong_parameters_name_the_parameter(case: SourceCase) -> None:
    """The answer has status 400 and says which one."""
    server = server_of(case)
    real = server.handler
    server.handler = lambda asked: (
        Reply(load("error_params.json"), status=400) if asked.path.endswith("calls/request/") else real(asked)
    )
    with pytest.raises(SourceError, match=r"result 3103, date_from"):
        read(case)


def test_too_many_requests_are_waited_out(case: SourceCase, naps: list[float]) -> None:
    """The answer is no JSON and names no pause."""
    server_of(case).faults.append(Reply(load("error_429.txt"), status=429))
    assert len(read(case)) == 5


def test_statistics_are_asked_for_slowly(case: SourceCase, naps: list[float]) -> None:
    """One request in two seconds, and a pause before a job that is not ready is asked for again."""
    read(case)
    assert max(naps) == 5.0
    assert any(1.5 < nap <= 2.0 for nap in naps)


@pytest.mark.parametrize("status", ["cancel", "error", "not-found"])
def test_a_lost_job_is_started_again(case: SourceCase, status: str) -> None:
    """Jobs may be thrown away by the system."""
    server = server_of(case)
    real, lost = server.handler, iter([True])

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("calls/result/") and next(lost, False):
            return Reply({"result": 1000, "status": status, "data": []})
        return real(asked)

    server.handler = answer
    assert len(read(case)) == 5


def test_a_job_that_is_never_ready_ends_the_run(pbx: Pbx, case: SourceCase) -> None:
    """Nobody waits for ever; later may be better."""
    pbx.n_pending = 10_000
    with pytest.raises(SourceUnavailableError, match="not made in time"):
        read(case)


@pytest.mark.parametrize(
    "answer", [{"result": 5000}, {"result": "x"}, [], "text", {"result": 1000}, {"key": None}, {"key": ""}, "<html>"]
)
def test_odd_answers_are_asked_for_again(case: SourceCase, answer: Any) -> None:
    """Errors of the server and what is no answer at all pass."""
    server = server_of(case)
    real, odd = server.handler, iter([True])
    server.handler = lambda asked: Reply(answer) if asked.path.endswith("calls/request/") and next(odd, False) else real(asked)
    assert len(read(case)) == 5


@pytest.mark.parametrize("shape", ["object", "one call", "no status", "empty answer first"])
def test_results_in_other_shapes(case: SourceCase, shape: str) -> None:
    """Editions of the API differ in small things."""
    server = server_of(case)
    real = server.handler
    one = load("calls_page1.json")["data"][0]["list"][0]
    rows = load("calls_page1.json")["data"][0]["list"]
    answers = {
        "object": {"result": 1000, "status": "complete", "data": {"list": rows}},
        "one call": {"result": "1000", "status": "complete", "data": [{"list": one}]},
        "no status": {"data": [{"list": rows}, {"list": []}]},
        "empty answer first": {"result": 1000, "status": "complete", "data": [{"list": rows}]},
    }
    pending = iter([shape == "empty answer first"])

    def answer(asked: Asked) -> Reply:
        if not asked.path.endswith("calls/result/"):
            return real(asked)
        return Reply("", status=204) if next(pending, False) else Reply(answers[shape])

    server.handler = answer
    assert "ENTRY001" in read(case)


def test_pages_go_on_until_all_is_there(pbx: Pbx, case: SourceCase) -> None:
    """Each page is a job of its own, with one of the sizes that the system allows."""
    assert len(read(case)) == 5
    assert [params["offset"] for params, _ in pbx.jobs.values()] == [0, 3]


def test_promises_that_are_not_kept_are_told(pbx: Pbx, case: SourceCase) -> None:
    """What the system counts and does not give is in the report instead of being waited for."""
    pbx.promised = 7
    assert len(read(case)) == 5
    assert rejects(case) == [("statistics of 01.03.2026 21:00:00", "the system promises 7 calls and gives 5")]


def test_a_page_that_comes_twice_is_asked_for_again(case: SourceCase) -> None:
    """Nothing is lost and nothing doubled when an old answer comes instead of the next page."""
    server = server_of(case)
    real, repeats = server.handler, iter([False, True])
    last: dict[str, bytes] = {}

    def answer(asked: Asked) -> Reply:
        reply = real(asked)
        if asked.path.endswith("calls/result/") and b'"complete"' in reply.data():
            if next(repeats, False):
                return Reply(last["page"])
            last["page"] = reply.data()
        return reply

    server.handler = answer
    records = [record.call_id for page in case.source.iter_pages(WINDOW) for record in page.records]
    assert records == [f"ENTRY00{number}" for number in range(1, 6)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Moscow", "Asia/Yekaterinburg"])
def test_windows_are_wide_enough_for_other_zones(pbx: Pbx, case: SourceCase, zone: str) -> None:
    """Dates are sent without a zone: whichever of these the system takes them in, no call is lost."""
    pbx.zone = zone
    around = Window(start=CALLS[0].started_at, end=CALLS[4].started_at + timedelta(seconds=1))
    assert len(read(case, around)) == 5


def test_days_are_read_one_by_one(case: SourceCase) -> None:
    """A run that breaks off keeps the days that were read; no window is longer than the system allows."""
    window = Window(start=WINDOW.start - timedelta(days=2), end=WINDOW.end)
    marks = [page.covered_until for page in case.source.iter_pages(window) if page.covered_until]
    assert marks == [window.start + timedelta(days=days) for days in (1, 2, 3)]


def test_a_row_changed_later_comes_in_its_new_state(pbx: Pbx, case: SourceCase) -> None:
    """Subjects are set after the call."""
    before = read(case)["ENTRY002"]
    pbx.calls[1]["tag_id"] = [7, 8]
    assert (before.tags, read(case)["ENTRY002"].tags) == ((), ("7", "8"))


def test_times_may_be_texts(pbx: Pbx, case: SourceCase) -> None:
    """Numbers, numbers in quotes, and dates in UTC are read alike."""
    pbx.calls[0]["context_start_time"] = "1772434920"
    pbx.calls[1]["context_start_time"] = "2026-03-02 07:15:00"
    found = read(case)
    assert found["ENTRY001"].started_at == CALLS[0].started_at
    assert found["ENTRY002"].started_at == CALLS[1].started_at


def test_a_running_call_is_left_out(pbx: Pbx, case: SourceCase) -> None:
    """A call of which no part has ended comes with the next run."""
    pbx.calls[1] |= {"duration": 0, "context_calls": [leg(call_end_time=0)]}
    assert "ENTRY002" not in read(case)


@pytest.mark.parametrize(
    "changes",
    [
        {"context_start_time": None},
        {"context_start_time": "вчера"},
        {"context_start_time": -5},
        {"entry_id": ""},
        {"entry_id": {}},
        {"duration": -5},
        {"duration": 1e18},
        {"talk_duration": "долго"},
        {"context_type": "in"},
        {"context_calls": [None]},
        {"context_calls": "x"},
        {"context_calls": [leg(call_answer_time="x")]},
        {"context_calls": [leg(members=[5])]},
        {"caller_number": []},
    ],
)
def test_a_bad_row_is_rejected_and_the_others_go_on(pbx: Pbx, case: SourceCase, changes: dict[str, Any]) -> None:
    """A foreign value of a wrong kind costs its own call only."""
    pbx.calls[1].update(changes)
    found = rejects(case)
    assert len(found) == 1
    assert found[0][0].startswith("call ")
    assert set(read(case)) == {"ENTRY001", "ENTRY003", "ENTRY004", "ENTRY005"}


def test_groups_within_groups_without_end() -> None:
    """A nesting deeper than any real one does not stop the run."""
    nested = leg()
    for _ in range(100):
        nested = leg(call_type="group", members=[nested])
    assert parse(context_calls=[nested]).legs == ()


def test_members_of_groups_are_legs(case: SourceCase) -> None:
    """Who was rung in vain and who answered stand below the group, which is the queue."""
    call = read(case)["ENTRY001"]
    assert [(item.extension, item.kind, item.result) for item in call.legs] == [
        ("102", LegKind.RING, Disposition.NO_ANSWER),
        ("101", LegKind.TALK, Disposition.ANSWERED),
    ]
    assert (call.queue, call.ring_ms, call.recordings) == ("Продажи", 6000, (RecordingLink(rec_id="RECEXAMPLE001", leg=1),))


def test_transfers_are_marked(case: SourceCase) -> None:
    """The leg after one that handed over; each has its recording."""
    call = read(case)["ENTRY005"]
    assert [(item.extension, item.kind) for item in call.legs] == [("102", LegKind.TALK), ("103", LegKind.TRANSFER_BLIND)]
    assert [(item.rec_id, item.leg) for item in call.recordings] == [("RECEXAMPLE005", 0), ("RECEXAMPLE006", 1)]
    assert call.ended_at == datetime(2026, 3, 2, 9, 4, 12, tzinfo=UTC)


def test_a_transfer_after_a_word_is_told_apart() -> None:
    """The system says which it was."""
    second = leg(call_abonent_id=1, call_abonent_number="101")
    found = parse(context_calls=[leg(ConsultTransfer=True), second])
    assert found.legs[1].kind is LegKind.TRANSFER_ATTENDED


def test_the_caller_of_an_outgoing_call_is_the_operator(case: SourceCase) -> None:
    """The only leg is the client's; the line is the one that the employee calls out with."""
    call = read(case)["ENTRY004"]
    assert (call.extension, call.operator_name, call.line_phone) == ("101", "Соколова Анна", "+74950000001")
    assert [(item.extension, item.kind) for item in call.legs] == [("101", LegKind.TALK)]


def test_only_the_clients_answer_counts_in_outgoing_calls() -> None:
    """Where the PBX rings the employee first, that employee's answer is none."""
    own = leg(call_abonent_id=1, recording_id=[])
    client = leg(call_type="number", call_answer_time=0, call_end_reason=1121, recording_id=[])
    out = {"context_type": 2, "caller_id": 1, "caller_number": "101", "called_number": "79000000104"}
    found = parse(**out, talk_duration=0, context_calls=[own, client])
    assert (found.disposition, found.missed_reason) == (Disposition.BUSY, "1121")
    found = parse(**out, context_calls=[own, {**client, "call_answer_time": 1772435720}])
    assert (found.disposition, found.wait_ms) == (Disposition.ANSWERED, 20_000)


def test_a_call_forwarded_to_an_outside_phone_has_no_extension() -> None:
    """A number is no name."""
    found = parse(context_calls=[leg(call_type="number", call_abonent_id=None, call_abonent_info="79000000999")])
    assert (found.operator_name, found.extension, found.disposition) == (None, None, Disposition.ANSWERED)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"context_type": 3}, Direction.INTERNAL),
        ({"context_type": 2, "context_init_type": 5}, Direction.CALLBACK),
        ({"context_type": 1, "context_init_type": 6}, Direction.CALLBACK),
        ({"context_type": 3, "context_init_type": 5}, Direction.INTERNAL),
        ({"context_type": None}, None),
        ({"context_type": 9}, None),
    ],
)
def test_directions(changes: dict[str, Any], expected: Direction | None) -> None:
    """Calls that a widget or a redialling group makes are call-backs."""
    assert parse(**changes).direction is expected


@pytest.mark.parametrize(
    ("kind", "reason", "expected"),
    [
        (1, 1110, Disposition.ABANDONED),
        (1, 1111, Disposition.NO_ANSWER),
        (1, 1120, Disposition.REJECTED),
        (1, 1121, Disposition.BUSY),
        (1, 1151, Disposition.BLOCKED),
        (1, 1163, Disposition.TIMEOUT),
        (1, 1164, Disposition.NO_ANSWER),
        (1, 1170, Disposition.FAILED),
        (1, 2110, Disposition.FAILED),
        (1, 9999, Disposition.UNKNOWN),
        (1, None, Disposition.UNKNOWN),
        (2, 1110, Disposition.NO_ANSWER),
        (2, 1122, Disposition.REJECTED),
        (2, 3200, Disposition.FAILED),
    ],
)
def test_reasons_become_dispositions(kind: int, reason: int | None, expected: Disposition) -> None:
    """The code of the last leg says how a call ended that nobody took."""
    silent = leg(call_answer_time=None, call_end_reason=reason)
    found = parse(context_type=kind, context_status=0, talk_duration=0, context_calls=[silent])
    assert (found.disposition, found.recordings) == (expected, ())


def test_hidden_numbers_are_no_client() -> None:
    """`anonymous` is nobody; what cannot be parsed is kept as it is."""
    assert parse(caller_number="anonymous").client_phone is None
    assert parse(caller_number="8 (900) 000-01-02").client_phone == "+79000000102"


def test_employees_without_a_part_are_read() -> None:
    """Rows of employees may miss anything."""
    rows = [{"general": {"user_id": 5}}, {"general": None}, None, {"general": {"user_id": None}}, {"general": 5}]
    assert read_users(rows) == (User("5", None, None, None),)


def test_without_the_list_of_employees_calls_come_all_the_same(case: SourceCase) -> None:
    """The right is missed by name; extensions come from the calls as far as they tell."""
    server = server_of(case)
    real = server.handler
    server.handler = lambda asked: Reply({"result": 4001}) if asked.path.endswith("users/request") else real(asked)
    found = read(case)
    assert (found["ENTRY001"].extension, found["ENTRY004"].extension) == ("101", "101")
    assert [where for where, _ in rejects(case)] == ["employees"]
    problems = [item.subject for item in case.source.check() if item.level is Level.PROBLEM]
    assert problems == ["employees"]


def test_a_link_works_once(pbx: Pbx, case: SourceCase, tmp_path: Path) -> None:
    """A transfer that breaks off needs a fresh link; the whole file comes with it."""
    call = read(case)["ENTRY001"]
    server = server_of(case)
    real, cuts = server.handler, iter([True])

    def answer(asked: Asked) -> Reply:
        reply = real(asked)
        if asked.method == "GET" and next(cuts, False):
            return Reply(reply.body, headers={"Content-Type": "audio/mp3"}, cut_after=1000)
        return reply

    server.handler = answer
    path = case.source.fetch(call, call.recordings[0], tmp_path)
    assert path.read_bytes() == beep()
    assert pbx.n_links == 2
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_link_that_died_is_asked_for_anew(pbx: Pbx, case: SourceCase, tmp_path: Path) -> None:
    """Somebody else may have used it up."""
    call = read(case)["ENTRY001"]
    server = server_of(case)
    real, dead = server.handler, iter([True])
    server.handler = lambda asked: Reply("<html>", status=404) if asked.method == "GET" and next(dead, False) else real(asked)
    assert case.source.fetch(call, call.recordings[0], tmp_path).suffix == ".wav"
    assert pbx.n_links == 2


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"result": 3300}, status=404),
        Reply({"result": 4002}),
        Reply("", status=204),
        Reply({"result": 1000}),
        Reply(status=403),
        Reply(b"RIFF"),
        Reply(status=302, headers={"Location": "http://[bad"}),
        Reply(status=302, headers={"Location": "file:///etc/passwd"}),
    ],
)
def test_a_recording_that_is_not_there_is_an_error_of_its_call(case: SourceCase, tmp_path: Path, reply: Reply) -> None:
    """It comes later, or never; the other recordings go on."""
    call = read(case)["ENTRY001"]
    server_of(case).handler = lambda _asked: reply
    with pytest.raises((RecordingError, SourceUnavailableError)):
        case.source.fetch(call, call.recordings[0], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_old_statistics_tell_the_same(old: SourceCase, tmp_path: Path) -> None:
    """Lines between semicolons give the same calls, but for what they do not tell: the second operator of a transfer."""
    found = read(old)
    facts = [
        (item.direction, item.started_at, item.client_phone, item.line_phone, item.disposition, item.wait_ms)
        for item in found.values()
    ]
    assert facts == [
        (call.direction, call.started_at, call.client_phone, call.line_phone, call.disposition, call.wait_ms) for call in CALLS
    ]
    assert [item.extension for item in found.values()] == ["101", "102", None, "101", "102"]
    assert [item.operator_name for item in found.values()][:2] == ["Соколова Анна", "Кравцов Олег"]
    assert [item.talk_ms for item in found.values()] == [184_000, 135_000, 0, 90_000, 247_000]
    assert [link.rec_id for link in found["ENTRY005"].recordings] == ["RECEXAMPLE005", "RECEXAMPLE006"]
    assert found["ENTRY003"].recordings == ()
    path = old.source.fetch(found["ENTRY005"], found["ENTRY005"].recordings[1], tmp_path)
    assert path.read_bytes() == beep()


def test_old_statistics_are_waited_for(pbx: Pbx, old: SourceCase, naps: list[float]) -> None:
    """204 means not yet, 404 that the job is gone."""
    server = server_of(old)
    real, gone = server.handler, iter([True])
    server.handler = lambda asked: (
        Reply(status=404) if asked.path.endswith("stats/result") and next(gone, False) else real(asked)
    )
    assert len(read(old)) == 5
    assert 5.0 in naps
    assert len(pbx.jobs) == 2


def test_old_times_may_be_ahead_of_utc(pbx: Pbx) -> None:
    """Some accounts give Moscow's clock as if it were UTC: the setting takes it back, in questions and answers."""
    pbx.lines = [
        ";".join(
            str(int(value) + 3 * 3600) if index in (1, 2, 3) and value != "0" else value
            for index, value in enumerate(line.split(";"))
        )
        for line in pbx.lines
    ]
    with open_pbx(pbx, quick_tools(), statistics="old", old_ahead_h=3) as case:
        assert [call.started_at for call in read(case).values()] == [call.started_at for call in CALLS]


def test_bad_lines_are_named_and_the_others_go_on() -> None:
    """A line that was cut, has a word for a time or no id costs itself only; an end of line may be Windows' own."""
    good = load("stats_result.csv").splitlines()[0]
    lines = [good[:40], good.replace("1772434920", "x"), good.replace("ENTRY001", ""), good.replace(";1110;", ";?;"), ""]
    records, found = read_lines("\r\n".join(lines), ACCOUNT, timedelta())
    assert [item.where for item in found] == ["statistics:1", "statistics:2", "statistics:3"]
    assert [item.call_id for item in records] == ["ENTRY001"]


def test_lines_of_one_call_are_one_call() -> None:
    """A transfer has a line per operator; the last who talked is the operator; a call that still runs is left out."""
    lines = [
        "[R1];1772442000;1772442065;1772442005;;79000000105;102;74950000002;1120;74950000002;abonent;E5",
        "[R2];1772442066;1772442252;1772442072;;79000000105;103;74950000002;1110;74950000002;abonent;E5",
        "[];1772442300;0;1772442310;;79000000106;103;74950000002;0;74950000002;abonent;E6",
        "[];1772442300;1772442310;0;;79000000107;;74950000002;1110;74950000002;ivr;E7",
        "[];1772442300;1772442310;1772442301;101;101;103;103;1110;;abonent;E8",
    ]
    records, found = read_lines("\n".join(lines), ACCOUNT, timedelta())
    assert found == []
    first, in_menu, inner = records
    assert (first.extension, first.talk_ms, first.wait_ms, len(first.legs)) == ("103", 240_000, 5_000, 2)
    assert (in_menu.disposition, in_menu.legs) == (Disposition.ABANDONED, ())
    assert (inner.direction, inner.client_phone) == (Direction.INTERNAL, None)


@pytest.mark.parametrize("wrong", [{"statistics": "new"}, {"old_ahead_h": 99}])
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    """A wrong word is found when settings are read."""
    with pytest.raises(ValueError, match="must be"):
        Settings(api_key=Secret("env:A"), api_salt=Secret("env:B"), **wrong)


def test_a_check_notices_times_of_the_future(pbx: Pbx) -> None:
    """Calls that are still to come are the sign of times that are ahead of UTC; the hint says what to set."""
    now = int(datetime.now(UTC).timestamp())
    pbx.lines = [f"[];{now + 9000};{now + 9060};{now + 9010};;79000000101;101;74950000001;1110;74950000001;abonent;E1"]
    with open_pbx(pbx, quick_tools(), statistics="old") as case:
        found = {item.subject: item for item in case.source.check()}
    assert (found["times"].level, found["times"].hint) == (Level.PROBLEM, "set old_ahead_h = 3")


def test_a_check_looks_at_a_recording(pbx: Pbx) -> None:
    """One channel is told, with what to do about it."""
    at = int(datetime.now(UTC).timestamp()) - 3600
    call = copy.deepcopy(pbx.calls[1])
    pbx.calls = [{**call, "context_start_time": at}]
    pbx.recordings["RECEXAMPLE002"] = beep(channels=1)
    with open_pbx(pbx, quick_tools()) as case:
        found = {item.subject: (item.level, item.text) for item in case.source.check()}
    assert found["sign-in"] == (Level.FINE, "accepted, 3 employees")
    assert found["calls"] == (Level.FINE, "1 calls in the last 2 days, 1 with a recording")
    assert found["recordings"][0] is Level.ADVICE
