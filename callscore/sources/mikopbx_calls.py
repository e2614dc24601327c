"""Rows of MikoPBX's call table (over REST or from its own database) -> calls; pure, reads nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from callscore.outside.pages import CallPage, Reject, Tools, Window
from callscore.outside.phones import Phone, parse_phone
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_text
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink

__all__ = ["MARGIN", "MikoRow", "build_call", "channel_epoch", "group_rows", "make_page", "parse_row"]

# Between the first ring in the line and the first row lie a greeting and a menu; more than this is a clock set anew.
LONGEST_GREETING: Final = timedelta(minutes=30)
# A call's rows may start hours after it entered the line, and before the stretch that is asked for.
MARGIN: Final = timedelta(hours=6)
_EPOCH: Final = re.compile(r"(?:^|-)(\d{9,11})\.\d+")
_ENDS: Final = {
    "CANCEL": Disposition.ABANDONED,
    "NOANSWER": Disposition.NO_ANSWER,
    "NO ANSWER": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    **dict.fromkeys(("FAILED", "CONGESTION", "CHANUNAVAIL", "INVALIDARGS"), Disposition.FAILED),
    **dict.fromkeys(("DONTCALL", "TORTURE"), Disposition.REJECTED),
}
_ANSWERED: Final = ("ANSWERED", "ANSWER")


@dataclass(frozen=True, slots=True, kw_only=True)
class MikoRow:
    """One row: a party rung, or talked to. `rec_src_channel` is the channel of `src` in the recording; None: mono, or none."""

    row_id: str
    call_id: str
    start: datetime
    end: datetime | None
    answer: datetime | None
    src: Phone
    src_name: str | None
    dst: Phone
    dst_name: str | None
    did: str | None
    result: str
    is_from_trunk: bool
    is_to_trunk: bool
    is_app: bool
    app: str
    recording: str | None
    rec_src_channel: int | None
    talk_ms: int | None

    @property
    def is_answered(self) -> bool:
        """Whether somebody, or a menu or queue, took it."""
        return self.answer is not None and self.result in _ANSWERED

    @property
    def is_between_colleagues(self) -> bool:
        """Whether both ends are extensions."""
        return _is_inner(self.src) and _is_inner(self.dst)


def parse_row(row: object, zone: str, region: str) -> MikoRow:
    """Return one row, typed.

    Raises:
        RowError: if it cannot be used.
    """
    fields = Fields(row)
    unique_id = fields.text("UNIQUEID")
    start = from_text(fields.text("start"), zone, "start")
    if start is None:
        raise RowError("start is missing")
    result = fields.text("disposition") or fields.text("dialstatus") or ""
    did = fields.text("did")
    return MikoRow(
        row_id=fields.text("id") or unique_id or "",
        call_id=fields.text("linkedid") or unique_id or fields.need_text("linkedid"),
        start=start,
        end=from_text(fields.text("endtime"), zone, "endtime"),
        answer=from_text(fields.text("answer"), zone, "answer"),
        src=parse_phone(fields.text("src_num"), region),
        src_name=fields.text("src_name"),
        dst=parse_phone(fields.text("dst_num"), region),
        dst_name=fields.text("dst_name"),
        did=(parse_phone(did, region).e164 or did) if did else None,
        result=result.upper(),
        is_from_trunk=bool(fields.text("from_account")),
        is_to_trunk=bool(fields.text("to_account")),
        is_app=bool(fields.flag("is_app")),
        app=(fields.text("appname") or "").lower(),
        recording=fields.text("recordingfile") if fields.text("recordingfile") != "-" else None,
        rec_src_channel={"0": 0, "1": 1}.get(fields.text("rec_src_channel") or ""),
        talk_ms=fields.duration_ms("billsec"),
    )


def group_rows(rows: Iterable[object], zone: str, region: str) -> tuple[list[tuple[MikoRow, ...]], list[Reject]]:
    """Return the rows of each call in order of time, each row once, and what cannot be used.

    A call with a bad row is left out as a whole: without it an answered call might look missed.
    """
    calls: dict[str, dict[str, MikoRow]] = {}
    spoilt: set[str] = set()
    rejects: list[Reject] = []
    for number, row in enumerate(rows, start=1):
        try:
            parsed = parse_row(row, zone, region)
        except RowError as exc:
            where = f"row {number}"
            try:
                call_id = Fields(row).text("linkedid")
                where = f"call {call_id}" if call_id else where
                spoilt.update((call_id,) if call_id else ())
            except RowError:
                pass
            rejects.append(Reject(where=where, reason=str(exc)))
            continue
        calls.setdefault(parsed.call_id, {})[parsed.row_id or str(number)] = parsed
    groups = [_in_time(group.values()) for call_id, group in calls.items() if call_id not in spoilt]
    return sorted(groups, key=lambda group: group[0].start), rejects


def build_call(rows: Sequence[MikoRow], source: str, account: str) -> CallRecord | None:
    """Return the call that the rows of one linked id tell; None while it is still running.

    Raises:
        RowError: if the rows contradict each other.
    """
    first = rows[0]
    if any(row.end is None for row in rows):
        return None
    direction = _direction(rows)
    ended = max(row.end for row in rows if row.end is not None)
    started = _entered(first)
    if ended < started:
        raise RowError("the call ends before it starts")
    parts = [row for row in rows if _is_part(row, direction)]
    talks = sorted((row for row in parts if row.is_answered), key=lambda row: row.answer or row.start)
    last = talks[-1] if talks else None
    answered = talks[0].answer if talks else None
    legs = tuple(_leg(row, direction, talks, rows) for row in parts)
    # Nobody rang or talked within a call that only met a menu: the whole wait was in vain.
    waited = answered or ended
    disposition = Disposition.ANSWERED if talks else _unanswered(rows, direction)
    return CallRecord(
        source=source,
        account=account,
        call_id=first.call_id,
        started_at=started,
        direction=direction,
        disposition=disposition,
        answered_at=answered,
        ended_at=ended,
        client_phone=_client(rows, direction),
        line_phone=next((row.did for row in rows if row.did), None),
        operator_name=legs[parts.index(last)].operator_name if last else None,
        extension=legs[parts.index(last)].extension if last else None,
        queue=next((row.dst.extension for row in rows if row.is_app and "queue" in row.app), None),
        wait_ms=max(0, _ms(waited - started)),
        ring_ms=max(0, _ms(last.answer - last.start)) if last and last.answer else None,
        talk_ms=sum(_talk_ms(row) for row in talks),
        total_ms=_ms(ended - started),
        missed_reason=None if talks else rows[-1].result or None,
        legs=legs,
        recordings=tuple(_link(row, parts.index(row), direction) for row in talks if row.recording),
    )


def make_page(rows: Iterable[object], window: Window, account: tuple[str, str], tools: Tools) -> CallPage:
    """Return the calls of a window, which it covers whole, out of rows around it; `account` is kind and name of the source."""
    groups, rejects = group_rows(rows, tools.timezone, tools.region)
    records: list[CallRecord] = []
    for group in groups:
        try:
            record = build_call(group, *account)
        except (RowError, ValueError) as exc:
            rejects.append(Reject(where=f"call {group[0].call_id}", reason=str(exc)))
            continue
        if record is not None and window.holds(record.started_at):
            records.append(record)
    return CallPage(records=tuple(records), rejects=tuple(rejects), covered_until=window.end)


def channel_epoch(call_id: str) -> datetime | None:
    """Return when the first channel of a call was made, which Asterisk writes into the id; None where it does not.

    >>> channel_epoch("mikopbx-1772434920.101")
    datetime.datetime(2026, 3, 2, 7, 2, tzinfo=datetime.timezone.utc)
    """
    found = _EPOCH.search(call_id)
    return datetime.fromtimestamp(int(found.group(1)), UTC) if found else None


def _in_time(rows: Iterable[MikoRow]) -> tuple[MikoRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.start, len(row.row_id), row.row_id)))


def _is_inner(phone: Phone) -> bool:
    return phone.e164 is None and phone.extension is not None


def _entered(first: MikoRow) -> datetime:
    """Return when the client entered the line: a row begins with the first ring only, after greeting and menu."""
    made = channel_epoch(first.call_id)
    return made if made and timedelta(0) <= first.start - made <= LONGEST_GREETING else first.start


def _direction(rows: Sequence[MikoRow]) -> Direction:
    first = rows[0]
    if first.is_from_trunk or first.did or not _is_inner(first.src):
        return Direction.INBOUND
    is_out = any(row.is_to_trunk or not _is_inner(row.dst) for row in rows if not row.is_app)
    return Direction.OUTBOUND if is_out else Direction.INTERNAL


def _client(rows: Sequence[MikoRow], direction: Direction) -> str | None:
    if direction is Direction.INBOUND:
        return rows[0].src.e164
    return next((row.dst.e164 for row in rows if row.dst.e164), None) if direction is Direction.OUTBOUND else None


def _is_part(row: MikoRow, direction: Direction) -> bool:
    """Tell whether a row is a person's part in the talk with the client, not a menu and not two colleagues conferring."""
    if row.is_app or (row.dst == Phone(None) and not row.dst_name):
        return False
    return direction is Direction.INTERNAL or not row.is_between_colleagues or row.is_from_trunk or row.is_to_trunk


def _is_operator_src(row: MikoRow, direction: Direction) -> bool:
    """Tell whether the row's source is our side: who calls out, or talks on after a transfer that turned the row around."""
    if direction is Direction.INTERNAL or _is_inner(row.src) == _is_inner(row.dst):
        return direction is Direction.OUTBOUND
    return _is_inner(row.src)


def _leg(row: MikoRow, direction: Direction, talks: Sequence[MikoRow], rows: Sequence[MikoRow]) -> CallLeg:
    phone, name = (row.src, row.src_name) if _is_operator_src(row, direction) else (row.dst, row.dst_name)
    kind = LegKind.RING
    if row in talks:
        kind = LegKind.TALK
        if row is not talks[0] and not _is_between_same(row, talks[0]):
            conferred = any(other.is_between_colleagues and other.dst == phone and other.is_answered for other in rows)
            kind = LegKind.TRANSFER_ATTENDED if conferred else LegKind.TRANSFER_BLIND
    return CallLeg(
        kind=kind,
        operator_name=name,
        extension=phone.extension,
        offered_at=row.start,
        answered_at=row.answer if row.is_answered else None,
        ended_at=row.end,
        result=Disposition.ANSWERED if row.is_answered else _ENDS.get(row.result, Disposition.UNKNOWN),
    )


def _is_between_same(row: MikoRow, other: MikoRow) -> bool:
    return {row.src, row.dst} == {other.src, other.dst}


def _unanswered(rows: Sequence[MikoRow], direction: Direction) -> Disposition:
    if any("voicemail" in row.app and row.is_answered for row in rows):
        return Disposition.VOICEMAIL
    if any(row.result == "CANCEL" for row in rows):
        # Who called hung up: the client, or our operator who waited long enough.
        return Disposition.ABANDONED if direction is Direction.INBOUND else Disposition.NO_ANSWER
    if rows[-1].is_app and rows[-1].is_answered:
        # A menu or a queue took the call, no person did, and then it ended.
        return Disposition.ABANDONED
    return _ENDS.get(rows[-1].result, Disposition.UNKNOWN)


def _link(row: MikoRow, leg: int, direction: Direction) -> RecordingLink:
    channel = row.rec_src_channel
    if channel is not None and _is_operator_src(row, direction):
        channel = 1 - channel
    return RecordingLink(rec_id=row.row_id, leg=leg, client_channel=channel if direction is not Direction.INTERNAL else None)


def _talk_ms(row: MikoRow) -> int:
    if row.talk_ms is not None:
        return row.talk_ms
    return max(0, _ms(row.end - row.answer)) if row.end and row.answer else 0


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
