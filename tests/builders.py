"""Short texts -> records, so that a test shows what it is about."""

from __future__ import annotations

from callscore.records import Dialogue, Layout, Role, Turn, TurnKind, Word
from callscore.units import Span

ROLES = {"O": Role.OPERATOR, "C": Role.CLIENT, "S": Role.SYSTEM}
KINDS = {"[hold]": TurnKind.HOLD, "[ring]": TurnKind.RING}


def words(text: str, span: Span, prob: float = 1.0) -> tuple[Word, ...]:
    """Spread the words of `text` evenly over `span`."""
    parts = text.split()
    edges = [span.start_ms + span.length_ms * i // len(parts) for i in range(len(parts) + 1)] if parts else []
    return tuple(Word(span=Span(edges[i], edges[i + 1]), text=part, prob=prob) for i, part in enumerate(parts))


def turn(line: str, number: int = 0) -> Turn:
    """Build a turn from "O 0-1200 good morning", "C 1500-2100 hello" or "S 0-5000 [ring]"."""
    letter, times, text = line.split(" ", 2)
    start, end = (int(part) for part in times.split("-"))
    span = Span(start, end)
    kind = KINDS.get(text, TurnKind.SPEECH)
    spoken = words(text, span) if kind is TurnKind.SPEECH else ()
    return Turn(turn_no=number, kind=kind, role=ROLES[letter], speaker=letter, channel=0, span=span, words=spoken)


def dialogue(*lines: str, duration_ms: int | None = None) -> Dialogue:
    """Build a dialogue from lines as `turn` takes them."""
    turns = tuple(turn(line, number) for number, line in enumerate(lines))
    end = max((item.span.end_ms for item in turns), default=0)
    return Dialogue(duration_ms=duration_ms or end, layout=Layout.STEREO, language="ru", turns=turns)
