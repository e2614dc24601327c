"""One rubric file -> a Rubric; a rubric may extend another one and replace or leave out single criteria."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from callscore.records import SCORED_DIRECTIONS, Direction, Verdict
from callscore.rubric.check_nodes import CheckReader, read_title, rests_on_judge
from callscore.rubric.nodes import Node
from callscore.rubric.phrase_files import LANGUAGES, PhraseLibrary, read_format
from callscore.rubric.schema import AppliesTo, Criterion, Example, Rubric, Section

__all__ = [
    "CRITERION_KEYS",
    "ID_PATTERN",
    "ID_RULE",
    "MAX_WEIGHT",
    "REASON_KEYS",
    "RUBRIC_KEYS",
    "Draft",
    "RubricHead",
    "is_id",
    "read_head",
    "read_id",
    "read_rubric",
]

MAX_WEIGHT: Final = 10.0
MAX_ID_CHARS: Final = 64
ID_PATTERN: Final = rf"[a-z][a-z0-9_]{{0,{MAX_ID_CHARS - 1}}}"
ID_RULE: Final = f"of a-z, 0-9 and _, beginning with a letter, {MAX_ID_CHARS} at most"
RUBRIC_KEYS: Final = (
    "format", "id", "version", "language", "title", "abstract", "extends", "without", "applies_to", "sections", "criteria",
)  # fmt: skip
REASON_KEYS: Final = ("pass", "fail", "na")
CRITERION_KEYS: Final = (
    "id", "section", "title", "weight", "critical", "applies_when", "check", "reasons", "examples",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RubricHead:
    """What must be known before a rubric can be read: its id, language and the rubric it extends."""

    id: str
    language: str
    extends: str
    node: Node


@dataclass(frozen=True, slots=True)
class Draft:
    """A rubric that was read, with the phrase sets it uses; an abstract one only serves as a base."""

    rubric: Rubric
    abstract: bool
    sets: frozenset[str]


def read_head(node: Node) -> RubricHead:
    """Read id, language and base of a rubric file."""
    known = node.fields("a rubric", RUBRIC_KEYS, ("id", "version", "language", "title"))
    read_format(known.get("format"), node)
    return RubricHead(
        id=read_id(known["id"], "the rubric's id"),
        language=known["language"].choice("language", LANGUAGES),
        extends=known["extends"].text("extends") if "extends" in known else "",
        node=node,
    )


def read_id(node: Node, what: str) -> str:
    """Read a name of small Latin letters, digits and underscores."""
    value = node.text(what)
    if not is_id(value):
        raise node.error(f"{what} is '{value[:MAX_ID_CHARS]}', it must be {ID_RULE}")
    return value


def is_id(text: str) -> bool:
    """Tell whether `text` can name a rubric, section or criterion.

    >>> is_id("incoming_sale"), is_id("../sale"), is_id("Sale")
    (True, False, False)
    """
    return re.fullmatch(ID_PATTERN, text) is not None


def read_rubric(head: RubricHead, library: PhraseLibrary, call_types: Mapping[str, str], base: Draft | None) -> Draft:
    """Read the rubric; `base` is what it extends."""
    known = head.node.fields("a rubric", RUBRIC_KEYS)
    reader = CheckReader(library, call_types)
    sections = _sections(known.get("sections"), base)
    criteria = _criteria(known, reader, sections, base)
    abstract = known["abstract"].flag("abstract") if "abstract" in known else False
    if not criteria:
        raise head.node.error(f"rubric '{head.id}' has no criteria")
    if not abstract and not any(item.weight for item in criteria):
        raise head.node.error(f"rubric '{head.id}' has only criteria of weight 0")
    sets = frozenset(library.used) | (base.sets if base else frozenset())
    rubric = Rubric(
        id=head.id,
        version=known["version"].whole("version", 1, 1_000_000),
        language=head.language,
        title=read_title(known["title"], "title"),
        applies_to=_applies_to(known.get("applies_to"), reader),
        sections=sections,
        criteria=criteria,
        sha256=_fingerprint(head, library, sets, base),
        file=head.node.file,
    )
    return Draft(rubric, abstract, sets)


def _fingerprint(head: RubricHead, library: PhraseLibrary, sets: frozenset[str], base: Draft | None) -> str:
    """Return a hash of the rubric's own values, its base and its phrase sets; comments and layout do not count."""
    parts = (canonical(head.node), base.rubric.sha256 if base else "", library.fingerprint(sets))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def canonical(node: Node) -> str:
    """Return the values of a node as one text, without comments, quotes and layout."""
    if isinstance(node.raw, yaml.MappingNode):
        return "{" + ",".join(f"{canonical(k)}:{canonical(v)}" for k, v in node.entries("a mapping")) + "}"
    if isinstance(node.raw, yaml.SequenceNode):
        return "[" + ",".join(canonical(item) for item in node.items("a list")) + "]"
    return repr(str(node.raw.value))


def _sections(node: Node | None, base: Draft | None) -> tuple[Section, ...]:
    sections = {section.id: section for section in (base.rubric.sections if base else ())}
    own: set[str] = set()
    for item in node.items("sections") if node else ():
        known = item.fields("a section", ("id", "title"), ("id", "title"))
        section = Section(read_id(known["id"], "the section's id"), read_title(known["title"], "title"), item.where)
        if section.id in own:
            raise item.error(f"section '{section.id}' stands twice")
        own.add(section.id)
        sections[section.id] = section
    return tuple(sections.values())


def _criteria(
    known: Mapping[str, Node], reader: CheckReader, sections: tuple[Section, ...], base: Draft | None
) -> tuple[Criterion, ...]:
    criteria = {item.id: item for item in (base.rubric.criteria if base else ())}
    for item in known["without"].items("without") if "without" in known else ():
        criteria.pop(item.choice("without", criteria))
    own: dict[str, str] = {}
    for item in known["criteria"].items("criteria") if "criteria" in known else ():
        criterion = _criterion(item, reader, tuple(section.id for section in sections))
        if criterion.id in own:
            raise item.error(f"criterion '{criterion.id}' stands twice, first at {own[criterion.id]}")
        own[criterion.id] = criterion.where
        criteria[criterion.id] = criterion
    return tuple(criteria.values())


def _criterion(node: Node, reader: CheckReader, sections: tuple[str, ...]) -> Criterion:
    known = node.fields("a criterion", CRITERION_KEYS, ("id", "title", "check"))
    criterion_id = read_id(known["id"], "the criterion's id")
    weight = known["weight"].number(f"the weight of criterion '{criterion_id}'", 0, MAX_WEIGHT) if "weight" in known else 1.0
    reasons = known["reasons"].fields("reasons", REASON_KEYS) if "reasons" in known else {}
    critical = known["critical"].flag("critical") if "critical" in known else False
    check = reader.check(known["check"])
    if critical and rests_on_judge(check):
        raise known["check"].error(
            f"the critical criterion '{criterion_id}' rests on a language model alone",
            "combine judge with a check on words by any_of or all_of, or leave out critical",
        )
    return Criterion(
        id=criterion_id,
        section=known["section"].choice("section", sections) if "section" in known else "",
        title=read_title(known["title"], "title"),
        weight=weight,
        critical=critical,
        applies_when=reader.condition(known["applies_when"]) if "applies_when" in known else None,
        check=check,
        reasons={Verdict(key): value.text("a reason") for key, value in reasons.items()},
        examples=tuple(_example(item, reader) for item in known["examples"].items("examples")) if "examples" in known else (),
        where=node.where,
    )


def _example(node: Node, reader: CheckReader) -> Example:
    verdicts = tuple(Verdict)
    known = node.fields("an example", (*verdicts, "call_type"))
    given = [verdict for verdict in verdicts if verdict in known]
    if len(given) != 1:
        raise node.error("an example needs exactly one of pass, fail, na, unsure with its dialogue")
    return Example(
        verdict=given[0],
        text=known[given[0]].text("an example's dialogue"),
        call_types=reader.types(known["call_type"]) if "call_type" in known else (),
        where=known[given[0]].where,
    )


def _applies_to(node: Node | None, reader: CheckReader) -> AppliesTo:
    if node is None:
        return AppliesTo()
    known = node.fields("applies_to", ("direction", "call_types", "lines", "queues"))
    texts = {key: tuple(i.text(key) for i in known[key].one_or_more(key)) for key in ("lines", "queues") if key in known}
    return AppliesTo(
        direction=Direction(known["direction"].choice("direction", SCORED_DIRECTIONS)) if "direction" in known else None,
        call_types=reader.types(known["call_types"]) if "call_types" in known else (),
        lines=texts.get("lines", ()),
        queues=texts.get("queues", ()),
    )
