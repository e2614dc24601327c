"""Speaker names, word times and the hash of a script."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.records import Role, TurnKind
from callscore.transcribe.script import Script, ScriptTurn, role_of_speaker, spread_words
from callscore.units import Span


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("operator", Role.OPERATOR),
        ("operator2", Role.OPERATOR),
        ("Оператор 1", Role.OPERATOR),
        ("Agent", Role.OPERATOR),
        ("client", Role.CLIENT),
        ("Клиент", Role.CLIENT),
        ("CUSTOMER", Role.CLIENT),
        ("ivr", Role.SYSTEM),
        ("Автоответчик", Role.SYSTEM),
        ("SPEAKER_01", None),
        ("Анна", None),
        ("", None),
    ],
)
def test_a_role_is_read_from_the_speakers_name(name: str, role: Role | None) -> None:
    """Known names state a role; any other leaves it to be found out."""
    assert role_of_speaker(name) is role


@given(
    st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=12), min_size=1, max_size=20), st.integers(0, 9000)
)
def test_words_fill_the_turn_without_gaps(texts: list[str], length_ms: int) -> None:
    """Spread words keep their order, touch each other, and fill the span from start to end."""
    words = spread_words(texts, Span(500, 500 + length_ms))
    assert [word.text for word in words] == texts
    edges = [words[0].span.start_ms, *(word.span.end_ms for word in words)]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == (500, 500 + length_ms)
    assert all(a.span.end_ms == b.span.start_ms for a, b in itertools.pairwise(words))


def test_the_hash_changes_with_the_words() -> None:
    """A corrected script makes the call stale; the same script does not."""

    def script(text: str) -> Script:
        words = spread_words(text.split(), Span(0, 900))
        turn = ScriptTurn(span=Span(0, 900), kind=TurnKind.SPEECH, speaker="", role=None, channel=None, words=words)
        return Script(turns=(turn,), language="ru")

    assert script("добрый день").sha256 == script("добрый день").sha256
    assert script("добрый день").sha256 != script("добрый вечер").sha256
