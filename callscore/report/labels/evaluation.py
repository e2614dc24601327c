"""Words about the check against labelled calls, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    # labelled calls
    "evaluation": ("Сверка с разметкой", "Against the labels"),
    "ev_calls": ("Звонков в разметке", "Labelled calls"),
    "ev_found": ("Из них в базе", "Of them stored"),
    "ev_heard": ("Из них распознано", "Of them heard"),
    "ev_labels": ("Меток", "Labels"),
    "ev_measures": ("Итоги", "Results"),
    "ev_measure": ("Показатель", "Measure"),
    "ev_share": ("Доля", "Share"),
    "ev_of": ("Из", "Of"),
    "ev_accuracy_of_decided": ("Верно из решённых", "Right of decided"),
    "ev_right_of_all": ("Верно из всех меток", "Right of all labels"),
    "ev_false_pass_of_fails": ("Ложных «да» из меток «нет»", "Passed of labelled fails"),
    "ev_role_accuracy": ("Роли верны, по времени речи", "Roles right, of speech time"),
    "ev_call_type_accuracy": ("Вид звонка верен", "Call types right"),
    "ev_right": ("Верно", "Right"),
    "ev_wrong": ("Ошибок", "Wrong"),
    "ev_unsure": ("Неясно", "Unsure"),
    "ev_missing": ("Нет вердикта", "Missing"),
    "ev_false_pass": ("Ложных «да»", "False pass"),
    "ev_false_fail": ("Ложных «нет»", "False fail"),
    "ev_kappa": ("Каппа", "Kappa"),
    "ev_all": ("Все", "All"),
    "ev_label": ("Метка", "Label"),
    "ev_confusion": ("Метки и вердикты", "Labels and verdicts"),
    "ev_word_errors": ("Ошибки распознавания слов", "Word errors"),
    "ev_words": ("Слов", "Words"),
    "ev_wer": ("WER", "WER"),
    "ev_substituted": ("Заменено", "Substituted"),
    "ev_deleted": ("Пропущено", "Deleted"),
    "ev_inserted": ("Добавлено", "Inserted"),
    "ev_wrong_verdicts": ("Неверные вердикты", "Wrong verdicts"),
    "ev_not_stored": ("Нет в базе", "Not stored"),
    "ev_not_heard": ("Не распознаны", "Not heard"),
    "ev_remarks": ("Замечания", "Remarks"),
    "calibration": ("Подбор порогов", "Fitting thresholds"),
    "cal_old_origin": ("Прежние пороги", "Thresholds before"),
    "cal_gain": ("Выигрыш в цене", "Cost saved"),
    "cal_gain_error": ("Его стандартная ошибка", "Its standard error"),
    "cal_written": ("Записано", "Written"),
    "cal_trial": ("На звонках, по которым пороги не подбирались", "On calls that were not fitted to"),
    "cal_thresholds": ("Пороги", "Thresholds"),
    "cal_before": ("прежние", "before"),
    "cal_after": ("новые", "after"),
    "cal_unsure_frac": ("Доля неясных", "Unsure share"),
    "cal_cost": ("Цена за метку", "Cost per label"),
    "cal_changes": ("Что изменилось", "Changes"),
    "cal_threshold": ("Порог", "Threshold"),
    "note_evaluation": (
        "В скобках — интервал 95 %. «Неясно» — ни верно, ни ошибка; решённые вердикты — да, нет и «не было повода».",
        "In brackets: the 95% interval. Unsure is neither right nor wrong; decided verdicts are pass, fail and na.",
    ),
    "note_kappa": (
        "Каппа Коэна — согласие с разметкой сверх случайного: 1 — полное, 0 — случайное; прочерк — все ответы одинаковы.",
        "Cohen's kappa: agreement with the labels beyond chance, 1 perfect, 0 chance; a dash where all answers are the same.",
    ),
    "note_calibration": (
        "Цена: неверный или пропавший вердикт — 4, неясный — 1. Пороги для каждой пятой части звонков подобраны без неё.",
        "Cost: a wrong or missing verdict 4, an unsure one 1. Each fifth of the calls has thresholds fitted without it.",
    ),
    "note_gain": (
        "Новые пороги записываются, если выигрыш больше своей стандартной ошибки.",
        "New thresholds are written if what they save is over its standard error.",
    ),
    "note_few_decided": (
        "«Мало звонков»: решено меньше {limit}, и даже без единой ошибки неверным может оказаться каждый третий вердикт.",
        "Not enough calls: under {limit} are decided, and even if none is wrong, every third verdict may be.",
    ),
}
