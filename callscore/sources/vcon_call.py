"""One vCon -> one call record: who talked when, from dialogs, party histories and transfers. Pure."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from callscore.outside.phones import parse_phone
from callscore.outside.rows import Fields, RowError
from callscore.outside.times import later
from callscore.records import CallLeg, CallRecord, Direction, Disposition, LegKind, RecordingLink
from callscore.sources.vcon_dialogs import Dialog, Reading, iter_dialogs, moment
from callscore.sources.vcon_file import Vcon, content_bytes
from callscore.sources.vcon_parties import Parties, party_numbers, read_parties
from callscore.units import Span, covered_ms

__all__ = ["CDR_PURPOSE", "vcon_call"]

CDR_PURPOSE: Final = "callscore-cdr"
"""Purpose of the attachment in which callscore writes what it knows of a call beyond the vCon's own members."""
_TALKS: Final = ("recording", "recording-set")
_CALLS: Final = (*_TALKS, "incomplete")
_DISPOSITIONS: Final[Mapping[str, Disposition]] = {
    "no-answer": Disposition.NO_ANSWER,
    "congestion": Disposition.FAILED,
    "failed": Disposition.FAILED,
    "busy": Disposition.BUSY,
    "hung-up": Disposition.ABANDONED,
    "voicemail-no-message": Disposition.VOICEMAIL,
}


def vcon_call(vcon: Vcon, place: str, call_id: str, reading: Reading) -> CallRecord:
    """Return the call of a vCon; `place` names the file it lies in, `call_id` the call, whichever version this is.

    Raises:
        RowError: if it holds no call, or what it holds cannot be understood.
    """
    rows = vcon.body.get("parties")
    n_parties = len(rows) if isinstance(rows, list) else 0
    dialogs = tuple(iter_dialogs(vcon, n_parties, reading))
    calls = [dialog for dialog in dialogs if dialog.kind in _CALLS]
    if not calls:
        raise RowError("there is no call in it: no recording and no attempt")
    told = _cdr(vcon)
    cdr = Fields(told)
    begun = min((dialog for dialog in calls if dialog.start), key=_start, default=calls[0])
    originator = _originator(begun, n_parties)
    heard = [number for dialog in calls for number in dialog.numbers]
    parties = read_parties(rows, heard, originator, reading.our_phones, reading.region)
    started_at = _started(vcon, calls, cdr, reading)
    answered_at = _answered(calls, parties, cdr, started_at)
    legs = tuple(_legs(dialogs, parties))
    talkers = [leg for leg in legs if leg.kind is not LegKind.RING]
    last = max(talkers, key=lambda leg: leg.answered_at or started_at, default=None)
    talk_ms = _told(cdr.duration_ms("talk_s"), _talk_ms(dialogs))
    wait_ms = _told(cdr.duration_ms("wait_s"), _wait_ms(calls, answered_at, started_at))
    disposition = _disposition(calls)
    answered = disposition is Disposition.ANSWERED
    reason = next((Fields(dialog.item).text("disposition") for dialog in calls if dialog.kind == "incomplete"), None)
    known_client = parties.all[parties.client] if parties.client is not None else None
    return CallRecord(
        source="vcon",
        account=reading.account,
        call_id=call_id,
        linked_ids=tuple(dict.fromkeys(_linked(vcon, dialogs, cdr, call_id))),
        direction=_direction(told, parties, originator),
        started_at=started_at,
        answered_at=answered_at if answered else None,
        ended_at=_ended(dialogs),
        disposition=disposition,
        missed_reason=None if answered else reason,
        client_phone=known_client.phone.e164 if known_client else None,
        line_phone=_told(_line_phone(cdr, reading), _our_phone(parties)),
        operator_id=last.operator_id if last else None,
        operator_name=last.operator_name if last else None,
        extension=last.extension if last else None,
        queue=_told(cdr.text("queue"), _queue(calls, parties)),
        wait_ms=wait_ms,
        talk_ms=talk_ms,
        legs=legs,
        campaign=next(filter(None, (Fields(dialog.item).text("campaign") for dialog in dialogs)), None),
        recordings=tuple(_links(dialogs, parties, legs, place, reading)),
    )


def _start(dialog: Dialog) -> datetime:
    return min(at for at in (dialog.start, *dialog.joined.values()) if at is not None)


def _cdr(vcon: Vcon) -> Mapping[str, Any]:
    for item in vcon.body["attachments"]:
        if item.get("purpose", item.get("type")) == CDR_PURPOSE and isinstance(item.get("body"), Mapping):
            return cast("Mapping[str, Any]", item["body"])
    return {}


def _originator(dialog: Dialog, n_parties: int) -> int | None:
    given = next(party_numbers(dialog.item.get("originator"), n_parties), None)
    return given if given is not None else next(iter(dialog.numbers), None)


def _started(vcon: Vcon, calls: Sequence[Dialog], cdr: Fields, reading: Reading) -> datetime:
    times = [at for dialog in calls for at in (dialog.start, *dialog.joined.values()) if at is not None]
    at = moment(cdr.raw("started_at"), reading) or min(times, default=None) or moment(vcon.body.get("created_at"), reading)
    if at is None:
        raise RowError("nothing tells when the call was")
    return at


def _answered(calls: Sequence[Dialog], parties: Parties, cdr: Fields, started_at: datetime) -> datetime | None:
    """Return when the client and one of our people were both there for the first time."""
    joined = [(number, at) for dialog in calls for number, at in dialog.joined.items()]
    people = set(parties.people(number for number, _ in joined))
    ours = min((at for number, at in joined if number in people), default=None)
    client = min((at for number, at in joined if number == parties.client), default=None)
    if ours is not None and client is not None:
        return max(ours, client)
    wait_ms = cdr.duration_ms("wait_s")
    return later(started_at, wait_ms) if wait_ms is not None else ours


def _ended(dialogs: Iterable[Dialog]) -> datetime | None:
    times = [at for dialog in dialogs for at in (dialog.end, *dialog.left.values()) if at is not None]
    return max(times, default=None)


def _talk_ms(dialogs: Iterable[Dialog]) -> int | None:
    """Return the time that recordings cover; what two of them cover counts once."""
    timed = [dialog for dialog in dialogs if dialog.kind in _TALKS and dialog.duration_ms is not None]
    first = min((dialog.start for dialog in timed if dialog.start), default=None)
    spans, loose_ms = [], 0
    for dialog in timed:
        if dialog.start is None or first is None:
            loose_ms += dialog.duration_ms or 0
        else:
            start_ms = (dialog.start - first) // timedelta(milliseconds=1)
            spans.append(Span(start_ms, start_ms + (dialog.duration_ms or 0)))
    return covered_ms(spans) + loose_ms if timed else None


def _wait_ms(calls: Sequence[Dialog], answered_at: datetime | None, started_at: datetime) -> int | None:
    if any(dialog.kind in _TALKS for dialog in calls):
        return None if answered_at is None else max(0, (answered_at - started_at) // timedelta(milliseconds=1))
    known = [dialog.duration_ms for dialog in calls if dialog.duration_ms is not None]
    return sum(known) if known else None


def _disposition(calls: Sequence[Dialog]) -> Disposition:
    if any(dialog.kind in _TALKS for dialog in calls):
        return Disposition.ANSWERED
    return _DISPOSITIONS.get(str(calls[-1].item.get("disposition")), Disposition.UNKNOWN)


def _direction(told: Mapping[str, Any], parties: Parties, originator: int | None) -> Direction | None:
    if "direction" in told:
        # callscore itself wrote it, or that it did not know: a vCon has no other way to leave the originator open.
        return next((direction for direction in Direction if direction == told["direction"]), None)
    if not parties.is_known or originator is None:
        return None
    if parties.client is None:
        return Direction.INTERNAL
    if originator == parties.client:
        return Direction.INBOUND
    return Direction.OUTBOUND if originator in parties.ours else None


def _legs(dialogs: Sequence[Dialog], parties: Parties) -> Iterator[CallLeg]:
    handed = {target: dialog for dialog in dialogs if dialog.kind == "transfer" for target in _targets(dialog)}
    timed = [dialog for dialog in dialogs if dialog.kind in ("recording", "incomplete")]
    for dialog in timed:
        transfer = handed.get(dialog.number)
        for number in parties.people(dialog.numbers):
            party = parties.all[number]
            at, end = dialog.joined.get(number, dialog.start), dialog.left.get(number, dialog.end)
            talked = dialog.kind == "recording"
            kind = LegKind.TALK if talked else LegKind.RING
            if transfer is not None and talked and number != transfer.item.get("transferor"):
                kind = LegKind.TRANSFER_BLIND if transfer.item.get("consultation") is None else LegKind.TRANSFER_ATTENDED
            yield CallLeg(
                kind=kind,
                operator_id=party.ident,
                operator_name=party.name,
                extension=party.phone.extension,
                offered_at=at if not talked else transfer.start if transfer else None,
                answered_at=at if talked else None,
                ended_at=end,
                result=Disposition.ANSWERED if talked else _disposition([dialog]),
            )


def _targets(dialog: Dialog) -> tuple[int, ...]:
    value = dialog.item.get("target_dialog")
    return tuple(number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int))


def _our_phone(parties: Parties) -> str | None:
    return next((parties.all[n].phone.e164 for n in sorted(parties.ours) if parties.all[n].phone.e164), None)


def _line_phone(cdr: Fields, reading: Reading) -> str | None:
    return parse_phone(cdr.text("line_phone"), reading.region).e164


def _queue(calls: Iterable[Dialog], parties: Parties) -> str | None:
    for dialog in calls:
        skill = Fields(dialog.item).text("skill")
        bots = [parties.all[n].name for n in dialog.numbers if parties.all[n].kind == "bot"]
        if found := skill or next(filter(None, bots), None):
            return found
    return None


def _linked(vcon: Vcon, dialogs: Iterable[Dialog], cdr: Fields, call_id: str) -> Iterator[str]:
    found = [vcon.uuid, vcon.prior_uuid, vcon.fuller_uuid, cdr.text("call_id") or ""]
    for dialog in dialogs:
        found.append(Fields(dialog.item).text("interaction_id") or "")
        found += _session_ids(dialog.item.get("session_id"))
    yield from (ident for ident in found if ident and ident != call_id)


def _session_ids(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _session_ids(item)
    elif isinstance(value, Mapping):
        for name in ("local", "remote"):
            text = Fields(value).text(name) or ""
            if text.strip("0-"):
                yield text


def _links(
    dialogs: Sequence[Dialog], parties: Parties, legs: Sequence[CallLeg], place: str, reading: Reading
) -> Iterator[RecordingLink]:
    heard = [dialog for dialog in dialogs if dialog.kind == "recording" and _has_content(dialog.item, reading)]
    for dialog in heard:
        people = parties.people(dialog.numbers)
        names = {(parties.all[n].ident, parties.all[n].name) for n in people}
        own = [
            n for n, leg in enumerate(legs) if leg.kind is not LegKind.RING and (leg.operator_id, leg.operator_name) in names
        ]
        is_part = len(heard) > 1 and len(own) == 1
        channel = _client_channel(dialog.item, parties.client)
        yield RecordingLink(rec_id=f"{place}#{dialog.number}", leg=own[0] if is_part else None, client_channel=channel)


def _has_content(item: Mapping[str, Any], reading: Reading) -> bool:
    return bool(item.get("body") or item.get("url") or (reading.has_audio_folder and item.get("filename")))


def _client_channel(item: Mapping[str, Any], client: int | None) -> int | None:
    """Return the client's channel, if the file has two; `[0, 1]` is a mono file with both just as well.

    For such a file the channel says nothing and does no harm; where the sound is at hand its head is asked.
    """
    rows = item.get("parties")
    if not isinstance(rows, list) or len(rows) != 2 or client is None:
        return None
    places = [place for place, row in enumerate(rows) if client in (row if isinstance(row, list) else [row])]
    if len(places) != 1:
        return None
    if all(isinstance(row, int) for row in rows):
        try:
            head = (content_bytes(item) or b"")[:64]
        except RowError:
            head = b""
        found = re.search(rb"^RIFF.{4}WAVEfmt .{6}(..)", head, re.DOTALL)
        if found and struct.unpack("<H", found.group(1))[0] != 2:
            return None
    return places[0]


def _told(first: Any, second: Any) -> Any:
    return second if first is None else first
