"""Whether two checks ask the same, or one passes wherever the other does. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, Final

from callscore.phrases import PhraseSet
from callscore.rubric.schema import Absence, AllOf, AnyOf, Check, Not, Phrase, Said, Window

__all__ = ["implies", "signature"]

_TURN_LIMITS: Final = ("first_turns", "last_turns")
_SHRINKING: Final = ("first_turns", "last_turns", "first_ms", "last_ms", "until_client_turn")


def signature(value: Any) -> Hashable:
    """Return what a check or condition asks, without where it stands and how its phrases were listed."""
    if isinstance(value, PhraseSet):
        return (frozenset(value.phrases), frozenset(value.exclusions.phrases if value.exclusions else ()))
    if isinstance(value, tuple):
        return tuple(signature(item) for item in value)
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.name not in ("where", "source")]
        return (type(value).__name__, *((name, signature(getattr(value, name))) for name in names))
    return str(value)


def implies(one: Check, other: Check) -> bool:
    """Tell whether `other` passes in every call in which `one` passes; False where that cannot be told."""
    found = signature(one) == signature(other)
    match one, other:
        case Phrase(), Phrase():
            found = all(any(_is_narrower(mine, theirs) for mine in one.parts) for theirs in other.parts)
        case Absence(), Absence():
            found = _is_narrower(other.said, one.said)
        case AllOf(), _:
            found = found or any(implies(part, other) for part in one.checks)
        case _, AnyOf():
            found = found or any(implies(one, part) for part in other.checks)
        case Not(), Not():
            found = implies(other.check, one.check)
    return found


def _is_narrower(one: Said, other: Said) -> bool:
    """Tell whether whatever is found as `one` is found as `other`."""
    if not set(one.phrases.phrases) <= set(other.phrases.phrases) or not _exceptions(other) <= _exceptions(one):
        return False
    if not set(one.roles) <= set(other.roles) or (other.is_question and not one.is_question):
        return False
    counts_turns = any(getattr(window, name) for window in (one.window, other.window) for name in _TURN_LIMITS)
    return _window_is_narrower(one.window, other.window) and (not counts_turns or set(one.roles) == set(other.roles))


def _exceptions(said: Said) -> set[str]:
    return set(said.phrases.exclusions.phrases) if said.phrases.exclusions else set()


def _window_is_narrower(one: Window, other: Window) -> bool:
    for name in _SHRINKING:
        mine, theirs = getattr(one, name), getattr(other, name)
        if theirs is not None and (mine is None or mine > theirs):
            return False
    return (other.before in (None, one.before)) and (other.after in (None, one.after))
