"""What can be measured on a dialogue without understanding a word: times, shares, rates. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from statistics import median
from typing import Final

from callscore.records import CallMetrics, Dialogue, Role, Turn, TurnKind
from callscore.units import Span, covered_ms, gaps_between, intersect_spans, overlap_ms

__all__ = ["measure"]

# A turn that begins this long after another began, overlaps it this much, and is more than a backchannel ("угу") is an
# interruption when the other one then stops within YIELD_MS. Overlaps under about 200 ms are ordinary turn-taking (Levinson and
# Torreira, 2015).
INTERRUPTION_LEAD_MS: Final = 500
INTERRUPTION_OVERLAP_MS: Final = 250
INTERRUPTION_MIN_WORDS: Final = 2
YIELD_MS: Final = 1500

# A client's turn answered later than this was answered by something else in between, such as a hold.
REPLY_LIMIT_MS: Final = 30_000


def measure(dialogue: Dialogue) -> CallMetrics:
    """Return the metrics of a dialogue; a call without speech has zeros, and None where there is nothing to divide by."""
    operator, client = dialogue.spoken(Role.OPERATOR), dialogue.spoken(Role.CLIENT)
    operator_spans, client_spans = _talk(operator), _talk(client)
    talk = covered_ms(operator_spans) + covered_ms(client_spans)
    silences = _silences(dialogue)
    longest = max(silences, key=lambda span: span.length_ms, default=None)
    holds = [turn.span for turn in dialogue.turns if turn.kind is TurnKind.HOLD]
    return CallMetrics(
        operator_talk_ms=covered_ms(operator_spans),
        client_talk_ms=covered_ms(client_spans),
        overlap_ms=covered_ms(intersect_spans(operator_spans, client_spans)),
        silence_ms=covered_ms(silences),
        longest_silence_ms=longest.length_ms if longest else 0,
        longest_silence_start_ms=longest.start_ms if longest else None,
        hold_ms=covered_ms(holds),
        n_holds=len(holds),
        ring_ms=covered_ms(turn.span for turn in dialogue.turns if turn.kind is TurnKind.RING),
        n_operator_turns=len(operator),
        n_client_turns=len(client),
        interruptions_by_operator=_interruptions(operator, client),
        interruptions_by_client=_interruptions(client, operator),
        operator_words_per_min=_rate(operator),
        client_words_per_min=_rate(client),
        operator_talk_frac=covered_ms(operator_spans) / talk if talk else None,
        operator_reply_delay_ms=_reply_delay(dialogue),
        longest_operator_turn_ms=max((turn.span.length_ms for turn in operator), default=0),
        unrecognised_ms=covered_ms(span for _, span in dialogue.unrecognised),
    )


def _talk(turns: Sequence[Turn]) -> list[Span]:
    return [turn.span for turn in turns]


def _silences(dialogue: Dialogue) -> tuple[Span, ...]:
    spoken = [turn.span for turn in dialogue.spoken()] + [span for _, span in dialogue.unrecognised]
    if not spoken:
        return ()
    conversation = Span(min(span.start_ms for span in spoken), max(span.end_ms for span in spoken))
    sounding = [turn.span for turn in dialogue.turns] + [span for _, span in dialogue.unrecognised]
    return gaps_between(sounding, conversation)


def _interruptions(by: Sequence[Turn], of: Sequence[Turn]) -> int:
    """Count the turns that interrupt one of `of`; only those that end soon after a turn begins come into question."""
    others = sorted(of, key=lambda turn: turn.span.end_ms)
    ends = [turn.span.end_ms for turn in others]

    def ending_in(turn: Turn) -> Sequence[Turn]:
        start = turn.span.start_ms
        return others[bisect_left(ends, start) : bisect_right(ends, start + YIELD_MS)]

    return sum(any(_interrupts(turn, other) for other in ending_in(turn)) for turn in by)


def _interrupts(turn: Turn, other: Turn) -> bool:
    return (
        len(turn.words) >= INTERRUPTION_MIN_WORDS
        and turn.span.start_ms - other.span.start_ms >= INTERRUPTION_LEAD_MS
        and overlap_ms(turn.span, other.span) >= INTERRUPTION_OVERLAP_MS
        and other.span.end_ms - turn.span.start_ms <= YIELD_MS
        and turn.span.end_ms > other.span.end_ms
    )


def _rate(turns: Sequence[Turn]) -> float | None:
    talk = covered_ms(_talk(turns))
    return sum(len(turn.words) for turn in turns) * 60_000 / talk if talk else None


def _reply_delay(dialogue: Dialogue) -> int | None:
    delays: list[int] = []
    for before, after in zip(dialogue.turns, dialogue.turns[1:], strict=False):
        if before.role is Role.CLIENT and after.role is Role.OPERATOR:
            delay = after.span.start_ms - before.span.end_ms
            if delay <= REPLY_LIMIT_MS:
                delays.append(max(0, delay))
    return round(median(delays)) if delays else None
