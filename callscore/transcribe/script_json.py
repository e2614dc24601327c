"""Reads scripts in JSON: turns as in truth.jsonl, and segments as Whisper, faster-whisper and whisperX write them. Pure."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from callscore.errors import TranscribeError
from callscore.records import Role, TurnKind, Word
from callscore.transcribe.script import Script, ScriptTurn, clean_text, role_of_speaker, spread_words
from callscore.units import Span

__all__ = ["is_segments", "parse_json", "parse_segments", "parse_turns"]

# No recording is longer than a day; a larger number is milliseconds or damage.
_LONGEST_S: Final = 86_400.0
_LARGEST: Final = 10**12
_CHANNELS: Final = {"left": 0, "right": 1, "operator": 0, "client": 1}
_UNKEPT: Final = "silence"


@dataclass(frozen=True, slots=True)
class _RawWord:
    """A word whose times may be missing (whisperX gives none for digits)."""

    text: str
    span: Span | None
    prob: float
    speaker: str


def parse_json(text: str, where: str) -> Any:
    """Return the parsed JSON, with NaN and infinity refused.

    Raises:
        TranscribeError: if it is no JSON; names line and column.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as exc:
        raise TranscribeError(f"this is no JSON: {exc.msg}", where=f"{where}:{exc.lineno}:{exc.colno}") from exc
    except (ValueError, RecursionError) as exc:
        raise TranscribeError(f"this JSON cannot be read: {exc}", where=where) from exc


def is_segments(data: Any) -> bool:
    """Tell whether `data` looks like the output of a Whisper tool."""
    return isinstance(data, dict) and isinstance(data.get("segments"), list)


def parse_turns(data: Any, where: str) -> Script:
    """Return the script in an object of the shape of a truth.jsonl line; labels and call type are not read.

    Channel names mean the usual layout: operator left, client right.

    Raises:
        TranscribeError: names the turn that is wrong.
    """
    turns = data.get("turns") if isinstance(data, dict) else None
    if not isinstance(turns, list):
        raise TranscribeError("a script needs a list of turns", where=where, hint='{"turns": [{"speaker": "operator", ...}]}')
    is_mono = data.get("layout") == "mono"
    found = [_turn(raw, f"{where}: turn {number}", is_mono=is_mono) for number, raw in enumerate(turns, 1)]
    return _script([turn for turn in found if turn], data.get("language"))


def parse_segments(data: Any, where: str) -> Script:
    """Return the script in the JSON of a Whisper tool: an object with `segments`, or their list.

    Words keep their probability; segments without words take that of the segment. A segment in which the speaker changes
    gives several turns.

    Raises:
        TranscribeError: names the segment that is wrong.
    """
    segments = data.get("segments") if isinstance(data, dict) else data
    if not isinstance(segments, list):
        raise TranscribeError("a Whisper transcript needs a list of segments", where=where)
    turns: list[ScriptTurn] = []
    for number, raw in enumerate(segments, 1):
        turns += _segment(raw, f"{where}: segment {number}")
    return _script(turns, data.get("language") if isinstance(data, dict) else None)


def _script(turns: list[ScriptTurn], language: Any) -> Script:
    ordered = sorted(turns, key=lambda turn: (turn.span.start_ms, turn.span.end_ms))
    known = language if isinstance(language, str) and re.fullmatch(r"[a-z]{2,3}", language) else None
    return Script(turns=tuple(ordered), language=known)


def _turn(raw: Any, where: str, *, is_mono: bool) -> ScriptTurn | None:
    """Return one turn of a turns.json, None for silence and for speech without text."""
    if not isinstance(raw, dict):
        raise TranscribeError("a turn must be an object", where=where)
    kind = raw.get("kind", "speech")
    if kind == _UNKEPT:
        return None
    if kind not in list(TurnKind):
        raise TranscribeError(f"unknown kind of turn {kind!r}", where=where, hint="speech, hold, ring or silence")
    span = _span(raw, where)
    channel = 0 if is_mono else _channel(raw.get("channel"), where)
    if kind != TurnKind.SPEECH:
        return ScriptTurn(span=span, kind=TurnKind(kind), speaker="", role=Role.SYSTEM, channel=channel, words=())
    speaker, text = _text(raw, "speaker", where), _text(raw, "text", where)
    words = _timed(_raw_words(raw, where), span) or spread_words(text.split(), span)
    if not words:
        return None
    return ScriptTurn(
        span=span, kind=TurnKind.SPEECH, speaker=speaker, role=role_of_speaker(speaker), channel=channel, words=words
    )


def _segment(raw: Any, where: str) -> list[ScriptTurn]:
    if not isinstance(raw, dict):
        raise TranscribeError("a segment must be an object", where=where)
    span = _span(raw, where)
    channel = _channel(raw.get("channel"), where)
    speaker, text = _text(raw, "speaker", where), _text(raw, "text", where)
    raws = _raw_words(raw, where)
    if raws:
        words = _timed(raws, span)
        speakers = [word.speaker or speaker for word in raws]
    else:
        words = spread_words(text.split(), span, _segment_prob(raw, where))
        speakers = [speaker] * len(words)
    return [
        _spoken(name, channel, tuple(word for word, _ in group))
        for name, group in itertools.groupby(zip(words, speakers, strict=True), key=lambda pair: pair[1])
    ]


def _spoken(speaker: str, channel: int | None, words: tuple[Word, ...]) -> ScriptTurn:
    span = Span(min(word.span.start_ms for word in words), max(word.span.end_ms for word in words))
    return ScriptTurn(
        span=span, kind=TurnKind.SPEECH, speaker=speaker, role=role_of_speaker(speaker), channel=channel, words=words
    )


def _raw_words(raw: dict[str, Any], where: str) -> list[_RawWord]:
    given = raw.get("words") or []
    if not isinstance(given, list):
        raise TranscribeError("words must be a list", where=where)
    found: list[_RawWord] = []
    for number, item in enumerate(given, 1):
        at = f"{where}, word {number}"
        if not isinstance(item, dict):
            raise TranscribeError("a word must be an object", where=at)
        text = (_text(item, "word", at) or _text(item, "text", at)).strip()
        if text:
            span = _span(item, at) if "start" in item and "end" in item else None
            found.append(_RawWord(text, span, _prob(item, at), _text(item, "speaker", at)))
    return found


def _timed(raws: Sequence[_RawWord], span: Span) -> tuple[Word, ...]:
    """Return words with times; those without share the time between their neighbours."""
    words: list[Word] = []
    for has_span, run in itertools.groupby(enumerate(raws), key=lambda pair: pair[1].span is not None):
        items = list(run)
        if has_span:
            words += [Word(span=raw.span, text=raw.text, prob=raw.prob) for _, raw in items if raw.span]
            continue
        following = raws[items[-1][0] + 1].span if items[-1][0] + 1 < len(raws) else None
        start = words[-1].span.end_ms if words else span.start_ms
        end = following.start_ms if following else span.end_ms
        spread = spread_words([raw.text for _, raw in items], Span(start, max(start, end)))
        words += [Word(span=w.span, text=w.text, prob=raw.prob) for w, (_, raw) in zip(spread, items, strict=True)]
    return tuple(words)


def _span(raw: dict[str, Any], where: str) -> Span:
    """Return the span in the seconds `start` and `end`."""
    start, end = (_number(raw, key, where) for key in ("start", "end"))
    if not 0 <= start <= end <= _LONGEST_S:
        raise TranscribeError(f"times must be seconds with 0 <= start <= end, got {start:g} and {end:g}", where=where)
    return Span(round(start * 1000), round(end * 1000))


def _number(raw: dict[str, Any], key: str, where: str) -> float:
    value = raw.get(key)
    # An integer of JSON may be larger than any float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise TranscribeError(f"{key!r} must be a number, got {type(value).__name__}", where=where)
    return float(min(max(value, -_LARGEST), _LARGEST))


def _prob(raw: dict[str, Any], where: str) -> float:
    for key in ("prob", "probability", "score", "confidence"):
        if raw.get(key) is not None:
            return min(1.0, max(0.0, _number(raw, key, where)))
    return 1.0


def _segment_prob(raw: dict[str, Any], where: str) -> float:
    """Return the mean probability of a segment's tokens, 1 where it is not given."""
    if raw.get("avg_logprob") is None:
        return _prob(raw, where)
    return math.exp(min(0.0, _number(raw, "avg_logprob", where)))


def _text(raw: dict[str, Any], key: str, where: str) -> str:
    value = raw.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TranscribeError(f"{key!r} must be text, got {type(value).__name__}", where=where)
    return clean_text(value)


def _channel(value: Any, where: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, str) and value.lower() in _CHANNELS:
        return _CHANNELS[value.lower()]
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1):
        return value
    raise TranscribeError(f"unknown channel {value!r}", where=where, hint="0 or left, 1 or right")


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")
