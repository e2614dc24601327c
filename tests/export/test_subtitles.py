"""Dialogues as subtitles and as speaker segments."""

from __future__ import annotations

from callscore.export import rttm_text, srt_text
from callscore.records import Dialogue, Layout, Role, Turn, TurnKind, Word
from callscore.units import Span


def spoken(turn_no: int, role: Role, start_ms: int, words: list[str], step_ms: int = 400) -> Turn:
    """Return a turn of words, each `step_ms` after the other."""
    said = tuple(
        Word(span=Span(start_ms + n * step_ms, start_ms + n * step_ms + 300), text=text, prob=0.9)
        for n, text in enumerate(words)
    )
    span = Span(start_ms, said[-1].span.end_ms)
    return Turn(
        turn_no=turn_no, kind=TurnKind.SPEECH, role=role, speaker=f"S{turn_no}", channel=turn_no % 2, span=span, words=said
    )


def dialogue(*turns: Turn) -> Dialogue:
    """Return a call of an hour and a half."""
    return Dialogue(duration_ms=5_400_000, layout=Layout.STEREO, language="ru", turns=turns)


def test_cues_have_number_times_role_and_words() -> None:
    """A player needs numbers from 1, times with a comma, and an empty line after each cue."""
    call = dialogue(
        spoken(0, Role.OPERATOR, 0, ["Алло,", "здравствуйте."]), spoken(1, Role.CLIENT, 3_661_007, ["Добрый", "день."])
    )
    assert srt_text(call, "ru") == (
        "1\r\n00:00:00,000 --> 00:00:00,700\r\nОператор: Алло, здравствуйте.\r\n\r\n"
        "2\r\n01:01:01,007 --> 01:01:01,707\r\nКлиент: Добрый день.\r\n\r\n"
    )


def test_a_long_turn_is_split_between_words() -> None:
    """No cue is longer than two lines or seven seconds, and no word is lost."""
    words = [f"слово{n}" for n in range(60)]
    cues = srt_text(dialogue(spoken(0, Role.OPERATOR, 0, words)), "en").strip().split("\r\n\r\n")
    texts = [cue.split("\r\n")[2].removeprefix("Operator: ") for cue in cues]
    assert " ".join(texts).split() == words
    assert all(len(text) <= 84 for text in texts)


def test_words_cannot_end_a_cue() -> None:
    """An arrow or a line break in what was heard is no mark of the format."""
    text = srt_text(dialogue(spoken(0, Role.CLIENT, 0, ["-->", "a\n\nb"])), "en")
    assert text == "1\r\n00:00:00,000 --> 00:00:00,700\r\nClient: → a b\r\n\r\n"


def test_a_line_of_rttm_has_ten_fields() -> None:
    """Tools for diarization split at blanks: ids and speakers with blanks stay one field."""
    lines = rttm_text(dialogue(spoken(0, Role.OPERATOR, 1500, ["Да."])), "call 7").splitlines()
    assert lines == ["SPEAKER call_7 1 1.500 0.300 <NA> <NA> operator-S0 <NA> <NA>"]
