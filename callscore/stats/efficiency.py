"""A coefficient of an operator's work from parts that are shown beside it. Pure; no basis for pay by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Coefficient", "Part", "combine_parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part as a ratio to the operators' average, 1 being the average and more being better, with its 95 % interval.

    Ratios are above 0: `low` may be 0 only where the interval has no lower end.
    """

    ratio: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.low <= self.ratio <= self.high or self.ratio <= 0.0 or not math.isfinite(self.high):
            raise ValueError(f"a Part needs 0 <= low <= ratio <= high and a ratio above 0, got {self!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """The combined parts with their 95 % interval; `weights` are those used, which add up to 1."""

    value: float
    low: float
    high: float
    weights: Mapping[str, float]


def combine_parts(parts: Mapping[str, Part], weights: Mapping[str, float]) -> Coefficient | None:
    """Return the weighted geometric mean of the parts, None where no part has a weight.

    A product, so that ten percent more and ten percent less even out, whatever the units of the parts. The interval adds the
    squared half-widths of the parts on the scale of logarithms, each side by itself, as for independent parts (the method of
    variance estimates recovery; Zou and Donner, Statistics in Medicine 27, 2008). Parts of one operator's calls hang together a
    little, so it is a fair guide and no exact bound.

    >>> parts = {"a": Part(ratio=1.2, low=1.0, high=1.44), "b": Part(ratio=1.0, low=1.0, high=1.0)}
    >>> found = combine_parts(parts, {"a": 1, "b": 1})
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (1.095, 1.0, 1.2)

    Raises:
        ValueError: if a part has no weight given, or a weight is negative.
    """
    if any(name not in weights or weights[name] < 0 for name in parts):
        raise ValueError("each part needs a weight of 0 or more")
    whole = sum(weights[name] for name in parts)
    if whole <= 0:
        return None
    used = {name: weights[name] / whole for name in parts if weights[name] > 0}
    middle = sum(weight * math.log(parts[name].ratio) for name, weight in used.items())
    below = [weight * math.log(parts[name].ratio / max(parts[name].low, 1e-9)) for name, weight in used.items()]
    above = [weight * math.log(parts[name].high / parts[name].ratio) for name, weight in used.items()]
    return Coefficient(
        value=math.exp(middle),
        low=math.exp(middle - _root(below)),
        high=math.exp(middle + _root(above)),
        weights=used,
    )


def _root(halves: Sequence[float]) -> float:
    return math.sqrt(sum(half * half for half in halves))
