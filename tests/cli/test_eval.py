"""`callscore eval` as a user meets it, and against an independent tool that computes the same figures."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "sample_audio"


def callscore(cwd: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    command = [sys.executable, "-m", "callscore", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def stored(folder: Path, recordings: list[Path], script: Path, metadata: Path) -> Path:
    """Ingest recordings with a given transcript into a new database and return it."""
    db = folder / "x.duckdb"
    rows = metadata.read_text(encoding="utf-8").splitlines()
    names = {path.name for path in recordings}
    kept = [row for row in rows if row.split(",")[0] in {"file", *names}]
    (folder / "calls.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    for path in recordings:
        shutil.copy(path, folder)
    run = callscore(
        folder, "ingest", ".", "--metadata", "calls.csv", "--engine", "scripted", "--script", script, "--db", db, "--json"
    )
    assert run.returncode == 0, run.stderr
    return db


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with two sample calls, their words as written down."""
    folder = tmp_path_factory.mktemp("eval")
    recordings = [SAMPLES / "d004.ogg", SAMPLES / "d016.wav"]
    return stored(folder, recordings, SAMPLES / "truth.jsonl", SAMPLES / "calls.csv")


def section(run: subprocess.CompletedProcess[str], name: str) -> Any:
    """Return one section of the JSON on stdout."""
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)[name]


def measures(run: subprocess.CompletedProcess[str]) -> dict[str, float]:
    """Return the measures by name."""
    return {row["measure"]: row["value"] for row in section(run, "measures")}


def test_a_table_from_a_spreadsheet_is_enough(db: Path, tmp_path: Path) -> None:
    """A few labels in a CSV give figures, the wrong verdict with its quote, and what is not stored."""
    table = tmp_path / "labels.csv"
    table.write_text(
        "file;criterion;verdict\nd004.ogg;greeting;да\nd004.ogg;farewell;fail\nd004.ogg;politeness;\nd999.wav;greeting;pass\n",
        encoding="cp1251",
    )
    run = callscore(tmp_path, "eval", "--truth", table, "--db", db, "--json")
    assert section(run, "summary") == {"calls": 2, "found": 1, "heard": 1, "labels": 3}
    assert section(run, "not_stored") == [{"call": "d999.wav"}]
    assert section(run, "remarks") == [{"message": "rows without a verdict yet, left out: 1"}]
    (wrong,) = section(run, "wrong")
    assert (wrong["call_id"], wrong["criterion"], wrong["label"], wrong["verdict"]) == ("d004", "farewell", "fail", "pass")
    assert wrong["evidence_text"]
    rows = {row["criterion"]: row for row in section(run, "criteria")}
    assert (rows["greeting"]["right"], rows["greeting"]["missing"], rows["farewell"]["false_pass"]) == (1, 1, 1)
    assert (rows[None]["accuracy"], rows[None]["enough_calls"]) == (0.5, False)


def test_the_table_for_people(db: Path, tmp_path: Path) -> None:
    """The report names few calls as such, remarks go to stderr, and quotes come only with --verbose."""
    table = tmp_path / "labels.csv"
    rows = "file,criterion,verdict\nd004.ogg,farewell,fail\nd004.ogg,gretting,pass\nd999.wav,farewell,pass\n"
    table.write_text(rows, encoding="utf-8")
    run = callscore(tmp_path, "eval", "--truth", table, "--db", db)
    assert run.returncode == 0, run.stderr
    assert "мало звонков" in run.stdout
    assert "Неверные вердикты" not in run.stdout
    assert f"no rubric has the criterion 'gretting' (labels: 1, first call: {table}:2), did you mean 'greeting'?" in run.stderr
    assert "not in the store: 1 of 2 labelled calls (d999.wav)" in run.stderr
    verbose = callscore(tmp_path, "eval", "--truth", table, "--db", db, "--verbose", "--format", "md")
    assert "## Неверные вердикты" in verbose.stdout


def test_exact_words_and_roles_come_out_perfect(db: Path, tmp_path: Path) -> None:
    """Compared with the transcript they were made from, words have no errors and roles are right."""
    run = callscore(
        tmp_path, "eval", "--truth", SAMPLES / "truth.jsonl", "--db", db, "--json", "--criteria", "greeting,farewell"
    )
    assert [(row["role"], row["wer"]) for row in section(run, "words")] == [("operator", 0.0), ("client", 0.0)]
    assert measures(run)["role_accuracy"] == 1.0
    assert {row["criterion"] for row in section(run, "criteria")} == {"farewell", "greeting", None}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--truth", "no.jsonl"], 3, "error: the labelled calls cannot be read: No such file or directory"),
        (["--truth", "t.csv", "--criteria", "gretting"], 3, "error: no call is labelled with the criterion 'gretting'"),
        (["--truth", "other.csv"], 8, "error: none of the 1 labelled calls is stored"),
        (["--truth", "t.csv", "--output", "x.yaml"], 2, "--output goes with --calibrate"),
        (["--truth", "t.csv", "--calibrate"], 3, "error: there is no folder of rubrics of your own"),
        (["--truth", "t.csv", "--calibrate", "--output", "x.yaml"], 3, "error: fitting needs 30 labelled calls"),
        (["--truth", "t.csv", "--db", "no.duckdb"], 6, "error: there is no database yet"),
    ],
)
def test_what_cannot_be_done_is_said(db: Path, tmp_path: Path, arguments: list[str], code: int, message: str) -> None:
    """Each mistake has its exit status and one message without a traceback."""
    (tmp_path / "t.csv").write_text("file,criterion,verdict\nd004.ogg,greeting,pass\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("file,criterion,verdict\nd999.ogg,greeting,pass\n", encoding="utf-8")
    given = arguments if "--db" in arguments else [*arguments, "--db", db]
    run = callscore(tmp_path, "eval", *given)
    assert (run.returncode, run.stdout) == (code, "")
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def spoilt(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call with every fifth word dropped, and each seventh turn given to the other side."""
    for number, turn in enumerate(turn for turn in call["turns"] if turn["kind"] == "speech"):
        words = turn["text"].split()
        turn["text"] = " ".join(word for n, word in enumerate(words) if (n + number) % 5) or words[0]
        if number % 7 == 6 and turn["speaker"] in ("operator", "client"):
            turn["speaker"] = turn["channel"] = "client" if turn["speaker"] == "operator" else "operator"
    return call


def test_figures_are_those_of_the_independent_tool(shared_dir: Path, tmp_path: Path) -> None:
    """On calls with spoilt words and roles every figure equals that of a tool which shares no code with callscore."""
    truth = shared_dir / "calls" / "truth.jsonl"
    calls = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    chosen = [call for call in calls if (shared_dir / "calls" / call["file"]).stat().st_size < 200_000][:8]
    labels, script = tmp_path / "labels.jsonl", tmp_path / "script.jsonl"
    missing = {**chosen[0], "id": "d999", "file": "d999.wav"}
    labels.write_text("\n".join(json.dumps(call) for call in [*chosen, missing]), encoding="utf-8")
    script.write_text("\n".join(json.dumps(spoilt(call)) for call in chosen), encoding="utf-8")
    folder = tmp_path / "calls"
    folder.mkdir()
    recordings = [shared_dir / "calls" / call["file"] for call in chosen]
    made = stored(folder, recordings, script, shared_dir / "calls" / "calls.csv")
    tool = [
        sys.executable,
        str(shared_dir / "tools" / "score_verdicts.py"),
        "--db",
        str(made),
        "--truth",
        str(labels),
        "--json",
    ]
    expected = json.loads(subprocess.run(tool, capture_output=True, text=True, check=True, timeout=300).stdout)
    run = callscore(tmp_path, "eval", "--truth", labels, "--db", made, "--json")
    found = measures(run)
    names = ("accuracy_of_decided", "right_of_all", "unsure", "missing", "false_pass_of_fails", "role_accuracy")
    assert {name: found[name] for name in names} == {name: expected[name] for name in names}
    assert {row["role"]: row["wer"] for row in section(run, "words")} == expected["wer"]
    assert expected["wer"]["operator"] > 0.1
    assert expected["role_accuracy"] < 1
    summary = section(run, "summary")
    assert (summary["calls"], summary["found"], summary["labels"]) == (expected["calls"], expected["found"], expected["labels"])
    rows = {row["criterion"]: row for row in section(run, "criteria") if row["criterion"]}
    counted = ("right", "wrong", "unsure", "missing", "false_pass", "false_fail")
    assert {name: [row[key] for key in counted] for name, row in rows.items()} == {
        name: [row.get(key, 0) for key in counted] for name, row in expected["criteria"].items()
    }
    wrong = [{key: row[key] for key in ("criterion", "label", "verdict")} for row in section(run, "wrong")]
    assert wrong == [{key: row[key] for key in ("criterion", "label", "verdict")} for row in expected["wrong"]]
