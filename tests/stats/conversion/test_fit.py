"""The regression and its uncertainty against the same written out in full."""

from __future__ import annotations

import numpy as np
import pytest

from callscore.stats.conversion.design import Design, Floats, build_design
from callscore.stats.conversion.effect import estimate_effect
from callscore.stats.conversion.fit import PASS, fit_design
from callscore.stats.conversion.robust import naive_error, robust_error


def small_design(seed: int = 3, n: int = 900, n_operators: int = 6) -> Design:
    """Return a design of two factors besides the operator, some rows of several calls."""
    rng = np.random.default_rng(seed)
    operator = rng.integers(0, n_operators, n)
    line, hour = rng.integers(0, 3, n), rng.integers(0, 4, n)
    passed = (rng.random(n) < 0.3 + 0.08 * operator).astype(np.int64)
    calls = rng.integers(1, 4, n).astype(np.float64)
    share = 1 / (1 + np.exp(-(-1 + 0.5 * passed + 0.3 * line - 0.2 * hour + 0.2 * operator)))
    won = rng.binomial(calls.astype(np.int64), share).astype(np.float64)
    design = build_design(
        operator, {"line": line, "hour": hour}, np.zeros(n, dtype=np.int64), passed, (calls, won), by_week=False
    )
    assert design is not None
    return design


def matrix_of(design: Design) -> Floats:
    """Return the indicators of intercept, criterion and every level of every factor."""
    columns = [np.ones(len(design.n)), design.passed.astype(np.float64)]
    columns += [
        (code == k).astype(np.float64) for code, size in zip(design.factors, design.sizes, strict=True) for k in range(size)
    ]
    return np.column_stack(columns)


def test_the_fit_is_that_of_statsmodels() -> None:
    """Without the prior the criterion's coefficient and its model-based error are those of statsmodels' binomial GLM."""
    import statsmodels.api as sm

    design = small_design()
    dense = matrix_of(design)
    kept = [0, 1, *(2 + k for k in range(1, 6)), *(9 + k for k in range(2)), *(12 + k for k in range(3))]
    theirs = sm.GLM(np.column_stack([design.won, design.n - design.won]), dense[:, kept], family=sm.families.Binomial()).fit()
    ours = fit_design(design, prior=0.0)
    assert ours.log_odds == pytest.approx(theirs.params[1], abs=1e-6)
    assert np.sqrt(ours.inverse[PASS, PASS]) == pytest.approx(theirs.bse[1], abs=1e-6)
    assert fit_design(design).log_odds == pytest.approx(theirs.params[1], abs=0.02)


def test_the_plain_sandwich_is_that_of_statsmodels() -> None:
    """Without the prior the CR1 error is statsmodels' error clustered by operator, for the same small-sample factor."""
    import statsmodels.api as sm

    design = small_design()
    rows = np.repeat(np.arange(len(design.n)), design.n.astype(np.int64))
    won = np.concatenate([np.r_[np.ones(int(w)), np.zeros(int(n - w))] for n, w in zip(design.n, design.won, strict=True)])
    kept = [0, 1, *(2 + k for k in range(1, 6)), *(9 + k for k in range(2)), *(12 + k for k in range(3))]
    model = sm.GLM(won, matrix_of(design)[rows][:, kept], family=sm.families.Binomial())
    theirs = model.fit(cov_type="cluster", cov_kwds={"groups": design.cluster[rows], "use_correction": False})
    plain = naive_error(design, fit_design(design, prior=0.0))
    groups = design.n_clusters
    assert plain == pytest.approx(theirs.bse[1] * np.sqrt(groups / (groups - 1)), rel=1e-5)


def test_the_robust_error_is_that_of_the_written_out_formulas() -> None:
    """CR2 and the degrees of freedom equal Bell and McCaffrey's formulas on full matrices."""
    design = small_design(n=150)
    fit = fit_design(design)
    weights = design.n * fit.probability * (1 - fit.probability)
    scaled = matrix_of(design) * np.sqrt(weights)[:, None]
    residual = (design.won - design.n * fit.probability) / np.sqrt(weights)
    hat = scaled @ fit.inverse @ scaled.T
    parts, total = [], 0.0
    for group in range(design.n_clusters):
        mine = design.cluster == group
        values, vectors = np.linalg.eigh(np.eye(mine.sum()) - hat[np.ix_(mine, mine)])
        adjust = vectors @ np.diag(1 / np.sqrt(np.clip(values, 1e-9, None))) @ vectors.T
        column = adjust @ scaled[mine] @ fit.inverse[:, PASS]
        total += float(column @ residual[mine]) ** 2
        whole = np.zeros(len(design.n))
        whole[mine] = column
        parts.append(whole)
    stacked = np.array(parts)
    between = stacked @ (np.eye(len(design.n)) - hat) @ stacked.T
    ours = robust_error(design, fit)
    assert ours.error == pytest.approx(np.sqrt(total), rel=1e-4)
    assert ours.degrees == pytest.approx(np.trace(between) ** 2 / (between**2).sum(), rel=1e-3)


def test_nothing_runs_to_infinity() -> None:
    """An operator who never sells, a line that always does and a criterion whose fails never sell stay finite."""
    design = small_design()
    won = np.where(design.factors[0] == 0, 0.0, np.where(design.factors[1] == 1, design.n, design.won))
    won = np.where(design.passed == 0, 0.0, won)
    odd = Design(
        n=design.n,
        won=won,
        passed=design.passed,
        factors=design.factors,
        sizes=design.sizes,
        cluster=design.cluster,
        n_clusters=design.n_clusters,
    )
    effect = estimate_effect(odd)
    assert effect is not None
    assert np.isfinite([effect.log_odds, effect.log_low, effect.log_high, effect.difference, effect.detectable]).all()
    assert 0.1 < effect.difference < 1


def test_both_intervals_agree_on_whether_there_is_a_difference() -> None:
    """The interval of the difference holds 0 exactly where that of the odds ratio holds 1."""
    for seed in range(12):
        effect = estimate_effect(small_design(seed, n=400))
        assert effect is not None
        assert (effect.log_low > 0) == (effect.difference_low > 0)
        assert (effect.log_high < 0) == (effect.difference_high < 0)
        assert effect.difference_low <= effect.difference <= effect.difference_high
