"""A folder of YAML files -> one RubricBook. The only entry to rubrics: everything else works on its records."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from callscore.errors import RubricError, nearest
from callscore.rubric.call_type_file import read_call_types, type_names
from callscore.rubric.nodes import read_yaml
from callscore.rubric.phrase_files import LANGUAGES, PhraseLibrary, read_phrase_folder
from callscore.rubric.rubric_file import Draft, RubricHead, canonical, read_head, read_rubric
from callscore.rubric.schema import Rubric, RubricBook
from callscore.rubric.thresholds import THRESHOLDS_FILE, Thresholds, read_thresholds

__all__ = ["CALL_TYPES_FILE", "load_book", "load_heads"]

CALL_TYPES_FILE = "call_types.yaml"
MAX_BASES = 20
"""How many rubrics may extend one another in a row; two or three are usual."""


def load_book(folder: Path, extra: Path | None = None) -> RubricBook:
    """Read all rubrics, phrase sets and call types of `folder`, and one more rubric file if `extra` is given.

    The extra rubric replaces the one of the same id, and goes before all others for the calls it applies to.

    Raises:
        RubricError: for anything unreadable, unknown, doubled or of the wrong type, with file and line.
    """
    if not folder.is_dir():
        raise RubricError("the folder of rubrics does not exist", where=str(folder), hint="callscore init makes one")
    raw_sets = read_phrase_folder(folder / "phrases")
    type_libraries = {lang: PhraseLibrary(lang, raw_sets.get(lang, {})) for lang in LANGUAGES}
    call_types = read_call_types(folder / CALL_TYPES_FILE, type_libraries)
    heads = _heads(_rubric_paths(folder), extra)
    drafts: dict[str, Draft] = {}
    for head in heads.values():
        _read_with_base(head, heads, drafts, _Context(type_libraries, type_names(call_types)), ())
    extra_id = next((h.id for h in heads.values() if extra and h.node.file == str(extra)), "")
    rubrics = tuple(replace(d.rubric, extra=d.rubric.id == extra_id) for d in drafts.values() if not d.abstract)
    if not rubrics:
        raise RubricError("the folder holds no rubric", where=str(folder), hint="callscore init copies the shipped ones")
    limits = folder / THRESHOLDS_FILE
    thresholds = read_thresholds(limits) if os.path.lexists(limits) else Thresholds()
    return RubricBook(
        rubrics=rubrics,
        call_types=call_types,
        sha256=_book_hash(rubrics, folder, type_libraries, thresholds),
        folder=str(folder),
        thresholds=thresholds,
        phrase_sets=tuple(one for sets in raw_sets.values() for one in sets.values()),
    )


def load_heads(folder: Path) -> Mapping[str, RubricHead]:
    """Read what the rubrics of `folder` are called, abstract ones included, without their criteria.

    Raises:
        RubricError: for a rubric file whose id or language cannot be read, with file and line.
    """
    return _heads(_rubric_paths(folder), None)


def _rubric_paths(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.yaml")) if path.name not in (CALL_TYPES_FILE, THRESHOLDS_FILE)]


class _Context:
    """What reading a rubric needs besides its file."""

    def __init__(self, libraries: dict[str, PhraseLibrary], types: dict[str, str]) -> None:
        self.libraries = libraries
        self.types = types


def _heads(paths: list[Path], extra: Path | None) -> dict[str, RubricHead]:
    heads: dict[str, RubricHead] = {}
    for path in paths:
        head = read_head(read_yaml(path))
        if head.id in heads:
            raise head.node.error(f"rubric '{head.id}' is already defined in {heads[head.id].node.file}")
        heads[head.id] = head
    if extra is not None:
        head = read_head(read_yaml(extra))
        heads[head.id] = head
    return heads


def _read_with_base(
    head: RubricHead, heads: dict[str, RubricHead], drafts: dict[str, Draft], context: _Context, chain: tuple[str, ...]
) -> Draft:
    if head.id in drafts:
        return drafts[head.id]
    if head.id in chain:
        raise head.node.error(f"rubrics extend each other in a circle: {' > '.join((*chain, head.id))}")
    if len(chain) > MAX_BASES:
        raise head.node.error(f"more than {MAX_BASES} rubrics extend one another in a row")
    base = None
    if head.extends:
        if head.extends not in heads:
            like = nearest(head.extends, heads)
            raise head.node.error(
                f"rubric '{head.id}' extends '{head.extends}', which does not exist", f"did you mean '{like}'?" if like else ""
            )
        base = _read_with_base(heads[head.extends], heads, drafts, context, (*chain, head.id))
        if base.rubric.language != head.language:
            raise head.node.error(f"rubric '{head.id}' and its base '{head.extends}' are in different languages")
    library = context.libraries[head.language].for_one_file()
    drafts[head.id] = read_rubric(head, library, context.types, base)
    return drafts[head.id]


def _book_hash(rubrics: tuple[Rubric, ...], folder: Path, libraries: dict[str, PhraseLibrary], thresholds: Thresholds) -> str:
    """Return a hash of all that verdicts depend on: rubrics, phrases, what tells call types apart, and limits of doubt."""
    digest = hashlib.sha256(canonical(read_yaml(folder / CALL_TYPES_FILE)).encode())
    digest.update(repr(thresholds).encode())
    for rubric in rubrics:
        digest.update(f"{rubric.id} {rubric.sha256} {rubric.extra}\n".encode())
    for language in LANGUAGES:
        digest.update(libraries[language].fingerprint(libraries[language].used).encode())
    return digest.hexdigest()
