"""Remarks on rubrics that load but do not do what their author meant."""

from __future__ import annotations

from callscore.rubric.lint.conditions import remarks_on_conditions
from callscore.rubric.lint.everyday import remarks_on_everyday
from callscore.rubric.lint.lists import phrase_lists
from callscore.rubric.lint.remark import Remark
from callscore.rubric.lint.spelling import known_forms, remarks_on_spelling
from callscore.rubric.lint.structure import remarks_on_structure
from callscore.rubric.lint.wordings import remarks_on_wordings
from callscore.rubric.schema import RubricBook

__all__ = ["Remark", "find_remarks"]


def find_remarks(book: RubricBook) -> tuple[Remark, ...]:
    """Return the remarks on a book, each once: on rubrics in the order of the files, then on phrases.

    Raises:
        RubricError: for a phrase of an unused set that cannot be read.
    """
    found = dict.fromkeys(remarks_on_structure(book))
    found.update(dict.fromkeys(remarks_on_conditions(book)))
    lists = phrase_lists(book)
    forms = known_forms(book, lists)
    for one in lists:
        found.update(dict.fromkeys(remarks_on_wordings(one)))
        found.update(dict.fromkeys(remarks_on_spelling(one, forms)))
        found.update(dict.fromkeys(remarks_on_everyday(one)))
    return tuple(found)
