"""The shipped rubrics: their own examples, wordings nobody tuned them on, and the labelled calls with exact and noisy words."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from callscore.dialogue.metrics import measure
from callscore.records import CallInfo, CallType, Dialogue, Direction, Layout, Role, Turn, TurnKind, Verdict, Word
from callscore.rubric import RubricBook, load_book
from callscore.rubric.example_dialogue import dialogue_from_text
from callscore.rubric.lint import find_remarks
from callscore.scoring import guess_call_type, score_call
from callscore.scoring.selftest import run_examples
from callscore.units import Span

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "criteria"
INBOUND = (
    "greeting", "company_name", "operator_name", "recording_notice", "client_name", "needs_question", "objection_price",
    "objection_think", "delivery_payment", "next_step", "hold_manners", "no_blind_transfer", "politeness", "farewell",
    "no_dead_air",
)  # fmt: skip
OUTBOUND = ("confirm_address", "confirm_date", "ask_stock", "ask_rating")

# Letters that telephone speech confuses; a corrupted word swaps some of them, or is dropped.
ALIKE = dict(zip("аоеибпдтзсвфгкжшнмрлы", "оаиепбтдсзфвкгшжмнлри", strict=True))


@pytest.fixture(scope="module")
def book() -> RubricBook:
    """Return the shipped rubrics."""
    return load_book(ROOT / "rubrics")


def cases() -> Iterator[tuple[str, str]]:
    """Yield criterion and block of every case file."""
    for path in sorted(CASES.glob("*.txt")):
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        for block in "\n".join(lines).strip().split("\n\n"):
            yield path.stem, block


def test_every_example_gets_its_verdict(book: RubricBook) -> None:
    """The examples in the rubric files are their unit tests."""
    wrong = [f"{r.where} {r.criterion}: {r.got}" for r in run_examples(book, measure) if not r.is_right]
    assert wrong == []


def test_no_remarks(book: RubricBook) -> None:
    """The shipped rubrics give no cause for a remark: each criterion has at least three examples."""
    assert find_remarks(book) == ()


@pytest.mark.parametrize(("criterion", "block"), list(cases()))
def test_paraphrases(book: RubricBook, criterion: str, block: str) -> None:
    """Other shops, goods and wordings than those of the labelled calls get the verdict a listener gives."""
    head, _, text = block.partition("\n")
    verdict, kind = head.split()
    dialogue = dialogue_from_text(text, "ru")
    direction = Direction.OUTBOUND if kind.startswith("outbound") else Direction.INBOUND
    info = CallInfo(call_id="case", direction=direction, language="ru")
    scores = score_call(dialogue, measure(dialogue), info, CallType(id=kind, confidence=1.0, reason=""), book)
    result = next(r for r in scores[0].results if r.criterion == criterion)
    assert result.verdict == Verdict(verdict), result.reason


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("call_type", ["sale", "order_status", "complaint", "wrong_number", "voicemail"])
def test_inbound_rubrics_share_the_criteria(book: RubricBook, language: str, call_type: str) -> None:
    """Whatever an inbound call is taken for, it gets a row for each of the fifteen criteria, from exactly one rubric."""
    assert set(INBOUND) <= _criteria(book, language, call_type, Direction.INBOUND)


@pytest.mark.parametrize("call_type", ["outbound_address", "outbound_supplier", "outbound_feedback", "voicemail"])
def test_outbound_rubrics_share_the_criteria(book: RubricBook, call_type: str) -> None:
    """Whatever an outbound call is taken for, no criterion of another type is missing."""
    assert {*INBOUND, *OUTBOUND} <= _criteria(book, "ru", call_type, Direction.OUTBOUND)


def _criteria(book: RubricBook, language: str, call_type: str, direction: Direction) -> set[str]:
    dialogue = dialogue_from_text("O: Алло.\nC: Алло.", language)
    info = CallInfo(call_id="x", direction=direction, language=language)
    scores = score_call(dialogue, measure(dialogue), info, CallType(id=call_type, confidence=1.0, reason=""), book)
    assert len(scores) == 1
    return {result.criterion for result in scores[0].results}


@pytest.mark.parametrize(("rate", "least_right", "least_sure"), [(0.0, 0.97, 0.98), (0.15, 0.9, 0.93), (0.35, 0.8, 0.88)])
def test_labelled_calls(book: RubricBook, shared_dir: Path, rate: float, least_right: float, least_sure: float) -> None:
    """Verdicts agree with the labels, also where words are misheard or lost, and no recording notice is made up."""
    total: Counter[str] = Counter()
    lines = (shared_dir / "calls" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    for call in map(json.loads, lines):
        dialogue = _dialogue(call, rate)
        info = CallInfo(
            call_id=call["id"],
            direction=Direction(call["meta"]["direction"]),
            queue=call["meta"].get("queue"),
            transferred_to=call["meta"].get("transferred_to"),
            language="ru",
        )
        scores = score_call(dialogue, measure(dialogue), info, guess_call_type(dialogue, info, book), book)
        verdicts = {result.criterion: result.verdict.value for result in scores[0].results}
        for criterion, label in call["labels"].items():
            total["n"] += 1
            total["right"] += verdicts[criterion] == label
            total["unsure"] += verdicts[criterion] == "unsure"
            assert (criterion, label, verdicts[criterion]) != ("recording_notice", "fail", "pass"), call["id"]
    assert total["right"] / total["n"] >= least_right
    assert total["right"] / (total["n"] - total["unsure"]) >= least_sure


def _dialogue(call: dict[str, object], rate: float) -> Dialogue:
    """Return a labelled call as a dialogue, `rate` of its words misheard or lost; the same ones in every run."""
    rng = random.Random(f"{call['id']} {rate}")
    turns: list[Turn] = []
    given = call["turns"]
    assert isinstance(given, list)
    for turn in given:
        span = Span(int(turn["start"] * 1000), int(turn["end"] * 1000))
        if turn["kind"] == "silence":
            continue
        if turn["kind"] != "speech":
            kind = TurnKind(turn["kind"])
            turns.append(Turn(turn_no=0, kind=kind, role=Role.SYSTEM, speaker="system", channel=0, span=span))
            continue
        role = Role.SYSTEM if turn["speaker"] == "ivr" else Role(turn["channel"])
        words = _words(turn["text"].split(), span, rate, rng)
        if words:
            channel = int(turn["channel"] == "client")
            turns.append(
                Turn(
                    turn_no=0,
                    kind=TurnKind.SPEECH,
                    role=role,
                    speaker=turn["speaker"],
                    channel=channel,
                    span=span,
                    words=words,
                )
            )
    turns.sort(key=lambda turn: (turn.span.start_ms, turn.span.end_ms))
    return Dialogue(
        duration_ms=int(float(str(call["seconds"])) * 1000), layout=Layout.STEREO, language="ru", turns=tuple(turns)
    )


def _words(texts: list[str], span: Span, rate: float, rng: random.Random) -> tuple[Word, ...]:
    words = []
    for at, text in enumerate(texts):
        heard, prob = text, 1.0
        if rng.random() < rate:
            heard, prob = _misheard(text, rng), rng.uniform(0.2, 0.8)
        start = span.start_ms + span.length_ms * at // len(texts)
        end = span.start_ms + span.length_ms * (at + 1) // len(texts)
        if heard:
            words.append(Word(span=Span(start, end), text=heard, prob=prob))
    return tuple(words)


def _misheard(text: str, rng: random.Random) -> str:
    places = [at for at, letter in enumerate(text) if letter in ALIKE]
    if not places or rng.random() < 0.3:
        return ""
    letters = list(text)
    for at in rng.sample(places, min(len(places), rng.choice((1, 1, 2, 3)))):
        letters[at] = ALIKE[letters[at]]
    return "".join(letters)
