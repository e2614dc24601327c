"""Words as the table search_words keeps them, so that what is searched for and what is stored are cut alike. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from callscore.records import Dialogue

__all__ = ["cut_words", "search_rows"]

# Letters and digits of any script: what RE2 calls [\p{L}\p{N}]+, by which migration 0013 cut what was stored before.
_WORD: Final = re.compile(r"[^\W_]+")


def cut_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters, ё as е, without punctuation and marks of stress.

    >>> cut_words("Доста́вка «Ёлка», в 10:30; интернет-магазин")
    ('доставка', 'елка', 'в', '10', '30', 'интернет', 'магазин')
    """
    folded = unicodedata.normalize("NFC", text.lower()).replace("ё", "е").replace("\u0301", "")
    return tuple(_WORD.findall(folded))


def search_rows(call_id: str, dialogue: Dialogue) -> Iterator[dict[str, object]]:
    """Yield the rows of search_words for a call."""
    for turn in dialogue.spoken():
        for place, word in enumerate(cut_words(turn.text)):
            yield {"word": word, "call_id": call_id, "turn_no": turn.turn_no, "place": place, "role": turn.role}
