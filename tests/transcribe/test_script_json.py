"""Scripts in JSON: turns, and what Whisper tools write."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from callscore.errors import TranscribeError
from callscore.records import Role, TurnKind
from callscore.transcribe.script import ScriptTurn
from callscore.transcribe.script_json import is_segments, parse_json, parse_segments, parse_turns
from callscore.units import Span


def turn(**changes: Any) -> dict[str, Any]:
    """Return a good turn with changes; None removes a key."""
    good = {"kind": "speech", "speaker": "operator", "channel": "operator", "text": "Добрый день", "start": 0.5, "end": 1.5}
    return {key: value for key, value in {**good, **changes}.items() if value is not None}


def read(*turns: Any, **more: Any) -> tuple[ScriptTurn, ...]:
    """Parse turns as of the file call.turns.json."""
    return parse_turns({"turns": list(turns), **more}, "call.turns.json").turns


def test_a_turn_of_the_labelled_calls_is_read() -> None:
    """Speaker, role, channel, span in ms and words come from a turn as in truth.jsonl."""
    (found,) = read(turn())
    assert (found.kind, found.speaker, found.role, found.channel) == (TurnKind.SPEECH, "operator", Role.OPERATOR, 0)
    assert found.span == Span(500, 1500)
    assert [(word.text, word.span, word.prob) for word in found.words] == [
        ("Добрый", Span(500, 1100), 1.0),
        ("день", Span(1100, 1500), 1.0),
    ]


def test_hold_and_ring_are_turns_of_the_system_and_silence_is_none() -> None:
    """Music and tones are kept without words; silence is what lies between turns."""
    found = read(
        {"kind": "ring", "start": 0.0, "end": 5.0},
        {"kind": "hold", "start": 5.0, "end": 9.0},
        {"kind": "silence", "start": 9.0, "end": 30.0},
    )
    assert [(item.kind, item.role, item.words) for item in found] == [
        (TurnKind.RING, Role.SYSTEM, ()),
        (TurnKind.HOLD, Role.SYSTEM, ()),
    ]


def test_labels_and_call_type_are_never_read() -> None:
    """What a person knows about the verdicts does not change a script."""
    plain = parse_turns({"turns": [turn()]}, "a")
    assert parse_turns({"turns": [turn()], "labels": {"greeting": "fail"}, "type": "complaint", "meta": {"x": 1}}, "a") == plain


def test_turns_come_in_time_order_and_may_overlap() -> None:
    """People talk at once; the order of the file does not matter."""
    found = read(turn(start=2, end=4), turn(start=0, end=3, speaker="client", channel="client"))
    assert [(item.span, item.channel) for item in found] == [(Span(0, 3000), 1), (Span(2000, 4000), 0)]


def test_a_turn_without_text_is_dropped() -> None:
    """Speech that nobody wrote down is no turn."""
    assert read(turn(text="  "), turn(text=None)) == ()


def test_mono_has_one_channel() -> None:
    """On a mono recording both parties are on channel 0."""
    assert [item.channel for item in read(turn(channel="client"), layout="mono")] == [0]


def test_unknown_speakers_have_no_role_yet() -> None:
    """A name that states no role leaves it open."""
    (found,) = read(turn(speaker="SPEAKER_00", channel=None))
    assert (found.speaker, found.role, found.channel) == ("SPEAKER_00", None, None)


def test_given_words_keep_their_times_and_probabilities() -> None:
    """A turns.json may carry words; then nothing is spread."""
    (found,) = read(turn(words=[{"word": "Да", "start": 0.6, "end": 0.8, "prob": 0.4}]))
    assert [(word.text, word.span, word.prob) for word in found.words] == [("Да", Span(600, 800), 0.4)]


def test_broken_letters_and_control_codes_are_removed() -> None:
    """Half a surrogate pair or a zero byte would break the store."""
    (found,) = read(turn(text="до\u00adс\x00тавка\ud800 завтра"))
    assert [word.text for word in found.words] == ["доставка", "завтра"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (turn(start=-1.0), "0 <= start <= end, got -1 and 1.5"),
        (turn(start=2.0), "0 <= start <= end, got 2 and 1.5"),
        (turn(end=1e300), "0 <= start <= end"),
        (turn(end=10**400), "0 <= start <= end"),
        (turn(end=90_000), "0 <= start <= end"),
        (turn(start="0"), "'start' must be a number, got str"),
        (turn(start=True), "'start' must be a number, got bool"),
        (turn(end=None), "'end' must be a number, got NoneType"),
        (turn(end=float("nan")), "'end' must be a number"),
        (turn(text=5), "'text' must be text, got int"),
        (turn(speaker=["a"]), "'speaker' must be text, got list"),
        (turn(kind="dance"), "unknown kind of turn 'dance'"),
        (turn(kind=["speech"]), "unknown kind of turn"),
        (turn(channel="middle"), "unknown channel 'middle'"),
        (turn(channel=7), "unknown channel 7"),
        (turn(words="да"), "words must be a list"),
        (turn(words=["да"]), "a word must be an object"),
        (turn(words=[{"word": "да", "start": 2, "end": 1}]), "0 <= start <= end, got 2 and 1"),
        ("да", "a turn must be an object"),
        (None, "a turn must be an object"),
    ],
)
def test_a_wrong_turn_is_named_with_its_place(bad: Any, message: str) -> None:
    """The message says what is wrong, the place says which turn of which file."""
    with pytest.raises(TranscribeError, match=message) as caught:
        read(turn(), bad)
    assert caught.value.where.startswith("call.turns.json: turn 2")


@pytest.mark.parametrize("data", [None, [], "turns", {}, {"turns": None}, {"turns": {"0": {}}}])
def test_something_else_is_no_script(data: Any) -> None:
    """JSON of another shape is refused with an example of the right one."""
    with pytest.raises(TranscribeError, match="a script needs a list of turns") as caught:
        parse_turns(data, "call.turns.json")
    assert "speaker" in caught.value.hint


WHISPERX: dict[str, Any] = {
    "language": "ru",
    "segments": [
        {
            "start": 1.0,
            "end": 4.0,
            "text": " Да, 40 штук. А когда?",
            "speaker": "SPEAKER_01",
            "words": [
                {"word": "Да,", "start": 1.0, "end": 1.4, "score": 0.9, "speaker": "SPEAKER_01"},
                {"word": "40", "speaker": "SPEAKER_01"},
                {"word": "штук.", "start": 2.0, "end": 2.4, "score": 1.0000001, "speaker": "SPEAKER_01"},
                {"word": "А", "start": 3.0, "end": 3.2, "score": 0.5, "speaker": "SPEAKER_00"},
                {"word": "когда?", "start": 3.2, "end": 4.0, "score": 0.7, "speaker": "SPEAKER_00"},
            ],
        }
    ],
}


def test_a_segment_is_split_where_the_speaker_changes() -> None:
    """As whisperX names the speaker of each word, a segment with two gives two turns."""
    script = parse_segments(WHISPERX, "a.json")
    assert script.language == "ru"
    assert [(item.speaker, item.role, item.span) for item in script.turns] == [
        ("SPEAKER_01", None, Span(1000, 2400)),
        ("SPEAKER_00", None, Span(3000, 4000)),
    ]


def test_a_word_without_times_lies_between_its_neighbours() -> None:
    """Digits get no times from whisperX."""
    words = parse_segments(WHISPERX, "a.json").turns[0].words
    assert [(word.text, word.span, word.prob) for word in words] == [
        ("Да,", Span(1000, 1400), 0.9),
        ("40", Span(1400, 2000), 1.0),
        ("штук.", Span(2000, 2400), 1.0),
    ]


def test_a_segment_without_words_takes_its_own_probability() -> None:
    """Plain Whisper output has a mean log probability per segment."""
    data = {"text": "x", "segments": [{"id": 0, "start": 0.0, "end": 1.0, "text": " Алло", "avg_logprob": -0.6931471806}]}
    (found,) = parse_segments(data, "a.json").turns
    assert [(word.text, round(word.prob, 6)) for word in found.words] == [("Алло", 0.5)]


def test_a_bare_list_of_segments_is_read() -> None:
    """faster-whisper's segments, dumped as a list, are a transcript too."""
    data = [
        {"start": 0.0, "end": 1.0, "text": " Алло", "words": [{"start": 0.1, "end": 0.9, "word": " Алло", "probability": 0.8}]}
    ]
    (found,) = parse_segments(data, "a.json").turns
    assert [(word.text, word.span, word.prob) for word in found.words] == [("Алло", Span(100, 900), 0.8)]


def test_words_null_and_empty_segments_are_no_error() -> None:
    """Tools write `words: null` and segments without text."""
    data = {"segments": [{"start": 0, "end": 1, "text": "", "words": None}, {"start": 1, "end": 2, "text": "да", "words": []}]}
    assert [item.span for item in parse_segments(data, "a.json").turns] == [Span(1000, 2000)]


def test_a_wrong_word_is_named_with_its_place() -> None:
    """Segment and word are counted from 1."""
    data = copy.deepcopy(WHISPERX)
    data["segments"][0]["words"][1]["score"] = "high"
    with pytest.raises(TranscribeError, match="'score' must be a number, got str") as caught:
        parse_segments(data, "a.json")
    assert caught.value.where == "a.json: segment 1, word 2"


def test_metadata_is_no_transcript() -> None:
    """A sidecar <stem>.json with what the PBX knows has no segments."""
    assert not is_segments({"call_id": "1", "operator": "a.smirnova"})
    assert is_segments({"segments": []})


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ('{"turns": [}', "this is no JSON", "a.json:1:12"),
        ("", "this is no JSON", "a.json:1:1"),
        ('{"start": NaN}', "NaN is no number", "a.json"),
        ('{"start": -Infinity}', "-Infinity is no number", "a.json"),
        ("[" * 100_000, "this JSON cannot be read", "a.json"),
    ],
)
def test_broken_json_is_named_with_its_place(text: str, message: str, where: str) -> None:
    """A half-written or hostile file gives a message, never a traceback."""
    with pytest.raises(TranscribeError, match=message) as caught:
        parse_json(text, "a.json")
    assert caught.value.where == where


def test_the_language_must_be_a_code() -> None:
    """Anything but a short code is not passed on."""
    assert parse_turns(json.loads('{"turns": [], "language": "en"}'), "a").language == "en"
    assert parse_turns({"turns": [], "language": {"x": 1}}, "a").language is None
