"""HTTP as a good guest."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from callscore.errors import ConfigError, SourceAuthError, SourceError, SourceUnavailableError
from callscore.outside import web as web_module
from callscore.outside.pages import Patience
from callscore.outside.patience import TryLaterError
from callscore.outside.web import Request, Response, Web, check_address, read_json
from tests.connectors.api_server import ApiServer, Asked, Reply, serving

ASK = Request(what="calls", path="calls")


def patience(naps: list[float] | None = None, **changes: Any) -> Patience:
    """Return a patience that notes its pauses instead of making them."""
    noted = [] if naps is None else naps
    return Patience(**{"attempts": 4, "first_wait_s": 1.0, "timeout_s": 1.0, "sleep": noted.append, **changes})


def fine(asked: Asked) -> Reply:
    """Answer what was asked for."""
    return Reply({"path": asked.path, "query": dict(asked.query), "body": asked.body.decode()})


def ask(server: ApiServer, request: Request = ASK, naps: list[float] | None = None, **options: Any) -> Any:
    """Ask the server once."""
    with Web(server.url, options.pop("patience", None) or patience(naps), **options) as web:
        return web.json(request)


def test_a_path_is_joined_to_the_base() -> None:
    """The base may have a path of its own, and end with a slash or not."""
    with serving(fine) as server:
        for base in (f"{server.url}/api", f"{server.url}/api/"):
            with Web(base, patience()) as web:
                assert web.json(Request(what="x", path="/calls/", params={"page": 2})) == {
                    "path": "/api/calls/",
                    "query": {"page": "2"},
                    "body": "",
                }
                assert web.json(Request(what="x"))["path"] == "/api"
                assert web.json(Request(what="x", path=f"{server.url}/other"))["path"] == "/other"


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (Request(what="x", method="POST", json={"a": 1}), '{"a":1}'),
        (Request(what="x", method="POST", form={"a": 1}), "a=1"),
        (Request(what="x", method="POST", content=b"raw"), "raw"),
    ],
)
def test_bodies(request_: Request, body: str) -> None:
    """Each kind of body arrives as it is meant."""
    with serving(fine) as server:
        assert ask(server, request_)["body"] == body


def test_pauses_double_and_stop() -> None:
    """A server that stays away is asked four times, with growing pauses, and then named."""
    naps: list[float] = []
    with serving(lambda _: Reply(status=503)) as server, pytest.raises(SourceUnavailableError) as caught:
        ask(server, naps=naps)
    assert len(server.asked) == 4
    assert [0.75 <= nap / usual <= 1.25 for nap, usual in zip(naps, (1, 2, 4), strict=True)] == [True] * 3
    assert caught.value.transient
    assert caught.value.where == "127.0.0.1"


def test_retry_after_as_seconds_and_as_a_date() -> None:
    """Both forms of the header count (RFC 9110, 10.2.3); one that cannot be read is ignored."""
    naps: list[float] = []
    with serving(fine) as server:
        at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
        past = format_datetime(datetime.now(UTC) - timedelta(seconds=90), usegmt=True)
        for value in ("7", at, past, "soon"):
            server.faults.append(Reply(status=429, headers={"Retry-After": value}))
            ask(server, naps=naps)
    assert naps[0] == 7.0
    assert 85 < naps[1] <= 90
    assert naps[2] == 0.0
    assert 0.75 <= naps[3] <= 1.25


def test_a_pause_longer_than_our_patience_is_left_to_the_next_run() -> None:
    """A run does not sleep for hours."""
    naps: list[float] = []
    with serving(fine) as server:
        server.faults.append(Reply(status=429, headers={"Retry-After": "7200"}))
        with pytest.raises(SourceUnavailableError, match="120 min"):
            ask(server, naps=naps)
    assert naps == []


def test_a_system_may_ask_for_a_pause_in_its_own_way() -> None:
    """Where Retry-After does not say it, the source reads it."""
    naps: list[float] = []

    def own(response: Response) -> float | None:
        return float(response.headers["X-Wait"]) if "X-Wait" in response.headers else None

    with serving(fine) as server:
        server.faults += [Reply(status=429, headers={"X-Wait": "3"}), Reply(status=429, headers={"Retry-After": "4"})]
        ask(server, naps=naps, pause_asked=own)
    assert naps == [3.0, 4.0]


def test_what_answers_hide_is_found_by_who_reads_them() -> None:
    """An error inside status 200 is tried again when the reader says so."""
    naps: list[float] = []

    def read(response: Response) -> Any:
        if "busy" in read_json(response):
            raise TryLaterError("busy", after_s=2.5)
        return "done"

    with serving(fine) as server:
        server.faults.append(Reply({"busy": True}))
        with Web(server.url, patience(naps)) as web:
            assert web.ask(ASK, read) == "done"
    assert naps == [2.5]


@pytest.mark.parametrize(
    "fault",
    [
        Reply(wait_s=1.5),
        Reply(b"0123456789", cut_after=4),
        Reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
        Reply("<html>"),
        Reply(b"\xff\xfe{"),
        Reply("[" * 100_000),
        Reply("1" * 5000),
    ],
    ids=["time-out", "cut off", "damaged gzip", "a page", "no UTF-8", "too deep", "an endless number"],
)
def test_broken_answers_are_tried_again(fault: Reply) -> None:
    """What cannot be read may be readable the next time."""
    naps: list[float] = []
    with serving(fine) as server:
        server.faults.append(fault)
        assert ask(server, naps=naps)["path"] == "/calls"
    assert len(naps) == 1


def test_a_server_that_is_not_there_is_named() -> None:
    """Nobody listens on the port any more."""
    with serving(fine) as server:
        pass
    with pytest.raises(SourceUnavailableError, match="no connection"):
        ask(server)


def test_time_outs_are_told_apart() -> None:
    """Asking for less may help against them, and against nothing else."""
    with serving(fine) as server, Web(server.url, patience(attempts=1)) as web:
        for fault, expected in ((Reply(wait_s=1.5), True), (Reply(status=504), True), (Reply(status=503), False)):
            server.faults.append(fault)
            with pytest.raises(SourceUnavailableError):
                web.json(ASK)
            assert web.timed_out is expected


@pytest.mark.parametrize(
    ("status", "kind"), [(401, SourceAuthError), (402, SourceAuthError), (403, SourceAuthError), (404, SourceError)]
)
def test_refusals_are_not_tried_again(status: int, kind: type[SourceError]) -> None:
    """Asking again would not help."""
    with serving(lambda _: Reply({"secret": "SECRET"}, status=status)) as server, pytest.raises(kind) as caught:
        ask(server)
    assert len(server.asked) == 1
    assert "SECRET" not in caught.value.message


def test_an_empty_answer_is_nothing() -> None:
    """Status 204, or no text."""
    with serving(lambda _: Reply(status=204)) as server:
        assert ask(server) is None
    with serving(lambda _: Reply(" \n")) as server:
        assert ask(server) is None


def test_an_answer_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is not the server's to fill, packed or not."""
    monkeypatch.setattr(web_module, "MAX_ANSWER_BYTES", 1024 * 1024)
    packed = gzip.compress(b" " * 3 * 1024 * 1024)
    for reply in (Reply(b" " * 2 * 1024 * 1024), Reply(packed, headers={"Content-Encoding": "gzip"})):
        with serving(lambda _, reply=reply: reply) as server, pytest.raises(SourceError, match="longer than 1 MiB"):  # type: ignore[misc]
            ask(server)


def test_redirects_to_another_host_are_not_followed() -> None:
    """Neither headers nor bodies go where the user did not send them."""
    with serving(fine) as other:

        def lead_away(_: Asked) -> Reply:
            return Reply(status=307, headers={"Location": f"{other.url}/x"})

        with serving(lead_away) as server, pytest.raises(SourceError, match="another host"):
            ask(server, Request(what="x", method="POST", form={"key": "SECRET"}), headers=lambda: {"X-Key": "SECRET"})
    assert other.asked == []


@pytest.mark.parametrize("location", ["http://[bad/", "http://host:port/", "//", "ftp://127.0.0.1/x", "javascript:alert(1)"])
def test_redirects_to_nowhere_are_errors(location: str) -> None:
    """Whatever stands there, it is no crash."""
    with serving(lambda _: Reply(status=302, headers={"Location": location})) as server, pytest.raises(SourceError):
        ask(server)


def test_redirects_within_the_host_are_followed() -> None:
    """A moved path keeps the sign-in; 307 keeps the body, 302 does not."""

    def move(asked: Asked) -> Reply:
        if asked.path != "/new":
            return Reply(status=int(asked.path[-3:]), headers={"Location": "/new?page=3"})
        return Reply(
            {"method": asked.method, "body": asked.body.decode(), "key": asked.headers.get("x-key"), "query": asked.raw_query}
        )

    with serving(move) as server:
        for status, method, body in ((307, "POST", "a=1"), (302, "GET", "")):
            request = Request(what="x", path=f"old-{status}", method="POST", form={"a": 1}, params={"page": 1})
            found = ask(server, request, headers=lambda: {"X-Key": "K"})
            assert found == {"method": method, "body": body, "key": "K", "query": "page=3"}


def test_redirects_in_a_circle_end() -> None:
    """Five are enough."""
    with serving(lambda asked: Reply(status=302, headers={"Location": asked.path})) as server:
        with pytest.raises(SourceError, match="too many"):
            ask(server)
        assert len(server.asked) == 5


def test_requests_keep_their_distance() -> None:
    """A system's limit is kept between any two requests, those tried again included."""
    naps: list[float] = []
    with serving(fine) as server, Web(server.url, patience(naps), min_interval_s=50.0) as web:
        for _ in range(3):
            web.json(ASK)
    assert [45 < nap <= 50 for nap in naps] == [True, True]


def test_headers_are_asked_for_anew() -> None:
    """A sign-in that was renewed is used at once."""
    keys = iter(("first", "second"))

    def sign_in() -> Mapping[str, str]:
        return {"X-Key": next(keys)}

    with serving(fine) as server, Web(server.url, patience(), headers=sign_in) as web:
        web.json(ASK)
        web.json(ASK)
        assert [item.headers["x-key"] for item in server.asked] == ["first", "second"]


def test_a_key_that_cannot_be_sent_is_no_crash() -> None:
    """A header takes no Cyrillic letters; the message does not repeat them."""
    with serving(fine) as server, pytest.raises(SourceError) as caught:
        ask(server, headers=lambda: {"X-Key": "ключ"})
    assert "ключ" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("hours", [-3, 0, 3])
def test_the_clock_is_read_from_answers(hours: int) -> None:
    """A system whose clock is wrong is noticed."""
    date = format_datetime(datetime.now(UTC) + timedelta(hours=hours), usegmt=True)
    with serving(lambda _: Reply({}, headers={"Date": date})) as server, Web(server.url, patience()) as web:
        assert web.clock_skew_s is None
        web.json(ASK)
        assert web.clock_skew_s is not None
        assert abs(web.clock_skew_s - hours * 3600) < 5


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2026 10:00:00 GMT"])
def test_a_clock_that_cannot_be_read_is_ignored(date: str) -> None:
    """A header is no reason to stop."""
    with serving(lambda _: Reply({}, headers={"Date": date})) as server, Web(server.url, patience()) as web:
        web.json(ASK)
        assert web.clock_skew_s is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host",
        "ftp://host/",
        "https://",
        "https://user:SECRET@host/",
        "https://host:99999/",
        "https://host:0/",
        "https://[x/",
    ],
)
def test_addresses_that_cannot_be_used(url: str) -> None:
    """They are refused before anything is sent, and not repeated: a password may be in them."""
    with pytest.raises(ConfigError) as caught:
        check_address(url)
    assert "SECRET" not in f"{caught.value.message}{caught.value.where}{caught.value.hint}"


def test_whole_addresses_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Some systems want their key in the address."""
    caplog.set_level(logging.DEBUG)
    with serving(fine) as server:
        ask(server, Request(what="x", path="rest/SECRET/calls", params={"key": "SECRET"}))
    assert "SECRET" not in caplog.text
