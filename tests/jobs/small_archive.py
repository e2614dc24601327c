"""A store of short calls with small rubrics beside it, for tests of rescoring."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from callscore.config import Config, load_config
from callscore.dialogue import measure
from callscore.records import CallInfo, CallResult, Dialogue
from callscore.store import open_store
from tests.builders import dialogue
from tests.rubric.book_files import RUBRIC, write_book
from tests.store.build import START, record, result

POLITE = dialogue("O 0-1200 здравствуйте магазин слушаю", "C 1500-2900 хочу купить диван", "O 3000-4000 до свидания")
CURT = dialogue("O 0-1200 да говорите", "C 1500-2900 у меня жалоба на вас", "O 3000-4000 ладно")
LATE = dialogue("O 0-900 алло", "C 1000-1900 алло", "O 2000-2900 слушаю", "C 3000-3900 хочу купить", "O 4000-5000 добрый день")

# Greeting anywhere instead of in the first two turns; and a farewell as well.
ANYWHERE = RUBRIC.replace(", within: {first_turns: 2}", "").replace("version: 3", "version: 4")
WITH_FAREWELL = (
    RUBRIC.replace("version: 3", "version: 4")
    + """\
  - id: farewell
    title: {ru: Прощание, en: Farewell}
    check:
      phrase: {by: operator, any: [$bye]}
"""
)


def stored(number: int, said: Dialogue, **facts: str) -> CallResult:
    """Return a call as a run leaves it when no rubric was there: heard, without verdicts."""
    made = result(number)
    known = record(number)
    info: CallInfo = replace(known.info, **facts)  # type: ignore[arg-type]
    audio = replace(made.audio, duration_ms=said.duration_ms)
    return replace(
        made,
        record=replace(known, info=info),
        audio=audio,
        dialogue=said,
        metrics=measure(said),
        scores=(),
        fingerprint=f"heard{number}.facts{number}.none",
    )


def make_archive(folder: Path, *calls: CallResult, rubric: str = RUBRIC) -> Config:
    """Store calls and rubrics in `folder` and return the settings that name both."""
    write_book(folder / "rubrics", rubric)
    config = settings(folder)
    with open_store(config.store.db) as writer:
        writer.start_run("r0", START - timedelta(days=1), "0.1.0")
        for call in calls:
            writer.save_call(call, "r0")
    return config


def settings(folder: Path, rubrics: str = "rubrics") -> Config:
    """Return the settings for the archive in `folder` with one of its folders of rubrics."""
    return load_config(None, flags={"store.db": folder / "x.duckdb", "rubrics.dir": folder / rubrics}).config
