"""Мои Звонки as their clients describe them, with the story in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from callscore.sources.moizvonki import Settings, open_source
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

FOLDER = FIXTURES / "moizvonki"
KEY = "SECRET-OF-THE-LOGIN"
UNKNOWN = frozenset({"line_phone", "disposition", "extension", "talk_ms"})
"""What phones do not tell: the shop's number (they have their own), who hung up, and where a call was handed to."""


def fixture(name: str) -> Any:
    """Return a fixture's JSON."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def story_rows() -> list[Any]:
    """Return the story's rows, the last recording having come in as well."""
    rows = fixture("calls_page1.json")["results"] + fixture("calls_page2.json")["results"]
    return [{**row, "recording": "recordings/7005.mp3"} if row["db_call_id"] == 7005 else row for row in rows]


@dataclass
class Account:
    """The system: its rows and who may see what. Tests change what it holds."""

    rows: list[Any] = field(default_factory=story_rows)
    sound: bytes = field(default_factory=beep)
    url: str = ""
    most_rows: int = 3
    is_admin: bool = True

    def answer(self, asked: Asked) -> Reply:
        """Answer as the API does: refusals are plain text."""
        if asked.method == "GET":
            is_known = any(asked.path == f"/recordings/{self.number(row)}.mp3" for row in self.rows)
            return Reply(self.sound, headers={"Content-Type": "audio/mpeg"}) if is_known else Reply("Not found", status=404)
        body = asked.json()
        if asked.path != "/api/v1" or body.get("api_key") != KEY or not body.get("user_name"):
            return Reply((FOLDER / "error_key.txt").read_bytes(), status=401)
        if body["action"] == "company.list_employee":
            return Reply(fixture("employees.json")) if self.is_admin else Reply("Access denied", status=403)
        return self.calls(body) if body["action"] == "calls.list" else Reply("Unknown action", status=400)

    def calls(self, body: dict[str, Any]) -> Reply:
        """Return a page of calls; a date is required."""
        if "from_date" not in body or not 1 <= body["max_results"] <= 100:
            return Reply("from_date or from_id required", status=400)
        rows = [self.local(row) for row in self.rows if _is_within(row, body["from_date"], body["to_date"])]
        rows = rows if body["supervised"] else []
        start = body["from_offset"]
        page = rows[start : start + min(self.most_rows, body["max_results"])]
        following = start + len(page)
        return Reply(
            {
                "results": page,
                "results_count": len(page),
                "results_next_offset": following,
                "results_remains": len(rows) - following,
            }
        )

    def local(self, row: Any) -> Any:
        """Return a row whose whole address leads to this server."""
        link = row.get("recording") if isinstance(row, dict) else None
        return {**row, "recording": link.replace("https://shop.moizvonki.ru", self.url)} if isinstance(link, str) else row

    def number(self, row: Any) -> Any:
        """Return a row's id."""
        return row.get("db_call_id") if isinstance(row, dict) else None


def _is_within(row: Any, start: int, end: int) -> bool:
    at = row.get("start_time") if isinstance(row, dict) else None
    return not isinstance(at, int) or start <= at <= end


@contextmanager
def playing(tools: Tools, **changes: Any) -> Iterator[tuple[Account, SourceCase, ApiServer]]:
    """Run the system and open a source on it; `changes` are options of the source."""
    account = Account()
    with pytest.MonkeyPatch.context() as patch, serving(account.answer) as server:
        patch.setenv("TEST_MOIZVONKI_KEY", KEY)
        account.url = server.url
        options: dict[str, Any] = {
            "url": server.url,
            "user_name": "admin@shop.example",
            "api_key": Secret("env:TEST_MOIZVONKI_KEY"),
            "allow_hosts": ("127.0.0.1",),
        }
        source = open_source("phones", Settings(**{**options, **changes}), tools)
        operators = {"anna@shop.example": "101", "oleg@shop.example": "102"}
        yield account, SourceCase(source=source, server=server, unknown=UNKNOWN, operators=operators, secret=KEY), server
        source.close()


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Open a source that tells the story."""
    with playing(tools) as (_, case, _):
        yield case
