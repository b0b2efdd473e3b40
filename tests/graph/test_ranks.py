"""Rankings against SciPy, and what chance alone says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liantu.graph.ranks import among_first, kendall_tau_b, places

scores = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=40)


@given(scores)
def test_tau_b_is_that_of_scipy(pairs: list[tuple[int, int]]):
    from scipy.stats import kendalltau

    one, other = (np.array(values, dtype=float) for values in zip(*pairs, strict=True))
    with np.errstate(invalid="ignore"):
        wanted = kendalltau(one, other).statistic
    assert kendall_tau_b(one, other) == pytest.approx(wanted, nan_ok=True)


def test_weights_by_hand():
    # A one tie of closeness 3, B two of 1, C one of 2 and one of 1
    effort = np.array([[0, 0, 1], [2, 0, 0], [1, 1, 0]])
    usual, even, steep = (effort @ np.array(w) for w in ((1, 2, 3), (1, 1, 1), (1, 3, 9)))
    assert kendall_tau_b(usual, even) == pytest.approx(-0.5)
    assert kendall_tau_b(usual, steep) == pytest.approx(0.81649658)
    assert np.isnan(kendall_tau_b(usual, np.ones(3)))


def test_who_ties_at_the_border_shares_the_places():
    above, tied = places(np.array([[9.0, 7, 7, 7, 3], [1, 1, 1, 1, 1]]))
    assert above.tolist() == [[0, 1, 1, 1, 4], [0] * 5]
    assert among_first(above, tied, 2)[0].tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])
    assert among_first(above, tied, 2)[1].tolist() == pytest.approx([0.4] * 5)
    assert among_first(above, tied, 5).tolist() == [[1.0] * 5] * 2
