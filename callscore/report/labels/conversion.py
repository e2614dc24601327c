"""Words about what goes with sales, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "conv_title": ("Критерии и продажи", "Criteria and sales"),
    "conv_facts": ("Что рассмотрено", "What was looked at"),
    "conv_period": ("Период", "Period"),
    "conv_days": ("{first} - {last}", "{first} - {last}"),
    "conv_calls": ("Звонков с известным исходом", "Calls with a known outcome"),
    "conv_unknown": ("Исход ещё не известен", "Outcome not known yet"),
    "conv_no_operator": ("Оператор не известен", "Operator unknown"),
    "conv_adjusted": ("С поправкой на", "Adjusted for"),
    "conv_operator": ("оператор", "operator"),
    "conv_call_type": ("тип звонка", "call type"),
    "conv_line": ("линия и очередь", "line and queue"),
    "conv_month": ("месяц", "month"),
    "conv_weekday": ("день недели", "weekday"),
    "conv_hour": ("время суток", "time of day"),
    "conv_wait": ("ожидание", "waiting"),
    "conv_repeat": ("повторный звонок", "repeat caller"),
    "conv_criterion": ("Критерий", "Criterion"),
    "conv_finding": ("Вывод", "Finding"),
    "conv_helps": ("помогает", "helps"),
    "conv_hurts": ("мешает", "hurts"),
    "conv_no_effect": ("влияния не видно", "no evidence"),
    "conv_not_enough": ("данных мало", "not enough data"),
    "conv_pass": ("Если да", "If met"),
    "conv_fail": ("Если нет", "If not"),
    "conv_difference": ("Разница, п. п.", "Difference, points"),
    "conv_odds": ("Шансы", "Odds ratio"),
    "conv_q": ("q", "q"),
    "conv_detectable": ("Видно от", "Shows from"),
    "conv_queue": ("Между операторами", "Between operators"),
    "conv_sentences": ("Что это значит", "What it means"),
    "conv_sentence": ("Вывод и почему", "Finding and why"),
    "conv_operators": ("Балл и продажи по операторам", "Score and sales by operator"),
    "conv_sold": ("Продажи", "Sales"),
    "conv_mean_score": ("Средний балл", "Mean score"),
    "conv_ten_points": ("На 10 баллов больше, п. п.", "Ten score points more, points"),
    "conv_rises": ("чем выше балл, тем больше продаж", "better calls sell more"),
    "conv_falls": ("чем выше балл, тем меньше продаж", "better calls sell less"),
    "conv_cannot_tell": ("сказать нельзя", "cannot tell"),
    "conv_queues": ("Как очереди раздают звонки", "How queues deal calls out"),
    "conv_of_queue": ("Очередь", "Queue"),
    "conv_n_operators": ("Операторов", "Operators"),
    "conv_share_range": ("Доля от равной", "Part of an even share"),
    "conv_line_p": ("p, линии", "p, lines"),
    "conv_repeat_p": ("p, повторные", "p, repeat callers"),
    "conv_even": ("поровну и кому придётся", "evenly and by chance"),
    "conv_uneven": ("не поровну", "not evenly"),
    "conv_unbalanced": ("операторам достаются разные клиенты", "operators get different callers"),
    "conv_note_association": (
        (
            "Это связи, а не доказательства. Сравниваются похожие звонки одного и того же оператора; чего в данных нет, то "
            "не учтено."
        ),
        (
            "These are associations, not proofs. Like calls of the same operator are compared; what is not in the data is "
            "not adjusted for."
        ),
    ),
    "conv_note_verdicts": (
        (
            "Вердикты «не возникло» и «сомнительно» в сравнение не входят; неверные вердикты делают разницы меньше, чем они "
            "есть."
        ),
        "Verdicts na and unsure are no part of a comparison; wrong verdicts make differences look smaller than they are.",
    ),
    "conv_note_detectable": (
        (
            "«Если да», «Если нет»: сколько звонков с выполненным и невыполненным критерием закончились продажей, без "
            "поправок. «Шансы»: отношение шансов продажи. «Видно от», п. п.: какую разницу столько звонков показали бы в 80 "
            "случаях из 100. q - вероятность ошибки с поправкой на число критериев; вывод делается при q меньше 0,05."
        ),
        (
            '"If met", "If not": how many calls with the criterion met and not met ended in a sale, not adjusted. "Shows '
            'from", points: the difference that so many calls would show in 80 of 100 cases. q is the chance of error '
            "corrected for the number of criteria; there is a finding where q is under 0.05."
        ),
    ),
    "conv_note_queue": (
        (
            "«Между операторами»: кто чаще выполняет критерий, на звонках, которые очередь раздала поровну. Клиенты тут ни "
            "при чём, но такой оператор может и в остальном работать лучше; где оба сравнения согласны, связь надёжнее."
        ),
        (
            '"Between operators": who meets the criterion more often, on calls that a queue dealt out evenly. Callers do '
            "not matter there, but such operators may do other things better as well; where both comparisons agree, an "
            "association is firmer."
        ),
    ),
    "conv_note_no_queue": (
        "Ни одна очередь не раздаёт звонки поровну и кому придётся, поэтому сравнить операторов на равных звонках нельзя.",
        "No queue deals calls out evenly and by chance, so that operators cannot be compared on equal calls.",
    ),
    "conv_note_operators": (
        "Балл и продажи по операторам: без поправок на линию, время и клиента; в скобках 95 % интервал (бутстреп).",
        "Score and sales by operator: not adjusted for line, time or caller; in brackets the 95 % bootstrap interval.",
    ),
}
