"""How close one recognised word is to one word of a phrase: by form, by lemma, by sound. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

from callscore.phrases.morphology import Reading, WordInfo, aspect_partners, word_info
from callscore.phrases.notation import Atom
from callscore.phrases.sounds import SoundKey, sound_key, sound_similarity
from callscore.phrases.weights import FUNCTION, atom_weight

__all__ = [
    "NEGATING",
    "WEAKEST",
    "AtomForm",
    "atom_form",
    "closeness",
    "closeness_by_sound",
    "glued_form",
    "is_part",
    "is_plain",
    "least_similarities",
    "similarity_of",
    "sound_kind",
]

NEGATING: Final = 0
_OTHER: Final = 1
_STRICT: Final = 2
_QUOTED: Final = 3
WEAKEST: Final = 0.3
"""Word closeness below this counts as none: two random Russian words of a length sound alike to 0.3-0.4 of their sounds."""

_SOUND_FLOOR: Final = 0.4  # the similarity at which sounding alike means nothing, see WEAKEST
_ASPECT: Final = 0.85  # отправим / отправляем: the same deed, not the same statement
_ALIKE_MOST: Final = 0.97  # the same sound in another spelling
_SHORT: Final = 3
_SHORT_ALIKE: Final = 0.7  # да / до: alike, but there are too few sounds to tell
# A word of the dictionary is likelier to be meant than misheard, the more so the shorter: дорога / дорого, but здравствуете.
_OTHER_WORD: Final = 0.45
_OTHER_WORD_PER_CHAR: Final = 0.033
_OTHER_WORD_MOST: Final = 0.9
_LONG_BEGINNING: Final = 7
_BEGINNING_SHARE: Final = 0.6
_BEGINNING: Final = 0.86
_LONG_PART: Final = 5
_PART: Final = 0.9
_STRICT_LEAST: Final = 0.6
_PIECE: Final = 0.05  # "говор" for "разговор", "дорого" for "недорого": nothing alone, but the rest may stand beside it
_LEAST_PIECE: Final = 3
_NEGATING: Final = ("не", "ни")
_NEVER: Final = 2.0
_ROUNDING: Final = 1e-5


@dataclass(frozen=True, slots=True)
class AtomForm:
    """An atom made ready for comparison.

    `keys` are the sounds of its form and then of its lemmas; `is_negating` tells that it holds a negation ("недорого").
    """

    atom: Atom
    text: str
    language: str
    readings: frozenset[Reading]
    partners: frozenset[Reading]
    keys: tuple[SoundKey, ...]
    is_glued: bool = False
    is_function: bool = False
    is_negating: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_negating", self.text.startswith(_NEGATING))


def atom_form(atom: Atom, language: str) -> AtomForm:
    """Return `atom` with its readings: all likely readings of the hinted group, else those of its likeliest lemma."""
    info = word_info(atom.text, language)
    if atom.kind == "exact":
        return AtomForm(atom, atom.text, language, frozenset(), frozenset(), (sound_key(atom.text, language),))
    if atom.hint:
        readings = frozenset(reading for reading in info.readings if reading[1] == atom.hint)
    elif language == "en" or info.main[1] == "short":
        readings = frozenset(r for r in info.readings if language == "en" or r[1] == "short")
    else:
        readings = frozenset({info.main})
    partners: set[Reading] = set()
    if language == "ru":
        for lemma, group in readings:
            if group == "verb":
                partners |= {(other, "verb") for other in aspect_partners(lemma)}
    is_function = atom_weight(atom) <= FUNCTION
    forms = [atom.text] if is_function else [atom.text, *sorted(lemma for lemma, _group in readings)]
    keys = tuple(dict.fromkeys(sound_key(form, language) for form in forms))
    return AtomForm(atom, atom.text, language, readings, frozenset(partners), keys, is_function=is_function)


def glued_form(first: str, second: str, language: str) -> AtomForm:
    """Return what two words of a phrase look like when recognised as one ("досвидания")."""
    text = first + second
    keys = (sound_key(text, language),)
    return AtomForm(Atom("exact", text), text, language, frozenset(), frozenset(), keys, is_glued=True)


def closeness(info: WordInfo, key: SoundKey, form: AtomForm, similarity: float | None = None) -> float:
    """Return how close a recognised token of that grammar and sound is to an atom, 0..1.

    0 means nothing in common, 0.05 a piece of the word, `WEAKEST`..1 alike: 1.0 the same form or lemma, 0.85 the other aspect
    of the same verb, otherwise by sound, and then less for a token that is itself a word of the dictionary. A quoted atom takes
    another dictionary word only if it sounds the same. `similarity` is `similarity_of` the same, where it is known already.
    """
    if not info.readings.isdisjoint(form.readings) or (info.text == form.text and not form.atom.hint):
        return 1.0
    if not info.readings.isdisjoint(form.partners):
        return _ASPECT
    if info.is_number or len(info.text) < _SHORT - 1:
        return 0.0
    return _by_sound(info, key, form, similarity_of(info, key, form) if similarity is None else similarity)


def is_plain(info: WordInfo) -> bool:
    """Tell whether `closeness_by_sound` holds for a token: it is neither short nor a number, and holds no negation."""
    return len(info.text) > _SHORT and not info.is_number and not info.text.startswith(_NEGATING)


def closeness_by_sound(info: WordInfo, key: SoundKey, form: AtomForm, similarity: float, kind: int) -> float:
    """Return `closeness` of a plain token to an atom with which it shares neither a reading nor an edge.

    So there is little to tell but how alike they sound. The kind of the atom, its `sound_kind`, must not be `NEGATING`.
    """
    if kind == _OTHER:
        close = _scaled(similarity) * _other_word(info) if info.is_known else _scaled(max(similarity, _part(key, form)))
        return min(close, _ALIKE_MOST) if close >= WEAKEST else 0.0
    return _strict(similarity, info, form)


def similarity_of(info: WordInfo, key: SoundKey, form: AtomForm) -> float:
    """Return how alike token and atom sound, 0..1; a garbled word may be any form of the word, a real one is what it is."""
    return max([sound_similarity(key, other) for other in (form.keys[:1] if info.is_known else form.keys)])


def _by_sound(info: WordInfo, key: SoundKey, form: AtomForm, similarity: float) -> float:
    if info.text.startswith(_NEGATING) != form.is_negating and _is_negation_of(info, form):
        return _PIECE if form.is_negating else 0.0
    if len(info.text) <= _SHORT and len(form.text) <= _SHORT:
        return _SHORT_ALIKE if similarity == 1.0 else 0.0
    if form.is_glued or form.is_function or form.atom.kind == "exact":
        return _strict(similarity, info, form)
    if info.is_known:
        close = _scaled(similarity) * _other_word(info)
    else:
        close = _scaled(max(similarity, _beginning(key, form), _part(key, form)))
    if close >= WEAKEST:
        return min(close, _ALIKE_MOST)
    is_piece = len(info.text) >= _LEAST_PIECE and (form.text.endswith(info.text) or form.text.startswith(info.text))
    return _PIECE if is_piece else 0.0


def is_part(key: SoundKey, info: WordInfo, form: AtomForm) -> bool:
    """Tell whether a token is close to an atom as a part of it, or the atom as a part of the token, though they sound apart."""
    if len(info.text) >= _LEAST_PIECE and (form.text.endswith(info.text) or form.text.startswith(info.text)):
        return True
    if form.is_negating and not info.text.startswith(_NEGATING):
        return True
    return not info.is_known and bool(_beginning(key, form) or _part(key, form))


def sound_kind(form: AtomForm) -> int:
    """Return which of `least_similarities` holds for an atom."""
    if form.is_glued:
        return _STRICT
    if form.is_negating:
        return NEGATING
    return _STRICT if form.is_function else _QUOTED if form.atom.kind == "exact" else _OTHER


def least_similarities(info: WordInfo) -> tuple[float, float, float, float]:
    """Return the similarity below which sounding alike makes a token not close to an atom, for each `sound_kind`.

    Parts of words (`is_part`) and tokens that sound the same as the atom are not spoken of. The kinds: words that hold their
    negation, other words, glued and function words, quoted words.
    """
    least = _similarity_for(WEAKEST)
    if not info.is_known:
        return least, least, _similarity_for(_STRICT_LEAST), least
    if len(info.text) > _SHORT:  # a shorter one may be a piece of the atom without sharing an edge with it
        return least, _similarity_for(WEAKEST / _other_word(info)), _NEVER, _NEVER
    return least, least, _NEVER, _NEVER


def _similarity_for(close: float) -> float:
    return _SOUND_FLOOR + close * (1 - _SOUND_FLOOR) - _ROUNDING


def _other_word(info: WordInfo) -> float:
    return min(_OTHER_WORD_MOST, _OTHER_WORD + _OTHER_WORD_PER_CHAR * len(info.text))


def _scaled(similarity: float) -> float:
    return (similarity - _SOUND_FLOOR) / (1 - _SOUND_FLOOR)


def _strict(similarity: float, info: WordInfo, form: AtomForm) -> float:
    """Take a dictionary word only if it sounds the same; glued words must sound very much alike in any case."""
    if info.is_known:
        return _ALIKE_MOST if similarity == 1.0 else 0.0
    close = _scaled(similarity)
    return min(close, _ALIKE_MOST) if close >= (_STRICT_LEAST if form.is_glued or form.is_function else WEAKEST) else 0.0


def _is_negation_of(info: WordInfo, form: AtomForm) -> bool:
    """Tell whether one of the two, of which one starts with "не", is the other with it ("дорого" and "недорого")."""
    if form.is_glued:
        return False
    negated, plain = (info.text, form.text) if info.text.startswith(_NEGATING) else (form.text, info.text)
    rest = negated[2:]
    return rest == plain or bool(rest and word_info(rest, form.language).readings & word_info(plain, form.language).readings)


def _beginning(key: SoundKey, form: AtomForm) -> float:
    """Return the similarity of a long word of which the end was lost ("здравство"), 0 if that is not the case."""
    if len(key.fine) < _LONG_BEGINNING:
        return 0.0
    beginning = key.fine[:_LONG_BEGINNING]
    for other in form.keys:
        if not other.fine.startswith(beginning):
            continue
        same = max(_LONG_BEGINNING, math.ceil(_BEGINNING_SHARE * len(other.fine)))
        if same <= len(key.fine) <= len(other.fine) and key.fine[:same] == other.fine[:same]:
            return _BEGINNING
    return 0.0


def _part(key: SoundKey, form: AtomForm) -> float:
    """Return the similarity of a word run together with a neighbour outside of the phrase ("всеразговоры"), 0 if it is not."""
    sound = form.keys[0].fine
    if len(sound) < _LONG_PART or len(key.fine) <= len(sound):
        return 0.0
    return _PART if key.fine.endswith(sound) or key.fine.startswith(sound) else 0.0
