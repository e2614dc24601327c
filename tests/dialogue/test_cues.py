"""Reading the cues for roles: every mistake in the file is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.dialogue.cues import CueKind, find_cues, load_role_cues
from callscore.errors import RubricError
from callscore.records import Word
from callscore.units import Span

GOOD = """
format: 1
cues:
  ru:
    operator:
      - weight: 2
        place: opening
        phrases: [чем могу помочь, рада помочь]
    client:
      - weight: 1.5
        direction: inbound
        phrases: [мне нужен]
"""


def written(folder: Path, text: str) -> Path:
    """Write a cue file."""
    path = folder / "role_cues.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_cues_are_found_once_each(tmp_path: Path) -> None:
    """A cue counts once in an utterance, with the weight of its best match."""
    cues = load_role_cues(written(tmp_path, GOOD))
    text = ["рада", "помочь", "чем", "могу", "помочь"]
    words = [Word(span=Span(n * 300, n * 300 + 250), text=word, prob=1.0) for n, word in enumerate(text)]
    assert [(hit.cue.kind, hit.weight) for hit in find_cues(words, "ru", cues)] == [(CueKind.OPERATOR, 2.0)]
    assert find_cues(words, "en", cues) == ()
    assert find_cues((), "ru", cues) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format: 1", "format: 7", "format 7 is not known"),
        ("weight: 2", "weight: -2", "weight must be above 0"),
        ("weight: 2", "weight: yes", "weight must be above 0"),
        ("place: opening", "place: closing", "place can only be opening"),
        ("direction: inbound", "direction: sideways", "direction must be inbound or outbound"),
        ("    client:", "    customer:", "unknown key 'customer'"),
        ("phrases: [мне нужен]", "phrases: []", "at least one item"),
        ("phrases: [мне нужен]", "phrases: ['{мне']", "phrase"),
        ("  ru:", "  ru: [", "no valid YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Each kind of mistake stops with the file and what is wrong."""
    with pytest.raises(RubricError, match=message) as caught:
        load_role_cues(written(tmp_path, GOOD.replace(old, new, 1)))
    assert "role_cues.yaml" in caught.value.where


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Cues that are not there give the path."""
    with pytest.raises(RubricError, match="cannot be read") as caught:
        load_role_cues(tmp_path / "none.yaml")
    assert caught.value.where.endswith("none.yaml")
