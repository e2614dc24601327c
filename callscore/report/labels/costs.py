"""Words about what operators cost, in which order queues should try them, and their efficiency, Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["LABELS"]

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    # costs
    "cost_title": ("Затраты и продажи", "Costs and sales"),
    "cost_by_operator": ("Оператор", "Operator"),
    "cost_by_team": ("Команда", "Team"),
    "cost_by_kind": ("Занятость", "Kind"),
    "cost_nobody": ("не указано", "not told"),
    "cost_kind_own": ("штат", "own"),
    "cost_kind_outsourced": ("аутсорсинг", "outsourced"),
    "cost_kind_home": ("из дома", "home"),
    "cost_people": ("Людей", "People"),
    "cost_shifts": ("Смены", "Shifts"),
    "cost_calls": ("Звонки", "Calls"),
    "cost_answered": ("Принято", "Answered"),
    "cost_talk": ("Разговоры", "Talk"),
    "cost_hours": ("Часы", "Hours"),
    "cost_cost": ("Затраты", "Cost"),
    "cost_per_answered": ("За звонок", "Per call"),
    "cost_sales": ("Продажи", "Sales"),
    "cost_per_sale": ("За продажу", "Per sale"),
    "cost_revenue": ("Выручка", "Revenue"),
    "cost_few": ("мало данных", "not enough"),
    "cost_note_hours": (
        "Часы - оценка по звонкам: от первого до последнего в смене плюс {extra} мин. Если есть табель, верьте ему.",
        "Hours are an estimate from calls: first to last of a shift plus {extra} min. If you keep time sheets, believe them.",
    ),
    "cost_note_shift": (
        "Смену заканчивает пауза между звонками дольше {gap} ч.",
        "A pause between calls of more than {gap} h ends a shift.",
    ),
    "cost_note_sale": (
        "Продажа засчитана тому, кто говорил с клиентом перед заказом.",
        "A sale counts for who talked to the client before the order.",
    ),
    "cost_note_interval": (
        "В скобках - 95 % интервал по сменам; «мало данных» значит, что верхней границы у него нет.",
        'In brackets: the 95 % interval over shifts; "not enough" means that it has no upper end.',
    ),
    "cost_note_unpriced": (
        "Стоимость не указана, в затраты и в цену звонка и продажи не входят: {names}",
        "No cost is given; they are no part of costs nor of the cost per call and sale: {names}",
    ),
    "cost_note_long": (
        "Смен длиннее 16 часов: {count}. Похоже, под одним именем работают несколько человек: {names}",
        "Shifts of more than 16 hours: {count}. Several people seem to work under one name: {names}",
    ),
    "cost_note_nobody": (
        "Принятых звонков, для которых неизвестно, кто говорил: {count}. В таблицу они не вошли.",
        "Answered calls of which nobody knows who talked: {count}. They are not in the table.",
    ),
    "cost_note_no_list": (
        "Списка операторов нет, поэтому нет затрат и команд: callscore operators import operators.csv",
        "There is no list of operators, so there are no costs and teams: callscore operators import operators.csv",
    ),
    "cost_note_no_orders": (
        "Заказов в базе нет, продажи и выручка неизвестны: callscore outcomes import ФАЙЛ",
        "The store holds no orders; sales and revenue are unknown: callscore outcomes import FILE",
    ),
    "cost_note_currencies": (
        "Заказы в разных валютах ({names}) не складываются, поэтому выручки нет.",
        "Orders in several currencies ({names}) do not add up, so there is no revenue.",
    ),
    "cost_note_returns": (
        "Заказов с отрицательной суммой: {count}. Это возвраты, в продажи и выручку они не входят.",
        "Orders with a negative amount: {count}. They are returns, and no part of sales and revenue.",
    ),
    # priorities
    "prio_title": ("Предлагаемая очерёдность", "Proposed order"),
    "prio_summary": ("Итог", "In short"),
    "prio_operators": ("Операторов", "Operators"),
    "prio_better": ("Лучше остальных", "Better than the others"),
    "prio_worse": ("Хуже остальных", "Worse than the others"),
    "prio_unknown": ("Различить нельзя", "Cannot tell"),
    "prio_levels": ("Уровней", "Levels"),
    "prio_operator": ("Оператор", "Operator"),
    "prio_queues": ("Очереди", "Queues"),
    "prio_calls": ("Сравнимых звонков", "Comparable calls"),
    "prio_conversion": ("Конверсия", "Conversion"),
    "prio_conversion_says": ("По продажам", "By sales"),
    "prio_quality": ("Балл", "Score"),
    "prio_quality_says": ("По баллу", "By score"),
    "prio_penalty": ("penalty", "Penalty"),
    "prio_tier": ("level", "Level"),
    "prio_now": ("Сейчас", "Now"),
    "prio_says_better": ("лучше", "better"),
    "prio_says_worse": ("хуже", "worse"),
    "prio_says_unknown": ("различить нельзя", "cannot tell"),
    "prio_says_few": ("мало звонков", "not enough calls"),
    "prio_share_title": ("Сколько звонков достанется одному оператору", "How many calls one operator would get"),
    "prio_share": ("От равной доли", "Of an even share"),
    "prio_people": ("Операторов", "Operators"),
    "prio_refused_title": ("Не записаны в файлы", "Not written to the files"),
    "prio_who": ("Кто", "Who"),
    "prio_why": ("Почему", "Why"),
    "prio_why_shared": ("один телефон у операторов разных уровней: {detail}", "one telephone, different levels: {detail}"),
    "prio_why_no_queue": ("очередь его звонков неизвестна", "the queue of the calls is unknown"),
    "prio_why_no_extension": ("внутренний номер неизвестен, очередь {detail}", "the extension is unknown, queue {detail}"),
    "prio_why_unsafe": ("опасное имя: {detail}", "an unsafe name: {detail}"),
    "prio_why_stranger": ("звонков этого участника нет, очередь {detail}", "no calls of this member are known, queue {detail}"),
    "prio_note_proposal": (
        "Это предложение. callscore не меняет АТС: --files пишет файлы, применяете их вы, undo.txt возвращает как было.",
        "This is a proposal. callscore changes no exchange: --files writes files, you apply them, undo.txt goes back.",
    ),
    "prio_note_one_level": (
        "Звонки не позволяют различить операторов, поэтому уровень у всех один и менять нечего.",
        "The calls tell no operators apart, so all are in one level and nothing is to be changed.",
    ),
    "prio_note_equal": (
        "Сравнение идёт на одинаковых звонках: та же линия, время дня и день недели; для балла - чек-лист, вид звонка и линия.",
        "Compared on equal calls: the same line, time of day and part of the week; for scores the rubric, call type and line.",
    ),
    "prio_note_rule": (
        "Лучше или хуже - только если весь 95 % интервал после сглаживания лежит по одну сторону от среднего ({means}).",
        "Better or worse only if the whole 95 % interval after shrinkage lies on one side of the mean ({means}).",
    ),
    "prio_note_starving": (
        "Внимание: операторам уровня {level} достанется около {share} равной доли звонков. Они потеряют навык и заработок.",
        "Careful: operators of level {level} would get about {share} of an even share of the calls, and lose practice and pay.",
    ),
    "prio_note_crowded": (
        "Внимание: в эти часы первым будет некогда дышать (заняты больше {most} времени): {hours}",
        "Careful: in these hours those tried first would have no pause (busy for more than {most}): {hours}",
    ),
    "prio_note_uncovered": (
        "В эти часы никого из первого уровня обычно нет: {hours}",
        "In these hours nobody of the first level is usually there: {hours}",
    ),
    "prio_note_undo_file": (
        "undo.txt возвращает уровни из файла {name}.",
        "undo.txt goes back to the levels in {name}.",
    ),
    "prio_note_undo_first": (
        "Нынешние уровни неизвестны: undo.txt ставит всем {level}. Точный возврат даст --current с файлом вашей АТС.",
        "The present levels are unknown: undo.txt sets everybody to {level}. For a true way back give the file with --current.",
    ),
    "prio_note_asterisk": (
        "Asterisk сначала звонит тем, у кого penalty меньше, остальным - пока все они заняты или недоступны.",
        "Asterisk rings members of a lower penalty first, the others while all of those are busy or away.",
    ),
    "prio_note_asterisk_away": (
        "Кто не берёт трубку, для Asterisk доступен: включите autopause. Стратегия wrandom понимает penalty иначе.",
        "To Asterisk, who does not answer is not away: use autopause. The strategy wrandom gives penalties another meaning.",
    ),
    "prio_note_freeswitch": (
        "mod_callcenter сначала звонит агентам с меньшим level.",
        "mod_callcenter rings agents of a lower level first.",
    ),
    "prio_note_freeswitch_away": (
        "Сколько клиент ждёт следующего уровня, решают настройки очереди tier-rules-apply и tier-rule-wait-second.",
        "How long a caller waits for the next level is set by the queue: tier-rules-apply and tier-rule-wait-second.",
    ),
    "prio_note_no_sales": (
        "Заказов нет, поэтому сравниваются только баллы.",
        "There are no orders, so only scores are compared.",
    ),
    "prio_note_no_scores": (
        "Оценённых звонков нет, поэтому сравниваются только продажи.",
        "No calls are scored, so only sales are compared.",
    ),
    # efficiency
    "eff_title": ("Коэффициент эффективности", "Efficiency coefficient"),
    "eff_operator": ("Оператор", "Operator"),
    "eff_answered": ("Принято", "Answered"),
    "eff_coefficient": ("Коэффициент", "Coefficient"),
    "eff_quality": ("Балл", "Score"),
    "eff_conversion": ("Конверсия", "Conversion"),
    "eff_workload": ("Звонков в час", "Calls per hour"),
    "eff_missed": ("Принятые вызовы", "Rings taken"),
    "eff_cost": ("Цена звонка", "Cost per call"),
    "eff_why": ("Почему нет", "Why none"),
    "eff_why_few": ("мало звонков: {n} из {least}", "not enough calls: {n} of {least}"),
    "eff_why_lacks": ("неизвестно: {parts}", "unknown: {parts}"),
    "eff_weights_title": ("Части и веса", "Parts and weights"),
    "eff_part": ("Часть", "Part"),
    "eff_weight": ("Вес", "Weight"),
    "eff_average": ("Среднее, принятое за 1", "Average, taken as 1"),
    "eff_note_formula": (
        "Каждая часть - отношение к среднему по операторам (1,00); коэффициент - их произведение в степенях весов.",
        "Each part is a ratio to the operators' average (1.00); the coefficient is their product, to the power of the weights.",
    ),
    "eff_note_means": (
        "Балл и конверсия - на одинаковых звонках и после сглаживания; цена звонка - наоборот: дешевле значит больше 1.",
        "Score and conversion are on equal calls and after shrinkage; cost is turned round: cheaper means more than 1.",
    ),
    "eff_note_interval": (
        "Если интервал накрывает 1, оператора нельзя отличить от среднего. Не ранжируйте по самому числу.",
        "If the interval covers 1, the operator cannot be told from the average. Do not rank by the number itself.",
    ),
    "eff_note_pay": (
        "Не основание для решений об оплате само по себе: дайте оператору увидеть части, послушать звонки и оспорить оценки.",
        "No basis for pay by itself: let operators see the parts, hear the calls and appeal against verdicts.",
    ),
    "eff_note_left_out": (
        "Не входит, потому что неизвестно для большинства операторов: {parts}",
        "Left out, because it is unknown for most operators: {parts}",
    ),
    # teams
    "team_scores": ("Баллы по группам", "Scores by group"),
    "team_sales": ("Продажи по группам", "Sales by group"),
    "team_rubric": ("Чек-лист", "Rubric"),
    "team_people": ("Людей", "People"),
    "team_calls": ("Звонки", "Calls"),
    "team_score": ("Балл", "Score"),
    "team_critical": ("Грубые ошибки", "Critical fails"),
    "team_answered": ("Принято входящих", "Incoming answered"),
    "team_sold": ("С продажей", "Sold"),
    "team_conversion": ("Конверсия", "Conversion"),
    "team_note_scores": (
        "Интервал балла покрывает и случайность, и вердикты «неясно»; сравнивайте группы только под одним чек-листом.",
        "The interval of a score covers chance and undecided verdicts; compare groups under one rubric only.",
    ),
    "team_note_sales": (
        "Интервал конверсии учитывает, что операторы группы разные: он шире, чем у такого же числа независимых звонков.",
        "The interval of conversion allows for unlike operators in a group: it is wider than for so many independent calls.",
    ),
    "team_note_cause": (
        "Группы получают разные звонки; на одинаковых звонках операторов сравнивают report operators и report priorities.",
        "Groups get unlike calls; report operators and report priorities compare operators on equal ones.",
    ),
}
