"""Which legs of FreeSWITCH belong to one call: each channel has a record of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callscore.outside.phones import LONGEST_EXTENSION
from callscore.sources.freeswitch.legs import FsLeg

__all__ = ["FsCall", "group_legs"]


@dataclass(frozen=True, slots=True)
class FsCall:
    """The leg that began a call, and those that were made for it."""

    first: FsLeg
    others: tuple[FsLeg, ...]


def group_legs(legs: Iterable[FsLeg]) -> tuple[FsCall, ...]:
    """Return the calls that legs make up, in order of start; of two records of one leg the one with variables counts.

    Legs that were made for a call which is not there (legs to agents, mostly) are left out.
    """
    known: dict[str, FsLeg] = {}
    for leg in legs:
        if leg.is_rich or leg.uuid not in known or not known[leg.uuid].is_rich:
            known[leg.uuid] = leg
    makers = _makers(known)
    members: dict[str, list[FsLeg]] = {}
    for leg in known.values():
        members.setdefault(_root(leg.uuid, makers), []).append(leg)
    calls = (
        FsCall(known[uuid], tuple(sorted((leg for leg in group if leg.uuid != uuid), key=lambda leg: leg.start)))
        for uuid, group in members.items()
        if uuid in known
    )
    return tuple(sorted(calls, key=lambda call: call.first.start))


def _makers(known: Mapping[str, FsLeg]) -> dict[str, str]:
    """Return by which leg a leg was made; "" where that is not told."""
    makers = {leg.uuid: leg.originator for leg in known.values() if leg.is_second}
    # Each of two legs may name the other: the one that came later, or was shorter, was made for the first.
    for leg in sorted(known.values(), key=lambda leg: (leg.start, leg.start - leg.end)):
        for uuid in (leg.partner, *(talk.uuid for talk in leg.talks)):
            is_other = leg.uuid not in makers and uuid in known and uuid != leg.uuid
            if is_other and not makers.get(uuid) and known[uuid].start >= leg.start:
                makers[uuid] = leg.uuid
    return makers | _nested(known, makers)


def _nested(known: Mapping[str, FsLeg], makers: Mapping[str, str]) -> dict[str, str]:
    """Return the lines of phones that were rung in vain: a line names one other leg at most, the one that was taken.

    Such a line goes from the same caller to an extension, within the time of his call.
    """
    by_caller: dict[str, list[FsLeg]] = {}
    for leg in known.values():
        if leg.uuid not in makers and len(leg.caller) > LONGEST_EXTENSION:
            by_caller.setdefault(leg.caller, []).append(leg)
    found: dict[str, str] = {}
    for legs in by_caller.values():
        around: list[FsLeg] = []
        for leg in sorted(legs, key=lambda leg: (leg.start, leg.start - leg.end)):
            around = [other for other in around if other.end > leg.start]
            outer = next((other for other in around if other.end >= leg.end), None)
            is_plain = not leg.is_rich and not leg.partner and re.fullmatch(r"\d{1,6}", leg.target)
            if outer is not None and is_plain and leg.answer is None:
                found[leg.uuid] = outer.uuid
            else:
                around.append(leg)
    return found


def _root(uuid: str, makers: Mapping[str, str]) -> str:
    """Return the leg that began it all; of legs that claim to have made each other, any one, but the same for all."""
    seen: list[str] = []
    while uuid in makers and uuid not in seen:
        seen.append(uuid)
        uuid = makers[uuid]
    return min(seen[seen.index(uuid) :]) if uuid in seen else uuid
