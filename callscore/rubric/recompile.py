"""Records with their phrases compiled anew into lexicons of their own: a word is then compared with theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from callscore.phrases import PhraseSet, compile_phrases
from callscore.phrases.lexicon import Lexicon

__all__ = ["Recompiler"]

Record = TypeVar("Record")


class Recompiler:
    """Makes records that find the same as the given ones; all that one recompiler makes shares its lexicons."""

    def __init__(self) -> None:
        self._lexicons: dict[str, Lexicon] = {}
        self._made: dict[int, tuple[PhraseSet, PhraseSet]] = {}

    def __call__(self, value: Record) -> Record:
        """Return `value` with every phrase set in it replaced, however deep; what holds none is returned as it is."""
        return cast("Record", self._of(value))

    def _of(self, value: object) -> object:
        if isinstance(value, PhraseSet):
            return self._phrases(value)
        if isinstance(value, tuple):
            items = tuple(self._of(item) for item in value)
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        if isinstance(value, Mapping):
            return {key: self._of(item) for key, item in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            old = {field.name: getattr(value, field.name) for field in fields(value)}
            changed = {name: made for name, item in old.items() if (made := self._of(item)) is not item}
            return replace(value, **changed) if changed else value
        return value

    def _phrases(self, value: PhraseSet) -> PhraseSet:
        if id(value) not in self._made:
            lexicon = self._lexicons.setdefault(value.language, Lexicon(value.language))
            written = value.phrases + (value.exclusions.phrases if value.exclusions else ())
            # The old set is kept so that its id is not given to another one.
            self._made[id(value)] = (value, compile_phrases(written, value.language, lexicon=lexicon))
        return self._made[id(value)][1]
