"""Remarks on rubrics that load."""

from __future__ import annotations

from pathlib import Path

from callscore.rubric import load_book
from callscore.rubric.lint import find_remarks
from tests.rubric.book_files import RUBRIC, write_book


def messages(folder: Path) -> list[str]:
    """Return the texts of the remarks on a folder."""
    return [remark.message for remark in find_remarks(load_book(folder))]


def test_criterion_without_examples(tmp_path: Path) -> None:
    """A criterion that nothing tests is worth a remark with its line."""
    text = RUBRIC[: RUBRIC.index("    examples:")]
    (remark,) = find_remarks(load_book(write_book(tmp_path, text)))
    assert remark.message == "criterion 'greeting' has no examples, so nothing shows that it works"
    assert remark.where.endswith("small.yaml:9")


def test_no_example_of_a_verdict(tmp_path: Path) -> None:
    """Examples of one verdict only show half of a criterion."""
    text = RUBRIC.replace("- pass: |\n          O: Добрый день.", "- fail: |\n          O: Говорите.")
    assert messages(write_book(tmp_path, text)) == ["criterion 'greeting' has no example of 'pass'"]


def test_call_type_without_rubric(tmp_path: Path) -> None:
    """Calls of a type that no rubric takes would get no verdicts."""
    text = RUBRIC.replace("sections:", "applies_to: {call_types: [sale]}\nsections:", 1)
    assert messages(write_book(tmp_path, text)) == ["no rubric in language 'ru' takes calls of type 'complaint'"]


def test_rivals(tmp_path: Path) -> None:
    """Of two rubrics for the same calls one is never used."""
    write_book(tmp_path)
    (tmp_path / "twin.yaml").write_text(RUBRIC.replace("id: small", "id: twin"), encoding="utf-8")
    assert messages(tmp_path) == ["rubrics 'small' and 'twin' take the same calls; one of them is never used"]
