"""Folders of recordings with metadata."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callscore.errors import ConfigError, SourceError
from callscore.records import Direction
from callscore.sources import FolderSource, Found, MetadataOptions

PATTERN = r"(?P<operator>[a-z]+)-(?P<client_phone>\d+)"


def find(*paths: Path, metadata: Path | None = None, since: datetime | None = None, pattern: str = "") -> Found:
    """Search `paths` as the ingest command does."""
    return FolderSource("folder", paths, metadata, MetadataOptions(file_name_pattern=pattern)).find_calls(since)


def write(path: Path, content: bytes | str = b"sound") -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_recordings_are_found_in_subfolders_and_other_files_are_not(tmp_path: Path) -> None:
    """A folder is searched to the bottom; notes, hidden files and sidecars are no recordings."""
    for name in ("b.wav", "2026/10/a.MP3", "notes.txt", ".hidden.wav", ".trash/c.wav", "b.wav.json"):
        write(tmp_path / name, "{}" if name.endswith("json") else name)
    assert [call.recording.name for call in find(tmp_path).calls] == ["b.wav", "2026/10/a.MP3"]


def test_a_file_named_by_the_user_is_always_tried(tmp_path: Path) -> None:
    """An odd extension is the user's decision."""
    assert len(find(write(tmp_path / "call.bin")).calls) == 1


def test_default_call_id_is_stable_under_moving(tmp_path: Path) -> None:
    """Without metadata the id follows from the name and the content, not from the place."""
    first = find(write(tmp_path / "one" / "x y.wav")).calls[0].info.call_id
    second = find(write(tmp_path / "two" / "x y.wav")).calls[0].info.call_id
    assert first == second == "x_y-dd29442d"


def test_the_same_recording_twice_is_taken_once(tmp_path: Path) -> None:
    """A copy in another folder is named, not scored twice."""
    write(tmp_path / "a" / "x.wav")
    write(tmp_path / "b" / "x.wav")
    found = find(tmp_path)
    assert len(found.calls) == 1
    assert found.remarks == ("b/x.wav is the same recording as a/x.wav: taken once",)


def test_two_files_with_one_call_id_stop_the_run(tmp_path: Path) -> None:
    """Nobody can say which of two recordings a call_id means."""
    write(tmp_path / "a.wav", b"1")
    write(tmp_path / "b.wav", b"2")
    table = write(tmp_path / "calls.csv", "file,call_id\na.wav,7\nb.wav,7\n")
    with pytest.raises(ConfigError, match="two recordings have the call_id '7'") as caught:
        find(tmp_path, metadata=table)
    assert "calls.csv:2" in caught.value.where
    assert "calls.csv:3" in caught.value.where


def test_two_sidecars_with_one_call_id_stop_the_run(tmp_path: Path) -> None:
    """The same holds where the ids come from sidecars."""
    for name in ("a.wav", "b.wav"):
        write(tmp_path / name, name)
        write(tmp_path / f"{name}.json", json.dumps({"call_id": "7"}))
    with pytest.raises(ConfigError, match=r"two recordings have the call_id '7': a\.wav and b\.wav"):
        find(tmp_path)


def test_the_table_beats_the_sidecar_beats_the_file_name(tmp_path: Path) -> None:
    """What somebody wrote down wins over what a name suggests."""
    write(tmp_path / "anna-79001112233.wav")
    write(tmp_path / "anna-79001112233.wav.json", json.dumps({"operator": "boris", "queue": "sales", "segments": []}))
    table = write(tmp_path / "calls.csv", "file,queue\nanna-79001112233.wav,support\n")
    info = find(tmp_path, metadata=table, pattern=PATTERN).calls[0].info
    assert (info.operator, info.queue, info.client_phone) == ("boris", "support", "+79001112233")


def test_a_row_without_a_recording_is_a_failed_call(tmp_path: Path) -> None:
    """What the PBX lists and nobody recorded is named; the others go on."""
    write(tmp_path / "a.wav")
    table = write(tmp_path / "calls.csv", "file,call_id\na.wav,1\ngone.wav,2\n")
    found = find(tmp_path, metadata=table)
    assert [call.info.call_id for call in found.calls] == ["1"]
    assert [(item.call_id, item.recording, item.code) for item in found.problems] == [("2", "gone.wav", 21)]
    assert "does not exist" in found.problems[0].message


def test_rows_of_recordings_that_were_not_asked_for_are_left_alone(tmp_path: Path) -> None:
    """Scoring one file of a folder does not complain about the rest of the table."""
    write(tmp_path / "a.wav", b"1")
    write(tmp_path / "b.wav", b"2")
    table = write(tmp_path / "calls.csv", "file,call_id\na.wav,1\nb.wav,2\n")
    found = find(tmp_path / "a.wav", metadata=table)
    assert ([call.info.call_id for call in found.calls], found.problems) == (["1"], ())


def test_a_wrong_cell_fails_its_call_only(tmp_path: Path) -> None:
    """One bad direction in a night's table must not stop the night."""
    write(tmp_path / "a.wav", b"1")
    write(tmp_path / "b.wav", b"2")
    table = write(tmp_path / "calls.csv", "file,call_id,direction\na.wav,1,sideways\nb.wav,2,входящий\n")
    found = find(tmp_path, metadata=table)
    assert [call.info.direction for call in found.calls] == [Direction.INBOUND]
    assert found.problems[0].message == f"direction 'sideways' is not known ({table}:2)"


def test_since_leaves_out_older_calls_but_not_undated_ones(tmp_path: Path) -> None:
    """A call of unknown time is never lost to a filter."""
    for name in ("old.wav", "new.wav", "undated.wav"):
        write(tmp_path / name, name)
    table = write(tmp_path / "calls.csv", "file,started_at\nold.wav,2026-10-01\nnew.wav,2026-10-05T00:00:00+03:00\n")
    found = find(tmp_path, metadata=table, since=datetime(2026, 10, 4, 21, tzinfo=UTC))
    assert [call.recording.name for call in found.calls] == ["new.wav", "undated.wav"]


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    """A wrong path stops the run with the path in the message."""
    with pytest.raises(SourceError, match="no such file or folder") as caught:
        find(tmp_path / "absent")
    assert str(tmp_path / "absent") in caught.value.where


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_recording_is_a_failed_call(tmp_path: Path) -> None:
    """No permission on one file fails that call only."""
    write(tmp_path / "a.wav").chmod(0)
    assert find(tmp_path).problems[0].code == 21


def test_a_broken_sidecar_fails_its_call_only(tmp_path: Path) -> None:
    """A sidecar that is no JSON is named with its path."""
    write(tmp_path / "a.wav")
    write(tmp_path / "a.wav.json", "{")
    problem = find(tmp_path).problems[0]
    assert problem.message.startswith("the sidecar is not valid JSON")


def test_the_labelled_calls_are_read_with_their_facts(shared_dir: Path) -> None:
    """All Russian spellings of a number become one E.164 number, local times become UTC."""
    folder = shared_dir / "calls"
    found = find(folder, metadata=folder / "calls.csv")
    by_id = {call.info.call_id: call.info for call in found.calls}
    assert len(by_id) == 36
    assert {info.client_phone for info in by_id.values()} >= {"+79001112001", "+79001112007", "+79001112018", "+79001112032"}
    assert by_id["d001"].started_at == datetime(2026, 10, 5, 7, 12, 40, tzinfo=UTC)
    assert (by_id["d007"].operator_channel, by_id["d002"].operator_channel, by_id["d007"].wait_ms) == (0, None, 17_000)
