"""The part of the JSON Schema that describes checks, conditions and windows. Pure; data and small builders.

A new kind of check is one more entry of `_kinds`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from callscore.records import Role
from callscore.rubric.check_nodes import ANYONE, MAX_CONTEXT, MAX_SECONDS, MAX_TURNS, METRICS
from callscore.rubric.schema import EventKind, Flag, NameOf

__all__ = ["CHECK_DEFINITIONS", "one_or_more", "reference", "table"]

Schema = dict[str, Any]


def reference(name: str, description: str = "") -> Schema:
    """Return a reference to a definition."""
    return {"$ref": f"#/$defs/{name}"} | ({"description": description} if description else {})


def one_or_more(name: str, description: str = "") -> Schema:
    """Return a single value of a definition, or a list of them."""
    found: Schema = {"anyOf": [reference(name), {"type": "array", "items": reference(name), "minItems": 1}]}
    return found | ({"description": description} if description else {})


def table(properties: Schema, required: Iterable[str], description: str = "") -> Schema:
    """Return a mapping with these keys and no other."""
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if list(required):
        found["required"] = list(required)
    return found | ({"description": description} if description else {})


def _choices(items: Iterable[str], description: str = "") -> Schema:
    return {"enum": [str(item) for item in items]} | ({"description": description} if description else {})


def _turns(lowest: int = 1, highest: int = MAX_TURNS) -> Schema:
    return {"type": "integer", "minimum": lowest, "maximum": highest}


_SECONDS: Final[Schema] = {"type": "number", "minimum": 0.1, "maximum": MAX_SECONDS}
_LIMIT: Final[Schema] = {"type": "number", "minimum": 0}
_FLAG: Final[Schema] = {"type": "boolean"}
_PHRASES: Final = one_or_more("text", "Phrases, or named sets as $name.")
_EXCEPT: Final = one_or_more("text", "No match where one of these is said.")
_SAID: Final[Schema] = {
    "by": one_or_more("role"),
    "any": _PHRASES,
    "except": _EXCEPT,
    "within": reference("window"),
    "question": _FLAG | {"description": "Only in a sentence that asks."},
}


def _kinds() -> Schema:
    phrase = table(
        _SAID | {"all": {"type": "array", "items": _PHRASES, "minItems": 1, "description": "One of each list."}},
        ("by",),
        "Passes when one of the phrases is said.",
    )
    phrase["oneOf"] = [{"required": ["any"]}, {"required": ["all"], "not": {"required": ["question"]}}]
    checks = {"type": "array", "items": reference("check"), "minItems": 1}
    return {
        "phrase": phrase,
        "absence": reference("said", "Passes when it is not said."),
        "exchange": _exchange(),
        "sequence": _sequence(),
        "metric": table(
            {"name": _choices(METRICS), "at_least": _LIMIT, "below": _LIMIT, "grey": _LIMIT}, ("name",), "A figure of the call."
        )
        | {"anyOf": [{"required": ["at_least"]}, {"required": ["below"]}]},
        "event": table(
            {"kind": reference("eventKind"), "at_least": _turns(0), "at_most": _turns(0)}, ("kind",), "It happened so often."
        )
        | {"anyOf": [{"required": ["at_least"]}, {"required": ["at_most"]}]},
        "name": table(
            {"of": _choices(NameOf), "frames": _PHRASES, "fillers": _PHRASES, "within": reference("window")}, ("of",)
        ),
        "manual": table({"question": reference("title")}, ("question",), "Left to a person."),
        "judge": table(
            {
                "question": reference("title"),
                "by": one_or_more("role"),
                "within": reference("window"),
                "context_turns": _turns(0, MAX_CONTEXT),
                "missing": _choices(("na", "unsure")),
            },
            ("question", "by"),
            "A question to a language model.",
        ),
        "any_of": checks | {"description": "Passes when one of these does."},
        "all_of": checks | {"description": "Passes when all of these do."},
        "not": reference("check", "Passes when this fails."),
    }


def _exchange() -> Schema:
    then = {"by": one_or_more("role"), "any": _PHRASES, "except": _EXCEPT, "within_turns": _turns()}
    properties = {
        "when": reference("said"),
        "then": table(then, ("by", "any", "within_turns")),
        "every": _FLAG | {"description": "false: one answered occurrence is enough."},
        "missing": _choices(("na", "fail", "pass"), "The verdict where it never arose."),
        "echo": _FLAG | {"description": "Repeating the figure just named in surprise makes it doubtful."},
        "unclear": table({"words": _turns(), "except": _EXCEPT}, ("words", "except")),
    }
    return table(properties, ("when", "then"), "Whenever the one is said, the other follows.")


def _sequence() -> Schema:
    properties = {
        "around": reference("eventKind"),
        "before": reference("said"),
        "after": reference("said"),
        "turns": _turns(),
        "steps": {"type": "array", "items": reference("said"), "minItems": 2},
    }
    around = {
        "required": ["around"],
        "anyOf": [{"required": ["before"]}, {"required": ["after"]}],
        "not": {"required": ["steps"]},
    }
    steps = {"required": ["steps"], "maxProperties": 1}
    return table(properties, (), "Words around an event, or one after the other.") | {"oneOf": [around, steps]}


def _window() -> Schema:
    turns = {key: _turns() for key in ("first_turns", "last_turns", "until_client_turn")}
    seconds = dict.fromkeys(("first_s", "last_s"), _SECONDS)
    events = {key: reference("eventKind") for key in ("before", "after")}
    both = [{"required": ["first_turns", "last_turns"]}, {"required": ["first_s", "last_s"]}]
    found = table(turns | seconds | events, (), "The part of the call that is searched.")
    return found | {"minProperties": 1, "not": {"anyOf": both}}


def _condition() -> Schema:
    properties = {
        "call_type": one_or_more("text"),
        "direction": reference("direction"),
        "event": reference("eventKind"),
        "flag": _choices(Flag),
        "said": reference("said"),
        "not": one_or_more("condition", "None of these may hold."),
    }
    return table(properties, (), "All that are given must hold.") | {"minProperties": 1}


CHECK_DEFINITIONS: Final[Schema] = {
    "role": _choices((*Role, ANYONE)),
    "eventKind": _choices(EventKind),
    "window": _window(),
    "said": table(_SAID, ("by", "any")),
    "condition": _condition(),
    "check": table(_kinds(), (), "Exactly one kind of check.") | {"minProperties": 1, "maxProperties": 1},
}
