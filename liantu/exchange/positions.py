"""Where nodes stand in a drawing: schools where they are, the others beside whom they belong to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from liantu.graph import schema

_SWEEPS = 8  # steps along ties from the nearest node with a place
_GOLDEN = np.pi * (3 - np.sqrt(5))
_KM_LON, _KM_LAT = 111.320, 110.574  # kilometres a degree at the equator


def positions(frames: Mapping[str, pd.DataFrame]) -> dict[str, np.ndarray]:
    """Return x (east) and y (north) of every node, in kilometres where schools have coordinates.

    A node without coordinates stands at the mean of its neighbours; what has none with a place
    stands apart, below the map. Nodes at one place are spread like the seeds of a sunflower. Where
    no school has coordinates, the nodes with more ties than any neighbour stand apart in their
    stead.

    Parameters
    ----------
    frames
        Plain frames of a network.

    Returns
    -------
    dict of numpy.ndarray
        Two columns, x and y, a row a node, by kind. The same data gives the same positions.
    """
    kinds = schema.kinds()
    sizes = [len(frames[kind]) for kind in kinds]
    starts = dict(zip(kinds, np.cumsum([0, *sizes]), strict=False))
    place = np.full((sum(sizes), 2), np.nan)
    place[: sizes[0]] = _on_the_map(frames["school"])
    one, other = _neighbours(frames, starts)
    step = _spacing(place[~np.isnan(place[:, 0])])
    if np.isnan(place).all():
        region = starts["region"]  # the last kind; a region ties all its schools to one place
        near = (one < region) & (other < region)
        hubs = _hubs(one[near], other[near], len(place))
        apart = 2.4 * np.sqrt(len(place) / max(len(hubs), 1))  # room for those around each
        place[hubs] = _sunflower(np.arange(len(hubs))) * apart * step
    fixed = ~np.isnan(place[:, 0])
    for _ in range(_SWEEPS):
        known = ~np.isnan(place[:, 0])
        if known.all() or not known.any():
            break
        here = known[other] & ~known[one]
        count = np.bincount(one[here], minlength=len(place))
        fresh = count > 0
        for axis in (0, 1):
            total = np.bincount(one[here], place[other[here], axis], minlength=len(place))
            place[fresh, axis] = total[fresh] / count[fresh]
    placed = ~np.isnan(place[:, 0])
    place[placed] += _spread(place[placed], fixed[placed]) * step
    rest = _sunflower(np.arange((~placed).sum())) * step * 2
    if placed.any() and len(rest):
        low, middle = place[placed].min(axis=0)[1], np.median(place[placed, 0])
        rest += [middle, low - rest[:, 1].max() - 4 * step]
    place[~placed] = rest
    return {
        kind: place[starts[kind] : starts[kind] + size]
        for kind, size in zip(kinds, sizes, strict=True)
    }


def _on_the_map(schools: pd.DataFrame) -> np.ndarray:
    """Return kilometres east and north of the middle of all schools; missing where unknown."""
    degrees = schools[["lon", "lat"]].to_numpy(dtype=float, copy=True)
    known = np.isfinite(degrees).all(axis=1)
    degrees[~known] = np.nan
    if not known.any():
        return degrees
    middle = (degrees[known].min(axis=0) + degrees[known].max(axis=0)) / 2
    scale = np.array([_KM_LON * np.cos(np.radians(middle[1])), _KM_LAT])
    return np.asarray((degrees - middle) * scale)


def _neighbours(
    frames: Mapping[str, pd.DataFrame], starts: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of every tie and reference, each both ways."""
    index = {kind: pd.Index(frames[kind]["id"]) for kind in schema.kinds()}

    def found(ids: pd.Series, kinds: pd.Series | str) -> np.ndarray:
        numbers = np.full(len(ids), -1, dtype=np.int64)
        for kind, known in index.items():
            here = np.asarray(kinds == kind) & ids.notna().to_numpy()
            if here.any():
                numbers[here] = known.get_indexer(pd.Index(ids[here])) + starts[kind]
        return numbers

    pairs = []
    for name, table in schema.tables().items():
        frame = frames[name]
        if table.is_relation:
            ends = []
            for end in ("source", "target"):
                kinds = table.ends(end)
                ends.append(found(frame[end], frame[f"{end}_kind"] if len(kinds) > 1 else kinds[0]))
            pairs.append(ends)
        elif table.nature == "kind":
            for key, column in table.columns.items():
                if column.type == "ref":
                    own = np.arange(len(frame)) + starts[name]
                    pairs.append([own, found(frame[key], column.values[0])])
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    known = (one >= 0) & (other >= 0)
    one, other = one[known], other[known]
    return np.concatenate([one, other]), np.concatenate([other, one])


def _hubs(one: np.ndarray, other: np.ndarray, size: int) -> np.ndarray:
    """Return the nodes with more neighbours than any of these; of equal ones the first."""
    count = np.bincount(one, minlength=size)
    rank = np.empty(size, dtype=np.int64)
    rank[np.lexsort((-np.arange(size), count))] = np.arange(size)
    beaten = np.zeros(size, dtype=bool)
    beaten[one[rank[other] > rank[one]]] = True
    return np.flatnonzero(~beaten & (count > 0))


def _spacing(place: np.ndarray) -> float:
    """Return the distance between neighbours at one place: small against that between schools."""
    if len(place) < 2:
        return 1.0
    width, height = np.ptp(place, axis=0)
    return 0.15 * float(np.hypot(width, height)) / np.sqrt(len(place)) or 1.0


def _spread(place: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Return an offset for each node that shares its place; fixed nodes have none."""
    _, same = np.unique(place.round(6), axis=0, return_inverse=True)
    same = same.reshape(-1)
    order = np.lexsort((np.arange(len(same)), ~fixed, same))
    first = np.flatnonzero(np.diff(same[order], prepend=-1))
    rank = np.empty(len(same), dtype=np.int64)
    rank[order] = np.arange(len(same)) - np.repeat(first, np.diff([*first, len(same)]))
    offsets = _sunflower(rank)
    offsets[fixed] = 0
    return offsets


def _sunflower(number: np.ndarray) -> np.ndarray:
    """Return points around the origin that are about one apart; number 0 is the middle."""
    radius, angle = np.sqrt(number), number * _GOLDEN
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
