"""Wordings from corrected calls: planted ones are found, noise is not."""

from __future__ import annotations

import random

from callscore.stats.wordings import Token, find_wordings

TALK = [f"слово{n}" for n in range(40)]


def tokens(text: str) -> tuple[Token, ...]:
    """Return words as tokens that all say something, their own lemmas."""
    return tuple(Token(word, word, is_content=word not in ("и", "вас")) for word in text.split())


def call(rng: random.Random, said: str = "") -> tuple[tuple[Token, ...], ...]:
    """Return what is said in a call: words in any order, with `said` among them."""
    words = rng.choices(TALK, k=14)
    at = rng.randrange(len(words))
    return (tokens(" ".join([*words[:at], *said.split(), *words[at:]])),)


def test_noise_is_seldom_proposed() -> None:
    """Of a hundred archives of random words hardly one gets a proposal: the error is 5 % for all sequences of one together."""
    rng = random.Random(5)
    proposed = 0
    for _ in range(100):
        corrected = {f"c{n}": call(rng) for n in range(12)}
        proposed += bool(find_wordings(corrected, [call(rng) for _ in range(8)], [call(rng) for _ in range(30)]))
    assert proposed <= 5


def test_two_planted_wordings_are_both_found() -> None:
    """The one that explains more calls comes first; each is proposed once, at its full length."""
    rng = random.Random(6)
    said = ["рада вас слышать"] * 9 + ["очень приятно"] * 6
    corrected = {f"c{n}": call(rng, text) for n, text in enumerate(said)}
    found = find_wordings(corrected, [call(rng) for _ in range(20)], [call(rng) for _ in range(40)])
    assert [(one.text, len(one.calls)) for one in found] == [("рада вас слышать", 9), ("очень приятно", 6)]


def test_words_that_say_nothing_are_no_wording() -> None:
    """Function words alone are never proposed, even if every corrected call has them."""
    corrected = {f"c{n}": (tokens("и вас"),) for n in range(10)}
    assert find_wordings(corrected, [(tokens("слово"),)] * 10, []) == ()


def test_what_many_say_anyway_is_no_wording() -> None:
    """A wording as common in the calls that nobody looked at as in corrected ones explains nothing, failed ones or not."""
    corrected = {f"c{n}": (tokens("добрый день"),) for n in range(6)}
    assert find_wordings(corrected, [], [(tokens("добрый день"),)] * 30) == ()


def test_without_calls_there_is_nothing() -> None:
    """No corrected call, or calls without a word where the phrase was expected."""
    assert find_wordings({}, [], []) == ()
    assert find_wordings({"c1": (), "c2": ((),)}, [], []) == ()
