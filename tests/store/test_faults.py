"""A night's run survives kill -9 at any moment and a full disk."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from callscore.errors import StoreError
from callscore.stats.flags import flag_call
from callscore.stats.operators import score_operators
from callscore.store import open_reader, open_store, store_digest
from callscore.store.entries import CallFilter
from callscore.store.publish import copy_database
from tests.store.build import failed, result

REPOSITORY = Path(__file__).resolve().parents[2]
N_CALLS = 40

# A run as the job runner does it: what is stored with the same fingerprint is skipped; one call of ten fails.
RUN = """
    import sys
    from datetime import UTC, datetime, timedelta
    from pathlib import Path
    from callscore.stats.flags import flag_call
    from callscore.stats.operators import score_operators
    from callscore.store import open_store
    from tests.store.build import START, failed, result
    with open_store(Path(sys.argv[1])) as writer:
        writer.start_run(sys.argv[2], START, "0.1.0")
        known = writer.known_fingerprints()
        for number in range(int(sys.argv[3])):
            if number % 10 == 9:
                writer.save_failure(failed(number, sys.argv[2]))
                continue
            made = result(number)
            if known.get(made.record.info.call_id) != made.fingerprint:
                writer.save_call(made, sys.argv[2], flag_call(made))
                if number % 5 == 0:
                    writer.publish()
        writer.write_operator_scores(score_operators(writer.operator_sums("Europe/Moscow")))
"""


def start(db: Path, run_id: str) -> subprocess.Popen[bytes]:
    """Start a run in another process."""
    command = [sys.executable, "-c", textwrap.dedent(RUN), str(db), run_id, str(N_CALLS)]
    return subprocess.Popen(command, cwd=REPOSITORY)


def kill_within(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Kill `process` after `seconds` unless it ended before, and collect it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_run_killed_at_random_moments_ends_like_an_undisturbed_one(tmp_path: Path) -> None:
    """Run it again after kill -9, as often as it takes: nothing is lost, doubled or half-written."""
    calm, killed = tmp_path / "calm.duckdb", tmp_path / "killed.duckdb"
    begun = time.monotonic()
    assert start(calm, "r0").wait() == 0
    whole = time.monotonic() - begun
    moments = random.Random(20261005)
    for n in range(10):
        kill_within(start(killed, f"r{n}"), moments.uniform(0.2, 1.0) * whole)
        if killed.exists():
            with open_reader(killed) as reader:
                assert len(reader.calls(CallFilter())) <= N_CALLS
    assert start(killed, "last").wait() == 0
    assert store_digest(killed) == store_digest(calm)


@pytest.mark.parametrize("at", ["BEGIN", "DELETE", "INSERT INTO words", "INSERT INTO provenance", "COMMIT", "CHECKPOINT"])
def test_a_kill_inside_a_commit_keeps_all_or_nothing(tmp_path: Path, at: str) -> None:
    """Killed at any statement of saving a call, the store holds the call before or after, never between."""
    db = tmp_path / "x.duckdb"
    code = """
        import os, sys
        from pathlib import Path
        from dataclasses import replace
        from callscore.store import open_store
        from callscore.store.write import StoreWriter
        from tests.store.build import result
        class Killing:
            def __init__(self, connection): self.connection = connection
            def __getattr__(self, name): return getattr(self.connection, name)
            def execute(self, sql, *values):
                if sql.startswith(sys.argv[2]): os.kill(os.getpid(), 9)
                return self.connection.execute(sql, *values)
        with open_store(Path(sys.argv[1])) as writer:
            writer.save_call(result(1), "r1")
            writer._connection = Killing(writer._connection)
            writer.save_call(replace(result(1, n_turns=3), fingerprint="new"), "r2")
            writer.publish()
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(db), at], cwd=REPOSITORY, check=False)
    assert run.returncode == -signal.SIGKILL
    with open_store(db) as writer:
        fingerprints = writer.known_fingerprints()
    with open_reader(db) as reader:
        turns = reader.query("SELECT count(*) FROM turns").rows
    expected = ({"c000001": "new"}, ((3,),)) if at == "CHECKPOINT" else ({"c000001": "f1"}, ((25,),))
    assert (fingerprints, turns) == expected


def test_a_full_disk_stops_the_run_and_loses_nothing(tmp_path: Path) -> None:
    """Without space the run stops with exit code 6 and says so; with space again it goes on where it stopped."""
    db, calm = tmp_path / "x.duckdb", tmp_path / "calm.duckdb"
    code = """
        import resource, sys
        from pathlib import Path
        from callscore.errors import StoreError
        from callscore.store import open_store
        from tests.store.build import result
        n = 0
        try:
            with open_store(Path(sys.argv[1])) as writer:
                limit = 1024 * int(sys.argv[2])
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                while n < 500:
                    writer.save_call(result(n), "r1")
                    n += 1
        except StoreError as error:
            print(n, error.exit_code, error.message)
    """
    command = [sys.executable, "-c", textwrap.dedent(code), str(db), "400"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    saved, exit_code, message = run.stdout.strip().split(maxsplit=2)
    assert exit_code == "6"
    assert message == "the disk is full: the database could not be written"
    assert int(saved) > 0
    for path in (db, calm):
        with open_store(path) as writer:
            known = writer.known_fingerprints()
            assert path == calm or len(known) >= int(saved)
            for number in range(int(saved) + 5):
                if f"c{number:06d}" not in known:
                    writer.save_call(result(number), "r2")
    assert store_digest(db) == store_digest(calm)


def test_a_copy_that_does_not_fit_keeps_the_old_one(tmp_path: Path) -> None:
    """Readers never see half a copy: the old one stays until the new one is whole."""
    db, copy = tmp_path / "x.duckdb", tmp_path / "x.read.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(0), "r1")
    before = copy.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with db.open("rb") as source, pytest.raises(StoreError, match="the readers' copy could not be written") as caught:
            copy_database(source.fileno(), copy)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.hint.startswith("free some space")
    assert copy.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.duckdb", "x.duckdb.lock", "x.read.duckdb"]


def test_a_database_without_permission_is_refused(tmp_path: Path) -> None:
    """A database of another user gives a message with the path (root may open everything)."""
    if os.geteuid() == 0:
        pytest.skip("root is allowed to open every file")
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_failure(failed(1))
    db.chmod(0)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError), open_store(db):
            pass
    finally:
        tmp_path.chmod(0o700)


def test_the_same_run_twice_gives_the_same_store(tmp_path: Path) -> None:
    """Two undisturbed runs over the same calls are equal, so that a difference means a fault."""
    digests = []
    for name in ("a", "b"):
        with open_store(tmp_path / f"{name}.duckdb") as writer:
            for number in range(6):
                made = result(number)
                writer.save_call(made, name, flag_call(made))
            writer.save_failure(failed(7, run_id=name))
            writer.write_operator_scores(score_operators(writer.operator_sums("Europe/Moscow")))
        digests.append(store_digest(tmp_path / f"{name}.duckdb"))
    assert digests[0] == digests[1]
