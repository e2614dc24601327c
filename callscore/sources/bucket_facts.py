"""What is known of a recording in a bucket: a row of a table, a sidecar, its name, its folder -> one call record. Pure.

Facts are texts by the fields of the dictionary of headings, so that all places speak one language, and Russian as well.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from callscore.outside.cells import parse_duration, parse_moment
from callscore.outside.columns import CALLS, Columns, is_in_minutes
from callscore.outside.pages import Tools
from callscore.outside.rows import RowError
from callscore.outside.table_line import cell_text
from callscore.outside.times import from_epoch, from_text
from callscore.records import CallRecord, RecordingLink
from callscore.sources.call_rows import CallReader

__all__ = ["FOLDER_DATE", "Facts", "Reading", "call_record", "count_known", "name_facts", "row_facts"]

Facts = dict[str, str]

FOLDER_DATE: Final = "only-folder-date"
"""Tag of a call of which nothing is known but the date of the folder its recording lies in; it starts at midnight."""

_TIMES: Final = ("y", "m", "d", "ymd", "hms", "h", "min", "s", "epoch")
_DURATIONS: Final = ("wait_s", "ring_s", "talk_s", "total_s", "duration_s")
_TOLD: Final = ("disposition", *_DURATIONS)
_WHO: Final = ("direction", "operator_id", "operator_name", "extension", "client_phone")
_LONG_NUMBER: Final = 7
# FreePBX names files <type>-<dest>-<from>-...; what <dest> is depends on the type.
_DEST_IS: Final[Mapping[str, str]] = {
    "in": "line_phone", "q": "queue", "rg": "queue", "external": "extension", "exten": "extension",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Whose calls are read, the zone of times without one, and the region of phones without one."""

    account: str
    tools: Tools

    @property
    def zone(self) -> str:
        """The zone of times without an offset."""
        return self.tools.timezone


def count_known(cells: Iterable[str]) -> int:
    """Return how many cells are headings that row_facts knows."""
    return CALLS.count(cells)


def row_facts(row: Mapping[Any, Any], reading: Reading) -> Facts:
    """Return a row of a table, or a sidecar, by field; what is empty or unknown is left out.

    Raises:
        RowError: for a time or a duration that is none.
    """
    given = {str(name): cell_text(value).strip() for name, value in row.items()}
    found = {name: given[heading] for name, heading in _headings(tuple(given)).items() if given[heading]}
    if "date" in found:
        at = parse_moment(found.pop("date"), reading.zone, found.pop("time", ""), name="the start")
        found |= {"started_at": at.isoformat()} if at else {}
    for name, heading in _headings(tuple(given)).items():
        if name in _DURATIONS and name in found and is_in_minutes(heading):
            found[name] = str((parse_duration(found[name], in_minutes=True, name=name) or 0) / 1000)
    return found


def name_facts(key: str, patterns: Iterable[re.Pattern[str]], reading: Reading) -> Facts:
    """Return what the first pattern that fits tells by its named groups; nothing where none does.

    Groups: y, m, d, ymd or date; hms, time or h, min, s; epoch; those of tables (direction, client, ext, did, queue,
    operator, call_id...); and FreePBX's type, dest and from, whose meaning depends on the type.

    Raises:
        RowError: for a time that is none.
    """
    found = next((match for match in (pattern.search(key) for pattern in patterns) if match), None)
    groups = {name: value for name, value in (found.groupdict() if found else {}).items() if value}
    is_freepbx = {"type", "dest", "from"} <= set(groups)
    left_out = (*_TIMES, "date", "time", *(("type", "dest", "from") if is_freepbx else ()))
    facts = row_facts({name: value for name, value in groups.items() if name not in left_out}, reading)
    at = _group_time(groups, reading.zone)
    return {**(_freepbx(groups) if is_freepbx else {}), **facts, **({"started_at": at.isoformat()} if at else {})}


def call_record(facts: Facts, key: str, reading: Reading, row: Facts | None = None) -> CallRecord:
    """Return the call that facts tell of; `key` is the recording's, empty for a call without one; `row` is a table's.

    A call without an id gets one made of its row, so that it stays the same when the recording comes later, or else of the
    recording's place.

    Raises:
        RowError: if nobody tells when it was, or a value cannot be understood.
    """
    values = {name: text for name, text in facts.items() if name in CALLS.fields and name != "recording"}
    if key:
        values["recording"] = "there"
        if not any(values.get(name) for name in _TOLD) and any(values.get(name) for name in _WHO):
            # A recording begins when a person answers, unless somebody says that nobody did.
            values["disposition"] = "answered"
    record = _read(values, reading)
    call_id = record.call_id
    if "call_id" not in values and key:
        made_of_row = _read(row, reading).call_id if row and "started_at" in row else ""
        call_id = made_of_row or hashlib.sha256(key.encode()).hexdigest()[:20]
    channel = record.recordings[0].client_channel if record.recordings else None
    return replace(
        record,
        source="bucket",
        call_id=call_id,
        tags=(*record.tags, *((FOLDER_DATE,) if FOLDER_DATE in facts else ())),
        recordings=(RecordingLink(rec_id=key, client_channel=channel),) if key else (),
    )


def _read(values: Facts, reading: Reading) -> CallRecord:
    reader = CallReader(Columns({name: name for name in values}, ()), reading.account, reading.tools)
    if "started_at" not in values:
        raise RowError("neither a table, a sidecar, the name nor the folder tells when the call was")
    return reader.read(values, reader.started_at(values))


@functools.lru_cache(maxsize=256)
def _headings(header: tuple[str, ...]) -> Mapping[str, str]:
    return CALLS.guess(header).headings


def _freepbx(groups: Mapping[str, str]) -> Facts:
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
    day = day or "".join(groups[name].zfill(2) for name in ("y", "m", "d") if name in groups)
    clock = re.sub(r"\D", "", groups.get("hms") or groups.get("time") or "")
    clock = clock or "".join(groups[name].zfill(2) for name in ("h", "min", "s") if name in groups)
    if len(day) != 8 or len(clock) not in (4, 6):
        return None
    clock = clock.ljust(6, "0")
    return from_text(f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}", zone)
