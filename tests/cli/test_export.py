"""`callscore export`: calls for other systems."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.records import CallResult
from callscore.store import open_store
from tests.store.build import result


def store(folder: Path, n_calls: int = 3) -> Path:
    """Store calls whose recordings lie in the folder; the last one's is gone."""
    db = folder / "x.duckdb"
    with open_store(db) as writer:
        for number in range(n_calls):
            writer.save_call(with_file(result(number, n_turns=2), folder, is_gone=number == n_calls - 1), "r1")
    return db


def with_file(made: CallResult, folder: Path, *, is_gone: bool) -> CallResult:
    """Return a call whose recording is a file with its name in it."""
    path = folder / made.record.recording.name
    data = path.name.encode() * 100
    if not is_gone:
        path.write_bytes(data)
    recording = replace(made.record.recording, path=str(path), sha256=hashlib.sha256(data).hexdigest(), n_bytes=len(data))
    return replace(made, record=replace(made.record, recording=recording))


def export(db: Path, out: Path, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["export", "vcon", "--db", str(db), "--out", str(out), *arguments])


def test_each_call_is_a_file_that_is_named(tmp_path: Path) -> None:
    """What is printed are the files; the person learns which recordings are gone; nothing half-written stays."""
    outcome = export(store(tmp_path), tmp_path / "out")
    assert outcome.exit_code == 0
    names = [Path(line) for line in outcome.stdout.splitlines()]
    assert sorted((tmp_path / "out").iterdir()) == sorted(names)
    assert [json.loads(path.read_text("utf-8"))["attachments"][0]["body"]["call_id"] for path in names] == [
        "c000000", "c000001", "c000002",
    ]  # fmt: skip
    assert outcome.stderr == "1 files without recording: it is no longer where it was heard, or has changed\n"


def test_calls_can_be_chosen(tmp_path: Path) -> None:
    """By id, or by when they were."""
    db = store(tmp_path)
    assert len(export(db, tmp_path / "out", "c000001").stdout.splitlines()) == 1
    assert len(export(db, tmp_path / "out", "--since", "2026-10-05T10:10").stdout.splitlines()) == 2


def test_writing_again_replaces(tmp_path: Path) -> None:
    """The same call has the same file name each night."""
    db = store(tmp_path)
    first = export(db, tmp_path / "out").stdout
    assert export(db, tmp_path / "out").stdout == first
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_a_recording_that_changed_is_left_out(tmp_path: Path) -> None:
    """Another file under the same name is not the call's recording."""
    db = store(tmp_path)
    (tmp_path / "c000000.wav").write_bytes(b"something else")
    dialogs = [json.loads(path.read_text("utf-8"))["dialog"][0] for path in exported(db, tmp_path, "--with-audio")]
    assert ["body" in dialog for dialog in dialogs] == [False, True, False]


def exported(db: Path, folder: Path, *arguments: str) -> list[Path]:
    """Return the files that the command names."""
    return [Path(line) for line in export(db, folder / "out", *arguments).stdout.splitlines()]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """The files are named only."""
    assert len(exported(store(tmp_path), tmp_path, "--dry-run")) == 3
    assert not (tmp_path / "out").exists()


def test_a_voice_is_never_masked(tmp_path: Path) -> None:
    """Sound tells who speaks: asking for both is refused before anything is written."""
    outcome = export(store(tmp_path), tmp_path / "out", "--masked", "--with-audio")
    assert outcome.exit_code == 2
    assert not (tmp_path / "out").exists()
    told = "".join(path.read_text("utf-8") for path in exported(store(tmp_path, 1), tmp_path, "--masked"))
    assert [leak for leak in ("c000000", "+7900", "smirnova", "Анна") if leak in told] == []


def test_an_unknown_call_is_an_error_with_a_guess(tmp_path: Path) -> None:
    """A typo does not pass for success."""
    outcome = export(store(tmp_path), tmp_path / "out", "c00001")
    assert outcome.exit_code != 0
    assert "c000001" in str(getattr(outcome.exception, "hint", ""))


def run_export(form: str, db: Path, out: Path, *arguments: str) -> Result:
    """Run an export of another form."""
    return CliRunner().invoke(cli, ["export", form, "--db", str(db), "--out", str(out), *arguments])


@pytest.mark.parametrize("form", ["srt", "rttm"])
def test_texts_are_a_file_per_call(tmp_path: Path, form: str) -> None:
    """The files that are printed are there, each under its call's id."""
    outcome = run_export(form, store(tmp_path), tmp_path / "out")
    assert outcome.exit_code == 0
    assert [Path(line).name for line in outcome.stdout.splitlines()] == [f"c00000{n}.{form}" for n in range(3)]
    assert all(Path(line).read_text("utf-8").strip() for line in outcome.stdout.splitlines())


def days(folder: Path, table: str) -> dict[str, int]:
    """Return the rows of each day that was written."""
    return {path.name: pq.read_table(path).num_rows for path in sorted((folder / table).glob("day=*"))}


def test_parquet_has_a_folder_per_day(tmp_path: Path) -> None:
    """BI tools read a folder per table with a partition per day; small tables are one file."""
    out = tmp_path / "out"
    outcome = run_export("parquet", store(tmp_path), out)
    assert outcome.exit_code == 0, outcome.stderr
    assert days(out, "calls") == {"day=2026-10-05": 3}
    assert not (out / "turns").exists()
    assert (out / "operator_scores.parquet").is_file()
    assert [path for path in out.iterdir() if path.name.startswith(".")] == []


def test_writing_a_day_again_replaces_it(tmp_path: Path) -> None:
    """A purged call leaves its day, a day without calls leaves the folder, days before --since stay."""
    db, out = store(tmp_path), tmp_path / "out"
    run_export("parquet", db, out)
    with duckdb.connect(str(db)) as connection:
        connection.execute("DELETE FROM calls WHERE call_id <> 'c000000'")
    (out / "calls" / "day=2026-10-04").mkdir()
    CliRunner().invoke(cli, ["db", "publish", "--db", str(db)])
    run_export("parquet", db, out, "--since", "2026-10-05")
    assert days(out, "calls").keys() == {"day=2026-10-04", "day=2026-10-05"}
    assert days(out, "calls")["day=2026-10-05"] == 1
    run_export("parquet", db, out)
    assert days(out, "calls") == {"day=2026-10-05": 1}


def test_masked_parquet_tells_nothing_of_clients(tmp_path: Path) -> None:
    """Numbers, names of files and quotes are left out; words are refused."""
    db, out = store(tmp_path), tmp_path / "out"
    assert run_export("parquet", db, out, "--masked", "--with-words").exit_code == 2
    assert run_export("parquet", db, out, "--masked").exit_code == 0
    columns = {name for table in out.rglob("*.parquet") for name in pq.read_schema(table).names}
    assert columns.isdisjoint({"client_phone", "recording", "recording_path", "evidence_text", "detail"})
