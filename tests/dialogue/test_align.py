"""Words x speakers: no word lost, none doubled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callscore.dialogue import align_words
from callscore.dialogue.align import fit_words
from callscore.records import Diarization, Provenance, SpeakerSpan, Transcript, VoiceActivity, Word
from callscore.units import Span

ENGINE = Provenance(engine="test")

word_lists = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(0, 1500)).map(
        lambda pair: Word(span=Span(pair[0], pair[0] + pair[1]), text=f"w{pair[0]}", prob=0.5)
    ),
    max_size=30,
)
speaker_lists = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(1, 4000), st.sampled_from(["S0", "S1", "S2"])).map(
        lambda item: SpeakerSpan(span=Span(item[0], item[0] + item[1]), speaker=item[2])
    ),
    min_size=1,
    max_size=10,
)


def aligned(words: list[Word], speakers: list[SpeakerSpan], speech: list[Span]) -> list[tuple[str, str]]:
    """Return (speaker, text) of each utterance."""
    utterances = align_words(
        Transcript(channel=0, words=tuple(words), language="ru", unrecognised=(), rejected=(), provenance=ENGINE),
        Diarization(channel=0, spans=tuple(speakers), provenance=ENGINE),
        VoiceActivity(channel=0, duration_ms=30_000, speech=tuple(speech), sounds=()),
    )
    return [(utterance.speaker, utterance.text) for utterance in utterances]


def word(start: int, end: int, text: str) -> Word:
    """Build a sure word."""
    return Word(span=Span(start, end), text=text, prob=1.0)


@given(word_lists, speaker_lists)
def test_every_word_goes_to_exactly_one_speaker(words: list[Word], speakers: list[SpeakerSpan]) -> None:
    """Alignment neither loses nor doubles a word, whatever the diarization says."""
    spoken = " ".join(text for _, text in aligned(words, speakers, []))
    assert sorted(spoken.split()) == sorted(item.text for item in words)


def test_words_follow_the_speaker_who_covers_them() -> None:
    """A change of speaker inside speech splits the words there."""
    words = [word(0, 400, "добрый"), word(400, 900, "день"), word(1000, 1500, "алло")]
    speakers = [SpeakerSpan(span=Span(0, 950), speaker="S0"), SpeakerSpan(span=Span(950, 1600), speaker="S1")]
    assert aligned(words, speakers, [Span(0, 1600)]) == [("S0", "добрый день"), ("S1", "алло")]


def test_a_lone_word_inside_a_sentence_stays_in_it() -> None:
    """Half a second of another speaker in the middle of a phrase is an error of diarization."""
    words = [word(0, 400, "наш"), word(400, 700, "разговор"), word(700, 1200, "записывается")]
    speakers = [
        SpeakerSpan(span=Span(0, 400), speaker="S0"),
        SpeakerSpan(span=Span(400, 700), speaker="S1"),
        SpeakerSpan(span=Span(700, 1200), speaker="S0"),
    ]
    assert aligned(words, speakers, [Span(0, 1200)]) == [("S0", "наш разговор записывается")]


def test_a_word_does_not_stretch_over_a_silence() -> None:
    """A recogniser's word of 18 s is cut to the speech it lies in."""
    fitted = fit_words([word(1000, 19_000, "нашла")], [Span(0, 1500), Span(18_000, 19_500)])
    assert [item.span for item in fitted] == [Span(18_000, 19_000)]


def test_words_without_any_speaker_are_refused() -> None:
    """Words with no speaker at all are a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one speaker span"):
        aligned([word(0, 100, "да")], [], [])
