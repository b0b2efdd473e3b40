"""What a map can show of a network: schools as points, ties between them as lines."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.near import Datum, coordinates
from liantu.graph.study import study
from liantu.graph.ties import words

if TYPE_CHECKING:
    from liantu.graph.network import Network

Spot = tuple[float, float]  # longitude and latitude in degrees
SCHOOL = (
    "id", "name", "region", "region_name", "stage", "type", "ownership", "urban_rural", "quality",
    "core", "pupils", "teachers", "opened", "closed",
)  # fmt: skip
TIE = (
    "source", "source_name", "target", "target_name", "basis", "form", "start", "end", "mutual",
    "in_force", "active",
)  # fmt: skip


class OnMap(NamedTuple):
    """Schools and ties of a network that have a place.

    Attributes
    ----------
    as_of
        The day that is judged: the network's own, else today.
    datum
        What coordinates are in; None where no school says so.
    schools, spots
        `SCHOOL`, a row a school by id, and where each is.
    ties, lines
        `TIE`, a row a tie by ids, and its lines: one, or two where it crosses the 180th meridian.
    notes
        What has no place, and what to know of the datum.
    """

    as_of: date
    datum: str | None
    schools: pd.DataFrame
    spots: list[Spot]
    ties: pd.DataFrame
    lines: list[list[list[Spot]]]
    notes: list[Message]


def on_map(network: Network, datum: Datum) -> OnMap:
    """Return what a map can show of a network: nothing of teachers, nor of rows of lists.

    Examples
    --------
    >>> from liantu.graph.network import Network
    >>> schools = pd.DataFrame({"id": ["a", "b"], "lon": [103, 104], "lat": [23, 23]})
    >>> assists = pd.DataFrame({"source": ["a"], "target": ["b"]})
    >>> shown = on_map(Network.from_frames({"school": schools, "assists": assists}), "stated")
    >>> shown.spots, shown.lines
    ([(103.0, 23.0), (104.0, 23.0)], [[[(103.0, 23.0), (104.0, 23.0)]]])
    """
    lon, lat, named, notes = coordinates(network, datum)
    there = ~np.isnan(lon) & ~np.isnan(lat)
    if there.any():
        if bare := int((~there).sum()):
            notes.append(Message("map_schools_left_out", {"count": bare}))
        if named is None:
            notes.append(Message("map_datum_unstated"))
        elif named != "WGS-84":
            notes.append(Message("map_datum_kept", {"value": named}))
    own = [key for key in SCHOOL if key not in ("id", "region_name", "core")]
    schools = network.columns("school", *own).rename_axis("id").reset_index()
    names = network.columns("region", "name")["name"].astype("str")
    schools["region_name"] = schools["region"].astype("str").map(names, na_action="ignore")
    day, known = network.as_of or date.today(), study(network)
    schools["core"], held = known.cores(day)[0], known.tie_set(day)
    ends = np.append(there, np.zeros(held.ties.nodes - len(there), dtype=np.bool_))
    drawn = ends[held.ties.source] & there[held.ties.target]
    if there.any() and (lost := int((~drawn).sum())):
        notes.append(Message("map_ties_left_out", {"count": lost}))
    frame = words(network, held.ties, drawn)
    place = frame.index.to_numpy()
    frame = frame.assign(in_force=held.in_force[place], active=held.active[place])
    lon, lat = lon.round(7), lat.round(7)  # a centimetre
    spots = list(zip(lon.tolist(), lat.tolist(), strict=True))
    source, target = (ends_[place].tolist() for ends_ in (held.ties.source, held.ties.target))
    lines = [_lines(spots[a], spots[b]) for a, b in zip(source, target, strict=True)]
    return OnMap(
        as_of=day,
        datum=named,
        schools=schools[list(SCHOOL)][there].reset_index(drop=True),
        spots=[spot for spot, here in zip(spots, there.tolist(), strict=True) if here],
        ties=frame[list(TIE)].reset_index(drop=True),
        lines=lines,
        notes=notes,
    )


def _lines(one: Spot, other: Spot) -> list[list[Spot]]:
    """Return a tie as a line, cut at the 180th meridian (RFC 7946, 3.1.9)."""
    if abs(one[0] - other[0]) <= 180:
        return [[one, other]]
    side = 180.0 if one[0] > 0 else -180.0
    whole = 360 - abs(one[0] - other[0])
    share = abs(side - one[0]) / whole if whole else 0.0
    lat = round(one[1] + share * (other[1] - one[1]), 7)
    return [[one, (side, lat)], [(-side, lat), other]]
