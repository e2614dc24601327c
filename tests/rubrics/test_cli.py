"""`callscore rubric check` and `callscore rubric test`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from callscore.cli.rubric import command
from callscore.errors import RubricError
from tests.rubric.book_files import RUBRIC, write_book


def test_check_prints_json(tmp_path: Path) -> None:
    """One object names the rubrics, the call types and the remarks."""
    result = CliRunner().invoke(command, ["check", str(write_book(tmp_path)), "--json"], catch_exceptions=False)
    found = json.loads(result.stdout)
    assert [rubric["id"] for rubric in found["rubrics"]] == ["small"]
    assert found["call_types"] == ["sale", "complaint"]
    assert found["remarks"] == []


def test_check_stops_at_a_mistake(tmp_path: Path) -> None:
    """A mistake is raised for the boundary, which prints it and exits 4."""
    write_book(tmp_path, RUBRIC.replace("weight: 2", "weight: 99"))
    with pytest.raises(RubricError, match=r"must be 0\.\.10"):
        CliRunner().invoke(command, ["check", str(tmp_path)], catch_exceptions=False)


def test_test_counts_examples(tmp_path: Path) -> None:
    """All examples right: exit 0 and the counts."""
    result = CliRunner().invoke(command, ["test", str(write_book(tmp_path)), "--json"], catch_exceptions=False)
    rubric = {"id": "small", "criteria": 1, "examples": 3, "right": 3, "without_examples": []}
    assert json.loads(result.stdout) == {"examples": 3, "right": 3, "wrong": [], "rubrics": [rubric]}


def test_test_names_the_wrong_example(tmp_path: Path) -> None:
    """An example with another verdict is named with file, line, criterion and reason."""
    write_book(tmp_path, RUBRIC.replace("O: Алло.", "O: Добрый день."))
    result = CliRunner().invoke(command, ["test", str(tmp_path)])
    assert isinstance(result.exception, RubricError)
    assert "small.yaml:18: small, greeting: expected fail, got pass" in result.stdout


def test_one_file(tmp_path: Path) -> None:
    """A file beside the shipped rubrics is tested alone, and may use their phrase sets."""
    own = tmp_path / "mine.yaml"
    own.write_text(RUBRIC.replace("$hello", "$greeting"), encoding="utf-8")
    result = CliRunner().invoke(command, ["test", str(own), "--json"], catch_exceptions=False)
    assert json.loads(result.stdout)["examples"] == 3
