"""Brokerage: who stands between two others, and between which groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liantu.graph.kernels import Graph, Ints

if TYPE_CHECKING:
    from scipy import sparse

ROLES = ("coordinator", "representative", "gatekeeper", "itinerant", "liaison")


def brokerage(graph: Graph, group: Ints) -> Ints:
    """Return how often each node is a broker in each of five roles.

    A node v is a broker of a → v → c if a and c differ and there is no tie a → c.

    Parameters
    ----------
    graph
        The ties.
    group
        The group of each node, −1 for none: ties of such nodes do not count; shape (n,).

    Returns
    -------
    ndarray of shape (n, 5)
        By `ROLES`: all three in one group; v with a, and c in another; v with c, and a in
        another; a and c in one group, v in another; all three in different groups.

    References
    ----------
    Gould, R. V., Fernandez, R. M. (1989). Structures of mediation: a formal approach to brokerage
    in transaction networks. Sociological Methodology 19, 89–126.

    Examples
    --------
    A, B, C in one group, D and X each in another; A→B, B→C, B→D, X→B:

    >>> ties = Graph(5, np.array([0, 1, 1, 4]), np.array([1, 2, 3, 1]))
    >>> brokerage(ties, np.array([0, 0, 0, 1, 2]))[1].tolist()
    [1, 1, 1, 0, 1]
    """
    known = (group[graph.source] >= 0) & (group[graph.target] >= 0)
    source, target = (end[known].astype(np.int64) for end in (graph.source, graph.target))
    n, same = graph.n, group[source] == group[target]
    within, across = (_matrix(n, source[keep], target[keep]) for keep in (same, ~same))
    into = [np.bincount(target[keep], minlength=n) for keep in (same, ~same)]
    out = [np.bincount(source[keep], minlength=n) for keep in (same, ~same)]
    # a and c in one group other than that of v, a ≠ c or not
    alike = _alike(n, source[~same], target[~same], group)
    back = [_per_row(table, table.T.tocsr()) for table in (within, across)]
    own, mixed = within.T @ within, within.T @ across
    other, turned = across.T @ across, across.T @ within
    found = [
        into[0] * out[0] - back[0] - _per_row(own, within),
        into[0] * out[1] - _per_row(mixed, across),
        into[1] * out[0] - _per_row(other, within),
        alike - back[1] - _per_row(turned, across),
        into[1] * out[1] - alike - _per_row(other, across),
    ]
    return np.column_stack(found).astype(np.int64)


def _matrix(n: int, source: Ints, target: Ints) -> sparse.csr_array:
    from scipy import sparse

    return sparse.coo_array(
        (np.ones(len(source), dtype=np.int64), (source, target)), shape=(n, n)
    ).tocsr()


def _per_row(one: sparse.csr_array, other: sparse.csr_array) -> Ints:
    """Return the sum over each row of what two matrices have in common, multiplied."""
    return np.asarray(one.multiply(other).sum(axis=1)).ravel()


def _alike(n: int, source: Ints, target: Ints, group: Ints) -> Ints:
    """Return Σ over groups of supporters in it × supported in it, of ties across groups."""
    width = int(group.max(initial=0)) + 1
    gives, given = np.unique(target * width + group[source], return_counts=True)
    takes, taken = np.unique(source * width + group[target], return_counts=True)
    both, one, other = np.intersect1d(gives, takes, assume_unique=True, return_indices=True)
    found: Ints = np.bincount(both // width, given[one] * taken[other], n).astype(np.int64)
    return found
