"""How many rows of each section fit into a page that opens at once and can be sent by mail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callscore.report.view import Section

__all__ = ["BUDGET_BYTES", "rows_that_fit"]

BUDGET_BYTES: Final = 1_500_000
"""For the rows of all sections; style, script and charts take the rest of 2 MB."""
_TAGS_BYTES: Final = 40
"""What stands around the text of a cell, at most: element, class and the value to sort by."""
_ESCAPED: Final = str.maketrans(dict.fromkeys("&<>\"'", "&quot;"))
_LONGEST_TEXT: Final = 5000


def rows_that_fit(sections: Sequence[Section], budget: int = BUDGET_BYTES) -> tuple[int, ...]:
    """Return how many rows of each section are shown: small sections whole, large ones share what is left."""
    counts = [0] * len(sections)
    costs = [[_cost(section, place) for place in range(len(section.rows))] for section in sections]
    order = sorted(range(len(sections)), key=lambda n: sum(costs[n]))
    for done, n in enumerate(order):
        share, spent = budget // (len(order) - done), 0
        for cost in costs[n]:
            if spent + cost > share:
                break
            spent += cost
            counts[n] += 1
        budget -= spent
    return tuple(counts)


def _cost(section: Section, place: int) -> int:
    shown = (cell for cell, column in zip(section.rows[place], section.columns, strict=True) if column.is_shown)
    return 30 + sum(_TAGS_BYTES + len(cell.text[:_LONGEST_TEXT].translate(_ESCAPED).encode()) for cell in shown)
