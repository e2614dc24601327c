"""Words about recordings, runs and sources, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    # health
    "h_calls_done": ("Звонков обработано", "Calls processed"),
    "h_calls_failed": ("Звонков со сбоем", "Calls failed"),
    "h_audio": ("Записей, чч:мм:сс", "Audio, h:mm:ss"),
    "h_word_prob": ("Уверенность распознавания", "Word confidence"),
    "h_unrecognised": ("Речь без слов", "Speech without words"),
    "h_unsure": ("Вердиктов «неясно»", "Unsure verdicts"),
    "h_not_scored": ("Оставлены без оценки", "Left without verdicts"),
    "h_audio_notes": ("Замечания к записям", "Notes on recordings"),
    "h_audio_note": ("Замечание", "Note"),
    "h_line_calls": ("Всего на линии", "Of the line's"),
    # notes on recordings
    "audio_bleed": ("в канале слышен собеседник", "a channel hears the other party"),
    "audio_clipped": ("перегруз, звук искажён", "clipped, distorted"),
    "audio_damaged": ("запись частично повреждена", "partly damaged"),
    "audio_extra_audio_streams": ("лишние звуковые дорожки пропущены", "further audio streams were left out"),
    "audio_folded_channels": ("больше двух каналов, сведены в один", "more than two channels, folded into one"),
    "audio_gaps_filled": ("пропуски заполнены тишиной", "gaps were filled with silence"),
    "audio_late_leg": ("один из каналов записан не целиком", "a channel begins late or ends early"),
    "audio_legs_shifted": ("каналы сдвинуты во времени", "the channels are out of step"),
    "audio_legs_swapped": ("каналы, похоже, перепутаны", "the channels seem to be swapped"),
    "audio_odd_rate": ("неверная частота дискретизации", "wrong sample rate"),
    "audio_same_signal": ("в обоих каналах один и тот же звук", "both channels carry the same sound"),
    "audio_silent": ("запись пустая, звука нет", "no sound at all"),
    "audio_silent_leg": ("в одном из каналов нет речи", "a channel without speech"),
    "audio_truncated": ("запись оборвана", "cut short"),
    "h_feeds": ("Источники", "Sources"),
    "h_rejects": ("Строки, которые не удалось прочитать", "Rows that could not be used"),
    "h_kind": ("Вид", "Kind"),
    "h_covered": ("Прочитано до", "Read until"),
    "h_read_at": ("Когда читали", "Last read"),
    "h_unrecorded": ("Разговоров без записи", "Talks without a recording"),
    "h_unfetched": ("Записей не получено", "Recordings not fetched"),
    "h_n_rejects": ("Строк отброшено", "Rows rejected"),
    "h_error": ("Ошибка", "Error"),
    "h_place": ("Где", "Where"),
}
