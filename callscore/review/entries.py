"""What people do at the desk, as frozen records, and their lines in the journal. Pure.

To add a kind: a record below, its line in KINDS, what the fold does with it in review/fold.py. A callscore that does not know a
kind keeps it in the journal and passes over it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Literal, get_args, get_type_hints

from callscore.records import Role, Verdict

__all__ = [
    "KINDS",
    "MAX_CHARS",
    "AppealDecided",
    "AppealFiled",
    "CallSeen",
    "ClipRemoved",
    "ClipTaken",
    "Discussed",
    "Entry",
    "RoleCorrected",
    "Sample",
    "SampleDrawn",
    "SessionOpened",
    "TextCorrected",
    "UnknownEntry",
    "VerdictGiven",
    "from_json",
    "to_json",
]

FORMAT: Final = 1
MAX_CHARS: Final = 20_000
"""The longest text an entry may hold: a comment, not a file."""

Sample = Literal["random", "flagged", "appeal", "blind", ""]
"""How the reviewer came to the call; empty: by name, by search. Only random ones say how often the machine is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the journal: `id` is a uuid4 in hexadecimal, `at` aware UTC, `who` the login of the person."""

    id: str
    at: datetime
    who: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{32}", self.id):
            raise ValueError(f"id must be 32 hexadecimal digits, got {self.id[:40]!r}")
        if self.at.tzinfo is None or self.at.utcoffset() != UTC.utcoffset(None):
            raise ValueError(f"at must be aware UTC, got {self.at!r}")
        for field in fields(self):
            value = getattr(self, field.name)
            for text in value if isinstance(value, tuple) else (value,):
                if isinstance(text, str):
                    _check_text(field.name, text)
            if isinstance(value, int):
                _check_whole(field.name, value)
        for name in _NEEDED & {field.name for field in fields(self)}:
            if not getattr(self, name):
                raise ValueError(f"{name} must not be empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictGiven(Entry):
    """A person's verdict on a criterion: `old` is what stood there, `new` what the person says; both alike: confirmed.

    `session` is the id of the calibration session it was given in, empty outside of one.
    """

    call_id: str
    rubric: str
    rubric_version: int
    criterion: str
    old: Verdict
    new: Verdict
    reason: str = ""
    sample: Sample = ""
    session: str = ""

    def __post_init__(self) -> None:
        Entry.__post_init__(self)
        if self.sample not in get_args(Sample):
            raise ValueError(f"sample must be one of {get_args(Sample)}, got {self.sample!r}")
        if (self.sample == "blind") > bool(self.session):
            raise ValueError("a blind verdict belongs to a session")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCorrected(Entry):
    """A word (`word_no`), or the whole turn (None), as a person hears it; `old` is the text that stood there."""

    call_id: str
    turn_no: int
    word_no: int | None
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCorrected(Entry):
    """Who really speaks in a turn."""

    call_id: str
    turn_no: int
    old: Role
    new: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealFiled(Entry):
    """An operator contests the verdict on a criterion."""

    appeal_id: str
    call_id: str
    rubric: str
    criterion: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealDecided(Entry):
    """The answer to an appeal. The verdict itself changes by a VerdictGiven beside it, never by this entry alone."""

    appeal_id: str
    accepted: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipTaken(Entry):
    """A piece of a call put into a named collection; ms from the start of the call, `end_ms` exclusive."""

    clip_id: str
    collection: str
    call_id: str
    start_ms: int
    end_ms: int
    note: str = ""

    def __post_init__(self) -> None:
        Entry.__post_init__(self)
        if not 0 <= self.start_ms < self.end_ms:
            raise ValueError(f"a clip must lie in the call and not be empty, got {self.start_ms}..{self.end_ms}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRemoved(Entry):
    """A clip taken out of its collection."""

    clip_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Discussed(Entry):
    """A criterion was talked over with an operator."""

    operator: str
    criterion: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened(Entry):
    """Several reviewers are to judge the same calls, each without seeing the others' verdicts."""

    session_id: str
    title: str
    rubric: str
    call_ids: tuple[str, ...]
    reviewers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDrawn(Entry):
    """Calls drawn by lot, in the order in which to review them; see review/sample.py.

    `half_width` 0..1 is the precision it was drawn for, None where the number was given; `population` counts the calls it was
    drawn from: scored under `rubric` (empty: any), started from `since` to before `until` (None: no limit).
    """

    sample_id: str
    rubric: str
    since: datetime | None
    until: datetime | None
    half_width: float | None
    seed: int
    population: int
    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSeen(Entry):
    """A person is done with a call."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEntry(Entry):
    """An entry of a newer callscore: kept as it is (`line`), and passed over."""

    kind: str
    line: str

    def __post_init__(self) -> None:
        # Nothing is known of it but that it is there.
        return


KINDS: Final[Mapping[str, type[Entry]]] = {
    "verdict": VerdictGiven,
    "text": TextCorrected,
    "role": RoleCorrected,
    "appeal": AppealFiled,
    "decision": AppealDecided,
    "clip": ClipTaken,
    "clip_removed": ClipRemoved,
    "discussed": Discussed,
    "session": SessionOpened,
    "sample": SampleDrawn,
    "seen": CallSeen,
}
_NAMES: Final = {record: name for name, record in KINDS.items()}
_SHORT: Final = frozenset({"turn_no", "word_no", "rubric_version"})
"""Fields that the store keeps in 32 bits."""
_NEEDED: Final = frozenset(
    {"who", "call_id", "criterion", "appeal_id", "clip_id", "collection", "operator", "session_id"}
    | {"sample_id", "call_ids", "reviewers"}
)


def to_json(entry: Entry) -> str:
    """Return the entry as one line without its end.

    >>> seen = CallSeen(id="0" * 32, at=datetime(2026, 10, 5, 9, tzinfo=UTC), who="olga", call_id="c1")
    >>> to_json(seen)
    '{"v":1,"kind":"seen","id":"00000000000000000000000000000000","at":"2026-10-05T09:00:00.000000Z","who":"olga","call_id":"c1"}'
    >>> from_json(to_json(seen)) == seen
    True
    """
    if isinstance(entry, UnknownEntry):
        return entry.line
    values = {field.name: _plain(getattr(entry, field.name)) for field in fields(entry)}
    return json.dumps({"v": FORMAT, "kind": _NAMES[type(entry)], **values}, ensure_ascii=False, separators=(",", ":"))


def from_json(line: str) -> Entry:
    """Return the entry of a line.

    Raises:
        ValueError: if it is none: no JSON object, a field missing, unknown or of another type, a value that cannot be.
    """
    try:
        data = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - a wrong line, not a wrong call
    version, kind = data.pop("v", None), data.pop("kind", None)
    if type(version) is not int or version < 1 or not isinstance(kind, str) or not kind:
        raise ValueError("no version or no kind")
    if version > FORMAT or kind not in KINDS:
        at = _read_moment(data.get("at"))
        return UnknownEntry(id=_read_text(data.get("id")), at=at, who=_read_text(data.get("who")), kind=kind, line=line)
    record: Any = KINDS[kind]
    readers = _readers(record)
    if strange := sorted(set(data) ^ set(readers)):
        raise ValueError(f"{kind}: missing or unknown: {', '.join(strange)[:200]}")
    entry: Entry = record(**{name: _read_field(name, read, data[name]) for name, read in readers.items()})
    return entry


def _check_text(name: str, text: str) -> None:
    if len(text) > MAX_CHARS:
        raise ValueError(f"{name} must have at most {MAX_CHARS} characters, got {len(text)}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be text that can be written as UTF-8") from None


def _check_whole(name: str, value: int) -> None:
    bits = 31 if name in _SHORT else 63
    if not 0 <= value < 2**bits:
        raise ValueError(f"{name} must be 0 or more and below 2**{bits}, got {str(value)[:40]}")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return list(value) if isinstance(value, tuple) else value


@cache
def _readers(record: type[Entry]) -> Mapping[str, Callable[[Any], object]]:
    hints = get_type_hints(record)
    readers: Any = _READERS
    return {field.name: readers[hints[field.name]] for field in fields(record)}


def _read_field(name: str, read: Callable[[Any], object], value: Any) -> object:
    try:
        return read(value)
    except ValueError as exc:
        raise ValueError(f"{name}: {exc}") from None


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a text")  # noqa: TRY004 - as above
    return value


def _read_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("must be a list of texts")  # noqa: TRY004 - as above
    return tuple(map(_read_text, value))


def _read_whole(value: Any) -> int:
    # True is an int to Python.
    if type(value) is not int:
        raise ValueError("must be a whole number")
    return value


def _read_share(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ValueError("must be a number 0..1")
    return float(value)


def _read_flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("must be true or false")
    return value


def _read_moment(value: Any) -> datetime:
    text = _read_text(value)
    if not text.endswith(("Z", "+00:00")):
        raise ValueError("must be a time in UTC")
    return datetime.fromisoformat(text)


def _or_none(read: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: None if value is None else read(value)


_READERS: Final[Mapping[Any, Callable[[Any], object]]] = {
    str: _read_text,
    Sample: _read_text,
    tuple[str, ...]: _read_texts,
    int: _read_whole,
    int | None: _or_none(_read_whole),
    float | None: _or_none(_read_share),
    bool: _read_flag,
    datetime: _read_moment,
    datetime | None: _or_none(_read_moment),
    Verdict: Verdict,
    Role: Role,
}
