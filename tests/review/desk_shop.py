"""A shop's workspace with real recordings, and its desk: as an app in the process, or as a server of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callscore.review.desk import Desk, DeskSettings
from callscore.review.journal import Journal, reviews_folder
from callscore.review.users import Users

REPOSITORY = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
HOLD = """
import sys
from pathlib import Path
from callscore.store import open_store
with open_store(Path(sys.argv[1])) as writer:
    print("held", flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Shop:
    """A folder with a database of ten scored calls and their recordings."""

    folder: Path

    @property
    def db(self) -> Path:
        """The database."""
        return self.folder / "calls.duckdb"

    @property
    def recordings(self) -> Path:
        """The recordings, where the store says they lie."""
        return self.folder / "recordings"

    @property
    def journal(self) -> Journal:
        """The journal of the desk."""
        return Journal(reviews_folder(self.db))

    @property
    def users(self) -> Users:
        """The users of the desk."""
        return Users(reviews_folder(self.db))

    def desk(self, language: str = "en", *, managers_see_words: bool = False) -> Desk:
        """Return a desk over it."""
        return Desk(DeskSettings(db=self.db, language=language, timezone="UTC", managers_see_words=managers_see_words))


def make_shop(folder: Path) -> Shop:
    """Score the sample calls, whose words are given beside them, as the nightly run does."""
    shop = Shop(folder)
    shutil.copytree(REPOSITORY / "sample_audio", shop.recordings)
    command = [sys.executable, "-m", "callscore", "ingest", str(shop.recordings), "--engine", "scripted", "--quiet"]
    more = ["--metadata", str(shop.recordings / "calls.csv"), "--db", str(shop.db)]
    done = subprocess.run([*command, *more], check=False, cwd=folder, capture_output=True, timeout=300)
    # One of the samples is damaged on purpose: the run ends with 20, its other calls are there.
    assert done.returncode == 20, done.stderr.decode()
    return shop


def fresh(shop: Shop) -> Shop:
    """Return the shop as it was before anybody sat at its desk."""
    shutil.rmtree(reviews_folder(shop.db), ignore_errors=True)
    return shop


@contextlib.contextmanager
def serving(shop: Shop, *more: str, language: str = "en") -> Iterator[str]:
    """Run `callscore review` and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "callscore", "review", "--db", str(shop.db), "--port", str(port), *more]
    environment = {**os.environ, "CALLSCORE_REPORT_LANGUAGE": language, "CALLSCORE_REPORT_TIMEZONE": "UTC"}
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, env=environment, cwd=shop.folder, stderr=subprocess.PIPE) as server:
        try:
            _wait_for(address, server)
            yield address
        finally:
            server.terminate()
            server.communicate(timeout=30)


@contextlib.contextmanager
def writing(shop: Shop) -> Iterator[None]:
    """Hold the store for writing in another process, as a nightly run does."""
    command = [sys.executable, "-c", HOLD, str(shop.db)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            writer.communicate(b"", timeout=60)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise AssertionError(server.communicate()[1].decode())
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/static/icon.svg", timeout=5):
            return
        time.sleep(0.1)
    raise AssertionError("the server did not start in a minute")
