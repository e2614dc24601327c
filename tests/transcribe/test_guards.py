"""What is thrown away as invented, and what must never be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callscore.records import Word
from callscore.transcribe.guards import Checked, Loop, check_words, find_loop, is_annotation, is_credit, is_foreign_script
from callscore.units import Span


def said(text: str, start_ms: int = 1000, word_ms: int = 350) -> list[Word]:
    """Return the words of `text` one after another; "|" is a pause of a second."""
    words: list[Word] = []
    at = start_ms
    for part in text.split():
        if part == "|":
            at += 1000
            continue
        words.append(Word(span=Span(at, at + word_ms), text=part, prob=0.8))
        at += word_ms
    return words


def kept(text: str, language: str = "ru", word_ms: int = 350) -> str:
    """Return what the guards leave of `text`."""
    return " ".join(word.text for word in check_words(said(text, word_ms=word_ms), language).kept)


@pytest.mark.parametrize(
    "text",
    [
        "Да, да, да.",
        "Да да да да да, слушаю вас.",
        "Угу, угу.",
        "Угу. Угу. Угу. Угу.",
        "Алло, алло! Алло!",
        "Алло? | Алло! | Алло! | Алло! | Алло!",
        "Хорошо, хорошо, хорошо.",
        "Восемь девятьсот два два два два два два два.",
        "Номер два ноль ноль два ноль ноль два ноль ноль.",
        "Вы меня слышите? Вы меня слышите? Вы меня слышите?",
        "Спасибо. Спасибо большое. До свидания. | До свидания.",
        "Спасибо за внимание, всего доброго!",
        "Спасибо за просмотр нашего каталога, оформляем заказ?",
        "Подписывайтесь на наш канал в Телеграме, там скидки.",
        "Продолжение следует оформить в личном кабинете.",
        "Продолжение обсудим завтра.",
        "У вас есть субтитры на этом телевизоре?",
        "Музыка у вас долго играет.",
        "Сейчас, шум на линии.",
        "Это Bosch или Electrolux?",
        "Заказ на сайте OZON номер A123.",
        "СДЭК. | НДС. | ОСАГО.",
        "Корректор давления есть в наличии?",
        "Корректор у вас есть?",
        "Нет. | Нет, нет, нет, нет, нет, не надо.",
        "100000000 рублей.",
        "ну вот, ну вот, ну вот, смотрите",
    ],
)
def test_what_people_say_stays(text: str) -> None:
    """Repetition, thanks, goodbyes, numbers and brand names of real calls are never thrown away."""
    assert kept(text) == text.replace("| ", "")


@pytest.mark.parametrize(
    "text",
    [
        "Thank you. Bye.",
        "Yeah, yeah, yeah, yeah.",
        "No, no, no, no, no, no.",
        "Thank you for watching the installation guide.",
        "I want to subscribe to the monthly plan.",
        "one one one zero zero zero",
    ],
)
def test_what_people_say_in_english_stays(text: str) -> None:
    """The same for English calls."""
    assert kept(text, "en") == text


@pytest.mark.parametrize(
    "text",
    [
        "Субтитры сделал DimaTorzok",
        "Субтитры создавал DimaTorzok.",
        "Субтитры подготовил Игорь",
        "Редактор субтитров А.Семкин Корректор А.Егорова",
        "Редактор субтитров А .Синецкая Корректор А .Егорова",
        "Продолжение следует...",
        "Спасибо за просмотр!",
        "Подписывайтесь на канал!",
        "Ставьте лайки и подписывайтесь на канал.",
        "[Музыка]",
        "(музыкальная заставка)",
        "♪ ♪",
        "СПОКОЙНАЯ МУЗЫКА СПОКОЙНАЯ МУЗЫКА",
        "ТЕЛЕФОННЫЙ ЗВОНОК",
        "СТУК В ДВЕРЬ",
        "АПЛОДИСМЕНТЫ",
        "ПОСМЕНТЫ",
        "Thanks for watching!",
        "Subtitles by the Amara.org community",
        "ご視聴ありがとうございました",
        "시청해주셔서 감사합니다",
        "<|nospeech|>",
    ],
)
def test_what_nobody_said_goes(text: str) -> None:
    """Credits, sound descriptions, foreign scripts and leaked tokens are no words of a call."""
    checked = check_words(said(text), "ru")
    assert checked.kept == ()
    assert checked.rejected == (Span(1000, 1000 + 350 * len(text.split())),)


@pytest.mark.parametrize(
    "text", ["Thank you for watching!", "Please subscribe to my channel.", "[Music]", "MUSIC PLAYING", "Субтитры"]
)
def test_what_nobody_said_goes_in_english(text: str) -> None:
    """The same on an English line, where Cyrillic letters are foreign too."""
    assert kept(text, "en") == ""


def test_only_the_credit_goes_from_a_turn() -> None:
    """The sentences before and after a credit stay."""
    assert kept("Да, хорошо. Редактор субтитров А.Семкин Корректор А.Егорова") == "Да, хорошо."
    assert kept("Беру. | Продолжение следует... | До свидания.") == "Беру. До свидания."


def test_a_credit_said_within_a_turn_stays() -> None:
    """The words "продолжение следует" are a credit only as all that is said between two pauses."""
    assert kept("Это первая часть. Продолжение следует.") == "Это первая часть. Продолжение следует."


def test_a_foreign_word_goes_alone() -> None:
    """One word in a foreign script does not take its neighbours with it."""
    assert kept("Добрый день 字幕 слушаю вас") == "Добрый день слушаю вас"


def test_a_loop_is_cut_to_its_first_instance() -> None:
    """What is repeated endlessly was perhaps said once; the time of the rest counts as rejected."""
    checked = check_words(said("Сейчас я вам " + "перезвоню завтра утром " * 8 + "хорошо"), "ru")
    assert [word.text for word in checked.kept] == ["Сейчас", "я", "вам", "перезвоню", "завтра", "утром", "хорошо"]
    assert checked.rejected == (Span(1000 + 350 * 6, 1000 + 350 * 27),)
    assert checked.is_looped


@pytest.mark.parametrize(
    ("text", "loop"),
    [
        ("да " * 7, None),
        ("да " * 8, Loop(0, 1, 8)),
        ("ну да " * 5, None),
        ("ну да " * 6, Loop(0, 2, 12)),
        ("вы меня слышите " * 4, None),
        ("вы меня слышите " * 5, Loop(0, 3, 15)),
        ("я вас не слышу " * 3, None),
        ("я вас не слышу " * 4, Loop(0, 4, 16)),
        ("а вы не могли бы подождать " * 2, None),
        ("а вы не могли бы подождать " * 3, Loop(0, 6, 18)),
        ("так " + "ну да " * 6 + "вот", Loop(1, 2, 13)),
    ],
)
def test_a_loop_needs_more_repeats_than_people_make(text: str, loop: Loop | None) -> None:
    """The shorter the phrase, the more often it may come in a row."""
    assert find_loop(text.split()) == loop


def test_repeats_faster_than_a_voice_are_a_loop_sooner() -> None:
    """Five words "хорошо" take a second and a half at least; in 400 ms they are a loop."""
    assert kept("хорошо " * 5, word_ms=80) == "хорошо"
    assert kept("хорошо " * 5, word_ms=350) == "хорошо хорошо хорошо хорошо хорошо"


def test_a_stuttered_syllable_is_a_loop() -> None:
    """A word made of one syllable over and over is thrown away, a long number is not."""
    assert kept("Ну хахахахахахахахахаха вот") == "Ну вот"
    assert kept("Номер 0000000000 вот") == "Номер 0000000000 вот"


def test_words_crammed_into_no_time_are_invented() -> None:
    """Text that no voice could say in its time was not said."""
    words = [*said("Добрый день"), *said("компания предлагает широкий ассортимент товаров", start_ms=3000, word_ms=20)]
    assert [word.text for word in check_words(words, "ru").kept] == ["Добрый", "день"]


def test_fast_real_speech_stays() -> None:
    """25 letters a second are hurried speech, not an invention."""
    assert kept("нет спасибо я уже у вас заказывала всё хорошо", word_ms=200) == "нет спасибо я уже у вас заказывала всё хорошо"


def test_the_parts_of_the_guards() -> None:
    """Each guard alone tells its kind."""
    assert is_credit("Корректор А.Егорова")
    assert not is_credit("корректор осанки")
    assert is_annotation("(смех)")
    assert not is_annotation("смех")
    assert is_foreign_script("спасибо谢谢", "ru")
    assert not is_foreign_script("été", "fr")
    assert not is_foreign_script("谢谢", "zh")


def test_no_words_give_nothing() -> None:
    """An empty window is no special case."""
    assert check_words([], "ru") == Checked(kept=(), rejected=(), is_looped=False)


@pytest.mark.parametrize(
    ("text", "prob", "kept_words"),
    [
        ("Я не знаю, я не знаю, я не знаю", 0.5, 0),
        ("Я не знаю, я не знаю, я не знаю", 0.8, 9),
        ("Я не знаю, я не знаю", 0.5, 6),
        ("Да, да, да, да", 0.5, 4),
        ("Вы меня слышите? Вы меня слышите? Алло, вы меня слышите?", 0.5, 10),
    ],
)
def test_nothing_but_improbable_repeats_is_invented(text: str, prob: float, kept_words: int) -> None:
    """Distant voices in noise come out as one phrase over and over; people who repeat themselves are heard better."""
    words = [replace(word, prob=prob) for word in said(text)]
    assert len(check_words(words, "ru").kept) == kept_words
