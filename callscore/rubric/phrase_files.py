"""rubrics/phrases/*.yaml -> phrase sets by language and id; the resolver turns `$set` and plain phrases into one set."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callscore.errors import RubricError, nearest
from callscore.phrases import PhraseSet, compile_phrases, parse_phrase
from callscore.rubric.nodes import Node, read_yaml

__all__ = ["FORMAT", "LANGUAGES", "PhraseLibrary", "RawSet", "read_format", "read_phrase_folder"]

FORMAT: Final = 1
LANGUAGES: Final = ("ru", "en")
MAX_PHRASES: Final = 5000
MAX_WAYS: Final = 20_000
"""Ways to say the phrases of one list, alternatives multiplied out: 4 s and 120 MB to prepare; the longest shipped has 433."""
MAX_WAYS_IN_ALL: Final = 100_000
"""The same for all the lists of one language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSet:
    """A phrase set as written: its phrases, then its exceptions with a leading `!`.

    `wheres` holds file:line of each phrase, `n_ways` how many wordings the phrases stand for.
    """

    id: str
    language: str
    phrases: tuple[str, ...]
    wheres: tuple[str, ...]
    n_ways: int
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
    language = known["language"].choice("language", LANGUAGES)
    sets = library.setdefault(language, {})
    for key, value in known["sets"].entries("sets"):
        set_id = key.text("a set's id")
        if set_id in sets:
            raise key.error(f"phrase set '{set_id}' is already defined at {sets[set_id].where}")
        sets[set_id] = _read_set(set_id, language, key, value)


def _read_set(set_id: str, language: str, key: Node, value: Node) -> RawSet:
    inside = value.fields(f"phrase set '{set_id}'", ("note", "phrases", "except"), ("phrases",))
    if "note" in inside:
        inside["note"].text("note")
    wanted = inside["phrases"].items("phrases")
    excluded = inside["except"].items("except") if "except" in inside else ()
    if not wanted:
        raise inside["phrases"].error(f"phrase set '{set_id}' holds no phrase")
    if len(wanted) + len(excluded) > MAX_PHRASES:
        raise value.error(
            f"phrase set '{set_id}' holds {len(wanted) + len(excluded)} phrases, {MAX_PHRASES} are the limit", "split it in two"
        )
    phrases = [item.text("a phrase") for item in wanted] + ["!" + item.text("an exception") for item in excluded]
    wheres = [item.where for item in (*wanted, *excluded)]
    n_ways = 0
    for phrase, where in zip(phrases, wheres, strict=True):
        n_ways += len(parse_phrase(phrase, where)[0])
        _refuse_too_many(n_ways, where)
    return RawSet(id=set_id, language=language, phrases=tuple(phrases), wheres=tuple(wheres), n_ways=n_ways, where=key.where)


def _refuse_too_many(n_ways: int, where: str) -> None:
    if n_ways > MAX_WAYS:
        raise RubricError(
            f"the phrases of one list can be said in more than {MAX_WAYS} ways",
            where=where,
            hint="use fewer brackets in a phrase, or split the list",
        )


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
        n_ways = 0
        for item in node.one_or_more("any"):
            found, ways = self._expand(item)
            phrases += found
            n_ways += ways
        if not phrases:
            raise node.error("there is no phrase to look for")
        for item in exceptions.one_or_more("except") if exceptions else ():
            found, ways = self._expand(item, is_exception=True)
            phrases += ["!" + phrase for phrase in found if not phrase.startswith("!")]
            n_ways += ways
        _refuse_too_many(n_ways, node.where)
        return self._compile(tuple(phrases), node), source

    def _expand(self, item: Node, *, is_exception: bool = False) -> tuple[tuple[str, ...], int]:
        """Return the phrases that an item stands for, and how many ways to say them."""
        text = item.text("a phrase")
        if not text.startswith("$") or text == "$":
            return (text,), len(parse_phrase("!" + text if is_exception else text, item.where)[0])
        name = text[1:]
        if name not in self.sets:
            like = nearest(name, self.sets)
            raise item.error(
                f"phrase set '{name}' does not exist for language '{self.language}'",
                f"did you mean '${like}'?" if like else "add it to a file in the folder phrases",
            )
        self.used.add(name)
        return self.sets[name].phrases, self.sets[name].n_ways

    def _compile(self, phrases: tuple[str, ...], node: Node) -> PhraseSet:
        if phrases not in self._compiled:
            self._compiled[phrases] = compile_phrases(phrases, self.language, where=node.where)
            if sum(len(one.variants) for one in self._compiled.values()) > MAX_WAYS_IN_ALL:
                raise node.error(
                    f"all phrases together can be said in more than {MAX_WAYS_IN_ALL} ways", "use fewer brackets in a phrase"
                )
        return self._compiled[phrases]

    def fingerprint(self, names: Iterable[str]) -> str:
        """Return a sha256 over the text of the named sets, in order of name."""
        digest = hashlib.sha256()
        for name in sorted(names):
            digest.update(("\0".join((name, *self.sets[name].phrases)) + "\1").encode())
        return digest.hexdigest()
