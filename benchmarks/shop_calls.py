"""A store of generated calls of Russian online shops: templates filled with goods, names, numbers and places, then misheard.

Every call is made from its number and a seed. The vocabulary is about 7,000 words, a share of the words is garbled as
recognisers do, and fillers stand anywhere, so that whole turns seldom repeat; `repeated_turns` measures how often they do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pymorphy3

from callscore.phrases.names import NAMES
from callscore.store import open_store
from callscore.store.maintain import publish_store

__all__ = ["generate_store", "repeated_turns"]

OPENINGS: Final = (
    "{hi} магазин {shop} меня зовут {name} чем могу помочь",
    "{hi} интернет магазин {shop} {name} слушаю вас",
    "{shop} {name} {hi} разговор записывается чем помочь",
    "алло {shop} слушаю",
    "да говорите",
    "{hi} вы позвонили в {shop} обращаю внимание разговоры записываются оператор {name}",
    "{hi} компания {shop} на линии {name}",
)
CLIENT: Final = (
    "{hi} я смотрю у вас на сайте {goods} {adj} хочу узнать сколько стоит",
    "а {goods} {adj} есть в наличии",
    "меня интересует {goods} мне для {place} нужно",
    "ой дорого в другом магазине {num} рублей видел",
    "ничего себе цена кусается дешевле никак нельзя",
    "я подумаю посоветуюсь с {kin} и перезвоню",
    "а когда привезут мне до {day} надо",
    "доставка сколько стоит до {city}",
    "а оплатить можно картой или только наличными",
    "меня {name} зовут",
    "где мой заказ номер {num} обещали в {day} и тишина",
    "у меня {goods} сломался на {num} день хочу вернуть деньги",
    "я жалобу оставить хочу курьер нахамил",
    "адрес {city} улица {rare} дом {num} квартира {num}",
    "нет не {rare} а {rare} вы не так записали",
    "хорошо давайте {day} мне удобно после {num}",
    "{rare} {rare} я вообще то про {goods} спрашивал",
    "спасибо до свидания",
    "ну у меня {rare} и {rare} дома как это поставить",
)
OPERATOR: Final = (
    "подскажите пожалуйста как к вам обращаться",
    "{name} очень приятно скажите для чего вы {goods} подбираете",
    "этот {goods} стоит {num} тысяч {num} рублей сейчас скидка {num} процентов",
    "понимаю вас но зато у нас гарантия {num} года и бесплатная сборка",
    "доставка по {city} {num} рублей привезём в {day} с {num} до {num}",
    "оплатить можно картой курьеру или на сайте",
    "одну секунду я уточню на складе оставайтесь на линии",
    "спасибо за ожидание {name} уточнил {goods} есть",
    "давайте я оформлю заказ и перезвоню вам {day} для подтверждения",
    "что именно вас смущает в цене",
    "могу предложить {goods} подешевле он {adj} и без {rare}",
    "ваш заказ {num} передан в доставку будет {day}",
    "приношу извинения за {rare} оформлю возврат деньги придут за {num} дней",
    "записываю {city} улица {rare} дом {num} верно",
    "ну я же вам уже сказал {rare} не бывает",
    "угу {rare} понятно а {rare} нужен",
    "перевожу вас на отдел {rare} не кладите трубку",
)
CLOSINGS: Final = (
    "спасибо за звонок всего доброго до свидания",
    "хорошего дня {name} до свидания",
    "ждём вас {day} всего хорошего",
    "всё",
    "ладно звоните если что",
)
_GOODS: Final = """
диван шкаф холодильник пылесос чайник матрас самокат утюг ковёр стол стул телефон ноутбук принтер кондиционер обогреватель
велосипед палатка рюкзак миксер блендер фен торшер комод кресло монитор роутер смеситель дрель насос
""".split()  # noqa: SIM905
_NUMBERS: Final = """
два три четыре пять семь десять двенадцать пятнадцать двадцать тридцать сорок пятьдесят сто двести триста пятьсот
17 24 36 48 112 990 1990 2490 3500 4990 7800 12900 19990 32900 45 60
""".split()  # noqa: SIM905
SLOTS: Final[dict[str, tuple[str, ...]]] = {
    "hi": ("здравствуйте", "добрый день", "добрый вечер", "доброе утро", "приветствую"),
    "goods": tuple(_GOODS),
    "adj": ("белый", "чёрный", "большой", "угловой", "складной", "двойной", "тихий", "новый", "мощный", "детский"),
    "place": ("дома", "дачи", "офиса", "ребёнка", "гаража", "кухни", "спальни", "балкона", "мамы", "работы"),
    "kin": ("мужем", "женой", "мамой", "сыном", "начальником", "соседом"),
    "day": ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье", "завтра", "послезавтра"),
    "city": ("москве", "туле", "казани", "твери", "рязани", "самаре", "подольску", "химкам", "области", "королёву"),
    "num": tuple(_NUMBERS),
    "shop": ("лавка уюта", "мастер шин", "три кота", "мир света", "тёплый дом", "северный ветер"),
}
FILLERS: Final = ("ну", "вот", "э", "значит", "так", "это", "как бы", "да", "угу", "в общем", "слушайте", "смотрите")
LETTERS: Final = "абвгдеиклмнопрст"
OPERATORS: Final = tuple(f"{letter}.{name}" for letter, name in product("abdms", ("petrova", "orlov", "titova", "belov")))

_BATCH: Final = 2000
_WORD_MS: Final = 350


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    names: tuple[str, ...]
    rare: tuple[str, ...]


def generate_store(db: Path, n_calls: int, *, noise: float, seed: int = 20261005) -> None:
    """Fill a new database with `n_calls` calls as a run with a recogniser would leave them, without verdicts.

    Args:
        db: where to make it.
        n_calls: how many.
        noise: share of the words that are garbled.
        seed: another one gives other calls.
    """
    with open_store(db):
        pass
    vocabulary = _vocabulary()
    with duckdb.connect(str(db)) as connection:
        for first in range(0, n_calls, _BATCH):
            tables = _batch(range(first, min(n_calls, first + _BATCH)), vocabulary, noise, seed)
            for table, columns in tables.items():
                connection.register("batch", pa.table(columns))
                connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM batch")  # noqa: S608 - our own names
                connection.unregister("batch")
    publish_store(db)


def repeated_turns(db: Path) -> float:
    """Return the share 0..1 of spoken turns of three words or more whose text occurs in an earlier turn as well."""
    sql = """
        SELECT 1 - count(DISTINCT text) / count(*) FROM turns WHERE length(text) - length(replace(text, ' ', '')) >= 2
    """
    with duckdb.connect(str(db), read_only=True) as connection:
        return float(connection.execute(sql).fetchall()[0][0])


def _vocabulary() -> _Vocabulary:
    """Take 7,000 words of all letters from the dictionary, the same each time."""
    analyzer = pymorphy3.MorphAnalyzer(lang="ru")
    prefixes = ["".join(pair) for pair in product("абвгдезиклмнопрстуфх", "аеиорлнуы")]
    found = (islice(analyzer.iter_known_word_parses(prefix), 0, 1600, 40) for prefix in prefixes)
    return _Vocabulary(tuple(sorted(NAMES)), tuple({parse.word: None for parses in found for parse in parses}))


def _batch(numbers: range, vocabulary: _Vocabulary, noise: float, seed: int) -> dict[str, dict[str, Any]]:
    calls: dict[str, list[Any]] = {name: [] for name in _CALL_COLUMNS}
    turns: dict[str, list[Any]] = {name: [] for name in _TURN_COLUMNS}
    words: dict[str, list[Any]] = {name: [] for name in _WORD_COLUMNS}
    for number in numbers:
        rng = random.Random(seed * 1_000_003 + number)  # noqa: S311 - a benchmark, no secret
        call_id, at = f"c{number:07d}", 0
        for turn_no, (role, text) in enumerate(_dialogue(rng, vocabulary, noise)):
            spoken = text.split()
            start, end = at, at + _WORD_MS * len(spoken)
            edges = range(start, end, _WORD_MS)
            probs = [1.0 - 0.45 * rng.random() ** 2 for _ in spoken]
            words["call_id"] += [call_id] * len(spoken)
            words["turn_no"] += [turn_no] * len(spoken)
            words["word_no"] += range(len(spoken))
            words["start_ms"] += edges
            words["end_ms"] += [edge + _WORD_MS - 30 for edge in edges]
            words["text"] += spoken
            words["prob"] += probs
            row = (call_id, turn_no, "speech", role, 0.95, f"S{turn_no % 2}", turn_no % 2, start, end, text, 0.85)
            for column, value in zip(_TURN_COLUMNS, row, strict=True):
                turns[column].append(value)
            at = end + rng.randrange(100, 900)
        for column, value in zip(_CALL_COLUMNS, _call_row(number, call_id, at, rng), strict=True):
            calls[column].append(value)
    return {"calls": calls, "turns": turns, "words": words}


_CALL_COLUMNS: Final = (
    "call_id", "source", "recording", "recording_path", "recording_sha256", "recording_bytes", "started_at", "direction",
    "operator", "queue", "duration_ms", "layout", "language", "container", "codec", "rate_hz", "n_channels", "status",
    "fingerprint", "notes",
)  # fmt: skip
_TURN_COLUMNS: Final = (
    "call_id", "turn_no", "kind", "role", "role_confidence", "speaker", "channel", "start_ms", "end_ms", "text", "confidence",
)  # fmt: skip
_WORD_COLUMNS: Final = ("call_id", "turn_no", "word_no", "start_ms", "end_ms", "text", "prob")


def _call_row(number: int, call_id: str, duration_ms: int, rng: random.Random) -> tuple[object, ...]:
    day, second = 1 + number * 28 // 1_000_000 % 28, number % 86_400
    started = f"2026-10-{day:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    outbound = rng.random() < 0.2
    return (
        call_id, "office", f"{call_id}.wav", f"/rec/{call_id}.wav", f"{number:064x}", 16 * duration_ms, started,
        "outbound" if outbound else "inbound", rng.choice(OPERATORS), "sales", duration_ms, "stereo", "ru", "wav",
        "pcm_alaw", 8000, 2, "done", f"{number:032x}.{number:032x}.none", [],
    )  # fmt: skip


def _dialogue(rng: random.Random, vocabulary: _Vocabulary, noise: float) -> Iterator[tuple[str, str]]:
    """Yield turns of operator and client in turn, 12 on average; the operator opens and closes."""
    n_pairs = rng.choice((3, 4, 4, 5, 5, 6))
    yield "operator", _said(OPENINGS, rng, vocabulary, noise)
    for _ in range(n_pairs):
        yield "client", _said(CLIENT, rng, vocabulary, noise)
        yield "operator", _said(OPERATOR, rng, vocabulary, noise)
    yield "client", _said(CLIENT, rng, vocabulary, noise)
    yield "operator", _said(CLOSINGS, rng, vocabulary, noise)


def _said(templates: tuple[str, ...], rng: random.Random, vocabulary: _Vocabulary, noise: float) -> str:
    """Fill one or two templates, put fillers in, and mishear some words."""
    said = " ".join(rng.choice(templates) for _ in range(rng.choice((1, 1, 2)) if len(templates) > len(CLOSINGS) else 1))
    heard: list[str] = []
    for word in said.split():
        if word[0] == "{":
            name = word[1:-1]
            choices = vocabulary.rare if name == "rare" else vocabulary.names if name == "name" else SLOTS[name]
            word = choices[int(rng.random() * len(choices))]  # noqa: PLW2901 - the slot becomes its word
        chance = rng.random()
        if chance < noise:
            at = int(rng.random() * len(word))
            word = word[:at] + LETTERS[int(rng.random() * 16)] + word[at + int(rng.random() * 2) :]  # noqa: PLW2901 - misheard
        elif chance > 0.9:
            heard.append(FILLERS[int(rng.random() * len(FILLERS))])
        heard.append(word)
    return " ".join(heard)
