"""Words about what operators should work on, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "coach_title": ("Над чем работать", "What to work on"),
    "coach_operator": ("Оператор", "Operator"),
    "coach_calls": ("Звонков", "Calls"),
    "coach_rubric": ("Чек-лист", "Rubric"),
    "coach_criterion": ("Критерий", "Criterion"),
    "coach_own": ("Выполняет", "Meets"),
    "coach_team": ("Остальные", "Others"),
    "coach_cost": ("Стоит баллов", "Costs points"),
    "coach_sales": ("Продажи", "Sales"),
    "coach_helps": ("помогает", "helps"),
    "coach_below": ("Ниже", "Below"),
    "coach_below_team": ("команды", "team"),
    "coach_below_target": ("цели", "target"),
    "coach_few": ("мало звонков", "not enough calls"),
    "coach_nothing": ("явных слабых мест нет", "nothing is certain"),
    "coach_examples": ("Свои примеры", "Own examples"),
    "coach_kind": ("Пример", "Example"),
    "coach_pass": ("удачный", "good"),
    "coach_fail": ("неудачный", "bad"),
    "coach_call": ("Звонок", "Call"),
    "coach_when": ("Когда", "When"),
    "coach_at": ("Место", "At"),
    "coach_quote": ("Что сказано", "Evidence"),
    "coach_by": ("Решил", "Decided by"),
    "coach_human": ("человек", "a person"),
    "coach_machine": ("программа", "the machine"),
    "coach_discussed": ("Обсуждено", "Talked over"),
    "coach_discussed_at": ("Когда", "When"),
    "coach_before": ("До", "Before"),
    "coach_since": ("После", "Since"),
    "coach_change": ("Стало", "Change"),
    "coach_difference": ("Разница, п. п.", "Difference, points"),
    "coach_better": ("лучше", "better"),
    "coach_worse": ("хуже", "worse"),
    "coach_cannot_tell": ("сказать нельзя", "cannot tell"),
    "coach_note_discussed": (
        "До - 90 дней перед разговором. Разговор обычно следует за плохими днями: «лучше» ещё не доказывает, что помог он.",
        "Before: the 90 days before the talk. Talks follow bad days, so «better» is no proof that the talk helped.",
    ),
    "coach_note_certain": (
        "Критерий назван, только если оператор выполняет его реже остальных наверняка, как бы ни решились сомнения программы.",
        "A criterion is named only if the operator surely meets it less often than the others, whatever is behind doubts.",
    ),
    "coach_note_cost": (
        "«Стоит баллов» - насколько средний балл вырос бы, если бы оператор выполнял критерий как остальные (или по цели).",
        '"Costs points" is how much the mean score would rise if the operator met it as often as the others (or the target).',
    ),
    "coach_note_order": (
        "Два самых дорогих критерия; связанный с продажами идёт раньше, если стоит хотя бы половину баллов другого.",
        "The two that cost most; one that goes with sales comes first if it costs at least half the points of the other.",
    ),
    "coach_note_team": (
        "Доля оператора сглажена: при малом числе звонков она ближе к командной. В скобках - 95 % интервал.",
        "The operator's share is shrunken: with few calls it is nearer to the team's. In brackets: the 95 % interval.",
    ),
    "coach_note_nothing": (
        "«Явных слабых мест нет» не значит, что всё хорошо: звонков может не хватать, чтобы отличить оператора от остальных.",
        '"Nothing is certain" does not mean that all is well: calls may be too few to tell the operator from the others.',
    ),
    "coach_note_period": (
        "Без --since - звонки последних {days} дней.",
        "Without --since: calls of the last {days} days.",
    ),
    "coach_note_alone": (
        "Сравнивать не с кем: оператор один. Задайте цель: --target 80",
        "There is nobody to compare with. Set a target: --target 80",
    ),
}
