"""rubrics/call_types.yaml -> the kinds of call and the cues that tell them apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callscore.records import SCORED_DIRECTIONS, Direction, Role
from callscore.rubric.check_nodes import CheckReader, read_title
from callscore.rubric.nodes import Node, read_yaml
from callscore.rubric.phrase_files import LANGUAGES, PhraseLibrary, read_format
from callscore.rubric.rubric_file import read_id
from callscore.rubric.schema import CallTypeDef, Cue, Structure

__all__ = ["CALL_TYPE_KEYS", "MAX_WEIGHT", "read_call_types", "type_names"]

CALL_TYPE_KEYS: Final = ("id", "title", "aliases", "direction", "prior", "queues", "lines", "cues", "structure")
MAX_WEIGHT: Final = 20.0
"""Natural-log odds; beyond 20 the other side has no chance left."""


def read_call_types(path: Path, libraries: Mapping[str, PhraseLibrary]) -> tuple[CallTypeDef, ...]:
    """Read the file; `libraries` resolve phrase sets per language. Raises RubricError."""
    node = read_yaml(path)
    known = node.fields("the call types file", ("format", "types"), ("types",))
    read_format(known.get("format"), node)
    types: list[CallTypeDef] = []
    names: dict[str, str] = {}
    for item in known["types"].items("types"):
        found = _read_type(item, libraries)
        for name in (found.id, *found.aliases):
            if name in names:
                raise item.error(f"the name '{name}' already belongs to call type '{names[name]}'")
            names[name] = found.id
        types.append(found)
    if not types:
        raise known["types"].error("there must be at least one call type")
    return tuple(types)


def type_names(types: tuple[CallTypeDef, ...]) -> dict[str, str]:
    """Return every id and alias with the id it stands for."""
    return {name: item.id for item in types for name in (item.id, *item.aliases)}


def _read_type(node: Node, libraries: Mapping[str, PhraseLibrary]) -> CallTypeDef:
    known = node.fields("a call type", CALL_TYPE_KEYS, ("id", "title"))
    cues: dict[str, tuple[Cue, ...]] = {}
    if "cues" in known:
        by_language = known["cues"].fields("cues", LANGUAGES)
        cues = {lang: tuple(_read_cue(c, libraries[lang]) for c in inner.items("cues")) for lang, inner in by_language.items()}
    return CallTypeDef(
        id=read_id(known["id"], "the call type's id"),
        title=read_title(known["title"], "title"),
        aliases=tuple(item.text("an alias") for item in known["aliases"].items("aliases")) if "aliases" in known else (),
        direction=Direction(known["direction"].choice("direction", SCORED_DIRECTIONS)) if "direction" in known else None,
        prior=_weight(known["prior"], "prior") if "prior" in known else 0.0,
        queues=_hints(known.get("queues"), "queues"),
        lines=_hints(known.get("lines"), "lines"),
        cues=cues,
        structures=_structures(known.get("structure")),
    )


def _weight(node: Node, what: str) -> float:
    return node.number(what, -MAX_WEIGHT, MAX_WEIGHT)


def _hints(node: Node | None, what: str) -> dict[str, float]:
    if node is None:
        return {}
    return {key.text(what).lower(): _weight(value, "a hint's weight") for key, value in node.entries(what)}


def _read_cue(node: Node, library: PhraseLibrary) -> Cue:
    known = node.fields("a cue", ("by", "any", "except", "within", "weight"), ("weight",))
    said = CheckReader(library, {}).said(node, ("weight",))
    return Cue(said=said, weight=_weight(known["weight"], "weight"))


def _structures(node: Node | None) -> tuple[Structure, ...]:
    return tuple(_read_structure(item) for item in node.items("structure")) if node else ()


def _read_structure(node: Node) -> Structure:
    known = node.fields("a structure", ("turns_of", "at_most", "weight"), ("turns_of", "at_most", "weight"))
    return Structure(
        role=Role(known["turns_of"].choice("turns_of", Role)),
        at_most_turns=known["at_most"].whole("at_most", 0, 1000),
        weight=_weight(known["weight"], "weight"),
    )
