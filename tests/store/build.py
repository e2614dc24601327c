"""Builders of results for the store's tests: whole records, told by a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from callscore.records import (
    AudioInfo,
    CallInfo,
    CallMetrics,
    CallResult,
    CallScore,
    CallType,
    CriterionResult,
    Dialogue,
    Direction,
    Evidence,
    Layout,
    Provenance,
    RecordedCall,
    Recording,
    Role,
    SecondListen,
    Turn,
    TurnKind,
    Verdict,
    Word,
)
from callscore.store.entries import FailedCall
from callscore.units import Span

OPERATORS = ("a.smirnova", "d.kozlov", "m.orlova")
START = datetime(2026, 10, 5, 7, 0, tzinfo=UTC)
WORDS = ("Алло,", "компания", "Шинторг,", "Анна,", "здравствуйте.", "Чем", "могу", "помочь?", "Запишу", "вас", "на", "вторник.")


def record(number: int, operator: str | None = "") -> RecordedCall:
    """Return call number `number`; the operators take turns, one call every 17 minutes."""
    return RecordedCall(
        info=CallInfo(
            call_id=f"c{number:06d}",
            started_at=START + timedelta(minutes=17 * number),
            direction=Direction.INBOUND,
            operator=OPERATORS[number % 3] if operator == "" else operator,
            client_phone=f"+7900{number:07d}",
            wait_ms=5000,
        ),
        recording=Recording(
            path=f"/rec/c{number:06d}.wav", name=f"c{number:06d}.wav", source="office", sha256=f"{number:064x}", n_bytes=320044
        ),
    )


def turn(number: int, role: Role, n_words: int = 12) -> Turn:
    """Return a turn of `n_words` words, a second and a half each turn."""
    start = number * 3000
    words = tuple(
        Word(span=Span(start + 200 * n, start + 200 * n + 180), text=WORDS[(number + n) % len(WORDS)], prob=0.5 + n / 40)
        for n in range(n_words)
    )
    return Turn(
        turn_no=number,
        kind=TurnKind.SPEECH if n_words else TurnKind.HOLD,
        role=role,
        speaker=f"S{number % 2}",
        channel=number % 2,
        span=Span(start, start + 2600),
        words=words,
        role_confidence=0.9,
    )


def criterion(name: str, verdict: Verdict, *, critical: bool = False) -> CriterionResult:
    """Return a verdict worth one point with one piece of evidence."""
    return CriterionResult(
        criterion=name,
        verdict=verdict,
        confidence=0.8,
        points=1.0 if verdict is Verdict.PASS else 0.0,
        max_points=0.0 if verdict is Verdict.NA else 1.0,
        critical=critical,
        evidence=() if verdict is Verdict.NA else (Evidence(span=Span(0, 2600), role=Role.OPERATOR, text="Алло, компания"),),
        reason="Оператор поздоровался в первой реплике." if verdict is Verdict.PASS else "В записи этого не слышно.",
    )


def score(*results: CriterionResult) -> CallScore:
    """Return a score that follows from `results` as the scoring stage does."""
    decided = [r for r in results if r.verdict in (Verdict.PASS, Verdict.FAIL)]
    unsure = [r for r in results if r.verdict is Verdict.UNSURE]
    points, maximum = sum(r.points for r in decided), sum(r.max_points for r in decided)
    doubt = sum(r.max_points for r in unsure)
    whole = maximum + doubt
    return CallScore(
        rubric="incoming_sale",
        rubric_version=1,
        rubric_sha256="ab" * 32,
        results=results,
        points=points,
        max_points=maximum,
        score=100 * points / maximum if maximum else None,
        score_low=100 * points / whole if whole else None,
        score_high=100 * (points + doubt) / whole if whole else None,
        critical_failed=any(r.critical and r.verdict is Verdict.FAIL for r in results),
        n_unsure=len(unsure),
    )


def metrics(**changed: float | None) -> CallMetrics:
    """Return plain metrics of a good call with some fields changed."""
    values: dict[str, object] = {
        "operator_talk_ms": 40000,
        "client_talk_ms": 20000,
        "overlap_ms": 500,
        "silence_ms": 9000,
        "longest_silence_ms": 3000,
        "longest_silence_start_ms": 12000,
        "hold_ms": 0,
        "n_holds": 0,
        "ring_ms": 0,
        "n_operator_turns": 13,
        "n_client_turns": 12,
        "interruptions_by_operator": 0,
        "interruptions_by_client": 1,
        "operator_words_per_min": 130.5,
        "client_words_per_min": None,
        "operator_talk_frac": 0.6667,
        "operator_reply_delay_ms": 700,
        "longest_operator_turn_ms": 9000,
        "unrecognised_ms": 800,
        **changed,
    }
    return CallMetrics(**values)  # type: ignore[arg-type]


def result(number: int, *, n_turns: int = 25, operator: str | None = "", verdicts: tuple[Verdict, ...] = ()) -> CallResult:
    """Return everything of call number `number`, with twelve verdicts unless `verdicts` are given."""
    cycle = (Verdict.PASS, Verdict.PASS, Verdict.FAIL, Verdict.UNSURE, Verdict.NA, Verdict.PASS)
    given = verdicts or tuple(cycle[(number + n) % len(cycle)] for n in range(12))
    turns = tuple(turn(n, Role.CLIENT if n % 2 else Role.OPERATOR) for n in range(n_turns))
    duration_ms = n_turns * 3000
    return CallResult(
        record=record(number, operator),
        audio=AudioInfo(container="wav", codec="pcm_alaw", rate_hz=8000, n_channels=2, duration_ms=duration_ms),
        layout=Layout.STEREO,
        dialogue=Dialogue(
            duration_ms=duration_ms,
            layout=Layout.STEREO,
            language="ru",
            turns=turns,
            unrecognised=((Role.CLIENT, Span(1000, 1800)),),
            second=(
                SecondListen(
                    role=Role.OPERATOR,
                    channel=0,
                    span=turns[0].span,
                    words=turns[0].words[:3],
                    is_hinted=bool(number % 2),
                    model="whisper-base",
                ),
            )
            if turns
            else (),
        ),
        metrics=metrics(),
        call_type=CallType(id="incoming_sale", confidence=0.9, reason="Клиент спрашивает цену."),
        scores=(score(*(criterion(f"criterion_{n}", verdict) for n, verdict in enumerate(given))),),
        provenance=(Provenance(engine="scripted"),),
        fingerprint=f"f{number}",
        notes=("один канал тише другого",),
    )


def failed(number: int, run_id: str = "r1", code: int = 21, message: str = "the recording is empty") -> FailedCall:
    """Return a failed attempt at call number `number`."""
    return FailedCall(record=record(number), code=code, message=message, run_id=run_id, at=START, fingerprint=f"f{number}")
