"""Opening the store: the run lock, the readers' copy, and files that cannot be used."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import threading
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from callscore.errors import StoreBusyError, StoreError
from callscore.store import open_reader, open_store, published_path, store_digest
from callscore.store.entries import CallFilter
from callscore.store.maintain import backup_store, publish_store
from tests.store.build import START, result

REPOSITORY = Path(__file__).resolve().parents[2]


def python(code: str, *arguments: object, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `code` in another process, with the repository importable."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=timeout, check=False)


OPEN_AND_SAY = """
    import sys, time
    from pathlib import Path
    from callscore.errors import StoreError
    from callscore.store import open_store
    begun = time.monotonic()
    try:
        with open_store(Path(sys.argv[1])):
            print("opened")
    except StoreError as error:
        print(type(error).__name__, error.exit_code, error.message, f"{time.monotonic() - begun:.1f}")
"""


def test_a_second_run_stops_at_once(tmp_path: Path) -> None:
    """Two writers never work on one database: the second gets exit code 7 and the number of the first."""
    db = tmp_path / "x.duckdb"
    with open_store(db):
        said = python(OPEN_AND_SAY, db).stdout.split(maxsplit=2)
        with pytest.raises(StoreBusyError, match="another run"), open_store(db):
            pass
    assert said[:2] == ["StoreBusyError", "7"]
    message, seconds = said[2].rsplit(maxsplit=1)
    assert message == f"another run (process {os.getpid()}) is writing to the database"
    assert float(seconds) < 1
    assert python(OPEN_AND_SAY, db).stdout == "opened\n"


def test_a_killed_run_leaves_no_lock(tmp_path: Path) -> None:
    """After kill -9 the next run starts at once, though the lock's file is still there."""
    db = tmp_path / "x.duckdb"
    code = """
        import os, sys
        from pathlib import Path
        from callscore.store import open_store
        with open_store(Path(sys.argv[1])):
            os.kill(os.getpid(), 9)
    """
    assert python(code, db).returncode == -9
    assert db.with_name("x.duckdb.lock").exists()
    with open_store(db) as writer:
        assert writer.known_fingerprints() == {}


def test_publishing_does_not_drop_duckdbs_own_lock(tmp_path: Path) -> None:
    """POSIX locks vanish when any descriptor of the file is closed: other programs must still find the database held."""
    db = tmp_path / "x.duckdb"
    code = "import duckdb, sys; duckdb.connect(sys.argv[1], read_only=True)"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
        writer.publish()
        assert "Could not set lock" in python(code, db).stderr
        assert python(code, published_path(db)).returncode == 0


def test_the_copy_is_there_from_the_first_moment(tmp_path: Path) -> None:
    """A report asked for during the very first run finds an empty store, not a lock."""
    db = tmp_path / "x.duckdb"
    code = """
        import sys
        from pathlib import Path
        from callscore.store import open_reader
        from callscore.store.entries import CallFilter
        with open_reader(Path(sys.argv[1])) as reader:
            print(len(reader.calls(CallFilter())))
    """
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
        assert python(code, db).stdout == "0\n"
        writer.publish()
        assert python(code, db).stdout == "1\n"


def test_the_copy_is_fresh_when_the_run_ends(tmp_path: Path) -> None:
    """Whatever was committed is published at the end, also if the run ends by an error."""
    db = tmp_path / "x.duckdb"
    with contextlib.suppress(RuntimeError), open_store(db) as writer:
        writer.save_call(result(1), "r1")
        raise RuntimeError
    with open_reader(db) as reader:
        assert [row.call_id for row in reader.calls(CallFilter())] == ["c000001"]
    assert store_digest(published_path(db)) == store_digest(db)


def test_readers_keep_the_copy_they_opened(tmp_path: Path) -> None:
    """A copy swapped in by rename never changes under a reader."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
        writer.publish()
        with open_reader(db) as reader:
            writer.save_call(result(2), "r1")
            writer.publish()
            assert len(reader.calls(CallFilter())) == 1
        with open_reader(db) as reader:
            assert len(reader.calls(CallFilter())) == 2


def test_a_reader_in_a_loop_never_fails_and_never_blocks(tmp_path: Path) -> None:
    """Readers and the nightly run do not notice each other."""
    db = tmp_path / "x.duckdb"
    code = """
        import sys
        from pathlib import Path
        from callscore.store import open_reader
        from callscore.store.entries import CallFilter
        path, counts = Path(sys.argv[1]), []
        while not Path(sys.argv[2]).exists() or len(counts) < 10:
            with open_reader(path) as reader:
                counts.append(len(reader.calls(CallFilter())))
        with open_reader(path) as reader:
            counts.append(len(reader.calls(CallFilter())))
        assert counts == sorted(counts), counts
        print(len(counts), counts[-1])
    """
    stop = tmp_path / "stop"
    with open_store(db) as writer:
        reader: list[subprocess.CompletedProcess[str]] = []
        thread = threading.Thread(target=lambda: reader.append(python(code, db, stop)))
        thread.start()
        for number in range(25):
            writer.save_call(result(number, n_turns=3), "r1")
            writer.publish()
        stop.touch()
        thread.join()
    assert reader[0].stderr == ""
    asked, seen = map(int, reader[0].stdout.split())
    assert asked >= 10
    assert seen == 25


def test_publishing_waits_its_time(tmp_path: Path) -> None:
    """The copy is refreshed every so many seconds, and not at all where nothing changed."""
    with open_store(tmp_path / "x.duckdb") as writer:
        assert not writer.publish_if_due(START, 15)
        writer.save_call(result(1, n_turns=1), "r1")
        assert not writer.publish_if_due(START + timedelta(seconds=14), 15)
        assert writer.publish_if_due(START + timedelta(seconds=16), 15)
        assert not writer.publish_if_due(START + timedelta(seconds=60), 15)


def test_without_a_copy_the_database_itself_is_read(tmp_path: Path) -> None:
    """A database that was brought from elsewhere can be read at once; a held one says so."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
    published_path(db).unlink()
    with open_reader(db) as reader:
        assert len(reader.calls(CallFilter())) == 1
    code = """
        import sys
        from pathlib import Path
        from callscore.errors import StoreBusyError
        from callscore.store import open_reader
        try:
            with open_reader(Path(sys.argv[1])): pass
        except StoreBusyError as error:
            print(error.exit_code, error.message)
    """
    held = duckdb.connect(str(db))
    try:
        assert python(code, db).stdout == f"7 the database is held by process {os.getpid()}\n"
    finally:
        held.close()


def test_a_damaged_copy_is_passed_over(tmp_path: Path) -> None:
    """The copy is only a convenience: where it is broken the database answers."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
    published_path(db).write_bytes(b"not a database" * 1000)
    with open_reader(db) as reader:
        assert len(reader.calls(CallFilter())) == 1


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    """A report before the first run is no traceback."""
    with pytest.raises(StoreError, match="there is no database yet") as caught, open_reader(tmp_path / "x.duckdb"):
        pass
    assert caught.value.hint.startswith("callscore ingest")


@pytest.mark.parametrize("content", [b"", b"x", b"RIFF" * 5000], ids=["empty", "one byte", "a sound"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """The wrong file after --db gives a message and stays as it is."""
    db = tmp_path / "x.duckdb"
    db.write_bytes(content)
    for opened in (open_store, open_reader):
        with pytest.raises(StoreError, match="no DuckDB database or is damaged"), opened(db):
            pass
    assert db.read_bytes() == content


@pytest.mark.parametrize("harm", ["cut", "overwritten"])
def test_a_damaged_database_is_refused(tmp_path: Path, harm: str) -> None:
    """A file hurt by a disk or a copy says so and says what to do."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        for number in range(5):
            writer.save_call(result(number), "r1")
    published_path(db).unlink()
    data = bytearray(db.read_bytes())
    if harm == "cut":
        data = data[:20_000]
    else:
        data[12288:16000] = bytes(3712)
    db.write_bytes(data)
    with pytest.raises(StoreError, match="damaged") as caught, open_store(db) as writer:
        writer.known_fingerprints()
    assert "backup" in caught.value.hint


def test_a_folder_that_cannot_be_written_is_refused() -> None:
    """No permission to make a database is a message (/proc takes no files, not even root's)."""
    if not Path("/proc/self").exists():
        pytest.skip("this system has no /proc")
    with pytest.raises(StoreError, match="cannot be made"), open_store(Path("/proc/callscore/x.duckdb")):
        pass
    with pytest.raises(StoreError, match="cannot be made"), open_store(Path("/proc/x.duckdb")):
        pass


def test_an_earlier_databases_leftovers_are_not_read(tmp_path: Path) -> None:
    """Deleting the database file starts from nothing: the old copy and the old log are not taken for the new one's."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
    db.unlink()
    db.with_name("x.duckdb.wal").write_bytes(b"rest of an old log")
    with open_store(db) as writer:
        assert writer.known_fingerprints() == {}
    with open_reader(db) as reader:
        assert reader.calls(CallFilter()) == ()


def test_a_backup_is_a_whole_database(tmp_path: Path) -> None:
    """A backup opens like the original, and never overwrites a file."""
    db, target = tmp_path / "x.duckdb", tmp_path / "backup.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
    backup_store(db, target)
    assert store_digest(target) == store_digest(db)
    with pytest.raises(StoreError, match="exists already"):
        backup_store(db, target)


def test_publishing_by_hand_takes_what_another_program_wrote(tmp_path: Path) -> None:
    """`callscore db publish` makes changes made elsewhere visible to reports."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE calls SET operator = 'new'")
    assert publish_store(db) == published_path(db)
    with open_reader(db) as reader:
        assert reader.calls(CallFilter())[0].operator == "new"
