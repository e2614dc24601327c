"""onlinePBX as its clients describe it, with the story in it."""

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
from callscore.sources.onlinepbx import Settings, open_source
from tests.connectors.api_server import ApiServer, Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import FIXTURES, beep

FOLDER = FIXTURES / "onlinepbx"
DOMAIN = "pbx00000.onpbx.ru"
KEY = "SECRET-OF-THE-CABINET"
WEEK_S = 604_800


def fixture(name: str) -> Any:
    """Return a fixture's JSON."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@dataclass
class Pbx:
    """The system: its rows, sessions and links. Tests change what it holds."""

    rows: list[Any] = field(default_factory=lambda: fixture("calls_page1.json")["data"] + fixture("calls_page2.json")["data"])
    users: Any = field(default_factory=lambda: fixture("users.json"))
    sound: bytes = field(default_factory=beep)
    url: str = ""
    sessions: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    most_rows: int = 10_000
    knows_uuid: bool = True
    unrecorded: set[str] = field(default_factory=set)

    def answer(self, asked: Asked) -> Reply:
        """Answer as the API does: status 200 whatever happens."""
        if asked.path.startswith("/calls-records/"):
            return self.download(asked.path)
        assert asked.method == "POST"
        folder, _, path = asked.path.lstrip("/").partition("/")
        form = asked.form()
        assert "new" not in form
        if folder != DOMAIN:
            return self.refuse("DOMAIN_NOT_FOUND")
        if path == "auth.json":
            return self.sign_in(form.get("auth_key", ""))
        if asked.headers.get("x-pbx-authentication") not in self.sessions:
            return Reply(fixture("error_not_auth.json"))
        return Reply(self.users) if path == "user/get.json" else self.history(path, form)

    def history(self, path: str, form: dict[str, str]) -> Reply:
        """Return calls, or the link to a recording."""
        if path != "mongo_history/search.json":
            return self.refuse("UNKNOWN_METHOD")
        return self.link(form) if "download" in form else self.search(form)

    def refuse(self, code: str) -> Reply:
        """Return an error inside status 200."""
        return Reply({"status": "0", "comment": "refused", "errorCode": code})

    def sign_in(self, key: str) -> Reply:
        """Return a session key."""
        if key != KEY:
            return self.refuse("WRONG_AUTH_DATA")
        answer = fixture("auth.json")
        answer["data"]["key"] = f"SESSION-{len(self.sessions)}"
        self.sessions.add(f"{answer['data']['key_id']}:{answer['data']['key']}")
        return Reply(answer)

    def search(self, form: dict[str, str]) -> Reply:
        """Return the calls of a window of a week at most."""
        start, end = int(form["start_stamp_from"]), int(form["start_stamp_to"])
        if end - start > WEEK_S:
            return self.refuse("WRONG_PERIOD")
        rows = [row for row in self.rows if _is_within(row, start, end)]
        return Reply({**fixture("calls_empty.json"), "data": rows[: self.most_rows]})

    def link(self, form: dict[str, str]) -> Reply:
        """Return a new link, which is good until it is declared expired."""
        if "uuid" in form and not self.knows_uuid:
            return Reply(fixture("error_internal.json"))
        uuid = form.get("uuid") or form["uuid_array"]
        if uuid in self.unrecorded:
            return Reply(fixture("recording_none.json"))
        token = f"SIGNATURE{len(self.links)}"
        self.links[token] = uuid
        return Reply({**fixture("recording_link.json"), "data": f"{self.url}/calls-records/download/{token}/rec.mp3"})

    def download(self, path: str) -> Reply:
        """Return the sound behind a link."""
        token = path.split("/")[3]
        if token not in self.links or token in self.expired:
            return Reply((FOLDER / "error_recording_expired.txt").read_bytes(), status=404)
        return Reply(self.sound, headers={"Content-Type": "audio/mpeg"})


def _is_within(row: Any, start: int, end: int) -> bool:
    stamp = row.get("start_stamp") if isinstance(row, dict) else None
    return not isinstance(stamp, int) or start <= stamp <= end


@contextmanager
def playing(tools: Tools, **changes: Any) -> Iterator[tuple[Pbx, SourceCase, ApiServer]]:
    """Run the system and open a source on it; `changes` are options of the source."""
    pbx = Pbx()
    with pytest.MonkeyPatch.context() as patch, serving(pbx.answer) as server:
        patch.setenv("TEST_ONLINEPBX_KEY", KEY)
        pbx.url = server.url
        options: dict[str, Any] = {"domain": DOMAIN, "auth_key": Secret("env:TEST_ONLINEPBX_KEY"), "url": server.url}
        source = open_source("pbx", Settings(**{**options, "allow_hosts": ("127.0.0.1",), **changes}), tools)
        yield pbx, SourceCase(source=source, server=server, secret=KEY), server
        source.close()


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Open a source that tells the story."""
    with playing(tools) as (_, case, _):
        yield case
