"""The words of reports in Russian and English. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["flag_text", "label", "note_text"]

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
    # differences between two scorings
    "d_rubrics": ("Чек-листы", "Rubrics"),
    "d_moves": ("Звонки, которые теперь оцениваются иначе", "Calls under another rubric"),
    "d_version": ("Версия", "Version"),
    "d_added": ("Добавлено", "Added"),
    "d_removed": ("Убрано", "Removed"),
    "d_weights": ("Вес", "Weight"),
    "d_was": ("Было", "Was"),
    "d_is": ("Стало", "Is"),
    "d_moved": ("Было → стало, звонков", "Was → is, calls"),
    "d_changed_calls": ("Изменилось", "Changed"),
    "d_no_rubric": ("без оценки", "not scored"),
    "d_now_critical": ("теперь критичный", "now critical"),
    "d_not_critical": ("больше не критичный", "no longer critical"),
    "d_was_said": ("было: «{quote}»", "was: “{quote}”"),
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
    # why a call has no verdicts
    "not_scored": ("без оценки: {why}", "no verdicts: {why}"),
    "trouble_legs_shifted": ("каналы сдвинуты во времени", "the channels are out of step"),
    "trouble_mostly_unrecognised": ("большая часть речи не распознана", "most speech was not recognised"),
    "trouble_odd_rate": ("запись ускорена или замедлена", "the recording plays too fast or too slow"),
    "trouble_one_party": ("слышна одна сторона, и неясно чья это речь", "one party is heard, and it is not clear which"),
    "trouble_operator_not_heard": ("оператора не слышно", "the operator is not heard"),
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
    # telephony and sales
    "missed": ("Пропущенные звонки", "Missed calls"),
    "missed_calls": ("Пропущено", "Missed"),
    "out_of_hours": ("В нерабочее время", "Out of hours"),
    "called_back": ("Перезвонили сами", "Called back"),
    "came_through": ("Клиент дозвонился позже", "Client came through later"),
    "nobody_talked": ("Никто не поговорил", "Nobody talked"),
    "waited": ("Ждал", "Waited"),
    "missed_why": ("Чем кончился", "How it ended"),
    "missed_abandoned": ("клиент не дождался", "the client hung up"),
    "missed_no_answer": ("не ответили", "no answer"),
    "missed_busy": ("занято", "busy"),
    "missed_failed": ("сбой связи", "failed"),
    "missed_rejected": ("сброшен", "rejected"),
    "missed_timeout": ("вышло время ожидания", "time-out"),
    "missed_voicemail": ("голосовая почта", "voice mail"),
    "missed_blocked": ("заблокирован", "blocked"),
    "talked_after": ("Поговорили через", "Talked after"),
    "talked_how": ("Как", "How"),
    "talked_by": ("Кто", "Who"),
    "talked_inbound": ("клиент дозвонился", "the client called again"),
    "talked_outbound": ("перезвонили", "called back"),
    "talked_callback": ("обратный звонок", "callback"),
    "yes": ("да", "yes"),
    "lines": ("Линии", "Lines"),
    "origins": ("Рекламные источники", "Advertising sources"),
    "origin": ("Источник", "Origin"),
    "answered": ("Отвечено", "Answered"),
    "missed_in_hours": ("Пропущено в рабочее время", "Missed in hours"),
    "missed_out_of_hours": ("в нерабочее", "out of hours"),
    "median_wait": ("Ожидание, медиана", "Wait, median"),
    "orders": ("Заказы", "Orders"),
    "order": ("Заказ", "Order"),
    "won": ("Из них продажи", "Won"),
    "amount": ("Сумма", "Amount"),
    "created": ("Создан", "Created"),
    "closed": ("Закрыт", "Closed"),
    "source": ("Источник", "Source"),
    "outcome": ("Итог", "Outcome"),
    "outcome_won": ("продажа", "won"),
    "outcome_lost": ("отказ", "lost"),
    "outcome_open": ("в работе", "open"),
    "responsible": ("Ответственный", "Responsible"),
    "matched": ("Найден звонок", "With a call"),
    "join_rule": ("Как найден звонок", "How the call was found"),
    "certainty": ("Надёжность", "Certainty"),
    "rule_call_id": ("звонок указан в CRM", "the CRM names the call"),
    "rule_phone_before": ("звонок с этого номера до заказа", "a call from this number before the order"),
    "rule_phone_after": ("звонок с этого номера после заказа", "a call from this number after the order"),
    "rule_digits_before": ("совпали 10 цифр номера, до заказа", "ten digits of the number agree, before the order"),
    "rule_digits_after": ("совпали 10 цифр номера, после заказа", "ten digits of the number agree, after the order"),
    "rule_no_phone": ("в заказе нет телефона", "the order has no phone"),
    "rule_no_call": ("звонков с этого номера не было", "no call from this number"),
    "rule_other_order": ("звонок относится к другому заказу клиента", "the call led to another order of the client"),
    "certainty_certain": ("точно", "certain"),
    "certainty_likely": ("вероятно", "likely"),
    "certainty_possible": ("возможно", "possible"),
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
    "note_lines": (
        "Заказ считается за тем звонком, который к нему привёл; открытые заказы в продажи не входят.",
        "An order counts for the call that led to it; open orders are not among the won.",
    ),
    "share_of": ("{share} из {base}", "{share} of {base}"),
    # notes under tables
    "note_interval": (
        "В скобках — интервал 95 %: случайность выборки и неясные вердикты. Если интервалы перекрываются, разница не доказана.",
        "In brackets: the 95% interval, for sampling and unsure verdicts. Where intervals overlap, a difference is not proven.",
    ),
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
    "note_first_calls": (
        "Показаны {limit} из {total} звонков с изменениями, наибольшая разница в баллах первой; все: {how}.",
        "{limit} of {total} changed calls are shown, the largest change of score first; all of them: {how}.",
    ),
    "note_reworded": (
        "Звонков с теми же вердиктами, но с другим обоснованием: {calls}.",
        "Calls with the same verdicts for other reasons: {calls}.",
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


def note_text(note: str, language: str) -> str:
    """Return the words for a note of the stages, `code` or `code:milliseconds`; a note in plain words stays as it is.

    >>> note_text("legs_shifted:5700", "en")
    'the channels are out of step (5.7 s)'
    """
    code, _, ms = note.partition(":")
    if f"audio_{code}" not in _LABELS:
        return note
    text = label(f"audio_{code}", language)
    if not ms.isdigit():
        return text
    figure = f"{int(ms) / 1000:.1f}"
    return f"{text} ({figure.replace('.', ',')} с)" if language == "ru" else f"{text} ({figure} s)"


def flag_text(reason: str, language: str) -> str:
    """Return the words for a flag's reason; one for which a call has no verdicts says so.

    >>> flag_text("odd_rate", "en")
    'no verdicts: the recording plays too fast or too slow'
    """
    trouble = f"trouble_{reason}"
    if trouble in _LABELS:
        return label("not_scored", language, why=label(trouble, language))
    return label(f"flag_{reason}", language)
