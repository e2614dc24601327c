"""Who looks at the desk, and what he may see and do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.records import CallInfo
from callscore.review.users import UserRole

__all__ = ["Rights", "Viewer", "hide_number", "may_open"]

_SHOWN_DIGITS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A person at the desk: a trainer corrects, a manager reads, an operator sees own calls and may appeal.

    `login` stands in the journal; `operator` is the name in the calls, for operators only.
    """

    login: str
    role: UserRole
    operator: str | None = None

    def __post_init__(self) -> None:
        if (self.role is UserRole.OPERATOR) != bool(self.operator):
            raise ValueError("an operator, and nobody else, has a name in the calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a viewer may do. Words are also what is heard: who may not read them may not listen."""

    sees_words: bool
    sees_numbers: bool
    corrects: bool
    appeals: bool

    @classmethod
    def of(cls, viewer: Viewer, *, managers_see_words: bool) -> Rights:
        """Return the rights of a viewer; by default managers see verdicts and scores, no words and no numbers of clients."""
        is_trainer = viewer.role is UserRole.TRAINER
        return cls(
            sees_words=viewer.role is not UserRole.MANAGER or managers_see_words,
            sees_numbers=is_trainer,
            corrects=is_trainer,
            appeals=viewer.role is UserRole.OPERATOR,
        )


def may_open(viewer: Viewer, info: CallInfo) -> bool:
    """Tell whether a viewer may open a call: operators open only those that carry their name."""
    return viewer.role is not UserRole.OPERATOR or (info.operator is not None and info.operator == viewer.operator)


def hide_number(number: str | None) -> str | None:
    """Return a phone number with all but its last two digits hidden.

    >>> hide_number("+79161234567")
    '•••67'
    """
    return f"•••{number[-_SHOWN_DIGITS:]}" if number else None
