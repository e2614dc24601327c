"""Numbers of operators on equal calls: what each does beside colleagues who took calls of the same kind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

__all__ = ["Comparable", "KindOfCalls", "compare_on_equal_calls"]

_BORROWED: Final = 10
"""So many calls of average variance are added to each kind, for the few calls of a kind may happen to be alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindOfCalls:
    """What one operator's calls of one kind (line and time of day, say) add up to: their number, values and squares."""

    operator: str
    kind: str
    n: int
    total: float
    squares: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """An operator's mean as it would be with everybody's mix of calls; `n` are the calls that could be compared.

    `value` has the unit of the values given; `variance` is its sampling variance.
    """

    operator: str
    n: int
    value: float
    variance: float


def compare_on_equal_calls(kinds: Sequence[KindOfCalls]) -> tuple[Comparable, ...]:
    """Return the operators that can be compared, by name; nobody where there are no two who took the same kind of calls.

    Calls of a kind that a single operator takes compare nobody and are left out. The rest is a model with an effect of each
    operator and each kind, fitted by least squares over calls (the analysis of covariance for unequal numbers; Searle, Linear
    Models for Unbalanced Data, 1987, chapter 4): good lines that good operators get do not make them better. Operators who
    share no kind of calls, nor with somebody between them, cannot be compared; only the largest group that can is returned.
    The variance grows where operators differ more on some kinds than on others than chance explains (quasi-likelihood;
    McCullagh and Nelder, Generalized Linear Models, 1989, 4.5).

    >>> table = (("A", "good", 40, 20), ("A", "bad", 10, 1), ("B", "good", 10, 5), ("B", "bad", 40, 4))
    >>> found = compare_on_equal_calls([KindOfCalls(operator=o, kind=k, n=n, total=t, squares=t) for o, k, n, t in table])
    >>> [round(one.value, 3) for one in found]
    [0.3, 0.3]
    """
    import numpy as np

    kept = _largest_group([item for item in kinds if item.n > 0])
    operators = sorted({item.operator for item in kept})
    names = sorted({item.kind for item in kept})
    if len(operators) < 2:
        return ()
    shape = (len(operators), len(names))
    n, total, squares = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    places = {name: number for number, name in enumerate(operators)}, {name: number for number, name in enumerate(names)}
    for item in kept:
        at = places[0][item.operator], places[1][item.kind]
        n[at] += item.n
        total[at] += item.total
        squares[at] += item.squares
    effects, variances = _fit(n, total, squares)
    own = n.sum(axis=1)
    mean = total.sum() / n.sum()
    centred = effects - (own @ effects) / own.sum()
    return tuple(
        Comparable(operator=name, n=int(own[place]), value=float(mean + centred[place]), variance=float(variances[place]))
        for place, name in enumerate(operators)
    )


def _fit(n: Numbers, total: Numbers, squares: Numbers) -> tuple[Numbers, Numbers]:
    """Return the effect of each operator, against their average by calls, and the variance of that difference."""
    import numpy as np

    per_kind, sums = n.sum(axis=0), total.sum(axis=0)
    shares = n / per_kind
    variance = np.maximum(0.0, squares.sum(axis=0) / per_kind - (sums / per_kind) ** 2)
    usual = float(per_kind @ variance / per_kind.sum())
    variance = (per_kind * variance + _BORROWED * usual) / (per_kind + _BORROWED)
    # The kinds are eliminated, which leaves one equation per operator.
    laplacian = np.diag(n.sum(axis=1)) - shares @ n.T
    inverse = np.linalg.pinv(laplacian, hermitian=True)
    effects = inverse @ (total.sum(axis=1) - shares @ sums)
    spread = np.diag(n @ variance) - (shares * variance) @ n.T
    centring = np.eye(len(n)) - np.outer(np.ones(len(n)), n.sum(axis=1) / n.sum())
    errors = centring @ inverse @ spread @ inverse @ centring.T
    return effects, np.maximum(0.0, np.diag(errors)) * _excess(n, total, effects, usual)


def _excess(n: Numbers, total: Numbers, effects: Numbers, usual: float) -> float:
    """Return how many times larger the differences that the model leaves are than chance makes them, 1 or more."""
    import numpy as np

    filled = n > 0
    degrees = int(filled.sum()) - n.shape[1] - (n.shape[0] - 1)
    if degrees < 1 or usual <= 0:
        return 1.0
    of_kinds = (total.sum(axis=0) - effects @ n) / n.sum(axis=0)
    expected = n * (of_kinds + effects[:, None])
    left = float((((total - expected) ** 2)[filled] / n[filled]).sum())
    return float(np.maximum(1.0, left / (usual * degrees)))


def _largest_group(kinds: Sequence[KindOfCalls]) -> list[KindOfCalls]:
    """Return the rows of kinds that several operators take, of the largest group of operators who are linked by such kinds."""
    takers: dict[str, set[str]] = {}
    for item in kinds:
        takers.setdefault(item.kind, set()).add(item.operator)
    shared = [item for item in kinds if len(takers[item.kind]) > 1]
    parent = {item.operator: item.operator for item in shared}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for item in shared:
        first = min(takers[item.kind])
        parent[root(item.operator)] = root(first)
    sizes: dict[str, int] = {}
    for item in shared:
        sizes[root(item.operator)] = sizes.get(root(item.operator), 0) + item.n
    largest = max(sizes, key=lambda name: (sizes[name], name), default="")
    return [item for item in shared if root(item.operator) == largest]
