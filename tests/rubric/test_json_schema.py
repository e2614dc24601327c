"""The schema for editors says what the reader says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from callscore.dialogue.cues import MAX_WEIGHT, CueKind
from callscore.errors import RubricError
from callscore.rubric import load_book
from callscore.rubric.json_schema import build_schema
from tests.rubric.book_files import RUBRIC
from tests.rubric.full_files import FILES, write_full
from tests.rubric.schema_check import mistakes
from tests.rubric.test_load import MISTAKES

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "rubrics").rglob("*.yaml"))
SCHEMA = build_schema()
# Mistakes of rubrics that only reading them all together shows, or that YAML itself refuses.
UNSEEN = (
    "doubled key", "judge alone and critical", "unknown set", "unknown section", "anchor", "broken YAML", "bad phrase",
    "unknown base", "circle", "nothing to score",
)  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_files_fit(path: Path) -> None:
    """Every rubric file that comes with callscore is right in the eyes of an editor."""
    assert mistakes(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMA) == []


@pytest.mark.parametrize("file", FILES)
def test_every_key_fits(file: str) -> None:
    """Files that use each key the reader knows fit."""
    assert mistakes(yaml.safe_load(FILES[file]), SCHEMA) == []


@pytest.mark.parametrize("name", [name for name in MISTAKES if name not in UNSEEN])
def test_mistakes_do_not_fit(name: str) -> None:
    """What the reader refuses in a rubric is underlined in the editor."""
    old, new = MISTAKES[name][:2]
    assert mistakes(yaml.safe_load(RUBRIC.replace(old, new, 1)), SCHEMA)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("full.yaml", "question: true}", "question: maybe}"),
        ("full.yaml", "missing: fail", "missing: unsure"),
        ("full.yaml", "around: hold, before", "around: holding, before"),
        (
            "full.yaml",
            "around: hold, before: {by: operator, any: [минуту]}, after: {by: operator, any: [спасибо]}",
            "around: hold",
        ),
        ("full.yaml", "at_least: 0, below: 15000, ", ""),
        ("full.yaml", "name: longest_silence_ms", "name: longest_silence_s"),
        ("full.yaml", "{of: operator", "{of: manager"),
        ("full.yaml", "all: [[беру], хорошо]", "all: [[беру], хорошо], any: [да]"),
        ("full.yaml", "flag: cut_off", "flag: broken"),
        ("full.yaml", "id: said", "id: Сказано"),
        ("phrases/own.yaml", "language: ru", "language: de"),
        ("phrases/own.yaml", "phrases: [до свидания]", "phrases: []"),
        ("phrases/own.yaml", "note: Приветствие", "nota: Приветствие"),
        ("call_types.yaml", "weight: 8.0", "weight: 80"),
        ("call_types.yaml", "prior: 1.0", "prior: high"),
        ("thresholds.yaml", "match_sure: 0.8", "match_sure: 80"),
        ("thresholds.yaml", "match_grey", "match_gray"),
        ("phrases/role_cues.yaml", "weight: 2", "weight: 0"),
        ("phrases/role_cues.yaml", "place: opening", "place: end"),
        ("phrases/role_cues.yaml", "operator: [", "agent: ["),
    ],
)
def test_wrong_files_do_not_fit(file: str, old: str, new: str) -> None:
    """A wrong word, number or combination is seen in each kind of file."""
    assert old in FILES[file]
    assert mistakes(yaml.safe_load(FILES[file].replace(old, new, 1)), SCHEMA)


def mappings(value: Any, schema: dict[str, Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], set[str]]]:
    """Yield each mapping of a document that takes fixed keys, with the keys that the schema allows there."""
    while "$ref" in schema or "if" in schema:
        if "$ref" in schema:
            schema = SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        else:
            schema = schema["else" if mistakes(value, schema["if"], SCHEMA) else "then"]
    if "anyOf" in schema and "properties" not in schema:
        schema = next(one for one in schema["anyOf"] if not mistakes(value, one, SCHEMA))
        yield from mappings(value, schema, path)
        return
    if isinstance(value, dict):
        if schema.get("additionalProperties") is False:
            yield path, set(schema["properties"])
        for key, inner in value.items():
            yield from mappings(inner, schema.get("properties", {}).get(key) or schema["additionalProperties"], (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from mappings(inner, schema["items"], (*path, number))


@pytest.mark.parametrize("file", [name for name in FILES if not name.endswith("role_cues.yaml")])
def test_the_schema_knows_the_keys_of_the_reader(tmp_path: Path, file: str) -> None:
    """At every mapping of every file the reader, asked by an unknown key, names just the keys of the schema."""
    write_full(tmp_path)
    document = yaml.safe_load(FILES[file])
    n_seen = 0
    for path, keys in mappings(document, SCHEMA):
        text = yaml.safe_dump(with_key(document, path), allow_unicode=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
        with pytest.raises(RubricError, match="unknown key 'qqqqqq'") as caught:
            load_book(tmp_path)
        known = re.fullmatch(r"known keys: (.*)", caught.value.hint)
        assert known is not None
        assert set(known[1].split(", ")) == keys, path
        n_seen += 1
    assert n_seen >= 1


def with_key(value: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy of a document with one unknown key more at `path`."""
    if not path:
        return {"qqqqqq": 1, **value}
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = with_key(value[path[0]], path[1:])
    return copy


def test_role_cues_are_those_of_the_dialogue() -> None:
    """The kinds and weights of role cues, which another package reads, are the ones of the schema."""
    by_language = SCHEMA["$defs"]["roleCuesFile"]["properties"]["cues"]
    assert by_language["additionalProperties"]["propertyNames"]["enum"] == [str(kind) for kind in CueKind]
    assert SCHEMA["$defs"]["roleCue"]["properties"]["weight"]["maximum"] == MAX_WEIGHT
