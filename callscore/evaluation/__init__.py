"""callscore against people: stored verdicts, roles and words compared with labelled calls. Pure but for reading the labels."""

from callscore.evaluation.compare import HeardCall, Pair
from callscore.evaluation.evaluate import Evaluation, evaluate
from callscore.evaluation.truth import Truth, TruthCall, match_calls
from callscore.evaluation.truth_file import read_truth

__all__ = ["Evaluation", "HeardCall", "Pair", "Truth", "TruthCall", "evaluate", "match_calls", "read_truth"]
