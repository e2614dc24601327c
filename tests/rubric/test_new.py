"""A new rubric works as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.dialogue.metrics import measure
from callscore.rubric import load_book
from callscore.rubric.lint import find_remarks
from callscore.rubric.new import NewRubric, rubric_text
from callscore.scoring.selftest import run_examples

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("language", "base", "n_criteria"), [("ru", "core_ru", 16), ("en", "english", 20), ("ru", "", 1), ("en", "", 1)]
)
def test_it_loads_without_remarks_and_its_examples_hold(tmp_path: Path, language: str, base: str, n_criteria: int) -> None:
    """Beside the shipped rubrics, with or without a base: no remark, and each example gets its verdict."""
    path = tmp_path / "lamps.yaml"
    new = NewRubric(id="lamps", language=language, title='Лампы: "Уют" & #1', base=base, schema="rubric.schema.json")
    path.write_text(rubric_text(new), encoding="utf-8")
    book = load_book(ROOT / "rubrics", path)
    rubric = next(rubric for rubric in book.rubrics if rubric.id == "lamps")
    assert rubric.title.ru == 'Лампы: "Уют" & #1'
    assert len(rubric.criteria) == n_criteria
    assert [remark for remark in find_remarks(book) if str(path) in remark.where] == []
    own = [one for one in run_examples(book, measure, "lamps") if one.criterion == "related_product"]
    assert [str(one.got) for one in own] == ["pass", "pass", "fail", "na"], [one.reason for one in own]


def test_the_first_line_names_the_schema() -> None:
    """Editors find the schema by the first line."""
    text = rubric_text(NewRubric(id="a", language="en", title="A", base="", schema="rubric.schema.json"))
    assert text.splitlines()[0] == "# yaml-language-server: $schema=rubric.schema.json"
