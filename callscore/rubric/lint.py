"""Warnings about rubrics that load but do not do what their author meant. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callscore.records import Direction, Verdict
from callscore.rubric.schema import Criterion, Rubric, RubricBook

__all__ = ["Remark", "find_remarks"]

MIN_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth a look: where it stands and what is odd."""

    where: str
    message: str


def find_remarks(book: RubricBook) -> tuple[Remark, ...]:
    """Return the warnings of a book, each once, in the order of the files."""
    found: dict[Remark, None] = {}
    for rubric in book.rubrics:
        for criterion in rubric.criteria:
            found.update(dict.fromkeys(_of_criterion(criterion)))
    found.update(dict.fromkeys(_uncovered_types(book)))
    found.update(dict.fromkeys(_rivals(book)))
    return tuple(found)


def _of_criterion(criterion: Criterion) -> Iterator[Remark]:
    verdicts = [example.verdict for example in criterion.examples]
    name = f"criterion '{criterion.id}'"
    if not verdicts:
        yield Remark(criterion.where, f"{name} has no examples, so nothing shows that it works")
        return
    if len(verdicts) < MIN_EXAMPLES:
        yield Remark(criterion.where, f"{name} has only {len(verdicts)} examples, {MIN_EXAMPLES} or more are better")
    for verdict in (Verdict.PASS, Verdict.FAIL):
        if verdict not in verdicts and Verdict.UNSURE not in verdicts:
            yield Remark(criterion.where, f"{name} has no example of '{verdict}'")
    if criterion.critical and not criterion.weight:
        yield Remark(criterion.where, f"{name} is critical but has weight 0: it can only take points away")


def _uncovered_types(book: RubricBook) -> Iterator[Remark]:
    for language in sorted({rubric.language for rubric in book.rubrics}):
        rubrics = [rubric.applies_to for rubric in book.rubrics if rubric.language == language]
        for kind in book.call_types:
            if not any(not applies.call_types or kind.id in applies.call_types for applies in rubrics):
                yield Remark(book.folder, f"no rubric in language '{language}' takes calls of type '{kind.id}'")


def _rivals(book: RubricBook) -> Iterator[Remark]:
    """Two rubrics of equal standing for the same calls: only the later id would ever be used."""
    rubrics = [rubric for rubric in book.rubrics if not rubric.extra]
    for at, one in enumerate(rubrics):
        for other in rubrics[at + 1 :]:
            if one.language == other.language and _overlap(one, other):
                yield Remark(other.file, f"rubrics '{one.id}' and '{other.id}' take the same calls; one of them is never used")


def _overlap(one: Rubric, other: Rubric) -> bool:
    a, b = one.applies_to, other.applies_to
    same_shape = (bool(a.lines), bool(a.queues), bool(a.call_types)) == (bool(b.lines), bool(b.queues), bool(b.call_types))
    directions = {a.direction or Direction.INBOUND, a.direction or Direction.OUTBOUND} & {
        b.direction or Direction.INBOUND,
        b.direction or Direction.OUTBOUND,
    }
    pairs = ((a.call_types, b.call_types), (a.lines, b.lines), (a.queues, b.queues))
    return same_shape and bool(directions) and all(not left or not right or set(left) & set(right) for left, right in pairs)
