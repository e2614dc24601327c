"""Scripts in SRT and WebVTT."""

from __future__ import annotations

import pytest

from callscore.errors import TranscribeError
from callscore.records import Role
from callscore.transcribe.subtitles import parse_subtitles
from callscore.units import Span


def read(text: str) -> list[tuple[str, Role | None, Span, str]]:
    """Return (speaker, role, span, text) of each turn."""
    turns = parse_subtitles(text, "call.srt").turns
    return [(turn.speaker, turn.role, turn.span, " ".join(word.text for word in turn.words)) for turn in turns]


def test_srt_with_roles() -> None:
    """Number, times, `Name:` and text make a turn."""
    text = "1\r\n00:00:01,000 --> 00:00:02,500\r\nОператор: Добрый день!\r\n\r\n2\r\n"
    text += "00:01:02,5 --> 01:00:00,000\r\nКлиент: Алло\r\n"
    assert read(text) == [
        ("Оператор", Role.OPERATOR, Span(1000, 2500), "Добрый день!"),
        ("Клиент", Role.CLIENT, Span(62_500, 3_600_000), "Алло"),
    ]


def test_vtt_with_voices() -> None:
    """WebVTT's voice tags, settings, cue ids, notes, styles and entities are understood."""
    text = (
        "WEBVTT - call\nKind: captions\n\nNOTE made by hand\n\nSTYLE\n::cue { color: red }\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start line:0\n<v.loud Anna>Добрый <i>день</i> &amp; привет</v>\n\n"
        "00:02.000 --> 00:03.000\n<v Client>Да<00:02.500> да\n"
    )
    assert read(text) == [
        ("Anna", None, Span(1000, 2000), "Добрый день & привет"),
        ("Client", Role.CLIENT, Span(2000, 3000), "Да да"),
    ]


def test_a_cue_without_a_name_goes_on_with_the_last() -> None:
    """A long turn is cut into cues of which only the first has the name."""
    text = "1\n00:00:00,000 --> 00:00:01,000\noperator: один\n\n2\n00:00:01,000 --> 00:00:02,000\nдва\n"
    assert [speaker for speaker, *_ in read(text)] == ["operator", "operator"]


def test_two_speakers_share_a_cue() -> None:
    """Lines of two people in one cue become two turns, its time shared by length."""
    text = "1\n00:00:00,000 --> 00:00:02,000\nOperator: добрый\nClient: привет\n"
    assert read(text) == [
        ("Operator", Role.OPERATOR, Span(0, 1000), "добрый"),
        ("Client", Role.CLIENT, Span(1000, 2000), "привет"),
    ]


def test_a_colon_makes_no_speaker() -> None:
    """The line "Адрес: Садовая" is text; a name that comes again is a speaker."""
    text = (
        "1\n00:00:00,000 --> 00:00:01,000\nАдрес: Садовая\n\n"
        "2\n00:00:01,000 --> 00:00:02,000\nАнна: да\n\n3\n00:00:02,000 --> 00:00:03,000\nАнна: нет\n"
    )
    assert [(speaker, said) for speaker, _, _, said in read(text)] == [("", "Адрес: Садовая"), ("Анна", "да"), ("Анна", "нет")]


def test_speakers_in_brackets() -> None:
    """The form `[SPEAKER_00]: text` is whisperX's."""
    assert read("1\n00:00:00,000 --> 00:00:01,000\n[SPEAKER_00]: да\n") == [("SPEAKER_00", None, Span(0, 1000), "да")]


def test_missing_numbers_and_empty_lines_are_forgiven() -> None:
    """Cues without numbers, without empty lines between them, or without text do not break a file."""
    text = "00:00:00,000 --> 00:00:01,000\nраз\n2\n00:00:01,000 --> 00:00:02,000\nдва\n\n3\n00:00:02,000 --> 00:00:03,000\n\n"
    assert [said for *_, said in read(text)] == ["раз", "два"]


def test_a_number_that_is_said_stays() -> None:
    """A cue that is only a number keeps it."""
    assert [said for *_, said in read("1\n00:00:00,000 --> 00:00:01,000\n40\n\n")] == ["40"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("00:00:02,000 --> 00:00:01,000", "a cue ends before it starts"),
        ("-00:00:02,000 --> 00:00:01,000", "cannot be read"),
        ("00:00:aa,000 --> 00:00:01,000", "cannot be read"),
        ("1 --> 2", "cannot be read"),
        ("00:00:00,000 -->", "cannot be read"),
    ],
)
def test_a_wrong_time_is_named_with_its_line(line: str, message: str) -> None:
    """The place names the line of the file."""
    with pytest.raises(TranscribeError, match=message) as caught:
        parse_subtitles(f"1\n00:00:00,000 --> 00:00:01,000\nда\n\n2\n{line}\nнет\n", "call.srt")
    assert caught.value.where == "call.srt:6"


def test_a_file_without_cues_is_refused() -> None:
    """A text file that was only named .srt is no transcript."""
    with pytest.raises(TranscribeError, match="there is no cue in these subtitles"):
        parse_subtitles("Добрый день\n", "call.srt")
