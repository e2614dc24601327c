"""Lines of mod_cdr_csv -> legs. Nothing in them is escaped, and which template wrote them is not told: they are tried on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from callscore.outside.rows import Fields, RowError
from callscore.sources.freeswitch.legs import FsLeg, check_order, read_stamp

__all__ = ["TEMPLATES", "iter_lines", "parse_line"]

_HEAD: Final = ("caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp", "answer_stamp")
_BASE: Final = (*_HEAD, "end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid", "accountcode")
_EXAMPLE: Final = (*_BASE, "read_codec", "write_codec")
TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "example": _EXAMPLE,
    "default": _BASE,  # also "sql", within INSERT INTO ... VALUES (...);
    "snom": (*_EXAMPLE, "sip_user_agent", "call_clientcode", "sip_rtp_rxstat", "sip_rtp_txstat", "sofia_record_file"),
    "linksys": (*_EXAMPLE, "sip_user_agent", "sip_p_rtp_stat"),
    "asterisk": (
        *("accountcode", "caller_id_number", "destination_number", "context", "caller_id", "channel_name", "bridge_channel"),
        *("last_app", "last_arg", "start_stamp", "answer_stamp", "end_stamp", "duration", "billsec", "hangup_cause"),
        *("amaflags", "uuid", "userfield"),
    ),
    "opencdrrate": (
        *("uuid", "signal_bond", "direction", "ani", "destination_number", "answer_stamp", "end_stamp", "billsec"),
        *("accountcode", "userfield", "network_addr", "original_caller_id_name", "sip_gateway_name"),
    ),
}
"""The stock templates of cdr_csv.conf.xml by name, as the variables they list."""
MAX_LINE_BYTES: Final = 64 * 1024
# Texts that may hold what separates columns: names, and arguments of applications.
_FREE: Final = ("caller_id_name", "caller_id", "last_arg", "userfield", "sip_user_agent")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.*")
_SQL: Final = re.compile(r"INSERT\s+INTO\s+\S+\s*(?:\([^()]*\)\s*)?VALUES\s*\((.*)\)", re.IGNORECASE)
_BETWEEN: Final = re.compile(r'",\s?"')


def iter_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file with their numbers; one that is endless is cut, and so does not fit any template.

    Raises:
        OSError: if the file cannot be read.
    """
    number, is_rest = 0, False
    with path.open("rb") as stream:
        while line := stream.readline(MAX_LINE_BYTES):
            if not is_rest:
                number += 1
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8", errors="replace").strip()
            is_rest = not line.endswith(b"\n")


def parse_line(line: str, where: str, zone: str, columns: Sequence[str] = ()) -> FsLeg:
    """Return the leg of a line, by the template of its own that `columns` lists, else by the stock one that fits.

    Raises:
        RowError: if none fits, or a value cannot be used.
    """
    values = _split(line)
    templates = (tuple(columns),) if columns else tuple(TEMPLATES.values())
    exact = (dict(zip(names, values, strict=True)) for names in templates if len(names) == len(values))
    joined = (row for names in sorted(templates, key=len, reverse=True) for row in _rejoin(names, values))
    row = next((row for rows in (exact, joined) for row in rows if _fits(row)), None)
    if row is None:
        raise RowError("the line fits no template: it is cut off, or was written by a template of your own (see columns)")
    return _leg(Fields(row), where, zone)


def _split(line: str) -> list[str]:
    text = line.strip().rstrip(";").rstrip()
    if found := _SQL.fullmatch(text):
        text = found.group(1).strip()
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise RowError("the line is cut off")
    return _BETWEEN.split(text[1:-1])


def _rejoin(names: Sequence[str], values: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield rows in which one free text takes the surplus columns, because it holds what separates them."""
    surplus = len(values) - len(names)
    if surplus <= 0:
        return
    for at, name in enumerate(names):
        if name in _FREE:
            text = '","'.join(values[at : at + surplus + 1])
            yield dict(zip(names, (*values[:at], text, *values[at + surplus + 1 :]), strict=True))


def _fits(row: Mapping[str, str]) -> bool:
    stamps = [row[name] for name in ("start_stamp", "answer_stamp", "end_stamp") if name in row]
    counts = [row[name] for name in ("duration", "billsec") if name in row]
    return (
        all(not stamp or _STAMP.fullmatch(stamp) for stamp in stamps)
        and any(stamps)
        and all(not count or count.lstrip("-").isdecimal() for count in counts)
        and bool(re.fullmatch(r"[\w.@:-]+", row.get("uuid", "")))
    )


def _leg(row: Fields, where: str, zone: str) -> FsLeg:
    end = read_stamp(row.text("end_stamp"), zone, "end_stamp")
    if end is None:
        raise RowError("end_stamp is missing")
    answer = read_stamp(row.text("answer_stamp"), zone, "answer_stamp")
    duration_ms, talk_ms = row.duration_ms("duration"), row.duration_ms("billsec")
    start = read_stamp(row.text("start_stamp"), zone, "start_stamp")
    if start is None:
        # The template "opencdrrate" has no start: a call that nobody took lasts no time in it.
        start = end - timedelta(milliseconds=duration_ms) if duration_ms is not None else answer or end
    check_order(start, end)
    text = row.text
    caller_name = text("caller_id_name") or (text("caller_id") or "").partition("<")[0].strip(' "')
    return FsLeg(
        where=where,
        uuid=row.need_text("uuid"),
        start=start,
        end=end,
        answer=answer,
        caller=text("caller_id_number") or text("ani") or "",
        caller_name=caller_name or text("original_caller_id_name") or "",
        target=text("destination_number") or "",
        line=text("destination_number") or "",
        context=text("context") or "",
        cause=text("hangup_cause") or "",
        talk_ms=talk_ms,
        partner=text("bleg_uuid") or text("signal_bond") or text("bridge_channel") or "",
        last_app=(text("last_app") or "").lower(),
        queue=(text("last_arg") or "") if text("last_app") == "callcenter" else "",
        files=tuple(name for name in (text("sofia_record_file"),) if name),
    )
