"""`callscore rescore` as a user meets it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from callscore.shipped import shipped_dir
from tests.cli.test_ingest import SAMPLES, callscore, ingest, rows
from tests.jobs.small_archive import ANYWHERE, CURT, LATE, POLITE, make_archive, stored
from tests.rubric.book_files import RUBRIC, write_book


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a folder with settings, small rubrics, and 60 calls that were scored with them."""
    make_archive(tmp_path, *(stored(n, (POLITE, CURT, LATE)[n % 3]) for n in range(60)))
    (tmp_path / "callscore.toml").write_text('[store]\ndb = "x.duckdb"\n[rubrics]\ndir = "rubrics"\n', encoding="utf-8")
    done = callscore(tmp_path, "rescore", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_nothing_to_do_is_said(archive: Path) -> None:
    """With the rubrics of the last time there is no output but a message, and for programs an object of zeros."""
    done = callscore(archive, "rescore")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "every call is up to date: 60 calls were scored with these rubrics before\n"
    said = json.loads(callscore(archive, "rescore", "--json").stdout)
    assert {key: said[key] for key in ("run_id", "found", "rescored", "up_to_date", "changed_calls", "calls")} == {
        "run_id": "", "found": 60, "rescored": 0, "up_to_date": 60, "changed_calls": 0, "calls": [],
    }  # fmt: skip


def test_the_difference_is_bounded_and_says_how_to_see_all(archive: Path) -> None:
    """Criteria, operators and the first twenty calls are shown, with verdicts, quote and reason, and the way to the rest."""
    write_book(archive / "rubrics", ANYWHERE)
    looked = callscore(archive, "rescore", "--dry-run")
    assert looked.stdout.count("нет → да  ") == 20
    assert "Малая     3 → 4" in looked.stdout
    assert "Малая     Приветствие          20  нет → да: 20" in looked.stdout
    assert "«добрый день»" in looked.stdout
    assert "60 calls would be scored again, 0 up to date; 20 calls changed (20 verdicts); took 00:" in looked.stderr
    write_book(archive / "rubrics", ANYWHERE.replace("any: [$hello]", "any: [хочу]"))
    done = callscore(archive, "rescore")
    shown = [line for line in done.stdout.splitlines() if line.startswith("c0000") and "да → нет" in line]
    assert len(shown) == 20
    assert "Показаны 20 из 20" not in done.stdout
    last = callscore(archive, "sql", "SELECT count(*) AS n FROM verdict_history", "--format", "json")
    assert json.loads(last.stdout)


def test_programs_get_every_changed_call(archive: Path) -> None:
    """--json and --format csv hold all changes, however many, with both verdicts, quotes and reasons."""
    write_book(archive / "rubrics", ANYWHERE.replace("any: [$hello]", "any: [ладно, алло]"))
    rows_ = list(csv.DictReader(io.StringIO(callscore(archive, "rescore", "--dry-run", "--format", "csv").stdout)))
    assert len(rows_) == 60
    assert {(row["old"], row["new"]) for row in rows_} == {("pass", "fail"), ("fail", "pass")}
    said = json.loads(callscore(archive, "rescore", "--json").stdout)
    assert (said["changed_calls"], said["changed_verdicts"], len(said["calls"])) == (60, 60, 60)
    assert [(entry["criterion"], entry["calls"]) for entry in said["criteria"]] == [("greeting", 60)]
    assert {move["calls"] for move in said["criteria"][0]["moves"]} == {20, 40}
    call = next(call for call in said["calls"] if call["call_id"] == "c000001")
    assert (call["operator"], call["old_score"], call["new_score"]) == ("d.kozlov", 0.0, 100.0)
    assert call["verdicts"][0] | {"old_reason": "", "new_reason": ""} == {
        "criterion": "greeting", "old": "fail", "new": "pass", "old_reason": "", "new_reason": "",
        "old_quote": "", "new_quote": "ладно", "role": "operator", "start_ms": 3000,
    }  # fmt: skip
    assert {entry["operator"]: entry["new_score"] for entry in said["operators"]} == {
        "a.smirnova": 0.0, "d.kozlov": 100.0, "m.orlova": 100.0,
    }  # fmt: skip


def test_the_command_that_shows_all_works(archive: Path) -> None:
    """After a run the rest of the changes is found by the query that the note names."""
    write_book(archive / "rubrics", ANYWHERE.replace("any: [$hello]", "any: [ладно, алло]"))
    done = callscore(archive, "rescore", "--format", "md")
    note = done.stdout[done.stdout.index('callscore sql "') + len('callscore sql "') :]
    found = callscore(archive, "sql", note[: note.index('"')], "--format", "json")
    assert found.returncode == 0, found.stderr
    assert len(json.loads(found.stdout)) == 60


def test_what_was_judged_and_what_is_as_before_is_said(archive: Path) -> None:
    """An edit of a weight judges nothing; --full judges everything, up to date or not, and changes nothing."""
    write_book(archive / "rubrics", RUBRIC.replace("weight: 2", "weight: 3"))
    said = json.loads(callscore(archive, "rescore", "--dry-run", "--json").stdout)
    assert (said["rescored"], said["judged"], said["kept"]) == (60, 0, 60)
    assert "\nverdicts: 0 judged, 60 as before" in callscore(archive, "rescore").stderr
    full = callscore(archive, "rescore", "--full")
    assert "60 calls scored again, 0 up to date; no differences" in full.stderr
    assert "\nverdicts: 60 judged, 0 as before" in full.stderr


def test_a_rubric_changed_without_a_new_number_is_named(archive: Path) -> None:
    """Old and new verdicts would otherwise look as if they came from the same rubric."""
    write_book(archive / "rubrics", RUBRIC.replace(", within: {first_turns: 2}", ""))
    assert "note: changed without a new version number: small\n" in callscore(archive, "rescore").stderr


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("--rubric", "absent.yaml"), 4, "error: "),
        (("--since", "2031-01-01"), 8, "error: no call matches"),
        (("--since", "yesterday"), 2, "no date such as"),
        (("--db", "absent.duckdb"), 6, "error: there is no database yet"),
        (("--workers", "-1"), 2, "--workers"),
    ],
)
def test_what_cannot_be_done_says_why(archive: Path, args: tuple[str, ...], code: int, message: str) -> None:
    """One message, the right exit status, no traceback, no new file."""
    before = sorted(path.name for path in archive.iterdir())
    done = callscore(archive, "rescore", *args)
    assert (done.returncode, message in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr
    assert sorted(path.name for path in archive.iterdir()) == before


@pytest.mark.timeout(180)
def test_ingest_and_rescore_agree_on_what_is_stale(tmp_path: Path) -> None:
    """What one scored with today's rubrics the other leaves alone; with other rubrics either scores it again."""
    usual, other = tmp_path / "usual", tmp_path / "other"
    for folder in (usual, other):
        shutil.copytree(shipped_dir("rubrics"), folder)
    core = other / "core_ru.yaml"
    core.write_text(core.read_text(encoding="utf-8").replace("weight: 1\n", "weight: 2\n", 1), encoding="utf-8")
    calls = [str(SAMPLES / "d002.wav"), str(SAMPLES / "d016.wav"), "--metadata", str(SAMPLES / "calls.csv"), "--json"]

    def ingested(rubrics: Path) -> tuple[Any, Any]:
        said = json.loads(ingest(tmp_path, *calls, CALLSCORE_RUBRICS_DIR=str(rubrics)).stdout)
        return said["done"], said["skipped"]

    def rescored(rubrics: Path) -> Any:
        said = json.loads(callscore(tmp_path, "rescore", "--json", CALLSCORE_RUBRICS_DIR=str(rubrics)).stdout)
        return said["rescored"]

    assert ingested(usual) == (2, 0)
    assert rescored(usual) == 0
    assert rescored(other) == 2
    assert ingested(other) == (0, 2)
    assert ingested(usual) == (2, 0)
    assert rescored(usual) == 0
    db = tmp_path / "data" / "callscore.duckdb"
    assert rows(db, "SELECT count(DISTINCT run_id) FROM verdict_history") == [(2,)]
