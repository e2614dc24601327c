"""Penalties of queue members for Asterisk: reading queues.conf, and the files that propose others.

Members with a lower penalty are tried first; those with a higher one only while all of the lower are unavailable
(docs.asterisk.org, QueueAdd and queues.conf.sample).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from callscore.export.queue_files import PlacedMember, PresentMember, plain_comment

__all__ = ["FIRST_LEVEL", "asterisk_files", "read_queues_conf"]

FIRST_LEVEL: Final = 0
"""The penalty of members that are tried first, and of those for which the file gives none."""
_BLOCK_COMMENT: Final = re.compile(r";--.*?--;", re.DOTALL)
_SECTION: Final = re.compile(r"\[([^\]]+)\]")
_MEMBER: Final = re.compile(r"member\s*=>?\s*(.*)", re.IGNORECASE)
_HEAD: Final = (
    "; Proposed by callscore from calls and sales. Nothing was changed in the exchange.",
    "; Put these lines in place of the member lines of each queue, then: asterisk -rx 'queue reload members'",
    "; Where queues are kept in a database (FreePBX, realtime), set the penalties there.",
)


def read_queues_conf(text: str) -> tuple[PresentMember, ...]:
    r"""Return the members in a queues.conf, in order; includes are not followed.

    >>> read_queues_conf("[sales]\nstrategy = rrmemory\nmember => PJSIP/101,1,Anna ; the first\n")[0].level
    1
    """
    return tuple(_members(_BLOCK_COMMENT.sub("", text)))


def asterisk_files(members: Sequence[PlacedMember]) -> Mapping[str, str]:
    """Return the files by name: lines for queues.conf, and commands that set the penalties at once and set them back."""
    return {
        "queues.conf": "\n".join([*_HEAD, *_sections(members)]) + "\n",
        "apply.txt": _commands((member, member.level) for member in members),
        "undo.txt": _commands((member, member.undo_level) for member in members),
    }


def _members(text: str) -> Iterator[PresentMember]:
    queue = ""
    for line in text.splitlines():
        bare = re.split(r"(?<!\\);", line, maxsplit=1)[0].strip()
        if section := _SECTION.match(bare):
            queue = section.group(1).strip()
        elif found := _MEMBER.fullmatch(bare):
            member, *fields = (field.strip() for field in found.group(1).split(","))
            penalty = fields[0] if fields else ""
            if member and queue:
                yield PresentMember(
                    queue=queue,
                    member=member,
                    level=int(penalty) if penalty.isascii() and penalty.isdigit() else FIRST_LEVEL,
                    name=fields[1] if len(fields) > 1 else "",
                    rest=tuple(fields[1:]),
                )


def _sections(members: Sequence[PlacedMember]) -> Iterator[str]:
    for queue, inside in groupby(members, key=lambda member: member.queue):
        yield ""
        yield f"[{queue}]"
        for member in inside:
            yield f"; {plain_comment(member.person)}"
            yield "member => " + ",".join((member.member, str(member.level), *map(_field, member.rest)))


def _field(text: str) -> str:
    """Return a field of a member line as it was, without what could end it."""
    return "".join(sign for sign in text if sign.isprintable() and sign not in ";,")


def _commands(levels: Iterator[tuple[PlacedMember, int]]) -> str:
    return "".join(f"queue set penalty {level} on {member.member} in {member.queue}\n" for member, level in levels)
