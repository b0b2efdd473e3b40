"""Randomisation inference: what effects look like when others had been treated."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from liantu.graph.did import Effects, compared
from liantu.graph.kernels import Floats, Ints

LEAST = 20  # assignments below which a share of them says nothing
_BLOCK = 2_000_000  # items × assignments at once
_SAME = 1e-9  # of the effect: as extreme as the observed one


class Randomised(NamedTuple):
    """What randomisation says.

    Attributes
    ----------
    p
        Two-sided p by key: ``simple`` and the exposures; empty where there are too few assignments.
    assignments
        How many different assignments there are, at most 10⁹.
    exact
        Whether all of them were looked at.
    whole
        Whether whole clusters are assigned; else units within their cluster.
    """

    p: dict[str | int, float]
    assignments: int
    exact: bool
    whole: bool


def randomise(effects: Effects, *, permutations: int = 999, seed: int = 0) -> Randomised:
    """Return how often effects are as extreme when treatment is dealt out anew.

    Where each cluster has one first period its units share, clusters swap it among each other;
    else units do within their cluster, which keeps what befell a cluster out of the comparison.

    Parameters
    ----------
    effects
        Effects by cohort and period.
    permutations
        How many assignments are drawn; if there are no more than these, all are looked at.
    seed
        Seed of the draws.

    Notes
    -----
    p = (1 + as extreme) ÷ (1 + drawn), or the share of all assignments, the observed one included.

    References
    ----------
    MacKinnon, J. G., Webb, M. D. (2020). Randomization inference for difference-in-differences with
    few treated clusters. Journal of Econometrics 218(2), 435–450.
    """
    panel = effects.panel
    size = int(panel.cluster.max(initial=-1)) + 1
    lowest, highest = np.full(size, len(panel.periods)), np.zeros(size, dtype=np.int64)
    np.minimum.at(lowest, panel.cluster, panel.cohort)
    np.maximum.at(highest, panel.cluster, panel.cohort)
    whole = bool((lowest == highest).all())
    if whole:
        sums = np.zeros((size, len(panel.periods)))
        np.add.at(sums, panel.cluster, panel.outcome)
        weights = np.bincount(panel.cluster, minlength=size).astype(float)
        cohort, strata = lowest, np.zeros(size, dtype=np.int64)
    else:
        sums, weights = panel.outcome, np.ones(len(panel.units))
        cohort, strata = panel.cohort, panel.cluster
    labels, label = np.unique(cohort, return_inverse=True)
    label = label.reshape(-1)
    number = _assignments(label, strata)
    if number < LEAST or not effects.cells:
        return Randomised({}, number, False, whole)
    exact = number <= permutations + 1
    block = max(1, _BLOCK // max(len(label), 1))
    drawn = _every(label, strata) if exact else _drawn(label, strata, permutations, seed)
    (keys, observed) = _figures(effects, labels, label[None], sums, weights)
    extreme, batch = np.zeros(len(keys), dtype=np.int64), []
    for one in (*drawn, None):
        if one is not None:
            batch.append(one)
        if batch and (one is None or len(batch) == block):
            _, found = _figures(effects, labels, np.stack(batch), sums, weights)
            limit = np.abs(observed[0]) * (1 - _SAME) - 1e-12
            extreme += (np.abs(found) >= limit).sum(axis=0)
            batch = []
    share = extreme / number if exact else (1 + extreme) / (1 + permutations)
    return Randomised(dict(zip(keys, share.tolist(), strict=True)), number, exact, whole)


def _figures(
    effects: Effects, labels: Ints, dealt: Ints, sums: Floats, weights: Floats
) -> tuple[list[str | int], Floats]:
    """Return the aggregates of some assignments; shape (assignments, keys)."""
    last = len(effects.panel.periods)
    masks = [(dealt == number).astype(float) for number in range(len(labels))]
    size = np.stack([mask @ weights for mask in masks], axis=1)
    total = np.stack([mask @ sums for mask in masks], axis=1)
    groups: dict[str | int, list[int]] = {"simple": []}
    att, mass = [], []
    for number, cell in enumerate(effects.cells):
        own = int(np.searchsorted(labels, cell.cohort))
        other = compared(labels, last, cell, effects.control, effects.anticipation)
        change = total[:, :, cell.period] - total[:, :, cell.base]
        rest = change[:, other].sum(axis=1) / size[:, other].sum(axis=1)
        att.append(change[:, own] / size[:, own] - rest)
        mass.append(size[:, own])
        if cell.exposure >= 0:
            groups["simple"].append(number)
        groups.setdefault(cell.exposure, []).append(number)
    groups = {key: cells for key, cells in groups.items() if cells}
    effect, weight = np.stack(att, axis=1), np.stack(mass, axis=1)
    columns = [
        (effect[:, cells] * weight[:, cells]).sum(axis=1) / weight[:, cells].sum(axis=1)
        for cells in groups.values()
    ]
    return list(groups), np.stack(columns, axis=1)


def _assignments(label: Ints, strata: Ints) -> int:
    """Return how many different ways there are to deal labels out within strata, at most 10⁹."""
    logarithm = 0.0
    for stratum in np.unique(strata):
        counts = np.bincount(label[strata == stratum])
        logarithm += math.lgamma(counts.sum() + 1) - sum(math.lgamma(x + 1) for x in counts)
    return round(math.exp(logarithm)) if logarithm < math.log(1e9) else 1_000_000_000


def _drawn(label: Ints, strata: Ints, permutations: int, seed: int) -> Iterator[Ints]:
    rng = np.random.default_rng(seed)
    place = np.argsort(strata, kind="stable")
    for _ in range(permutations):
        found = np.empty_like(label)
        found[place] = label[np.lexsort((rng.random(len(label)), strata))]
        yield found


def _every(label: Ints, strata: Ints) -> Iterator[Ints]:
    """Give every different assignment once."""
    places = [np.flatnonzero(strata == stratum) for stratum in np.unique(strata)]
    ways = [list(_orders(np.bincount(label[place]).tolist())) for place in places]
    for chosen in product(*ways):
        found = np.empty_like(label)
        for place, order in zip(places, chosen, strict=True):
            found[place] = order
        yield found


def _orders(counts: list[int]) -> Iterator[list[int]]:
    """Give every order of labels of which there are so many each.

    Examples
    --------
    >>> list(_orders([1, 2]))
    [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    """
    if not any(counts):
        yield []
    for number, count in enumerate(counts):
        if count:
            left = [*counts[:number], count - 1, *counts[number + 1 :]]
            yield from ([number, *rest] for rest in _orders(left))
