"""How rubrics themselves changed: criteria added, removed, weighed anew. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callscore.rubric import RubricBook
from callscore.store.changes import RubricChange, WeightChange
from callscore.store.entries import CriterionEntry

__all__ = ["KnownRubric", "book_rubrics", "compare_rubrics", "stored_rubrics"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRubric:
    """What is compared of a rubric: weight and importance of each criterion by its id."""

    version: int
    sha256: str
    criteria: Mapping[str, tuple[float, bool]]


def book_rubrics(book: RubricBook) -> dict[str, KnownRubric]:
    """Return the rubrics of a book by id."""
    return {
        rubric.id: KnownRubric(
            version=rubric.version,
            sha256=rubric.sha256,
            criteria={item.id: (item.weight, item.critical) for item in rubric.criteria},
        )
        for rubric in book.rubrics
    }


def stored_rubrics(
    applied: Mapping[str, tuple[int, str]], criteria: Mapping[tuple[str, int, str], CriterionEntry]
) -> dict[str, KnownRubric]:
    """Return the rubrics that stored scores were made with: version and hash by id, and the stored criteria."""
    return {
        rubric: KnownRubric(
            version=version,
            sha256=sha256,
            criteria={
                name: (entry.weight, entry.critical)
                for (of, in_version, name), entry in criteria.items()
                if (of, in_version) == (rubric, version)
            },
        )
        for rubric, (version, sha256) in applied.items()
    }


def compare_rubrics(old: Mapping[str, KnownRubric], new: Mapping[str, KnownRubric]) -> tuple[RubricChange, ...]:
    """Return what changed in the rubrics that are on both sides, by id; those of equal hash are left out."""
    return tuple(_compare(name, old[name], new[name]) for name in _common(old, new) if old[name].sha256 != new[name].sha256)


def _common(old: Iterable[str], new: Iterable[str]) -> list[str]:
    return sorted(set(old) & set(new))


def _compare(name: str, old: KnownRubric, new: KnownRubric) -> RubricChange:
    return RubricChange(
        rubric=name,
        old_version=old.version,
        new_version=new.version,
        added=tuple(item for item in new.criteria if item not in old.criteria),
        removed=tuple(item for item in old.criteria if item not in new.criteria),
        weights=tuple(
            WeightChange(
                criterion=item,
                old_weight=old.criteria[item][0],
                new_weight=weight,
                old_critical=old.criteria[item][1],
                new_critical=critical,
            )
            for item, (weight, critical) in new.criteria.items()
            if item in old.criteria and old.criteria[item] != (weight, critical)
        ),
    )
