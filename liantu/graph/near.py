"""Straight lines between schools: places on the globe, the nearest school, all within a radius."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph import datum as datums
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.network import Network
from liantu.graph.study import Study
from liantu.graph.ties import TieSet

Datum = Literal["stated", "wgs84"]
RADIUS = 6371.0088  # of the earth in km
FARTHEST = 30_000.0  # km: beyond the other side of the earth
_SAME = 1e-12  # of the radius, micrometres: two distances that differ by less are one
_BLOCK = 500  # schools whose surroundings are listed at once


@cache
def serves() -> tuple[tuple[str, str], ...]:
    """Return which stage of a core fits which stage of a school: it teaches all its grades.

    Examples
    --------
    >>> ("nine_year", "junior") in serves(), ("junior", "nine_year") in serves()
    (True, False)
    """
    text = files("liantu.graph").joinpath("serves.csv").read_text(encoding="utf-8")
    return tuple((row["core"], row["school"]) for row in csv.DictReader(text.splitlines()))


def stage_fits(stages: pd.Series, *, any_stage: bool = False) -> tuple[Ints, list[tuple[int, int]]]:
    """Return each school's stage as a number, and which of a core fit which of a school.

    Where no school has a stage, every stage fits; where some have, a school without one (−1) fits
    nobody.

    Examples
    --------
    >>> stage, fits = stage_fits(pd.Series(["junior", None], dtype="str"))
    >>> (stage[0], stage[0]) in fits, int(stage[1])
    (True, -1)
    """
    words = sorted({word for pair in serves() for word in pair})
    if any_stage or not stages.notna().any():
        return np.zeros(len(stages), dtype=np.int64), [(0, 0)]
    stage = pd.Categorical(stages.astype("str"), categories=words).codes.astype(np.int64)
    return stage, [(words.index(core), words.index(school)) for core, school in serves()]


def ball(lon: Floats, lat: Floats) -> Floats:
    """Return places as points on a ball of radius 1, NaN where coordinates are missing."""
    lon, lat = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def km_of(chord: Floats) -> Floats:
    """Return the great circle that belongs to a chord of the ball of radius 1, in km."""
    found: Floats = 2 * RADIUS * np.arcsin(np.minimum(chord / 2, 1))
    return found


def chord_of(km: float) -> float:
    """Return the chord of the ball of radius 1 that belongs to a great circle in km."""
    return float(2 * np.sin(min(km / RADIUS, np.pi) / 2))


class Coordinates(NamedTuple):
    """Where the schools are, in degrees, NaN where that is not known.

    Attributes
    ----------
    lon, lat
        Degrees, an item a school.
    datum
        What they are in; None where no school says so.
    notes
        What was converted or is not known.
    """

    lon: Floats
    lat: Floats
    datum: str | None
    notes: list[Message]


def coordinates(network: Network, datum: Datum = "stated") -> Coordinates:
    """Return where the schools are, and in which datum.

    Parameters
    ----------
    network
        The network; when it was read, coordinates of two datums were an error.
    datum
        ``stated``: coordinates as they are. ``wgs84``: converted from the datum they are stated in.

    Raises
    ------
    RequestError
        If a conversion is asked for and the datum is not stated, or none that can be converted.
    """
    frame = network.columns("school", "lon", "lat", "datum")
    lon, lat = (frame[key].to_numpy(dtype=float) for key in ("lon", "lat"))
    there = ~np.isnan(lon) & ~np.isnan(lat)
    if not there.any():
        return Coordinates(lon, lat, None, [Message("no_coordinates")] if len(frame) else [])
    named = datums.stated(frame["datum"][there])
    bare = int((there & frame["datum"].isna().to_numpy()).sum())
    known, notes = (datums.WGS84, datums.GCJ02, datums.BD09), []
    if named is not None and bare:
        notes.append(Message("datum_partly", {"count": bare, "value": named}))
    if datum == "wgs84":
        if named is None:
            raise RequestError.of("datum_needed")
        if named not in known:
            allowed = ", ".join(known)
            raise RequestError.of(
                "datum_unknown", value=frame["datum"].dropna().iloc[0], allowed=allowed
            )
        lon, lat = datums.to_wgs84(lon, lat, named)
        if named != datums.WGS84:
            notes.append(Message("datum_converted", {"value": named}))
        named = datums.WGS84
    return Coordinates(lon, lat, named, notes)


def places(network: Network, datum: Datum = "stated") -> tuple[Floats, list[Message]]:
    """Return where the schools are, as points on a ball, and what to know of their datum.

    See `coordinates`.
    """
    lon, lat, named, notes = coordinates(network, datum)
    if named not in (None, datums.WGS84):
        notes.append(Message("datum_kept", {"value": named}))
    elif named is None and (~np.isnan(lon) & ~np.isnan(lat)).any():
        notes.append(Message("datum_unstated"))
    return ball(lon, lat), notes


def nearest(
    place: Floats,
    stage: Ints,
    fits: Sequence[tuple[int, int]],
    schools: Ints,
    targets: Ints,
) -> tuple[Ints, Floats]:
    """Return the nearest fitting target of each school, never itself, and how far it is.

    Parameters
    ----------
    place
        Points on a ball of radius 1, a row a school.
    stage, fits
        See `stage_fits`.
    schools, targets
        Positions of the schools that look, and of those they look for, ascending.

    Returns
    -------
    tuple of numpy.ndarray
        An item for every school of the network: positions, −1 where there is none, and km, NaN
        there. Of targets equally far the first.
    """
    found, km = np.full(len(place), -1), np.full(len(place), np.nan)
    there = located(place)
    schools, targets = schools[there[schools]], targets[there[targets]]
    for one in sorted({school for _, school in fits}):
        mine = schools[stage[schools] == one]
        offered = targets[np.isin(stage[targets], [core for core, school in fits if school == one])]
        if len(mine) and len(offered):
            found[mine], km[mine] = _nearest(place, mine, offered)
    return found, km


def _nearest(place: Floats, mine: Ints, targets: Ints) -> tuple[Ints, Floats]:
    from scipy.spatial import cKDTree

    spots, which = np.unique(place[targets], axis=0, return_inverse=True)
    order = np.argsort(which.reshape(-1), kind="stable")  # at one spot by position
    begin = np.searchsorted(which.reshape(-1)[order], np.arange(len(spots) + 1))
    first = targets[order][begin[:-1]]
    more = begin[1:] - begin[:-1] > 1
    second = np.where(more, targets[order][np.minimum(begin[:-1] + 1, len(order) - 1)], -1)
    tree = cKDTree(spots)
    found, far = np.full(len(mine), -1), np.full(len(mine), np.nan)
    left, many = np.arange(len(mine)), 3
    while len(left):
        many = min(many, len(spots))
        chord, spot = tree.query(place[mine[left]], k=np.arange(1, many + 1))
        who = first[spot]
        who = np.where(who == mine[left, None], second[spot], who)
        chord = np.where(who >= 0, chord, np.inf)
        best = chord.min(axis=1)
        with np.errstate(invalid="ignore"):
            same = (chord - best[:, None] <= _SAME) & (who >= 0)
        choice = np.where(same, who, np.iinfo(np.int64).max).min(axis=1)
        some = same.any(axis=1)
        found[left] = np.where(some, choice, -1)
        far[left] = np.where(some, km_of(np.where(some, best, 0)), np.nan)
        # where all that were looked at are equally far, others may be too
        open_ = (same | (who < 0)).all(axis=1) & (many < len(spots))
        left, many = left[open_], many * 2
    return found, far


def around(
    place: Floats, cores: Ints, schools: Ints, radius_km: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Give the schools within a radius of cores, blocks of cores at a time.

    Parameters
    ----------
    place
        Points on a ball of radius 1, a row a school.
    cores, schools
        Positions among all schools.
    radius_km
        Kilometres of a straight line.

    Yields
    ------
    tuple of numpy.ndarray
        Position of the core, of the school, and km between them; all the pairs of a core come in
        one block.
    """
    from scipy.spatial import cKDTree

    there = located(place)
    cores, schools = cores[there[cores]], schools[there[schools]]
    if not len(cores) or not len(schools):
        return
    tree, chord = cKDTree(place[schools]), chord_of(radius_km) + 1e-9
    for start in range(0, len(cores), _BLOCK):
        block = cores[start : start + _BLOCK]
        near = cKDTree(place[block]).sparse_distance_matrix(tree, chord, output_type="ndarray")
        km = km_of(near["v"])
        keep = km <= radius_km * (1 + 1e-12)
        order = np.lexsort((near["j"][keep], near["i"][keep]))  # sums in one order
        yield block[near["i"][keep]][order], schools[near["j"][keep]][order], km[keep][order]


def leading(known: Study, ties: TieSet) -> tuple[Ints, bool]:
    """Return the cores; where there is none every school that supports, and that this is so."""
    leads = np.flatnonzero(known.cores(ties.day)[0])
    if len(leads):
        return leads, False
    sources = np.unique(ties.graph.source).astype(np.int64)
    return sources[sources < ties.ties.schools], True


def to_cores(known: Study, ties: TieSet, schools: Ints) -> Floats:
    """Return how far the nearest core that fits is from some schools, in km, NaN where not known.

    Coordinates are taken as they are stated; see `leading` and `nearest`.
    """
    network = known.network
    frame = network.columns("school", "lon", "lat", "stage")
    lon, lat = (frame[key].to_numpy(dtype=float) for key in ("lon", "lat"))
    if np.isnan(lon).all() or np.isnan(lat).all():
        return np.full(len(frame), np.nan)
    stage, fits = stage_fits(frame["stage"])
    return nearest(ball(lon, lat), stage, fits, schools, leading(known, ties)[0])[1]


def located(place: Floats) -> Bools:
    """Return which places are known."""
    return np.asarray(np.isfinite(place).all(axis=1), dtype=np.bool_)
