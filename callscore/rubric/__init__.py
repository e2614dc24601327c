"""Rubrics: YAML files -> frozen records. Knows nothing of calls; scoring applies the records to dialogues."""

from callscore.rubric.load import load_book
from callscore.rubric.schema import CallTypeDef, Criterion, Rubric, RubricBook

__all__ = ["CallTypeDef", "Criterion", "Rubric", "RubricBook", "load_book"]
