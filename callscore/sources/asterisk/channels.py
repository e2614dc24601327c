"""What the names of channels and contexts tell: who is an extension, who a trunk, and which way a call went. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from callscore.outside.phones import Phone, parse_phone
from callscore.outside.rows import clean_text
from callscore.records import Direction
from callscore.sources.asterisk.cdr import CdrRow

__all__ = [
    "CALLBACK",
    "EXTENSION",
    "INCOMING",
    "LINE",
    "CallRules",
    "Channel",
    "caller_name",
    "caller_number",
    "direction_of",
    "read_channel",
]

EXTENSION: Final = r"\d{2,6}"
INCOMING: Final = r"from-(?:trunk|pstn|did|zaptel|dahdi|sip-external)"
CALLBACK: Final = r"call-?back"
LINE: Final = r"(?:did=)?\+?(\d{5,15})"
_QUEUES: Final = re.compile(r"ext-queues|from-queue")
_WRAPPERS: Final = frozenset(("AsyncGoto", "Surrogate", "Bridge", "Transfered", "Parked", "Masq"))
_NUMBER: Final = re.compile(r"<([^<>]*)>\s*$")
_DIALLED: Final = re.compile(r"/\+?(\d{7,16})(?=[@,&/]|$)")


class Channel(NamedTuple):
    """A channel's name in parts: "PJSIP", "101" of PJSIP/101-00000103; of a Local channel `context` is what it dials in."""

    tech: str
    endpoint: str
    context: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is a pseudo channel that leads on to another one."""
        return self.tech == "Local"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRules:
    """How a customer's PBX names things; patterns are matched against whole names of endpoints and parts of contexts.

    `names` are employees by extension, `extensions` the other way round, `lines` our numbers by trunk, for rows that do not
    tell them. `trunk`: what is a trunk although it looks like an extension. `outside_prefix` is what employees dial before a
    number outside.
    """

    source: str = "asterisk"
    account: str = "asterisk"
    region: str = "RU"
    extension: re.Pattern[str] = re.compile(EXTENSION)
    trunk: re.Pattern[str] | None = None
    incoming: re.Pattern[str] = re.compile(INCOMING)
    callback: re.Pattern[str] = re.compile(CALLBACK)
    line: re.Pattern[str] = re.compile(LINE)
    names: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)
    outside_prefix: str = ""

    def extension_of(self, name: str) -> str | None:
        """Return the extension that a channel's or queue member's name is of; None for a trunk, or no channel at all."""
        endpoint = _endpoint(name)
        if endpoint is None or (self.trunk is not None and self.trunk.fullmatch(endpoint)):
            return None
        found = self.extension.fullmatch(endpoint)
        return None if found is None else (found.group(1) if self.extension.groups else found.group())

    def is_incoming(self, context: str) -> bool:
        """Tell whether calls come in through a context."""
        return _is_found(self.incoming, context)

    def number(self, text: str) -> Phone:
        """Return the phone number in a text."""
        return parse_phone(text, self.region)

    def dialled(self, row: CdrRow) -> Phone:
        """Return the number that a row dials, without the prefix for lines outside; from the command where `dst` has none."""
        text = row.dst.removeprefix(self.outside_prefix) if len(row.dst) > len(self.outside_prefix) + 6 else row.dst
        phone = self.number(text)
        if phone.e164 is None and (found := _DIALLED.search(row.lastdata)):
            return self.number(found.group(1))
        return phone


def read_channel(name: str) -> Channel | None:
    """Return the parts of a channel's name; None for what is none.

    >>> read_channel("Local/101@from-queue-0000001f;1")
    Channel(tech='Local', endpoint='101', context='from-queue')
    >>> read_channel("PJSIP/trunk-msk-00000104")
    Channel(tech='PJSIP', endpoint='trunk-msk', context='')
    """
    endpoint = _endpoint(name)
    if endpoint is None:
        return None
    tech, rest = _unwrapped(name)
    context = rest.partition(";")[0].partition("@")[2] if tech == "Local" else ""
    return Channel(tech, endpoint, _without_serial(context).removesuffix("/n"))


@functools.lru_cache(maxsize=65536)
def _endpoint(name: str) -> str | None:
    tech, rest = _unwrapped(name)
    if not rest or not tech.isalnum():
        return None
    return rest.partition("@")[0] if tech == "Local" else _without_serial(rest).partition("@")[0]


def _unwrapped(name: str) -> tuple[str, str]:
    tech, _, rest = name.partition("/")
    while tech in _WRAPPERS:
        tech, _, rest = rest.partition("/")
    return tech, rest


def _without_serial(text: str) -> str:
    head, dash, tail = text.rpartition("-")
    if not dash:
        return text
    try:
        int(tail, 16)
    except ValueError:
        return text
    return head


def caller_number(row: CdrRow, rules: CallRules) -> str | None:
    """Return the caller's phone as E.164; None where it is hidden, or an extension."""
    for text in (row.src, row.cnum, *(_NUMBER.findall(row.clid))):
        if text and (phone := rules.number(text)).e164:
            return phone.e164
    return None


def caller_name(row: CdrRow) -> str | None:
    """Return the caller's name."""
    return row.cnam or clean_text(row.clid.partition("<")[0].replace('"', " ")) or None


def direction_of(rows: Sequence[CdrRow], rules: CallRules) -> Direction:
    """Return which way a call went: by its first row, which is that of the channel that began it."""
    first = next((row for row in rows if not row.channel.startswith("Local/")), rows[0])
    for row in rows:
        if _is_found(rules.callback, row.dcontext):
            return Direction.CALLBACK
    if rules.is_incoming(first.dcontext):
        return Direction.INBOUND
    is_short = bool(rules.number(first.src).extension) and not caller_number(first, rules)
    is_trunk = rules.trunk is not None and rules.trunk.fullmatch(getattr(read_channel(first.channel), "endpoint", ""))
    if rules.extension_of(first.channel) is None and (is_trunk or not is_short):
        return Direction.INBOUND
    if _QUEUES.search(first.dcontext):
        return Direction.INTERNAL
    return Direction.OUTBOUND if any(rules.dialled(row).e164 for row in rows[:2]) else Direction.INTERNAL


@functools.lru_cache(maxsize=4096)
def _is_found(pattern: re.Pattern[str], context: str) -> bool:
    return pattern.search(context) is not None
