"""MANGO OFFICE as a test sees it: signatures, statistics as jobs, pages, and recordings behind links that work once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from callscore.sources.mango import Settings, open_source
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

KEY, SALT = "mango-key-77aa", "mango-salt-91bc"
SIZES = (1, 5, 10, 20, 50, 100, 500, 1000, 2000, 5000)
BIGGEST_PAGE = 3


def load(name: str) -> Any:
    """Return the content of a fixture."""
    text = (FIXTURES / "mango" / name).read_text(encoding="utf-8")
    return json.loads(text) if name.endswith(".json") else text


@dataclass
class Pbx:
    """The account: its rows, the zone it understands dates in, and how often a job is not ready yet."""

    calls: list[Any] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    users: list[Any] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)
    zone: str = "Europe/Moscow"
    n_pending: int = 1
    promised: int | None = None
    jobs: dict[str, tuple[Mapping[str, Any], list[int]]] = field(default_factory=dict)
    links: dict[str, bytes] = field(default_factory=dict)
    n_links: int = 0

    def answer(self, asked: Asked) -> Reply:
        """Answer a request as the system does."""
        if asked.method == "GET":
            sound = self.links.pop(asked.path, None)  # a second request finds nothing
            return (
                Reply("<html>404</html>", status=404) if sound is None else Reply(sound, headers={"Content-Type": "audio/mp3"})
            )
        form = asked.form()
        sign = hashlib.sha256(f"{KEY}{form.get('json')}{SALT}".encode()).hexdigest()
        if form.get("vpbx_api_key") != KEY or form.get("sign") != sign:
            return Reply(load("error_sign.json"))
        params = json.loads(form["json"])
        return {
            "/vpbx/config/users/request": self._users,
            "/vpbx/stats/calls/request/": self._start,
            "/vpbx/stats/calls/result/": self._result,
            "/vpbx/stats/request": self._start,
            "/vpbx/stats/result": self._old_result,
            "/vpbx/queries/recording/post": self._link,
        }[asked.path](params)

    def _users(self, params: Mapping[str, Any]) -> Reply:
        assert params == {}
        return Reply({"result": 1000, "users": self.users})

    def _start(self, params: Mapping[str, Any]) -> Reply:
        if "limit" in params and params["limit"] not in SIZES:
            return Reply(load("error_params.json"), status=400)
        key = f"JOB{len(self.jobs)}=="
        self.jobs[key] = (params, [self.n_pending])
        return Reply({"result": 1000, "key": key})

    def _result(self, asked: Mapping[str, Any]) -> Reply:
        if asked["key"] not in self.jobs:
            return Reply({"result": 1000, "status": "not-found", "data": []})
        params, pending = self.jobs[asked["key"]]
        if pending[0]:
            pending[0] -= 1
            return Reply(load("result_pending.json"))
        since, until = (self._moment(params[name]) for name in ("start_date", "end_date"))
        rows = [row for row in self.calls if not _has_time(row) or since <= float(row["context_start_time"]) <= until]
        offset = params["offset"]
        page = rows[offset : offset + min(params["limit"], BIGGEST_PAGE)]
        total = len(rows) if self.promised is None else self.promised
        return Reply({"result": 1000, "status": "complete", "data": [{"total_calls_count": total, "list": page}]})

    def _old_result(self, asked: Mapping[str, Any]) -> Reply:
        if asked["key"] not in self.jobs:
            return Reply("", status=404)
        params, pending = self.jobs[asked["key"]]
        if pending[0]:
            pending[0] -= 1
            return Reply(status=204)
        since, until = params["date_from"], params["date_to"]
        lines = [line for line in self.lines if not _start_of(line) or since <= _start_of(line) <= until]
        return Reply("\n".join(lines), headers={"Content-Type": "text/csv"})

    def _link(self, params: Mapping[str, Any]) -> Reply:
        assert params["action"] == "download"
        sound = self.recordings.get(params["recording_id"])
        if sound is None:
            return Reply({"result": 3300, "message": "not found"}, status=404)
        self.n_links += 1
        address = f"/files/{self.n_links}"
        self.links[address] = sound
        return Reply(status=302, headers={"Location": address})

    def _moment(self, text: str) -> float:
        at = datetime.strptime(text, "%d.%m.%Y %H:%M:%S")  # noqa: DTZ007 - the zone is added here
        return at.replace(tzinfo=ZoneInfo(self.zone)).timestamp()


def _has_time(row: Any) -> bool:
    return isinstance(row, dict) and str(row.get("context_start_time")).isdigit()


def _start_of(line: str) -> int:
    fields = line.split(";")
    return int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else 0


def story_pbx() -> Pbx:
    """Return the account that tells the story."""
    calls = [row for name in ("calls_page1.json", "calls_page2.json") for row in load(name)["data"][0]["list"]]
    recordings = {f"RECEXAMPLE00{number}": beep() for number in (1, 2, 4, 5, 6)}
    lines = load("stats_result.csv").splitlines()
    return Pbx(calls=calls, lines=lines, users=load("users.json")["users"], recordings=recordings)


@contextmanager
def open_pbx(pbx: Pbx, tools: Tools, **options: Any) -> Iterator[SourceCase]:
    """Open a source at an account; `options` are settings."""
    secrets = {"CALLSCORE_TEST_MANGO_KEY": KEY, "CALLSCORE_TEST_MANGO_SALT": SALT}
    with serving(pbx.answer) as server, mock.patch.dict(os.environ, secrets):
        values = {
            "api_key": Secret("env:CALLSCORE_TEST_MANGO_KEY"),
            "api_salt": Secret("env:CALLSCORE_TEST_MANGO_SALT"),
            "url": f"{server.url}/vpbx",
            "allow_hosts": ("127.0.0.1",),
        }
        source = open_source("shop", Settings(**{**values, **options}), tools)
        try:
            yield SourceCase(source=source, server=server, secret=KEY)
        finally:
            source.close()


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Open the account that tells the story; nothing of it is unknown."""
    del folder
    with open_pbx(story_pbx(), tools) as case:
        yield case


def server_of(case: SourceCase) -> ApiServer:
    """Return the server of a case."""
    assert case.server is not None
    return case.server
