"""A JSON Schema of rubric folders for editors: completion, help on hover, mistakes underlined while typing. Pure.

Names, limits and choices come from the tables that the reader uses; a test compares the keys of every mapping with those the
reader knows. A schema cannot see whether a phrase set exists or a phrase can be read: `callscore rubric check` does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from callscore.records import SCORED_DIRECTIONS, Role, Verdict
from callscore.rubric.call_type_file import MAX_WEIGHT as MAX_CUE_WEIGHT
from callscore.rubric.check_schema import CHECK_DEFINITIONS, one_or_more, reference, table
from callscore.rubric.nodes import MAX_CHARS
from callscore.rubric.phrase_files import FORMAT, LANGUAGES, MAX_PHRASES
from callscore.rubric.rubric_file import ID_PATTERN, MAX_WEIGHT, REASON_KEYS
from callscore.rubric.thresholds import Thresholds, highest

__all__ = ["SCHEMA_FILE", "build_schema"]

SCHEMA_FILE: Final = "rubric.schema.json"
Schema = dict[str, Any]

_ROLE_CUE_KINDS: Final = ("operator", "client", "prompt", "person", "mailbox", "transfer")  # of dialogue.cues, see the test
_MAX_ROLE_CUE_WEIGHT: Final = 10


def build_schema() -> Schema:
    """Return the schema (draft 2020-12) of every YAML file in a folder of rubrics; which kind it is follows from its keys."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "callscore rubrics",
        **_chosen_by_key({"sets": "phraseFile", "types": "callTypesFile", "values": "thresholdsFile", "cues": "roleCuesFile"}),
        "$defs": {
            **_basic(),
            **CHECK_DEFINITIONS,
            **_rubric(),
            **_phrase_file(),
            **_call_types_file(),
            **_thresholds_file(),
            **_role_cues_file(),
        },
    }


def _chosen_by_key(files: Mapping[str, str]) -> Schema:
    """Return a chain of if and else, so that an editor names the mistake and not five kinds of file that do not fit."""
    chosen: Schema = reference("rubricFile")
    for key, name in reversed(list(files.items())):
        chosen = {"if": {"required": [key]}, "then": reference(name), "else": chosen}
    return chosen


def _basic() -> Schema:
    return {
        "text": {"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": MAX_CHARS},
        "id": {"type": "string", "pattern": f"^{ID_PATTERN}$"},
        "title": table(
            {"ru": reference("text"), "en": reference("text")}, ("ru", "en"), "A name people read, in both languages."
        ),
        "format": {"const": FORMAT, "description": "Version of the file format."},
        "language": {"enum": list(LANGUAGES), "description": "Phrases are matched by the grammar and sounds of this language."},
        "direction": {"enum": [str(item) for item in SCORED_DIRECTIONS]},
    }


def _rubric() -> Schema:
    title = reference("title")
    example = table(
        {**{str(verdict): reference("text") for verdict in Verdict}, "call_type": one_or_more("text")},
        (),
        "A dialogue that must get the verdict it stands under. O: operator, C: client, S: prompt, [hold 20], [silence 9].",
    )
    example["oneOf"] = [{"required": [str(verdict)]} for verdict in Verdict]
    return {
        "rubricFile": table(
            {
                "format": reference("format"),
                "id": reference("id", "The rubric's name in every table."),
                "version": _whole(1, 1_000_000, "Raise it when the meaning changes; verdicts keep theirs."),
                "language": reference("language"),
                "title": title,
                "abstract": _flag("Only a base for other rubrics, never applied itself."),
                "extends": reference("text", "Another rubric whose criteria are taken over; one with the same id is replaced."),
                "without": _list("text", "Criteria of the base to leave out."),
                "applies_to": reference("appliesTo"),
                "sections": _list("section"),
                "criteria": _list("criterion"),
            },
            ("format", "id", "version", "language", "title"),
        ),
        "appliesTo": table(
            {
                "direction": reference("direction"),
                "call_types": one_or_more("text", "Ids or aliases from call_types.yaml."),
                "lines": one_or_more("text", "The numbers that were called, in quotes."),
                "queues": one_or_more("text"),
            },
            (),
            "Which calls it is for; what is not named does not matter.",
        ),
        "section": table({"id": reference("id"), "title": title}, ("id", "title")),
        "criterion": table(
            {
                "id": reference("id"),
                "section": reference("id"),
                "title": title,
                "weight": _number(0, MAX_WEIGHT, "Points; 1 if left out."),
                "critical": _flag("A fail makes the whole score 0."),
                "applies_when": reference("condition", "Else the verdict is na."),
                "check": reference("check"),
                "reasons": table(dict.fromkeys(REASON_KEYS, reference("text")), (), "The first sentence of the explanation."),
                "examples": _list("example", "The criterion's own tests, at least three."),
            },
            ("id", "title", "check"),
        ),
        "example": example,
    }


def _phrase_file() -> Schema:
    sets = {"type": "object", "additionalProperties": reference("phraseSet")}
    return {
        "phraseFile": table(
            {"format": reference("format"), "language": reference("language"), "sets": sets}, ("format", "language", "sets")
        ),
        "phraseSet": table(
            {
                "note": reference("text"),
                "phrases": _list("text") | {"minItems": 1, "maxItems": MAX_PHRASES},
                "except": _list("text", "Where one of these is said, nothing near it counts."),
            },
            ("phrases",),
        ),
    }


def _call_types_file() -> Schema:
    weights = {"type": "object", "additionalProperties": _number(-MAX_CUE_WEIGHT, MAX_CUE_WEIGHT)}
    cue = CHECK_DEFINITIONS["said"]["properties"] | {"weight": _number(-MAX_CUE_WEIGHT, MAX_CUE_WEIGHT, "Natural-log odds.")}
    del cue["question"]
    return {
        "callTypesFile": table(
            {"format": reference("format"), "types": _list("callType") | {"minItems": 1}}, ("format", "types")
        ),
        "callType": table(
            {
                "id": reference("id"),
                "title": reference("title"),
                "aliases": _list("text"),
                "direction": reference("direction"),
                "prior": _number(-MAX_CUE_WEIGHT, MAX_CUE_WEIGHT, "Natural-log odds before anything is heard."),
                "queues": weights,
                "lines": weights,
                "cues": _by_language(_list("cue")),
                "structure": _list("structure"),
            },
            ("id", "title"),
        ),
        "cue": table(cue, ("by", "any", "weight")),
        "structure": table(
            {
                "turns_of": {"enum": [str(role) for role in Role]},
                "at_most": _whole(0, 1000),
                "weight": _number(-MAX_CUE_WEIGHT, MAX_CUE_WEIGHT),
            },
            ("turns_of", "at_most", "weight"),
        ),
    }


def _thresholds_file() -> Schema:
    return {
        "thresholdsFile": table(
            {"format": reference("format"), "origin": reference("text"), "values": table(_thresholds(), ())},
            ("format", "origin", "values"),
        ),
    }


def _role_cues_file() -> Schema:
    role_kinds = {"type": "object", "propertyNames": {"enum": list(_ROLE_CUE_KINDS)}, "additionalProperties": _list("roleCue")}
    return {
        "roleCuesFile": table({"format": reference("format"), "cues": _by_language(role_kinds)}, ("format", "cues")),
        "roleCue": table(
            {
                "weight": {"type": "number", "exclusiveMinimum": 0, "maximum": _MAX_ROLE_CUE_WEIGHT},
                "direction": reference("direction"),
                "place": {"const": "opening"},
                "phrases": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            },
            ("weight", "phrases"),
        ),
    }


def _by_language(schema: Schema) -> Schema:
    return {"type": "object", "propertyNames": reference("language"), "additionalProperties": schema}


def _thresholds() -> Schema:
    found: Schema = {}
    for field in dataclasses.fields(Thresholds):
        if field.name != "origin":
            is_whole = isinstance(field.default, int)
            found[field.name] = _whole(1, highest(field.name)) if is_whole else _number(0, highest(field.name))
    return found


def _described(schema: Schema, description: str) -> Schema:
    return schema | {"description": description} if description else schema


def _whole(low: int, high: int, description: str = "") -> Schema:
    return _described({"type": "integer", "minimum": low, "maximum": high}, description)


def _number(low: float, high: float, description: str = "") -> Schema:
    return _described({"type": "number", "minimum": low, "maximum": high}, description)


def _flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def _list(name: str, description: str = "") -> Schema:
    return _described({"type": "array", "items": reference(name)}, description)
