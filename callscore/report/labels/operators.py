"""Words about operators' scores, trends and comparisons, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "people_period": ("Период", "Period"),
    "people_shrunk": ("С поправкой", "Steadied"),
    "people_models": ("Балл с поправками", "Scores with corrections"),
    "people_raw": ("Балл", "Score"),
    "people_shrunk_full": ("На малое число звонков", "For few calls"),
    "people_adjusted": ("При равных звонках", "For equal calls"),
    "people_corrected": ("По проверкам людей", "As people score"),
    "people_trends": ("Динамика по неделям", "Trend by week"),
    "people_weeks": ("Недель", "Weeks"),
    "people_slope": ("Баллов в неделю", "Points a week"),
    "people_finding": ("Вывод", "Finding"),
    "people_step": ("Скачок", "Step"),
    "people_step_text": ("с {day}: {points}", "from {day}: {points}"),
    "people_up": ("растёт", "going up"),
    "people_down": ("снижается", "going down"),
    "people_cannot_tell": ("нельзя сказать", "cannot tell"),
    "people_too_few_weeks": ("мало недель ({n} из {least})", "too few weeks ({n} of {least})"),
    "people_better": ("лучше", "better"),
    "people_worse": ("хуже", "worse"),
    "people_too_few_calls": ("мало звонков", "too few calls"),
    "people_comparison": ("Сравнение операторов", "Operators compared"),
    "people_before_after": ("До и после {day}", "Before and after {day}"),
    "people_other": ("С кем", "Against"),
    "people_others": ("все остальные", "all others"),
    "people_self": ("он же раньше", "himself before"),
    "people_other_calls": ("Звонков там", "Their calls"),
    "people_other_score": ("Балл там", "Their score"),
    "people_difference": ("Разница", "Difference"),
    "people_note_shrunk": (
        "«С поправкой» — балл, придвинутый к среднему команды тем сильнее, чем меньше звонков; по нему и сравнивайте новичков.",
        '"Steadied" is the score drawn towards the team\'s mean, the more the fewer the calls; look at it for newcomers.',
    ),
    "people_note_adjusted": (
        "«При равных звонках» — балл, будь у всех одинаковые виды звонков, линии и часы. Прочерк: сравнить не с кем.",
        '"For equal calls" is the score if all had the same types of calls, lines and hours. A dash: nobody to compare with.',
    ),
    "people_note_corrected": (
        "«По проверкам людей» — балл, исправленный на ошибки машины, измеренные по случайной выборке ({n} звонков).",
        '"As people score" is the score corrected for the machine\'s mistakes, measured on a random sample of {n} calls.',
    ),
    "people_note_few_reviews": (
        "Ошибки машины в интервал не входят: в случайной выборке люди проверили {n} звонков, для поправки нужно {least}.",
        "The machine's mistakes are not in the interval: people reviewed {n} calls of a random sample, {least} are needed.",
    ),
    "people_note_weeks": (
        "Динамика не считается: нужно не меньше {least} недель со звонками одного оператора.",
        "No trends: they need at least {least} weeks with calls of one operator.",
    ),
    "people_note_trend": (
        "Вывод с поправкой на число операторов и недель: «нельзя сказать» — изменение не отличить от случайного.",
        'Findings allow for the number of operators and weeks: "cannot tell" is a change that may be chance.',
    ),
    "people_note_compared": (
        "Интервал разницы расширен на число сравнений ({n}); «нельзя сказать» — в нём есть ноль.",
        'The interval of the difference is widened for the number of comparisons ({n}); "cannot tell": it holds zero.',
    ),
    "people_note_bounds": (
        "Неясные вердикты взяты в худшую для вывода сторону. Проверка случайной выборки людьми сузит интервалы.",
        "Unsure verdicts are taken against the finding. Reviewing a random sample makes the intervals narrower.",
    ),
    "people_note_periods": (
        "Состав звонков в двух периодах мог быть разным; сравнение его не выравнивает.",
        "The mix of calls may differ between the two periods; the comparison does not level it.",
    ),
}
