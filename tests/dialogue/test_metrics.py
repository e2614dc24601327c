"""Metrics of a dialogue."""

from __future__ import annotations

from callscore.dialogue import measure
from tests.builders import dialogue


def test_times_and_shares_of_a_plain_call() -> None:
    """Talk, silence, rates and reply delay follow from the turns."""
    metrics = measure(dialogue("O 0-2000 добрый день магазин слушаю", "C 3000-5000 здравствуйте", "O 5500-7500 да конечно"))
    assert (metrics.operator_talk_ms, metrics.client_talk_ms) == (4000, 2000)
    assert metrics.silence_ms == 1500
    assert (metrics.longest_silence_ms, metrics.longest_silence_start_ms) == (1000, 2000)
    assert metrics.operator_words_per_min == 90.0
    assert metrics.operator_talk_frac == 4000 / 6000
    assert metrics.operator_reply_delay_ms == 500
    assert (metrics.n_operator_turns, metrics.n_client_turns) == (2, 1)


def test_hold_and_ringing_are_no_silence() -> None:
    """Hold music of 20 s leaves no dead air; the gap around it does count."""
    metrics = measure(dialogue("O 0-1000 минуту", "S 1200-21200 [hold]", "O 21500-23000 спасибо"))
    assert (metrics.hold_ms, metrics.n_holds) == (20000, 1)
    assert (metrics.silence_ms, metrics.longest_silence_ms) == (500, 300)


def test_ringing_before_the_first_word_is_no_silence() -> None:
    """Silence is counted inside the conversation only."""
    metrics = measure(dialogue("S 0-5000 [ring]", "O 9000-10000 алло", duration_ms=30000))
    assert (metrics.ring_ms, metrics.silence_ms) == (5000, 0)


def test_who_interrupts_whom() -> None:
    """Starting inside the other's turn and making the other stop is an interruption; a backchannel is none."""
    metrics = measure(
        dialogue(
            "O 0-4000 раз два три четыре", "C 1500-2000 угу", "C 3400-6000 погодите погодите", "O 5900-8000 хорошо слушаю вас"
        )
    )
    assert (metrics.interruptions_by_client, metrics.interruptions_by_operator) == (1, 0)


def test_a_call_without_speech_has_no_rates() -> None:
    """Nothing to divide by gives None, not zero."""
    metrics = measure(dialogue("S 0-40000 [hold]"))
    assert metrics.operator_talk_frac is None
    assert metrics.operator_words_per_min is None
    assert metrics.operator_reply_delay_ms is None
    assert metrics.longest_silence_start_ms is None
    assert metrics.hold_ms == 40000
