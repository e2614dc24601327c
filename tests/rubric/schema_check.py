"""Just enough of JSON Schema (draft 2020-12) to check the schema that callscore writes, without a library for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["mistakes"]

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}
_KNOWN = {
    "$schema", "$ref", "$defs", "title", "description", "type", "enum", "const", "properties", "required", "propertyNames",
    "additionalProperties", "minProperties", "maxProperties", "items", "minItems", "maxItems", "minimum", "maximum",
    "exclusiveMinimum", "minLength", "maxLength", "pattern", "oneOf", "anyOf", "not", "if", "then", "else",
}  # fmt: skip


def mistakes(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None, at: str = "") -> list[str]:
    """Return what is wrong with `value`, one line each; a keyword that this does not know is an error of the test."""
    root = root or schema
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    found = list(_combined(value, schema, root, at))
    found += [f"{at}: {text}" for text in _simple(value, schema)]
    if isinstance(value, dict):
        found += _mapping(value, schema, root, at)
    if isinstance(value, list) and "items" in schema:
        found += [text for number, item in enumerate(value) for text in mistakes(item, schema["items"], root, f"{at}/{number}")]
    return found


def _combined(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from mistakes(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, at)
    for key in ("oneOf", "anyOf"):
        n_right = sum(not mistakes(value, inner, root, at) for inner in schema.get(key, ()))
        if key in schema and (n_right != 1 if key == "oneOf" else not n_right):
            yield f"{at}: {n_right} of {key} fit"
    if "not" in schema and not mistakes(value, schema["not"], root, at):
        yield f"{at}: what must not be"
    if "if" in schema:
        yield from mistakes(value, schema["else" if mistakes(value, schema["if"], root, at) else "then"], root, at)


def _mapping(value: dict[Any, Any], schema: dict[str, Any], root: dict[str, Any], at: str) -> list[str]:
    properties = schema.get("properties", {})
    found = [f"{at}: lacks {key}" for key in schema.get("required", ()) if key not in value]
    for key, inner in value.items():
        if "propertyNames" in schema:
            found += mistakes(key, schema["propertyNames"], root, f"{at}/{key}")
        other = schema.get("additionalProperties", True)
        if key in properties:
            found += mistakes(inner, properties[key], root, f"{at}/{key}")
        elif other is False:
            found.append(f"{at}: unknown key {key}")
        elif isinstance(other, dict):
            found += mistakes(inner, other, root, f"{at}/{key}")
    return found


def _simple(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    kinds = schema.get("type", [])
    if kinds and not any(_is_of(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        yield f"{value!r} is no {kinds}"
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield f"{value!r} is no choice"
    if isinstance(value, int | float) and not isinstance(value, bool):
        above = schema.get("exclusiveMinimum", float("-inf"))
        if not schema.get("minimum", float("-inf")) <= value <= schema.get("maximum", float("inf")) or value <= above:
            yield f"{value!r} is out of range"
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{value!r} does not fit the pattern"
    for kind, low, high in (
        (str, "minLength", "maxLength"),
        (list, "minItems", "maxItems"),
        (dict, "minProperties", "maxProperties"),
    ):
        if isinstance(value, kind) and not schema.get(low, 0) <= len(value) <= schema.get(high, len(value)):
            yield f"{len(value)} is no length for it"


def _is_of(value: Any, kind: str) -> bool:
    if kind in ("number", "integer"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and (kind == "number" or value == int(value))
    return isinstance(value, _TYPES[kind])
