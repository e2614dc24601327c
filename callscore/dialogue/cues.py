"""Turns of phrase that tell who speaks: read from rubrics/phrases/role_cues.yaml, found in utterances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import yaml

from callscore.errors import RubricError
from callscore.phrases import PhraseSet, analyse, compile_phrases, find_matches
from callscore.records import SCORED_DIRECTIONS, Direction, Word

__all__ = ["Cue", "CueHit", "CueKind", "RoleCues", "find_cues", "load_role_cues"]

FORMAT: Final = 1
MAX_WEIGHT: Final = 10.0


class CueKind(StrEnum):
    """What a cue tells. `person` is said by people and not by recordings; after a `mailbox` the caller speaks."""

    OPERATOR = "operator"
    CLIENT = "client"
    PROMPT = "prompt"
    PERSON = "person"
    MAILBOX = "mailbox"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Phrases of one weight (natural-log odds), valid in one direction or both (None), everywhere or at the opening only."""

    kind: CueKind
    weight: float
    direction: Direction | None
    is_opening: bool
    phrases: PhraseSet


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCues:
    """The cues of each language; a language without any is told by structure alone."""

    by_language: Mapping[str, tuple[Cue, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CueHit:
    """A cue found: `weight` is the cue's times how closely the words match; `text` is as recognised."""

    cue: Cue
    weight: float
    text: str


def find_cues(words: Sequence[Word], language: str, cues: RoleCues) -> tuple[CueHit, ...]:
    """Return the cues said in `words`, at most one per cue, in the order of the file; nothing for an unknown language."""
    known = cues.by_language.get(language, ())
    if not known or not words:
        return ()
    text = analyse(words, language)
    hits = []
    for cue in known:
        matches = find_matches(text, cue.phrases)
        if matches:
            best = max(matches, key=lambda match: match.strength)
            hits.append(CueHit(cue=cue, weight=cue.weight * best.strength, text=best.text))
    return tuple(hits)


def load_role_cues(path: Path) -> RoleCues:
    """Read and compile the cues.

    Raises:
        RubricError: if the file cannot be read, is no YAML, or holds something else than cues.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise RubricError("the cues for roles cannot be read", where=str(path), hint="callscore init") from exc
    except UnicodeDecodeError as exc:
        raise RubricError("the cues for roles are not in UTF-8", where=str(path)) from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else str(path)
        raise RubricError(f"the cues for roles are no valid YAML: {getattr(exc, 'problem', exc)}", where=where) from exc
    top = _mapping(document, "the file", ("format", "cues"), str(path))
    if top.get("format") != FORMAT:
        raise RubricError(f"format {top.get('format')!r} is not known, this program reads format {FORMAT}", where=str(path))
    languages = _mapping(top.get("cues"), "cues", ("ru", "en"), str(path))
    return RoleCues(by_language={language: _language(content, language, path) for language, content in languages.items()})


def _language(content: Any, language: str, path: Path) -> tuple[Cue, ...]:
    kinds = _mapping(content, f"cues.{language}", tuple(CueKind), str(path))
    return tuple(
        _cue(item, CueKind(kind), language, f"{path}: cues.{language}.{kind}[{number}]")
        for kind, items in kinds.items()
        for number, item in enumerate(_list(items, f"{path}: cues.{language}.{kind}"))
    )


def _cue(item: Any, kind: CueKind, language: str, where: str) -> Cue:
    known = _mapping(item, "a cue", ("weight", "direction", "place", "phrases"), where)
    weight, direction, place = known.get("weight"), known.get("direction"), known.get("place")
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight <= MAX_WEIGHT:
        raise RubricError(f"a cue's weight must be above 0 and at most {MAX_WEIGHT:g}, got {weight!r}", where=where)
    if direction not in (None, *SCORED_DIRECTIONS):
        raise RubricError(f"direction must be inbound or outbound, got {direction!r}", where=where)
    if place not in (None, "opening"):
        raise RubricError(f"place can only be opening, got {place!r}", where=where)
    return Cue(
        kind=kind,
        weight=float(weight),
        direction=None if direction is None else Direction(direction),
        is_opening=place == "opening",
        phrases=compile_phrases(_list(known.get("phrases"), where), language, where=where),
    )


def _mapping(value: Any, what: str, keys: Sequence[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RubricError(f"{what} must be a mapping", where=where)
    strange = [str(key) for key in value if key not in keys]
    if strange:
        raise RubricError(f"{what} has the unknown key {strange[0]!r}", where=where, hint=f"known: {', '.join(keys)}")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise RubricError("there must be a list with at least one item", where=where)
    return value
