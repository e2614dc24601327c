"""What models.toml says: the weights that callscore knows by name, their hashes and sources; reads that one file only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from callscore.errors import ModelError, nearest
from callscore.shipped import shipped_dir

__all__ = ["Catalogue", "HubSource", "IndexSource", "Model", "ModelFile", "Source", "Wheel", "load_catalogue"]

_VERSION: Final = 1
_USUAL_ENGINE: Final = "whisper"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file of a model; the only bytes accepted under its name are those with this size and sha256 (hex)."""

    name: str
    size_bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"sha256 must be 64 hex digits, got {self.sha256!r} for {self.name!r}")
        if self.size_bytes < 1:
            raise ValueError(f"size_bytes must be 1 or more, got {self.size_bytes!r} for {self.name!r}")
        if PurePosixPath(self.name).name != self.name:
            raise ValueError(f"name must be a file name without folders, got {self.name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel in a package index that carries files, or parts of files, of a model.

    `file` is the name of the wheel's file; `members` pairs a file of the model with the path inside the wheel.
    """

    package: str
    version: str
    file: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSource:
    """Wheels that together hold every file; a file named by several is joined in the order of the wheels."""

    wheels: tuple[Wheel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """A repository on a model hub at one revision; an empty `endpoint` is the default hub. `gated`: needs a sign-in."""

    repo: str
    revision: str
    endpoint: str = ""
    gated: bool = False


Source = IndexSource | HubSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights known by name. `weights` is the file whose sha256 stands for the model; `default` ones `pull` takes unasked.

    `engine` is the recognition engine that reads them; empty for weights that do not transcribe.
    """

    name: str
    title: str
    task: str
    engine: str
    licence: str
    default: bool
    weights: str
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        names = [file.name for file in self.files]
        if self.weights not in names:
            raise ValueError(f"weights must be one of the files, got {self.weights!r}")
        if len(set(names)) != len(names):
            raise ValueError(f"files must have different names, got {names!r}")

    @property
    def size_bytes(self) -> int:
        """The size of all files together."""
        return sum(file.size_bytes for file in self.files)

    @property
    def sha256(self) -> str:
        """The sha256 of the weights, which names the model in every result."""
        return next(file.sha256 for file in self.files if file.name == self.weights)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every model of models.toml, in its order."""

    models: tuple[Model, ...]

    def get(self, name: str) -> Model:
        """Return the model called `name`.

        Raises:
            ModelError: if there is none, with the nearest name.
        """
        for model in self.models:
            if model.name == name:
                return model
        near = nearest(name, [model.name for model in self.models])
        hint = f"did you mean {near}? callscore models list shows all" if near else "callscore models list"
        raise ModelError(f"there is no model called {name!r}", hint=hint)

    @property
    def default(self) -> tuple[Model, ...]:
        """The models that the default settings need."""
        return tuple(model for model in self.models if model.default)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read models.toml.

    Args:
        path: the file; None: the one that comes with callscore.

    Raises:
        ModelError: if it cannot be read, or holds an unknown key or a wrong value.
    """
    file = shipped_dir("models") / "models.toml" if path is None else path
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ModelError(f"the list of models cannot be read: {exc}", where=str(file)) from exc
    where = file.name
    _check_keys(table, where, {"version": int, "models": dict})
    if table["version"] != _VERSION:
        raise ModelError(
            f"the list of models has version {table['version']}, this callscore reads version {_VERSION}", where=str(file)
        )
    return Catalogue(tuple(_parse_model(name, item, f"{where}: models.{name}") for name, item in table["models"].items()))


def _parse_model(name: str, table: Any, where: str) -> Model:
    required = {"title": str, "task": str, "licence": str, "weights": str, "files": list, "sources": list}
    _check_keys(table, where, required, {"default": bool, "engine": str})
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name):
        raise ModelError("a model's name must be lower-case letters, digits, dots and dashes", where=where)
    try:
        files = tuple(_parse_file(item, f"{where}.files") for item in table["files"])
        sources = tuple(_parse_source(item, f"{where}.sources") for item in table["sources"])
        fields = {key: table[key] for key in ("title", "task", "licence", "weights")}
        engine = table.get("engine", _USUAL_ENGINE) if table["task"] == "transcribe" else ""
        model = Model(name=name, engine=engine, default=table.get("default", False), files=files, sources=sources, **fields)
    except ValueError as exc:
        raise ModelError(str(exc), where=where) from exc
    _check_members(model, where)
    return model


def _parse_file(table: Any, where: str) -> ModelFile:
    _check_keys(table, where, {"name": str, "size_bytes": int, "sha256": str})
    return ModelFile(**table)


def _parse_source(table: Any, where: str) -> Source:
    kind = table.get("kind") if isinstance(table, dict) else None
    if kind == "index":
        _check_keys(table, where, {"kind": str, "wheels": list})
        return IndexSource(wheels=tuple(_parse_wheel(item, f"{where}.wheels") for item in table["wheels"]))
    if kind == "hub":
        _check_keys(table, where, {"kind": str, "repo": str, "revision": str}, {"endpoint": str, "gated": bool})
        return HubSource(**{key: value for key, value in table.items() if key != "kind"})
    raise ModelError(f"a source's kind must be index or hub, got {kind!r}", where=where)


def _parse_wheel(table: Any, where: str) -> Wheel:
    _check_keys(table, where, {"package": str, "version": str, "file": str, "members": dict})
    _check_keys(table["members"], f"{where}.members", {}, dict.fromkeys(table["members"], str))
    return Wheel(
        package=table["package"], version=table["version"], file=table["file"], members=tuple(table["members"].items())
    )


def _check_members(model: Model, where: str) -> None:
    names = [file.name for file in model.files]
    for source in model.sources:
        if not isinstance(source, IndexSource):
            continue
        carried = {file for wheel in source.wheels for file, _ in wheel.members}
        for name in carried - set(names):
            raise _unknown_key(name, names, f"{where}.sources.wheels.members")
        for name in [name for name in names if name not in carried]:
            raise ModelError(f"no wheel holds {name!r}", where=f"{where}.sources.wheels")


def _check_keys(table: Any, where: str, required: Mapping[str, type], optional: Mapping[str, type] | None = None) -> None:
    if not isinstance(table, dict):
        raise ModelError(f"this must be a table, got {table!r}", where=where)
    known = {**required, **(optional or {})}
    for key, value in table.items():
        if key not in known:
            raise _unknown_key(key, list(known), where)
        if type(value) is not known[key]:
            raise ModelError(f"{key} must be a {known[key].__name__}, got {value!r}", where=where)
    for key in required:
        if key not in table:
            raise ModelError(f"{key} is missing", where=where)


def _unknown_key(key: str, known: Sequence[str], where: str) -> ModelError:
    near = nearest(key, known)
    hint = f"did you mean {near}?" if near else f"known are {', '.join(known)}"
    return ModelError(f"unknown key {key!r}", where=where, hint=hint)
