"""What a status means by its words, in Russian and English: the first guess where nothing else tells. Pure."""

from __future__ import annotations

import re
from typing import Final

from callscore.records import Outcome

__all__ = ["guess_outcome"]

# In this order: "не оплачен", "частично оплачен" and "ожидает оплаты" hold the word of success, "закрыто и не реализовано" too.
_WORDS: Final = (
    (
        re.compile(
            r"закрыт\w* и не|не ?реализ|не ?состоя|не ?выкупл|\bне куп|не ?актуальн|неуспе|не ?успе|отмен|отказ|отклон|аннулир"
            r"|возвра[тщ]|провал|проигр|потер|удален|недозвон|дубл|спам|брак|не целев|нецелев|\blost|\blose"
            r"|cancel|refus|reject|declin|return|refund|fail|abandon|junk|duplicate|spam|void"
        ),
        Outcome.LOST,
    ),
    (
        re.compile(
            r"\bне |\bнеоплач|частичн|ожида|ждет|ждем|предоплат|к оплате|на оплат|выставлен|нов(?:ый|ая)"
            r"|доставля|выполняет|комплект|сборк|согласов|not |unpaid|await|pending|partial|progress|processing|incomplete"
        ),
        Outcome.OPEN,
    ),
    (
        re.compile(
            r"успе|выполнен|оплачен|реализован|продан|продаж[аи] состоял|доставлен|завершен|вручен|выдан|выкуплен"
            r"|отгружен|исполнен|выигр|куплен|купил|^продажа$|won\b|success|paid|complete|deliver|sold|fulfilled|shipped|done\b"
        ),
        Outcome.WON,
    ),
)


def guess_outcome(status: str) -> Outcome:
    """Return what a status most likely means; open for an unknown one, so that no sale is made up.

    >>> [guess_outcome(text).value for text in ("Выполнен", "Отменен", "В работе", "Не оплачен", "Закрыт", "Paid")]
    ['won', 'lost', 'open', 'open', 'open', 'won']
    """
    word = status.strip().casefold().replace("ё", "е").replace("_", " ")
    return next((outcome for pattern, outcome in _WORDS if pattern.search(word)), Outcome.OPEN)
