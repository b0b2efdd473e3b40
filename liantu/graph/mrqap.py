"""Regression of one relation on others, tested by permutations of the nodes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liantu.graph.kernels import Floats, Ints


class Regression(NamedTuple):
    """What `mrqap` finds; every array has an item a predictor.

    Attributes
    ----------
    coefficient, standardised
        Of least squares over all ordered pairs of different nodes; the second in standard
        deviations.
    correlation
        Of each predictor alone with the outcome.
    t, p
        The statistic of the coefficient, and its two-sided p by permutations.
    r_squared
        The share of the outcome's variance that the predictors account for.
    pairs
        Ordered pairs of different nodes.
    """

    coefficient: Floats
    standardised: Floats
    correlation: Floats
    t: Floats
    p: Floats
    r_squared: float
    pairs: int


def mrqap(
    outcome: npt.ArrayLike, predictors: npt.ArrayLike, permutations: int = 999, seed: int = 0
) -> Regression:
    """Regress a relation on others, with p-values that know that rows share nodes.

    Double semi-partialling: what the other predictors leave of a predictor has its nodes permuted,
    and the outcome is regressed on it and the others; compared are t statistics. The diagonals do
    not count.

    Parameters
    ----------
    outcome
        Shape (n, n), directed or not.
    predictors
        Shape (predictors, n, n); symmetric, not constant, none a combination of the others.
    permutations, seed
        Of the nodes.

    Returns
    -------
    Regression
        p = (1 + permutations with a t at least as far from 0) ÷ (1 + permutations).

    Raises
    ------
    ValueError
        If a predictor is not symmetric, or predictors or the outcome do not vary on their own.

    References
    ----------
    Dekker, D., Krackhardt, D., Snijders, T. A. B. (2007). Sensitivity of MRQAP tests to
    collinearity and autocorrelation conditions. Psychometrika 72, 563–581.

    Examples
    --------
    >>> near = np.ones((6, 6)) - np.abs(np.subtract.outer(np.arange(6), np.arange(6))) / 5
    >>> found = mrqap(near + np.eye(6), [near], 99)
    >>> found.coefficient.round(6).tolist(), round(found.r_squared, 6)
    ([1.0], 1.0)
    """
    y, x = np.array(outcome, dtype=np.float64), np.array(predictors, dtype=np.float64)
    n, number = len(y), len(x)
    if not np.allclose(x, x.transpose(0, 2, 1)):
        raise ValueError("predictors must be symmetric")
    pairs = n * (n - 1)
    # centred off the diagonal and 0 on it: sums of products are those of the pairs alone
    off = ~np.eye(n, dtype=np.bool_)
    for matrix in (y, *x):
        matrix -= matrix.sum(where=off) / max(pairs, 1)
        matrix[~off] = 0
    flat = np.ascontiguousarray(x.reshape(number, -1).T)
    among, toward, total = flat.T @ flat, flat.T @ y.ravel(), float((y * y).sum())
    spread = np.sqrt(np.diag(among))
    alone = np.linalg.cond(among / np.outer(spread, spread)) if (spread > 0).all() else np.inf
    if not total or not alone < 1e12:
        raise ValueError("outcome and predictors must vary, and each on its own")
    coefficient: Floats = np.linalg.solve(among, toward).astype(np.float64)
    rest = max(total - float(coefficient @ toward), 0.0)
    beside = [_beside(k, among, toward, total) for k in range(number)]
    free = pairs - number - 1
    t = np.array([one.t(among[k], toward[k], among[k, k], free) for k, one in enumerate(beside)])
    table, rng = np.ascontiguousarray(x.transpose(1, 2, 0)), np.random.default_rng(seed)
    everything, extreme = np.column_stack([flat, y.ravel()]), np.zeros(number, dtype=np.int64)
    for _ in range(permutations):
        order = rng.permutation(n)
        dealt = table[order][:, order].reshape(-1, number)
        products = dealt.T @ everything  # of permuted predictors with all as they are
        for k, one in enumerate(beside):
            crossed = one.left @ products
            chance = one.t(crossed[:number], crossed[number], one.length, free)
            extreme[k] += abs(chance) >= abs(t[k]) * (1 - 1e-9)
    return Regression(
        coefficient,
        coefficient * spread / np.sqrt(total),
        toward / spread / np.sqrt(total),
        t,
        (1 + extreme) / (1 + permutations),
        1 - rest / total,
        pairs,
    )


class _Beside(NamedTuple):
    """What a predictor is regressed beside: the others, and what they leave of it."""

    others: Ints
    inverse: Floats  # of the products of the others
    toward: Floats  # products of the others with the outcome
    rest: float  # of the outcome, unexplained by the others
    left: Floats  # the combination of predictors that is what they leave
    length: float  # its square

    def t(self, crossed: Floats, own: float, length: float, free: int) -> float:
        """Return t of a regressor, from its products with all predictors and with the outcome."""
        known = self.inverse @ crossed[self.others]
        room = length - float(crossed[self.others] @ known)
        slope = (own - float(known @ self.toward)) / room
        rest = max(self.rest - slope * slope * room, 1e-300)
        return slope / float(np.sqrt(rest / free / room))


def _beside(k: int, among: Floats, toward: Floats, total: float) -> _Beside:
    others = np.delete(np.arange(len(among)), k)
    inverse: Floats = np.linalg.inv(among[np.ix_(others, others)]).astype(np.float64)
    share = inverse @ among[others, k]
    left = np.zeros(len(among))
    left[k], left[others] = 1, -share
    rest = total - float(toward[others] @ inverse @ toward[others])
    length = float(among[k, k] - among[k, others] @ share)
    return _Beside(others, inverse, toward[others], rest, left, length)
