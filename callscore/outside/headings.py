"""The dictionary of headings: what columns of calls and of orders are called, in Russian and English. Data only.

Small letters, without units, brackets and marks; earlier ones count more where a table has several.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CALL_HEADINGS", "ORDER_HEADINGS"]

_MARKETING: Final = {
    "utm_source": ("источник", "рекламный источник", "источник трафика", "источник обращения"),
    "utm_medium": (),
    "utm_campaign": (),
    "utm_content": (),
    "utm_term": (),
}

CALL_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "call_id": (
        *("id звонка", "ид звонка", "id вызова", "ид вызова", "идентификатор звонка", "идентификатор вызова", "код звонка"),
        *(
            "callid",
            "call uuid",
            "uniqueid",
            "unique id",
            "uuid",
            "communication id",
            "id разговора",
            "идентификатор",
            "id",
            "ид",
        ),
    ),
    "started_at": (
        *("дата и время", "дата и время звонка", "дата время", "дата время звонка", "дата и время вызова", "начало звонка"),
        *("дата и время начала", "дата начала", "начало", "начало вызова", "время начала звонка", "start", "start at"),
        *("start time", "started", "call start", "call start time", "calldate", "call datetime", "datetime", "date time"),
        *("date and time", "timestamp", "когда", "поступил"),
    ),
    "date": ("дата", "дата звонка", "дата вызова", "день", "call date", "start date"),
    "time": ("время", "время звонка", "время вызова", "время начала", "call time"),
    "answered_at": ("время ответа", "дата и время ответа", "ответ", "answered", "answer", "answer time", "answer at"),
    "ended_at": (
        *("окончание", "конец", "время окончания", "дата и время окончания", "завершение", "время завершения", "конец звонка"),
        *("окончание звонка", "end", "end time", "ended", "end at", "call end", "finish", "finish time"),
    ),
    "direction": (
        *("тип", "тип звонка", "направление", "направление звонка", "тип вызова", "направление вызова", "вид звонка"),
        *("вид", "type", "call type", "calltype", "call direction"),
    ),
    "client_phone": (
        *("номер клиента", "телефон клиента", "номер телефона клиента", "клиентский номер", "телефон абонента"),
        *("номер абонента", "внешний абонент", "контактный номер", "client number", "client", "customer phone"),
        *("customer number", "customer", "phone", "phone number", "номер телефона", "телефон", "тел", "абонент", "контакт"),
        *("msisdn", "number", "номер", "клиент"),
    ),
    "from_phone": (
        *("откуда", "кто звонил", "номер звонящего", "звонящий", "звонивший", "вызывающий", "вызывающий номер", "номер а"),
        *("кто", "инициатор", "от кого", "from", "caller", "caller id", "callerid", "caller number", "calling number"),
        *("from number", "src", "source", "source number", "a number", "anumber", "cli", "clid"),
    ),
    "to_phone": (
        *("куда", "кому", "куда звонил", "кому звонил", "вызываемый", "вызываемый номер", "набранный номер", "номер б"),
        *("номер назначения", "получатель", "to", "callee", "called", "called number", "to number", "dst", "destination"),
        *("destination number", "dialed number", "dialled number", "b number", "bnumber"),
    ),
    "line_phone": (
        *("номер линии", "линия", "наш номер", "номер компании", "виртуальный номер", "входящая линия", "внешняя линия"),
        *("городской номер", "многоканальный номер", "рекламный номер", "номер атс", "номер магазина", "транк", "line"),
        *("line number", "did", "did number", "trunk", "virtual number", "virtual phone", "our number", "company number"),
    ),
    "operator_name": (
        *("сотрудник", "менеджер", "оператор", "имя сотрудника", "фио сотрудника", "имя оператора", "фио оператора"),
        *("имя менеджера", "фио менеджера", "ответственный", "ответственный сотрудник", "агент", "специалист", "продавец"),
        *("пользователь", "кто ответил", "ответил", "принял", "принял звонок", "фио", "operator", "agent", "agent name"),
        *("employee", "employee name", "manager", "manager name", "user", "user name", "username", "answered by", "seller"),
    ),
    "operator_id": (
        *("id сотрудника", "id оператора", "id менеджера", "код сотрудника", "код оператора", "табельный номер"),
        *("agent id", "employee id", "manager id", "user id"),
    ),
    "extension": (
        *("внутренний номер", "внутренний", "вн номер", "внутр номер", "вн", "добавочный", "добавочный номер", "доб"),
        *("доб номер", "номер сотрудника", "телефон сотрудника", "номер оператора", "номер менеджера", "ext", "exten"),
        *("internal number", "extension number", "operator number", "employee number"),
    ),
    "queue": ("очередь", "группа", "отдел", "группа сотрудников", "имя очереди", "group", "department", "queue name"),
    "wait_s": (
        *("ожидание", "время ожидания", "длительность ожидания", "продолжительность ожидания", "ожидание ответа"),
        *(
            "время ожидания ответа",
            "время до ответа",
            "ожидал",
            "wait",
            "waiting",
            "wait time",
            "waiting time",
            "wait duration",
        ),
    ),
    "ring_s": (
        *("дозвон", "время дозвона", "длительность дозвона", "длительность вызова оператора", "время звонка оператору"),
        *("ring", "ringing", "ring time", "ring duration"),
    ),
    "talk_s": (
        *("разговор", "время разговора", "длительность разговора", "продолжительность разговора", "длит разговора"),
        *("чистое время разговора", "talk", "talk time", "talk duration", "billsec", "billed duration", "conversation"),
        *("conversation duration", "speaking time"),
    ),
    "total_s": (
        *("общая длительность", "полная длительность", "общее время", "общая продолжительность", "общая длительность звонка"),
        *("total", "total time", "total duration", "full duration"),
    ),
    "duration_s": (
        *("длительность", "длительность звонка", "продолжительность", "продолжительность звонка", "длительность вызова"),
        *("duration", "call duration", "длит", "length", "billing duration"),
    ),
    "disposition": (
        *(
            "результат",
            "статус",
            "результат звонка",
            "статус звонка",
            "результат вызова",
            "статус вызова",
            "итог",
            "итог звонка",
        ),
        *("исход", "состояние", "status", "result", "call status", "call result", "outcome", "state", "отвечен", "принят"),
    ),
    "missed_reason": (
        *("причина", "причина пропуска", "причина завершения", "причина отбоя", "причина потери", "reason", "hangup cause"),
        *("finish reason", "end reason"),
    ),
    "recording": (
        *("файл записи", "запись", "запись разговора", "запись звонка", "ссылка на запись", "ссылка на запись разговора"),
        *("аудиозапись", "аудио", "имя файла", "файл", "ссылка", "url записи", "record", "recording url", "record url"),
        *("recording link", "record link", "recording file", "recordingfile", "recordings", "audio", "audio url", "file"),
        *("filename", "file name", "link", "url", "mp3"),
    ),
    "operator_channel": ("канал оператора", "канал сотрудника", "agent channel"),
    "tags": ("теги", "тег", "метки", "tag"),
    "campaign": ("кампания", "рекламная кампания", "campaign name"),
    "visitor_id": ("id посетителя", "ид посетителя", "client id"),
    "session_id": ("id сессии", "ид сессии"),
    **_MARKETING,
}
"""Field -> headings. `date` and `time` stand for `started_at` where a table has them apart; `from_phone` and `to_phone` are
client and line by the direction; `duration_s` is the talk unless there is a column for that."""

ORDER_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "order_id": (
        *("id заказа", "ид заказа", "id сделки", "ид сделки", "код заказа", "идентификатор заказа", "идентификатор сделки"),
        *("deal id", "lead id", "id", "ид", "идентификатор", "guid", "uuid", "код"),
    ),
    "number": (
        *("номер заказа", "номер сделки", "заказ", "сделка", "номер документа", "номер счета", "order number", "order no"),
        *("order", "deal", "deal number", "номер", "no"),
    ),
    "created_at": (
        *("дата создания", "создан", "создана", "дата и время создания", "время создания", "дата заказа", "дата сделки"),
        *("дата оформления", "оформлен", "дата и время заказа", "created", "created on", "created date", "creation date"),
        *("create date", "order date", "date created", "дата и время", "дата", "date", "datetime"),
    ),
    "closed_at": (
        *("дата закрытия", "закрыт", "закрыта", "дата и время закрытия", "дата завершения", "завершен", "завершена"),
        *("дата выполнения", "выполнен", "дата продажи", "дата оплаты", "оплачен", "дата отгрузки", "closed", "close date"),
        *("closed date", "closing date", "date closed", "completed", "completed at", "paid at", "finished"),
    ),
    "changed_at": (
        *("дата изменения", "изменен", "изменена", "дата обновления", "обновлен", "обновлена", "дата последнего изменения"),
        *("последнее изменение", "дата смены статуса", "changed", "updated", "updated at", "modified", "modified at"),
        *("last modified", "update date", "last update", "status changed at"),
    ),
    "client_phone": (
        *("телефон клиента", "телефон покупателя", "телефон заказчика", "номер клиента", "номер телефона клиента", "телефон"),
        *("номер телефона", "контактный телефон", "мобильный телефон", "мобильный", "тел", "телефоны", "телефон контакта"),
        *("рабочий телефон контакта", "рабочий телефон", "телефон получателя", "phone", "phone number", "customer phone"),
        *("contact phone", "mobile", "mobile phone", "phones", "tel"),
    ),
    "amount": (
        *("сумма", "сумма заказа", "сумма сделки", "сумма документа", "итоговая сумма", "сумма к оплате", "к оплате"),
        *("стоимость", "стоимость заказа", "бюджет", "бюджет сделки", "итого", "выручка", "сумма продажи", "цена"),
        *("total", "sum", "total sum", "total amount", "order amount", "price", "budget", "revenue"),
    ),
    "currency": ("валюта", "валюта заказа"),
    "status": (
        *("статус", "статус заказа", "статус сделки", "этап", "этап сделки", "стадия", "стадия сделки", "состояние"),
        *("состояние заказа", "результат", "order status", "deal status", "stage", "deal stage", "state"),
    ),
    "responsible_name": (
        *("менеджер", "ответственный", "ответственный менеджер", "сотрудник", "продавец", "оператор", "исполнитель"),
        *("фио менеджера", "имя менеджера", "кто создал", "автор", "manager", "responsible", "owner", "assigned to", "seller"),
        *("manager name", "responsible user", "operator", "employee"),
    ),
    "responsible_id": ("id менеджера", "id ответственного", "код менеджера", "id сотрудника", "manager id", "owner id"),
    "client_id": ("id клиента", "код клиента", "ид клиента", "id контакта", "id покупателя", "customer id", "contact id"),
    "call_ids": ("id звонка", "ид звонка", "id звонков", "call id", "callid", "идентификатор звонка"),
    **_MARKETING,
}
"""Field -> headings. `number` is the id where there is no other."""
