"""SQL that tells of a call who the operator is by the shop's own list, and in which team: parts of other modules' queries.

A query that groups by person or team is written as

    WITH {PEOPLE}, ... SELECT {PERSON} AS person, who.team, who.kind FROM calls c {WHO} ...

where `c` has `started_at`, `operator`, `operator_id` and `extension`. Without a list, or for somebody who is not on it, the
person is the operator as the call names him, and team and kind are null.
"""

from __future__ import annotations

from typing import Final

__all__ = ["PEOPLE", "PERSON", "WHO", "fold_name"]

_FOLD: Final = "replace(lower(trim({0})), 'ё', 'е')"
_JOIN: Final = """
LEFT JOIN people {alias} ON {alias}.name = {folded}
    AND c.started_at >= {alias}.starts_at AND c.started_at < {alias}.ends_at
"""

PEOPLE: Final = """
people AS (
    SELECT unnest(names) AS name, entry_no, coalesce(starts_at, '-infinity'::TIMESTAMP) AS starts_at,
        coalesce(ends_at, 'infinity'::TIMESTAMP) AS ends_at
    FROM operators
)
"""
"""A table to put into WITH: which row of operators a name means, and when."""

# The name first: an extension is a desk, at which somebody else may sit.
WHO: Final = (
    "".join(
        _JOIN.format(alias=f"by_{column}", folded=_FOLD.format(f"c.{column}"))
        for column in ("operator", "operator_id", "extension")
    )
    + "LEFT JOIN operators who ON who.entry_no = coalesce(by_operator.entry_no, by_operator_id.entry_no, by_extension.entry_no)"
)
"""Joins to put behind the calls `c`: they give `who`, the row of operators, or nulls."""

PERSON: Final = "coalesce(who.operator, c.operator, c.operator_id, c.extension)"
"""The person of a call, null if nobody is known."""


def fold_name(text: str) -> str:
    """Return a name as PEOPLE and WHO compare it: small letters, no blanks around, no "ё".

    >>> fold_name(" Семёнова А. ")
    'семенова а.'
    """
    return text.strip().lower().replace("ё", "е")
