"""Where a new supporter gives most single points a backup: one school a tree of affiliations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.backup import generations
from liantu.graph.kernels import Graph, Ints


class Rescues(NamedTuple):
    """Schools to support, ascending; an item a tree.

    Attributes
    ----------
    school
        The lowest school above most single points of the tree, itself counted in.
    single
        Single points in the tree.
    rescued
        Those at or below the school.
    """

    school: Ints
    single: Ints
    rescued: Ints


def rescues(families: Graph, tree: Ints, points: Ints, schools: int) -> Rescues:
    """Return where a new supporter reaches the single points, one school a tree.

    Parameters
    ----------
    families
        Edges parent → child without a circle.
    tree
        The tree of each node, numbered.
    points
        The schools that fall with one supporter.
    schools
        Number of schools.

    Examples
    --------
    >>> families = Graph(5, np.array([0, 0, 3]), np.array([1, 2, 4]))
    >>> found = rescues(families, np.array([1, 1, 1, 2, 2]), np.array([1, 2, 4]), 5)
    >>> found.school.tolist(), found.rescued.tolist()
    ([0, 4], [2, 1])
    """
    # every pair of an ancestor and a single point, itself counted in, a generation a round
    wide = max(schools, 1)
    pairs = fresh = np.unique(points) * wide + np.unique(points)
    rows = families.into
    while len(families.source) and len(fresh):
        node = fresh // wide
        number = rows.begin[node + 1] - rows.begin[node]
        shift = np.repeat(rows.begin[node] - (np.cumsum(number) - number), number)
        above = rows.ends[np.arange(len(shift)) + shift].astype(np.int64)
        fresh = np.setdiff1d(above * wide + np.repeat(fresh % wide, number), pairs)
        pairs = np.union1d(pairs, fresh)
    node, point = pairs // wide, pairs % wide
    below = np.bincount(node, minlength=schools)
    single = np.bincount(tree[point[node == point]], minlength=int(tree.max(initial=0)) + 1)
    depth = generations(families)
    some = np.unique(node)
    order = some[np.lexsort((some, -depth[some], -below[some], tree[some]))]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = tree[order][1:] != tree[order][:-1]
    school = np.sort(order[first])
    return Rescues(school, single[tree[school]], below[school])
