"""How much rests on each school that supports others."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from liantu.graph import schema
from liantu.graph.kernels import Bools, Graph, Ints
from liantu.graph.network import Network
from liantu.graph.ties import TieSet

Floats = npt.NDArray[np.float64]


def between_schools(ties: TieSet) -> Graph:
    """Return the tie set between schools."""
    graph, schools = ties.graph, ties.ties.schools
    keep = graph.source < schools
    return Graph(schools, graph.source[keep], graph.target[keep])


def mutual(ties: TieSet, size: int) -> Bools:
    """Return which schools support only those that support them, as members do without a core."""
    every, now = ties.ties, ties.current & (ties.ties.source < size)
    some, other = (
        np.bincount(every.source[now & mask], minlength=size) > 0
        for mask in (every.mutual, ~every.mutual)
    )
    found: Bools = some & ~other
    return found


def weighted(network: Network, ties: TieSet, graph: Graph) -> tuple[Ints, Bools]:
    """Return Σ effort of each school, and of which pairs no tie states its closeness.

    Effort is the closeness, 1 to 3, of a pair the highest; 1 where none is stated.
    """
    known = [schema.forms().get(form) for form in network.forms]
    closeness = np.array([form.closeness or 0 if form else 0 for form in known] + [0])
    every, keep = ties.ties, ties.current & (ties.ties.source < graph.n)
    keep = keep & (every.source != every.target)
    size = max(graph.n, 1)
    pair = graph.source.astype(np.int64) * size + graph.target  # sorted
    place = np.searchsorted(pair, every.source[keep].astype(np.int64) * size + every.target[keep])
    effort = np.zeros(len(pair), dtype=np.int64)
    np.maximum.at(effort, place, closeness[every.form[keep]])
    total = np.zeros(graph.n, dtype=np.int64)
    np.add.at(total, graph.source, np.maximum(effort, 1))
    return total, effort == 0


def pupils_supported(graph: Graph, pupils: Floats) -> Floats:
    """Return the pupils that each school supports, unknown ones as 0; NaN where none is known."""
    known = ~np.isnan(pupils)[graph.target]
    sums = np.bincount(graph.source, np.nan_to_num(pupils)[graph.target], graph.n).astype(float)
    told = np.bincount(graph.source, known, graph.n) > 0
    some = np.bincount(graph.source, minlength=graph.n) > 0
    found: Floats = np.where(told | ~some, sums, np.nan)
    return found


def ratio(top: Any, bottom: Floats) -> Floats:
    """Return a ratio, NaN where the denominator is 0 or either is unknown."""
    found: Floats = np.full(len(bottom), np.nan)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found


def distribution(sizes: Ints) -> dict[str, Any]:
    """Return Gini, the share of the top tenth and HHI of sorted numbers; None where all are 0."""
    n, total = len(sizes), int(sizes.sum())
    top = int(sizes[n - -(-n // 10) :].sum())
    uneven = int(((2 * np.arange(1, n + 1) - n - 1) * sizes).sum())
    return {
        "supports_given": total,
        "gini": uneven / (n * total) if total else None,
        "supports_top": top,
        "top_tenth": top / total if total else None,
        "hhi": int((sizes * sizes).sum()) / total**2 if total else None,
    }
