"""How recognisers are run and their results written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hearing.compare import Plan, Row, compare
from benchmarks.hearing.contenders import read_job, write_job
from benchmarks.hearing.measure import Failed, Measured, run_job
from benchmarks.hearing.metrics import Scores
from benchmarks.hearing.records import Facts, Job, JobCall, LabelledCall
from benchmarks.hearing.table import charts, json_rows, markdown

CALL = LabelledCall(
    call_id="d", path="d.wav", layout="stereo", language="ru", channels=("operator", "client"), turns=(), seconds=60.0
)


def job(command: str = "") -> Job:
    """Build a job for whisper-ctranslate2."""
    return Job(
        contender="ctranslate2",
        calls=(JobCall("d", "d.wav", 2, (0, 1), (("did", "749"),)),),
        language="ru",
        model="models/x",
        device="cpu",
        compute_type="int8",
        threads=2,
        second="second.wav",
        command=command,
    )


def row(contender: str, *work_s: float) -> Row:
    """Build the row of a recogniser that heard an hour, ten words of them one wrong, in some runs."""
    runs = [
        Measured(heard={}, facts=Facts(load_s=10.0, work_s=one, cpu_s=2 * one), peak_bytes=2_000_000_000, gpu_busy_frac=None)
        for one in work_s
    ]
    scores = Scores(
        words={"operator": 10, "client": 0}, errors={"operator": 1, "client": 0}, n_turns=2, lost=[("d", 500)],
        n_placed=4, n_inside=3, start_errors_ms=[100, 300, 200], end_errors_ms=[10], role_ms=1000, right_role_ms=990,
    )  # fmt: skip
    return Row(
        contender=contender, device="cpu", layout="stereo", audio_s=3600.0, runs=runs, scores=scores, by_call={"d": scores}
    )


def test_jobs_travel_as_files(tmp_path: Path) -> None:
    """What is written for the other process is what it reads."""
    write_job(job(), tmp_path / "job.json")
    assert read_job(tmp_path / "job.json") == job()


def test_a_program_that_fails_is_named() -> None:
    """The last words of a failed recogniser are its note in the table."""
    with pytest.raises(Failed, match="false ended with 1"):
        run_job(job("/bin/false"))


def test_what_is_not_installed_is_said() -> None:
    """An absent recogniser has a row, and nothing is run for it."""
    plan = Plan(
        contenders=(("whisperx", "cpu"),), repeats=2, model="", threads=1, commands={}, absent={"whisperx": "not installed"}
    )
    rows = compare(plan, [CALL])
    assert [(one.title, one.note, one.runs) for one in rows] == [("whisperX", "not installed", [])]
    assert "| whisperX | not installed |" in markdown(rows)
    assert charts(rows) == {}


def test_the_table_has_medians_and_spread() -> None:
    """Speed is the median of the runs with the slowest and the fastest; a column without figures is left out."""
    lines = markdown([row("callscore", 100.0, 200.0, 150.0)]).splitlines()
    assert lines[0] == "**Stereo, a leg per channel**: 1 call, 60.0 minutes"
    assert lines[4] == (
        "| callscore | 24.0 (18.0-36.0) | 22.5 (17.1-32.7) | 10.0 % | 10.0 % | 1 of 2 | 75.0 % | 200, 300 | 10, 10 "
        "| 99.0 % | 5.0 | 2.0 |"
    )


def test_the_json_has_every_run() -> None:
    """Figures of each run, shares as 0..1, lost turns by place."""
    (found,) = json_rows([row("batched", 100.0, 200.0)])
    assert found["x_real_time"] == [36.0, 18.0]
    assert found["wer"] == {"operator": 0.1, "client": None, "all": 0.1}
    assert found["lost"] == [{"call": "d", "start_ms": 500}]


def test_words_in_sounds_are_counted_by_place() -> None:
    """Alone, in a mono call and in a stereo call apart."""
    quiet = row("batched", 1.0)
    quiet.layout = "quiet"
    quiet.by_call = {}
    quiet.scores = Scores(invented={"a.alone": 1, "b.alone": 3, "a.mono": 0, "a.stereo": 2})
    assert "| faster-whisper Batched | 4 | 0 | 2 |" in markdown([quiet])


def test_charts_are_drawn_of_what_ran() -> None:
    """Speed and word errors; what did not run, or took no longer than to start, has no bar."""
    drawn = charts([row("callscore", 100.0), row("whisperx"), row("ctranslate2", 0.0)])
    assert sorted(drawn) == ["speed.svg", "wer.svg"]
    assert "whisperX" not in drawn["wer.svg"]
    assert ("ctranslate2" in drawn["speed.svg"], "ctranslate2" in drawn["wer.svg"]) == (False, True)


def test_failed_calls_are_named() -> None:
    """A recogniser that fails on some calls is not shown as if it heard all."""
    some = row("callscore", 100.0)
    some.failed = {"d": "unexpected"}
    assert "| callscore (1 failed) |" in markdown([some])
    assert json_rows([some])[0]["failed"] == {"d": "unexpected"}
