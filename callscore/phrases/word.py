"""Find one word that became known only in the call, such as a client's name; nothing is compiled or remembered for it. Pure."""

from __future__ import annotations

from functools import lru_cache

from callscore.phrases.analysed import AnalysedWords
from callscore.phrases.closeness import AtomForm, atom_form, closeness
from callscore.phrases.match import Match
from callscore.phrases.morphology import word_info
from callscore.phrases.negation import can_deny, is_negated
from callscore.phrases.notation import Atom
from callscore.phrases.sounds import sound_key
from callscore.phrases.tokens import text_tokens

__all__ = ["find_word"]


def find_word(analysed: AnalysedWords, word: str, *, min_strength: float) -> tuple[Match, ...]:
    """Return where `word`, one token, is said in any form or misheard by no more than `min_strength` allows, in order."""
    tokens = text_tokens(word)
    if len(tokens) != 1:
        return ()
    found = []
    text = analysed.text
    for at, token in enumerate(text.tokens):
        close = _closeness(token, tokens[0], text.language)
        if close >= min_strength and not (can_deny(text) and is_negated(text, [at], [at])):
            number = text.word_nos[at]
            said = analysed.words[number]
            found.append(
                Match(
                    first_word=number,
                    last_word=number,
                    span=said.span,
                    text=said.text,
                    strength=round(close, 4),
                    phrase=word,
                    confidence=said.prob,
                    is_telling=True,
                )
            )
    return tuple(found)


@lru_cache(maxsize=16_384)
def _closeness(token: str, word: str, language: str) -> float:
    return closeness(word_info(token, language), sound_key(token, language), _form(word, language))


@lru_cache(maxsize=1_024)
def _form(word: str, language: str) -> AtomForm:
    return atom_form(Atom("lemma", word), language)
