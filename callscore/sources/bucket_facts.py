"""What is known of a recording in a bucket: rows of a table, a sidecar, its name, its folder -> one call record. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from callscore.outside.phones import parse_phone
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_epoch, from_text, later
from callscore.records import CallRecord, Direction, Disposition, RecordingLink

__all__ = ["FOLDER_DATE", "Facts", "Reading", "call_record", "client_channel", "count_known", "name_facts", "row_facts"]

Facts = Mapping[str, Any]

FOLDER_DATE: Final = "only-folder-date"
"""Tag of a call of which nothing is known but the date of the folder its recording lies in; it starts at midnight."""

_IN, _OUT = Direction.INBOUND, Direction.OUTBOUND
_DIRECTIONS: Final[Mapping[str, Direction]] = MappingProxyType({
    **dict.fromkeys(("in", "inbound", "incoming", "вх", "входящий", "входящая", "q", "rg", "queue"), _IN),
    **dict.fromkeys(("out", "outbound", "outgoing", "исх", "исходящий", "исходящая"), _OUT),
    **dict.fromkeys(("internal", "внутренний", "внутренняя"), Direction.INTERNAL),
    **dict.fromkeys(("callback", "обратный", "обратный звонок"), Direction.CALLBACK),
})  # fmt: skip
_DISPOSITIONS: Final[Mapping[str, Disposition]] = MappingProxyType({
    **{str(word): word for word in Disposition},
    **dict.fromkeys(("answer", "success", "ok", "отвечен", "принят", "принятый", "успешный"), Disposition.ANSWERED),
    **dict.fromkeys(("no answer", "noanswer", "missed", "пропущен", "пропущенный", "нет ответа", "не отвечен"),
                    Disposition.NO_ANSWER),
    **dict.fromkeys(("cancel", "cancelled", "canceled", "hung-up", "потерян", "сброшен"), Disposition.ABANDONED),
    "занято": Disposition.BUSY,
})  # fmt: skip
# Other words that tables, sidecars and patterns have for the same thing.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "file": ("file", "recording", "filename", "file_name", "path", "key", "record"),
    "call_id": ("call_id", "uniqueid", "linkedid", "uuid", "id"),
    "started_at": ("started_at", "start", "date_time", "datetime", "calldate", "start_time"),
    "direction": ("direction", "type"),
    "client_phone": ("client_phone", "client", "phone"),
    "line_phone": ("line_phone", "did", "line", "trunk"),
    "operator_id": ("operator_id", "agent_id", "user_id"),
    "operator_name": ("operator_name", "operator", "agent", "user"),
    "extension": ("extension", "ext", "operator_ext"),
    "queue": ("queue", "group"),
    "wait_s": ("wait_s", "wait"),
    "ring_s": ("ring_s",),
    "talk_s": ("talk_s", "talk", "billsec"),
    "total_s": ("total_s", "duration"),
    "disposition": ("disposition", "status", "result"),
    "missed_reason": ("missed_reason",),
    "operator_channel": ("operator_channel",),
    "campaign": ("campaign",),
})  # fmt: skip
_KNOWN: Final = frozenset(other for others in _NAMES.values() for other in others)
_LONG_NUMBER: Final = 7
# FreePBX names files <type>-<dest>-<from>-...; what <dest> is depends on the type.
_DEST_IS: Final[Mapping[str, str]] = MappingProxyType({
    "in": "line_phone", "q": "queue", "rg": "queue", "out": "client_phone", "external": "extension", "exten": "extension",
})  # fmt: skip
_CHANNELS: Final = MappingProxyType({"left": 0, "l": 0, "0": 0, "right": 1, "r": 1, "1": 1})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read what has no unit of its own, and whose calls they are."""

    account: str
    timezone: str
    region: str


def count_known(cells: Iterable[str]) -> int:
    """Return how many cells are headings that row_facts knows."""
    return sum(cell.strip().lower() in _KNOWN for cell in cells)


def row_facts(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row of a table or a sidecar under the names of this module; what is empty is left out.

    >>> row_facts({"Recording": "a.mp3", "did": "+74950000001", "talk_s": ""})
    {'file': 'a.mp3', 'line_phone': '+74950000001'}
    """
    given = {str(name).strip().lower(): value for name, value in row.items() if value not in (None, "", [], {})}
    found = {}
    for name, others in _NAMES.items():
        value = next((given[other] for other in others if other in given), None)
        if value is not None:
            found[name] = value
    return found


def name_facts(key: str, patterns: Iterable[re.Pattern[str]], reading: Reading) -> dict[str, Any]:
    """Return what the first pattern that fits tells by its named groups; nothing where none does.

    Groups: y, m, d, ymd or date; hms, time or h, min, s; epoch; those of tables (direction, client, ext, did, queue,
    operator, call_id...); and FreePBX's type, dest and from, whose meaning depends on the type.
    """
    found = next((match for match in (pattern.search(key) for pattern in patterns) if match), None)
    if found is None:
        return {}
    groups = {name: value for name, value in found.groupdict().items() if value}
    facts = row_facts({name: value for name, value in groups.items() if name != "type" or "dest" not in groups})
    if {"type", "dest", "from"} <= set(groups):
        facts = _freepbx(groups) | facts
    at = _group_time(groups, reading.timezone)
    return facts | ({"started_at": at} if at is not None else {})


def call_record(facts: Facts, links: tuple[RecordingLink, ...], reading: Reading) -> CallRecord:
    """Return the call that facts tell of; `links` are its recordings.

    A call without an id gets one made of its start, client, line, operator and talk, or of its recording's place.

    Raises:
        RowError: if nobody tells when it was, or a value cannot be understood.
    """
    row = Fields(facts)
    started_at = _time(facts.get("started_at"), reading.timezone)
    if started_at is None:
        raise RowError("neither a table, a sidecar, the name nor the folder tells when the call was")
    client = parse_phone(row.text("client_phone"), reading.region)
    talk_ms, wait_ms = row.duration_ms("talk_s"), row.duration_ms("wait_s")
    direction = _DIRECTIONS.get((row.text("direction") or "").lower())
    operator = tuple(row.text(name) for name in ("operator_id", "operator_name", "extension"))
    disposition = _DISPOSITIONS.get((row.text("disposition") or "").lower().replace("-", "_"), Disposition.UNKNOWN)
    if disposition is Disposition.UNKNOWN and (talk_ms or (links and talk_ms is None and (any(operator) or direction))):
        # A recording begins when a person answers, unless a table says that nobody did.
        disposition = Disposition.ANSWERED
    is_answered = disposition is Disposition.ANSWERED
    total_ms = row.duration_ms("total_s")
    return CallRecord(
        source="bucket",
        account=reading.account,
        call_id=row.text("call_id") or _made_id(facts, started_at, links),
        started_at=started_at,
        direction=direction,
        disposition=disposition,
        answered_at=later(started_at, wait_ms) if is_answered else None,
        ended_at=later(started_at, (wait_ms or 0) + talk_ms if total_ms is None and talk_ms is not None else total_ms),
        client_phone=client.e164,
        line_phone=parse_phone(row.text("line_phone"), reading.region).e164,
        operator_id=operator[0],
        operator_name=operator[1],
        extension=operator[2],
        queue=row.text("queue"),
        wait_ms=wait_ms,
        ring_ms=row.duration_ms("ring_s"),
        talk_ms=talk_ms,
        total_ms=total_ms,
        missed_reason=row.text("missed_reason"),
        campaign=row.text("campaign"),
        tags=(FOLDER_DATE,) if facts.get(FOLDER_DATE) else (),
        recordings=links,
    )


def client_channel(facts: Facts) -> int | None:
    """Return the channel of the client, where the facts name the operator's; a word that is none: None."""
    channel = _CHANNELS.get(str(facts.get("operator_channel", "")).strip().lower())
    return None if channel is None else 1 - channel


def _freepbx(groups: Mapping[str, str]) -> dict[str, Any]:
    kind, dest, caller = groups["type"].lower(), groups["dest"], groups["from"]
    is_long = len(re.sub(r"\D", "", caller)) >= _LONG_NUMBER
    if kind == "out":
        return {"direction": "out", "client_phone": dest, "extension": caller}
    if kind in _DEST_IS and (is_long or kind in ("in", "q", "rg")):
        return {"direction": "in", _DEST_IS[kind]: dest, "client_phone": caller}
    if is_long:
        return {"direction": "in", "client_phone": caller}
    return {"direction": "internal"} if kind in ("internal", "exten", "external") else {}


def _group_time(groups: Mapping[str, str], zone: str) -> datetime | None:
    if "epoch" in groups:
        return from_epoch(groups["epoch"])
    day = re.sub(r"\D", "", groups.get("ymd") or groups.get("date") or "")
    day = day or "".join(groups.get(name, "").zfill(2) for name in ("y", "m", "d") if name in groups)
    clock = re.sub(r"\D", "", groups.get("hms") or groups.get("time") or "")
    clock = clock or "".join(groups[name].zfill(2) for name in ("h", "min", "s") if name in groups)
    if len(day) != 8 or len(clock) not in (4, 6):
        return None
    clock = clock.ljust(6, "0")
    return from_text(f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}", zone)


def _time(value: object, zone: str) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return from_epoch(value, "started_at")
    if isinstance(value, str):
        text = value.strip()
        return from_epoch(text, "started_at") if re.fullmatch(r"\d{10}(\.\d+)?", text) else from_text(text, zone, "started_at")
    return None


def _made_id(facts: Facts, started_at: datetime, links: tuple[RecordingLink, ...]) -> str:
    told = [facts.get(name) for name in ("client_phone", "line_phone", "operator_id", "operator_name", "extension", "talk_s")]
    parts = [links[0].rec_id] if links else [started_at.astimezone(UTC).isoformat(), *map(str, told)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
