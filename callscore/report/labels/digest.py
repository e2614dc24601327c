"""Words of the morning digest, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "g_title": ("Сводка за {day}", "Digest for {day}"),
    "g_totals": ("Главное", "At a glance"),
    "g_runs": ("Ночная обработка", "Nightly run"),
    "g_no_run": ("не запускалась", "did not run"),
    "g_run": ("{status}: готово {done}, сбоев {failed}", "{status}: {done} done, {failed} failed"),
    "g_calls": ("Звонков оценено", "Calls scored"),
    "g_score": ("Средний балл", "Mean score"),
    "g_inbound": ("Входящих", "Incoming calls"),
    "g_missed": ("Пропущено", "Missed"),
    "g_called_back": ("Перезвонили", "Called back"),
    "g_came": ("Дозвонились сами", "Came through later"),
    "g_open": ("Никто не поговорил", "Nobody talked yet"),
    "g_same_day": ("Заказ в тот же день", "Ordered the same day"),
    "g_flags": ("Послушать сегодня", "Listen to today"),
    "g_flags_week": ("Послушать на неделе", "Listen to this week"),
    "g_usual": ("Против обычного", "Beside the usual"),
    "g_nothing": ("без изменений сверх случайных", "nothing beyond chance"),
    "g_too_new": ("пока не с чем сравнить: нужны 4 недели", "nothing to compare with yet: 4 weeks are needed"),
    "g_changes": ("Что изменилось", "What changed"),
    "g_what": ("Показатель", "Figure"),
    "g_now": ("Сейчас", "Now"),
    "g_before": ("Обычно", "Usually"),
    "g_bounds": ("Случайные границы", "Bounds of chance"),
    "g_urgent": ("Послушать в первую очередь", "Listen to first"),
    "g_waiting": ("Ждут звонка", "Waiting for a call"),
    "g_sources": ("Не прочитаны", "Not read"),
    "g_troubles": ("Не обработано", "Not processed"),
    "g_n_recordings": ("Записей", "Recordings"),
    "g_note": (
        "«Обычно» — тот же день недели за {weeks} недель; названо только то, что выходит за границы случайного.",
        "Usually: the same weekday of {weeks} weeks; only what lies beyond the bounds of chance is named.",
    ),
}
