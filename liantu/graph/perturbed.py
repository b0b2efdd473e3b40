"""Tie sets as they would be if something were otherwise: ties missing, wrong ends, windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.graph.feasible import counties
from liantu.graph.kernels import Floats, Ints
from liantu.graph.network import Network
from liantu.graph.spans import HIGH, LOW
from liantu.graph.study import Study
from liantu.graph.ties import TieSet

SHARES = (0.05, 0.1, 0.2)  # of ties that are missing or have a wrong end
WINDOWS = ("3m", "6m", "12m", "24m")
GRID = ((1.0, 1.0, 1.0), (1.0, 2.0, 3.0), (1.0, 3.0, 9.0))
EFFORT = GRID[1]


class Family(NamedTuple):
    """One way in which ties could be otherwise; `setting` says how much."""

    name: str
    setting: str
    sets: Iterator[TieSet]


def families(
    known: Study, ties: TieSet, basis: tuple[str, ...] | None, draws: int, seed: int
) -> Iterator[Family]:
    """Give the families of tie sets, each drawn from a generator of its own.

    Parameters
    ----------
    known
        The study of the network.
    ties
        The tie set as it is.
    basis
        The relations that it stands on.
    draws
        How many tie sets are drawn of each.
    seed
        Seed of the draws.
    """
    day = ties.day
    yield Family(
        "window", ", ".join(WINDOWS), (known.tie_set(day, length, basis) for length in WINDOWS)
    )
    for number, share in enumerate(SHARES):
        rng = np.random.default_rng([seed, 1, number])
        yield Family("missing", f"{share:g}", _missing(ties, share, draws, rng))
    sources, said = _sources(known.network, ties)
    rng = np.random.default_rng([seed, 2])
    yield Family("missing_source", said, _without_source(ties, sources, draws, rng))
    place = _alike(known.network, ties)
    for number, share in enumerate(SHARES):
        rng = np.random.default_rng([seed, 3, number])
        yield Family("wrong_end", f"{share:g}", _wrong_ends(ties, place, share, draws, rng))
    undated = (ties.ties.start == LOW) & (ties.ties.end == HIGH)
    some = [_kept(ties, ~undated)] if (undated & ties.current).any() else []
    yield Family("undated", "", iter(some))


def _kept(ties: TieSet, keep: np.ndarray) -> TieSet:
    return replace(ties, in_force=ties.in_force & keep, active=ties.active & keep)


def _missing(ties: TieSet, share: float, draws: int, rng: np.random.Generator) -> Iterator[TieSet]:
    for _ in range(draws):
        yield _kept(ties, rng.random(len(ties.ties)) >= share)


def _sources(network: Network, ties: TieSet) -> tuple[Ints, str]:
    """Return a number for whom each tie comes from: its provenance, else the receiver's county."""
    from liantu.graph.tie_rules import ORIGINS  # with the engine of the rules

    every = ties.ties
    words = pd.Series(None, index=range(len(every)), dtype="str")
    for number, name in enumerate(every.bases):
        here = np.flatnonzero(every.basis == number)
        relation = ORIGINS[name][0]
        if len(here) and "provenance" in schema.tables()[relation].columns:
            told = network.column(relation, "provenance")
            rows = every.row[here]
            words.iloc[here] = told.iloc[rows].where(rows >= 0).array
    codes, _ = pd.factorize(words, sort=True)
    if len(np.unique(codes[ties.current & (codes >= 0)])) >= 2:
        return codes.astype(np.int64), "provenance"
    return counties(network)[every.target].astype(np.int64), "county"


def _without_source(
    ties: TieSet, sources: Ints, draws: int, rng: np.random.Generator
) -> Iterator[TieSet]:
    """Leave out all ties of one source in turn; of many sources some are drawn."""
    known = np.unique(sources[ties.current & (sources >= 0)])
    if len(known) > draws:
        known = np.sort(rng.choice(known, draws, replace=False))
    for source in known.tolist() if len(known) > 1 else ():
        yield _kept(ties, sources != source)


class _Alike(NamedTuple):
    """Schools that could be mistaken for each other, group by group."""

    members: Ints
    begin: Ints
    size: Ints
    place: Ints  # of each school within its group, −1 for those of none


def _alike(network: Network, ties: TieSet) -> _Alike:
    """Return open schools by county and stage."""
    stage = pd.factorize(network.column("school", "stage"), sort=True)[0].astype(np.int64)
    group = counties(network) * (int(stage.max(initial=0)) + 2) + stage
    group = np.unique(group, return_inverse=True)[1].reshape(-1)
    members = np.flatnonzero(ties.opened)
    members = members[np.argsort(group[members], kind="stable")]
    size = np.bincount(group[members], minlength=int(group.max(initial=-1)) + 1)
    begin = np.cumsum(size) - size
    place = np.full(len(group), -1)
    place[members] = np.arange(len(members)) - begin[group[members]]
    return _Alike(members, begin[group], size[group], place)


def _wrong_ends(
    ties: TieSet, alike: _Alike, share: float, draws: int, rng: np.random.Generator
) -> Iterator[TieSet]:
    every = ties.ties
    target = every.target
    size, place = alike.size[target], alike.place[target]
    can = (size > 1) & (place >= 0)
    for _ in range(draws):
        wrong = can & (rng.random(len(every)) < share)
        step = np.floor(rng.random(len(every)) * (size - 1)).astype(np.int64)
        step += step >= place  # another one, not the same
        drawn = target.copy()
        drawn[wrong] = alike.members[(alike.begin[target] + step)[wrong]]
        yield replace(ties, ties=replace(every, target=drawn))


def efforts(network: Network, ties: TieSet) -> Ints:
    """Return how many schools each node supports by closeness 1, 2, 3; shape (nodes, 3).

    A pair counts once, by its closest tie; a tie that states no closeness counts as 1.
    """
    every, graph = ties.ties, ties.graph
    forms = [schema.forms().get(form) for form in network.forms]
    closeness = np.array([form.closeness or 1 if form else 1 for form in forms] + [1])
    n = max(every.nodes, 1)
    pair, keep = graph.source * n + graph.target, ties.current & (every.source != every.target)
    place = np.searchsorted(pair, every.source[keep].astype(np.int64) * n + every.target[keep])
    effort = np.ones(len(pair), dtype=np.int64)
    np.maximum.at(effort, place, closeness[every.form[keep]])
    found = np.zeros((every.nodes, 3), dtype=np.int64)
    np.add.at(found, (graph.source, effort - 1), 1)
    return found


def weightings(draws: int, seed: int) -> Floats:
    """Return weights of closeness 1, 2, 3: a grid, and draws that rise; shape (weightings, 3)."""
    rng = np.random.default_rng([seed, 0])
    return np.concatenate([np.array(GRID), np.sort(rng.random((draws, 3)), axis=1)])
