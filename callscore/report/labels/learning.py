"""Words about learning from people's verdicts, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "learn_facts": ("Из чего учимся", "What is learnt from"),
    "learn_labels": ("Вердиктов людей", "Verdicts of people"),
    "learn_for_rates": ("Из них для порогов (по жребию или вслепую)", "Of these for thresholds (by lot or blind)"),
    "learn_rate_calls": ("Звонков для порогов", "Calls for thresholds"),
    "learn_contested": ("Проверяющие разошлись, не используются", "Reviewers differ, not used"),
    "learn_corrected": ("Программа не услышала, а люди услышали", "Missed by the machine, heard by people"),
    "learn_beyond": ("Из них дело не во фразах", "Of these not about phrases"),
    "learn_explained": ("Объяснено новыми фразами", "Explained by new phrases"),
    "learn_thresholds": ("Пороги", "Thresholds"),
    "learn_thresholds_few": ("мало звонков: {n} из {least}", "not enough calls: {n} of {least}"),
    "learn_thresholds_same": ("лучше нынешних не найдено", "nothing better was found"),
    "learn_thresholds_new": ("предлагаются новые", "new ones are proposed"),
    "learn_proposals": ("Предлагаемые фразы", "Proposed phrases"),
    "learn_criterion": ("Критерий", "Criterion"),
    "learn_set": ("Набор", "Set"),
    "learn_phrase": ("Фраза", "Phrase"),
    "learn_said": ("В исправленных", "In corrected"),
    "learn_failed": ("Где люди сказали «нет»", "Where people said fail"),
    "learn_others": ("В прочих «нет»", "In other fails"),
    "learn_of": ("{part} из {whole}", "{part} of {whole}"),
    "learn_effect_calls": ("В архиве: звонков", "Archive: calls"),
    "learn_effect_operators": ("операторов", "operators"),
    "learn_operators": ("У кого изменится балл", "Whose score moves"),
    "learn_operator": ("Оператор", "Operator"),
    "learn_rubric": ("Чек-лист", "Rubric"),
    "learn_calls": ("Звонков", "Calls"),
    "learn_changed": ("Изменится", "Change"),
    "learn_old": ("Балл был", "Score was"),
    "learn_new": ("Балл станет", "Score will be"),
    "learn_archive": ("Если принять всё", "If all is accepted"),
    "learn_archive_calls": ("Звонков в архиве", "Calls in the archive"),
    "learn_archive_changed": ("Изменится звонков", "Calls that change"),
    "learn_archive_verdicts": ("Изменится вердиктов", "Verdicts that change"),
    "learn_archive_operators": ("Операторов с изменениями", "Operators with changes"),
    "learn_refused": ("Не предлагаются", "Not proposed"),
    "learn_why": ("Почему", "Why"),
    "learn_diff": ("Изменения в файлах", "Changes to the files"),
    "learn_line": ("Строка", "Line"),
    "learn_note_bias": (
        "Пороги подбираются только по случайной выборке и оценкам вслепую: в очередь попадает то, что похоже на ошибку.",
        "Thresholds are fitted to calls drawn by lot and blind reviews alone: what is in the queue looked wrong to begin with.",
    ),
    "learn_note_phrases": (
        "Фразы ищутся во всех исправлениях: нужны примеры, а не доли. Где люди сказали «нет», фразы быть не должно.",
        "Phrases are looked for in all corrections: that takes examples, no rates. They must be in no call that people failed.",
    ),
    "learn_note_accept": (
        "Ничего не изменено. Принять: callscore eval --from-reviews --apply; лишнее потом удалите из файлов.",
        "Nothing is changed. To accept: callscore eval --from-reviews --apply; remove from the files what you do not want.",
    ),
    "learn_note_nothing": (
        "Предлагать нечего: исправлений мало, или в них нет общих слов.",
        "There is nothing to propose: corrections are few, or have no words in common.",
    ),
}
