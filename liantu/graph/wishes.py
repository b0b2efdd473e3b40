"""Pairs that are wished for or ruled out: which schools they mean, and whether they can be."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import RequestError
from liantu.graph.feasible import Feasible
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.vocabulary import nearest


class Wishes(NamedTuple):
    """Pairs as positions among the schools, an item a pair, each pair once."""

    core: Ints
    school: Ints


def wishes(network: Network, pairs: pd.DataFrame | None) -> Wishes:
    """Return what a list of pairs means.

    Parameters
    ----------
    network
        The network.
    pairs
        Columns ``source``, ``target``: ids of schools, or names that only one school bears.

    Raises
    ------
    RequestError
        If a column is missing, or an end is no school or several.
    """
    none = np.zeros(0, dtype=np.int64)
    if pairs is None:
        return Wishes(none, none)
    for column in ("source", "target"):
        if column not in pairs:
            raise RequestError.of("missing_column", table="assists", column=column, nearest="")
    ids = network.ids("school")
    ends = [_positions(network, ids, pairs[column]) for column in ("source", "target")]
    size = max(len(ids), 1)
    key = np.unique(ends[0] * size + ends[1])
    return Wishes(key // size, key % size)


def _positions(network: Network, ids: pd.Index, ends: pd.Series) -> Ints:
    texts = pd.Index(ends.astype("str"))
    found = ids.get_indexer(texts).astype(np.int64)
    if (found < 0).any():
        names = network.column("school", "name")
        for place in np.flatnonzero(found < 0).tolist():
            same = np.flatnonzero((names == texts[place]).to_numpy(dtype=bool))
            if len(same) > 1:
                candidates = tuple(ids[same[:6]])
                raise RequestError.of("ambiguous_end", value=texts[place], candidates=candidates)
            if not len(same):
                choices = [*map(str, ids), *names.dropna().astype(str)]
                near = nearest(str(texts[place]), choices) or "–"
                raise RequestError.of(
                    "unknown_node", value=texts[place], kind="school", nearest=near
                )
            found[place] = same[0]
    return found


class Ground(NamedTuple):
    """What a pair is judged by; arrays of an item a school.

    Attributes
    ----------
    opened, is_core
        Which schools are open, and which are cores.
    places
        How many more schools each can take.
    helped
        Pairs, source · schools + target, between which there is a tie already.
    """

    opened: Bools
    is_core: Bools
    places: Ints
    helped: Ints


def check_locked(
    network: Network, locked: Wishes, forbidden: Wishes, feasible: Feasible, ground: Ground,
    budget: int,
) -> None:  # fmt: skip
    """Raise `RequestError` for the first wish that cannot be, and say why.

    Raises
    ------
    RequestError
        Naming the pair, or the core whose places do not suffice, with what is possible.
    """
    if not len(locked.core):
        return
    size = len(ground.opened)
    key = locked.core * size + locked.school
    barred = np.isin(key, forbidden.core * size + forbidden.school)
    tied = np.isin(key, ground.helped)
    reached = np.isin(key, feasible.core * size + feasible.school)
    again = pd.Series(locked.school).duplicated().to_numpy(dtype=bool)
    tests = (
        ("pair_closed", ~(ground.opened[locked.core] & ground.opened[locked.school])),
        ("pair_no_core", ~ground.is_core[locked.core]),
        ("pair_barred", barred),
        ("pair_exists", tied),
        ("pair_twice", again),
        ("pair_unfit", ~reached),
    )
    for number in range(len(key)):
        for code, fails in tests:
            if fails[number]:
                raise RequestError.of(code, **_said(network, locked, number))
    wanted = np.bincount(locked.core, minlength=size)
    full = np.flatnonzero(wanted > np.maximum(ground.places, 0))
    if len(full):
        core = int(full[0])
        number = int(np.flatnonzero(locked.core == core)[max(int(ground.places[core]), 0)])
        limit = max(int(ground.places[core]), 0)
        said = _said(network, locked, number)
        raise RequestError.of("pair_full", count=int(wanted[core]), limit=limit, **said)
    if len(key) > budget:
        raise RequestError.of("pairs_over_budget", count=len(key), limit=budget)


def _said(network: Network, pairs: Wishes, number: int) -> dict[str, Any]:
    ids = network.ids("school")
    names = network.column("school", "name").fillna(pd.Series(ids.astype("str")))
    core, school = int(pairs.core[number]), int(pairs.school[number])
    return {"source": names.iloc[core], "target": names.iloc[school]}
