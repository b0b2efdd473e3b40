"""Schools, centres, partners, alliances and regions as the page knows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from liantu import vocabulary
from liantu.graph.cover import Cover, months
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.graph.study import Study
from liantu.graph.ties import NODE_KINDS
from liantu.plots import layout
from liantu.web.coded import coded, numbers, signs, steps, texts
from liantu.web.initials import initials

FINE = 10_000  # positions to the ten thousandth of a degree: about ten metres
PLACED = 0.5  # a map needs a place for at least this share of the schools


def kept(known: Study, stops: Sequence[date], window: str) -> Bools:
    """Return which nodes the page tells of: all, or those of a region and what is tied to them."""
    network = known.network
    sizes = [network.size(kind) for kind in NODE_KINDS]
    which = np.ones(sum(sizes), dtype=np.bool_)
    if network.focus_region is None:
        return which
    own = np.zeros_like(which)
    own[: sizes[0]] = network.reported("school")
    which[:] = own
    for stop in stops:
        graph = known.tie_set(stop, window).graph
        which[graph.source[own[graph.target]]] = True
        which[graph.target[own[graph.source]]] = True
    members = known.members(stops[-1])
    base = sum(sizes[:3])
    which[base + members.alliance[own[members.school]]] = True
    families, _ = known.parents(stops[-1])
    which[families.source[own[families.target]]] = True
    which[families.target[own[families.source]]] = True
    return which


def renumbered(which: Bools) -> Ints:
    """Return the place of each node among those that stay, −1 of the others."""
    return np.where(which, np.cumsum(which) - 1, -1)


def regions(network: Network) -> dict[str, Any]:
    """Return the regions, parents as positions among them."""
    frame = network.columns("region", "name", "level")
    return {
        "id": frame.index.tolist(),
        "name": texts(frame["name"]),
        "level": coded(frame["level"], list(vocabulary.terms("level"))),
        "parent": network.region_parents.tolist(),
    }


def nodes(known: Study, day: date, which: Bools, found: Cover, rural: Ints) -> dict[str, Any]:
    """Return the nodes that may stand at the end of a tie, and what is known of the schools."""
    network = known.network
    frame, place = known.nodes()[which], renumbered(which)
    counts = [int((frame["kind"] == kind).sum()) for kind in NODE_KINDS]
    own = which[: network.size("school")]
    columns = ("region", "stage", "urban_rural", "quality", "pupils")
    schools = network.columns("school", *columns)[own]
    active = months(known.tie_set(day))[own]
    leads, works = known.cores(day)
    alliances = network.columns("alliance", "form", "region")[which[sum(_sizes(network)[:3]) :]]
    return {
        "counts": dict(zip(NODE_KINDS, counts, strict=True)),
        "nodes": {"id": frame["id"].tolist(), "name": texts(frame["name"])},
        "initials": initials(texts(frame["name"])),
        "schools": {
            "region": network.region_codes("school")[own].tolist(),
            **{
                key: coded(schools[key], list(vocabulary.terms(key)))
                for key in ("stage", "urban_rural", "quality")
            },
            "pupils": numbers(schools["pupils"]),
            "rural": signs(rural[own]),
            "reported": signs(network.reported("school")[own].astype(int)),
            "direct": signs(found.direct[own]),
            "heir": np.where(found.heir < 0, -1, place[found.heir])[own].tolist(),
            "core": signs((leads.astype(int) + works)[own]),
            "hops": signs(found.hops[own].clip(max=40)),
            "months": signs(active),
        },
        "alliances": {
            "form": coded(alliances["form"]),
            "region": _alliance_regions(network, which),
        },
        "helpers": _helpers(network, which),
        "places": _places(known, day, own),
    }


def _sizes(network: Network) -> list[int]:
    return [network.size(kind) for kind in NODE_KINDS]


def _helpers(network: Network, which: Bools) -> dict[str, Any]:
    """Return region, tier and sort of the centres, then of the partners."""
    sizes = _sizes(network)
    found: dict[str, list[Any]] = {"region": [], "tier": [], "form": []}
    for place, kind in ((1, "center"), (2, "partner")):
        base = sum(sizes[:place])
        own = which[base : base + sizes[place]]
        found["region"] += network.region_codes(kind)[own].tolist()
        found["form"] += texts(network.column(kind, "form")[own])
        tiers = network.column(kind, "tier")[own] if kind == "center" else [""] * int(own.sum())
        found["tier"] += texts(tiers)
    return found


def _alliance_regions(network: Network, which: Bools) -> list[int]:
    base = sum(_sizes(network)[:3])
    found: list[int] = network.region_codes("alliance")[which[base:]].tolist()
    return found


def _places(known: Study, day: date, own: Bools) -> dict[str, Any]:
    """Return where the schools stand: on the earth where that is known, else side by side."""
    network = known.network
    frame = network.columns("school", "lon", "lat", "datum")[own]
    there = (frame["lon"].notna() & frame["lat"].notna()).to_numpy(dtype=bool)
    if len(frame) and there.mean() >= PLACED:
        datum = frame["datum"].dropna().unique().tolist()
        xy = frame[["lon", "lat"]].to_numpy(dtype=float)
        found = np.where(there[:, None], np.rint(xy * FINE), 0).astype(np.int64)
        return {"kind": "map", "datum": "、".join(datum), **_columns(found, there)}
    found, there = _arranged(known, day, own)
    return {"kind": "layout", "datum": "", **_columns(found, there)}


def _columns(places: Ints, there: Bools) -> dict[str, Any]:
    return {
        "x": steps(places[:, 0]),
        "y": steps(places[:, 1]),
        "there": signs(there.astype(int)),
    }


def _arranged(known: Study, day: date, own: Bools) -> tuple[Ints, Bools]:
    """Return places in a picture: alliances as clusters, side by side, hundredths of a unit."""
    network, ties = known.network, known.tie_set(day)
    drawn = own & ties.opened
    if not drawn.any():
        return np.zeros((int(own.sum()), 2), dtype=np.int64), np.zeros(int(own.sum()), dtype=bool)
    trees = layout.forest(network, ties, drawn)
    _, root = layout.depths(trees.parent)
    number = np.bincount(root[: len(drawn)][drawn], minlength=len(root))
    middles = np.flatnonzero(number)
    middles = middles[np.lexsort((middles, -number[middles]))]
    offsets, boxes = layout.radial(trees.parent, trees.inner)
    low, high = boxes[middles, :2], boxes[middles, 2:]
    cards = layout.shelves(high - low + 1.2, aspect=0.7, stretch=1.2)
    centre = np.zeros((len(root), 2))
    centre[middles] = cards[:, :2] + cards[:, 2:] / 2 - (low + high) / 2
    xy = (centre[root] + offsets)[: len(drawn)] * [1, -1]  # y grows northwards, as on a map
    return np.rint(xy[own] * 100).astype(np.int64), drawn[own]
