"""What the store holds of a call -> a vCon (draft-ietf-vcon-vcon-core-03 with the contact centre extension). Pure."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from callscore.export.vcon_analysis import analysis_objects
from callscore.masking import mask_text
from callscore.records import Direction, Layout, Role
from callscore.store.entries import StoredCall

__all__ = ["Sound", "VconOptions", "build_vcon", "vcon_uuid"]

VERSION: Final = "0.4.0"
"""Deprecated in the newest draft, but older readers want it."""
CDR_PURPOSE: Final = "callscore-cdr"
CLIENT: Final = 0
OPERATOR: Final = 1
MAKER: Final = 2
_MEDIA_TYPES: Final = {
    "wav": "audio/x-wav",
    "mp3": "audio/x-mp3",
    "ogg": "audio/ogg",
    "mov": "audio/x-mp4",
    "mp4": "audio/x-mp4",
}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MASKED: Final = "names, phone numbers, other numbers, addresses and sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """The recording of a call: its file name, its SHA-512, and its bytes where they are to lie in the vCon."""

    name: str
    sha512: bytes
    data: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VconOptions:
    """When the vCon is made, and in whose domain its id is unique. `is_masked`: without what tells who spoke.

    A masked vCon has an id of its own and names the fuller one's; it holds no sound, whatever is given.
    """

    created_at: datetime
    domain: str = "callscore.invalid"
    is_masked: bool = False


def build_vcon(call: StoredCall, sound: Sound | None, options: VconOptions) -> dict[str, Any]:
    """Return the vCon of a call: equal calls and options give equal vCons.

    Where nobody knows when the call was, it starts when the vCon is made; the attachment with the call's facts says so.
    """
    start = call.info.started_at or options.created_at
    vcon: dict[str, Any] = {
        "vcon": VERSION,
        "uuid": vcon_uuid(call, options),
        "extensions": ["CC"],
        "created_at": _date(options.created_at),
        "parties": _parties(call, options),
        "dialog": [_dialog(call, options, None if options.is_masked else sound)],
        "analysis": analysis_objects(call, is_masked=options.is_masked),
        "attachments": [
            {
                "purpose": CDR_PURPOSE,
                "start": _date(start),
                "party": MAKER,
                "dialog": 0,
                "mediatype": "application/json",
                "encoding": "json",
                "body": _cdr(call, options),
            }
        ],
    }
    if options.is_masked:
        vcon["redacted"] = {"uuid": vcon_uuid(call, options, masked=False), "type": _MASKED}
    return vcon


def vcon_uuid(call: StoredCall, options: VconOptions, *, masked: bool | None = None) -> str:
    """Return the id of a call's vCon: a UUID of version 8 made of the call's time and a name below our domain."""
    is_masked = options.is_masked if masked is None else masked
    told = hashlib.sha256(f"{call.source}\n{call.info.call_id}".encode()).digest()
    name = f"{'masked.' if is_masked else ''}{told.hex()[:24]}.{options.domain}"
    high = int.from_bytes(hashlib.sha1(name.encode(), usedforsecurity=False).digest()[:8]) >> 2
    ms = ((call.info.started_at or _EPOCH) - _EPOCH) // timedelta(milliseconds=1)
    number = (ms & (1 << 48) - 1) << 80 | 8 << 76 | int.from_bytes(told[-2:]) >> 4 << 64 | 0b10 << 62 | high
    return str(uuid.UUID(int=number))


def _parties(call: StoredCall, options: VconOptions) -> list[dict[str, Any]]:
    info = call.info
    anonymous = {"name": "anonymous"}
    client: dict[str, Any] = {"tel": info.client_phone} if info.client_phone else dict(anonymous)
    operator: dict[str, Any] = {"name": info.operator} if info.operator else dict(anonymous)
    number = info.extension or info.did
    operator |= {"tel": number} if number else {}
    if options.is_masked:
        client, operator = dict(anonymous), dict(anonymous)
    return [
        {**client, "type": "person", "role": "customer"},
        {**operator, "type": "person", "role": "agent"},
        {"name": "callscore", "type": "organization"},
    ]


def _dialog(call: StoredCall, options: VconOptions, sound: Sound | None) -> dict[str, Any]:
    """Return the call as one recording; it begins when a person answered, as recordings of PBXs do."""
    info, start = call.info, call.info.started_at or options.created_at
    is_out = info.direction in (Direction.OUTBOUND, Direction.CALLBACK)
    originator, other = (OPERATOR, CLIENT) if is_out else (CLIENT, OPERATOR)
    answered = start + timedelta(milliseconds=info.wait_ms or 0)
    parties = _channels(call)
    found: dict[str, Any] = {"type": "recording", "start": _date(answered), "parties": parties}
    duration_ms = call.dialogue.duration_ms if call.dialogue else call.audio.duration_ms if call.audio else None
    if duration_ms is not None:
        found["duration"] = duration_ms / 1000
    if parties[0] != originator:
        found["originator"] = originator
    found["interaction_type"] = "voice"
    if queue := _queue(call, options):
        found["skill"] = queue
    if info.started_at is not None:
        found["party_history"] = [
            {"party": originator, "time": _date(start), "event": "join"},
            {"party": other, "time": _date(answered), "event": "join"},
        ]
    return found | (_content(call, sound) if sound else {})


def _channels(call: StoredCall) -> list[int]:
    """Return the party on each channel; of a recording with one channel, both."""
    if call.dialogue is None or call.dialogue.layout is Layout.MONO:
        return [CLIENT, OPERATOR]
    heard = [turn.channel for turn in call.dialogue.spoken(Role.OPERATOR)]
    left_ms = heard.count(0)
    operator = call.info.operator_channel if not heard else 0 if 2 * left_ms > len(heard) else 1
    return [OPERATOR, CLIENT] if operator == 0 else [CLIENT, OPERATOR]


def _content(call: StoredCall, sound: Sound) -> dict[str, Any]:
    container = (call.audio.container if call.audio else sound.name.rpartition(".")[2]).split(",")[0].lower()
    found: dict[str, Any] = {"mediatype": _MEDIA_TYPES.get(container, f"audio/{container or 'basic'}"), "filename": sound.name}
    if sound.data is not None:
        return found | {"encoding": "base64url", "body": _base64url(sound.data)}
    return found | {"content_hash": f"sha512-{_base64url(sound.sha512)}"}


def _cdr(call: StoredCall, options: VconOptions) -> dict[str, Any]:
    info = call.info
    facts = {
        "source_system": call.source,
        "line_phone": info.did,
        "queue": _queue(call, options),
        "wait_s": None if info.wait_ms is None else info.wait_ms / 1000,
        "call_type": call.call_type.id if call.call_type else info.call_type,
        "language": call.dialogue.language if call.dialogue else info.language,
        "status": call.status,
        "notes": list(call.notes) or None,
    }
    if not options.is_masked:
        facts |= {"call_id": info.call_id, "extension": info.extension, "transferred_to": info.transferred_to}
    told = {name: value for name, value in facts.items() if value is not None}
    # What is not known is said so: the vCon's own members have to claim something.
    return told | {"started_at": _date(info.started_at) if info.started_at else None, "direction": info.direction}


def _queue(call: StoredCall, options: VconOptions) -> str | None:
    queue = call.info.queue
    return mask_text(queue) if queue and options.is_masked else queue


def _date(at: datetime) -> str:
    """Return a moment as RFC 3339 has it, in UTC, with parts of a second only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
