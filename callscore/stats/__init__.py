"""Numbers over many calls: intervals, operator scores, flags. Pure, but for what reads or fills a store given to it."""

from callscore.stats.flags import FlagOptions, flag_call
from callscore.stats.interval import Interval, mean_interval, share_interval, student_quantile
from callscore.stats.operators import refresh_operator_scores, score_operators

__all__ = [
    "FlagOptions",
    "Interval",
    "flag_call",
    "mean_interval",
    "refresh_operator_scores",
    "score_operators",
    "share_interval",
    "student_quantile",
]
