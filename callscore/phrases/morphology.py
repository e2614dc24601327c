"""What a single token can be: its dictionary readings, whether it is a word at all, whether it is a name.

The one place that knows pymorphy3; the dictionary (about 15 MB) is loaded on first use and shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import extract

from callscore.phrases.english import english_lemmas, is_english_name
from callscore.phrases.names import NAMES, NOT_NAMES
from callscore.phrases.sounds import SoundKey, narrow, sound_key, sound_similarity
from callscore.phrases.tokens import text_tokens

__all__ = ["GROUPS", "Reading", "WordInfo", "aspect_partners", "inflections", "is_name", "lemmas", "word_info"]

Reading = tuple[str, str]
"""A lemma and its group, one of `GROUPS`."""

GROUPS: Final = ("noun", "adj", "short", "comp", "verb", "part", "num", "pron", "other")
"""Kinds of word that do not stand in for one another: `short` holds predicatives (дорого, дорог, нельзя) apart from `adj`."""

_GROUP_OF_POS: Final = {
    "NOUN": "noun", "ADJF": "adj", "ADJS": "short", "ADVB": "short", "PRED": "short", "COMP": "comp", "VERB": "verb",
    "INFN": "verb", "GRND": "verb", "PRTF": "part", "PRTS": "part", "NUMR": "num", "NPRO": "pron",
}  # fmt: skip
_LEAST_SHARE: Final = 0.1  # rarer readings are noise: "дорога" is a short adjective in 5 of 100 uses of pymorphy3's corpus
_NAME_SHARE: Final = 0.25
_NAME_ALIKE: Final = 0.85
_NAME_CUTOFF: Final = 0.7
_LEAST_NAME_CHARS: Final = 4
_AMOUNTS: Final = frozenset(
    {"много", "немного", "мало", "немало", "несколько", "сколько", "столько"}
)  # numerals, yet no numbers
_EXTRA_READINGS: Final = {"есть": (("быть", "verb"),)}  # the corpus statistics give "есть" to eating


@dataclass(frozen=True, slots=True)
class WordInfo:
    """A token's grammar.

    `readings` are the plausible ones; `main` the likeliest; `is_known` tells whether the dictionary lists the word;
    `is_name_like` that it is no word but sounds much like a frequent name (Игарь);
    `is_second_person` a verb form for "you" that polite questions use (подскажете, хотите, можете).
    """

    text: str
    readings: frozenset[Reading]
    main: Reading
    is_known: bool
    is_name: bool = False
    is_name_like: bool = False
    is_surname: bool = False
    is_genitive: bool = False
    is_number: bool = False
    is_second_person: bool = False
    is_perfective: bool = False
    is_oblique: bool = False


@cache
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=65_536)
def word_info(token: str, language: str) -> WordInfo:
    """Return the grammar of one lower-case token as `text_tokens` gives it."""
    if not token or not token[0].isalpha():
        return WordInfo(token, frozenset({(token, "num")}), (token, "num"), is_known=True, is_number=token[:1].isdigit())
    return _english_info(token) if language == "en" else _russian_info(token)


def _russian_info(token: str) -> WordInfo:
    if not _analyzer().word_is_known(token):  # guessing the grammar of a garbled word is slow and wrong
        reading = (token, "other")
        is_name = token in NAMES
        return WordInfo(
            token,
            frozenset({reading}),
            reading,
            is_known=False,
            is_name=is_name,
            is_name_like=not is_name and _sounds_like_name(token),
        )
    shares: dict[Reading, float] = {}
    name_share = total = 0.0
    marks: set[str] = set()
    for parse in _analyzer().parse(token):
        group, found = _marks(parse.tag)
        reading = (parse.normal_form.replace("ё", "е"), group)
        shares[reading] = shares.get(reading, 0.0) + parse.score
        total += parse.score
        name_share += parse.score if "Name" in found or "Patr" in found else 0.0
        marks |= found
    likely = {reading for reading, share in shares.items() if share >= _LEAST_SHARE * total}
    main = max(shares, key=lambda reading: shares[reading])
    return WordInfo(
        token,
        frozenset(likely | {main} | set(_EXTRA_READINGS.get(token, ()))),
        main,
        is_known=True,
        is_name=token in NAMES or (name_share >= _NAME_SHARE * total and token not in NOT_NAMES),
        is_surname="Surn" in marks,
        is_genitive="gent" in marks,
        is_number=bool(marks & {"NUMR", "Anum"}) and main[0] not in _AMOUNTS,
        is_second_person="2per" in marks,
        is_perfective="perf" in marks,
        is_oblique="nomn" not in marks,
    )


@lru_cache(maxsize=4_096)
def _marks(tag: Any) -> tuple[str, frozenset[str]]:
    """Return the group of a dictionary tag, and what of its marks is of use here."""
    marks = ("Name", "Patr", "Anum", "2per", "Surn", "gent", "perf", "nomn")
    return _GROUP_OF_POS.get(str(tag.POS), "other"), frozenset({str(tag.POS), *(mark for mark in marks if mark in tag)})


@cache
def _names_near(length: int) -> tuple[tuple[SoundKey, ...], tuple[str, ...]]:
    """Return the sounds of the names that a word of so many sounds can be alike enough to, and their fine keys alone."""
    keys = sorted({narrow(sound_key(name)) for name in NAMES if len(name) >= _LEAST_NAME_CHARS})
    near = tuple(key for key in keys if min(len(key.fine), length) >= _NAME_CUTOFF * max(len(key.fine), length))
    return near, tuple(key.fine for key in near)


def _sounds_like_name(token: str) -> bool:
    if len(token) < _LEAST_NAME_CHARS:
        return False
    key = narrow(sound_key(token))
    keys, fine = _names_near(len(key.fine))
    alike = extract(key.fine, fine, scorer=Levenshtein.normalized_similarity, score_cutoff=_NAME_CUTOFF, limit=None)
    return any(sound_similarity(key, keys[place]) >= _NAME_ALIKE for _key, _score, place in alike)


def _english_info(token: str) -> WordInfo:
    found = english_lemmas(token)
    readings = frozenset((lemma, "other") for lemma in found)
    return WordInfo(token, readings, (found[0], "other"), is_known=False, is_name=is_english_name(token))


_PARTNERS: Final = (
    ("овывать", ("овать",)), ("ывать", ("ать", "ить", "еть", "ыть")), ("ивать", ("ить", "ать", "еть")), ("авать", ("ать",)),
    ("евать", ("еть",)), ("лять", ("ить", "лить")), ("рять", ("рить",)), ("нять", ("нить",)),
    ("щать", ("тить", "стить", "щить")),
    ("ждать", ("дить",)), ("шать", ("сить", "шить")), ("жать", ("зить", "дить", "жить")), ("чать", ("тить", "чить")),
    ("ять", ("ить", "еять")), ("ать", ("ить", "нуть")),
)  # fmt: skip


@lru_cache(maxsize=4_096)
def aspect_partners(lemma: str) -> frozenset[str]:
    """Return the perfective verbs that differ from the imperfective `lemma` by suffix only, as far as the dictionary has them.

    >>> sorted(aspect_partners("оформлять"))
    ['оформить']
    >>> sorted(aspect_partners("думать"))
    []
    """
    ending = "ся" if lemma.endswith("ся") else ""
    stem = lemma.removesuffix("ся")
    if not _is_verb(lemma, "impf"):
        return frozenset()
    for suffix, replacements in _PARTNERS:
        if stem.endswith(suffix):
            made = {stem.removesuffix(suffix) + new + ending for new in replacements}
            found = frozenset(verb for verb in made if verb != lemma and _is_verb(verb, "perf"))
            if found:
                return found
    return frozenset()


def _is_verb(lemma: str, aspect: str) -> bool:
    if not _analyzer().word_is_known(lemma):
        return False
    return any(p.tag.POS == "INFN" and aspect in p.tag and p.is_known for p in _analyzer().parse(lemma))


def lemmas(text: str, language: str = "ru") -> tuple[frozenset[str], ...]:
    """Return the plausible dictionary forms of each token of `text`.

    >>> [sorted(found) for found in lemmas("Разговор записывается")]
    [['разговор'], ['записываться']]
    """
    return tuple(frozenset(lemma for lemma, _group in word_info(token, language).readings) for token in text_tokens(text))


def inflections(token: str) -> frozenset[str]:
    """Return the forms of each likely meaning of a Russian token; of an unknown one those it would have, as endings go.

    >>> sorted(inflections("нельзя"))
    ['нельзя']
    """
    parses = _analyzer().parse(token)
    total = sum(parse.score for parse in parses)
    likely = [parse for parse in parses if parse.score >= _LEAST_SHARE * total] if parses[0].is_known else parses[:1]
    return frozenset(form.word.replace("ё", "е") for parse in likely for form in parse.lexeme)


def is_name(word: str, language: str = "ru") -> bool:
    """Tell whether `word`, one token in any case form, can be a given name or a patronymic.

    >>> is_name("Ольге"), is_name("Петрович"), is_name("доставка")
    (True, True, False)
    """
    tokens = text_tokens(word)
    return len(tokens) == 1 and word_info(tokens[0], language).is_name


def is_oblique_name(word: str, language: str = "ru") -> bool:
    """Tell whether `word`, one token, is a given name or patronymic in a case that nobody gives as one's own name.

    >>> is_oblique_name("Ольгу"), is_oblique_name("Ольга"), is_oblique_name("доставку")
    (True, False, False)
    """
    tokens = text_tokens(word)
    info = word_info(tokens[0], language) if len(tokens) == 1 else None
    return info is not None and info.is_name and info.is_known and info.is_oblique
