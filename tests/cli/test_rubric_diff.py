"""`callscore rubric diff`: what other rubrics would change on the stored calls."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from callscore.store import store_digest
from tests.cli.test_ingest import callscore
from tests.jobs.small_archive import ANYWHERE, CURT, LATE, POLITE, WITH_FAREWELL, make_archive, stored
from tests.rubric.book_files import PHRASES, RUBRIC, write_book


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a folder with settings, rubrics and six calls that nothing was scored with yet."""
    make_archive(tmp_path, *(stored(n, (POLITE, CURT, LATE)[n % 3]) for n in range(6)))
    (tmp_path / "callscore.toml").write_text('[store]\ndb = "x.duckdb"\n[rubrics]\ndir = "rubrics"\n', encoding="utf-8")
    return tmp_path


def diff(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return callscore(folder, "rubric", "diff", *args)


def said(folder: Path, *args: str) -> dict[str, Any]:
    """Return what the command prints for programs."""
    done = diff(folder, *args, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_draft_is_compared_with_the_rubric_in_force(archive: Path) -> None:
    """A file beside the rubrics and one elsewhere stand for the same place among them; the store stays as it is."""
    before = store_digest(archive / "x.duckdb")
    (archive / "draft.yaml").write_text(ANYWHERE, encoding="utf-8")
    done = diff(archive, "rubrics/small.yaml", "draft.yaml")
    assert done.returncode == 0, done.stderr
    assert "Малая     Приветствие           2  нет → да: 2" in done.stdout
    assert "m.orlova  Малая           2           2  0,0 → 100,0" in done.stdout
    assert done.stdout.count("«добрый день»") == 4
    assert "6 of 6 calls are for these rubrics; 2 of them differ (2 verdicts); took 00:" in done.stderr
    assert store_digest(archive / "x.duckdb") == before
    assert not [path for path in archive.iterdir() if ".work-" in path.name]


def test_added_and_removed_criteria_and_weights_are_told(archive: Path) -> None:
    """What changed in the rubric itself stands first, in words of the rubric."""
    (archive / "draft.yaml").write_text(WITH_FAREWELL.replace("weight: 2", "weight: 5\n    critical: true"), encoding="utf-8")
    found = said(archive, "rubrics/small.yaml", "draft.yaml")
    (rubric,) = found["rubrics"]
    assert (rubric["old_version"], rubric["new_version"], rubric["added"], rubric["removed"]) == (3, 4, ["farewell"], [])
    assert rubric["weights"] == [
        {"criterion": "greeting", "old_weight": 2.0, "new_weight": 5.0, "old_critical": False, "new_critical": True}
    ]
    assert found["changed_verdicts"] == 6
    assert "Приветствие 2 → 5 теперь критичный" in diff(archive, "rubrics/small.yaml", "draft.yaml").stdout


def test_folders_are_compared_with_their_own_phrases(archive: Path) -> None:
    """A changed phrase set counts as well as a changed rubric."""
    write_book(archive / "draft", phrases=PHRASES.replace("здравствуйте, ", ""))
    found = said(archive, "rubrics", "draft")
    assert [(call["call_id"], call["verdicts"][0]["old"], call["verdicts"][0]["new"]) for call in found["calls"]] == [
        ("c000000", "pass", "fail"),
        ("c000003", "pass", "fail"),
    ]


def test_a_call_that_a_rubric_is_not_for_says_so(archive: Path) -> None:
    """Where only one side is chosen, the call is listed as not scored on the other."""
    (archive / "draft.yaml").write_text(RUBRIC.replace("language: ru", "language: ru\napplies_to: {call_types: [sale]}"))
    found = said(archive, "rubrics/small.yaml", "draft.yaml")
    assert found["moves"] == [{"old_rubric": "small", "new_rubric": None, "calls": 2}]
    assert {call["call_id"]: call["new_rubric"] for call in found["calls"]} == {"c000001": None, "c000004": None}
    assert "Малая → без оценки" in diff(archive, "rubrics/small.yaml", "draft.yaml").stdout


def test_only_calls_for_the_rubric_are_counted(archive: Path) -> None:
    """Calls that neither side is for are not compared."""
    sale = RUBRIC.replace("language: ru", "language: ru\napplies_to: {call_types: [sale]}").replace("id: small", "id: sale")
    (archive / "rubrics" / "sale.yaml").write_text(sale, encoding="utf-8")
    (archive / "draft.yaml").write_text(sale.replace("weight: 2", "weight: 3"), encoding="utf-8")
    found = said(archive, "rubrics/sale.yaml", "draft.yaml")
    assert (found["found"], found["scored_calls"], found["changed_calls"]) == (6, 4, 0)


def test_equal_rubrics_need_no_scoring(archive: Path) -> None:
    """Comments and layout are no difference."""
    (archive / "draft.yaml").write_text("# a note\n" + RUBRIC, encoding="utf-8")
    done = diff(archive, "rubrics/small.yaml", "draft.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "the rubrics are the same\n")


@pytest.mark.parametrize(
    ("old", "new", "code", "message"),
    [
        ("absent.yaml", "rubrics", 4, "error: there is no such file or folder"),
        ("rubrics/base.yaml", "rubrics", 4, "error: no call is scored with this file"),
        ("rubrics/call_types.yaml", "rubrics", 4, "error: no call is scored with this file"),
        ("rubrics", "broken.yaml", 4, "unknown key 'wieght'"),
        ("rubrics", "empty", 4, "error: "),
    ],
)
def test_what_cannot_be_compared_says_why(archive: Path, old: str, new: str, code: int, message: str) -> None:
    """One message, exit status 4, no traceback."""
    (archive / "empty").mkdir()
    base = RUBRIC.replace("id: small", "id: base").replace("language: ru", "language: ru\nabstract: true")
    (archive / "rubrics" / "base.yaml").write_text(base, encoding="utf-8")
    (archive / "broken.yaml").write_text(RUBRIC.replace("weight: 2", "wieght: 2"), encoding="utf-8")
    done = diff(archive, old, new)
    assert (done.returncode, message in done.stderr, "Traceback" in done.stderr) == (code, True, False), done.stderr


def test_without_calls_there_is_nothing_to_compare(tmp_path: Path) -> None:
    """An empty archive is exit status 8, no database 6."""
    write_book(tmp_path / "a")
    write_book(tmp_path / "b", ANYWHERE)
    assert diff(tmp_path, "a", "b", "--db", "x.duckdb").returncode == 6
    make_archive(tmp_path)
    empty = diff(tmp_path, "a", "b", "--db", "x.duckdb")
    assert (empty.returncode, empty.stderr.splitlines()[0]) == (8, "error: the store holds no call that was heard")
