"""How much schools do with each other: the dated activities of a window, pair by pair."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from liantu.errors import Message
from liantu.graph.cover import months_by
from liantu.graph.kernels import Ints
from liantu.graph.network import Network
from liantu.graph.ties import TieSet

Weight = Literal["months", "count"]


class Activity(NamedTuple):
    """Pairs of schools with dated activity, sorted, the giving school first.

    Attributes
    ----------
    source, target
        Positions of the schools; shape (pairs,).
    weight
        Calendar months of the window with an activity, or activities; at least 1.
    notes
        What was left out.
    """

    source: Ints
    target: Ints
    weight: Ints
    notes: tuple[Message, ...]


def activity(
    network: Network,
    ties: TieSet,
    weight: Weight = "months",
    basis: tuple[str, ...] | None = None,
    *,
    directed: bool = True,
) -> Activity:
    """Return the dated activity between schools in the window of a tie set.

    Parameters
    ----------
    network
        The network.
    ties
        What holds on the day.
    weight
        ``months``: calendar months with an activity. ``count``: activities, each by its count
        (of a posting or mentoring between schools: people or pairs), 1 where there is none.
    basis
        Only these relations; by default all that are activities.
    directed
        Whether who gives counts; without it the source is the first school by id.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from liantu.graph.study import study
    >>> rows = {"source": "a", "target": "b", "date": ["2024-05-02", "2024-05-09", "2024-06-01"]}
    >>> kinds = {"source_kind": "school", "target_kind": "school"}
    >>> network = Network.from_frames({"delivers": pd.DataFrame(rows | kinds)})
    >>> ties = study(network).tie_set(date(2024, 6, 30))
    >>> activity(network, ties).weight.tolist(), activity(network, ties, "count").weight.tolist()
    ([2], [3])
    """
    every = ties.ties
    chosen = ties.active if basis is None else ties.active & every.of(*basis)
    own = every.source < every.schools
    outside = int((chosen & ~own).sum())
    which = np.flatnonzero(chosen & own & (every.source != every.target))
    first, second = (end[which].astype(np.int64) for end in (every.source, every.target))
    if not directed:
        first, second = np.minimum(first, second), np.maximum(first, second)
    key = first * max(every.schools, 1) + second
    pairs, place = np.unique(key, return_inverse=True)
    if weight == "months":
        number = np.full(len(every), len(pairs))
        number[which] = place
        total = months_by(ties, number[ties.active], len(pairs) + 1)[: len(pairs)]
    else:
        total = np.bincount(place, _counts(network, ties, which), len(pairs)).astype(np.int64)
    some = total > 0  # a count may be 0
    notes = (Message("activity_outside", {"count": outside}),) if outside else ()
    source, target = np.divmod(pairs[some], max(every.schools, 1))
    return Activity(source, target, total[some], notes)


def _counts(network: Network, ties: TieSet, which: Ints) -> Ints:
    """Return the count of the row that each tie comes from, 1 where it states none."""
    every, found = ties.ties, np.ones(len(which), dtype=np.int64)
    for number, name in enumerate(every.bases):
        here = every.basis[which] == number
        if here.any():
            told = network.column(name, "count").fillna(1).to_numpy(dtype=np.int64)
            found[here] = told[every.row[which[here]]]
    return found
