"""A hash of all that a criterion's verdict depends on besides the call: it tells which verdicts an edit can change.

Two criteria of one hash give the same verdict on every call, whatever else their rubrics hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Final

from callscore.phrases import PhraseSet
from callscore.rubric.check_nodes import asks_judge
from callscore.rubric.schema import CallTypeDef, Condition, Criterion, Rubric, RubricBook, Said
from callscore.rubric.thresholds import Thresholds

__all__ = ["with_hashes"]

# What people read, and the weight, which counts after the verdict. `critical` is not among it: a language model alone never
# decides a critical criterion, and a failed one is heard again.
_NOT_COUNTED: Final[Mapping[type, frozenset[str]]] = {
    Criterion: frozenset({"section", "title", "weight", "examples", "where", "sha256"}),
    Said: frozenset({"source", "where"}),
    Condition: frozenset({"where"}),
    CallTypeDef: frozenset({"title"}),
    Thresholds: frozenset({"origin"}),
}


def with_hashes(book: RubricBook, *settings: object, judged_with: object = None) -> RubricBook:
    """Return the book with the sha256 of each criterion.

    It covers what the criterion asks for with the phrases meant, the language of its rubric, the limits of doubt, and what
    tells call types apart; not its weight, title, section and examples.

    Args:
        book: as loaded.
        settings: whatever else every verdict depends on, such as the version of the program's judgement.
        judged_with: what the verdicts of a language model depend on besides.
    """
    describe = _Describer()
    common = describe((settings, book.thresholds, book.call_types))

    def hashed(rubric: Rubric, criterion: Criterion) -> Criterion:
        judge = judged_with if asks_judge(criterion.check) else None
        text = describe((common, rubric.language, criterion, judge))
        return replace(criterion, sha256=hashlib.sha256(text.encode()).hexdigest())

    return replace(
        book,
        rubrics=tuple(
            replace(rubric, criteria=tuple(hashed(rubric, item) for item in rubric.criteria)) for rubric in book.rubrics
        ),
    )


class _Describer:
    """Writes records as text, equal for what gives equal verdicts."""

    def __init__(self) -> None:
        self._sets: dict[int, str] = {}

    def __call__(self, value: object) -> str:
        if isinstance(value, PhraseSet):
            return self._phrases(value)
        if is_dataclass(value):
            left_out = _NOT_COUNTED.get(type(value), frozenset())
            names = (field.name for field in fields(value) if field.name not in left_out)
            return f"{type(value).__name__}({','.join(f'{name}={self(getattr(value, name))}' for name in names)})"
        if isinstance(value, Mapping):
            return "{" + ",".join(sorted(f"{self(key)}:{self(item)}" for key, item in value.items())) + "}"
        if isinstance(value, tuple):
            return "(" + ",".join(map(self, value)) + ")"
        return repr(value)

    def _phrases(self, value: PhraseSet) -> str:
        """A set serves many criteria and is long: it stands for itself by its hash."""
        if id(value) not in self._sets:
            text = repr((value.language, value.phrases, value.exclusions and value.exclusions.phrases))
            self._sets[id(value)] = hashlib.sha256(text.encode()).hexdigest()
        return self._sets[id(value)]
