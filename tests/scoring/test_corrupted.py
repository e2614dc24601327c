"""Verdicts on misheard words: what cannot be told any more is unsure, not wrong."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callscore.dialogue.metrics import measure
from callscore.records import CallInfo, Dialogue, Direction, Layout, Role, Turn, TurnKind, Word
from callscore.rubric import load_book
from callscore.scoring import guess_call_type, score_call
from callscore.shipped import shipped_dir
from callscore.units import Span
from tests.phrases.corrupt import corrupt_words

SHARE = 0.15


def exact_dialogue(call: Mapping[str, Any]) -> Dialogue:
    """Return a labelled call word by word, the words of a turn spread evenly over its time."""
    turns: list[Turn] = []
    for said in sorted(call["turns"], key=lambda turn: (turn["start"], turn["end"])):
        span = Span(round(said["start"] * 1000), round(said["end"] * 1000))
        if said["kind"] == "speech":
            role = Role.SYSTEM if said["speaker"] == "ivr" else Role(said["channel"])
            channel = int(role is Role.CLIENT)
            kind, words = TurnKind.SPEECH, tuple(spread(said["text"].split(), span))
        elif said["kind"] in ("hold", "ring"):
            role, channel, kind, words = Role.SYSTEM, 0, TurnKind(said["kind"]), ()
        else:
            continue
        turns.append(Turn(turn_no=len(turns), kind=kind, role=role, speaker=role, channel=channel, span=span, words=words))
    return Dialogue(duration_ms=round(call["seconds"] * 1000), layout=Layout.STEREO, language="ru", turns=tuple(turns))


def spread(texts: list[str], span: Span) -> Iterator[Word]:
    """Yield words of equal length that fill the span."""
    for number, text in enumerate(texts):
        start = span.start_ms + span.length_ms * number // len(texts)
        end = span.start_ms + span.length_ms * (number + 1) // len(texts)
        yield Word(span=Span(start, end), text=text, prob=1.0)


def misheard(dialogue: Dialogue, seed: str) -> Dialogue:
    """Return the dialogue with a share of its words misheard, dropped or glued; a turn that lost all its words is gone."""
    turns: list[Turn] = []
    for turn in dialogue.turns:
        heard = corrupt_words([word.text for word in turn.words], SHARE, hash_of(f"{seed}{turn.turn_no}"))
        if turn.kind is not TurnKind.SPEECH or heard:
            words = tuple(spread(heard, turn.span)) if heard else ()
            turns.append(replace(turn, turn_no=len(turns), words=words))
    return replace(dialogue, turns=tuple(turns))


def hash_of(text: str) -> int:
    """Return the same number for the same text in every process."""
    return zlib.crc32(text.encode())


@pytest.fixture(scope="module")
def counts(shared_dir: Path) -> Counter[str]:
    """How many verdicts on misheard calls are right, wrong, unsure; two seeds."""
    book = load_book(shipped_dir("rubrics"))
    found: Counter[str] = Counter()
    for line in (shared_dir / "calls" / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        call = json.loads(line)
        info = CallInfo(call_id=call["id"], direction=Direction(call["meta"]["direction"]), language="ru")
        for seed in ("a", "b"):
            dialogue = misheard(exact_dialogue(call), f"{call['id']}{seed}")
            (score,) = score_call(dialogue, measure(dialogue), info, guess_call_type(dialogue, info, book), book)
            verdicts = {result.criterion: result.verdict for result in score.results}
            for criterion, label in call["labels"].items():
                verdict = verdicts[criterion]
                found["unsure" if verdict == "unsure" else "right" if verdict == label else "wrong"] += 1
    return found


def test_misheard_calls_are_decided_right_or_not_at_all(counts: Counter[str]) -> None:
    """With 15 % of the words misheard, 93 % of the decided verdicts are right."""
    assert counts["right"] / (counts["right"] + counts["wrong"]) >= 0.93


def test_doubt_is_told_rather_than_hidden(counts: Counter[str]) -> None:
    """Wrong verdicts are less than half as many as those that say they are unsure."""
    assert counts["wrong"] < counts["unsure"] / 2
