"""p-values corrected for how many questions were asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["q_values"]


def q_values(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Return q-values by Benjamini and Hochberg (Journal of the Royal Statistical Society B 57, 1995), in the order given.

    Of the findings with a q-value under 0.05 one in twenty is expected to be false. None stays None and is not counted.

    >>> [None if q is None else round(q, 3) for q in q_values([0.01, None, 0.04, 0.5])]
    [0.03, None, 0.06, 0.5]
    """
    asked = [p for p in p_values if p is not None]
    if not asked:
        return tuple(None for _ in p_values)
    from statsmodels.stats.multitest import multipletests

    corrected = iter(multipletests(asked, method="fdr_bh")[1].tolist())
    return tuple(None if p is None else float(next(corrected)) for p in p_values)
