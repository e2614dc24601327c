"""A model folder through the whole nightly run: recordings to stored words, errors and the self-check."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from callscore.cli.doctor import check_recogniser
from callscore.config import load_config
from callscore.errors import ModelError
from callscore.hearing import AudioHearing
from callscore.pipeline import PipelineSettings
from tests.cli.test_ingest import SAMPLES, callscore, rows

CALLS = ("d005.wav", "d036.mp3", "hold_music.wav")
# Whoever connects while this is set gets no answer: everything must already be on the machine.
OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """Return a folder with two stereo calls and a recording of hold music, which need no weights to tell speakers apart."""
    folder = tmp_path / "calls"
    folder.mkdir()
    for name in CALLS:
        shutil.copy(SAMPLES / name, folder)
    return folder


def ingest(calls: Path, model: Path | str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the nightly command with the onnx engine and one worker."""
    settings = ("--engine", "onnx", "--model", str(model), "--workers", "1", "--db", "onnx.duckdb")
    where = {"CALLSCORE_MODELS_DIR": str(calls.parent / "cache"), **OFFLINE}
    return callscore(calls.parent, "ingest", str(calls), *settings, *args, **where)


def summary(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the JSON object of a run."""
    parsed: dict[str, Any] = json.loads(done.stdout)
    return parsed


@pytest.mark.timeout(180)
def test_a_model_folder_hears_calls_from_file_to_stored_words(tmp_path: Path, calls: Path, tiny_onnx: Path) -> None:
    """Both legs have words with times and probabilities, hold music has none, and the weights are on record."""
    model = Path(shutil.copytree(tiny_onnx, tmp_path / "gigaam-tiny"))
    done = ingest(calls, model, "--json")
    assert done.returncode == 0, done.stderr
    assert (summary(done)["done"], summary(done)["failed"]) == (3, 0)
    db = tmp_path / "onnx.duckdb"
    heard = rows(
        db,
        "SELECT call_id, count(DISTINCT channel), count(*), min(w.end_ms - w.start_ms) >= 0, max(prob) <= 1 "
        "FROM words w JOIN turns USING (call_id, turn_no) GROUP BY 1 ORDER BY 1",
    )
    assert [(call.split("-")[0], channels, n > 20, *checks) for call, channels, n, *checks in heard] == [
        ("d005", 2, True, True, True),
        ("d036", 2, True, True, True),
    ]
    kept = rows(db, "SELECT name, length(sha256) FROM models WHERE kind = 'transcribe'")
    assert kept == [(str(model), 64)]

    assert summary(ingest(calls, model, "--json"))["skipped"] == 3
    vocabulary = model / "v3_vocab.txt"
    vocabulary.write_text(vocabulary.read_text(encoding="utf-8").replace("ю", "ё"), encoding="utf-8")
    assert summary(ingest(calls, model, "--json"))["done"] == 3


def test_a_folder_without_a_model_ends_the_run_before_it_begins(tmp_path: Path, calls: Path, tiny_onnx: Path) -> None:
    """Exit 5 with what is missing, where, and what to do; nothing is stored as failed."""
    broken = Path(shutil.copytree(tiny_onnx, tmp_path / "broken"))
    (broken / "config.json").unlink()
    done = ingest(calls, broken)
    assert done.returncode == 5
    assert "error: config.json of gigaam-v3-ctc is missing" in done.stderr
    assert str(broken) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("engine", "model", "message", "hint"),
    [
        (
            "onnx",
            "whisper-base",
            "the engine onnx cannot read whisper-base, which is for the engine whisper",
            "set transcribe.model to gigaam-v3-ctc or gigaam-v3-e2e-ctc, or transcribe.engine to whisper",
        ),
        ("onnx", "gigaam-v3-ctc", "model gigaam-v3-ctc is not on this machine", "callscore models pull gigaam-v3-ctc"),
        ("onnx", "none/here", "the folder with weights does not exist", "callscore models list"),
        ("onnx", "calls", "no .onnx file lies in the folder with weights", "models/README.md"),
        ("whisper", "tiny", "cannot read", "set transcribe.engine to onnx"),
        (
            "whisper",
            "gigaam-v3-ctc",
            "the engine whisper cannot read gigaam-v3-ctc, which is for the engine onnx",
            "whisper-base",
        ),
    ],
)
def test_engine_and_weights_must_go_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_onnx: Path, engine: str, model: str, message: str, hint: str
) -> None:
    """The commonest mistakes of a first run are found by run and self-check alike, with a way out in the message."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calls").mkdir()
    shutil.copytree(tiny_onnx, tmp_path / "tiny")
    environ = {
        "CALLSCORE_TRANSCRIBE_ENGINE": engine,
        "CALLSCORE_TRANSCRIBE_MODEL": model,
        "CALLSCORE_MODELS_CACHE_DIR": "cache",
    }
    config = load_config(environ=environ, cwd=tmp_path).config
    with pytest.raises(ModelError, match=message) as caught:
        PipelineSettings.read(config).hashes()
    assert hint in caught.value.hint
    found = check_recogniser(config)
    assert (found.status, found.exit_code, found.hint) == ("fail", 5, caught.value.hint)


def test_the_self_check_knows_a_good_folder(tmp_path: Path, tiny_onnx: Path) -> None:
    """`callscore doctor` looks at the folder as a run would."""
    settings = {"CALLSCORE_TRANSCRIBE_ENGINE": "onnx", "CALLSCORE_TRANSCRIBE_MODEL": str(tiny_onnx)}
    found = json.loads(callscore(tmp_path, "doctor", "--json", **settings).stdout)["checks"]
    row = next(row for row in found if row["name"] == f"model {tiny_onnx}")
    assert (row["status"], str(tiny_onnx) in row["detail"]) == ("ok", True)


def test_a_call_in_another_language_is_named(tmp_path: Path, calls: Path, tiny_onnx: Path) -> None:
    """An English line under a Russian model fails with the model's name; the other calls go on."""
    table = tmp_path / "calls.csv"
    table.write_text("file,language\nd005.wav,en\nd036.mp3,ru\nhold_music.wav,ru\n", encoding="utf-8")
    shutil.copy(table, calls)
    done = ingest(calls, tiny_onnx, "--metadata", str(calls / "calls.csv"), "--json")
    assert done.returncode == 20
    failures = summary(done)["failures"]
    assert [(item["path"], item["code"]) for item in failures] == [("d005.wav", 22)]
    assert f"the model {tiny_onnx.name} does not know the language 'en'" in failures[0]["message"]


@pytest.mark.model
def test_whisper_may_listen_again_where_an_onnx_model_was_in_doubt(tmp_path: Path, tiny_onnx: Path) -> None:
    """The second listen takes the engine that reads its weights, whatever engine heard the call first."""
    environ = {
        "CALLSCORE_TRANSCRIBE_ENGINE": "onnx",
        "CALLSCORE_TRANSCRIBE_MODEL": str(tiny_onnx),
        "CALLSCORE_SECOND_LISTEN_MODEL": "whisper-base",
    }
    settings = PipelineSettings.read(load_config(environ=environ, cwd=tmp_path).config)
    hearing = AudioHearing(settings.config, settings.cues, threads=1)
    assert (hearing._transcriber.name, hearing._second_listener.name) == ("onnx", "whisper")
