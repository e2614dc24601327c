"""Телфин as its documentation describes it, with the story in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from callscore.sources.telphin import Settings, open_source
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

FOLDER = FIXTURES / "telphin"
SECRET = "SECRET-OF-THE-APPLICATION"
HISTORY = "/api/ver1.0/client/@me/call_history/"


def fixture(name: str) -> Any:
    """Return a fixture's JSON."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@dataclass
class Pbx:
    """The system: its calls, tokens and recordings. Tests change what it holds."""

    rows: list[Any] = field(
        default_factory=lambda: fixture("calls_page1.json")["call_history"] + fixture("calls_page2.json")["call_history"]
    )
    extensions: Any = field(default_factory=lambda: fixture("extensions.json"))
    sound: bytes = field(default_factory=beep)
    url: str = ""
    tokens: set[str] = field(default_factory=set)
    n_tokens: int = 0
    most_rows: int = 3
    gives_bytes: bool = True
    gives_links: bool = True

    def answer(self, asked: Asked) -> Reply:
        """Answer as the API does."""
        if asked.path == "/oauth/token":
            return self.sign_in(asked.form())
        if asked.path.startswith("/EXAMPLE/"):
            assert "authorization" not in asked.headers
            return Reply(self.sound, headers={"Content-Type": "audio/mpeg"})
        assert asked.method == "GET"
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply({"message": "Unauthorized"}, status=401)
        if asked.path.startswith("/api/ver1.0/client/@me/record/"):
            return self.record(asked.path.split("/")[6], is_link="storage_url" in asked.path)
        return self.rows_of(asked)

    def rows_of(self, asked: Asked) -> Reply:
        """Return calls or extensions."""
        if asked.path == HISTORY:
            return self.history(asked.query)
        if asked.path == "/api/ver1.0/client/@me/extension/":
            return self.extensions if isinstance(self.extensions, Reply) else Reply(self.extensions)
        return Reply({"message": "Not found"}, status=404)

    def sign_in(self, form: dict[str, str]) -> Reply:
        """Return a token."""
        if form.get("grant_type") != "client_credentials" or form.get("client_secret") != SECRET:
            return Reply(fixture("error_auth.json"), status=401)
        self.n_tokens += 1
        token = f"TOKEN{self.n_tokens}"
        self.tokens.add(token)
        return Reply({**fixture("token.json"), "access_token": token})

    def history(self, query: Any) -> Reply:
        """Return a page of the calls of a period; the server decides how many fit on a page."""
        try:
            start, end = (datetime.fromisoformat(query[name]) for name in ("start_datetime", "end_datetime"))
        except (KeyError, ValueError):
            return Reply(fixture("error_bad_request.json"), status=400)
        rows = [row for row in self.rows if _is_within(row, start, end)]
        size = min(self.most_rows, int(query["per_page"]))
        page = int(query["page"])
        rows = rows if query["order"] == "asc" else rows[::-1]
        return Reply({"page": page, "per_page": size, "order": "asc", "call_history": rows[(page - 1) * size : page * size]})

    def record(self, record: str, *, is_link: bool) -> Reply:
        """Return the bytes of a recording, or a link to them."""
        known = {leg.get("record_uuid") for row in self.rows if isinstance(row, dict) for leg in row.get("cdr") or ()}
        if record not in known - {None} or not (self.gives_links if is_link else self.gives_bytes):
            return Reply({"message": "Not found"}, status=404)
        if is_link:
            return Reply({"record_url": f"{self.url}/EXAMPLE/{record}.mp3"})
        return Reply(self.sound, headers={"Content-Type": "audio/mpeg"})


def _is_within(row: Any, start: datetime, end: datetime) -> bool:
    try:
        at = datetime.fromisoformat(row["init_time_gmt"]).replace(tzinfo=UTC)
    except (TypeError, KeyError, ValueError):
        return True
    return start.replace(tzinfo=UTC) <= at <= end.replace(tzinfo=UTC)


@contextmanager
def playing(tools: Tools, **changes: Any) -> Iterator[tuple[Pbx, SourceCase, ApiServer]]:
    """Run the system and open a source on it; `changes` are options of the source."""
    pbx = Pbx()
    with pytest.MonkeyPatch.context() as patch, serving(pbx.answer) as server:
        patch.setenv("TEST_TELPHIN_SECRET", SECRET)
        pbx.url = server.url
        options: dict[str, Any] = {"client_id": "APP", "client_secret": Secret("env:TEST_TELPHIN_SECRET"), "url": server.url}
        source = open_source("office", Settings(**{**options, "allow_hosts": ("127.0.0.1",), **changes}), tools)
        # An outbound call does not say from which of our numbers it was made.
        yield pbx, SourceCase(source=source, server=server, unknown=frozenset({"line_phone"}), secret=SECRET), server
        source.close()


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Open a source that tells the story."""
    with playing(tools) as (_, case, _):
        yield case
