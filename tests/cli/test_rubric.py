"""`callscore rubric new`, `schema`, and what `check` and `test` tell besides mistakes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from callscore.cli import cli
from callscore.errors import RubricError
from callscore.rubric.json_schema import build_schema
from tests.rubric.book_files import RUBRIC, write_book


def run(*arguments: object) -> Result:
    """Run a command; errors for the boundary stay in the result."""
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a new workspace, which is the current folder."""
    folder = tmp_path / "work"
    assert run("init", folder).exit_code == 0
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(("language", "base"), [("ru", "core_ru"), ("en", "english")])
def test_new_then_check_then_test(workspace: Path, language: str, base: str) -> None:
    """What `new` writes passes `check` without a remark and `test`, as the last line of `new` says."""
    made = run("rubric", "new", "lamps", "--language", language, "--title", "Лампы")
    path = workspace / "rubrics" / "lamps.yaml"
    assert made.exit_code == 0
    assert made.stderr.splitlines() == [
        f"wrote {path}",
        f"next: edit it, then callscore rubric check {path} && callscore rubric test {path}",
    ]
    assert f"extends: {base}" in path.read_text(encoding="utf-8")
    checked = run("rubric", "check", path)
    assert (checked.stdout, checked.exit_code) == ("", 0)
    tested = json.loads(run("rubric", "test", path, "--criterion", "related_product", "--json").stdout)
    assert tested["rubrics"] == [{"id": "lamps", "criteria": 1, "examples": 4, "right": 4, "without_examples": []}]


def test_new_overwrites_nothing(workspace: Path) -> None:
    """A known id, and a file that exists, are refused; nothing is written."""
    (workspace / "mine.yaml").write_text("mine", encoding="utf-8")
    for arguments, message in (
        (("complaint",), "there is a rubric 'complaint' already"),
        (("lamps", "--output", "mine.yaml"), "the file exists already"),
        (("lamps", "--from", "complant"), "there is no rubric 'complant' to extend"),
        (("lamps", "--from", "english", "--language", "ru"), "rubric 'english' is in language 'en', not 'ru'"),
        (("lamps", "--output", "no/such/folder.yaml"), "the rubric cannot be written: No such file or directory"),
        (("lamps", "--title", "a\nb"), "the title must be one line of text"),
    ):
        error = run("rubric", "new", *arguments).exception
        assert isinstance(error, RubricError)
        assert error.message == message
    assert (workspace / "mine.yaml").read_text(encoding="utf-8") == "mine"
    assert not (workspace / "rubrics" / "lamps.yaml").exists()


@pytest.mark.parametrize("rubric_id", ["Lamps", "../lamps", "лампы", "1lamp", "a" * 65, ""])
def test_new_checks_the_id(workspace: Path, rubric_id: str) -> None:
    """An id that no rubric file could have is a mistake in usage."""
    assert run("rubric", "new", rubric_id).exit_code == 2


def test_new_without_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rubrics of one's own the file is written here, not among the shipped ones; the schema is offered."""
    monkeypatch.chdir(tmp_path)
    made = run("rubric", "new", "lamps")
    assert [path.name for path in tmp_path.iterdir()] == ["lamps.yaml"]
    assert "for help in the editor: callscore rubric schema --output rubric.schema.json" in made.stderr


def test_schema(workspace: Path) -> None:
    """The schema is printed, or written to a file; `init` has put it beside the rubrics."""
    assert json.loads(run("rubric", "schema").stdout) == build_schema()
    assert run("rubric", "schema", "--output", "s.json").exit_code == 0
    written = (workspace / "s.json").read_text(encoding="utf-8")
    assert written == (workspace / "rubrics" / "rubric.schema.json").read_text(encoding="utf-8")


def test_test_names_criteria_without_examples(tmp_path: Path) -> None:
    """Nothing tests them: they are named, with the counts of each rubric, and it is no failure."""
    done = run("rubric", "test", write_book(tmp_path, RUBRIC[: RUBRIC.index("    examples:")]))
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "small: 0 of 0 examples of 1 criteria",
        "small: nothing shows that these work, they have no examples: greeting",
        "0 of 0 examples get their verdict",
    ]


def test_test_of_an_unknown_criterion(tmp_path: Path) -> None:
    """A criterion that no rubric has is an error with the nearest name."""
    error = run("rubric", "test", write_book(tmp_path), "--criterion", "greting").exception
    assert isinstance(error, RubricError)
    assert (error.message, error.hint) == ("no rubric here has a criterion 'greting'", "did you mean 'greeting'?")


def test_check_reads_the_role_cues(tmp_path: Path) -> None:
    """The cues for roles lie among the rubrics, so a mistake in them is found as well."""
    (write_book(tmp_path) / "phrases" / "role_cues.yaml").write_text("format: 1\ncues: {fr: {}}\n", encoding="utf-8")
    error = run("rubric", "check", tmp_path).exception
    assert isinstance(error, RubricError)
    assert error.message == "cues has the unknown key 'fr'"


def test_a_link_to_itself(tmp_path: Path) -> None:
    """A path that leads nowhere is a message, not a traceback."""
    loop = write_book(tmp_path) / "loop.yaml"
    loop.symlink_to(loop)
    assert isinstance(run("rubric", "check", loop).exception, RubricError)
