"""Reads scripts in SRT and WebVTT, with speakers as `Name:`, `[Name]` or `<v Name>`. Pure."""

from __future__ import annotations

import collections
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callscore.errors import TranscribeError
from callscore.records import TurnKind
from callscore.transcribe.script import Script, ScriptTurn, clean_text, role_of_speaker, spread_words
from callscore.units import Span

__all__ = ["parse_subtitles"]

_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMES: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_VOICE: Final = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_TAG: Final = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_NAMED: Final = re.compile(r"\[([^\[\]:]{1,40})\]:?\s+(.*)|([^\W\d_][\w.-]*(?: [\w.-]+){0,2}):\s+(.*)")
_DIARIZED: Final = re.compile(r"(?:speaker|спикер|голос|s)[ _]?\d+", re.IGNORECASE)
# "Адрес: улица Садовая" is no speaker; a name that opens this many cues is.
_FEWEST_CUES: Final = 2


@dataclass(frozen=True, slots=True)
class _Cue:
    """The time of a cue and its lines, tags of voices still in."""

    span: Span
    lines: tuple[str, ...]


def parse_subtitles(text: str, where: str) -> Script:
    """Return the script in SRT or WebVTT text.

    A cue without a speaker belongs to the one before. Several speakers in a cue share its time by length of what they say.

    Raises:
        TranscribeError: names the line with a time that cannot be read, or says that there is no cue at all.
    """
    cues = _cues(clean_text(text), where)
    if not cues:
        raise TranscribeError("there is no cue in these subtitles", where=where)
    names = _speaker_names(cues)
    turns: list[ScriptTurn] = []
    speaker = ""
    for cue in cues:
        said: list[tuple[str, list[str]]] = []
        for line in cue.lines:
            name, spoken = _split_speaker(line, names)
            speaker = name or speaker
            if said and said[-1][0] == speaker:
                said[-1][1].extend(spoken.split())
            else:
                said.append((speaker, spoken.split()))
        turns += _turns(cue.span, said)
    turns.sort(key=lambda turn: (turn.span.start_ms, turn.span.end_ms))
    return Script(turns=tuple(turns), language=None)


def _cues(text: str, where: str) -> list[_Cue]:
    """Return the cues; whatever stands before a time line in its block (number, cue id) is no text."""
    cues: list[_Cue] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines):
        if "-->" not in lines[at]:
            at += 1
            continue
        span = _times(lines[at], f"{where}:{at + 1}")
        end = at + 1
        while end < len(lines) and lines[end].strip() and "-->" not in lines[end]:
            end += 1
        body = [line.strip() for line in lines[at + 1 : end]]
        if end < len(lines) and "-->" in lines[end] and body and body[-1].isdigit():
            body.pop()  # the number of a cue that follows without an empty line
        cues.append(_Cue(span, tuple(line for line in body if line)))
        at = end
    return cues


def _times(line: str, where: str) -> Span:
    match = _TIMES.fullmatch(line)
    if not match:
        raise TranscribeError("this line of times cannot be read", where=where, hint="00:00:01,000 --> 00:00:02,500")
    parts = match.groups()
    start, end = (_to_ms(parts[i : i + 4]) for i in (0, 4))
    if start > end:
        raise TranscribeError("a cue ends before it starts", where=where)
    return Span(start, end)


def _to_ms(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))


def _speaker_names(cues: Sequence[_Cue]) -> frozenset[str]:
    """Return the names before colons and in brackets that are speakers: known ones, and those that come again."""
    counts: collections.Counter[str] = collections.Counter()
    for cue in cues:
        for line in cue.lines:
            match = _NAMED.fullmatch(_TAG.sub("", line))
            if match:
                counts[match[1] or match[3]] += 1
    return frozenset(
        name for name, n in counts.items() if n >= _FEWEST_CUES or role_of_speaker(name) or _DIARIZED.fullmatch(name)
    )


def _split_speaker(line: str, names: frozenset[str]) -> tuple[str, str]:
    """Return speaker (empty if the line names none) and plain text of a line."""
    voice = _VOICE.search(line)
    plain = html.unescape(_TAG.sub("", line)).strip()
    if voice:
        return voice[1].strip(), plain
    match = _NAMED.fullmatch(plain)
    if match and (match[1] or match[3]) in names:
        return match[1] or match[3], match[2] if match[1] else match[4]
    return "", plain


def _turns(span: Span, said: Sequence[tuple[str, list[str]]]) -> list[ScriptTurn]:
    """Return a turn per speaker; those without words vanish."""
    everything = spread_words([text for _, texts in said for text in texts], span)
    turns: list[ScriptTurn] = []
    at = 0
    for speaker, texts in said:
        words = everything[at : at + len(texts)]
        at += len(texts)
        if words:
            turns.append(
                ScriptTurn(
                    span=Span(words[0].span.start_ms, words[-1].span.end_ms),
                    kind=TurnKind.SPEECH,
                    speaker=speaker,
                    role=role_of_speaker(speaker),
                    channel=None,
                    words=words,
                )
            )
    return turns
