"""From a server's reply to an answer: exactly the form that was asked for, or nothing. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from callscore.scoring.judging import JudgeAnswer, Ruling

__all__ = ["answer_text", "parse_answer", "reply_content"]

MAX_QUOTE_CHARS: Final = 2000
MAX_TURN: Final = 1_000_000


def reply_content(body: bytes) -> str | None:
    """Return what the model wrote in a chat completion; None for a refusal or any other shape."""
    try:
        message = json.loads(body)["choices"][0]["message"]
        content = message["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return content if isinstance(content, str) and not message.get("refusal") else None


def parse_answer(text: str) -> JudgeAnswer | None:
    """Return the answer that `text` is; None for anything but the one JSON object that was asked for.

    >>> parse_answer('{"verdict": "no", "turn": 0, "quote": ""}')
    JudgeAnswer(ruling=<Ruling.NO: 'no'>, turn=0, quote='')
    >>> parse_answer('Sure! {"verdict": "no", "turn": 0, "quote": ""}') is None
    True
    """
    try:
        found = json.loads(text, object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != {"verdict", "turn", "quote"}:
        return None
    verdict, turn, quote = found["verdict"], found["turn"], found["quote"]
    if not isinstance(verdict, str) or verdict not in set(Ruling):
        return None
    if type(turn) is not int or not 0 <= turn <= MAX_TURN:
        return None
    if not isinstance(quote, str) or len(quote) > MAX_QUOTE_CHARS:
        return None
    return JudgeAnswer(ruling=Ruling(verdict), turn=turn, quote=quote)


def answer_text(answer: JudgeAnswer) -> str:
    """Return the answer as the text that `parse_answer` reads."""
    return json.dumps({"verdict": str(answer.ruling), "turn": answer.turn, "quote": answer.quote}, ensure_ascii=False)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)
