"""The words in which tables say which way a call went and how it ended, in Russian and English -> our enums. Pure."""

from __future__ import annotations

import functools
import re
from typing import Final

from callscore.records import Direction, Disposition

__all__ = ["parse_direction", "parse_disposition"]

# In this order: "обратный звонок" before what else it may hold, "internal" before "in".
_DIRECTIONS: Final = (
    (re.compile(r"обратн|callback|call back|перезвон"), Direction.CALLBACK),
    (re.compile(r"внутр|internal|local\b|intern\b|между сотрудник"), Direction.INTERNAL),
    (re.compile(r"исх|outbound|outgoing|\bout\b|\bo\b|dialed|набранн"), Direction.OUTBOUND),
    (re.compile(r"вход|\bвх|inbound|incoming|\bin\b|\bi\b|received|принят|пропущ|missed"), Direction.INBOUND),
)
# What denies comes first: "не отвечен", "no answer" and "неуспешный" hold the words of success.
_ENDINGS: Final = (
    (re.compile(r"голосов|voice ?mail|автоответчик|answering machine"), Disposition.VOICEMAIL),
    (re.compile(r"занят|busy"), Disposition.BUSY),
    (re.compile(r"отклон|сброс|сброш|reject|declin|отказано"), Disposition.REJECTED),
    (re.compile(r"заблок|block|черн\w* спис|blacklist|spam|спам"), Disposition.BLOCKED),
    (re.compile(r"тайм.?аут|time.?out|время истекло|истекло время"), Disposition.TIMEOUT),
    (re.compile(r"недоступ|ошибк|сбой|fail|error|congestion|unavailable|неверный номер|не существует"), Disposition.FAILED),
    (
        re.compile(
            r"\bне ?(?:отве|дозв|приня|состоя|успеш|обслуж)|недозвон|без ответа|нет ответа|no[ _-]?answer|not[ _-]?answered"
            r"|un-?answered|unsuccess|\bno\b|\bнет\b|\bfalse\b|\b0\b"
        ),
        Disposition.NO_ANSWER,
    ),
    (re.compile(r"пропущ|потер|брош|missed|abandon|lost|отмен|cancel"), Disposition.ABANDONED),
    (
        re.compile(
            r"отве[чт]|приня|состоя|успеш|разговор|дозвон|обслуж|заверш|answer|success|\bok\b|completed?|connected|accepted"
            r"|talked|\byes\b|\bда\b|\btrue\b|\b1\b|bridged|normal.clearing"
        ),
        Disposition.ANSWERED,
    ),
)


@functools.lru_cache(maxsize=1024)
def parse_direction(text: str) -> Direction | None:
    """Return the direction a cell names; None for an empty or unknown one.

    >>> parse_direction("Входящий"), parse_direction("out"), parse_direction("Внутренний вызов"), parse_direction("?")
    (<Direction.INBOUND: 'inbound'>, <Direction.OUTBOUND: 'outbound'>, <Direction.INTERNAL: 'internal'>, None)
    """
    word = _word(text)
    return next((direction for pattern, direction in _DIRECTIONS if pattern.search(word)), None)


@functools.lru_cache(maxsize=1024)
def parse_disposition(text: str, direction: Direction | None) -> Disposition:
    """Return how a call ended by the word of a cell; UNKNOWN for an empty or unknown one.

    A call from outside that nobody answered was given up by the client; of a call to outside that is the other way round.

    >>> parse_disposition("Пропущен", Direction.INBOUND), parse_disposition("Не отвечен", Direction.OUTBOUND)
    (<Disposition.ABANDONED: 'abandoned'>, <Disposition.NO_ANSWER: 'no_answer'>)
    """
    word = _word(text)
    found = next((ending for pattern, ending in _ENDINGS if pattern.search(word)), Disposition.UNKNOWN)
    if found is Disposition.ABANDONED and direction is Direction.OUTBOUND:
        return Disposition.NO_ANSWER
    return found


def _word(text: str) -> str:
    return text.strip().casefold().replace("ё", "е").replace("_", " ")
