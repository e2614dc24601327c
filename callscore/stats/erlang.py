"""How many operators a stream of calls needs, if clients wait for ever (Erlang C) or lose patience (Erlang A). Pure.

The packages that offer this want a solver of half a gigabyte or know no impatient clients, so the few formulas stand here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["Stream", "erlang_a", "erlang_b", "erlang_c", "operators_needed"]

_MOST_OPERATORS: Final = 100_000
_LEAST_TERM: Final = 1e-15
_HUGE: Final = 1e250


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Calls that come at random: `per_hour` of them, each taking an operator `handle_s` on average, wrap-up included.

    `patience_s` is how long clients wait on average before they give up; None: for ever.
    """

    per_hour: float
    handle_s: float
    patience_s: float | None = None

    def __post_init__(self) -> None:
        if not (self.per_hour >= 0 and self.handle_s > 0 and (self.patience_s is None or self.patience_s > 0)):
            raise ValueError(f"per_hour must be 0 or more, handle_s and patience_s above 0, got {self!r}")

    @property
    def load(self) -> float:
        """The offered load in Erlangs: how many operators the calls would keep busy without a pause."""
        return self.per_hour * self.handle_s / 3600


def erlang_b(operators: int, load: float) -> float:
    """Return the share of calls that find all operators busy where nobody waits, by the usual recursion (stable for any size).

    >>> round(erlang_b(10, 5.0), 5)
    0.01838
    """
    blocked = 1.0
    for n in range(1, operators + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(operators: int, stream: Stream, within_s: float) -> float:
    """Return the share of calls answered within `within_s` if every client waits for ever; 0 where the queue never ends.

    Erlang's delay formula (Koole, Call Center Optimization, 2013, chapter 4). The model knows no client who gives up and so
    asks for too many operators where clients do.

    >>> round(erlang_c(14, Stream(per_hour=200, handle_s=180), 20), 3)
    0.888
    """
    load = stream.load
    if load == 0:
        return 1.0
    if operators <= load:
        return 0.0
    blocked = erlang_b(operators, load)
    waiting = operators * blocked / (operators - load * (1 - blocked))
    return 1.0 - waiting * math.exp(-(operators - load) * within_s / stream.handle_s)


def erlang_a(operators: int, stream: Stream, within_s: float) -> tuple[float, float]:
    """Return the share of all calls answered within `within_s`, and the share that give up, of clients with patience.

    The M/M/n+M queue of Palm, by Garnett, Mandelbaum and Reiman (Manufacturing & Service Operations Management 4, 2002) and
    the integrals of Zeltyn and Mandelbaum (Queueing Systems 51, 2005), which for exponential patience are series of positive
    terms. Calls that give up count as not answered.

    >>> answered, given_up = erlang_a(50, Stream(per_hour=2880, handle_s=60, patience_s=120), 12.5)
    >>> round(given_up, 3)
    0.031

    Raises:
        ValueError: if the stream has no patience.
    """
    if stream.patience_s is None:
        raise ValueError("erlang_a needs patience_s")
    load = stream.load
    if load == 0:
        return 1.0, 0.0
    if operators < 1:
        return 0.0, 1.0
    # Per second: calls come, one operator serves, one client gives up.
    arrival, service, leaving = stream.per_hour / 3600, 1 / stream.handle_s, 1 / stream.patience_s
    at_once = 1.0 / erlang_b(operators - 1, load)
    whole = _waiting_integral(operators, arrival, service, leaving, 0.0)
    if whole > _HUGE:
        return 0.0, max(0.0, 1.0 - operators * service / arrival)
    total = at_once + arrival * whole
    given_up = (1.0 + (arrival - operators * service) * whole) / total
    later = _waiting_integral(operators, arrival, service, leaving, within_s)
    tail = operators * service * later - _waiting_weight(operators, arrival, service, leaving, within_s)
    return _share(1.0 - given_up - tail / total), _share(given_up)


def operators_needed(stream: Stream, within_s: float, target: float) -> int:
    """Return the fewest operators at the phone with whom `target` of the calls are answered within `within_s` seconds.

    Erlang A where the stream has a patience, else Erlang C. Breaks and other work come on top.

    >>> operators_needed(Stream(per_hour=200, handle_s=180), 20, 0.8)
    14
    >>> operators_needed(Stream(per_hour=0, handle_s=180), 20, 0.8)
    0

    Raises:
        ValueError: unless 0 < target < 1.
    """
    if not 0.0 < target < 1.0:
        raise ValueError(f"target must be between 0 and 1, got {target!r}")
    if stream.per_hour == 0:
        return 0
    low, high = 0, max(1, math.ceil(stream.load))
    while _service(high, stream, within_s) < target:
        low, high = high, 2 * high
        if high > _MOST_OPERATORS:
            raise ValueError(f"the load of {stream.load:.0f} Erlangs is beyond any call centre")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _service(middle, stream, within_s) < target else (low, middle)
    return high


def _service(operators: int, stream: Stream, within_s: float) -> float:
    if stream.patience_s is None:
        return erlang_c(operators, stream, within_s)
    return erlang_a(operators, stream, within_s)[0]


def _waiting_weight(operators: int, arrival: float, service: float, leaving: float, at_s: float) -> float:
    """Return how likely a client with endless patience would still wait after `at_s`, against not having waited."""
    exponent = arrival * -math.expm1(-leaving * at_s) / leaving - operators * service * at_s
    return math.exp(min(exponent, 600.0))


def _waiting_integral(operators: int, arrival: float, service: float, leaving: float, from_s: float) -> float:
    """Return the integral of `_waiting_weight` from `from_s` on; as a series of the lower incomplete gamma function."""
    base, x = operators * service / leaving, arrival / leaving * math.exp(-leaving * from_s)
    term, total, step = 1.0 / base, 0.0, 0
    while term > _LEAST_TERM * total:
        total += term
        if total > _HUGE:
            return math.inf
        step += 1
        term *= x / (base + step)
    return _waiting_weight(operators, arrival, service, leaving, from_s) * total / leaving


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
