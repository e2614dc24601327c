"""Whether words that matched are denied where they stand: "не дорого", "совсем не дорого", "нельзя сказать, что дорого". Pure.

Scope: the clause, and within it the word before, over degree words ("не очень дорого") or one modal verb ("не буду
записывать"). Polite questions ("не подскажете", "не могли бы вы", "не хотите ли"), double negation ("не могу не сказать") and
"не только" deny nothing. Without a parser this is a rule of thumb; it prefers to see no negation where it is in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callscore.phrases.analysed import AnalysedText
from callscore.phrases.morphology import WordInfo
from callscore.phrases.tokens import Border, word_set

__all__ = ["can_deny", "is_negated"]

_NOT: Final = word_set("не ни not no never t")
_CANNOT: Final = word_set("нельзя невозможно cannot")
_LACKING: Final = word_set("нет без without no")
_DENYING: Final = _NOT | _CANNOT | _LACKING
_DEGREE: Final = word_set("""
    так такой такая такое такие такого такую очень слишком особо особенно сильно совсем совершенно настолько уж уже
    прям прямо столь
    шибко больно сказать вовсе ничуть нисколько бы же и вам вас мне нам у нас это то и
    so very too that really quite all at particularly such a an be being been
    """)
_BOOSTERS: Final = word_set("только просто лишь раз исключено спорю only just")
_MODALS: Final = word_set("""
    быть мочь хотеть надо нужно стать собираться планировать успеть успевать получиться получаться удаться уметь
    должен следовать
    стоит обязан желать хотеться
    do will would can could should be have need want going to
    """)
_OPINION: Final = word_set("""
    сказать сказал сказала говорить говорю думать думаю считать считаю казаться кажется значит значить say think mean
    believe
    """)
_LINKS: Final = word_set("быть казаться показаться считать считаться стать назвать выйти получиться")
_POLITE: Final = word_set("мочь хотеть желать мог подсказать найтись найдется уделить быть")
_CONDITIONS: Final = word_set("если раз когда поскольку if")
_NEGATABLE: Final = frozenset({"verb", "adj", "short", "comp", "part", "other"})
_LOOK_BACK: Final = 4
_LOOK_BACK_OPINION: Final = 6


def can_deny(text: AnalysedText) -> bool:
    """Tell whether a text holds any word that denies; without one nothing in it is negated."""
    return not _DENYING.isdisjoint(text.positions)


def is_negated(text: AnalysedText, matched: Sequence[int], heads: Sequence[int]) -> bool:
    """Tell whether any of the tokens `heads` is denied; `matched` are all tokens that belong to the match."""
    taken = frozenset(matched)
    return any(_is_denied(text, at, taken) for at in heads) or _is_opinion_denied(text, min(matched))


def _is_denied(text: AnalysedText, at: int, taken: frozenset[int]) -> bool:
    info = text.infos[at]
    place = _negation_before(text, at, taken)
    if place is not None:
        return not (_is_polite_question(text, place, at) or _is_doubled(text, place) or text.tokens[place + 1] in _BOOSTERS)
    if at and text.tokens[at - 1] in _LACKING and text.borders[at - 1] is Border.NONE and info.main[1] == "noun":
        return info.is_genitive or text.language == "en"
    return _is_denied_after(text, at)


def _negation_before(text: AnalysedText, at: int, taken: frozenset[int]) -> int | None:
    """Return the place of the negation that governs token `at`, if there is one."""
    can_reach = _groups(text.infos[at]) & _NEGATABLE
    modals_left = 1
    for place in range(at - 1, max(-1, at - 1 - _LOOK_BACK), -1):
        if text.borders[place] is not Border.NONE:
            return None
        token = text.tokens[place]
        if token in _NOT or token in _CANNOT:
            return None if place in taken else place
        if not can_reach:
            return None
        if token in _DEGREE or token in _BOOSTERS:
            continue
        if modals_left and _lemmas(text.infos[place]) & _MODALS:
            modals_left -= 1
            continue
        return None
    return None


def _is_polite_question(text: AnalysedText, place: int, at: int) -> bool:
    """See "не подскажете", "не могли бы", "не хотите ли", "не найдётся": a request put as a negative question."""
    if text.language != "ru" or place + 1 >= len(text.tokens) or text.tokens[place] != "не":
        return False
    following = text.tokens[place + 1 : min(len(text.tokens), at + 4)]
    if "ли" in following[:4]:
        return True
    before = text.tokens[max(0, place - 3) : place]
    verb = text.infos[place + 1]
    if _CONDITIONS & set(before):
        return False
    if "бы" in following[:3] and _lemmas(verb) & _POLITE:
        return True
    if not verb.is_second_person and not _lemmas(verb) & frozenset({"найтись"}):
        return False
    return verb.is_perfective or _asks(text, at)


def _asks(text: AnalysedText, at: int) -> bool:
    """Tell whether the sentence that holds token `at` ends with a question mark."""
    for border in text.borders[at:]:
        if border >= Border.SENTENCE:
            return border is Border.QUESTION
    return False


def _is_doubled(text: AnalysedText, place: int) -> bool:
    """See "не могу не сказать", "нельзя не согласиться"."""
    for before in range(place - 1, max(-1, place - 4), -1):
        if text.borders[before] is not Border.NONE:
            return False
        if text.tokens[before] in _NOT or text.tokens[before] in _CANNOT:
            return True
    return False


def _is_denied_after(text: AnalysedText, at: int) -> bool:
    """See "дорого не будет", "дорого не кажется"."""
    if text.infos[at].main[1] not in ("short", "adj") or at + 2 >= len(text.tokens) or text.borders[at] is not Border.NONE:
        return False
    return text.tokens[at + 1] == "не" and bool(_lemmas(text.infos[at + 2]) & _LINKS)


def _is_opinion_denied(text: AnalysedText, first: int) -> bool:
    """See "нельзя сказать, что ...", "не думаю, что ...", "не то чтобы ...": a denial that reaches over "что"."""
    start = max(0, first - _LOOK_BACK_OPINION)
    before = text.tokens[start:first]
    for offset, token in enumerate(before):
        if token not in _NOT and token not in _CANNOT:
            continue
        rest = before[offset + 1 :]
        infos = text.infos[start + offset + 1 : first]
        says = next((n for n, info in enumerate(infos[:2]) if info.text in _OPINION or _lemmas(info) & _OPINION), None)
        if says is not None and {"что", "чтобы", "чтоб", "that"} & set(rest[says:]):
            return True
        if rest[:2] in (("то", "чтобы"), ("то", "чтоб")) or rest[:3] == ("то", "что", "бы"):
            return True
    return False


def _groups(info: WordInfo) -> frozenset[str]:
    return frozenset(group for _lemma, group in info.readings)


def _lemmas(info: WordInfo) -> frozenset[str]:
    return frozenset(lemma for lemma, _group in info.readings)
