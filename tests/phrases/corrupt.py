"""Spoil Russian words the way a recogniser on a bad line does: similar sounds, dropped words, glued words. Seeded."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

__all__ = ["corrupt_word", "corrupt_words"]

_ALIKE: Final = {
    "а": "оэ", "о": "ау", "е": "иэ", "и": "еы", "я": "еи", "ы": "иэ", "у": "ою", "ю": "у", "э": "еи", "ё": "ео",
    "б": "пвд", "п": "бтф", "в": "фбл", "ф": "вх", "г": "кхд", "к": "гхт", "д": "тбг", "т": "дпк", "з": "сж", "с": "зш",
    "ж": "шз", "ш": "жщс", "щ": "шч", "ч": "щц", "ц": "сч", "м": "нл", "н": "мл", "л": "рн", "р": "лн", "х": "кф", "й": "и",
}  # fmt: skip
_VOWELS: Final = frozenset("аеёиоуыэюя")
_ENDINGS: Final = (("ться", "ца"), ("тся", "тса"), ("ого", "ово"), ("его", "ево"), ("сч", "щ"), ("вств", "ств"))
_DROPPED_SHARE: Final = 0.25
_GLUED_SHARE: Final = 0.1


def corrupt_word(word: str, rng: random.Random) -> str:
    """Return `word` as it might be misheard: one or two sounds changed, more in long words; never the same."""
    for spelled, said in _ENDINGS:
        if spelled in word and rng.random() < 0.5:
            return word.replace(spelled, said, 1)
    letters = list(word)
    places = [at for at, letter in enumerate(letters) if letter.lower() in _ALIKE]
    if not places:
        return word + "а"
    for at in rng.sample(places, min(len(places), 1 + (len(word) >= 7 and rng.random() < 0.5))):
        letter = letters[at].lower()
        is_dropped = letter in _VOWELS and at and rng.random() < 0.2 and len(word) > 3
        letters[at] = "" if is_dropped else rng.choice(_ALIKE[letter])
    return "".join(letters)


def corrupt_words(words: Sequence[str], share: float, seed: int) -> list[str]:
    """Return `words` with about `share` of them misheard, dropped (a quarter of these) or glued to the next (a tenth).

    The same seed spoils the same places, and a larger share spoils these and more.
    """
    heard: list[str] = []
    is_glued = False
    for place, word in enumerate(words):
        rng = random.Random(f"{seed}:{place}")
        if rng.random() >= share:
            said = word
        else:
            kind = rng.random()
            if kind < _DROPPED_SHARE:
                continue
            said = word if kind < _DROPPED_SHARE + _GLUED_SHARE else corrupt_word(word, rng)
            if kind < _DROPPED_SHARE + _GLUED_SHARE and heard and not is_glued:
                heard[-1] += said
                is_glued = True
                continue
        is_glued = False
        heard.append(said)
    return heard
