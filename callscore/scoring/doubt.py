"""What "not found" is worth: how well the place was heard, and whether something there resembles what was looked for. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from callscore.phrases import PhraseSet
from callscore.records import Role
from callscore.scoring.view import CallView, Hit, Run
from callscore.scoring.windows import Searched

__all__ = ["find_garbled", "find_trace", "heard_share", "is_badly_heard"]

_OPENING_WORDS = 10
"""Greeting, company and name are said in so many words; what follows them is the matter of the call."""
_LEAST_NAME_CHARS = 3
_WORD_MS = 400
"""A Russian word with its pause in telephone talk: 150 words a minute."""


def is_badly_heard(view: CallView, roles: Sequence[Role], searched: Searched) -> bool:
    """Tell whether so much of the searched speech was lost or misrecognised that "not found" means little."""
    limits = view.thresholds
    lost = view.lost_ms(roles, searched.span)
    spoken = sum(run.span.length_ms for run in searched.runs)
    if lost >= limits.lost_ms and lost >= limits.lost_frac * (lost + spoken):
        return True
    words = [word for run in searched.runs for word in run.words]
    weak = sum(word.prob < limits.weak_prob for word in words)
    return bool(words) and weak / len(words) >= limits.weak_frac


def heard_share(view: CallView, roles: Sequence[Role], searched: Searched) -> float:
    """Return the share 0..1 of the words in the searched part that were recognised well; lost speech counts as words."""
    n_words = sum(len(run.words) for run in searched.runs)
    n_weak = sum(len(view.weak_words(run)) for run in searched.runs)
    n_lost = view.lost_ms(roles, searched.span) / _WORD_MS
    return (n_words - n_weak) / (n_words + n_lost) if n_words + n_lost else 1.0


def find_trace(view: CallView, phrases: PhraseSet, searched: Searched, least: float | None = None) -> Hit | None:
    """Return what may be left of a phrase that was said but recognised too badly to match; the strongest of several.

    Part of a phrase proves nothing by itself: "семьсот рублей" is not yet a price of delivery. It is a trace where the words
    that would make it whole were recognised badly, and, in a call that was not heard well, where the phrase belongs into this
    very place (the first turns, after a hold). Much of a phrase in its place is a trace in any call. `least` is the strength of
    a trace if another one than the thresholds' is wanted.
    """
    limits = view.thresholds
    weak = least or (limits.trace if searched.is_bound else limits.trace_beside)
    clear = limits.trace_clear if searched.is_bound else None
    if searched.is_bound and view.noise >= limits.noisy:
        clear = weak
    found: list[Hit] = []
    for run in searched.runs:
        lowest = weak if view.weak_words(run) else clear
        for hit in view.traces(run, phrases, lowest) if lowest else ():
            inside = searched.span.start_ms <= hit.match.span.start_ms < searched.span.end_ms
            is_clear = clear is not None and hit.match.strength >= clear
            if inside and hit.match.is_telling and (is_clear or _is_beside_weak(view, hit)):
                found.append(hit)
    return max(found, key=lambda hit: hit.match.strength, default=None)


def find_garbled(view: CallView, run: Run, explained: Sequence[PhraseSet]) -> int | None:
    """Return the first badly recognised word of an opening that none of `explained` accounts for: it may be a name.

    An unknown word with a capital rather is the shop's name.
    """
    known = {at for phrases in explained for hit in view.hits(run, phrases) for at in hit.places}
    sure = view.thresholds.weak_prob
    weak = (
        at
        for at in sorted(view.weak_words(run) - known)
        if at < _OPENING_WORDS and (run.words[at].prob < sure or not run.words[at].text[:1].isupper())
    )
    return next((at for at in weak if len(run.words[at].text.strip(".,!?")) >= _LEAST_NAME_CHARS), None)


def _is_beside_weak(view: CallView, hit: Hit) -> bool:
    """Tell whether a badly recognised word stands in a match or right beside it."""
    near = range(hit.match.first_word - 1, hit.match.last_word + 2)
    return not view.weak_words(hit.run).isdisjoint(near)
