"""Tests for the journal: nothing that was said is lost, whatever happens to the file."""

from __future__ import annotations

import multiprocessing
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.errors import StoreError
from callscore.review.entries import CallSeen, Entry, to_json
from callscore.review.journal import Journal, locked, new_id

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def seen(call_id: str, at: datetime = NOON, who: str = "olga") -> CallSeen:
    """An entry that names a call."""
    return CallSeen(id=new_id(), at=at, who=who, call_id=call_id)


def write_some(folder: Path, who: str, count: int) -> None:
    """Add entries as another server does."""
    journal = Journal(folder)
    for number in range(count):
        journal.append(seen(f"{who}-{number}", who=who))


def calls(entries: tuple[Entry, ...]) -> list[str]:
    """The calls of entries in order."""
    return [entry.call_id for entry in entries if isinstance(entry, CallSeen)]


def test_there_need_be_no_journal(tmp_path: Path) -> None:
    """A shop that has not reviewed anything reads nothing, and no file is made by reading."""
    assert Journal(tmp_path / "reviews").read().entries == ()
    assert not (tmp_path / "reviews").exists()


def test_several_servers_lose_nothing(tmp_path: Path) -> None:
    """What four processes and two threads write at once reads back whole, each one's in its order, times rising."""
    context = multiprocessing.get_context("spawn")
    workers: list[threading.Thread | multiprocessing.context.SpawnProcess] = [
        context.Process(target=write_some, args=(tmp_path, f"p{n}", 40)) for n in range(4)
    ]
    workers += [threading.Thread(target=write_some, args=(tmp_path, f"t{n}", 40)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    part = Journal(tmp_path).read()
    assert part.notes == ()
    for who in ("p0", "p1", "p2", "p3", "t0", "t1"):
        assert calls(tuple(entry for entry in part.entries if entry.who == who)) == [f"{who}-{n}" for n in range(40)]
    times = [entry.at for entry in part.entries]
    assert times == sorted(set(times))


@settings(deadline=None, max_examples=30)
@given(steps=st.lists(st.tuples(st.integers(1, 3), st.integers(-90, 90), st.booleans()), max_size=12))
def test_any_sequence_of_appends_reads_back_whole(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, bool]]
) -> None:
    """Read in pieces or at once, by one reader or another, with any clock: the same entries, in the order they were written."""
    folder = tmp_path_factory.mktemp("journal")
    journal, end = Journal(folder), 0
    written: list[Entry] = []
    pieces: list[Entry] = []
    for count, minutes, is_read in steps:
        written += journal.append(*(seen(f"{len(written)}-{n}", NOON + timedelta(minutes=minutes)) for n in range(count)))
        if is_read:
            part = Journal(folder).read(end)
            pieces += part.entries
            end = part.end
    pieces += journal.read(end).entries
    assert list(journal.read().entries) == written == pieces
    times = [entry.at for entry in written]
    assert times == sorted(set(times))


def test_a_line_torn_at_any_byte_is_set_aside(tmp_path: Path) -> None:
    """A power cut in mid-line costs this line at most; it is said, and the next entry is as good as any."""
    first, last = seen("привет"), seen("last")
    whole, torn = f"{to_json(first)}\n".encode(), to_json(seen("torn «ё»")).encode()
    for cut in range(1, len(torn) + 1):
        journal = Journal(tmp_path / str(cut))
        journal.path.parent.mkdir()
        journal.path.write_bytes(whole + torn[:cut])
        part = journal.read()
        assert (calls(part.entries), part.end) == (["привет"], len(whole))
        assert part.notes == (
            f"the last entry of the journal (at byte {len(whole)}) was not written to its end and is set aside",
        )
        journal.append(last)
        after = journal.read()
        assert journal.path.read_bytes().startswith(whole + torn[:cut] + b"\n")
        if cut == len(torn):  # all of it was there but the end of the line
            assert calls(after.entries) == ["привет", "torn «ё»", "last"]
        else:
            assert calls(after.entries) == ["привет", "last"]
            assert f"at byte {len(whole)}" in after.notes[0]
        assert calls(journal.read(part.end).entries)[-1] == "last"


def test_blocks_of_zeros_and_noise_do_no_harm(tmp_path: Path) -> None:
    """What a file system leaves after a crash is set aside, each piece with its place."""
    journal = Journal(tmp_path)
    journal.append(seen("a"))
    with journal.path.open("ab") as file:
        file.write(bytes(4096) + b"\n\n\xff\xfe{}\n" + os.urandom(300).replace(b"\n", b"") + b"\n")
    journal.append(seen("b"))
    part = journal.read()
    assert calls(part.entries) == ["a", "b"]
    assert len(part.notes) == 3
    assert all("set aside" in note for note in part.notes)


def test_a_clock_set_back_does_not_change_the_order(tmp_path: Path) -> None:
    """The order is the file's: a later entry is never older than the one before it."""
    journal = Journal(tmp_path)
    journal.append(seen("a", NOON))
    (written,) = journal.append(seen("b", NOON - timedelta(days=400)))
    assert written.at == NOON + timedelta(microseconds=1)
    assert journal.read().entries[1] == written


def test_the_last_time_is_found_behind_long_lines(tmp_path: Path) -> None:
    """A line longer than a look at the end of the file hides no time."""
    journal = Journal(tmp_path)
    journal.append(seen("a", NOON))
    with journal.path.open("ab") as file:
        file.write(b"x" * 300_000)
    (written,) = journal.append(seen("b", NOON - timedelta(hours=1)))
    assert written.at > NOON


def test_another_file_in_its_place_is_read_from_the_start(tmp_path: Path) -> None:
    """A journal put back from a backup, shorter or other than the one read before, loses nothing and is named."""
    journal = Journal(tmp_path)
    journal.append(*(seen(str(n)) for n in range(5)))
    end = journal.read().end
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(lines[:2]))
    part = journal.read(end)
    assert calls(part.entries) == ["0", "1"]
    assert part.notes == ("the journal is not the one that was read before; all of it is read again",)


def test_a_reader_waits_for_no_writer(tmp_path: Path) -> None:
    """While a server is in the middle of a line, what was whole before is read and nothing is called torn."""
    journal = Journal(tmp_path)
    journal.append(seen("a"))
    read: list[str] = []
    line = to_json(seen("b")).encode()
    with locked(tmp_path / "journal.lock"):
        assert calls(journal.read().entries) == ["a"]
        with journal.path.open("ab") as file:
            file.write(line[:20])
            file.flush()
            reader = threading.Thread(target=lambda: read.extend(journal.read().notes))
            reader.start()
            file.write(line[20:] + b"\n")
    reader.join()
    assert read == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """No entry is called written that is not."""
    (tmp_path / "reviews").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be used"):
        Journal(tmp_path / "reviews").append(seen("a"))
