"""The sentences verdicts are explained with, in Russian and English. Data and formatting only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callscore.records import Role

__all__ = ["clock", "reason", "role_name"]

_ROLES: Final[Mapping[str, Mapping[Role, str]]] = {
    "ru": {Role.OPERATOR: "оператор", Role.CLIENT: "клиент", Role.SYSTEM: "автоответчик"},
    "en": {Role.OPERATOR: "operator", Role.CLIENT: "client", Role.SYSTEM: "recorded prompt"},
}

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "said": "{role} в {at}: «{quote}».",
        "said_doubtful": "Похоже, что {role} в {at} сказал нужное, но распознано неуверенно: «{quote}».",
        "role_doubtful": "Фраза «{quote}» в {at} прозвучала, но неясно, кто её сказал.",
        "not_said": "Нужных слов не найдено ({span}, хорошо распознано {heard} слов).",
        "traced": "Нужных слов не найдено, но в {at} прозвучало похожее: «{quote}».",
        "name_garbled": "Имя или название не разобрать, это место распознано плохо ({at}): «{quote}».",
        "badly_heard": "Нужных слов не найдено, но эта часть распознана плохо ({span}, хорошо распознано {heard} слов).",
        "forbidden": "{role} в {at}: «{quote}».",
        "forbidden_doubtful": "Возможно, недопустимая фраза в {at}, распознано неуверенно: «{quote}».",
        "clean": "Недопустимых фраз не найдено ({span}, хорошо распознано {heard} слов).",
        "unheard": "Недопустимых фраз не найдено, но разговор распознан плохо ({span}, хорошо распознано {heard} слов).",
        "not_arisen": "Повода не было: таких слов в разговоре нет.",
        "trigger_unclear": "Неясно, был ли повод: «{quote}» в {at} распознано неуверенно.",
        "answered": "«{when}» ({when_at}) - ответ в {at}: «{quote}».",
        "unanswered": "После слов «{when}» в {at} нужного ответа нет (хорошо распознано {heard} слов).",
        "answer_doubtful": "После слов «{when}» в {at} ответ, похоже, был, но распознан неуверенно.",
        "no_event_hold": "Удержания не было.",
        "no_event_transfer": "Перевода не было.",
        "no_event_ring": "Гудков не было.",
        "around_ok": "Вокруг события в {at} сказано всё нужное: «{quote}».",
        "before_missing": "Перед событием в {at} нужных слов нет (хорошо распознано {heard} слов).",
        "after_missing": "После события в {at} нужных слов нет (хорошо распознано {heard} слов).",
        "around_doubtful": "Вокруг события в {at} нужное, похоже, сказано, но распознано неуверенно.",
        "ended_in_event": "Разговор оборвался на событии в {at}, продолжения в записи нет.",
        "steps_missing": "Слова сказаны не все или не в том порядке ({span}, хорошо распознано {heard} слов).",
        "metric_ok": "{name}: {value}, это в пределах нормы.",
        "metric_bad": "{name}: {value}, норма нарушена (начало в {at}).",
        "metric_close": "{name}: {value}, слишком близко к пределу, чтобы судить.",
        "metric_none": "{name}: измерить нечего.",
        "event_count": "Событий: {count}.",
        "manual": "Решает человек: {question}",
        "judge_yes": "«{question}» Языковая модель: да, {role} в {at}: «{quote}».",
        "judge_no": "«{question}» Языковая модель: нет, в этой части разговора такого не нашлось ({span}).",
        "judge_no_quote": "«{question}» Языковая модель: нет, {role} в {at}: «{quote}».",
        "judge_na": "«{question}» Языковая модель: вопрос к этому разговору не относится.",
        "judge_unclear": "Языковая модель не смогла ответить по расшифровке, решает человек: {question}",
        "judge_weak": "Языковая модель опирается на неуверенно распознанное («{quote}», {at}), решает человек: {question}",
        "judge_unheard": "Языковая модель ничего не нашла, но эта часть распознана плохо ({span}), решает человек: {question}",
        "judge_nothing": "В этой части разговора нет слов, о которых вопрос ({span}), решает человек: {question}",
        "judge_void": "Ответ языковой модели не подтверждён словами разговора, решает человек: {question}",
        "judge_down": "Языковая модель не ответила, решает человек: {question}",
        "judge_long": "Отрывок слишком длинный для языковой модели, решает человек: {question}",
        "judge_off": "Языковая модель не подключена, решает человек: {question}",
        "judge_critical": "Критичный критерий не решается одной языковой моделью, нужен человек. {why}",
        "name_operator": "Оператор представился в {at}: «{quote}».",
        "name_client": "Оператор обратился к клиенту по имени в {at}: «{quote}».",
        "name_company": "Название компании прозвучало в {at}: «{quote}».",
        "name_doubtful": "Похоже, что имя или название прозвучало в {at}, но распознано неуверенно: «{quote}».",
        "name_missing": "Имя или название не прозвучало ({span}, хорошо распознано {heard} слов).",
        "no_speech": "Разговора в записи нет.",
        "not_applicable": "К этому звонку не относится.",
        "condition_doubtful": "Неясно, относится ли критерий к этому звонку: {why}",
        "end_doubtful": "возможно, разговор оборвался.",
        "type_doubtful": "тип звонка определён неуверенно.",
        "type_given": "Тип указан в метаданных.",
        "heard_again": "Расслышано при повторном прослушивании.",
        "type_heard": "По словам: {quotes}.",
        "type_unheard": "Характерных слов нет, выбран самый частый тип для такого звонка.",
    },
    "en": {
        "said": '{role} at {at}: "{quote}".',
        "said_doubtful": 'The {role} probably said it at {at}, but it was recognised poorly: "{quote}".',
        "role_doubtful": '"{quote}" was said at {at}, but it is not clear by whom.',
        "not_said": "The required words were not found ({span}, {heard} of the words heard well).",
        "traced": 'The required words were not found, but something like them was said at {at}: "{quote}".',
        "name_garbled": 'A name cannot be made out where the words were recognised poorly ({at}): "{quote}".',
        "badly_heard": "The required words were not found, but this part was heard poorly ({span}, {heard} of the words well).",
        "forbidden": '{role} at {at}: "{quote}".',
        "forbidden_doubtful": 'Possibly an unacceptable phrase at {at}, recognised poorly: "{quote}".',
        "clean": "No unacceptable phrase was found ({span}, {heard} of the words heard well).",
        "unheard": "No unacceptable phrase was found, but the call was heard poorly ({span}, {heard} of the words heard well).",
        "not_arisen": "It did not arise: nothing of the kind was said.",
        "trigger_unclear": 'It is not clear whether it arose: "{quote}" at {at} was recognised poorly.',
        "answered": '"{when}" ({when_at}) was answered at {at}: "{quote}".',
        "unanswered": 'There is no proper answer to "{when}" at {at} ({heard} of the words heard well).',
        "answer_doubtful": '"{when}" at {at} was probably answered, but the answer was recognised poorly.',
        "no_event_hold": "There was no hold.",
        "no_event_transfer": "There was no transfer.",
        "no_event_ring": "There was no ringing.",
        "around_ok": 'Everything was said around the event at {at}: "{quote}".',
        "before_missing": "Nothing suitable was said before the event at {at} ({heard} of the words heard well).",
        "after_missing": "Nothing suitable was said after the event at {at} ({heard} of the words heard well).",
        "around_doubtful": "It was probably said around the event at {at}, but recognised poorly.",
        "ended_in_event": "The call broke off at the event at {at}; the recording does not go on.",
        "steps_missing": "Not all of it was said, or not in that order ({span}, {heard} of the words heard well).",
        "metric_ok": "{name}: {value}, within the limits.",
        "metric_bad": "{name}: {value}, outside the limits (begins at {at}).",
        "metric_close": "{name}: {value}, too close to the limit to tell.",
        "metric_none": "{name}: there is nothing to measure.",
        "event_count": "Events: {count}.",
        "manual": "A person decides: {question}",
        "judge_yes": '"{question}" The language model: yes, {role} at {at}: "{quote}".',
        "judge_no": '"{question}" The language model: no, nothing of the kind in this part of the call ({span}).',
        "judge_no_quote": '"{question}" The language model: no, {role} at {at}: "{quote}".',
        "judge_na": '"{question}" The language model: the question does not apply to this call.',
        "judge_unclear": "The language model could not tell from the transcript, a person decides: {question}",
        "judge_weak": 'The language model relies on words recognised poorly ("{quote}", {at}), a person decides: {question}',
        "judge_unheard": "The language model found nothing, but this was heard poorly ({span}), a person decides: {question}",
        "judge_nothing": "This part of the call holds no words to ask about ({span}), a person decides: {question}",
        "judge_void": "The words of the call do not bear out the language model's answer, a person decides: {question}",
        "judge_down": "The language model did not answer, a person decides: {question}",
        "judge_long": "The passage is too long for the language model, a person decides: {question}",
        "judge_off": "No language model is configured, a person decides: {question}",
        "judge_critical": "A language model alone does not decide a critical criterion, a person must. {why}",
        "name_operator": 'The operator gave a name at {at}: "{quote}".',
        "name_client": "The operator used the client's name at {at}: \"{quote}\".",
        "name_company": 'The company was named at {at}: "{quote}".',
        "name_doubtful": 'A name was probably given at {at}, but recognised poorly: "{quote}".',
        "name_missing": "No name was given ({span}, {heard} of the words heard well).",
        "no_speech": "There is no conversation in the recording.",
        "not_applicable": "Does not apply to this call.",
        "condition_doubtful": "It is not clear whether this applies to the call: {why}",
        "end_doubtful": "the call may have broken off.",
        "type_doubtful": "the call type is not certain.",
        "type_given": "The type is given in the metadata.",
        "heard_again": "Made out on a second listen.",
        "type_heard": "By what was said: {quotes}.",
        "type_unheard": "Nothing telling was said; this is the most frequent type of such calls.",
    },
}  # fmt: skip


def clock(ms: int) -> str:
    """Return a time of the call as people read it.

    >>> clock(83_500)
    '01:23'
    """
    return f"{ms // 60_000:02d}:{ms // 1000 % 60:02d}"


def role_name(role: Role, language: str) -> str:
    """Return the role in the reader's language."""
    return _ROLES.get(language, _ROLES["en"])[role]


def reason(language: str, key: str, **values: object) -> str:
    """Return the sentence `key` with its values filled in, its first letter a capital.

    >>> reason("en", "no_event_hold")
    'There was no hold.'
    """
    text = _TEXTS.get(language, _TEXTS["en"])[key].format(**values)
    return text[:1].upper() + text[1:]
