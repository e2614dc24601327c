"""A folder of vCon files: the fixtures that tell the story, the calls they lack, and files that cannot be read beside them."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from callscore.outside.pages import Tools
from callscore.records import Direction
from callscore.sources.vcon import Settings, open_source
from tests.connectors.api_server import Asked, Reply, serving
from tests.connectors.case import SourceCase
from tests.connectors.story import CALLS, FIXTURES, OPERATORS, StoryCall

FILES: Final = FIXTURES / "vcon"
AUDIO: Final = FILES / "audio" / "stereo_200ms.wav"
HOST: Final = "https://records.example.org/"


def load(name: str) -> dict[str, Any]:
    """Return a fixture."""
    return json.loads((FILES / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def story_vcon(call: StoryCall) -> dict[str, Any]:
    """Return an answered call of the story as a contact centre writes it, with the recording inside."""
    answered = call.started_at + timedelta(milliseconds=call.wait_ms)
    client = {"tel": call.client_phone, "role": "customer"}
    agent = {"tel": call.line_phone, "name": OPERATORS[call.extension or ""], "role": "agent"}
    is_out = call.direction is Direction.OUTBOUND
    return {
        "vcon": "0.3.0",
        "uuid": f"019CA000-0000-8000-8000-0000000001{call.number:02d}",
        "created_at": answered.isoformat(),
        "parties": [client, agent],
        "dialog": [
            {
                "type": "recording", "start": answered.isoformat(), "duration": call.talk_ms / 1000, "parties": [[0], [1]],
                "originator": 1 if is_out else 0, "mediatype": "audio/x-wav", "encoding": "base64url",
                "body": load("inline_body.vcon.json")["dialog"][0]["body"],
                "party_history": [
                    {"party": 1 if is_out else 0, "time": call.started_at.isoformat(), "event": "join"},
                    {"party": 0 if is_out else 1, "time": answered.isoformat(), "event": "join"},
                ],
            }
        ],
    }  # fmt: skip


def transfer_vcon() -> dict[str, Any]:
    """Return the call that was handed over, with what the fixture leaves out: the line and when the client came."""
    found = load("transfer.vcon.json")
    found["parties"][1]["tel"] = CALLS[4].line_phone
    found["dialog"][0]["party_history"] = [
        {"party": 0, "time": "2026-03-02T12:00:00+03:00", "event": "join"},
        {"party": 1, "time": "2026-03-02T12:00:05+03:00", "event": "join"},
    ]
    return found


def write_story(folder: Path, url: str) -> None:
    """Write the five calls; links lead to `url`."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "day/answered.vcon": json.dumps(load("answered.vcon.json")),
        "day/missed.vcon": json.dumps(load("missed.vcon.json")),
        "transfer.vcon.json": json.dumps(transfer_vcon()),
        "second.json": json.dumps(story_vcon(CALLS[1])),
    }
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(HOST, url), encoding="utf-8")
    (folder / "fourth.vcon.gz").write_bytes(gzip.compress(json.dumps(story_vcon(CALLS[3])).encode()))
    for name in ("legacy_0_0_1.vcon.json", "error_bad.vcon.json", "error_critical.vcon.json", "encrypted.jwe.json"):
        shutil.copy(FILES / name, folder / name)


def record_server(asked: Asked) -> Reply:
    """Answer with the recording that the fixtures' hash is of."""
    del asked
    return Reply(AUDIO.read_bytes(), headers={"Content-Type": "audio/x-wav"})


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Give a source for the folder; recordings behind links come from a server, the calls do not."""
    with serving(record_server) as server:
        write_story(folder / "vcon", f"{server.url}/")
        phones = ("8 495 000-00-01", "+74950000002")
        settings = Settings(folder=folder / "vcon", allow_hosts=("127.0.0.1",), our_phones=phones)
        yield SourceCase(source=open_source("обмен", settings, tools))


def age(path: Path, seconds: int) -> None:
    """Let a file have been written so many seconds ago."""
    at = path.stat().st_mtime - seconds
    os.utime(path, (at, at))
