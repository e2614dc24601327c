"""Numbers over many calls: intervals, operator scores, flags. Pure."""

from callscore.stats.flags import FlagOptions, flag_call
from callscore.stats.interval import Interval, mean_interval, share_interval, student_quantile
from callscore.stats.operators import score_operators

__all__ = [
    "FlagOptions",
    "Interval",
    "flag_call",
    "mean_interval",
    "score_operators",
    "share_interval",
    "student_quantile",
]
