"""What people say of calls: labels, and optionally what was said by whom; and which stored call each one means. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from callscore.errors import ConfigError
from callscore.records import Role, Verdict
from callscore.units import Span

__all__ = ["Truth", "TruthCall", "TruthTurn", "match_calls"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTurn:
    """What one side said. `role` is whose time it is (a prompt: system), `side` to whom its words count, never system."""

    span: Span
    role: Role
    side: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthCall:
    """One labelled call, named by `call_id`, by `file`, or both (None: not given). `turns` is None where none are given."""

    call_id: str | None
    file: str | None
    labels: Mapping[str, Verdict]
    where: str
    call_type: str | None = None
    turns: tuple[TruthTurn, ...] | None = None

    @property
    def name(self) -> str:
        """How messages call it."""
        return self.call_id or self.file or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All labelled calls of a file; `n_blank` rows had no verdict yet and were left out."""

    calls: tuple[TruthCall, ...]
    file: str
    n_blank: int = 0


def match_calls(calls: Sequence[TruthCall], stored: Iterable[tuple[str, str | None]]) -> tuple[str | None, ...]:
    """Return the stored call each labelled call means, None for those that are not stored.

    A call is found by its id, else by the recording's name as stored, else by the file name without folders and extension.

    Args:
        calls: labelled calls.
        stored: id and recording (None: unknown) of each stored call.

    Raises:
        ConfigError: if a file name fits several stored calls, or two labelled calls mean the same stored one.
    """
    ids: set[str] = set()
    by_name: dict[str, set[str]] = defaultdict(set)
    by_stem: dict[str, set[str]] = defaultdict(set)
    for call_id, recording in stored:
        ids.add(call_id)
        if recording:
            by_name[_slashes(recording)].add(call_id)
            by_stem[_stem(recording)].add(call_id)
    found: dict[str, TruthCall] = {}
    matched: list[str | None] = []
    for call in calls:
        hit = _one_match(call, ids, by_name, by_stem)
        if hit is not None and hit in found:
            raise ConfigError(
                f"two labelled calls mean the stored call {hit!r}",
                where=f"{found[hit].where} and {call.where}",
                hint="keep one of them, or tell them apart by call_id",
            )
        if hit is not None:
            found[hit] = call
        matched.append(hit)
    return tuple(matched)


def _one_match(call: TruthCall, ids: set[str], by_name: Mapping[str, set[str]], by_stem: Mapping[str, set[str]]) -> str | None:
    if call.call_id in ids:
        return call.call_id
    if not call.file:
        return None
    hits = by_name.get(_slashes(call.file)) or by_stem.get(_stem(call.file)) or set()
    if len(hits) > 1:
        raise ConfigError(
            f"the file {call.file!r} may be any of {len(hits)} stored calls: {', '.join(sorted(hits)[:3])}",
            where=call.where,
            hint="name the call by call_id",
        )
    return next(iter(hits), None)


def _slashes(name: str) -> str:
    return name.replace("\\", "/")


def _stem(name: str) -> str:
    return PurePosixPath(_slashes(name)).stem
