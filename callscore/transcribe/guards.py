"""Tells invented text from heard text: loops, subtitle credits, sound annotations, foreign scripts, impossible speed. Pure.

The lists follow what users report of Whisper (openai/whisper#679, Baranski et al., arXiv 2501.11378) and hold nothing that a
person on the phone says: "спасибо" and "до свидания" are often invented as well, but are real far more often.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from callscore.records import Word
from callscore.units import Span, merge_spans

__all__ = ["Checked", "Loop", "check_words", "find_loop", "is_annotation", "is_credit", "is_foreign_script", "split_at_pauses"]

PAUSE_MS: Final = 600
# How often in a row a unit of so many words must come before it is a loop of the decoder: people do say "да" five times
# and "вы меня слышите" three times. A unit of six words or more comes twice at most.
_LOOP_REPEATS: Final = {1: 8, 2: 6, 3: 5, 4: 4, 5: 4}
_LOOP_REPEATS_LONG: Final = 3
# The same where the repeats are crammed into less time than a voice needs.
_FAST_REPEATS: Final = {1: 5, 2: 4, 3: 3}
_FAST_REPEATS_LONG: Final = 2
# Distant voices in a call centre's noise come out as "я не знаю, я не знаю, я не знаю", with little probability: nothing but
# repeats between two pauses. A caller who says so is heard better than that.
_DOUBTED_REPEATS: Final = {1: 5, 2: 4}
_DOUBTED_REPEATS_LONG: Final = 3
_DOUBTED_PROB: Final = 0.6
_LONGEST_UNIT: Final = 30
# Hurried Russian telephone speech reaches 25 letters a second; alignment errors on a few words take it to 40.
_FAST_LETTERS_PER_S: Final = 30
_IMPOSSIBLE_LETTERS_PER_S: Final = 50
_FEWEST_FAST_WORDS: Final = 5
_STUTTER: Final = re.compile(r"(\w{1,4}?)\1{7,}")

# Found anywhere in a sentence, the sentence is a credit.
_CREDIT_INSIDE: Final = re.compile(
    r"dima ?torzok|диматорзок|amara org|castingwords|mooji org|opensubtitles"
    r"|\bсубтитры (?:и перевод |к фильму )?(?:с?делал|создал|создавал|подготовил|подогнал|добавил|выполнил|предоставил)"
    r"|\bредактор субтитров\b|\bперевод и субтитры\b|\bсубтитры и перевод\b"
    r"|\b(?:subtitles|subtitled|captions|captioned|transcription|transcribed|translated) by\b"
    r"|\b(?:smotrite|смотрите) (?:продолжение|далее) в следующей серии\b"
)
# With its initial as written, for "корректор у вас есть?" may be asked for.
_CREDIT_CORRECTOR: Final = re.compile(r"\bкорректор\s+[А-ЯЁ]\s?\.", re.IGNORECASE)
# Only as all that is said between two pauses.
_CREDIT_WHOLE: Final = re.compile(
    r"(?:продолжение следует|(?:большое |всем )?спасибо (?:вам |всем )?за (?:просмотр|подписку)"
    r"|(?:с вами был |всем пока )?игорь негода|до (?:новых )?встреч[и]? в (?:следующем видео|следующей серии|новых видео)"
    r"|(?:и )?(?:не забудьте )?(?:подписывайтесь|подписаться|подпишитесь|подпишись) на (?:мой )?канал"
    r"(?: и (?:ставьте|поставьте|ставь) (?:лайки|лайк))?|ставьте лайки(?: и подписывайтесь на (?:мой )?канал)?|субтитры"
    r"|(?:thanks|thank you)(?: (?:so|very) much)? for watching(?: this video| my video)?"
    r"|(?:please |don t forget to )?(?:like and )?subscribe(?: to (?:my|our|the) channel)?|see you in the next video)"
)
# Sound described in the subtitles' way: in capitals or brackets.
_ANNOTATION: Final = re.compile(
    r"(?:(?:[а-я]+ая )?музыка|музыкальная заставка|аплодисменты|смех|смеется|вздох|вздыхает|кашель|шум|тишина"
    r"|пение|звонок телефона|телефонный звонок|звонок в дверь|гудки?|стук в дверь|шаги|неразборчиво|говорит по [а-я]+"
    r"|(?:[a-z]+ )?music(?: playing)?|applause|laughter|laughs|sighs|coughs|silence|noise|inaudible"
    r"|blank audio|phone ringing|beep| )+"
)
# In Russian the model writes whole words in capitals for nothing else; abbreviations such as СДЭК and ОСАГО are shorter.
_SHOUTED: Final = re.compile(r"(?=.*[а-я]{6})[а-я]+(?: [а-я]+){0,2}")
_BRACKETED: Final = re.compile(r"[\[(*{<].*[\])*}>]")
_CYRILLIC: Final = frozenset({"ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "tg", "mn", "tt", "ba"})
_LATIN: Final = frozenset(
    {"en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "sl", "hr", "tr", "fi", "sv", "no", "da"}
)


@dataclass(frozen=True, slots=True)
class Loop:
    """Words `[start, end)` are the first `unit` of them said over and over."""

    start: int
    unit: int
    end: int


@dataclass(frozen=True, slots=True)
class Checked:
    """Words that may stand, the time of those that may not, and whether a loop was among these."""

    kept: tuple[Word, ...]
    rejected: tuple[Span, ...]
    is_looped: bool


def check_words(words: Sequence[Word], language: str) -> Checked:
    """Return `words` (one channel, in time order) without what was invented; of a loop the first instance stays."""
    bad: set[int] = set()
    texts = [word.text for word in words]
    bad.update(i for i, text in enumerate(texts) if is_foreign_script(text, language) or _is_markup(text))
    for group in split_at_pauses(words):
        whole = _plain(texts[i] for i in group)
        if _CREDIT_WHOLE.fullmatch(whole) or is_annotation(" ".join(texts[i] for i in group)):
            bad.update(group)
        for sentence in _sentences(texts, group):
            if is_credit(" ".join(texts[i] for i in sentence)) or is_annotation(" ".join(texts[i] for i in sentence)):
                bad.update(sentence)
    looped = _looped(words) | _doubted(words)
    bad |= looped
    bad |= _crammed([i for i in range(len(words)) if i not in bad], words)
    kept = tuple(word for i, word in enumerate(words) if i not in bad)
    return Checked(kept, merge_spans((words[i].span for i in sorted(bad)), PAUSE_MS), bool(looped))


def find_loop(texts: Sequence[str], letters_per_s: Sequence[float] | None = None) -> Loop | None:
    """Return the first loop in `texts`, or None.

    Args:
        texts: words in order, with punctuation.
        letters_per_s: speed at each word; where it is beyond a voice, fewer repeats make a loop.

    >>> find_loop(["да,", "да,", "да."]) is None
    True
    >>> find_loop(["мы"] + ["вам", "перезвоним"] * 7)
    Loop(start=1, unit=2, end=15)
    """
    plain = [_plain([text]) for text in texts]
    for start in range(len(plain)):
        for unit in range(1, min(_LONGEST_UNIT, (len(plain) - start) // 2) + 1):
            end = start + unit
            while end < len(plain) and plain[end] == plain[end - unit]:
                end += 1
            repeats = (end - start) // unit
            fast = letters_per_s is not None and _median(letters_per_s[start:end]) > _FAST_LETTERS_PER_S
            needed = _FAST_REPEATS.get(unit, _FAST_REPEATS_LONG) if fast else _LOOP_REPEATS.get(unit, _LOOP_REPEATS_LONG)
            if repeats >= needed and any(plain[start:end]):
                return Loop(start, unit, end)
    return None


def is_credit(text: str) -> bool:
    """Tell whether a sentence is a subtitle credit whatever surrounds it.

    >>> is_credit("Субтитры сделал DimaTorzok"), is_credit("Спасибо, до свидания!")
    (True, False)
    """
    return bool(_CREDIT_INSIDE.search(_plain([text])) or _CREDIT_CORRECTOR.search(text))


def is_annotation(text: str) -> bool:
    """Tell whether a sentence describes a sound instead of giving words.

    >>> is_annotation("[Музыка]"), is_annotation("СПОКОЙНАЯ МУЗЫКА"), is_annotation("Музыка играет")
    (True, True, False)
    """
    if any(sign in text for sign in "♪♫♬🎵🎶"):
        return True
    plain = _plain([text])
    if _BRACKETED.fullmatch(text.strip().rstrip(".!?…")):
        return bool(_ANNOTATION.fullmatch(plain))
    if not text.isupper():
        return False
    return bool(_ANNOTATION.fullmatch(plain)) or bool(_SHOUTED.fullmatch(plain))


def is_foreign_script(text: str, language: str) -> bool:
    """Tell whether a word has letters that no word on a line of this language has; brand names in Latin are no such.

    >>> is_foreign_script("Bosch", "ru"), is_foreign_script("ご視聴", "ru"), is_foreign_script("да", "en")
    (False, True, True)
    """
    if language in _CYRILLIC:
        allowed = {"CYRILLIC", "LATIN"}
    elif language in _LATIN:
        allowed = {"LATIN"}
    else:
        return False
    return any(ch.isalpha() and unicodedata.name(ch, "?").split()[0] not in allowed for ch in text if ch not in "ºª")


def split_at_pauses(words: Sequence[Word], pause_ms: int = PAUSE_MS) -> tuple[range, ...]:
    """Return the index ranges of words between pauses of at least `pause_ms`."""
    starts = [i for i in range(len(words)) if not i or words[i].span.start_ms - words[i - 1].span.end_ms >= pause_ms]
    return tuple(range(a, b) for a, b in itertools.pairwise([*starts, len(words)]))


def _looped(words: Sequence[Word]) -> set[int]:
    """Return the indexes of all repeats but the first of every loop, and of words that stutter one syllable."""
    bad = {i for i, word in enumerate(words) if _STUTTER.search(word.text.lower()) and not word.text.isdigit()}
    texts, speed = [word.text for word in words], [_letters_per_s([word]) for word in words]
    at = 0
    while loop := find_loop(texts[at:], speed[at:]):
        bad.update(range(at + loop.start + loop.unit, at + loop.end))
        at += loop.end
    return bad


def _doubted(words: Sequence[Word]) -> set[int]:
    """Return the indexes of words between two pauses that are one unit over and over, and improbable."""
    bad: set[int] = set()
    for group in split_at_pauses(words):
        plain = [_plain([words[i].text]) for i in group]
        for unit in range(1, len(group) // _DOUBTED_REPEATS_LONG + 1):
            needed = _DOUBTED_REPEATS.get(unit, _DOUBTED_REPEATS_LONG)
            is_repeated = len(group) >= needed * unit and plain[unit:] == plain[:-unit]
            if is_repeated and sum(words[i].prob for i in group) < _DOUBTED_PROB * len(group):
                bad.update(group)
    return bad


def _crammed(indexes: Sequence[int], words: Sequence[Word]) -> set[int]:
    """Return those of `indexes` whose words stand in runs that no voice could say in the time they take."""
    bad: set[int] = set()
    for first in range(len(indexes) - _FEWEST_FAST_WORDS + 1):
        run = indexes[first : first + _FEWEST_FAST_WORDS]
        if _letters_per_s([words[i] for i in run]) > _IMPOSSIBLE_LETTERS_PER_S:
            bad.update(run)
    return bad


def _letters_per_s(words: Sequence[Word]) -> float:
    letters = sum(len(word.text) for word in words)
    return letters * 1000 / max(10, words[-1].span.end_ms - words[0].span.start_ms)


def _sentences(texts: Sequence[str], group: range) -> Iterable[range]:
    start = group.start
    for i in group:
        if texts[i].rstrip("\"'»)]").endswith((".", "!", "?", "…")) and len(texts[i]) > 2:
            yield range(start, i + 1)
            start = i + 1
    if start < group.stop:
        yield range(start, group.stop)


def _plain(texts: Iterable[str]) -> str:
    """Return lower-case words without punctuation, ё as е."""
    return " ".join(re.sub(r"[^\w]+", " ", " ".join(texts).lower().replace("ё", "е")).split())


def _is_markup(text: str) -> bool:
    """Tell whether a word is a token of the model that leaked into the text."""
    return "<|" in text or "|>" in text


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
