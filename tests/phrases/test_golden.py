"""Golden cases: tests/cases/phrases/*.txt hold phrases and what they must find (+) and must not find (-)."""

from __future__ import annotations

from pathlib import Path

import pytest

from callscore.phrases import compile_phrases, find_matches
from tests.phrases.builders import heard

CASES = Path(__file__).resolve().parents[1] / "cases" / "phrases"


def _lines() -> list[tuple[str, str, tuple[str, ...], str]]:
    """Return (case and line, language, phrases, line) for every expectation."""
    found = []
    for path in sorted(CASES.glob("*.txt")):
        head, _, body = path.read_text(encoding="utf-8").partition("\n--\n")
        flags = [line.partition(": ")[::2] for line in head.splitlines() if not line.startswith("#")]
        language = next(value for name, value in flags if name == "language")
        phrases = tuple(value for name, value in flags if name == "phrase")
        found += [(f"{path.stem}:{number}", language, phrases, line) for number, line in enumerate(body.splitlines(), 1)]
    return found


@pytest.mark.parametrize(("language", "phrases", "line"), [pytest.param(*case[1:], id=case[0]) for case in _lines()])
def test_phrases_find_what_a_listener_would(language: str, phrases: tuple[str, ...], line: str) -> None:
    """A sentence marked + holds one of the phrases, one marked - holds none."""
    found = find_matches(heard(line[2:]), compile_phrases(phrases, language))
    assert bool(found) == (line[0] == "+"), found
