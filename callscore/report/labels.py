"""The words of reports in Russian and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["label"]

_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    # reports and their sections
    "operators": ("Операторы", "Operators"),
    "calls": ("Звонки", "Calls"),
    "criteria": ("Критерии", "Criteria"),
    "call": ("Звонок", "Call"),
    "metrics": ("Показатели", "Metrics"),
    "verdicts": ("Оценка", "Verdicts"),
    "transcript": ("Разговор", "Transcript"),
    "health": ("Состояние", "Health"),
    "runs": ("Запуски", "Runs"),
    "failures": ("Не обработано", "Failures"),
    "flags": ("Послушать", "Listen to"),
    # columns
    "operator": ("Оператор", "Operator"),
    "rubric": ("Чек-лист", "Rubric"),
    "n_calls": ("Звонков", "Calls"),
    "score": ("Балл", "Score"),
    "place": ("Место", "Place"),
    "unsure": ("Сомнения", "Unsure"),
    "criticals": ("Критичных", "Critical"),
    "note": ("Примечание", "Note"),
    "started": ("Начало", "Started"),
    "call_type": ("Вид", "Type"),
    "duration": ("Длина", "Length"),
    "n_flags": ("Пометок", "Flags"),
    "status": ("Статус", "Status"),
    "criterion": ("Критерий", "Criterion"),
    "pass_share": ("Выполнено", "Passed"),
    "n_fail": ("Нет", "Failed"),
    "n_unsure": ("Неясно", "Unsure"),
    "n_na": ("Не было повода", "Did not arise"),
    "verdict": ("Вердикт", "Verdict"),
    "confidence": ("Уверенность", "Confidence"),
    "quote": ("Что сказано", "Evidence"),
    "reason": ("Почему", "Why"),
    "time": ("Время", "Time"),
    "role": ("Кто", "Who"),
    "text": ("Слова", "Words"),
    "code": ("Код", "Code"),
    "message": ("Причина", "Reason"),
    "recording": ("Запись", "Recording"),
    "when": ("Когда", "When"),
    "found": ("Найдено", "Found"),
    "done": ("Готово", "Done"),
    "skipped": ("Пропущено", "Skipped"),
    "failed": ("Сбоев", "Failed"),
    "audio": ("Аудио", "Audio"),
    "wall": ("Заняло", "Took"),
    "severity": ("Срочность", "Urgency"),
    "detail": ("Подробнее", "Detail"),
    "place_in_call": ("Где", "Where"),
    # facts of a call
    "fact_call_id": ("Звонок", "Call"),
    "fact_recording": ("Запись", "Recording"),
    "fact_direction": ("Направление", "Direction"),
    "fact_client": ("Клиент", "Client"),
    "fact_line": ("Линия", "Line"),
    "fact_queue": ("Очередь", "Queue"),
    "fact_wait": ("Ожидание ответа", "Wait"),
    "fact_transferred": ("Переведён на", "Transferred to"),
    "fact_layout": ("Каналы", "Layout"),
    "fact_notes": ("Замечания", "Notes"),
    "fact_engines": ("Чем получено", "Made with"),
    # metrics
    "m_operator_talk": ("Говорит оператор", "Operator talks"),
    "m_client_talk": ("Говорит клиент", "Client talks"),
    "m_overlap": ("Говорят вместе", "Both talk"),
    "m_silence": ("Тишина", "Silence"),
    "m_longest_silence": ("Самая долгая тишина", "Longest silence"),
    "m_hold": ("Удержание", "Hold"),
    "m_interrupts": ("Оператор перебил, раз", "Operator interrupted, times"),
    "m_interrupted": ("Клиент перебил, раз", "Client interrupted, times"),
    "m_rate": ("Темп оператора, слов/мин", "Operator's pace, words/min"),
    "m_reply_delay": ("Задержка ответа оператора", "Operator's reply delay"),
    "m_unrecognised": ("Не распознано", "Not recognised"),
    # health
    "h_calls_done": ("Звонков обработано", "Calls processed"),
    "h_calls_failed": ("Звонков со сбоем", "Calls failed"),
    "h_audio": ("Записей, чч:мм:сс", "Audio, h:mm:ss"),
    "h_word_prob": ("Уверенность распознавания", "Word confidence"),
    "h_unrecognised": ("Речь без слов", "Speech without words"),
    "h_unsure": ("Вердиктов «неясно»", "Unsure verdicts"),
    # values
    "role_operator": ("оператор", "operator"),
    "role_client": ("клиент", "client"),
    "role_system": ("система", "system"),
    "direction_inbound": ("входящий", "inbound"),
    "direction_outbound": ("исходящий", "outbound"),
    "layout_stereo": ("стерео", "stereo"),
    "layout_mono": ("моно", "mono"),
    "verdict_pass": ("да", "pass"),
    "verdict_fail": ("нет", "fail"),
    "verdict_na": ("не было повода", "na"),
    "verdict_unsure": ("неясно", "unsure"),
    "status_done": ("готов", "done"),
    "status_failed": ("сбой", "failed"),
    "run_running": ("идёт", "running"),
    "run_done": ("завершён", "done"),
    "run_interrupted": ("прерван", "interrupted"),
    "run_stopped": ("остановлен ошибкой", "stopped by an error"),
    "run_killed": ("оборван", "killed"),
    "severity_3": ("сегодня", "today"),
    "severity_2": ("на неделе", "this week"),
    "severity_1": ("при случае", "some time"),
    "flag_critical_failed": ("провален критичный критерий", "critical criterion failed"),
    "flag_rudeness": ("грубость", "rudeness"),
    "flag_critical_unsure": ("критичный критерий неясен", "critical criterion unsure"),
    "flag_low_score": ("низкий балл", "low score"),
    "flag_many_unsure": ("много неясного", "much is unsure"),
    "flag_long_silence": ("долгая тишина", "long silence"),
    "flag_long_hold": ("долгое удержание", "long hold"),
    "flag_interruptions": ("оператор перебивает", "operator interrupts"),
    "flag_badly_heard": ("плохо слышно", "badly heard"),
    "critical": ("критично", "critical"),
    "not_found": ("не прозвучало", "not said"),
    "hold": ("музыка ожидания", "hold music"),
    "ring": ("гудки", "ringing"),
    "over": ("поверх: {who}", "over {who}"),
    "not_enough_calls": ("мало звонков", "not enough calls"),
    "share_of": ("{share} из {base}", "{share} of {base}"),
    # notes under tables
    "note_interval": (
        "В скобках — интервал 95 %: случайность выборки и неясные вердикты. Если интервалы перекрываются, разница не доказана.",
        "In brackets: the 95% interval, for sampling and unsure verdicts. Where intervals overlap, a difference is not proven.",
    ),
    "note_more": (
        "Показаны первые {limit}; все строки: --limit 0.",
        "The first {limit} are shown; --limit 0 shows all.",
    ),
}


def label(key: str, language: str, **values: object) -> str:
    """Return the words for `key` in `language` (ru or en) with `values` put in; the key itself where there are none.

    >>> label("share_of", "en", share="82%", base=411)
    '82% of 411'
    >>> label("incoming_sale", "ru")
    'incoming_sale'
    """
    if key not in _LABELS:
        return key
    russian, english = _LABELS[key]
    return (russian if language == "ru" else english).format(**values)
