"""A night over an Asterisk's own files: recordings, CDR and queue log on disk become calls, legs, missed calls and verdicts."""

from __future__ import annotations

import json
import shutil
import wave
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from callscore.audio import AudioLimits, decode_channels, probe_audio
from tests.cli.test_ingest import callscore, rows

SAMPLES = Path(__file__).resolve().parents[1] / "sample_audio"
SETTINGS = """
[sources.pbx]
kind = "asterisk"
cdr = "asterisk/cdr-csv/Master.csv"
queue_log = "asterisk/queue_log"
recordings = "monitor"
timezone = "Europe/Moscow"
"""
DAY = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)


def cdr(
    uniqueid: str, src: str, dst: str, channel: str, to: str, begin: int, answer: int | None, end: int, end_word: str
) -> str:
    """Return a line of Master.csv (18 columns, GMT); times are seconds after ten o'clock in Moscow."""

    def stamp(seconds: int | None) -> str:
        at = None if seconds is None else datetime.fromtimestamp(DAY.timestamp() + seconds, UTC)
        return "" if at is None else f'"{at:%Y-%m-%d %H:%M:%S}"'

    talk = 0 if answer is None else end - answer
    who = f'"","{src}","{dst}","ext-queues","""{src}"" <{src}>","{channel}","{to}","Queue","600,t"'
    when = f"{stamp(begin)},{stamp(answer)},{stamp(end)},{end - begin},{talk}"
    return f'{who},{when},"{end_word}","DOCUMENTATION","{uniqueid}","did=74951234567"\n'


def legs_of(recording: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return both channels of a stereo recording at 16 kHz."""
    limits = AudioLimits()
    decoded = decode_channels(recording, probe_audio(recording, limits), limits=limits)
    left, right = decoded.channels
    return left.samples, right.samples


def write_wav(path: Path, samples: np.ndarray) -> None:
    """Write one leg as MixMonitor does: 16-bit mono."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_files_of_an_asterisk_become_verdicts(tmp_path: Path) -> None:
    """One command: a call recorded whole, one recorded leg by leg, and one that nobody answered."""
    monitor = tmp_path / "monitor" / "2026" / "10" / "05"
    monitor.mkdir(parents=True)
    logs = tmp_path / "asterisk" / "cdr-csv"
    logs.mkdir(parents=True)
    epoch = int(DAY.timestamp())
    whole, apart, lost = (f"{epoch + seconds}.{seconds}" for seconds in (60, 1200, 2400))
    shutil.copy(SAMPLES / "d005.wav", monitor / f"q-600-79001112005-20261005-100100-{whole}.wav")
    client, operator = reversed(legs_of(SAMPLES / "d005.wav"))
    write_wav(monitor / f"q-600-79001112006-20261005-102000-{apart}-rx.wav", client)
    write_wav(monitor / f"q-600-79001112006-20261005-102000-{apart}-tx.wav", operator)
    (logs / "Master.csv").write_text(
        cdr(whole, "79001112005", "600", "PJSIP/trunk-1", "PJSIP/106-2", 60, 70, 200, "ANSWERED")
        + cdr(apart, "79001112006", "600", "PJSIP/trunk-3", "PJSIP/106-4", 1200, 1210, 1340, "ANSWERED")
        + cdr(lost, "79001112007", "600", "PJSIP/trunk-5", "", 2400, None, 2448, "NO ANSWER"),
        encoding="utf-8",
    )
    events = [
        (60, whole, "NONE", "ENTERQUEUE||79001112005|1"),
        (65, whole, "Козлов Денис", "RINGNOANSWER|4000"),
        (70, whole, "Белов Сергей", "CONNECT|10|x|3"),
        (200, whole, "Белов Сергей", "COMPLETECALLER|10|130|1"),
        (1200, apart, "NONE", "ENTERQUEUE||79001112006|1"),
        (1210, apart, "Белов Сергей", "CONNECT|10|x|3"),
        (1340, apart, "Белов Сергей", "COMPLETEAGENT|10|130|1"),
        (2400, lost, "NONE", "ENTERQUEUE||79001112007|1"),
        (2448, lost, "NONE", "ABANDON|1|1|48"),
    ]
    lines = [f"{epoch + at}|{call}|600|{agent}|{event}\n" for at, call, agent, event in events]
    (tmp_path / "asterisk" / "queue_log").write_text("".join(lines), encoding="utf-8")
    (tmp_path / "callscore.toml").write_text(SETTINGS, encoding="utf-8")
    done = callscore(tmp_path, "ingest", "--source", "pbx", "--since", "2026-10-05", "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    summary = json.loads(done.stdout)
    assert (summary["found"], summary["done"], summary["source_failures"]) == (2, 2, [])
    db = tmp_path / "data" / "callscore.duckdb"
    assert rows(db, "SELECT call_id, operator, did, wait_ms, layout, status FROM calls ORDER BY call_id") == [
        (whole, "Белов Сергей", "+74951234567", 10_000, "stereo", "done"),
        (apart, "Белов Сергей", "+74951234567", 10_000, "stereo", "done"),
    ]
    assert rows(db, "SELECT pbx_call_id, disposition, wait_ms FROM pbx_calls WHERE n_recordings = 0") == [
        (lost, "abandoned", 48_000)
    ]
    assert rows(db, "SELECT operator, kind FROM pbx_legs WHERE pbx_call_id = ? ORDER BY leg_no".replace("?", f"'{whole}'")) == [
        ("Козлов Денис", "ring"),
        ("Белов Сергей", "talk"),
    ]
    said = rows(db, f"SELECT role, count(*) FROM turns WHERE call_id = '{apart}' AND kind = 'speech' GROUP BY ALL ORDER BY ALL")
    assert [role for role, _ in said if role != "system"] == ["client", "operator"]
    assert rows(db, "SELECT count(DISTINCT call_id) FROM verdicts") == [(2,)]
    missed = json.loads(callscore(tmp_path, "report", "missed", "--format", "json").stdout)["missed"]
    assert [(row["call_id"], row["client_phone"], row["wait_ms"]) for row in missed] == [(lost, "+79001112007", 48_000)]
