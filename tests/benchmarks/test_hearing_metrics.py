"""How recognisers are compared with labels, on cases worked out by hand."""

from __future__ import annotations

import pytest

from benchmarks.hearing.align import count_errors, pair_words
from benchmarks.hearing.metrics import Scores, score_call
from benchmarks.hearing.records import Heard, LabelledCall, LabelledTurn, SpokenTurn, SpokenWord


def call(*turns: LabelledTurn, channels: tuple[str, ...] = ("operator", "client"), language: str = "ru") -> LabelledCall:
    """Build a labelled call; one channel "" is mono."""
    return LabelledCall(
        call_id="d", path="d.wav", layout="stereo", language=language, channels=channels, turns=turns, seconds=60.0
    )


def turn(line: str) -> LabelledTurn:
    """Build a turn from "operator 1000-3000 добрый день"; times may be "-"."""
    side, times, text = line.split(" ", 2)
    if times == "-":
        return LabelledTurn(side, side, text)
    start, end = times.split("-")
    return LabelledTurn(side, side, text, int(start), int(end))


def words(line: str) -> tuple[SpokenWord, ...]:
    """Build words of 100 ms from "0 1000 добрый 1200 день": the channel, then starts and texts."""
    channel, *rest = line.split()
    return tuple(
        SpokenWord(int(channel), int(start), int(start) + 100, text) for start, text in zip(rest[::2], rest[1::2], strict=True)
    )


def heard(*lines: str, turns: tuple[SpokenTurn, ...] = ()) -> Heard:
    """Build what a recogniser made of a call."""
    return Heard(words=tuple(word for line in lines for word in words(line)), turns=turns)


def test_errors_belong_to_the_side_that_spoke() -> None:
    """A misheard word counts to its speaker, an inserted one to whom the word before it belongs."""
    said, sides = ["да", "алло", "кто", "это"], ["client", "client", "operator", "operator"]
    assert count_errors(said, ["да", "алло", "ну", "кто", "то"], sides, "client") == {"client": 1, "operator": 1}


@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        (["да", "нет"], [], {"operator": 2, "client": 0}),
        ([], ["субтитры"], {"client": 1}),
        ([], [], {"client": 0}),
    ],
)
def test_nothing_said_or_heard(said: list[str], found: list[str], expected: dict[str, int]) -> None:
    """Unheard words are all missing; words where nobody spoke are all invented."""
    assert count_errors(said, found, ["operator"] * len(said), "client") == expected


def test_a_misheard_word_is_paired_with_what_was_said() -> None:
    """Half of the letters make it the same word; a foreign word stays without a partner."""
    import numpy as np

    said, found = ["кофемашину", "присмотрел"], ["кофе-машину", "вчера", "присмотрела"]
    assert pair_words(said, found, np.zeros((2, 3), dtype=np.bool_)) == [0, None, 1]


def test_time_decides_between_equal_words() -> None:
    """One "да" of two turns is that of the turn in which it was heard."""
    labelled = call(turn("client 0-1000 да"), turn("client 9000-10000 да"))
    scores = score_call(labelled, heard("1 9100 да"))
    assert (scores.n_placed, scores.n_inside) == (1, 1)


def test_numbers_are_equal_however_they_are_written() -> None:
    """Digits and numerals give no error."""
    labelled = call(turn("operator 0-5000 стоит тридцать две тысячи девятьсот рублей"))
    scores = score_call(labelled, heard("0 100 Стоит 500 32 900 900 1500 рублей."))
    assert (scores.words["operator"], scores.errors["operator"]) == (7, 0)


def test_a_leg_hears_its_own_side_only() -> None:
    """On stereo a word on the client's channel does not make up for one missing on the operator's."""
    labelled = call(turn("operator 0-2000 добрый день"), turn("client 3000-4000 алло"))
    scores = score_call(labelled, heard("0 100 добрый", "1 200 день 3100 алло"))
    assert scores.errors == {"operator": 1, "client": 1}


def test_mono_is_measured_without_roles() -> None:
    """With one channel all words count, and errors go to whose words they are."""
    labelled = call(turn("operator 0-2000 добрый день"), turn("client 3000-4000 алло кто"), channels=("",))
    scores = score_call(labelled, heard("0 100 добрый 400 день 3100 алло"))
    assert scores.errors == {"operator": 0, "client": 1}


@pytest.mark.parametrize(("start_ms", "is_lost"), [(4660, False), (4640, True), (7240, False), (7260, True)])
def test_a_turn_without_a_word_inside_is_lost(start_ms: int, is_lost: bool) -> None:
    """A turn of three words is lost if no word's middle lies in it, give or take 300 ms."""
    labelled = call(turn("client 5000-7000 это очень дорого"))
    assert bool(score_call(labelled, heard(f"1 {start_ms} ого")).lost) is is_lost


def test_words_of_the_neighbour_do_not_save_a_lost_turn() -> None:
    """Words that are another turn's text, at its border, are not words of this one."""
    labelled = call(turn("operator 0-4900 модель стоит тысячу рублей"), turn("client 5000-7000 как же дорого"), channels=("",))
    scores = score_call(labelled, heard("0 100 модель 3000 стоит 4000 тысячу 4950 рублей"))
    assert scores.lost == [("d", 5000)]


def test_short_turns_are_not_asked_for() -> None:
    """Turns under three words are not counted."""
    assert score_call(call(turn("client 0-900 да конечно")), heard()).n_turns == 0


def test_without_times_a_turn_is_lost_if_none_of_its_text_was_heard() -> None:
    """Labels without times are compared by text."""
    labelled = call(turn("operator - good morning sir"), turn("client - my order is missing"), channels=("",), language="en")
    scores = score_call(labelled, heard("0 100 good 300 morning 600 sir"))
    assert (scores.lost, scores.n_placed) == ([("d", 1)], 0)


def test_words_at_a_wrong_time_are_outside() -> None:
    """A word with the turn's text counts outside if it lies 300 ms off or more."""
    labelled = call(turn("client 1000-2000 очень дорого"))
    scores = score_call(labelled, heard("1 699 очень 2200 дорого"))
    assert (scores.n_placed, scores.n_inside) == (2, 1)


def test_strange_words_may_lie_in_any_turn() -> None:
    """A word that nobody said counts inside where somebody on its leg spoke."""
    labelled = call(turn("client 1000-2000 очень дорого"), turn("operator 5000-6000 хорошо"))
    scores = score_call(labelled, heard("1 1100 бегемот 5100 жираф"))
    assert (scores.n_placed, scores.n_inside) == (2, 1)


def test_borders_are_those_of_the_turns_own_words() -> None:
    """Start and end are compared with the first and the last word that belong to the turn."""
    scores = score_call(call(turn("client 1000-2000 очень дорого")), heard("1 1150 очень 1700 дорого"))
    assert (scores.start_errors_ms, scores.end_errors_ms) == ([150], [200])


def test_roles_are_measured_in_time() -> None:
    """The share of covered speech that has the right role."""
    turns = (SpokenTurn("operator", 0, 1500), SpokenTurn("client", 1500, 2000))
    scores = score_call(call(turn("operator 0-1000 а"), turn("client 1000-2000 б")), heard(turns=turns))
    assert (scores.role_ms, scores.right_role_ms) == (2000, 1500)


def test_anonymous_speakers_get_the_best_role() -> None:
    """A speaker without a role takes that of those it covers most."""
    turns = (SpokenTurn("SPEAKER_01", 0, 1000), SpokenTurn("SPEAKER_00", 1000, 2000))
    scores = score_call(call(turn("operator 0-1000 а"), turn("client 1000-2000 б")), heard(turns=turns))
    assert (scores.role_ms, scores.right_role_ms) == (2000, 2000)


def test_scores_of_calls_add_up() -> None:
    """Rates are of all words together, no mean of means."""
    scores = Scores()
    scores.add(score_call(call(turn("client 0-1000 один два три четыре")), heard("1 0 1 100 2 200 3 300 4")))
    scores.add(score_call(call(turn("client 0-1000 дорого")), heard()))
    assert (scores.wer("client"), scores.wer("operator"), scores.wer()) == (0.2, None, 0.2)
