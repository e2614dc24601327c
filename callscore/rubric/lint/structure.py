"""Remarks on examples, weights, sections, and which rubric takes which calls. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from callscore.records import Direction, Verdict
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.rubric.lint.checks import remarks_on_checks, remarks_on_twins
from callscore.rubric.lint.remark import Remark
from callscore.rubric.schema import Criterion, Rubric, RubricBook

__all__ = ["remarks_on_structure"]

MIN_EXAMPLES = 3


def remarks_on_structure(book: RubricBook) -> Iterator[Remark]:
    """Yield the remarks on rubrics and criteria, in the order of the files; those on inherited criteria come again."""
    for rubric in book.rubrics:
        for criterion in rubric.criteria:
            yield from _of_criterion(criterion)
            yield from _of_examples(criterion, rubric.language)
            yield from remarks_on_checks(criterion)
        yield from remarks_on_twins(rubric)
    yield from _sections(book)
    yield from _uncovered_types(book)
    yield from _rivals(book)


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


def _of_examples(criterion: Criterion, language: str) -> Iterator[Remark]:
    for example in criterion.examples:
        try:
            dialogue_from_text(example.text, language)
        except ValueError as exc:
            yield Remark(example.where, f"this example of criterion '{criterion.id}' cannot be read: {exc}")


def _sections(book: RubricBook) -> Iterator[Remark]:
    """A section that is empty, or worth nothing, in every rubric that has it."""
    weights: dict[tuple[str, str], list[float]] = {}
    for rubric in book.rubrics:
        for section in rubric.sections:
            found = weights.setdefault((section.where, section.id), [])
            found += [criterion.weight for criterion in rubric.criteria if criterion.section == section.id]
    for (where, section_id), found in weights.items():
        if not found:
            yield Remark(where, f"section '{section_id}' has no criteria; leave it out, or name it in a criterion")
        elif not any(found):
            yield Remark(where, f"all criteria of section '{section_id}' have weight 0, so it never counts; give one a weight")


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
