"""Recordings in an S3 store: the fixtures' pages and table, and beside them what they leave out of the story."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

from callscore.outside.pages import Tools
from callscore.outside.secret import Secret
from callscore.sources.bucket import Settings, open_source
from tests.connectors.api_server import serving
from tests.connectors.case import SourceCase
from tests.connectors.s3_server import Bucket
from tests.connectors.story import FIXTURES, OPERATORS, beep

BUCKET: Final = "callscore-records"
ACCESS_KEY: Final = "AKIDEXAMPLE0001"
DAY: Final = "2026/03/02"
_FILES: Final = FIXTURES / "s3_sftp"
# What the fixtures' table and names do not tell: lines and waiting, the lost call, and the one that was handed over.
_SIDECARS: Final = {
    "100200_in_79000000101_101": {"line_phone": "+74950000001", "wait_s": 26},
    "101500_in_79000000102_102": {"line_phone": "+74950000002", "wait_s": 7},
    "110500_out_79000000104_101": {"call_id": "4", "line_phone": "+74950000001", "wait_s": 18, "talk_s": 90},
}
_ROWS: Final = [
    {
        "file": None, "call_id": 3, "started_at": "2026-03-02T10:40:00+03:00", "direction": "in",
        "client_phone": "79000000103", "did": "74950000001", "wait_s": 48, "talk_s": 0, "disposition": "abandoned",
    },
    {
        "file": "120000_79000000105.wav", "call_id": 5, "started_at": "2026-03-02T12:00:00+03:00", "direction": "in",
        "client_phone": "89000000105", "did": "+74950000002", "wait_s": 5, "talk_s": 240, "operator_name": "Лис Дарья",
    },
]  # fmt: skip


def story_objects() -> dict[str, bytes]:
    """Return what lies in the bucket, by key."""
    objects = {f"{DAY}/{name}.mp3": beep() for name in _SIDECARS}
    objects[f"{DAY}/120000_79000000105.wav"] = beep()
    objects[f"{DAY}/empty.wav"] = beep(0)[:44]
    objects[f"{DAY}/calls.csv"] = (_FILES / "manifest.csv").read_bytes()
    objects[f"{DAY}/calls.json"] = json.dumps({"calls": _ROWS}, ensure_ascii=False).encode()
    for number, (name, facts) in enumerate(_SIDECARS.items()):
        objects[f"{DAY}/{name}{'.mp3' if number else ''}.json"] = json.dumps(facts).encode()
    return objects


def settings(url: str, **more: Any) -> Settings:
    """Return settings for a store at `url` that has the fixtures' patterns."""
    given: dict[str, Any] = {
        "url": f"s3://{BUCKET}", "endpoint": url, "region": "ru-central1", "style": "path",
        "access_key": Secret("env:BUCKET_ACCESS_KEY"), "secret_key": Secret("env:BUCKET_SECRET_KEY"),
        "patterns_file": _FILES / "filename_patterns.json",
    }  # fmt: skip
    return Settings(**given | more)


@contextmanager
def keys() -> Iterator[None]:
    """Put the keys where the settings look for them."""
    with mock.patch.dict(os.environ, {"BUCKET_ACCESS_KEY": ACCESS_KEY, "BUCKET_SECRET_KEY": "never-sent-0123456789"}):
        yield


@contextmanager
def open_case(folder: Path, tools: Tools) -> Iterator[SourceCase]:
    """Play the store; the secret key itself is never sent, so the access key stands for it."""
    del folder
    bucket = Bucket(BUCKET, ACCESS_KEY, story_objects(), page_size=3)
    with serving(bucket.answer) as server, keys():
        source = open_source("записи", settings(server.url), tools)
        yield SourceCase(source=source, server=server, secret=ACCESS_KEY, operators={ext: ext for ext in OPERATORS})
        source.close()
