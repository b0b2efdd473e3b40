"""Which one group each school belongs to: its county, its alliance or its stage."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.graph.kernels import Ints
from liantu.graph.network import Network
from liantu.graph.scope import counties
from liantu.graph.study import study

By = Literal["region", "alliance", "stage"]


def grouping(network: Network, day: date, by: By) -> tuple[Ints, pd.Index]:
    """Return the group of each school, −1 for none, and the keys of the groups.

    Parameters
    ----------
    network
        The network.
    day
        The day judged, for memberships.
    by
        ``region`` for the county (where no region is one: the topmost region), ``alliance`` for
        the one of `main_alliances`, ``stage``.

    Examples
    --------
    >>> network = Network.from_frames({"school": pd.DataFrame({"id": ["a"], "stage": "junior"})})
    >>> codes, keys = grouping(network, date(2024, 6, 30), "stage")
    >>> codes.tolist(), keys.tolist()
    ([0], ['junior'])
    """
    if by == "region":
        return counties(network)[0].astype(np.int64), network.ids("region")
    if by == "alliance":
        return main_alliances(network, day), network.ids("alliance")
    codes, keys = pd.factorize(network.column("school", "stage").astype("str"), sort=True)
    return codes.astype(np.int64), pd.Index(keys, dtype="str")


def main_alliances(network: Network, day: date) -> Ints:
    """Return the one alliance of each school on a day, −1 for none.

    Of several it is the one that the school is core of, then the closest in form, then the one it
    joined first, then the first by id.
    """
    now = study(network).members(day)
    known = [schema.forms().get(form) for form in network.forms]
    closeness = np.array([form.closeness or 0 if form else 0 for form in known] + [0])
    order = np.lexsort((now.alliance, now.start, -closeness[now.form], ~now.core, now.school))
    found = np.full(network.size("school"), -1, dtype=np.int64)
    school = now.school[order]
    first = order[np.flatnonzero(np.diff(school, prepend=-1))]
    found[now.school[first]] = now.alliance[first]
    return found


def alliances_of(network: Network, day: date) -> Ints:
    """Return every alliance of each school on a day, ascending, −1 where there are no more.

    Returns
    -------
    ndarray of shape (schools, most)
        Positions among the alliances; at least one column.
    """
    now, size = study(network).members(day), max(network.size("alliance"), 1)
    pairs = np.unique(now.school.astype(np.int64) * size + now.alliance)
    school, alliance = pairs // size, pairs % size
    first = np.flatnonzero(np.diff(school, prepend=-1))
    rank = np.arange(len(school)) - np.repeat(first, np.diff(np.append(first, len(school))))
    found = np.full((network.size("school"), int(rank.max(initial=0)) + 1), -1, dtype=np.int64)
    found[school, rank] = alliance
    return found
