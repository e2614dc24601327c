"""What the store keeps about the rubrics and weights a run used."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callscore.catalogue import load_catalogue
from callscore.config import Config
from callscore.errors import ModelError
from callscore.registry import find_model
from callscore.rubric import Rubric, RubricBook
from callscore.store.entries import CriterionEntry, ModelEntry, RubricEntry

__all__ = ["model_entries", "rubric_entries"]

DIARIZATION_MODELS: Final = ("pyannote-segmentation-3.0", "campplus-zh-en")


def rubric_entries(book: RubricBook) -> tuple[RubricEntry, ...]:
    """Return every rubric of the book with its text and criteria."""
    return tuple(_rubric_entry(rubric) for rubric in book.rubrics)


def model_entries(config: Config) -> tuple[ModelEntry, ...]:
    """Return the weights that the settings name and that are on this machine; none for the scripted engine."""
    if config.transcribe.engine == "scripted":
        return ()
    known = {model.name: model for model in load_catalogue().models}
    second = (config.second_listen.model,) if config.second_listen.enabled and config.second_listen.model else ()
    hearing = dict.fromkeys((config.transcribe.model, *second))
    wanted = [*((name, "transcribe") for name in hearing), *((name, "diarize") for name in DIARIZATION_MODELS)]
    entries: list[ModelEntry] = []
    for name, kind in wanted:
        try:
            files = find_model(name, config.models.cache_dir)
        except ModelError:
            continue  # a run over stereo calls needs no weights for mono
        licence = known[name].licence if name in known else ""
        entries.append(ModelEntry(name=name, kind=kind, sha256=files.sha256, licence=licence))
    return tuple(entries)


def _rubric_entry(rubric: Rubric) -> RubricEntry:
    return RubricEntry(
        rubric=rubric.id,
        version=rubric.version,
        sha256=rubric.sha256,
        language=rubric.language,
        title=rubric.title.in_language(rubric.language),
        body=Path(rubric.file).read_text(encoding="utf-8"),
        criteria=tuple(
            CriterionEntry(
                criterion=item.id,
                section=item.section,
                title_ru=item.title.ru,
                title_en=item.title.en,
                weight=item.weight,
                critical=item.critical,
            )
            for item in rubric.criteria
        ),
    )
