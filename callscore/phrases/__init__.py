"""Phrases in recognised speech: what a rubric writes, found in what a recogniser heard, in spite of grammar and noise.

Notation of a phrase (YAML strings):

    цена высокая            words in this order; each in any grammatical form of the same part of speech
    (цена|стоимость)        one of these; alternatives may have several words: (до свидания|всего доброго)
    [пожалуйста]            may be said or not
    цена ... высокая        up to 3 words in between; ..5 up to 5; ..0 none (by default 2 may slip in, at a small cost)
    {разговор записывается} in any order, 2 to 4 members; {разговор ... записывается} with up to 3 words between any two
    "подскажите"            this very form (imperative, tense, number), and it must be there
    дорогой/ADJ             part of speech: NOUN ADJ SHORT ADV COMP VERB PART NUM PRON,
                            in Russian СУЩ ПРИЛ КРАТ НАР СРАВ ГЛАГ ПРИЧ ЧИСЛ МЕСТ
    ^да слушаю   пока$      at the start, at the end of a turn (fillers such as "ну", "э" may stand outside)
    меня зовут <имя>        classes: <имя> <фамилия> <число> <время> <день> <деньги> <любое>,
                            in English <name> <surname> <number> <time> <day> <money> <any>
    !дорогой товарищ        an exclusion: no match of the set where this is said, nor within two words of it in its sentence

Case, punctuation, hyphens and ё/е do not matter. "не дорого" and "недорого" are no match of "дорого", unless the phrase itself
holds the negation; "не подскажете" and "не могли бы" deny nothing. A short adjective or adverb (дорого) and a full adjective
(дорогая) are different parts of speech; "записывать" also finds its perfective partner "записать", a little weaker.

A word heard wrongly still counts by how alike it sounds ("записваеться"), words glued or split are put right ("досвидания"),
function words weigh little. All of it goes into `Match.strength`; how sure the recogniser was is `Match.confidence`.

Complexity: each distinct word is compared once for all sets, by array operations with the few hundred words that share a
consonant skeleton with it (0.1 to 0.2 ms); a turn is weighed against all variants of all sets at once, over the slots its
words can fill (0.1 ms); what a set then asks is a dictionary look-up, and only variants that its words make strong enough
are aligned, which costs hits x the widest gap. No regular expressions are used, and bounds on the notation keep it small.
"""

from callscore.phrases.analysed import AnalysedWords, analyse
from callscore.phrases.compile import PhraseSet, compile_phrases
from callscore.phrases.match import DEFAULT_STRENGTH, Match, best_match, find_matches
from callscore.phrases.morphology import is_name, is_oblique_name, lemmas, word_info
from callscore.phrases.notation import Atom, Slot, Variant
from callscore.phrases.syntax import parse_phrase
from callscore.phrases.tokens import text_tokens
from callscore.phrases.weights import FUNCTION, atom_weight
from callscore.phrases.word import find_word

__all__ = [
    "DEFAULT_STRENGTH",
    "FUNCTION",
    "AnalysedWords",
    "Atom",
    "Match",
    "PhraseSet",
    "Slot",
    "Variant",
    "analyse",
    "atom_weight",
    "best_match",
    "compile_phrases",
    "find_matches",
    "find_word",
    "is_name",
    "is_oblique_name",
    "lemmas",
    "parse_phrase",
    "text_tokens",
    "word_info",
]
