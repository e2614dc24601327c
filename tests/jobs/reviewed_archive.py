"""An archive whose operators greet as the rubric knows, in a planted way, or not at all, with verdicts of people on it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from callscore.config import Config
from callscore.jobs.rescore import RescoreRequest, rescoring
from callscore.records import CallResult
from tests.builders import dialogue
from tests.jobs.small_archive import make_archive, stored
from tests.jobs.test_rescore import Silent
from tests.rubric.book_files import RUBRIC
from tests.store.reviewed import Review, add_reviews

PLANTED = "рада приветствовать вас"
_TALK = """
    сейчас посмотрю складе пока пусто привезут вторник утром говорите размер цвет диван шкаф стол лампа минуту хорошо конечно
    понятно давайте запишу адрес улица квартира подъезд оплата картой курьер доставка завтра
"""


def talk(rng: random.Random, *, said: str = "") -> str:
    """Return what an operator says first: everyday words in any order, with `said` somewhere in them."""
    words = rng.sample(_TALK.split(), 8)
    at = rng.randrange(len(words))
    return " ".join([*words[:at], *([said] if said else []), *words[at:]])


def calls(kinds: str, planted: str, seed: int = 7) -> Iterator[CallResult]:
    """Yield a call per letter of `kinds`: p greets in the planted way, n not at all, k as the rubric knows."""
    rng = random.Random(seed)
    for number, kind in enumerate(kinds):
        first = talk(rng, said={"p": planted, "k": "добрый день", "n": ""}[kind])
        yield stored(number, dialogue(f"O 0-6000 {first}", "C 6500-8000 хочу купить диван", f"O 8200-12000 {talk(rng)}"))


def make_reviewed(
    folder: Path, kinds: str, verdicts: str, *, planted: str = PLANTED, rubric: str = RUBRIC, sample: str | None = "flagged"
) -> Config:
    """Store the calls of `kinds`, score them, and let people say of each: p pass, f fail, "." nothing."""
    config = make_archive(folder, *calls(kinds, planted), rubric=rubric)
    with rescoring(config, RescoreRequest(workers=1), Silent()):
        pass
    said = {"p": "pass", "f": "fail"}
    add_reviews(
        config.store.db,
        [
            Review(call=f"c{n:06d}", criterion="greeting", verdict=said[verdict], sample=sample, rubric="small", version=3)
            for n, verdict in enumerate(verdicts)
            if verdict != "."
        ],
    )
    return config
