"""Reads YAML into nodes that remember their file and line, so that every message can name them; refuses hostile files."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from callscore.errors import RubricError, nearest

__all__ = ["Node", "parse_yaml", "read_yaml"]

MAX_BYTES: Final = 2_000_000
"""A rubric file longer than this is a mistake: 20,000 phrases fit in."""
MAX_DEPTH: Final = 24
"""Combined checks nest four or five levels; deeper nesting only serves to exhaust the stack."""
MAX_NODES: Final = 200_000
"""Values and brackets in one file; the longest phrase set allowed needs 5,000."""
MAX_CHARS: Final = 20_000
"""The longest text; an example's dialogue of ten minutes has half of that."""
_SHOWN_CHARS: Final = 60
_QUOTE_HINT: Final = "put a text that holds ': ' or ' #', or begins with one of [ { ! \" & * % @, in single quotes"
_STR: Final = "tag:yaml.org,2002:str"
_INT: Final = "tag:yaml.org,2002:int"
_FLOAT: Final = "tag:yaml.org,2002:float"
_BOOL: Final = "tag:yaml.org,2002:bool"
_NULL: Final = "tag:yaml.org,2002:null"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value with the file it stands in. The reading methods raise RubricError with file and line."""

    raw: yaml.Node
    file: str

    @property
    def where(self) -> str:
        """`file:line`, lines counted from 1."""
        return f"{self.file}:{self.raw.start_mark.line + 1}"

    def error(self, message: str, hint: str = "") -> RubricError:
        """Return (not raise) an error that points here."""
        return RubricError(message, where=self.where, hint=hint)

    def fields(self, what: str, known: Iterable[str], required: Iterable[str] = ()) -> Mapping[str, Node]:
        """Return the mapping's values by key; unknown, doubled and missing keys are errors. `what` names the thing."""
        if not isinstance(self.raw, yaml.MappingNode):
            raise self.error(f"{what} must be a mapping of keys to values")
        names, found = set(known), {}
        for key_node, value_node in self.raw.value:
            key = Node(key_node, self.file)
            name = key.text(f"a key of {what}")
            if name not in names:
                like = nearest(name, names)
                hint = f"did you mean '{like}'?" if like else f"known keys: {', '.join(sorted(names))}"
                raise key.error(f"unknown key '{_short(name)}' in {what}", hint)
            if name in found:
                raise key.error(f"key '{name}' stands twice in {what}")
            found[name] = Node(value_node, self.file)
        for name in required:
            if name not in found:
                raise self.error(f"{what} lacks the key '{name}'")
        return found

    def entries(self, what: str) -> tuple[tuple[Node, Node], ...]:
        """Return the pairs of a mapping whose keys are free names; a doubled key is an error."""
        if not isinstance(self.raw, yaml.MappingNode):
            raise self.error(f"{what} must be a mapping of keys to values")
        pairs = tuple((Node(key, self.file), Node(value, self.file)) for key, value in self.raw.value)
        seen: set[str] = set()
        for key, _ in pairs:
            name = key.text(f"a key of {what}")
            if name in seen:
                raise key.error(f"key '{name}' stands twice in {what}")
            seen.add(name)
        return pairs

    def items(self, what: str) -> tuple[Node, ...]:
        """Return the items of a list."""
        if not isinstance(self.raw, yaml.SequenceNode):
            raise self.error(f"{what} must be a list")
        return tuple(Node(item, self.file) for item in self.raw.value)

    def one_or_more(self, what: str) -> tuple[Node, ...]:
        """Return the items of a list, or the single value as a list of one."""
        return self.items(what) if isinstance(self.raw, yaml.SequenceNode) else (self,)

    def _scalar(self, what: str, wanted: str) -> yaml.ScalarNode:
        if not isinstance(self.raw, yaml.ScalarNode):
            raise self.error(f"{what} must be {wanted}")
        if len(self.raw.value) > MAX_CHARS:
            raise self.error(f"{what} has {len(self.raw.value)} characters, at most {MAX_CHARS} are allowed")
        return self.raw

    def text(self, what: str) -> str:
        """Return a text that is not empty; `yes`, `no` and numbers are taken as written."""
        value = str(self._scalar(what, "a text").value).strip()
        if not value:
            raise self.error(f"{what} must not be empty")
        return value

    def choice(self, what: str, known: Iterable[str]) -> str:
        """Return a text that is one of `known`."""
        value, names = self.text(what), tuple(known)
        if value not in names:
            like = nearest(value, names)
            hint = f"did you mean '{like}'?" if like else f"one of: {', '.join(names)}"
            raise self.error(f"{what} is '{_short(value)}', which is not known", hint)
        return value

    def whole(self, what: str, low: int, high: int) -> int:
        """Return a whole number in `low..high`."""
        node = self._scalar(what, "a whole number")
        try:
            value = int(str(node.value)) if node.tag == _INT else None
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise self.error(f"{what} is '{_short(node.value)}', it must be a whole number in {low}..{high}")
        return value

    def number(self, what: str, low: float, high: float) -> float:
        """Return a number in `low..high`."""
        node = self._scalar(what, "a number")
        try:
            value = float(str(node.value)) if node.tag in (_INT, _FLOAT) else None
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise self.error(f"{what} is {_short(node.value)}, it must be {low:g}..{high:g}")
        return value

    def flag(self, what: str) -> bool:
        """Return true or false."""
        node = self._scalar(what, "true or false")
        if node.tag != _BOOL:
            raise self.error(f"{what} is '{_short(node.value)}', it must be true or false")
        return str(node.value).lower() in {"true", "yes", "on"}


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 3] + "..."


def parse_yaml(text: str, file: str) -> Node:
    """Return the root node of one YAML document.

    Raises:
        RubricError: for bad syntax, anchors, tags, too deep nesting, too many values, and empty files.
    """
    try:
        _refuse_hostile(text, file)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = f":{mark.line + 1}" if mark else ""
        problem = exc.problem or "syntax error"
        raise RubricError(f"the YAML cannot be read: {problem}", where=f"{file}{line}", hint=_QUOTE_HINT) from exc
    except yaml.reader.ReaderError as exc:
        line_no = text.encode().count(b"\n", 0, exc.position) + 1  # the parser counts bytes
        raise RubricError(f"the YAML cannot be read: {str(exc).splitlines()[0]}", where=f"{file}:{line_no}") from exc
    except yaml.YAMLError as exc:
        raise RubricError(f"the YAML cannot be read: {exc}", where=file) from exc
    if root is None:
        raise RubricError("the file is empty", where=f"{file}:1")
    return Node(root, file)


def _refuse_hostile(text: str, file: str) -> None:
    """Raise for anchors, aliases, tags, deep nesting and sheer number of values, before any tree is built."""
    depth = 0
    for n_nodes, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        line = f"{file}:{event.start_mark.line + 1}" if event.start_mark else file
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise RubricError("YAML anchors and aliases are not allowed", where=line, hint="write it out, or use a phrase set")
        tag = getattr(event, "tag", None)
        if tag:
            hint = "put a text that begins with ! in single quotes"
            raise RubricError(f"YAML tags such as '{_short(tag)}' are not allowed", where=line, hint=hint)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise RubricError(f"nested deeper than {MAX_DEPTH} levels", where=line)
        if n_nodes > MAX_NODES:
            raise RubricError(f"the file holds more than {MAX_NODES} values", where=line, hint="split it")


def read_yaml(path: Path, name: str = "") -> Node:
    """Read one YAML file; `name` is how messages call it. Raises RubricError if it cannot be read or is too long."""
    shown = name or str(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise RubricError("this is no file", where=shown)  # reading a pipe or a device could wait for ever
        if found.st_size > MAX_BYTES:
            raise RubricError(f"the file is longer than {MAX_BYTES // 1_000_000} MB", where=shown)
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise RubricError("the file is not UTF-8 text", where=f"{shown}:{line}", hint="save it as UTF-8") from exc
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or exc
        raise RubricError(f"the file cannot be read: {reason}", where=shown) from exc
    return parse_yaml(text.replace("\r\n", "\n"), shown)
