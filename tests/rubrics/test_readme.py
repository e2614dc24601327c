"""The annotated example of rubrics/README.md really works."""

from __future__ import annotations

from pathlib import Path

from callscore.dialogue.metrics import measure
from callscore.rubric import load_book
from callscore.scoring.selftest import run_examples

ROOT = Path(__file__).resolve().parents[2]


def test_annotated_example(tmp_path: Path) -> None:
    """The example loads beside the shipped rubrics and its own examples get their verdicts."""
    text = (ROOT / "rubrics" / "README.md").read_text(encoding="utf-8")
    extra = tmp_path / "opening_hours.yaml"
    extra.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    book = load_book(ROOT / "rubrics", extra)
    results = run_examples(book, measure, "opening_hours")
    assert [result.got.value for result in results] == ["pass", "fail", "na"], [result.reason for result in results]
