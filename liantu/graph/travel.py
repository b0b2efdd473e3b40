"""Minutes between schools, from the user's own table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.network import Network
from liantu.graph.spans import day_number


class Times(NamedTuple):
    """How long the way is between some schools, an item a pair, by source and target.

    Attributes
    ----------
    source, target
        Positions of schools.
    minutes
        The least that is stated.
    """

    source: Ints
    target: Ints
    minutes: Floats

    def between(self, source: Ints, target: Ints) -> Floats:
        """Return the minutes between schools, item by item, NaN where the table has none."""
        size = 1 + max(
            self.source.max(initial=0), self.target.max(initial=0), target.max(initial=0)
        )
        known, asked = self.source * size + self.target, source * size + target
        at = np.minimum(np.searchsorted(known, asked), max(len(known) - 1, 0))
        if not len(known):
            return np.full(len(asked), np.nan)
        return np.where((known[at] == asked) & (target >= 0), self.minutes[at], np.nan)


def times(network: Network, day: date) -> Times:
    """Return the minutes of a network's table of travel times on a day.

    A row holds both ways, unless the table has the way back, too; of several rows of a pair the
    least counts. Ambiguous rows do not.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"source": ["a"], "target": ["b"], "minutes": [45]})
    >>> found = times(Network.from_frames({"travel": rows}), date(2024, 6, 30))
    >>> found.source.tolist(), found.target.tolist(), found.minutes.tolist()
    ([0, 1], [1, 0], [45.0, 45.0])
    """
    edges = network.edges("travel")
    minutes = network.column("travel", "minutes").to_numpy(dtype=float)
    keep = edges.holds(day_number(day)) & ~np.isnan(minutes) & (edges.source != edges.target)
    source, target = (end[keep].astype(np.int64) for end in (edges.source, edges.target))
    size, minutes = network.size("school"), minutes[keep]
    there, back = source * size + target, target * size + source
    back_only = ~np.isin(back, there)
    key = np.concatenate([there, back[back_only]])
    minutes = np.concatenate([minutes, minutes[back_only]])
    order = np.lexsort((minutes, key))
    key, first = np.unique(key[order], return_index=True)
    return Times(key // max(size, 1), key % max(size, 1), minutes[order][first])


def soonest(
    found: Times, stage: Ints, fits: Sequence[tuple[int, int]], schools: Bools, targets: Bools
) -> tuple[Ints, Floats]:
    """Return the fitting target of each school that is soonest reached, and in how many minutes.

    Parameters
    ----------
    found
        See `times`.
    stage, fits
        See `liantu.graph.near.stage_fits`.
    schools, targets
        Which schools look, and which they look for.

    Returns
    -------
    tuple of numpy.ndarray
        An item for every school of the network: positions, −1 where the table has none, and
        minutes, NaN there. Of targets equally soon the first.
    """
    allowed = np.zeros((stage.max(initial=0) + 2,) * 2, dtype=np.bool_)  # −1 is the last
    for core, school in fits:
        if max(core, school) < len(allowed) - 1:
            allowed[core, school] = True
    keep = schools[found.source] & targets[found.target]
    keep &= allowed[stage[found.target], stage[found.source]]
    source, target, minutes = (values[keep] for values in found)
    order = np.lexsort((target, minutes, source))
    who, first = np.unique(source[order], return_index=True)
    near, took = np.full(len(stage), -1), np.full(len(stage), np.nan)
    near[who], took[who] = target[order][first], minutes[order][first]
    return near, took
