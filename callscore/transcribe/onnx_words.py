"""From the tokens of an ONNX model to words with times and probabilities. Pure; knows no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from callscore.transcribe.recognise import HeardWord

__all__ = ["UNKNOWN_PROB", "join_tokens", "spread_text"]

UNKNOWN_PROB: Final = 0.5
"""Probability of words from a model that gives none: neither recognised badly nor well (see Thresholds.weak_prob)."""

# SentencePiece's mark of a blank, and what T-one's tokenizer has in its place.
_BLANKS: Final = " \u2581|"
_OPENING: Final = "«„“(["
_CLOSING: Final = ".,!?…:;»”)]%"
# A token comes with the time at which it begins. Letters of unhurried speech last some 70 ms.
_LETTER_MS: Final = 70


@dataclass(slots=True)
class _Part:
    """A word in the making."""

    text: str = ""
    times: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    last: str = ""


def join_tokens(
    tokens: Sequence[str], times_ms: Sequence[int], logprobs: Sequence[float] | None, length_ms: int
) -> tuple[HeardWord, ...]:
    """Return the words that `tokens` spell: letters with blanks between them, or pieces that begin with a blank.

    A word ends where its last piece has been said, at the next word at the latest. Its probability is the geometric mean of
    those of its tokens. Punctuation belongs to the word before; tokens such as "<unk>" to none.

    Args:
        tokens: as the model's vocabulary has them.
        times_ms: when each begins, ascending.
        logprobs: natural logarithms of their probabilities; None: unknown.
        length_ms: of the sound.

    >>> [(w.text, w.start_ms, w.end_ms) for w in join_tokens([" ", "д", "а", " ", "я"], [0, 40, 120, 200, 240], None, 2000)]
    [('да', 40, 190), ('я', 240, 310)]
    """
    parts = _parts(tokens, times_ms, logprobs)
    words = []
    for number, part in enumerate(parts):
        following = parts[number + 1].times[0] if number + 1 < len(parts) else length_ms
        letters = sum(char.isalnum() for char in part.last)
        end_ms = min(part.times[-1] + _LETTER_MS * max(1, letters), max(following, part.times[-1]), length_ms)
        start_ms = min(part.times[0], length_ms)
        prob = math.exp(min(0.0, sum(part.logprobs) / len(part.logprobs))) if part.logprobs else UNKNOWN_PROB
        words.append(HeardWord(part.text, start_ms, max(start_ms, end_ms), prob))
    return tuple(words)


def spread_text(text: str, length_ms: int, prob: float = UNKNOWN_PROB) -> tuple[HeardWord, ...]:
    """Return the words of a text without times, each as long as its share of letters; for models that give nothing else.

    >>> [(w.text, w.start_ms, w.end_ms) for w in spread_text("да, нет", 500)]
    [('да,', 0, 200), ('нет', 200, 500)]
    """
    words = [word for word in text.split() if any(char.isalnum() for char in word)]
    sizes = [sum(char.isalnum() for char in word) for word in words]
    found, before = [], 0
    for word, size in zip(words, sizes, strict=True):
        start_ms, end_ms = (length_ms * edge // sum(sizes) for edge in (before, before + size))
        found.append(HeardWord(word, start_ms, end_ms, prob))
        before += size
    return tuple(found)


def _parts(tokens: Sequence[str], times_ms: Sequence[int], logprobs: Sequence[float] | None) -> list[_Part]:
    parts: list[_Part] = []
    is_new, prefix = True, ""
    for number, token in enumerate(tokens):
        text = token.strip(_BLANKS)
        is_new = is_new or token[:1] in tuple(_BLANKS)
        if not text or _is_marker(text):
            continue
        if not any(char.isalnum() for char in text):
            if text in _OPENING:
                prefix = text
            elif parts and (not is_new or text in _CLOSING):
                parts[-1].text += text
            continue
        if is_new or prefix:
            parts.append(_Part(text=prefix))
        part, is_new, prefix = parts[-1], token[-1:] in tuple(_BLANKS), ""
        part.text += text
        part.last = text
        part.times.append(times_ms[number])
        if logprobs is not None:
            part.logprobs.append(logprobs[number])
    return parts


def _is_marker(text: str) -> bool:
    return text == "⁇" or (text.startswith("<") and text.endswith(">"))
