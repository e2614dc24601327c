"""Scoring: a dialogue and a rubric book -> call type and verdicts. Pure; knows rubric records and the phrase matcher."""

from callscore.scoring.call_type import guess_call_type
from callscore.scoring.evaluate import score_call

__all__ = ["guess_call_type", "score_call"]
