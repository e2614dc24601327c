"""How words sound: phonetic keys of Russian and English words, and how alike two keys are. Pure.

A key merges spellings that are pronounced alike without stress marks: vowels are reduced, consonants devoiced at the end and
assimilated before one another, silent letters dropped (R. Avanesov, "Русское литературное произношение"; the idea of such a
key is Soundex's). A coarse key merges further what telephone speech blurs: all vowels, voice, nasals.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_COARSE", "SoundKey", "edit_similarities", "narrow", "sound_key", "sound_similarity"]


class SoundKey(NamedTuple):
    """A word's sound: `fine` tells most words apart, `coarse` only what survives a bad line."""

    fine: str
    coarse: str


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Read "spelled>said" pairs parted by blanks."""
    return tuple((spelled, said) for spelled, said in (pair.split(">") for pair in text.split()))


_CLUSTERS: Final = _pairs(
    """
    ться>ца тся>ца здравств>здраств чувств>чуств стн>сн здн>зн рдц>рц лнц>нц нтск>нск тьс>ц тс>ц дс>ц сч>щ зч>щ жч>щ тч>ч дч>ч
    тц>ц дц>ц сш>ш зш>ш зж>ж чт>шт гк>хк гч>хч
    """
)
_VOWELS: Final = str.maketrans({"о": "а", "е": "и", "ё": "и", "я": "и", "э": "и", "ы": "и", "ю": "у", "ь": None, "ъ": None})
_VOICELESS: Final = {"б": "п", "в": "ф", "г": "к", "д": "т", "ж": "ш", "з": "с"}
_VOICED: Final = {"п": "б", "ф": "в", "к": "г", "т": "д", "ш": "ж", "с": "з"}
_UNCHANGED: Final[dict[str, str]] = {}
_VOICELESS_SIGNS: Final = frozenset("пфктшсхцчщ")
_VOICING_SIGNS: Final = frozenset("бгджз")  # в does not voice what stands before it
_COARSE: Final = str.maketrans("иубвгджзмщчцх", "аапфктшсншшск", "й")
_ROUNDING: Final = 1e-9
LEAST_COARSE: Final = 0.5
"""Edit similarity of coarse keys below which two words have nothing in common."""
_NARROW: Final = {ord("а") + at: 0xC0 + at for at in range(32)}  # capitals of Latin-1, which no lower-case token holds
_EN_CLUSTERS: Final = _pairs(
    """
    ough>o augh>af igh>i tion>shn sion>shn ph>f gh>g kn>n wr>r ck>k qu>kw wh>w ce>se ci>si cy>si c>k x>ks z>s y>i
    """
)
_EN_COARSE: Final = str.maketrans({"e": "a", "i": "a", "o": "a", "u": "a", "b": "p", "d": "t", "g": "k", "v": "f", "m": "n"})


@lru_cache(maxsize=65_536)
def sound_key(word: str, language: str = "ru") -> SoundKey:
    """Return the key of one lower-case token; digits and foreign letters stay as they are.

    >>> sound_key("записываться").fine == sound_key("записываца").fine
    True
    >>> sound_key("здравствуйте").fine
    'здраствуйти'
    """
    if language == "en":
        return _english_key(word)
    sounds = word
    if (
        len(sounds) > 3
        and sounds.endswith(("ого", "его"))
        and sounds not in ("много", "немного", "дорого", "недорого", "строго")
    ):
        sounds = sounds[:-2] + "во"
    for spelled, said in _CLUSTERS:
        if spelled in sounds:
            sounds = sounds.replace(spelled, said)
    fine = _without_doubles(_assimilate(sounds.translate(_VOWELS)))
    return SoundKey(fine, _without_doubles(fine.translate(_COARSE)))


def _assimilate(sounds: str) -> str:
    """Devoice at the end and before voiceless consonants, voice before voiced ones; right to left as in speech."""
    done: list[str] = []
    said = _VOICELESS
    for sound in reversed(sounds):
        after = said.get(sound, sound)
        done.append(after)
        said = _VOICELESS if after in _VOICELESS_SIGNS else _VOICED if after in _VOICING_SIGNS else _UNCHANGED
    return "".join(reversed(done))


def _without_doubles(sounds: str) -> str:
    kept = [sound for at, sound in enumerate(sounds) if at == 0 or sound != sounds[at - 1]]
    return "".join(kept)


def _english_key(word: str) -> SoundKey:
    sounds = word
    for spelled, said in _EN_CLUSTERS:
        if spelled in sounds:
            sounds = sounds.replace(spelled, said)
    if len(sounds) > 3 and sounds.endswith("e"):
        sounds = sounds[:-1]
    fine = _without_doubles(sounds)
    return SoundKey(fine, _without_doubles(fine.translate(_EN_COARSE)))


def narrow(key: SoundKey) -> SoundKey:
    """Return `key` in signs of one byte, one for each Cyrillic letter, which RapidFuzz compares in two thirds of the time."""
    return SoundKey(key.fine.translate(_NARROW), key.coarse.translate(_NARROW))


def edit_similarities(sound: str, others: Sequence[str]) -> NDArray[np.float64]:
    """Return the edit similarity 0..1 of a fine or coarse key with each of others, (n,), computed in one go."""
    if not others:
        return np.zeros(0)
    found: NDArray[np.float64] = cdist([sound], others, scorer=Levenshtein.normalized_similarity, dtype=np.float64)[0]
    return found


def sound_similarity(a: SoundKey, b: SoundKey, least: float = 0.0) -> float:
    """Return how alike two keys are, 0..1: the mean of edit similarity on the fine and on the coarse key.

    So a wrong vowel or voice costs half of what a wrong consonant costs. Keys that differ in half of their coarse sounds get 0,
    and those that are clearly less alike than `least` may.

    >>> round(sound_similarity(sound_key("записываеться"), sound_key("записывается")), 2)
    1.0
    >>> sound_similarity(sound_key("разговор"), sound_key("доставка")) < 0.4
    True
    """
    cutoff = max(LEAST_COARSE, 2 * least - 1 - _ROUNDING)
    coarse: float = Levenshtein.normalized_similarity(a.coarse, b.coarse, score_cutoff=cutoff)
    if not coarse:
        return 0.0
    fine: float = Levenshtein.normalized_similarity(a.fine, b.fine)
    return (fine + coarse) / 2
