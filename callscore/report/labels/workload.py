"""Words about missed calls in numbers, lines, the work of operators and usual levels, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    # missed calls
    "m_calls": ("Входящих звонков", "Incoming calls"),
    "m_tried": ("Перезвонили, но не застали", "Called back in vain"),
    "m_nobody": ("Никто не перезванивал", "Nobody called back"),
    "m_by_morning": ("Из нерабочего времени: поговорили до {until}", "Out of hours: talked to by {until}"),
    "m_answered_median": ("Ждали ответа, медиана", "Waited for an answer, median"),
    "m_answered_p90": ("Ждали ответа, 90 % не дольше", "Waited for an answer, 90% at most"),
    "m_gave_up_median": ("Ждали и не дождались, медиана", "Waited and gave up, median"),
    "m_gave_up_p90": ("Ждали и не дождались, 90 % не дольше", "Waited and gave up, 90% at most"),
    "m_service": ("Отвечено за {seconds} с в рабочее время", "Answered within {seconds} s in opening hours"),
    "m_afterwards": ("Что было после пропущенных", "After missed calls"),
    "m_when": ("Когда", "When"),
    "m_in_hours": ("в рабочее время", "in opening hours"),
    "m_clients": ("Клиентов", "Clients"),
    "m_back": ("Перезвонили", "Called back"),
    "m_came": ("Дозвонился сам", "Came through"),
    "m_tried_short": ("Не застали", "In vain"),
    "m_nobody_short": ("Никто", "Nobody"),
    "m_back_median": ("Через, медиана", "After, median"),
    "m_within": ("За {minutes} мин", "In {minutes} min"),
    "m_contacts": ("Повторные звонки и переводы", "Repeat calls and transfers"),
    "m_all_clients": ("Клиентов звонило", "Clients who called"),
    "m_repeats": ("Звонили повторно за {days} дн.", "Calls again within {days} days"),
    "m_first_contact": ("Хватило одного разговора ({days} дн. без звонка)", "One talk was enough ({days} days without a call)"),
    "m_transferred": ("Разговоров с переводом", "Talks handed over"),
    "m_transfers": ("Переводов на разговор", "Transfers per talk"),
    "m_per_order": ("Звонков на продажу", "Calls per sale"),
    "m_title_reason": ("Чем кончились", "How they ended"),
    "m_title_hour": ("По часам", "By hour"),
    "m_title_line": ("По линиям", "By line"),
    "m_title_queue": ("По очередям", "By queue"),
    "m_by_reason": ("Чем кончился", "How it ended"),
    "m_by_hour": ("Час", "Hour"),
    "m_by_line": ("Линия", "Line"),
    "m_by_queue": ("Очередь", "Queue"),
    "m_share": ("Доля", "Share"),
    "m_talked": ("Потом поговорили", "Talked later"),
    "m_gave_up": ("Ждали до отбоя", "Gave up after"),
    "m_list": ("Список пропущенных", "List of missed calls"),
    "m_note_after": (
        (
            "Время до перезвона — от начала пропущенного звонка; «за 15, 30, 60 мин» — от всех пропущенных, у которых это "
            "время прошло."
        ),
        (
            "Time to the call-back runs from the start of the missed call; the shares within 15, 30, 60 min are of all calls "
            "missed that long ago."
        ),
    ),
    "m_note_sources": (
        "Источников телефонии: {n}. Звонок, прошедший через два из них, посчитан дважды; один выбирает --source.",
        "There are {n} telephone systems. A call that passed two of them counts twice; --source chooses one.",
    ),
    # lines
    "l_line": ("Линия", "Line"),
    "l_site": ("Раздел", "Section"),
    "l_campaign": ("Кампания", "Campaign"),
    "l_origin": ("Источник", "Origin"),
    "l_title_line": ("Линии", "Lines"),
    "l_title_site": ("Разделы сайта и реклама по номерам", "Site sections and advertising by number"),
    "l_title_campaign": ("Рекламные кампании", "Campaigns"),
    "l_title_origin": ("Рекламные источники (utm_source)", "Advertising sources (utm_source)"),
    "l_few": ("Данных", "Data"),
    "l_is_few": ("мало", "few"),
    "l_missed": ("Пропущено", "Missed"),
    "l_wait": ("Ожидание", "Wait"),
    "l_score": ("Балл", "Score"),
    "l_conversion": ("Конверсия", "Conversion"),
    "l_sales": ("Продажи", "Sales"),
    "l_revenue": ("Выручка", "Revenue"),
    "l_returned": ("Возвраты", "Returned"),
    "l_note_conversion": (
        (
            "Конверсия — доля звонков, после которых была продажа, с 95-процентным интервалом; у линий с малым числом "
            "звонков она притянута к общей. Перекрываются интервалы — разница не доказана."
        ),
        (
            "Conversion is the share of calls that led to a sale, with its 95% interval; that of few calls is drawn towards "
            "the common one. Where intervals overlap, a difference is not proven."
        ),
    ),
    "l_note_no_orders": (
        "Заказов в базе нет, о продажах сказать нечего: callscore outcomes pull или outcomes import ФАЙЛ.",
        "No orders are stored, so nothing can be said of sales: callscore outcomes pull, or outcomes import FILE.",
    ),
    "l_note_returns": (
        "Заказы с отрицательной суммой — возвраты: в продажи, конверсию и выручку они не входят.",
        "Orders with a negative amount are returns: they are not among sales, conversion and revenue.",
    ),
    "l_note_few": ("«Мало» — меньше {n} звонков: сравнивать такие строки рано.", "Few: under {n} calls, too early to compare."),
    # the work of operators
    "w_title": ("Нагрузка", "Workload"),
    "w_first_day": ("С", "From"),
    "w_last_day": ("По", "To"),
    "w_days": ("Рабочих дней", "Working days"),
    "w_occupancy": ("Занятость", "Occupancy"),
    "w_norm": ("Норма ответа", "Service level"),
    "w_promise": ("{share} за {seconds} с", "{share} within {seconds} s"),
    "w_patience": ("Терпение клиентов, среднее", "Patience of clients, mean"),
    "w_gave_up": ("Не дождались в рабочее время", "Gave up in opening hours"),
    "w_wrap": ("Дела после звонка, среднее", "Work after a call, mean"),
    "w_operators": ("Операторы", "Operators"),
    "w_operator": ("Оператор", "Operator"),
    "w_unknown": ("неизвестно кто", "not known who"),
    "w_incoming": ("Входящие", "Incoming"),
    "w_outgoing": ("Исходящие", "Outgoing"),
    "w_taken_over": ("Принял перевод", "Taken over"),
    "w_talk": ("Разговоры", "Talk"),
    "w_mean_talk": ("Средний", "Mean"),
    "w_mean_hold": ("Удержание", "Hold"),
    "w_pause": ("Пауза", "Pause"),
    "w_wrap_short": ("Дела", "Wrap"),
    "w_present": ("У телефона", "At phone"),
    "w_hours": ("По часам, в среднем за рабочий день", "By hour, average of a working day"),
    "w_hour": ("Час", "Hour"),
    "w_calls": ("Входящих", "Incoming"),
    "w_handle": ("На звонок", "Per call"),
    "w_at_phone": ("У телефона", "At phone"),
    "w_need_a": ("Нужно", "Needed"),
    "w_need_c": ("Нужно, если ждут все", "If all wait"),
    "w_outgoing_load": ("Заняты исходящими", "On outgoing"),
    "w_operator_hours": ("Занятость по операторам и часам", "Occupancy by operator and hour"),
    "w_week": ("По дням недели и часам", "By day of the week and hour"),
    "w_weekday": ("День", "Day"),
    "w_day_1": ("пн", "Mon"),
    "w_day_2": ("вт", "Tue"),
    "w_day_3": ("ср", "Wed"),
    "w_day_4": ("чт", "Thu"),
    "w_day_5": ("пт", "Fri"),
    "w_day_6": ("сб", "Sat"),
    "w_day_7": ("вс", "Sun"),
    "w_note_present": (
        (
            "Время у телефона оценено по звонкам: от первого до последнего без долгих перерывов, плюс средняя пауза с обоих "
            "концов. Если телефония учитывает вход и выход операторов, верьте ей. Одновременные звонки занимают оператора "
            "один раз."
        ),
        (
            "Time at the phone is estimated from calls: from the first to the last without a long break, plus an average "
            "pause at both ends. Calls held at the same time keep an operator busy once."
        ),
    ),
    "w_note_need": (
        (
            "«Нужно» — операторов у телефона на входящие для этой нормы: Erlang A, клиенты бросают трубку как сейчас; «если "
            "ждут все» — Erlang C. В скобках — по краям 95-процентного интервала числа звонков. Перерывы и исходящие — сверх "
            "того."
        ),
        (
            "Needed: operators at the phone for incoming calls and this service level, by Erlang A with clients who give up "
            "as they do now; if all wait: Erlang C. In brackets for both ends of the 95% interval of the calls. Breaks and "
            "outgoing come on top."
        ),
    ),
    "w_note_wrap": (
        "«Дела» — паузы после звонка, когда следующий клиент уже ждал; прибавлены ко времени на звонок.",
        "Wrap: pauses after a call while the next client was already waiting; they are added to the time per call.",
    ),
    "w_note_wrap_unknown": (
        (
            "Пауз, в которые следующий клиент уже ждал, слишком мало: время дел после звонка не учтено, операторов может "
            "быть нужно больше."
        ),
        "Too few pauses with a client already waiting: work after calls is left out, and more operators may be needed.",
    ),
    "w_note_patience": (
        "Терпение: всё время ожидания клиентов, делённое на число не дождавшихся.",
        "Patience: all time waited by clients, divided by the number who gave up.",
    ),
    "w_note_patience_unknown": (
        "Не дождавшихся слишком мало, чтобы судить о терпении клиентов: остаётся Erlang C.",
        "Too few clients gave up to tell their patience: only Erlang C remains.",
    ),
    # usual levels
    "v_levels": ("Звонки против обычного", "Calls against the usual"),
    "v_line": ("Линия", "Line"),
    "v_all": ("все линии", "all lines"),
    "v_calls": ("За сутки", "Last 24 h"),
    "v_usual": ("Обычно", "Usual"),
    "v_bounds": ("Бывает", "Range"),
    "v_last": ("Последний звонок", "Last call"),
    "v_expected": ("Обычно за это время", "Usual since then"),
    "v_verdict": ("Вывод", "Finding"),
    "v_usual_level": ("как обычно", "as usual"),
    "v_fewer": ("меньше обычного", "fewer than usual"),
    "v_more": ("больше обычного", "more than usual"),
    "v_silent": ("замолчала: позвоните на неё", "fell silent: make a test call"),
    "v_new": ("новая: судить рано", "new: too early to tell"),
    "v_too_few": ("звонков мало: молчание ничего не значит", "few calls: silence means nothing"),
    "v_with_all": ("тихо, как на всех линиях", "quiet, as all lines are"),
    "v_day_off": ("выходной", "day off"),
    "v_hours": ("Необычные часы последних суток", "Unusual hours of the last 24"),
    "v_hour": ("Час", "Hour"),
    "v_note": (
        (
            "Обычное — медиана тех же часов и дней недели за {weeks} предыдущих недель; границы переходятся случайно раз на "
            "тысячу. Линия замолчала — позвоните на неё сами."
        ),
        (
            "Usual is the median of the same hours and weekdays of the {weeks} weeks before; chance passes the bounds once "
            "in a thousand. A line that fell silent is worth a test call."
        ),
    ),
    "v_note_all": (
        "Тихо на всех линиях сразу: праздник (внесите его в telephony.days_off) или неисправность телефонии.",
        "All lines are quiet at once: a holiday (name it in telephony.days_off) or a fault of the telephone system.",
    ),
    "v_heard": ("Слышимость по линиям и кодекам за {days} дн.", "Recognition by line and codec, last {days} days"),
    "v_codec": ("Кодек", "Codec"),
    "v_word_prob": ("Уверенность", "Confidence"),
    "v_unheard": ("Речь без слов", "Without words"),
    "v_silent_leg": ("Канал без речи", "Silent leg"),
    "v_swapped": ("Перепутаны", "Swapped"),
    "v_recordings": ("Записи разговоров за {days} дн.", "Recordings of talks, last {days} days"),
    "v_talks": ("Разговоров", "Talks"),
    "v_unrecorded": ("Без записи", "Not recorded"),
    "v_unfetched": ("Не получено", "Not fetched"),
    "v_unsure": ("«Неясно» по критериям за {days} дн.", "Unsure by criterion, last {days} days"),
    "v_criterion": ("Критерий", "Criterion"),
    "v_verdicts": ("Вердиктов", "Verdicts"),
    "v_share": ("Неясно", "Unsure"),
    "v_before": ("До этого", "Before"),
    "v_change": ("Изменение", "Change"),
    "v_moved": ("Сдвиг", "Shift"),
    "v_is_moved": ("да", "yes"),
    "v_changes": ("Что менялось: модели, чек-листы, программа", "What changed: models, rubrics, program"),
    "v_when": ("Когда", "When"),
    "v_what": ("Что", "What"),
    "v_name": ("Название", "Name"),
    "v_version": ("Версия", "Version"),
    "v_n_calls": ("Звонков", "Calls"),
    "v_model": ("модель", "model"),
    "v_rubric": ("чек-лист", "rubric"),
    "v_rescored": ("переоценка по чек-листу", "rescored by rubric"),
    "v_program": ("версия callscore", "callscore version"),
}
