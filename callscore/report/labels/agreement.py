"""Words about agreement between reviewers and with the machine, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "agree_samples": ("Что проверено людьми", "What people reviewed"),
    "agree_sample": ("Как выбраны звонки", "How calls were chosen"),
    "agree_random": ("случайная выборка", "drawn by lot"),
    "agree_blind": ("вслепую (калибровка)", "blind (calibration)"),
    "agree_flagged": ("очередь с пометками", "flagged queue"),
    "agree_appeal": ("апелляция", "appeal"),
    "agree_": ("не указано", "not told"),
    "agree_reviews": ("Оценок", "Reviews"),
    "agree_calls": ("Звонков", "Calls"),
    "agree_reviewers": ("Проверяющих", "Reviewers"),
    "agree_differs": ("Иначе, чем программа", "Differ from machine"),
    "agree_partly": ("Проверены не до конца", "Not finished"),
    "agree_counts": ("В долях", "In rates"),
    "agree_yes": ("да", "yes"),
    "agree_no": ("нет", "no"),
    "agree_panel": ("Согласие проверяющих", "Agreement of reviewers"),
    "agree_criterion": ("Критерий", "Criterion"),
    "agree_all": ("все критерии", "all criteria"),
    "agree_same": ("Совпало", "Same"),
    "agree_alpha": ("Альфа", "Alpha"),
    "agree_says": ("Вывод", "Finding"),
    "agree_reliable": ("понимают одинаково", "understood alike"),
    "agree_unreliable": ("понимают по-разному", "understood differently"),
    "agree_cannot_tell": ("сказать нельзя", "cannot tell"),
    "agree_few": ("мало данных", "not enough"),
    "agree_no_pairs": ("нет звонка с двумя ответами", "no call has two answers"),
    "agree_one_answer": ("все ответы одинаковы", "all answers are the same"),
    "agree_machine": ("Программа и люди", "Machine and people"),
    "agree_right": ("Верно", "Right"),
    "agree_kappa": ("Каппа", "Kappa"),
    "agree_unsure": ("Не решила", "Undecided"),
    "agree_false_fail": ("Зря «нет»", "Wrong fail"),
    "agree_false_pass": ("Зря «да»", "Wrong pass"),
    "agree_months": ("По месяцам", "By month"),
    "agree_month": ("Месяц звонков", "Month of calls"),
    "agree_stands": ("До и после изменений", "Before and after changes"),
    "agree_rubric": ("Чек-лист", "Rubric"),
    "agree_version": ("Версия", "Version"),
    "agree_model": ("Распознавание", "Recogniser"),
    "agree_until": ("Действовала до", "In force until"),
    "agree_now": ("сейчас", "now"),
    "agree_change": ("Стало", "Change"),
    "agree_difference": ("Разница, п. п.", "Difference, points"),
    "agree_better": ("лучше", "better"),
    "agree_worse": ("хуже", "worse"),
    "agree_note_sample": (
        "Доли - только по случайной выборке и оценкам вслепую: в очередь попадает то, что уже похоже на ошибку.",
        "Rates are from calls drawn by lot and blind reviews alone: what is in the queue looked wrong to begin with.",
    ),
    "agree_note_partly": (
        "Звонок случайной выборки идёт в счёт, когда проверены все его вердикты, кроме «не было повода».",
        "A call drawn by lot counts once all its verdicts but «did not arise» were looked at.",
    ),
    "agree_note_alpha": (
        "Альфа Криппендорфа: 1 - полное согласие, 0 - как наугад; ниже {least} вердикту одного человека верить рано.",
        "Krippendorff's alpha: 1 is full agreement, 0 is chance; under {least} one person's verdict is no ground to stand on.",
    ),
    "agree_note_kappa": (
        "Каппа Коэна - то же для пары «программа и люди»; «не решила» в ней не участвует.",
        "Cohen's kappa is the same for machine and people; undecided verdicts are no part of it.",
    ),
    "agree_note_latest": (
        "Если люди разошлись, программа сравнивается с последним вердиктом.",
        "Where people differ, the machine is compared with the latest verdict.",
    ),
    "agree_note_few": (
        "«Мало данных» - меньше {least} звонков.",
        '"Not enough" is under {least} calls.',
    ),
    "agree_note_unsure": (
        "Ответов «не могу решить»: {count}; как ответы они не считаются.",
        "Reviewers could not decide: {count}; these count as no answer.",
    ),
}
