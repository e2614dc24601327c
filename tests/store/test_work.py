"""The folder for intermediate files, and the store as it was when a command began."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from callscore.errors import StoreError
from callscore.store import open_store, published_path
from callscore.store.chunks import plan_archive
from callscore.store.entries import CallFilter
from callscore.store.work import take_snapshot, work_folder
from tests.store.build import result

REPOSITORY = Path(__file__).resolve().parents[2]


def test_the_folder_goes_also_after_an_error(tmp_path: Path) -> None:
    """Nothing is left beside the database, whatever happens inside."""
    db = tmp_path / "x.duckdb"
    seen = []

    def fail() -> None:
        with work_folder(db) as folder:
            seen.append(folder)
            (folder / "part").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert seen[0].parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_command_left_goes_and_what_is_in_use_stays(tmp_path: Path) -> None:
    """The next command clears away after kill -9, but not under another one that is still at work."""
    db = tmp_path / "odd [name]*.duckdb"
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom callscore.store.work import work_folder\n"
        "with work_folder(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'part').write_text('half')\n    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(db)], cwd=REPOSITORY, check=False).returncode == -9
    (left,) = tmp_path.iterdir()
    with work_folder(db) as first, work_folder(db) as second:
        assert not left.exists()
        assert first.exists()
        assert first != second


def test_a_snapshot_stays_as_it_was(tmp_path: Path) -> None:
    """A run that publishes meanwhile changes nothing for a command that began before."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")
    with work_folder(db) as folder:
        snapshot = take_snapshot(db, folder)
        with open_store(db) as writer:
            writer.save_call(result(2), "r1")
        assert plan_archive(snapshot, CallFilter()).n_calls == 1
        assert plan_archive(published_path(db), CallFilter()).n_calls == 2


def test_a_snapshot_is_copied_where_names_cannot_be_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without hard links the copy for readers is copied."""
    db = tmp_path / "x.duckdb"
    with open_store(db) as writer:
        writer.save_call(result(1), "r1")

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    with work_folder(db) as folder:
        assert plan_archive(take_snapshot(db, folder), CallFilter()).n_calls == 1


def test_without_a_copy_for_readers_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    """A database put back by hand has no copy yet."""
    db = tmp_path / "x.duckdb"
    with open_store(db):
        pass
    published_path(db).unlink()
    with work_folder(db) as folder, pytest.raises(StoreError, match="no copy for readers") as caught:
        take_snapshot(db, folder)
    assert caught.value.hint == "callscore db publish"
