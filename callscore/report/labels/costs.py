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
}
