"""Files of json_cdr, xml_cdr and format_cdr -> legs, by their variables and the profiles a call went through."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from callscore.outside.rows import Fields, RowError
from callscore.outside.times import from_epoch
from callscore.sources.freeswitch.legs import FsLeg, FsTalk, check_order, read_stamp

__all__ = ["parse_file"]

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
# What an encoded value may consist of: where another character stands, the value is not encoded.
_ENCODED: Final = re.compile(r"[\w.!~*'()+-]*%[0-9A-Fa-f]{2}(?:[\w.!~*'()+-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_SECOND: Final = timedelta(seconds=1)
_RECORDERS: Final = ("record_session", "record")
_FILES: Final = ("cc_record_filename", "sofia_record_file", "record_file", "recording_file")


def parse_file(path: Path, zone: str) -> FsLeg | None:
    """Return the leg of a file; None where it has not ended.

    Raises:
        RowError: if the file or a value in it cannot be used.
        OSError: if it cannot be read.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise RowError(f"the file is longer than {MAX_FILE_BYTES // 2**20} MiB")
    content = path.read_bytes()
    whole = Fields(_from_xml(content) if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else _from_json(content))
    values = whole.raw("variables")
    if not isinstance(values, Mapping):
        raise RowError("variables are missing")
    variables = Fields({name: _decoded(value) for name, value in values.items()})
    return _leg(whole, variables, path.name, zone)


def _from_json(content: bytes) -> object:
    try:
        return json.loads(content.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError):
        raise RowError("the file is no JSON, or only half of one") from None


def _from_xml(content: bytes) -> dict[str, Any]:
    """Return the same shape as of JSON: lists for what repeats, texts for the rest."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise RowError("the file is no XML, or only half of one") from None
    flows = [_flow(element) for element in root.findall("callflow")]
    applications = [dict(element.attrib) for element in root.findall("app_log/application")]
    return {"variables": _texts(root, "variables"), "callflow": flows, "app_log": {"applications": applications}}


def _flow(element: Any) -> dict[str, Any]:
    profile: dict[str, Any] = _texts(element, "caller_profile")
    for side in ("originatee", "originator"):
        found = element.findall(f"caller_profile/{side}/{side}_caller_profile")
        profile[side] = {f"{side}_caller_profiles": [{child.tag: child.text or "" for child in each} for each in found]}
    return {"caller_profile": profile, "times": _texts(element, "times")}


def _texts(element: Any, name: str) -> dict[str, Any]:
    return {child.tag: child.text or "" for child in element.findall(f"{name}/*")}


def _decoded(value: object) -> object:
    return unquote(value) if isinstance(value, str) and _ENCODED.fullmatch(value) else value


def _leg(whole: Fields, variables: Fields, name: str, zone: str) -> FsLeg | None:
    flows = sorted(_flows(whole), key=lambda flow: flow[1].number("profile_created_time") or 0)
    profile, times = flows[-1] if flows else (Fields({}), Fields({}))
    first, first_times = flows[0] if flows else (profile, times)
    text = variables.text
    start = _moment(variables, "start", zone) or _micros(first_times, "created_time")
    end = _moment(variables, "end", zone) or _micros(times, "hangup_time")
    if start is None:
        raise RowError("start_epoch is missing")
    if end is None:
        return None
    check_order(start, end)
    is_agent = text("cc_side") == "agent"
    maker = next(_profiles(first, "originator"), Fields({})).text("uuid") or text("originating_leg_uuid") or ""
    maker = maker or (text("cc_member_session_uuid") or "" if is_agent else "")
    return FsLeg(
        where=name,
        uuid=text("uuid") or profile.text("uuid") or _from_name(name),
        start=start,
        end=end,
        answer=_moment(variables, "answer", zone) or _micros(first_times, "answered_time"),
        caller=first.text("caller_id_number") or text("caller_id_number") or first.text("ani") or "",
        caller_name=first.text("caller_id_name") or text("caller_id_name") or "",
        target=profile.text("destination_number") or text("destination_number") or "",
        line=first.text("destination_number") or text("destination_number") or "",
        context=first.text("context") or "",
        cause=text("hangup_cause") or "",
        talk_ms=variables.duration_ms("billsec"),
        partner=text("bridge_uuid") or text("last_bridge_to") or text("signal_bond") or "",
        originator=maker,
        is_second=bool(maker) or is_agent or name.startswith("b_"),
        is_rich=True,
        talks=tuple(_talks(flows, variables, end)),
        user=text("user_name") or first.text("username") or "",
        own_phone=text("effective_caller_id_number") or text("outbound_caller_id_number") or "",
        queue=text("cc_queue") or "",
        agent=text("cc_agent") or "",
        cancel_reason=text("cc_cancel_reason") or "",
        last_app=_last_app(whole),
        files=tuple(dict.fromkeys(_files(whole, variables))),
        is_stereo=bool(variables.flag("RECORD_STEREO")),
        is_swapped=bool(variables.flag("RECORD_STEREO_SWAP")),
    )


def _flows(whole: Fields) -> Iterator[tuple[Fields, Fields]]:
    """Yield the profile and the times of each stage of a call; a transfer begins a new stage."""
    found = whole.raw("callflow")
    for item in found if isinstance(found, list) else [found]:
        if isinstance(item, Mapping):
            flow = Fields(item)
            yield flow.child("caller_profile") or Fields({}), flow.child("times") or Fields({})


def _talks(flows: list[tuple[Fields, Fields]], variables: Fields, end: datetime) -> Iterator[FsTalk]:
    """Yield the stretches in which somebody was on the other end: one a stage, else what the variables tell of all."""
    queued = from_epoch(variables.text("cc_queue_answered_epoch"), "cc_queue_answered_epoch")
    agent = (variables.text("cc_agent") or "").partition("@")[0]
    is_any = False
    for number, (profile, times) in enumerate(flows):
        start, begun = _micros(times, "bridged_time"), _micros(times, "profile_created_time")
        # A stage may inherit the times of the one before it.
        if start is None or (number and begun and start < begun - _SECOND):
            continue
        is_any = True
        later = _micros(flows[number + 1][1], "profile_created_time") if number + 1 < len(flows) else None
        until = _micros(times, "transfer_time") or later or _micros(times, "hangup_time") or end
        is_from_queue = queued is not None and abs(start - queued) <= 2 * _SECOND
        yield _talk(profile, variables, (start, min(until, end)), agent if is_from_queue else "")
    bridged = queued or from_epoch(variables.text("bridge_epoch"), "bridge_epoch")
    if not is_any and bridged is not None:
        profile = flows[-1][0] if flows else Fields({})
        yield _talk(profile, variables, (bridged, end), agent if queued else "")


def _talk(profile: Fields, variables: Fields, span: tuple[datetime, datetime], agent: str) -> FsTalk:
    """Return a talk with the leg that was bridged: of several that were rung it is the one that the variables name."""
    rung = list(_profiles(profile, "originatee"))
    bonds = [variables.text(name) for name in ("bridge_uuid", "last_bridge_to", "signal_bond")]
    other = next(iter((*(leg for leg in rung if leg.text("uuid") in bonds), *rung)), Fields({}))
    target = other.text("destination_number") or agent or profile.text("destination_number") or ""
    return FsTalk(start=span[0], end=max(span), target=target, uuid=other.text("uuid") or "")


def _profiles(profile: Fields, side: str) -> Iterator[Fields]:
    holder = profile.child(side)
    if holder is not None:
        yield from holder.children(f"{side}_caller_profiles")


def _applications(whole: Fields) -> Iterator[Fields]:
    log = whole.child("app_log")
    if log is not None:
        yield from log.children("applications")


def _last_app(whole: Fields) -> str:
    names = [app.text("app_name") or "" for app in _applications(whole)]
    return names[-1].lower() if names else ""


def _files(whole: Fields, variables: Fields) -> Iterator[str]:
    yield from (path for name in _FILES if (path := variables.text(name)))
    for app in _applications(whole):
        if app.text("app_name") in _RECORDERS and (path := app.text("app_data")):
            yield path.partition(" +")[0]


def _moment(variables: Fields, what: str, zone: str) -> datetime | None:
    """Return a moment by the epoch, which needs no zone, else by the stamp."""
    at = from_epoch(variables.text(f"{what}_epoch"), f"{what}_epoch")
    return at or read_stamp(variables.text(f"{what}_stamp"), zone, f"{what}_stamp")


def _micros(times: Fields, name: str) -> datetime | None:
    value = times.number(name)
    return from_epoch(value / 1_000_000, name) if value else None


def _from_name(name: str) -> str:
    found = re.sub(r"^[ab]_", "", name).split(".")[0]
    if not found:
        raise RowError("uuid is missing")
    return found
