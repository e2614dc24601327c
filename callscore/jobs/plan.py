"""Which calls need work, and how much of it: hearing is slow, scoring what was heard is not. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callscore.records import RecordedCall

__all__ = ["Fingerprint", "Plan", "PlannedCall", "Settings", "plan_calls", "rescored_fingerprint", "scoring_part"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Hashes of the settings that hearing and scoring depend on."""

    hearing: str
    scoring: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a call's dialogue depends on, and beyond it its verdicts: the call's facts and the rubrics. Stored as one text.

    `rescore` replaces the last part alone: it changes neither what was heard nor what is known about the call.
    """

    hearing: str
    facts: str
    scoring: str

    @property
    def text(self) -> str:
        """The form in the store."""
        return f"{self.hearing}.{self.facts}.{self.scoring}"


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call to process; `is_heard` where its stored dialogue is still good and only the verdicts are stale."""

    record: RecordedCall
    fingerprint: Fingerprint
    is_heard: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls to process, and how many were done before."""

    todo: tuple[PlannedCall, ...]
    n_skipped: int


def plan_calls(
    calls: Iterable[RecordedCall], done: Mapping[str, str], settings: Settings, scripts: Mapping[str, str] | None = None
) -> Plan:
    """Return the calls that are new or stale, in the given order.

    Args:
        calls: what was found.
        done: fingerprint by call_id of the calls that are stored.
        settings: hashes of the settings.
        scripts: hash by call_id of a transcript that takes the place of hearing.
    """
    todo: list[PlannedCall] = []
    n_skipped = 0
    for call in calls:
        fingerprint = _fingerprint(call, settings, (scripts or {}).get(call.info.call_id, ""))
        stored = done.get(call.info.call_id, "")
        if stored == fingerprint.text:
            n_skipped += 1
        else:
            todo.append(PlannedCall(call, fingerprint, is_heard=stored.split(".")[0] == fingerprint.hearing))
    return Plan(todo=tuple(todo), n_skipped=n_skipped)


def scoring_part(scoring: str) -> str:
    """Return the last part of the fingerprint of a call scored under the settings `scoring`."""
    return _hash(scoring)


def rescored_fingerprint(stored: str, scoring: str) -> str:
    """Return the fingerprint of a stored call after it was scored again; `scoring` is a scoring_part.

    One of two parts, as earlier versions wrote it, does not tell the facts: the next `ingest` scores that call once more.

    >>> rescored_fingerprint("aa.bb.cc", "dd"), rescored_fingerprint("aa.bb", "dd")
    ('aa.bb.dd', 'aa..dd')
    """
    parts = stored.split(".")
    facts = parts[1] if len(parts) == 3 else ""
    return Fingerprint(parts[0], facts, scoring).text


def _fingerprint(call: RecordedCall, settings: Settings, script: str) -> Fingerprint:
    """Hash what the results depend on; not the path, so that a recording that was moved is not heard again."""
    info = call.info
    # The facts that tell roles and language; the others matter to verdicts and reports only.
    facts = (info.direction, info.operator_channel, info.language)
    hearing = _hash(call.recording.sha256, facts, settings.hearing, script)
    everything = tuple((name, getattr(info, name)) for name in sorted(info.__slots__))
    return Fingerprint(hearing, _hash(everything), scoring_part(settings.scoring))


def _hash(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:32]
