"""How close one recognised word is to one word of a phrase: by form, by lemma, by sound. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callscore.phrases.morphology import Reading, WordInfo, aspect_partners, word_info
from callscore.phrases.sounds import SoundKey, sound_key, sound_similarity
from callscore.phrases.syntax import Atom

__all__ = ["AtomForm", "WEAKEST", "atom_form", "closeness", "glued_form"]

WEAKEST: Final = 0.25
"""Word closeness below this counts as none: two random Russian words of a length sound alike to 0.3-0.4 of their sounds."""

_SOUND_FLOOR: Final = 0.4  # the similarity at which sounding alike means nothing, see WEAKEST
_ASPECT: Final = 0.85  # отправим / отправляем: the same deed, not the same statement
_OTHER_WORD: Final = 0.7  # a real word of another meaning is likelier to be meant than misheard
_GLUED_LEAST: Final = 0.6
_PART_OF_NEGATED: Final = 0.05  # "дорого" for "недорого": nothing by itself, but "не" may stand before it
_NEGATING: Final = ("не", "ни")


@dataclass(frozen=True, slots=True)
class AtomForm:
    """An atom made ready for comparison. `keys` are the sounds of its form and of its lemma."""

    atom: Atom
    readings: frozenset[Reading]
    partners: frozenset[Reading]
    keys: tuple[SoundKey, ...]
    is_glued: bool = False

    @property
    def text(self) -> str:
        """The token as written in the phrase."""
        return self.atom.text


def atom_form(atom: Atom, language: str) -> AtomForm:
    """Return `atom` with its readings: all likely readings of the hinted group, else those of its likeliest lemma."""
    info = word_info(atom.text, language)
    if atom.kind == "exact":
        return AtomForm(atom, frozenset(), frozenset(), (sound_key(atom.text, language),))
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
    forms = {atom.text, *(lemma for lemma, _group in readings)} if len(atom.text) > 3 else {atom.text}
    return AtomForm(atom, readings, frozenset(partners), tuple(sorted({sound_key(form, language) for form in forms})))


def glued_form(first: str, second: str, language: str) -> AtomForm:
    """Return what two words of a phrase look like when recognised as one ("досвидания")."""
    return AtomForm(
        Atom("exact", first + second), frozenset(), frozenset(), (sound_key(first + second, language),), is_glued=True
    )


def closeness(info: WordInfo, form: AtomForm, language: str) -> float:
    """Return how close a recognised token is to an atom, 0 (nothing) or `WEAKEST`..1 (the same word).

    1.0 the same form or lemma; 0.85 the other aspect of the same verb; otherwise by sound, and then less for a token that is
    itself a word of the dictionary. A quoted atom takes another dictionary word only if it sounds the same.
    """
    if info.text == form.text and not (form.atom.hint and not info.readings & form.readings):
        return 1.0
    if info.readings & form.readings:
        return 1.0
    if info.readings & form.partners:
        return _ASPECT
    return _by_sound(info, form, language)


def _by_sound(info: WordInfo, form: AtomForm, language: str) -> float:
    if info.is_number or len(info.text) < 2:
        return 0.0
    token_negates, form_negates = info.text.startswith(_NEGATING), form.text.startswith(_NEGATING)
    if form_negates and not token_negates and not form.is_glued:
        rest = word_info(form.text[2:], language) if len(form.text) > 4 else info
        return _PART_OF_NEGATED if rest.text != info.text and rest.readings & info.readings or rest.text == info.text else 0.0
    key = sound_key(info.text, language)
    if (
        token_negates
        and not form_negates
        and word_info(info.text[2:] or "-", language).is_known
        and not info.readings & form.readings
    ):
        return 0.0
    similarity = max(sound_similarity(key, other) for other in form.keys)
    if form.is_glued:
        close = (similarity - _SOUND_FLOOR) / (1 - _SOUND_FLOOR)
        return close if close >= _GLUED_LEAST and (not info.is_known or similarity == 1.0) else 0.0
    if max(len(info.text), len(form.text)) <= 3:
        return 0.9 if similarity == 1.0 and not info.is_known and len(info.text) > 2 else 0.0
    close = (similarity - _SOUND_FLOOR) / (1 - _SOUND_FLOOR)
    if info.is_known:
        if form.atom.kind == "exact":
            return 0.95 if similarity == 1.0 else 0.0
        close *= _OTHER_WORD
    return min(close, 0.97) if close >= WEAKEST else 0.0
