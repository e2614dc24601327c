"""The words that tell personal numbers and addresses from prices, times and amounts, as dictionary forms. Data only."""

from __future__ import annotations

from typing import Final

from callscore.phrases.tokens import word_set

__all__ = [
    "ADDRESS_AFTER",
    "ADDRESS_STREETS",
    "ALSO_WORDS",
    "BEFORE_TIME",
    "CURRENCIES",
    "EMAIL_SIGNS",
    "EMAIL_TAILS",
    "FILLERS",
    "IDENTITY",
    "INTRODUCTIONS",
    "NUMBER_OF",
    "OF_INTRODUCTION",
    "SCALES",
    "SURNAME_ENDINGS",
    "SURNAME_ENDINGS_ANY",
    "SURNAME_ENDINGS_SURE",
    "TITLES",
    "UNITS",
    "WORD_VALUES",
]

_ONES: Final = "ноль один два три четыре пять шесть семь восемь девять"
_TEENS: Final = (
    "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
)
_TENS: Final = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
_HUNDREDS: Final = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"
_ONES_TH: Final = "нулевой первый второй третий четвертый пятый шестой седьмой восьмой девятый"
_TEENS_TH: Final = (
    "десятый одиннадцатый двенадцатый тринадцатый четырнадцатый пятнадцатый "
    "шестнадцатый семнадцатый восемнадцатый девятнадцатый"
)
_TENS_TH: Final = "двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый девяностый"
_HUNDREDS_TH: Final = "сотый двухсотый трехсотый четырехсотый пятисотый шестисотый семисотый восьмисотый девятисотый"
_EN_ONES: Final = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_EN_TEENS: Final = "seventeen eighteen nineteen"
_EN_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"


def _values() -> dict[str, int]:
    values = {"нуль": 0, "oh": 0, "полсотни": 50, "полста": 50, "hundred": 100, "сотня": 100}
    for words, start, step in (
        (_ONES, 0, 1), (_TEENS, 10, 1), (_TENS, 20, 10), (_HUNDREDS, 100, 100), (_ONES_TH, 0, 1), (_TEENS_TH, 10, 1),
        (_TENS_TH, 20, 10), (_HUNDREDS_TH, 100, 100), (f"{_EN_ONES} {_EN_TEENS}", 0, 1), (_EN_TENS, 20, 10),
    ):  # fmt: skip
        values.update({word: start + step * at for at, word in enumerate(words.split())})
    return values


WORD_VALUES: Final = _values()
SCALES: Final = {"тысяча": 1000, "тыща": 1000, "тыс": 1000, "миллион": 1_000_000, "thousand": 1000, "million": 1_000_000}
FILLERS: Final = word_set("""
    э эм мм м ну так да угу ага потом дальше далее тире дефис дробь слэш плюс пробел точка скобка черточка значит вот
    дважды трижды
    uh um er dash hyphen slash plus then okay ok yes yeah right double triple
    """)
"""What people say between the parts of a number."""

CURRENCIES: Final = word_set(
    "рубль руб р рублик копейка коп доллар евро тенге гривна юань dollar euro pound cent buck quid usd eur gbp rub"
)
UNITS: Final = CURRENCIES | word_set("""
    процент штука шт метр сантиметр см миллиметр мм литр килограмм кг килограммов грамм ватт вольт раз минута минутка
    секунда час часик день сутки неделя месяц год лет утро вечер ночь полдень январь февраль март апрель май июнь июль август
    сентябрь октябрь ноябрь декабрь число человек товар позиция комплект упаковка градус балл гарантия скидка
    percent piece pcs meter metre centimeter inch foot liter litre kilo kg gram watt volt time minute second hour day week month
    year january february march april may june july august september october november december am pm o'clock item
    """)
BEFORE_TIME: Final = word_set("в во к ко до после с со около at by from until till before after between и and")

IDENTITY: Final = word_set("""
    родиться рождение паспорт снилс инн passport born birth birthday ssn
    """)
"""Where one of these is said, no number of the turn is taken for a price or a date."""
NUMBER_OF: Final = word_set("""
    дом квартира кв корпус строение подъезд этаж офис индекс домофон номер заказ карта карточка счет договор телефон тел код
    добавочный накладная трек серия чек заявка обращение
    house apartment flat suite unit building floor number order card account phone code extension zip postcode invoice tracking
    ticket
    """)
"""A number right after one of these is somebody's own, however short."""
ADDRESS_AFTER: Final = word_set("квартира подъезд этаж корпус")
"""A number right before one of these is part of an address: "пятый подъезд"."""
ADDRESS_STREETS: Final = word_set("""
    улица ул проспект переулок шоссе бульвар набережная проезд микрорайон тупик аллея площадь
    street avenue road lane drive boulevard
    """)

EMAIL_SIGNS: Final = word_set("собака собачка at")
EMAIL_TAILS: Final = word_set("""
    точка ру ком нет мейл майл мэйл яндекс джимейл гмейл гугл рамблер инбокс бк лист аутлук айклауд
    dot ru com net org mail yandex gmail google rambler inbox list bk outlook icloud hotmail yahoo
    """)

TITLES: Final = word_set("господин госпожа товарищ гражданин гражданка mr mrs ms miss sir dr mister")
INTRODUCTIONS: Final = word_set("фамилия отчество имя зовут surname name called")
"""After these a name follows, also one that no dictionary lists."""
OF_INTRODUCTION: Final = word_set("я мой у меня is my это")
"""May stand between such a word and the name."""
ALSO_WORDS: Final = word_set("will bill rose mark grace frank jack")
"""English names that are everyday words: names only with a capital letter inside a sentence."""
SURNAME_ENDINGS: Final = ("ов", "ев", "ин", "ын", "ский", "цкий", "енко", "ко", "ук", "юк", "ян", "швили", "дзе", "ых", "их")
"""How surnames end in their first form."""
SURNAME_ENDINGS_ANY: Final = (*SURNAME_ENDINGS, "ова", "ева", "ина", "ына", "ская", "цкая")
SURNAME_ENDINGS_SURE: Final = ("енко", "швили", "дзе", "ский", "цкий", "чук")
