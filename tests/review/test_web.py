"""What the page lets in, what it gives out, and to whom."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from callscore.records import CallInfo, Evidence, RecordedCall, Role, Verdict, Word
from callscore.review.desk import Desk, DeskSettings
from callscore.review.journal import Journal, reviews_folder
from callscore.review.users import UserRole, Users
from callscore.review.viewer import Viewer
from callscore.review.web import make_app
from callscore.store import open_store
from callscore.store.entries import Flag
from callscore.units import Span
from tests.review.desk_shop import PASSWORD, Shop
from tests.store.build import START, criterion, result, score

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
TRAINER = Viewer(login="olga", role=UserRole.TRAINER)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'=HYPERLINK(1)../../etc/passwd{{7*7}}"


def visitor(desk: Desk, *, is_lone: bool = True) -> TestClient:
    """Return a browser without eyes at the desk."""
    return TestClient(make_app(desk, is_lone=is_lone), base_url="http://127.0.0.1:8050", follow_redirects=False)


def token(client: TestClient, address: str = "/") -> str:
    """Return what a post has to bring along."""
    found = re.search(r'name="token" value="(\w+)"', client.get(address).text)
    assert found is not None
    return found.group(1)


def signed_in(shop: Shop, role: UserRole, operator: str | None = None, *, managers_see_words: bool = False) -> TestClient:
    """Return a browser in which somebody of this role has signed in."""
    shop.users.add(role.value, PASSWORD, role, now=NOW, operator=operator)
    client = visitor(shop.desk(managers_see_words=managers_see_words))
    answer = client.post("/sign-in", data={"login": role.value, "password": PASSWORD})
    assert answer.status_code == 303
    return client


def verdict(shop: Shop, call_id: str = "d002") -> dict[str, str]:
    """Return a post that corrects the first verdict of a call."""
    with_scores = shop.desk().call(TRAINER, call_id).standing.scores[0]
    return {
        "id": call_id,
        "rubric": with_scores.machine.rubric,
        "criterion": with_scores.verdicts[0].machine.criterion,
        "verdict": "na",
    }


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.:8050"])
def test_only_known_names_are_answered(shop: Shop, host: str) -> None:
    """A page that points its own name at this machine reads nothing."""
    assert visitor(shop.desk()).get("/", headers={"host": host}).status_code == 421


def test_a_post_needs_the_token_of_its_session(shop: Shop) -> None:
    """Another site cannot make a browser correct verdicts, with or without a guess at the token."""
    client = visitor(shop.desk())
    right = token(client)
    post = verdict(shop)
    assert client.post("/do/verdict", data=post).status_code == 403
    assert client.post("/do/verdict", data={**post, "token": "0" * 64}).status_code == 403
    assert (
        client.post("/do/verdict", data={**post, "token": right}, headers={"origin": "http://evil.example"}).status_code == 403
    )
    assert (
        client.post("/do/verdict", data={**post, "token": right}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    )
    assert shop.journal.read().entries == ()
    assert client.post("/do/verdict", data={**post, "token": right}).status_code == 303
    assert len(shop.journal.read().entries) == 1


def test_every_answer_carries_a_strict_policy(shop: Shop) -> None:
    """No inline script or style, no frames, no foreign origins, nothing cached; the cookie is out of scripts' reach."""
    answer = visitor(shop.desk()).get("/call?id=d002")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon\w+=", answer.text) is None


def test_a_page_too_long_or_of_another_kind_is_refused(shop: Shop) -> None:
    """Megabytes are not read, and only GET and POST are answered."""
    client = visitor(shop.desk())
    assert client.post("/do/verdict", data={"reason": "x" * 300_000}).status_code == 413
    assert client.get("/?operator=" + "x" * 9000).status_code == 414
    assert client.put("/").status_code == 405


def test_where_others_can_come_nobody_is_in_without_signing_in(shop: Shop) -> None:
    """A server for others lets nobody in even if the last user was removed while it ran."""
    client = visitor(shop.desk(), is_lone=False)
    for address in ("/", "/call?id=d002", "/audio?id=d002", "/peaks?id=d002", "/search?phrase=x", "/coaching"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in")
    assert client.post("/do/verdict", data=verdict(shop)).status_code == 403


def test_a_removed_user_is_out_at_once(shop: Shop) -> None:
    """A session ends with its user, and with a new password."""
    client = signed_in(shop, UserRole.TRAINER)
    shop.users.add("other", PASSWORD, UserRole.TRAINER, now=NOW)
    assert client.get("/").status_code == 200
    shop.users.set_password("trainer", "another long password", now=datetime.now(UTC))
    assert client.get("/").status_code == 303


def test_an_operator_sees_only_own_calls(shop: Shop) -> None:
    """Other people's calls, their sound and every page for trainers are closed to operators."""
    client = signed_in(shop, UserRole.OPERATOR, "d.kozlov")
    assert client.get("/call?id=d002").status_code == 200
    assert client.get("/audio?id=d002").status_code == 200
    answers = {address: client.get(address).status_code for address in ("/call?id=d010", "/audio?id=d010", "/peaks?id=d010")}
    assert set(answers.values()) == {404}
    assert [client.get(address).status_code for address in ("/appeals", "/calibration", "/coaching", "/clips?name=a")] == [
        403
    ] * 4
    assert client.post("/do/verdict", data={**verdict(shop), "token": token(client, "/call?id=d002")}).status_code == 403
    assert "d010" not in client.get("/").text


def test_a_manager_sees_no_words_no_numbers_and_hears_nothing(shop: Shop) -> None:
    """Verdicts and scores are a manager's; quotes, transcript, sound and the client's number are not, unless configured."""
    client = signed_in(shop, UserRole.MANAGER)
    page = client.get("/call?id=d002").text
    words = [word.text for turn in shop.desk().call(TRAINER, "d002").standing.turns for word in turn.words]
    assert not any(f">{word}<" in page for word in words)
    assert re.search(r"\+7\d{10}", page) is None
    assert client.get("/audio?id=d002").status_code == 403
    assert client.get("/peaks?id=d002").status_code == 403


def test_managers_see_words_where_the_shop_says_so(shop: Shop) -> None:
    """The setting opens words and sound to managers, still without clients' numbers."""
    client = signed_in(shop, UserRole.MANAGER, managers_see_words=True)
    assert client.get("/audio?id=d002").status_code == 200
    page = client.get("/call?id=d002").text
    assert 'class="turn' in page
    assert re.search(r"\+7\d{10}", page) is None


@pytest.mark.parametrize("call_id", ["../../etc/passwd", "/etc/passwd", "d002.wav", "d002%00", "", "' OR 1=1 --"])
def test_sound_is_given_by_the_id_of_a_call_only(shop: Shop, call_id: str) -> None:
    """A path, a file's name or a piece of SQL is no call."""
    client = visitor(shop.desk())
    assert client.get("/audio", params={"id": call_id}).status_code == 404
    assert client.get("/peaks", params={"id": call_id}).status_code == 404


def test_sound_comes_in_byte_ranges_and_each_is_logged(shop: Shop) -> None:
    """Browsers seek by ranges (RFC 9110); who heard which part of which call stands in the access log."""
    client = visitor(shop.desk())
    whole = client.get("/audio?id=d005")
    assert (whole.status_code, whole.headers["content-type"], whole.content[:4]) == (200, "audio/wav", b"RIFF")
    part = client.get("/audio?id=d005", headers={"range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.content)}"
    assert client.get("/audio?id=d005", headers={"range": "bytes=-500"}).content == whole.content[-500:]
    assert client.get("/audio?id=d005", headers={"range": f"bytes={len(whole.content)}-"}).status_code == 416
    assert client.get("/audio?id=d005", headers={"range": "bytes=a-b"}).status_code == 200

    lines = [json.loads(line) for line in (reviews_folder(shop.db) / "access.jsonl").read_text().splitlines()]
    assert [line["call_id"] for line in lines] == ["d005"] * 4
    assert lines[0]["start_ms"] == 0
    assert set(lines[0]) == {"at", "who", "role", "call_id", "what", "start_ms", "end_ms"}


def test_a_recording_that_was_changed_is_not_played(shop: Shop) -> None:
    """Other sound under old words would mislead: what is not the file that was heard is refused in words."""
    file = next(shop.recordings.glob("d016.*"))
    before = file.read_bytes()
    file.write_bytes(before + b"\0")
    try:
        answer = visitor(shop.desk()).get("/audio?id=d016", headers={"accept": "application/json"})
    finally:
        file.write_bytes(before)
    assert answer.status_code == 410
    assert "changed or re-encoded" in answer.json()["error"]


def test_wrong_values_are_told_and_nothing_is_written(shop: Shop) -> None:
    """A verdict that is none, a criterion that is not there, an endless comment: an error in words, an empty journal."""
    client = visitor(shop.desk())
    right = {**verdict(shop), "token": token(client)}
    wrong = [
        ({"verdict": "maybe"}, 422),
        ({"criterion": "nothing"}, 404),
        ({"id": "nobody"}, 404),
        ({"reason": "x" * 5000}, 422),
        ({"reason": "a\x00b"}, 422),
        ({"session": "0" * 32, "sample": "blind"}, 403),
    ]
    answers = [client.post("/do/verdict", data={**right, **change}).status_code for change, _ in wrong]
    assert answers == [status for _, status in wrong]
    addresses = ("/?page=0", "/?page=x", "/?severity=9&filtered=1", "/?since=yesterday&filtered=1")
    assert [client.get(address).status_code for address in addresses] == [422] * 4
    assert shop.journal.read().entries == ()


def test_what_was_not_drawn_is_no_random_verdict(shop: Shop) -> None:
    """Rates of the machine's mistakes rest on calls drawn by lot: a post cannot make another call one of them."""
    client = visitor(shop.desk())
    client.post("/do/verdict", data={**verdict(shop), "token": token(client), "sample": "random"})
    (entry,) = shop.journal.read().entries
    assert getattr(entry, "sample", None) == ""


def test_a_torn_line_of_the_journal_is_told_and_the_rest_counts(shop: Shop) -> None:
    """What a power cut left of a line is set aside in words on the page, and the next correction is whole."""
    client = visitor(shop.desk())
    post = {**verdict(shop), "token": token(client)}
    client.post("/do/verdict", data=post)
    with shop.journal.path.open("a") as file:
        file.write('{"v":1,"kind":"verd')
    other = visitor(shop.desk())
    assert "was not written to its end" in other.get("/").text
    other.post("/do/verdict", data={**post, "token": token(other), "verdict": "unsure"})
    assert [getattr(entry, "new", "") for entry in shop.journal.read().entries] == ["na", "unsure"]


def test_two_servers_on_one_workspace_see_each_other(shop: Shop) -> None:
    """What is corrected at one desk stands at the other at once, and both voices are kept."""
    one, other = visitor(shop.desk()), visitor(shop.desk())
    one.post("/do/verdict", data={**verdict(shop), "token": token(one), "reason": "heard at the first"})
    other.post("/do/verdict", data={**verdict(shop), "token": token(other), "verdict": "fail", "reason": "heard at the second"})
    page = one.get("/call?id=d002").text
    assert "heard at the first" in page
    assert "heard at the second" in page


def test_a_link_of_an_operator_whose_calls_were_purged_says_so(shop: Shop) -> None:
    """The link still opens; there is nothing behind it, and an old address of a call says why."""
    _, key = shop.users.make_link("somebody.gone", now=datetime.now(UTC), days=7)
    client = visitor(shop.desk())
    assert client.get(f"/link/{key}").status_code == 200
    assert client.post("/link", data={"key": key, "token": token(client)}).status_code == 303
    assert "The queue is empty" in client.get("/").text
    gone = client.get("/call?id=d002")
    assert gone.status_code == 404
    assert "purged" in gone.text


@pytest.fixture
def hostile_desk(tmp_path: Path) -> Desk:
    """Return a desk over calls whose every text comes from somebody who means harm; one is named by a megabyte."""
    db = tmp_path / "calls.duckdb"
    with open_store(db) as writer:
        writer.start_run("r1", START, "0")
        for number, text in enumerate((HOSTILE, "A" * 1_000_000)):
            given = result(number, verdicts=(Verdict.FAIL, Verdict.UNSURE))
            info = CallInfo(call_id=text, started_at=START, operator=text, client_phone=text, queue=text, did=text)
            word = Word(span=Span(0, 500), text=text[:50_000], prob=0.2)
            turn = replace(given.dialogue.turns[0], words=(word, *given.dialogue.turns[0].words))
            judged = replace(
                criterion(text[:1000], Verdict.FAIL, critical=True),
                reason=text,
                evidence=(Evidence(span=Span(0, 2600), role=Role.OPERATOR, text=text),),
            )
            writer.save_call(
                replace(
                    given,
                    record=RecordedCall(info=info, recording=replace(given.record.recording, name=text)),
                    dialogue=replace(given.dialogue, turns=(turn, *given.dialogue.turns[1:])),
                    scores=(score(judged),),
                    notes=(text,),
                ),
                "r1",
                [Flag(reason="rudeness", severity=3, detail=text)],
            )
    return Desk(DeskSettings(db=db, language="ru", timezone="UTC"))


def test_hostile_texts_do_no_harm(hostile_desk: Desk) -> None:
    """Whatever calls and metadata hold is shown as text, cut to a bearable length."""
    client = visitor(hostile_desk)
    call = client.get("/call", params={"id": HOSTILE})
    pages = [client.get("/?filtered=1"), call, client.get("/coaching"), client.get("/calibration")]
    assert [page.status_code for page in pages] == [200] * 4
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert len(page.content) < 400_000
    assert "Звонков в очереди: 2" in pages[0].text
    assert "{{7*7}}" in call.text
    post = {"id": HOSTILE, "collection": HOSTILE, "start": "0", "end": "2", "note": HOSTILE, "token": token(client)}
    assert client.post("/do/clip", data=post).status_code == 303
    export = client.get("/clips", params={"name": HOSTILE}).text
    assert "<script>alert" not in export
    assert Journal(reviews_folder(hostile_desk.settings.db)).read().notes == ()
    assert Users(reviews_folder(hostile_desk.settings.db)).all() == ()
