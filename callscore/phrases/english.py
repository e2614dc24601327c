"""English words: light lemmatisation by rule and the commonest given names. Pure, standard library only."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from callscore.phrases.tokens import word_set

__all__ = ["english_lemmas", "irregular_forms", "is_english_name"]

_IRREGULAR_FORMS: Final = {
    "be": "am is are was were been being m re isn aren wasn weren",
    "have": "has had having ve haven hasn hadn",
    "do": "does did done doing don doesn didn",
    "go": "goes went gone",
    "say": "said",
    "tell": "told",
    "give": "gave given",
    "get": "got gotten",
    "make": "made",
    "take": "took taken",
    "think": "thought",
    "buy": "bought",
    "pay": "paid",
    "send": "sent",
    "find": "found",
    "know": "knew known",
    "see": "saw seen",
    "come": "came",
    "keep": "kept",
    "hold": "held",
    "leave": "left",
    "speak": "spoke spoken",
    "hear": "heard",
    "will": "ll won",
    "choose": "chose chosen",
    "break": "broke broken",
    "child": "children",
    "person": "people",
    "i": "me",
    "good": "better best",
    "bad": "worse worst",
    "can": "could couldn",
    "may": "might",
    "not": "t",
}
_IRREGULAR: Final = {form: lemma for lemma, forms in _IRREGULAR_FORMS.items() for form in forms.split()}
_VOWELS: Final = frozenset("aeiouy")
_KEPT: Final = word_set(
    "this his is us was yes as has its bus gas plus thus during thing nothing something anything morning evening"
)
_NAMES: Final = word_set("""
    adam alan alex alexander alice amanda amy andrea andrew angela ann anna anne anthony ashley barbara ben benjamin
    betty bill bob
    brandon brian carl carol caroline catherine charles charlie charlotte chris christian christine christopher claire
    craig daniel
    dave david deborah dennis diana donald donna dorothy douglas edward elizabeth ella emily emma eric ethan eva frank
    fred gary
    george grace graham hannah harry heather helen henry ian isabella jack jacob jake james jane janet jason jeff
    jennifer jeremy
    jessica jim joan joe john jonathan jordan joseph joshua joyce judy julia julie justin karen kate katherine
    kathleen katie keith
    kelly ken kenneth kevin kim kyle laura lauren leo liam linda lisa liz louise lucas lucy luke maria marie martin
    mary matt matthew
    megan melissa mia michael michelle mike nancy natalie nathan neil nick nicholas nicole noah nora oliver olivia
    oscar pamela
    patricia patrick paul peter phil philip rachel ralph rebecca richard robert roger ron rose ruth ryan sam samantha
    samuel sandra
    sara sarah scott sean sharon simon sophia sophie stephanie stephen steve steven stuart susan sylvia teresa thomas
    tim timothy
    tina tom tony tyler vanessa victoria vincent walter wendy will william zoe
    """)  # fmt: skip


def is_english_name(token: str) -> bool:
    """Tell whether a lower-case token is a common given name."""
    return token in _NAMES


def irregular_forms(lemma: str) -> tuple[str, ...]:
    """Return the forms of a word that no rule gives.

    >>> irregular_forms("child"), irregular_forms("order")
    (('children',), ())
    """
    return tuple(_IRREGULAR_FORMS.get(lemma, "").split())


@lru_cache(maxsize=16_384)
def english_lemmas(token: str) -> tuple[str, ...]:
    """Return the likely base forms of a lower-case token, the best first; never empty.

    >>> english_lemmas("recorded"), english_lemmas("deliveries"), english_lemmas("calling")
    (('record', 'recorde'), ('delivery',), ('call', 'calle'))
    """
    if token in _IRREGULAR:
        return (_IRREGULAR[token],)
    if token in _KEPT or len(token) <= 3:
        return (token,)
    for suffix in ("ing", "ed"):
        stem = token.removesuffix(suffix)
        if stem != token and len(stem) >= 2 and _VOWELS & set(stem):
            return _verb_stems(stem)
    return (_singular(token),)


def _singular(token: str) -> str:
    if token.endswith("ies") and len(token) > 4:
        return token[:-3] + "y"
    if token.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
        return token[:-2]
    return token[:-1] if token.endswith("s") and not token.endswith(("ss", "us", "is")) else token


def _verb_stems(stem: str) -> tuple[str, ...]:
    """Undo what -ed and -ing do to a stem: hoped, stopped, tried, cancelled."""
    if stem.endswith("i"):
        return (stem[:-1] + "y",)
    is_doubled = len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in _VOWELS
    if is_doubled and stem[-1] not in "lsz":
        return (stem[:-1],)
    if is_doubled and stem.endswith("ell") and len(stem) > 4:
        return (stem[:-1], stem)
    return (stem, stem + "e")
