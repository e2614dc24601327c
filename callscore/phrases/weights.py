"""How much a word says: function words little, everyday words something, content words most. Data and one pure function.

The idea is inverse document frequency; the lists are the head of Russian and English frequency dictionaries (Lyashevskaya and
Sharoff, 2009, for Russian), since a phrase set is too small to count frequencies in.
"""

from __future__ import annotations

from typing import Final

from callscore.phrases.notation import Atom
from callscore.phrases.tokens import word_set

__all__ = ["CONTENT", "FILLERS", "FUNCTION", "LIGHT", "NEGATIONS", "atom_weight", "is_content"]

FUNCTION: Final = 0.35
LIGHT: Final = 0.5
CONTENT: Final = 1.0

FILLERS: Final = word_set(
    """
    э эм ээ м мм а и ну да вот так ой ох ага угу алло же уж ли бы как то это значит типа короче
    uh um er well so oh yeah okay and
    """
)
"""Words that may be skipped almost for nothing, and may stand before "^" or after "$"."""

NEGATIONS: Final = word_set("не ни без нельзя not no never without cannot t")

_FUNCTION_WORDS: Final = FILLERS | NEGATIONS | word_set("""
    в во на с со к ко по о об обо от ото до из изо у за под над при про для через между перед около ради
    и а но или либо что чтобы если когда как так же бы ли ведь вот вон вы я ты он она оно мы они вас вам вами нас нам
    нами меня мне мной
    тебя тебе его ему им ей ее их ними нему себя себе это этот эта эти этого этой этому этим тот та те того той тому
    всё все весь вся
    всех всем мой моя мое мои моего моей вашего вашей ваш ваша ваше ваши вашу нашего нашей наш наша наше наши нашу
    свой своя свое свои
    кто что чего чему чем какой какая какое какие там тут здесь еще уже тоже также только даже лишь нет да ну
    будет будут буду был была было были быть есть можно очень
    the a an of to in on at by for with from is are am be been was were it its this that these those i you he she we
    they me him her us
    them my your his our their and or but if do does did have has had will would s re ll ve m d as there here what who how
    """)  # fmt: skip
_LIGHT_WORDS: Final = word_set("""
    мочь могу можете может хотеть хочу хотите надо нужно давайте давай сейчас сегодня тогда потом просто вообще
    конечно хорошо ладно
    пожалуйста скажите сказать говорить пойти идти один два раз день дело человек год время где куда почему сколько
    больше меньше
    can could may want need please now then just get go one two say tell let when where why much many more less good
    well day time
    """)  # fmt: skip


def is_content(token: str) -> bool:
    """Tell whether a token is neither a function word nor an everyday one."""
    return token not in _FUNCTION_WORDS and token not in _LIGHT_WORDS


def atom_weight(atom: Atom) -> float:
    """Return the weight of one thing a phrase asks for.

    >>> atom_weight(Atom("lemma", "разговор")), atom_weight(Atom("lemma", "вас"))
    (1.0, 0.35)
    """
    if atom.kind == "class":
        return FUNCTION if atom.text == "any" else CONTENT
    if atom.text in _FUNCTION_WORDS:
        return FUNCTION
    return LIGHT if atom.text in _LIGHT_WORDS else CONTENT
