"""rubrics/phrases/*.yaml -> phrase sets by language and id; the resolver turns `$set` and plain phrases into one set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callscore.errors import RubricError
from callscore.phrases import PhraseSet, compile_phrases
from callscore.rubric.nodes import Node, nearest, read_yaml

__all__ = ["FORMAT", "LANGUAGES", "PhraseLibrary", "RawSet", "read_format", "read_phrase_folder"]

FORMAT: Final = 1
LANGUAGES: Final = ("ru", "en")
MAX_PHRASES: Final = 5000


@dataclass(frozen=True, slots=True)
class RawSet:
    """A phrase set as written: its phrases, then its exceptions with a leading `!`."""

    id: str
    phrases: tuple[str, ...]
    where: str


def read_format(node: Node | None, owner: Node) -> None:
    """Check the `format` key: the version of the file format this program reads."""
    if node is None:
        raise owner.error("the file lacks the key 'format'", f"add the line 'format: {FORMAT}'")
    value = node.whole("format", 1, 1_000_000)
    if value != FORMAT:
        raise node.error(f"format {value} is not known, this program reads format {FORMAT}", "update callscore")


def read_phrase_folder(folder: Path) -> dict[str, dict[str, RawSet]]:
    """Read every phrase file of `folder`, sorted by name; a missing folder holds no sets.

    Files without the key `sets` belong to other parts of the program and are passed over.
    """
    library: dict[str, dict[str, RawSet]] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
        node = read_yaml(path)
        if any(key.raw.value == "sets" for key, _ in node.entries("a phrase file")):
            _read_file(node, library)
    return library


def _read_file(node: Node, library: dict[str, dict[str, RawSet]]) -> None:
    known = node.fields("a phrase file", ("format", "language", "sets"), ("language", "sets"))
    read_format(known.get("format"), node)
    sets = library.setdefault(known["language"].choice("language", LANGUAGES), {})
    for key, value in known["sets"].entries("sets"):
        set_id = key.text("a set's id")
        if set_id in sets:
            raise key.error(f"phrase set '{set_id}' is already defined at {sets[set_id].where}")
        inside = value.fields(f"phrase set '{set_id}'", ("note", "phrases", "except"), ("phrases",))
        if "note" in inside:
            inside["note"].text("note")
        phrases = [item.text("a phrase") for item in inside["phrases"].items("phrases")]
        phrases += ["!" + item.text("an exception") for item in inside["except"].items("except")] if "except" in inside else []
        if len(phrases) > MAX_PHRASES:
            raise value.error(f"phrase set '{set_id}' holds {len(phrases)} phrases, {MAX_PHRASES} are the limit")
        sets[set_id] = RawSet(set_id, tuple(phrases), key.where)


@dataclass(slots=True)
class PhraseLibrary:
    """Resolves references for one language; equal lists of phrases are compiled once. Remembers which sets were used."""

    language: str
    sets: dict[str, RawSet]
    used: set[str] = field(default_factory=set)
    _compiled: dict[tuple[str, ...], PhraseSet] = field(default_factory=dict)

    def for_one_file(self) -> PhraseLibrary:
        """Return a resolver that shares what is compiled but counts the used sets anew."""
        return PhraseLibrary(self.language, self.sets, set(), self._compiled)

    def resolve(self, node: Node, exceptions: Node | None = None) -> tuple[PhraseSet, tuple[str, ...]]:
        """Return the compiled phrases of a list (or one phrase) and the list as written."""
        source = tuple(item.text("a phrase") for item in node.one_or_more("any"))
        phrases: list[str] = []
        for item in node.one_or_more("any"):
            phrases += self._expand(item)
        if not phrases:
            raise node.error("there is no phrase to look for")
        for item in exceptions.one_or_more("except") if exceptions else ():
            phrases += ["!" + phrase for phrase in self._expand(item) if not phrase.startswith("!")]
        return self._compile(tuple(phrases), node), source

    def _expand(self, item: Node) -> Iterable[str]:
        text = item.text("a phrase")
        if not text.startswith("$") or text == "$":
            return (text,)
        name = text[1:]
        if name not in self.sets:
            like = nearest(name, self.sets)
            raise item.error(
                f"phrase set '{name}' does not exist for language '{self.language}'",
                f"did you mean '${like}'?" if like else "add it to a file in the folder phrases",
            )
        self.used.add(name)
        return self.sets[name].phrases

    def _compile(self, phrases: tuple[str, ...], node: Node) -> PhraseSet:
        if phrases not in self._compiled:
            try:
                self._compiled[phrases] = compile_phrases(phrases, self.language, where=node.where)
            except RubricError:
                raise
            except ValueError as exc:
                raise node.error(f"a phrase cannot be read: {exc}") from exc
        return self._compiled[phrases]

    def fingerprint(self, names: Iterable[str]) -> str:
        """Return a sha256 over the text of the named sets, in order of name."""
        digest = hashlib.sha256()
        for name in sorted(names):
            digest.update(("\0".join((name, *self.sets[name].phrases)) + "\1").encode())
        return digest.hexdigest()
