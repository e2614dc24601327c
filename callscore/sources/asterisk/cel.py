"""Channel events (CEL) -> the few facts that rows of CDR do not tell: ids, lines dialled, names, transfers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from callscore.outside.rows import RowError, clean_text
from callscore.outside.times import from_epoch
from callscore.records import LegKind
from callscore.sources.asterisk.channels import CallRules
from callscore.sources.asterisk.clock import RowClock, parse_time
from callscore.sources.asterisk.queue_log import Transfer

__all__ = ["CEL_COLUMNS", "NO_CEL", "CelEvent", "CelFacts", "gather_cel", "parse_cel"]

CEL_COLUMNS: Final = (
    *("eventtype", "eventtime", "cidname", "cidnum", "ani", "rdnis", "dnid", "exten", "context", "channame", "appname"),
    *("appdata", "amaflags", "accountcode", "uniqueid", "linkedid", "bridgepeer", "userfield", "userdeftype", "eventextra"),
)
"""The order in the file that cel_custom.conf comes with."""
_SYNONYMS: Final = {
    "cidname": "cid_name",
    "cidnum": "cid_num",
    "dnid": "cid_dnid",
    "eventextra": "extra",
    "channame": "channel",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CelEvent:
    """One event; texts that are not there are empty."""

    event: str
    at: datetime
    uniqueid: str
    linkedid: str
    channel: str
    exten: str
    dnid: str
    number: str
    name: str
    extra: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CelFacts:
    """What events tell: `linked` and `channels` by uniqueid, lines dialled and `transfers` by linkedid, names by extension."""

    linked: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    transfers: Mapping[str, Sequence[Transfer]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


_SHORTEST_LINE: Final = 7
NO_CEL: Final = CelFacts()


def parse_cel(columns: Mapping[str, Any], clock: RowClock) -> CelEvent:
    """Return an event from its columns, by the names of cel_custom or those of the table.

    Raises:
        RowError: no type, or a time that is none.
    """

    def text(name: str) -> str:
        value = columns.get(name)
        return clean_text(str(columns.get(_SYNONYMS.get(name, name), "") if value is None else value))

    uniqueid, written = text("uniqueid"), text("eventtime")
    if not text("eventtype"):
        raise RowError("eventtype is missing")
    if written.replace(".", "", 1).isdecimal():
        at = from_epoch(written)
    else:
        naive = parse_time(written, "eventtime")
        at = None if naive is None else clock.read(naive, uniqueid)
    if at is None:
        raise RowError("eventtime is missing")
    return CelEvent(
        event=text("eventtype").upper().replace(" ", "_"),
        at=at,
        uniqueid=uniqueid,
        linkedid=text("linkedid"),
        channel=text("channame"),
        exten=text("exten"),
        dnid=text("dnid"),
        number=text("cidnum"),
        name=text("cidname"),
        extra=str(columns.get("eventextra") or columns.get("extra") or ""),
    )


def gather_cel(events: Iterable[CelEvent], rules: CallRules) -> CelFacts:
    """Return what events, in order of time, tell. A channel that is bridged away gets another linkedid: the last one counts."""
    linked: dict[str, str] = {}
    channels: dict[str, str] = {}
    lines: dict[str, str] = {}
    names: dict[str, str] = {}
    transfers: dict[str, list[Transfer]] = {}
    for event in events:
        if event.uniqueid and event.linkedid:
            linked[event.uniqueid] = event.linkedid
        if event.uniqueid and event.channel:
            channels[event.uniqueid] = event.channel
        extension = rules.extension_of(event.channel)
        if extension and event.number == extension and event.name and event.name != extension:
            names.setdefault(extension, event.name)
        if not extension and event.uniqueid == event.linkedid:
            for dialled in (event.dnid, event.exten):
                if len(dialled) >= _SHORTEST_LINE:
                    lines.setdefault(event.linkedid, dialled)
        if event.event in ("BLINDTRANSFER", "ATTENDEDTRANSFER"):
            transfers.setdefault(event.linkedid, []).append(_transfer(event, rules))
    return CelFacts(linked=linked, channels=channels, lines=lines, transfers=transfers, names=names)


def _transfer(event: CelEvent, rules: CallRules) -> Transfer:
    try:
        extra = json.loads(event.extra or "{}")
    except (ValueError, RecursionError):
        extra = {}
    told = extra if isinstance(extra, dict) else {}
    if event.event == "BLINDTRANSFER":
        return Transfer(event.at, clean_text(str(told.get("extension") or "")), LegKind.TRANSFER_BLIND)
    target = str(told.get("transfer_target_channel_name") or told.get("channel2_name") or "")
    return Transfer(event.at, rules.extension_of(target) or "", LegKind.TRANSFER_ATTENDED)
