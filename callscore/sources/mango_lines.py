"""Lines of MANGO OFFICE's old statistics -> common records; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from callscore.outside.pages import Reject
from callscore.outside.phones import phone_or_text
from callscore.outside.rows import RowError, clean_text
from callscore.outside.times import from_epoch
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.mango_rows import Account, User, by_reason, client_phone, distance_ms

__all__ = ["LINE_FIELDS", "read_lines"]

LINE_FIELDS: Final = (
    "records", "start", "finish", "answer", "from_extension", "from_number", "to_extension", "to_number", "disconnect_reason",
    "line_number", "location", "entry_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: one operator's part in a call."""

    entry_id: str
    started_at: datetime
    ended_at: datetime | None
    answered_at: datetime | None
    from_extension: str
    from_number: str
    to_extension: str
    to_number: str
    reason: int | None
    line_number: str
    recordings: tuple[str, ...]


def read_lines(text: str, account: Account, ahead: timedelta) -> tuple[list[CallRecord], list[Reject]]:
    """Return the calls of lines, and the lines that cannot be used.

    Args:
        text: lines of LINE_FIELDS between semicolons; nothing is quoted.
        account: what is known of the account.
        ahead: how much later than UTC the times are.
    """
    calls: dict[str, list[_Line]] = {}
    rejects = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("records;"):
            continue
        try:
            found = _read_line(line.rstrip("\r").split(";"), ahead)
        except RowError as exc:
            rejects.append(Reject(where=f"statistics:{number}", reason=str(exc)))
            continue
        calls.setdefault(found.entry_id, []).append(found)
    records = [_record(sorted(lines, key=lambda line: line.started_at), account) for lines in calls.values() if _is_over(lines)]
    return sorted(records, key=lambda record: record.started_at), rejects


def _read_line(values: Sequence[str], ahead: timedelta) -> _Line:
    if len(values) != len(LINE_FIELDS):
        raise RowError(f"the line has {len(values)} fields instead of {len(LINE_FIELDS)}")
    row = {name: clean_text(value) for name, value in zip(LINE_FIELDS, values, strict=True)}
    started_at = from_epoch(row["start"], "start")
    if started_at is None or not row["entry_id"]:
        raise RowError("start or entry_id is missing")
    ended_at, answered_at = from_epoch(row["finish"], "finish"), from_epoch(row["answer"], "answer")
    codes = row["records"].strip("[]").split(",")
    return _Line(
        entry_id=row["entry_id"],
        started_at=started_at - ahead,
        ended_at=None if ended_at is None else ended_at - ahead,
        answered_at=None if answered_at is None else answered_at - ahead,
        from_extension=row["from_extension"],
        from_number=row["from_number"],
        to_extension=row["to_extension"],
        to_number=row["to_number"],
        reason=int(row["disconnect_reason"]) if row["disconnect_reason"].isdecimal() else None,
        line_number=row["line_number"],
        recordings=tuple(code.strip() for code in codes if code.strip()),
    )


def _is_over(lines: Sequence[_Line]) -> bool:
    return all(line.ended_at is not None for line in lines)


def _record(lines: Sequence[_Line], account: Account) -> CallRecord:
    first = lines[0]
    if first.from_extension:
        direction = Direction.INTERNAL if first.to_extension else Direction.OUTBOUND
    else:
        direction = Direction.INBOUND
    is_out = direction is Direction.OUTBOUND
    legs = tuple(leg for line in lines if (leg := _leg(line, account, is_out=is_out)) is not None)
    talks = [leg for leg in legs if leg.kind is LegKind.TALK]
    answered_at = min((line.answered_at for line in lines if line.answered_at is not None), default=None)
    ended_at = max(line.ended_at for line in lines if line.ended_at is not None)
    client = first.to_number if is_out else first.from_number
    last = talks[-1] if talks else None
    recordings = dict.fromkeys(code for line in lines if line.answered_at is not None for code in line.recordings)
    return CallRecord(
        source="mango",
        account=account.name,
        call_id=first.entry_id,
        started_at=first.started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        direction=direction,
        disposition=Disposition.ANSWERED if answered_at is not None else by_reason(lines[-1].reason, is_out=is_out),
        missed_reason=None if answered_at is not None or lines[-1].reason is None else str(lines[-1].reason),
        client_phone=None if direction is Direction.INTERNAL else client_phone(client, account.region),
        line_phone=phone_or_text(first.line_number, account.region),
        operator_id=last.operator_id if last is not None else None,
        operator_name=last.operator_name if last is not None else None,
        extension=last.extension if last is not None else None,
        wait_ms=distance_ms(first.started_at, answered_at or ended_at),
        talk_ms=sum(distance_ms(line.answered_at, line.ended_at) or 0 for line in lines),
        total_ms=distance_ms(first.started_at, ended_at),
        legs=legs,
        recordings=tuple(RecordingLink(rec_id=code) for code in recordings),
    )


def _leg(line: _Line, account: Account, *, is_out: bool) -> CallLeg | None:
    """Return the part of an operator; None where a line names none, as for a client who hung up in the menu."""
    extension = line.from_extension if is_out else line.to_extension
    if not extension:
        return None
    user = account.at(extension) or User("", None, extension)
    return CallLeg(
        kind=LegKind.RING if line.answered_at is None else LegKind.TALK,
        operator_id=user.id or None,
        operator_name=user.name,
        extension=extension,
        offered_at=line.started_at,
        answered_at=line.answered_at,
        ended_at=line.ended_at,
        result=by_reason(line.reason, is_out=is_out) if line.answered_at is None else Disposition.ANSWERED,
    )
