"""The nightly run as a user meets it: what it prints, how it exits, what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_audio"


def callscore(cwd: Path, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "callscore", *args],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def ingest(cwd: Path, *args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `callscore ingest` with the scripted engine."""
    return callscore(cwd, "ingest", *args, "--engine", "scripted", **environ)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Return a folder with three sample calls and their transcripts."""
    folder = tmp_path / "calls"
    folder.mkdir()
    for name in ("d002.wav", "d004.ogg", "d016.wav", "calls.csv", "truth.jsonl"):
        shutil.copy(SAMPLES / name, folder)
    table = folder / "calls.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.startswith(("file,", "d002.", "d004.", "d016."))]
    table.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


def rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database itself."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_folder_becomes_verdicts_and_the_summary_counts(tmp_path: Path, calls: Path) -> None:
    """One command leaves calls, turns, verdicts and scores in the database and says so in one JSON object."""
    done = ingest(tmp_path, str(calls), "--metadata", str(calls / "calls.csv"), "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert {key: summary[key] for key in ("found", "done", "skipped", "failed", "failures")} == {
        "found": 3, "done": 3, "skipped": 0, "failed": 0, "failures": [],
    }  # fmt: skip
    assert summary["audio_s"] == pytest.approx(201, abs=2)
    db = tmp_path / "data" / "callscore.duckdb"
    assert rows(db, "SELECT call_id, status::varchar FROM calls ORDER BY 1") == [
        ("d002", "done"),
        ("d004", "done"),
        ("d016", "done"),
    ]
    assert rows(db, "SELECT count(DISTINCT criterion) FROM verdicts WHERE call_id = 'd002'") == [(15,)]
    assert rows(db, "SELECT count(*) > 0 FROM operator_scores") == [(True,)]
    assert rows(db, "SELECT verdict::varchar FROM verdicts WHERE call_id = 'd002' AND criterion = 'greeting'") == [("fail",)]


def test_a_second_run_does_nothing_twice(tmp_path: Path, calls: Path) -> None:
    """Calls done with the same recording, facts and settings are skipped; new facts make one stale."""
    ingest(tmp_path, str(calls), "--metadata", str(calls / "calls.csv"))
    again = json.loads(ingest(tmp_path, str(calls), "--metadata", str(calls / "calls.csv"), "--json").stdout)
    assert (again["done"], again["skipped"]) == (0, 3)
    table = calls / "calls.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("d.kozlov", "d.kozlova"), encoding="utf-8")
    changed = json.loads(ingest(tmp_path, str(calls), "--metadata", str(table), "--json").stdout)
    assert (changed["done"], changed["skipped"]) == (1, 2)


def test_failed_calls_are_named_and_the_rest_is_done(tmp_path: Path, calls: Path) -> None:
    """A damaged recording and one without a transcript fail with their codes; exit status 20."""
    shutil.copy(SAMPLES / "damaged.mp3", calls)
    shutil.copy(SAMPLES / "hold_music.wav", calls)
    done = ingest(tmp_path, str(calls), "--json")
    summary = json.loads(done.stdout)
    assert done.returncode == 20
    assert summary["done"] == 3
    assert [(item["path"], item["code"]) for item in sorted(summary["failures"], key=lambda item: item["path"])] == [
        ("damaged.mp3", 21),
        ("hold_music.wav", 22),
    ]
    stored = rows(tmp_path / "data" / "callscore.duckdb", "SELECT path, code FROM failures ORDER BY 1")
    assert stored == [("damaged.mp3", 21), ("hold_music.wav", 22)]


def test_a_call_that_is_mended_loses_its_failure(tmp_path: Path, calls: Path) -> None:
    """Once it succeeds, a call is no longer listed as failed."""
    whole = (calls / "d016.wav").read_bytes()
    (calls / "d016.wav").write_bytes(b"no sound")
    assert ingest(tmp_path, str(calls), "--metadata", str(calls / "calls.csv")).returncode == 20
    (calls / "d016.wav").write_bytes(whole)
    assert ingest(tmp_path, str(calls), "--metadata", str(calls / "calls.csv")).returncode == 0
    assert rows(tmp_path / "data" / "callscore.duckdb", "SELECT count(*) FROM failures") == [(0,)]


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("absent",), 10, "error: there is no such file or folder"),
        (("empty",), 8, "error: there are no recordings"),
        ((), 8, "error: nothing was named to ingest"),
        (("calls", "--engine", "wisper"), 3, "error: there is no recognition engine 'wisper'"),
        (("calls", "--engine", "whisper", "--model", "whisper-bass"), 5, "whisper-bass"),
        (("calls", "--engine", "whisper", "--model", "./empty"), 5, "error: model.bin is missing in the folder with weights"),
        (("calls", "--metadata", "absent.csv"), 3, "error: the metadata cannot be read"),
        (("calls", "--source", "office"), 3, "error: there is no source 'office'"),
        (("calls", "--rubric", "absent.yaml"), 4, "error: "),
        (("calls", "--config", "absent.toml"), 3, "error: the config file does not exist"),
        (("calls", "--since", "yesterday"), 2, "no date such as"),
        (("calls", "--workers", "-1"), 2, "--workers"),
    ],
)
def test_a_run_that_cannot_start_says_why_and_leaves_nothing(
    tmp_path: Path, calls: Path, args: tuple[str, ...], code: int, message: str
) -> None:
    """One message, the right exit status, and no half-made database."""
    (tmp_path / "empty").mkdir()
    done = callscore(tmp_path, "ingest", *args) if "--engine" in args else ingest(tmp_path, *args)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()
    assert calls.is_dir()


def test_a_second_run_at_the_same_time_stops_at_once(tmp_path: Path, calls: Path) -> None:
    """Two runs on one database: the second says who holds it and ends with 7."""
    from callscore.store import open_store

    with open_store(tmp_path / "x.duckdb"):
        done = ingest(tmp_path, str(calls), "--db", "x.duckdb")
    assert done.returncode == 7
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_s", [0.0, 0.3])
def test_ctrl_c_and_sigterm_stop_cleanly_and_the_next_run_goes_on(
    tmp_path: Path, calls: Path, stop: signal.Signals, after_s: float
) -> None:
    """An interrupted run exits with 130, is recorded as such, keeps what was done, and the rest is done next time."""
    args = [sys.executable, "-m", "callscore", "ingest", str(calls), "--engine", "scripted", "--workers", "1"]
    with subprocess.Popen(args, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        run.stderr.readline()  # "... calls found": the run has begun
        time.sleep(after_s)
        run.send_signal(stop)
        rest = run.stderr.read()
    assert run.returncode == 130, rest
    assert "Traceback" not in rest
    db = tmp_path / "data" / "callscore.duckdb"
    assert rows(db, "SELECT status::varchar FROM runs") == [("interrupted",)]
    assert ingest(tmp_path, str(calls)).returncode == 0
    assert rows(db, "SELECT count(*) FROM calls WHERE status = 'done'") == [(3,)]


def test_configured_sources_are_ingested_without_naming_paths(tmp_path: Path, calls: Path) -> None:
    """A source of callscore.toml is enough; its name is stored with the call."""
    (tmp_path / "callscore.toml").write_text(
        f'[sources.office]\nkind = "folder"\npath = "{calls}"\nmetadata = "{calls}/calls.csv"\n', encoding="utf-8"
    )
    assert ingest(tmp_path, "--source", "office").returncode == 0
    assert rows(tmp_path / "data" / "callscore.duckdb", "SELECT DISTINCT source FROM calls") == [("office",)]


def test_logs_hold_no_words_names_or_numbers(tmp_path: Path, calls: Path) -> None:
    """Even with --debug nothing personal is printed to the log."""
    done = ingest(tmp_path, str(calls), "--metadata", str(calls / "calls.csv"), "--debug")
    assert done.returncode == 0, done.stderr
    for personal in ("разговор", "Павел", "79001112002", "d.kozlov"):
        assert personal not in done.stderr


def test_an_unknown_call_type_fails_its_call_and_a_language_without_rubric_is_remarked(tmp_path: Path, calls: Path) -> None:
    """What metadata say is never passed over in silence."""
    table = tmp_path / "facts.csv"
    table.write_text(
        "file,call_id,call_type,language\nd002.wav,a,sail,\nd004.ogg,b,,de\nd016.wav,c,voicemail,\n", encoding="utf-8"
    )
    done = ingest(tmp_path, str(calls), "--metadata", str(table), "--json")
    summary = json.loads(done.stdout)
    assert (done.returncode, summary["done"]) == (20, 2)
    assert [item["message"] for item in summary["failures"]] == ["there is no call type 'sail' (did you mean sale?)"]
    assert summary["remarks"] == ["calls without verdicts: 1 (no rubric is for their call type, direction and language)"]
    stored = rows(tmp_path / "data" / "callscore.duckdb", "SELECT call_type FROM calls WHERE call_id = 'c'")
    assert stored == [("voicemail",)]


@pytest.mark.model
def test_missing_weights_of_the_second_listen_stop_the_run_at_once(tmp_path: Path) -> None:
    """A larger model that is configured but not there is told before any call is heard, with the command that fetches it."""
    (tmp_path / "callscore.toml").write_text('version = 1\n[second_listen]\nmodel = "whisper-nowhere"\n', encoding="utf-8")
    done = callscore(tmp_path, "ingest", str(SAMPLES / "d035.wav"))
    assert done.returncode == 5
    assert "whisper-nowhere" in done.stderr
    assert not (tmp_path / "data").exists()
