"""CoMagic as a test sees it: Data API 2.0 over the fixtures, with key, limits, windows, paging and hashes of recordings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from callscore.sources.comagic import Settings, open_source
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

TOKEN = "comagic-token-5f1c"
BIGGEST_PAGE = 2


def load(name: str) -> Any:
    """Return the content of a fixture."""
    return json.loads((FIXTURES / "comagic" / name).read_text(encoding="utf-8"))


@dataclass
class Pbx:
    """The account: its rows, and what it allows. `minute_left` counts down where it is set."""

    calls: list[Any] = field(default_factory=list)
    legs: list[Any] = field(default_factory=list)
    employees: list[Any] = field(default_factory=list)
    zone: str | None = "Europe/Moscow"
    minute_left: int | None = None
    most_rows: int | None = None
    forbidden: set[str] = field(default_factory=set)
    texts: list[tuple[str, str]] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Reply:
        """Answer a request as the system does: errors have status 200."""
        if asked.method == "GET":
            sound = self.recordings.get(asked.path)
            return (
                Reply("<html>404</html>", status=404) if sound is None else Reply(sound, headers={"Content-Type": "audio/mpeg"})
            )
        body = asked.json()
        params = body["params"]
        if params.get("access_token") != TOKEN:
            return Reply(load("error_access_token.json"))
        if body["method"] in self.forbidden:
            error = load("error_ip.json")
            error["error"]["data"]["mnemonic"] = "forbidden"
            return Reply(error)
        if self.minute_left is not None:
            if self.minute_left <= 0:
                return Reply(load("error_limit.json"))
            self.minute_left -= 1
        return self._rows(body["method"], params)

    def _rows(self, method: str, params: Mapping[str, Any]) -> Reply:
        if method == "get.account":
            return Reply(self._page([{"app_id": 1, "name": "Магазин", "timezone": self.zone}], {}))
        if method == "get.employees":
            return Reply(self._page(self.employees, params))
        if set(params) - {"user_id"} != {"access_token", "date_from", "date_till", "limit", "offset", "sort", "fields"}:
            return Reply(load("error_interval.json"))
        since, until = params["date_from"], params["date_till"]
        self.texts.append((since, until))
        rows = self.calls if method == "get.calls_report" else self.legs
        rows = [row for row in rows if not _has_time(row) or since <= row["start_time"] <= until]
        return Reply(self._page(rows, params))

    def _page(self, rows: list[Any], params: Mapping[str, Any]) -> dict[str, Any]:
        offset, limit = params.get("offset", 0), min(params.get("limit", BIGGEST_PAGE), BIGGEST_PAGE)
        left = 49 if self.minute_left is None else self.minute_left
        limits = {"day_limit": 5000, "day_remaining": 4990, "day_reset": 36000, "minute_limit": 50}
        metadata = {"total_items": len(rows), "limits": {**limits, "minute_remaining": left, "minute_reset": 31}}
        return {"jsonrpc": "2.0", "id": "1", "result": {"metadata": metadata, "data": rows[offset : offset + limit]}}


def _has_time(row: Any) -> bool:
    return isinstance(row, dict) and str(row.get("start_time")).startswith("20")


def story_pbx() -> Pbx:
    """Return the account that tells the story."""
    calls = [row for name in ("calls_page1.json", "calls_page2.json") for row in load(name)["result"]["data"]]
    recordings = {
        f"/system/media/talk/{call['communication_id']}/{code}/": beep()
        for call in calls
        for code in call["call_records"] or ()
    }
    return Pbx(
        calls=calls,
        legs=load("legs_page1.json")["result"]["data"],
        employees=load("employees.json")["result"]["data"],
        recordings=recordings,
    )


@contextmanager
def open_pbx(pbx: Pbx, tools: Tools, **options: Any) -> Iterator[SourceCase]:
    """Open a source at an account; `options` are settings."""
    with serving(pbx.answer) as server, mock.patch.dict(os.environ, {"CALLSCORE_TEST_COMAGIC": TOKEN}):
        values = {
            "access_token": Secret("env:CALLSCORE_TEST_COMAGIC"),
            "url": f"{server.url}/v2.0",
            "media_url": server.url,
            "allow_hosts": ("127.0.0.1",),
        }
        source = open_source("shop", Settings(**{**values, **options}), tools)
        try:
            yield SourceCase(source=source, server=server, secret=TOKEN)
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
