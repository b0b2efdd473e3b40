"""Which core may be paired with which school: the stage fits, and they lie in reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liantu.graph.kernels import Bools, Floats, Graph, Ints
from liantu.graph.near import ball, chord_of, km_of, stage_fits
from liantu.graph.network import Network

DETOUR = 1.3  # what a road is longer than a great circle: a proxy, no measurement
COUNTY = "county"


class Feasible(NamedTuple):
    """Pairs of a core and a school, sorted by school, cost and core; an item a pair.

    Attributes
    ----------
    core, school
        Positions among all schools.
    km
        Great circle times `DETOUR`; NaN where coordinates are missing.
    cost
        The same in units of 100 m, at least 1; what is unknown counts as the limit.
    """

    core: Ints
    school: Ints
    km: Floats
    cost: Ints

    def where(self, keep: Bools) -> Feasible:
        """Return some of the pairs."""
        return Feasible(self.core[keep], self.school[keep], self.km[keep], self.cost[keep])


def counties(network: Network) -> Ints:
    """Return the position of each school's county among the regions; −1 where it has none.

    The county is the nearest region of level county at or above the school's own; where no region
    has that level, the school's own region.
    """
    own = network.region_codes("school").astype(np.int64)
    levels = (network.column("region", "level") == COUNTY).to_numpy(dtype=bool)
    if not levels.any():
        return own
    above, is_county = np.append(network.region_parents, -1), np.append(levels, True)
    while not is_county[own].all():
        own = np.where(is_county[own], own, above[own])
    return own


def lines(families: Graph, schools: int) -> tuple[Ints, Ints]:
    """Return every ancestor and descendant by the edges parent → child, an item a pair."""
    keep = (families.source < schools) & (families.target < schools)
    up, down = (x[keep].astype(np.int64) for x in (families.source, families.target))
    order = np.argsort(up, kind="stable")
    begin = np.searchsorted(up[order], np.arange(schools + 1))
    children = down[order]
    pairs = [up * schools + down]
    while len(pairs[-1]):
        top, last = pairs[-1] // max(schools, 1), pairs[-1] % max(schools, 1)
        row, place = spread(begin[last], begin[last + 1])
        pairs.append(np.unique(top[row] * schools + children[place]))
    every = np.unique(np.concatenate(pairs))
    return every // max(schools, 1), every % max(schools, 1)


def spread(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return number and content of ranges, an item an element of one.

    Examples
    --------
    >>> row, place = spread(np.array([3, 0]), np.array([5, 1]))
    >>> row.tolist(), place.tolist()
    ([0, 0, 1], [3, 4, 0])
    """
    sizes = np.maximum(end - begin, 0)
    row = np.repeat(np.arange(len(sizes)), sizes)
    first = np.cumsum(sizes) - sizes
    return row, np.arange(len(row)) - first[row] + np.asarray(begin)[row]


def feasible(network: Network, cores: Ints, schools: Ints, max_km: float) -> Feasible:
    """Return the cores of a fitting stage in the same county or within a distance of each school.

    Parameters
    ----------
    network
        The network; its coordinates are of one datum.
    cores, schools
        Positions among all schools, ascending.
    max_km
        The longest way, as great circle times `DETOUR`; within a county any way will do.

    Notes
    -----
    Where no school has a stage, every stage fits. Without coordinates only the county counts.
    """
    frame = network.columns("school", "stage", "lon", "lat")
    lon, lat = (frame[key].to_numpy(dtype=float) for key in ("lon", "lat"))
    county, place = counties(network), ball(lon, lat)
    stage, fits = stage_fits(frame["stage"])
    size, keys = len(frame), []
    for one, other in fits:
        mine, theirs = cores[stage[cores] == one], schools[stage[schools] == other]
        if len(mine) and len(theirs):
            keys.append(_same_county(county, mine, theirs, size))
            keys.append(_near(place, county, mine, theirs, size, max_km))
    # no pair comes twice: each is of one stage a side, and of one county or of two
    key = np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64)
    core, school = key % max(size, 1), key // max(size, 1)
    km = _km(place[core], place[school])
    same = (county[core] == county[school]) & (county[core] >= 0)
    keep = (core != school) & (same | (km <= max_km))
    core, school, km = core[keep], school[keep], km[keep]
    far = np.nan_to_num(km, nan=max_km)
    cost = np.maximum(np.rint(far * 10), 1).astype(np.int64)
    # by school, cost and core, as one whole number, which sorts in a third of the time
    order = np.argsort((school * (int(cost.max(initial=0)) + 1) + cost) * size + core)
    return Feasible(core[order], school[order], km[order], cost[order])


def _km(one: Floats, other: Floats) -> Floats:
    chord = np.sqrt(((one - other) ** 2).sum(axis=1))
    return km_of(chord) * DETOUR


def _same_county(county: Ints, cores: Ints, schools: Ints, size: int) -> Ints:
    """Return the pairs in the same county, each as one number."""
    cores = cores[np.argsort(county[cores], kind="stable")]
    schools = schools[county[schools] >= 0]
    first, last = (
        np.searchsorted(county[cores], county[schools], side=side) for side in ("left", "right")
    )
    row, place = spread(first, last)
    found: Ints = schools[row] * size + cores[place]
    return found


def _near(
    place: Floats, county: Ints, cores: Ints, schools: Ints, size: int, max_km: float
) -> Ints:
    """Return the pairs of different counties that lie near enough, each as one number."""
    from scipy.spatial import cKDTree

    cores, schools = (x[~np.isnan(place[x]).any(axis=1)] for x in (cores, schools))
    if not len(cores) or not len(schools):
        return np.zeros(0, dtype=np.int64)
    chord = chord_of(max_km / DETOUR) + 1e-9  # a millimetre or so; `feasible` judges exactly
    near = cKDTree(place[cores]).sparse_distance_matrix(
        cKDTree(place[schools]), chord, output_type="ndarray"
    )
    one, other = cores[near["i"]], schools[near["j"]]
    apart = (county[one] != county[other]) | (county[one] < 0)
    found: Ints = other[apart] * size + one[apart]
    return found
