"""How much ties weigh: what their rows state, summed where rows make one tie, or ties one pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.graph.kernels import Floats, Graph, Ints
from liantu.graph.numbering import Codes
from liantu.graph.study import study
from liantu.graph.ties import Columns, TieSet, distinct

if TYPE_CHECKING:
    from liantu.graph.network import Network

_KEYS = ["source", "target", "basis", "form", "start", "end", "alliance"]  # what a tie is


def row_weights(network: Network, relation: str) -> Floats:
    """Return the weight that each row of a relation states; NaN where it states none."""
    return network.column(relation, "weight").to_numpy(dtype=np.float64)


def pair_weights(network: Network, ties: TieSet, *, shortest: bool = False) -> tuple[Floats, int]:
    """Return the weight of each pair of a tie set, and how many of its ties state none.

    It is the sum of those of its ties, or the least of them (`shortest`); one that states none
    weighs 1.
    """
    every, now = ties.ties, np.flatnonzero(ties.current)
    weight = stated_weights(network, ties)[now]
    pair = pairs_of(ties.graph, every.source[now], every.target[now])
    known = np.where(np.isnan(weight), 1.0, weight)
    found = _together(pair, known, len(ties.graph.source), shortest=shortest)
    return found, int(np.isnan(weight).sum())


def _together(pair: Ints, weight: Floats, size: int, *, shortest: bool) -> Floats:
    if not shortest:
        return np.bincount(pair, weight, size).astype(np.float64)
    found = np.full(size, np.inf)
    np.minimum.at(found, pair, weight)
    return found


def tie_weights(network: Network, ties: TieSet) -> Floats:
    """Return the weight of each tie; see `stated_weights`. One that states none weighs 1."""
    weight = stated_weights(network, ties)
    return np.where(np.isnan(weight), 1.0, weight)


def stated_weights(network: Network, ties: TieSet) -> Floats:
    """Return the weight that each tie of a network's own tie set states; NaN where it does not.

    It is the sum of what its rows state. A tie out of two memberships, or
    of a host and a member of a centre, has the weight that the row of the one helped states.

    Examples
    --------
    >>> from datetime import date
    >>> from liantu.graph.network import Network
    >>> day = {"date": ["2024-05-02", "2024-05-02", "2024-05-03"], "weight": [2, 3, None]}
    >>> kinds = {"source_kind": "school", "target_kind": "school"}
    >>> lessons = pd.DataFrame({"source": "a", "target": "b", **kinds, **day})
    >>> network = Network.from_frames({"delivers": lessons})
    >>> stated_weights(network, study(network).tie_set(date(2024, 6, 30))).tolist()
    [5.0, nan]
    """
    from liantu.graph.tie_build import arrays_of

    every = ties.ties
    stated = [
        (number, name)
        for number, name in enumerate(every.bases)
        if not np.isnan(row_weights(network, name)).all()
    ]
    if not stated:
        return np.full(len(every), np.nan)
    # several rows may make one tie: what each of them says counts
    rows = arrays_of(stated, study(network).tables(ties.day))
    weight = np.zeros(len(rows["row"]))
    for number, name in stated:
        here = np.flatnonzero(rows["basis"] == number)
        weight[here] = row_weights(network, name)[_own_rows(name, rows, here)]
    known = ~np.isnan(weight)
    own = pd.DataFrame({key: getattr(every, key) for key in _KEYS})
    said = pd.DataFrame({key: rows[key][known] for key in _KEYS})
    both = pd.concat([own, said], ignore_index=True)
    tie = both.groupby(_KEYS, sort=False).ngroup().to_numpy()
    size = int(tie.max(initial=-1)) + 1
    total = np.bincount(tie[len(own) :], weight[known], size)[tie[: len(own)]]
    return np.where(total > 0, total, np.nan)


def _own_rows(name: str, rows: Columns, here: Ints) -> Ints:
    """Return the row that a weight stands in: the last of the relation's own, the receiver's."""
    from liantu.graph.tie_rules import ORIGINS

    found: Ints = rows["row"][here]
    for place, relation in enumerate(ORIGINS[name][1:], start=2):
        if relation == name:
            more = rows[f"row{place}"][here]
            found = np.where(more >= 0, more, found)
    return found


def pairs_of(graph: Graph, source: Codes | Ints, target: Codes | Ints) -> Ints:
    """Return the position of each edge among the sorted ones of a graph that has it."""
    size = max(graph.n, 1)
    own, asked = (
        np.asarray(first, dtype=np.int64) * size + second
        for first, second in ((graph.source, graph.target), (source, target))
    )
    return np.searchsorted(own, asked)


def merged(
    n: int, source: Codes | Ints, target: Codes | Ints, weight: Floats, *, shortest: bool = False
) -> Floats:
    """Return the weights of the edges of `distinct`: of parallel ones the sum, or the least."""
    graph, proper = distinct(n, source, target), np.asarray(source != target)
    pair = pairs_of(graph, source[proper], target[proper])
    return _together(pair, weight[proper], len(graph.source), shortest=shortest)
