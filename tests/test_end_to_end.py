"""The whole night with the real models: sample calls, broken files, sounds without speech."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.hearing.calls import Wanted, find_calls
from benchmarks.hearing.metrics import score_call
from benchmarks.hearing.own import read_heard
from benchmarks.hearing.quiet import find_sounds
from tests.cli.test_ingest import SAMPLES, callscore, rows

pytestmark = [pytest.mark.model, pytest.mark.slow, pytest.mark.timeout(1200)]

# Whoever connects while this is set gets no answer: everything must already be on the machine.
OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}


@dataclass(frozen=True)
class Night:
    """A finished run on the sample calls."""

    folder: Path
    db: Path
    done: subprocess.CompletedProcess[str]

    @property
    def summary(self) -> dict[str, Any]:
        """The JSON object that the run printed."""
        parsed: dict[str, Any] = json.loads(self.done.stdout)
        return parsed


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Run `callscore ingest` on sample_audio/ once, offline, with the default engine."""
    folder = tmp_path_factory.mktemp("night")
    return Night(folder, folder / "data" / "callscore.duckdb", ingest_samples(folder))


def ingest_samples(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the nightly command on the sample calls."""
    return callscore(folder, "ingest", str(SAMPLES), "--metadata", str(SAMPLES / "calls.csv"), "--json", **OFFLINE)


def labels() -> dict[tuple[str, str], str]:
    """Return what a human listener says, by call and criterion."""
    lines = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    return {(line["id"], name): label for line in lines for name, label in line["labels"].items()}


def test_every_call_is_done_and_the_damaged_one_is_named(night: Night) -> None:
    """Eleven of twelve files are done, one fails as damaged; exit status 20, no traceback."""
    assert night.done.returncode == 20, night.done.stderr
    assert "Traceback" not in night.done.stderr
    summary = night.summary
    assert (summary["found"], summary["done"], summary["skipped"], summary["failed"]) == (12, 11, 0, 1)
    assert [(item["path"], item["call_id"], item["code"]) for item in summary["failures"]] == [("damaged.mp3", "damaged", 21)]


def test_the_verdicts_are_mostly_those_of_a_listener(night: Night) -> None:
    """On real recognition at least four verdicts in five are right, few are wrong, and none is missing."""
    given = {
        (call, name): verdict
        for call, name, verdict in rows(night.db, "SELECT call_id, criterion, verdict::varchar FROM verdicts")
    }
    expected = labels()
    right = sum(given[key] == label for key, label in expected.items())
    wrong = sum(given[key] not in (label, "unsure") for key, label in expected.items())
    assert right / len(expected) >= 0.8
    assert wrong / len(expected) <= 0.1


def test_no_recording_notice_is_invented(night: Night) -> None:
    """The legally worst error: a notice passed that nobody gave."""
    given = dict(rows(night.db, "SELECT call_id, verdict::varchar FROM verdicts WHERE criterion = 'recording_notice'"))
    failed = [call for (call, name), label in labels().items() if name == "recording_notice" and label == "fail"]
    assert failed
    assert [call for call in failed if given[call] == "pass"] == []


def test_every_decided_verdict_has_evidence_and_a_reason(night: Night) -> None:
    """Pass and fail name a span of the call and say why."""
    condition = "verdict IN ('pass', 'fail') AND (evidence_start_ms IS NULL OR reason = '')"
    bare = rows(night.db, f"SELECT call_id, criterion FROM verdicts WHERE {condition}")
    assert bare == []


def test_hold_music_gives_a_hold_and_no_words(night: Night) -> None:
    """A recording of nothing but music holds a turn of kind hold and not one word."""
    assert rows(night.db, "SELECT count(*) FROM words WHERE call_id = 'hold_music'") == [(0,)]
    assert rows(night.db, "SELECT DISTINCT kind::varchar, role::varchar FROM turns WHERE call_id = 'hold_music'") == [
        ("hold", "system")
    ]


def test_turns_are_heard_where_they_were_said(night: Night) -> None:
    """No turn of three words or more is without a word, 95 % of the words lie in their turn, roles are right."""
    calls = find_calls(Wanted(calls_dir=SAMPLES, english_dir=SAMPLES, layouts=("stereo", "mono")))
    heard = read_heard(night.db, [call.call_id for call in calls], {})
    scores = [score_call(call, heard[call.call_id]) for call in calls]
    assert sum(score.n_turns for score in scores) > 100
    assert [score.lost for score in scores if score.lost] == []
    assert sum(score.n_inside for score in scores) >= 0.95 * sum(score.n_placed for score in scores)
    assert sum(score.right_role_ms for score in scores) >= 0.95 * sum(score.role_ms for score in scores)


def test_operator_scores_have_intervals(night: Night) -> None:
    """The table for managers is there, each score inside its interval."""
    scores = rows(night.db, "SELECT score_low, score, score_high FROM operator_scores WHERE score IS NOT NULL")
    assert scores
    assert all(low <= score <= high for low, score, high in scores)


def test_provenance_names_engine_and_weights(night: Night) -> None:
    """Every result says where it came from; telemetry libraries found no reason to speak."""
    with duckdb.connect(str(night.db), read_only=True) as connection:
        weights = connection.execute("SELECT name, length(sha256) FROM models ORDER BY name").fetchall()
    assert weights == [("campplus-zh-en", 64), ("pyannote-segmentation-3.0", 64), ("whisper-base", 64)]


def test_a_second_run_takes_seconds(night: Night) -> None:
    """Nothing is heard twice; only the damaged file is tried again."""
    begun = time.monotonic()
    again = json.loads(ingest_samples(night.folder).stdout)
    assert (again["done"], again["skipped"], again["failed"]) == (0, 11, 1)
    assert time.monotonic() - begun < 60


def test_sounds_without_speech_give_no_words(tmp_path: Path, shared_dir: Path) -> None:
    """Hold music, room noise, loud noise and silence give not one word."""
    audio = shared_dir / "audio"
    sounds = [
        audio / "hold",
        audio / "azure" / "callcenter_ambience.wav",
        audio / "pisets" / "silence.wav",
        audio / "pisets" / "test_silence.wav",
        audio / "ru_prompts" / "wav" / "silence_10.wav",
    ]
    done = callscore(tmp_path, "ingest", *map(str, sounds), "--db", "x.duckdb", "--json", **OFFLINE)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["done"] == 6
    assert rows(tmp_path / "x.duckdb", "SELECT count(*) FROM words") == [(0,)]


def test_sounds_between_the_halves_of_a_call_give_no_words(tmp_path: Path, shared_dir: Path) -> None:
    """Nothing is invented where music, noise, tones or silence stand between speech; the speech around it is heard."""
    calls = find_calls(Wanted(calls_dir=SAMPLES, english_dir=SAMPLES, layouts=("stereo",)))
    glued = [call for call in find_sounds(shared_dir / "audio", calls, tmp_path) if call.call_id.endswith(".stereo")]
    files = [call.path for call in glued]
    done = callscore(tmp_path, "ingest", *files, "--db", "x.duckdb", "--json", **OFFLINE)
    assert json.loads(done.stdout)["done"] == len(files) >= 7, done.stderr
    stems = dict(rows(tmp_path / "x.duckdb", "SELECT recording, call_id FROM calls"))
    heard = read_heard(tmp_path / "x.duckdb", list(stems.values()), {})
    for call in glued:
        words = heard[stems[Path(call.path).name]]
        assert score_call(call, words).invented == {call.call_id: 0}
        assert len(words.words) > 20


def test_broken_and_odd_files_are_done_or_failed_with_a_code(tmp_path: Path, shared_dir: Path) -> None:
    """Each file of three folders of oddities ends as done or as a named failure; no traceback, no hang, exit status 20."""
    folders = [shared_dir / "audio" / name for name in ("broken_audio", "codecs", "tinkoff")]
    done = callscore(tmp_path, "ingest", *map(str, folders), "--db", "x.duckdb", "--json", **OFFLINE)
    assert done.returncode == 20, done.stderr
    assert "Traceback" not in done.stderr
    summary = json.loads(done.stdout)
    assert summary["found"] == summary["done"] + summary["failed"] == sum(len(list(folder.iterdir())) for folder in folders)
    assert {item["code"] for item in summary["failures"]} == {21}
    assert all(item["message"] and "\n" not in item["message"] for item in summary["failures"])


def test_the_demo_ends_with_an_operators_table(tmp_path: Path, night: Night) -> None:
    """`callscore demo` shows operators with scores, exits with 0, and takes no sound twice."""
    del night  # only for its order: the weights are in the disk cache
    first = callscore(tmp_path, "demo", "--engine", "scripted")
    assert first.returncode == 0, first.stderr
    assert "d.kozlov" in first.stdout
    second = subprocess.run(
        [sys.executable, "-m", "callscore", "demo", "--engine", "scripted"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "0 done, 10 skipped, 2 failed of 12 calls" in second.stderr
