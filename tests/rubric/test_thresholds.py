"""Limits of doubt that a folder of rubrics brings along."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.errors import RubricError
from callscore.rubric.thresholds import Thresholds, read_thresholds


def written(folder: Path, values: str) -> Path:
    """Return a thresholds file with these values."""
    path = folder / "thresholds.yaml"
    path.write_text(f"format: 1\norigin: fitted on 120 calls\nvalues: {values}\n", encoding="utf-8")
    return path


def test_a_file_changes_what_it_names(tmp_path: Path) -> None:
    """Values that the file leaves out stay as they are; where they come from is told."""
    found = read_thresholds(written(tmp_path, "{match_sure: 0.82, lost_ms: 900}"))
    assert (found.match_sure, found.lost_ms, found.origin) == (0.82, 900, "fitted on 120 calls")
    assert found.role_sure == Thresholds().role_sure


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("{match_sur: 0.8}", "unknown key 'match_sur'"),
        ("{match_sure: 1.2}", "it must be 0..1"),
        ("{lost_ms: 0.5}", "whole number"),
        ("{match_sure: .nan}", "it must be 0..1"),
        ("{match_sure: 0.6, match_grey: 0.7}", "match_grey must not be above match_sure"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(tmp_path: Path, values: str, message: str) -> None:
    """A value that cannot be a limit is refused with file and line."""
    with pytest.raises(RubricError, match=message) as caught:
        read_thresholds(written(tmp_path, values))
    assert caught.value.where.endswith("thresholds.yaml:3")
