"""Tiers of agents for FreeSWITCH's mod_callcenter: reading callcenter.conf.xml, and the files that propose others.

Agents of a lower level are tried first; how long a caller waits before the next level is tried is set by the queue's
tier-rules-apply and tier-rule-wait-second (developer.signalwire.com, mod_callcenter).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

from callscore.export.queue_files import PlacedMember, PresentMember, plain_comment

__all__ = ["FIRST_LEVEL", "freeswitch_files", "read_callcenter_conf"]

FIRST_LEVEL: Final = 1
"""The level of agents that are tried first, and of those for which the file gives none."""
_COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
_TIER: Final = re.compile(r"<tier\s([^<>]*)>")
_ATTRIBUTE: Final = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_HEAD: Final = (
    "<!-- Proposed by callscore from calls and sales. Nothing was changed in the exchange. -->",
    "<!-- Put these in place of the tiers of callcenter.conf.xml; apply.txt sets the same levels at once. -->",
)


def read_callcenter_conf(text: str) -> tuple[PresentMember, ...]:
    """Return the tiers in a callcenter.conf.xml, in order; includes and variables are not followed.

    >>> read_callcenter_conf('<tier agent="101@default" queue="sales@default" level="2" position="1"/>')[0].level
    2
    """
    return tuple(_tiers(_COMMENT.sub("", text)))


def freeswitch_files(members: Sequence[PlacedMember]) -> Mapping[str, str]:
    """Return the files by name: tiers for callcenter.conf.xml, and commands that set the levels at once and set them back."""
    tiers = [
        f"  <tier agent={quoteattr(member.member)} queue={quoteattr(member.queue)} "
        f'level="{member.level}" position="{_position(member)}"/> <!-- {plain_comment(member.person)} -->'
        for member in members
    ]
    return {
        "tiers.xml": "\n".join([*_HEAD, "<tiers>", *tiers, "</tiers>"]) + "\n",
        "apply.txt": _commands((member, member.level) for member in members),
        "undo.txt": _commands((member, member.undo_level) for member in members),
    }


def _tiers(text: str) -> Iterator[PresentMember]:
    for tier in _TIER.finditer(text):
        found = {name: html.unescape(one or two) for name, one, two in _ATTRIBUTE.findall(tier.group(1))}
        if found.get("agent") and found.get("queue"):
            yield PresentMember(
                queue=found["queue"],
                member=found["agent"],
                level=_whole(found.get("level", "")),
                rest=(str(_whole(found.get("position", ""))),),
            )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else FIRST_LEVEL


def _position(member: PlacedMember) -> str:
    return member.rest[0] if member.rest else "1"


def _commands(levels: Iterator[tuple[PlacedMember, int]]) -> str:
    return "".join(f"callcenter_config tier set level {member.queue} {member.member} {level}\n" for member, level in levels)
