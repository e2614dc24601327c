"""The short ways to candidates lose nothing: words compared by table rows, phrase variants weighed all at once."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callscore.phrases import PhraseSet, analyse, compile_phrases
from callscore.phrases.align import align_variant
from callscore.phrases.candidates import find_candidates
from callscore.phrases.closeness import closeness
from callscore.phrases.heard import hear_atoms
from callscore.phrases.morphology import word_info
from callscore.phrases.sounds import sound_key
from tests.phrases.builders import heard
from tests.phrases.corrupt import corrupt_word, corrupt_words

PHRASES = (
    "(все разговоры|разговор) ... (записываются|ведётся запись)",
    "подскажите [пожалуйста] как [к вам] обращаться",
    "{спасибо за звонок}",
    "курьер (привезёт|доставит) <день>",
    "меня зовут <имя>",
    "цена ... (кусается|высокая|завышена)",
    "недорого",
    '"оставайтесь" [пожалуйста] на линии',
    "^до свидания$",
    "стоит <деньги>",
)
SENTENCES = (
    "все разговоры у нас записываются ведется запись",
    "подскажите пожалуйста как к вам обращаться меня зовут Ольга",
    "спасибо вам за звонок до свидания",
    "курьер привезет послезавтра после обеда стоит это триста рублей",
    "оставайтесь на линии цена прямо скажем кусается но недорого",
)
SETS = tuple(compile_phrases([phrase], "ru") for phrase in PHRASES)


def _strong_variants(text: str, phrases: PhraseSet, min_strength: float) -> set[int]:
    """Return the variants that match when each of the set is laid over the text."""
    analysed = analyse(heard(text), "ru").text
    atom_hits = hear_atoms(analysed, phrases.lexicon)
    numbered = enumerate(phrases.variants)
    return {number for number, variant in numbered if align_variant(analysed, variant, atom_hits, min_strength)}


@settings(max_examples=150, deadline=None)
@given(
    sentences=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=2),
    share=st.sampled_from([0.0, 0.15, 0.4]),
    seed=st.integers(0, 10_000),
    min_strength=st.sampled_from([0.2, 0.5, 0.66, 0.75, 0.9, 1.0]),
)
def test_every_variant_that_matches_is_a_candidate(sentences: list[str], share: float, seed: int, min_strength: float) -> None:
    """Laying all variants over a text finds nothing that the candidates miss, at any strength and in any noise."""
    text = " ".join(corrupt_words(" ".join(sentences).split(), share, seed))
    analysed = analyse(heard(text), "ru").text
    for phrases in SETS:
        candidates = find_candidates(analysed, phrases, min_strength)
        assert _strong_variants(text, phrases, min_strength) <= set(candidates)
        assert list(candidates) == sorted(set(candidates))


def test_a_set_compiled_later_finds_its_candidates_in_a_text_searched_before() -> None:
    """What is remembered with a text does not hide sets, words and slots that are new since."""
    analysed = analyse(heard("оформим рассрочку на полгода"), "ru").text
    assert list(find_candidates(analysed, SETS[0], 0.75)) == []
    later = compile_phrases(["оформить рассрочку", "рассрочка на <число>"], "ru")
    assert list(find_candidates(analysed, later, 0.75)) == [0]


def test_a_text_without_words_has_no_candidates() -> None:
    """Signs alone are no word."""
    assert list(find_candidates(analyse(heard("- -"), "ru").text, SETS[0], 0.2)) == []


@pytest.mark.parametrize("word", sorted({word for sentence in SENTENCES for word in sentence.lower().split() if len(word) > 2}))
def test_the_closeness_told_from_the_sound_alone_is_that_of_a_full_comparison(word: str) -> None:
    """However a word is misheard, run together with another or cut short, `Lexicon.hits` and `closeness` say the same."""
    lexicon = SETS[0].lexicon
    rng = random.Random(word)
    garbled = {corrupt_word(word, rng) for _ in range(40)} | {f"все{word}", f"{word}нам", f"не{word}", word[:-2], word}
    for token in sorted(garbled - {""}):
        info, key = word_info(token, "ru"), sound_key(token, "ru")
        for number, close in lexicon.hits(token):
            assert close == pytest.approx(closeness(info, key, lexicon.forms[number])), lexicon.forms[number].text
