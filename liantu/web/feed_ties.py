"""Ties, memberships and families as the page knows them: from which month to which they hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from liantu.graph import schema
from liantu.graph.kernels import Bools, Ints
from liantu.graph.spans import HIGH, day_number
from liantu.graph.study import Study
from liantu.graph.ties import NODE_KINDS, Ties
from liantu.web.coded import coded, signs, steps
from liantu.web.feed_nodes import renumbered

KEY = ["source", "target", "basis", "form", "start", "end"]


def ties_of(known: Study, stops: Sequence[date], window: str, which: Bools) -> dict[str, Any]:
    """Return the ties, each with the stops at which it is in force and active.

    Events that are active at no stop are left out, other ties stay. What an alliance or several
    rows give between the same two for the same time stands once.
    """
    frames: dict[int, pd.DataFrame] = {}
    for number, stop in enumerate(stops):
        now = known.tie_set(stop, window)
        frame = frames.setdefault(id(now.ties), _frame(known, now.ties))
        for key, holds in (("force", now.in_force), ("active", now.active)):
            first, last = frame[f"{key}_from"].to_numpy(), frame[f"{key}_to"].to_numpy()
            frame[f"{key}_from"] = np.where(holds, np.minimum(first, number), first)
            frame[f"{key}_to"] = np.where(holds, number, last)
    every = pd.concat(frames.values(), ignore_index=True)
    events = [name for name in schema.relations() if schema.tables()[name].nature == "event"]
    keep = ~every["basis"].isin(events) | (every["active_to"] >= 0)
    keep &= which[every["source"]] & which[every["target"]]
    how = {"force_from": "min", "force_to": "max", "active_from": "min", "active_to": "max"}
    grouped = every[keep].groupby(KEY, sort=True, dropna=False)
    table = grouped.agg({**how, "mutual": "max"}).reset_index()
    place, dated = renumbered(which), _dates(table["start"], table["end"])
    return {
        "source": steps(place[table["source"]]),
        "target": steps(place[table["target"]]),
        "basis": coded(table["basis"], list(schema.relations())),
        "form": coded(table["form"].replace("", None)),
        "mutual": signs(table["mutual"].astype(int)),
        **dated,
        **_spans("force", table["force_from"], table["force_to"]),
        **_spans("active", table["active_from"], table["active_to"]),
    }


def _spans(key: str, first: Any, last: Any) -> dict[str, str]:
    """Return from which stop and at how many something holds; never is 0 and 0."""
    number = np.maximum(np.asarray(last) - np.asarray(first) + 1, 0)
    return {f"{key}_from": signs(np.where(number, first, 0)), key: signs(number)}


def _frame(known: Study, ties: Ties) -> pd.DataFrame:
    forms = pd.array([*known.network.forms, ""], dtype="str")
    none = np.full(len(ties), HIGH), np.full(len(ties), -1)
    return pd.DataFrame(
        {
            "source": ties.source,
            "target": ties.target,
            "basis": pd.array(ties.bases, dtype="str")[ties.basis],
            "form": forms[ties.form],
            "start": ties.start,
            "end": ties.end,
            "mutual": ties.mutual,
            "force_from": none[0],
            "force_to": none[1],
            "active_from": none[0],
            "active_to": none[1],
        }
    )


def _dates(start: pd.Series, end: pd.Series) -> dict[str, Any]:
    """Return days as positions in a list of the days there are; −1 where open.

    Most events begin and end on one day: the end is then −2.
    """
    both = np.concatenate([start.to_numpy(), end.to_numpy()])
    known = np.unique(both[np.abs(both) < HIGH])
    words = [str(day) for day in known.astype("M8[D]")]
    places = np.where(np.abs(both) < HIGH, np.searchsorted(known, both), -1)
    first, last = places[: len(start)], places[len(start) :]
    last = np.where((first >= 0) & (first == last), -2, last)
    return {"days": words, "start": first.tolist(), "end": last.tolist()}


def memberships(known: Study, stops: Sequence[date], which: Bools) -> dict[str, Any]:
    """Return who is in which alliance, each with the stops at which it is."""
    found, network = known.memberships(), known.network
    base = sum(network.size(kind) for kind in NODE_KINDS[:3])
    first, last = np.full(len(found), HIGH), np.full(len(found), -1)
    for number, stop in enumerate(stops):
        day = day_number(stop)
        holds = (found.start <= day) & (found.end >= day) & known.opened(stop)[found.school]
        first, last = (
            np.where(holds, np.minimum(first, number), first),
            np.where(holds, number, last),
        )
    keep = which[found.school] & which[base + found.alliance]
    place = renumbered(which)
    order = np.lexsort((found.start, found.school, found.alliance))
    order = order[keep[order]]
    dated = _dates(pd.Series(found.start[order]), pd.Series(found.end[order]))
    return {
        "school": place[found.school[order]].tolist(),
        "alliance": steps(place[base + found.alliance[order]]),
        "core": signs(found.core[order].astype(int)),
        **dated,
        **_spans("holds", first[order], last[order]),
    }


def families(known: Study, day: date, which: Bools) -> dict[str, Any]:
    """Return parent and child of the affiliations along which a school inherits."""
    graph, _ = known.parents(day)
    keep = which[graph.source] & which[graph.target]
    place: Ints = renumbered(which)
    return {
        "parent": place[graph.source[keep]].tolist(),
        "child": place[graph.target[keep]].tolist(),
    }
