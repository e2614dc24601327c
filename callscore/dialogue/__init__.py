"""From words, speakers and sounds to a dialogue: turns with roles, and what can be measured on them."""

from callscore.dialogue.align import SpeakerUtterance, align_words
from callscore.dialogue.metrics import measure
from callscore.dialogue.roles import assign_roles
from callscore.dialogue.trouble import Trouble, TroubleKind, find_troubles
from callscore.dialogue.turns import build_turns, sound_turns

__all__ = [
    "SpeakerUtterance",
    "Trouble",
    "TroubleKind",
    "align_words",
    "assign_roles",
    "build_turns",
    "find_troubles",
    "measure",
    "sound_turns",
]
