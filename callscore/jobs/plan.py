"""Which calls need work: those never done, or done from another recording, other facts or other settings. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from callscore.records import CallInfo, CallRecord

__all__ = ["Plan", "fingerprint_call", "plan_calls"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls to process, each with its fingerprint, and how many were done before."""

    todo: tuple[tuple[CallRecord, str], ...]
    n_skipped: int


def fingerprint_call(call: CallRecord, settings: str) -> str:
    """Return what a call's result depends on, as one hash: the recording's bytes, the facts, the settings.

    The path is not part of it: a recording that was moved is not heard again.
    """
    return hashlib.sha256("\x1f".join((call.recording.sha256, _facts(call.info), settings)).encode()).hexdigest()


def plan_calls(
    calls: Iterable[CallRecord], done: Mapping[str, str], settings: str, script_of: Callable[[CallRecord], str] = lambda _: ""
) -> Plan:
    """Return the calls whose fingerprint differs from the one in `done` (call_id to fingerprint), in the given order.

    `script_of` gives the hash of a transcript that a call's result depends on, empty where there is none.
    """
    todo: list[tuple[CallRecord, str]] = []
    n_skipped = 0
    for call in calls:
        fingerprint = fingerprint_call(call, settings + script_of(call))
        if done.get(call.info.call_id) == fingerprint:
            n_skipped += 1
        else:
            todo.append((call, fingerprint))
    return Plan(todo=tuple(todo), n_skipped=n_skipped)


def _facts(info: CallInfo) -> str:
    return repr([(name, str(getattr(info, name))) for name in CallInfo.__slots__])
