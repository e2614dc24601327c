"""The notation of examples."""

from __future__ import annotations

import pytest

from callscore.records import Role, TurnKind
from callscore.rubric.example_dialogue import dialogue_from_text


def test_lines_become_turns() -> None:
    """Each line is a turn of its role; events take the time they name, silence leaves a gap."""
    call = dialogue_from_text("S: Ждите\n[ring 3]\nO: Да\n[silence 10]\nC: Алло", "ru")
    assert [(t.role, t.kind, t.span.start_ms, t.span.end_ms) for t in call.turns] == [
        (Role.SYSTEM, TurnKind.SPEECH, 0, 400),
        (Role.SYSTEM, TurnKind.RING, 700, 3700),
        (Role.OPERATOR, TurnKind.SPEECH, 3700, 4100),
        (Role.CLIENT, TurnKind.SPEECH, 14400, 14800),
    ]


@pytest.mark.parametrize("line", ["A: Алло", "Алло", "O:", "[pause 3]", "[hold many]", "[hold 99999]"])
def test_wrong_line_is_named(line: str) -> None:
    """A line in no known form is an error that quotes it."""
    with pytest.raises(ValueError, match="none of"):
        dialogue_from_text(line, "ru")
