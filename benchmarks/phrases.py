"""Measure the phrase matcher: processor time to search one call of 25 turns with 40 sets of phrases, and set-up times.

Run: python -m benchmarks.phrases [--calls 200] [--phrases 300] [--noise 0.15]
Sets and calls are made by a seeded generator from everyday shop words and 3,000 rare ones; every call has new turns, and a
share `--noise` of their words is garbled by changed letters, so that remembered words do not help.
"""

from __future__ import annotations

import argparse
import random
import time
from itertools import islice, product
from typing import Final

import pymorphy3

from callscore.phrases import PhraseSet, analyse, compile_phrases, find_matches
from callscore.phrases.names import NAMES
from callscore.records import Word
from callscore.units import Span

N_SETS: Final = 40  # checks and conditions of the shipped rubrics, roughly
N_TURNS: Final = 25
N_WORDS: Final = 10

_SMALL: Final = "и в на не что я вы это а то ну да нет как у по за вам вас мне так же бы уже еще есть можно".split()  # noqa: SIM905
_COMMON: Final = """
разговор записывается доставка курьер оплата картой наличными заказ номер адрес улица квартира склад наличие цена скидка
дорого товар магазин сайт размер цвет гарантия возврат деньги рублей тысяча неделя завтра понедельник вечером утром
привезет отправим позвоним подскажите назовите уточните проверю подождите секунду спасибо пожалуйста здравствуйте добрый
день свидания всего доброго извините ожидание перевожу коллега отдел менеджер холодильник пылесос диван кресло шины
диски ноутбук кофемашина чайник кровать матрас стол куртка платье кроссовки корм игрушка книга лампа ковер утюг самокат
велосипед подумаю посоветуюсь перезвоню мужем женой сравню дешевле рынок сосед хороший новый большой белый черный удобно
интересует подойдет модель комплект упаковка сборка установка этаж лифт подъезд интервал время звонок оператор качество
контроль обслуживание консультант помочь слушаю вопрос ответ случай отзыв оценка
""".split()  # noqa: SIM905


def _rare_words() -> list[str]:
    """Take 3,000 words of all letters from the dictionary, the same each time."""
    analyzer = pymorphy3.MorphAnalyzer(lang="ru")
    prefixes = ["".join(pair) for pair in product("абвгдезиклмнопрстух", "аеиорлн")]
    found = (islice(analyzer.iter_known_word_parses(prefix), 0, 800, 35) for prefix in prefixes)
    return [parse.word for parses in found for parse in parses]


def _word(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(_SMALL)
    if kind < 0.75:
        return rng.choice(_COMMON)
    return rng.choice(_RARE) if kind < 0.97 else rng.choice(_NAMES)


_NAMES: Final = sorted(NAMES)
_RARE: Final = _rare_words()


def _garbled(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[:at] + rng.choice("абвгдеиклмнопрст") + word[at + rng.randrange(2) :]


def _sets(rng: random.Random, n_phrases: int) -> list[PhraseSet]:
    def phrase() -> str:
        words = [rng.choice(_COMMON if rng.random() < 0.3 else _RARE) for _ in range(rng.choice((1, 2, 2, 2, 3)))]
        words.insert(rng.randrange(len(words) + 1), rng.choice(_SMALL))
        return " ... ".join(words) if rng.random() < 0.3 else " ".join(words)

    return [compile_phrases([phrase() for _ in range(n_phrases)], "ru") for _ in range(N_SETS)]


def _call(rng: random.Random, noise: float) -> list[list[Word]]:
    turns = []
    for _turn in range(N_TURNS):
        spoken = [_word(rng) for _ in range(N_WORDS)]
        heard = [_garbled(word, rng) if rng.random() < noise else word for word in spoken]
        turns.append([Word(span=Span(i * 300, i * 300 + 300), text=word, prob=0.9) for i, word in enumerate(heard)])
    return turns


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--phrases", type=int, default=300, help="phrases in each set")
    parser.add_argument("--noise", type=float, default=0.15)
    options = parser.parse_args()
    rng = random.Random(7)  # noqa: S311 - a benchmark, no secret
    started = time.process_time()
    sets = _sets(rng, options.phrases)
    compiled = time.process_time()
    calls = [_call(rng, options.noise) for _ in range(options.calls)]
    times, n_matches = [], 0
    for call in calls:
        begun = time.process_time()
        for turn in call:
            text = analyse(turn, "ru")
            for phrases in sets:
                n_matches += len(find_matches(text, phrases))
        times.append(1000 * (time.process_time() - begun))
    times_warm = sorted(times[len(times) // 2 :])
    print(f"compile {N_SETS} sets of {options.phrases} phrases: {1000 * (compiled - started):.0f} ms")  # noqa: T201
    print(f"first call {times[0]:.0f} ms; later median {times_warm[len(times_warm) // 2]:.2f} ms a call")  # noqa: T201
    print(f"whole run {sum(times) / 1000:.1f} s for {options.calls} calls, {n_matches / len(calls):.1f} matches a call")  # noqa: T201


if __name__ == "__main__":
    main()
