"""What a run must survive: kill -9 at any moment, readers all the time, a disk that is full."""

from __future__ import annotations

import itertools
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from callscore.store import open_reader, store_digest
from callscore.store.entries import CallFilter
from tests.cli.test_ingest import SAMPLES, ingest, rows

SEED = 20261121
TRUTH = SAMPLES / "truth.jsonl"


@pytest.fixture
def many_calls(tmp_path: Path) -> Path:
    """Return a folder of 36 recordings with transcripts, copies of the sample calls with ids of their own."""
    folder = tmp_path / "calls"
    folder.mkdir()
    truth = {line.split('"file": "')[1].split('"')[0]: line for line in TRUTH.read_text(encoding="utf-8").splitlines()}
    lines = ["file,call_id,operator,direction"]
    samples = [path for path in sorted(SAMPLES.glob("d0*")) if path.stem != "d036"]
    for copy, path in itertools.product(range(4), samples):
        name = f"{path.stem}-{copy}"
        shutil.copy(path, folder / f"{name}{path.suffix}")
        (folder / f"{name}.turns.json").write_text(truth[path.name], encoding="utf-8")
        lines.append(f"{name}{path.suffix},{name},operator{copy},inbound")
    (folder / "calls.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def command(folder: Path, db: Path) -> list[str]:
    """Return the ingest command for a folder."""
    options = ["--metadata", str(folder / "calls.csv"), "--db", str(db), "--engine", "scripted", "--quiet"]
    return [sys.executable, "-m", "callscore", "ingest", str(folder), *options]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_killed_ten_times_ends_like_an_undisturbed_one(tmp_path: Path, many_calls: Path) -> None:
    """After kill -9 at random moments a last run leaves the same store, row for row."""
    calm, rough = tmp_path / "calm.duckdb", tmp_path / "rough.duckdb"
    begun = time.monotonic()
    subprocess.run(command(many_calls, calm), check=True, cwd=tmp_path, timeout=300)
    whole_s = time.monotonic() - begun
    moments = random.Random(SEED)
    for _ in range(10):
        with subprocess.Popen(command(many_calls, rough), cwd=tmp_path, stderr=subprocess.DEVNULL) as run:
            time.sleep(moments.uniform(0.1, 0.9) * whole_s)
            run.kill()
    subprocess.run(command(many_calls, rough), check=True, cwd=tmp_path, timeout=300)
    assert store_digest(rough) == store_digest(calm)
    assert rows(rough, "SELECT count(*) FROM calls WHERE status = 'done'") == rows(calm, "SELECT count(*) FROM calls")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_readers_never_fail_and_never_block_during_a_run(tmp_path: Path, many_calls: Path) -> None:
    """A reader in a loop sees a whole store each time, and the number of calls only grows."""
    db = tmp_path / "x.duckdb"
    first = ingest(tmp_path, str(many_calls / "d002-0.wav"), "--db", str(db))
    assert first.returncode == 0, first.stderr
    counts: list[int] = []
    errors: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                with open_reader(db) as reader:
                    counts.append(len(reader.calls(CallFilter())))
            except Exception as error:  # noqa: BLE001 - any failure of a reader is the finding
                errors.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    run = ingest(
        tmp_path,
        str(many_calls),
        "--metadata",
        str(many_calls / "calls.csv"),
        "--db",
        str(db),
        CALLSCORE_STORE_PUBLISH_EVERY_S="1",
    )
    stop.set()
    thread.join()
    assert run.returncode == 0, run.stderr
    assert errors == []
    assert len(counts) > 20
    assert counts == sorted(counts)


def test_a_full_disk_stops_the_run_with_one_message(tmp_path: Path) -> None:
    """When nothing more can be written the run ends with 6, what was committed stays, and space heals it."""
    db = tmp_path / "x.duckdb"
    assert ingest(tmp_path, str(SAMPLES / "d016.wav"), "--db", str(db)).returncode == 0
    limit = db.stat().st_size + 4096

    def no_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    full = subprocess.run(
        [sys.executable, "-m", "callscore", "ingest", str(SAMPLES), "--engine", "scripted", "--db", str(db)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=no_space,
        env={**os.environ},
    )
    assert full.returncode == 6, full.stderr
    assert full.stderr.splitlines()[-3:][0].startswith("error: ")
    assert "Traceback" not in full.stderr
    assert ingest(tmp_path, str(SAMPLES), "--db", str(db)).returncode == 20
    assert rows(db, "SELECT count(*) FROM calls WHERE status = 'done'") == [(10,)]


def test_a_folder_without_write_permission_is_named(tmp_path: Path) -> None:
    """A database that cannot be made gives one message and exit status 6."""
    (tmp_path / "file").write_text("")
    done = ingest(tmp_path, str(SAMPLES / "d016.wav"), "--db", str(tmp_path / "file" / "x.duckdb"))
    assert done.returncode == 6
    assert done.stderr.startswith("error: ")
    assert str(tmp_path / "file") in done.stderr
