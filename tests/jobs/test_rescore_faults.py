"""Rescoring is all or nothing: killed, interrupted, or out of space, it leaves the scores as they were."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from callscore.config import Config
from callscore.store import open_reader, open_store, store_digest
from tests.jobs.small_archive import ANYWHERE, CURT, LATE, POLITE, make_archive, stored
from tests.rubric.book_files import write_book

REPOSITORY = Path(__file__).resolve().parents[2]

# The statements of the one transaction that stores new scores, and the commit of it.
MOMENTS = (
    "INSERT INTO rubric_history",
    "CREATE OR REPLACE TEMP TABLE differing",
    "INSERT INTO verdict_history",
    "DELETE FROM verdicts",
    "INSERT INTO verdicts",
    "UPDATE calls",
    "DELETE FROM operator_scores",
    "UPDATE runs",
    "COMMIT",
)
KILLED = """
    import os, sys
    from pathlib import Path
    from callscore.jobs.rescore import RescoreRequest, rescoring
    from callscore.store import StoreWriter
    from tests.jobs.small_archive import settings
    from tests.jobs.test_rescore import Silent
    class Killing:
        def __init__(self, connection): self.connection = connection
        def __getattr__(self, name): return getattr(self.connection, name)
        def execute(self, sql, *values):
            if sql.strip().startswith(sys.argv[2]): os.kill(os.getpid(), 9)
            return self.connection.execute(sql, *values)
    if __name__ == "__main__":
        save_rubrics = StoreWriter.save_rubrics
        def begin(self, entries):
            self._connection = Killing(self._connection)
            save_rubrics(self, entries)
        StoreWriter.save_rubrics = begin
        with rescoring(settings(Path(sys.argv[1])), RescoreRequest(workers=1), Silent()):
            print("done")
"""


@pytest.fixture
def stale(tmp_path: Path) -> Config:
    """Return an archive whose rubric changed after every call was scored."""
    config = make_archive(tmp_path, *(stored(n, (POLITE, CURT, LATE)[n % 3]) for n in range(30)))
    assert run(config).returncode == 0
    write_book(tmp_path / "rubrics", ANYWHERE)
    return config


def command(config: Config, *options: str) -> list[str]:
    """Return the rescore command for an archive."""
    return [sys.executable, "-m", "callscore", "rescore", "--db", str(config.store.db), "--workers", "1", *options]


def environ(config: Config) -> dict[str, str]:
    """Return an environment that names the rubrics of the archive."""
    return {**os.environ, "CALLSCORE_RUBRICS_DIR": str(config.rubrics.dir)}


def run(config: Config, largest_file: int = 0) -> subprocess.CompletedProcess[str]:
    """Rescore in a process of its own, which may write no file beyond so many bytes; 0: any."""

    def no_space() -> None:
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        command(config), env=environ(config), capture_output=True, text=True, check=False, timeout=120, preexec_fn=no_space
    )


def left_behind(config: Config) -> list[str]:
    """Return what lies beside the database and should not."""
    usual = {"rubrics", "x.duckdb", "x.duckdb.lock", "x.duckdb.wal", "x.read.duckdb"}
    return sorted({path.name for path in config.store.db.parent.iterdir()} - usual)


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("at", MOMENTS)
def test_a_kill_while_storing_changes_nothing(stale: Config, tmp_path: Path, at: str) -> None:
    """Killed at any statement of the transaction the scores are the old ones; then it can be done, and clears up."""
    before = store_digest(stale.store.db)
    (tmp_path.parent / f"{tmp_path.name}.py").write_text(textwrap.dedent(KILLED), encoding="utf-8")
    script = [sys.executable, str(tmp_path.parent / f"{tmp_path.name}.py"), str(tmp_path), at]
    path = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run(script, env={**os.environ, "PYTHONPATH": path}, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    with open_store(stale.store.db):
        pass
    assert store_digest(stale.store.db) == before
    with open_reader(stale.store.db) as reader:
        assert reader.query("SELECT DISTINCT rubric_version FROM verdicts").rows == ((3,),)
    assert len(left_behind(stale)) == 1
    assert run(stale).returncode == 0
    assert left_behind(stale) == []
    with open_reader(stale.store.db) as reader:
        assert reader.query("SELECT DISTINCT rubric_version FROM verdicts").rows == ((4,),)
        assert reader.query("SELECT status, count(*) FROM runs WHERE run_id <> 'r0' GROUP BY 1 ORDER BY 1").rows == (
            ("done", 2),
            ("killed", 1),
        )


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("after_s", [0.0, 1.0, 2.0])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_a_run_stopped_while_scoring_changes_nothing(stale: Config, sent: signal.Signals, code: int, after_s: float) -> None:
    """Ctrl-C, SIGTERM and kill -9 at some moment leave all the old scores or, if it was done by then, all the new ones."""
    before = store_digest(stale.store.db)
    with subprocess.Popen(command(stale), env=environ(stale), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        process.stderr.readline()  # "... calls found": the run has begun
        time.sleep(after_s)
        process.send_signal(sent)
        rest = process.stderr.read()
    assert sent == signal.SIGKILL or "Traceback" not in rest
    with open_store(stale.store.db):
        pass
    with open_reader(stale.store.db) as reader:
        versions = reader.query("SELECT DISTINCT rubric_version FROM verdicts").rows
    if versions == ((3,),):
        assert process.returncode == code
        assert store_digest(stale.store.db) == before
    else:
        assert versions == ((4,),)
    assert run(stale).returncode == 0
    assert left_behind(stale) == []


def test_a_full_disk_changes_nothing(stale: Config) -> None:
    """Without any space: one message, exit status 6, the old scores."""
    before = store_digest(stale.store.db)
    full = run(stale, 40_000)
    assert full.returncode == 6, full.stderr
    assert "error: the disk is full" in full.stderr
    assert "Traceback" not in full.stderr
    with open_store(stale.store.db):
        pass
    assert store_digest(stale.store.db) == before
    assert left_behind(stale) == []
    assert run(stale).returncode == 0


def test_a_disk_that_is_full_in_the_end_still_shows_what_changed(stale: Config) -> None:
    """Where the scores were stored and only the copy for readers was not, the difference is printed before the error."""
    full = run(stale, stale.store.db.stat().st_size)
    assert full.returncode == 6, full.stderr
    assert full.stdout.count("нет → да  ") == 10
    assert "error: the disk is full" in full.stderr
    assert run(stale).returncode == 0
    with open_reader(stale.store.db) as reader:
        assert reader.query("SELECT DISTINCT rubric_version FROM verdicts").rows == ((4,),)


def test_a_second_run_stops_at_once(stale: Config) -> None:
    """While a run writes, rescoring says who does and ends with 7; looking at what would change works."""
    with open_store(stale.store.db):
        busy = run(stale)
        looking = subprocess.run(
            command(stale, "--dry-run"), env=environ(stale), capture_output=True, text=True, check=False, timeout=120
        )
    assert (busy.returncode, busy.stderr.splitlines()[0]) == (
        7,
        f"error: another run (process {os.getpid()}) is writing to the database",
    )
    assert looking.returncode == 0, looking.stderr
    assert "30 calls would be scored again" in looking.stderr
