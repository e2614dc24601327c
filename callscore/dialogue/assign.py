"""Give every utterance its role."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.dialogue.align import SpeakerUtterance
from callscore.dialogue.cues import RoleCues
from callscore.dialogue.turns import RoledUtterance
from callscore.records import CallInfo, Layout, Role

__all__ = ["assign_roles"]


def assign_roles(
    utterances: Sequence[SpeakerUtterance], info: CallInfo, layout: Layout, language: str, cues: RoleCues
) -> tuple[RoledUtterance, ...]:
    """Return the utterances with roles."""
    del layout, language, cues
    return tuple(
        RoledUtterance(
            utterance=u, role=Role.OPERATOR if u.channel == (info.operator_channel or 0) else Role.CLIENT, confidence=1.0
        )
        for u in utterances
    )
