"""The settings of one source: a frozen dataclass per kind of system, read from its table in callscore.toml.

Each field says in its metadata what it is for; `callscore init` writes its commented sections from that.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from callscore.errors import ConfigError, nearest
from callscore.outside.secret import Secret

__all__ = ["ConnectorSettings", "common_options", "example_section", "need", "read_settings", "setting"]

_T = TypeVar("_T")
_WANTED: Final[Mapping[Any, str]] = {
    tuple: "a list of texts",
    Path: "a path",
    Secret: "a text",
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def setting(default: Any, doc: str, *, example: Any = None) -> Any:
    """Return a dataclass field with a default and a line for people; `example` is shown to them in place of the default."""
    shown = {} if example is None else {"example": example}
    return dataclasses.field(default=default, metadata={"doc": doc, **shown})


def need(example: Any, doc: str) -> Any:
    """Return a dataclass field that must be set; `example` is shown to people."""
    return dataclasses.field(metadata={"doc": doc, "example": example})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSettings:
    """What every source has. Subclasses add fields of the types str, int, float, bool, Path, Secret and tuple[str, ...]."""

    timezone: str = setting("", 'zone of times that carry none, such as "Europe/Moscow"; "": that of [metadata]')
    first_days: int = setting(7, "how many days back the first run reads")
    overlap_days: int = setting(2, "how many days each run reads again, for what changed or came late")
    allow_hosts: tuple[str, ...] = setting((), "hosts with private addresses that recordings may be fetched from")


def read_settings(cls: type[_T], table: Mapping[str, Any], base: Path, where: str) -> _T:
    """Return the settings in `table`; relative paths start at `base`.

    Raises:
        ConfigError: an unknown key, a missing one, or a value of a wrong type; values are not repeated.
    """
    fields = {field.name: field for field in dataclasses.fields(cast("Any", cls))}
    hints = typing.get_type_hints(cls)
    for key in table:
        if key not in fields:
            near = nearest(key, fields)
            hint = f"did you mean {near}?" if near else f"known are: {', '.join(fields)}"
            raise ConfigError(f"unknown option {key!r}", where=where, hint=hint)
    values = {key: _convert(hints[key], value, base, f"{where}: {key}") for key, value in table.items()}
    for name, field in fields.items():
        if name not in values and field.default is dataclasses.MISSING:
            example = field.metadata["example"]
            raise ConfigError(f"{name} is missing", where=where, hint=f"{name} = {_toml(example)}  # {field.metadata['doc']}")
    try:
        return cls(**values)
    except ValueError as exc:
        raise ConfigError(str(exc), where=where) from exc


def example_section(cls: type[ConnectorSettings], kind: str, title: str) -> str:
    """Return a commented [sources.NAME] section for people to fill in: what must be set first, then the rest with defaults.

    What every source has in common is left out.
    """
    common = {field.name for field in dataclasses.fields(ConnectorSettings)}
    fields = [field for field in dataclasses.fields(cls) if field.name not in common]
    lines = [f"# {title}", f"# [sources.{kind}]", f'# kind = "{kind}"']
    for field in sorted(fields, key=lambda field: "example" not in field.metadata):
        value = field.metadata.get("example", field.default)
        shown = "" if value is None else value.place if isinstance(value, Secret) else value
        text = f"{field.name} = {_toml(shown)}"
        lines.append(f"# {text:<40} # {field.metadata['doc']}")
    return "\n".join(lines) + "\n"


def common_options() -> str:
    """Return the options that every source has, as comments."""
    fields = dataclasses.fields(ConnectorSettings)
    return "".join(f"# {f'{field.name} = {_toml(field.default)}':<40} # {field.metadata['doc']}\n" for field in fields)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value) if isinstance(value, int | float) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _convert(hint: Any, value: Any, base: Path, where: str) -> Any:
    if value == "" and type(None) in typing.get_args(hint):
        return None
    kinds = [kind for kind in typing.get_args(hint) or (hint,) if kind is not type(None) and kind is not Ellipsis]
    kind = tuple if typing.get_origin(hint) is tuple else kinds[0]
    if kind is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind is Path and isinstance(value, str) and value:
        return base / Path(value).expanduser()
    if kind is Secret and isinstance(value, str):
        try:
            return Secret(value)
        except ValueError as exc:
            raise ConfigError(str(exc), where=where) from exc
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (str, int, float, bool) and type(value) is kind:
        return value
    raise ConfigError(f"must be {_WANTED[kind]}", where=where)
