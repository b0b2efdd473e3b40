"""MRQAP against least squares on every permuted residual."""

from itertools import permutations

import numpy as np
import pytest

from liantu.graph.mrqap import mrqap


def relations(seed, n=7, number=3):
    rng = np.random.default_rng(seed)
    half = rng.random((number, n, n))
    x = half + half.transpose(0, 2, 1)
    return rng.random((n, n)) + x[0], x


def column(matrix):
    return matrix[~np.eye(len(matrix), dtype=bool)]


def least_squares(y, regressors):
    table = np.column_stack([np.ones(len(y)), *regressors])
    found, *_ = np.linalg.lstsq(table, y, rcond=None)
    rest = y - table @ found
    spread = rest @ rest / (len(y) - table.shape[1])
    error = np.sqrt(spread * np.diag(np.linalg.inv(table.T @ table)))
    return found[1:], found[1:] / error[1:], 1 - rest @ rest / ((y - y.mean()) @ (y - y.mean()))


@pytest.mark.parametrize("seed", range(3))
def test_estimates_are_those_of_least_squares(seed):
    y, x = relations(seed)
    coefficient, t, fit = least_squares(column(y), [column(one) for one in x])
    found = mrqap(y, x, 1)
    assert found.coefficient.tolist() == pytest.approx(coefficient.tolist())
    assert found.t.tolist() == pytest.approx(t.tolist())
    assert found.r_squared == pytest.approx(fit)
    assert found.pairs == 42
    for k, one in enumerate(x):
        known = np.corrcoef(column(one), column(y))[0, 1]
        assert found.correlation[k] == pytest.approx(known)
        scaled = coefficient[k] * column(one).std() / column(y).std()
        assert found.standardised[k] == pytest.approx(scaled)


def test_p_is_that_of_all_permutations_of_the_residual():
    y, x = relations(5, n=5, number=2)
    y = y + 0.5 * x[1]
    flat = [column(one) for one in x]
    _, t, _ = least_squares(column(y), flat)
    found = mrqap(y, x, 3000, 0)
    for k in (0, 1):
        other = flat[1 - k]
        table = np.column_stack([np.ones(len(other)), other])
        left = np.zeros((5, 5))
        left[~np.eye(5, dtype=bool)] = flat[k] - table @ np.linalg.lstsq(table, flat[k])[0]
        extreme = []
        for order in permutations(range(5)):
            dealt = column(left[np.ix_(order, order)])
            chance = least_squares(column(y), [dealt, other])[1][0]
            extreme.append(abs(chance) >= abs(t[k]) - 1e-9)
        assert found.p[k] == pytest.approx(np.mean(extreme), abs=0.03)


def test_what_does_not_vary_on_its_own_is_refused():
    y, x = relations(1)
    for wrong in ([x[0], 2 * x[0]], [np.ones((7, 7))]):
        with pytest.raises(ValueError, match="vary"):
            mrqap(y, wrong, 1)
    with pytest.raises(ValueError, match="vary"):
        mrqap(np.ones((7, 7)), x, 1)
    with pytest.raises(ValueError, match="symmetric"):
        mrqap(y, [np.triu(x[0])], 1)
