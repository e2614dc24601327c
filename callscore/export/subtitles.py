"""Dialogues as SubRip subtitles and as RTTM speaker segments. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from callscore.records import Dialogue, Role, Turn, Word
from callscore.units import Span

__all__ = ["rttm_text", "srt_text"]

_NAMES: Final = {
    "ru": {Role.OPERATOR: "Оператор", Role.CLIENT: "Клиент", Role.SYSTEM: "Система"},
    "en": {Role.OPERATOR: "Operator", Role.CLIENT: "Client", Role.SYSTEM: "System"},
}
# What stands on a screen long enough to be read: two lines, as the BBC's and Netflix's guides to subtitles have it.
_MOST_CHARS: Final = 84
_MOST_MS: Final = 7000


def srt_text(dialogue: Dialogue, language: str) -> str:
    """Return what was said as SubRip: numbered cues with the role before the words; long turns are split between words.

    Args:
        dialogue: the call.
        language: of the names of roles, ru or en.
    """
    names = _NAMES.get(language, _NAMES["en"])
    cues = sorted(
        ((span, names[turn.role], text) for turn in dialogue.spoken() for span, text in _cues(turn)),
        key=lambda cue: (cue[0].start_ms, cue[0].end_ms),
    )
    return "".join(
        f"{number}\r\n{_clock(span.start_ms)} --> {_clock(span.end_ms)}\r\n{name}: {text}\r\n\r\n"
        for number, (span, name, text) in enumerate(cues, 1)
    )


def rttm_text(dialogue: Dialogue, call_id: str) -> str:
    """Return who speaks when as RTTM (NIST Rich Transcription 2009, appendix A): a line per turn, times in seconds.

    The speaker is the role and the anonymous voice, so that two operators in a call stay two.
    """
    return "".join(_rttm_line(turn, _one_word(call_id)) for turn in dialogue.spoken())


def _rttm_line(turn: Turn, name: str) -> str:
    start_s, length_s = turn.span.start_ms / 1000, (turn.span.end_ms - turn.span.start_ms) / 1000
    speaker = _one_word(f"{turn.role.value}-{turn.speaker}")
    return f"SPEAKER {name} {turn.channel + 1} {start_s:.3f} {length_s:.3f} <NA> <NA> {speaker} <NA> <NA>\n"


def _one_word(text: str) -> str:
    return re.sub(r"\s+", "_", text)


def _cues(turn: Turn) -> Iterator[tuple[Span, str]]:
    held: list[Word] = []
    for word in turn.words:
        if held and (_length(held) + 1 + len(word.text) > _MOST_CHARS or word.span.end_ms - held[0].span.start_ms > _MOST_MS):
            yield _cue(held)
            held = []
        held.append(word)
    if held:
        yield _cue(held)


def _length(words: Sequence[Word]) -> int:
    return sum(len(word.text) for word in words) + len(words) - 1


def _cue(words: Sequence[Word]) -> tuple[Span, str]:
    # An arrow or an empty line inside the words would end the cue.
    text = " ".join(" ".join(word.text for word in words).replace("-->", "→").split())
    return Span(words[0].span.start_ms, max(word.span.end_ms for word in words)), text


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d},{ms % 1000:03d}"
