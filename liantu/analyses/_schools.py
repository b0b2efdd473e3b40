"""Facts about schools on a date that several analyses need."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.kernels import Bools, Graph
from liantu.graph.network import Network
from liantu.graph.spans import HIGH, LOW, day_number, spans

# GB/T 33782-2017, table 5: 乡村, and 镇区 + 乡村.
RURAL = {"strict": ("210", "220"), "broad": ("121", "122", "123", "210", "220")}


def rural_schools(network: Network, rural: Literal["strict", "broad"]) -> Bools:
    """Return which schools are rural; one without an urban–rural class is not."""
    return network.nodes("school")["urban_rural"].isin(RURAL[rural]).to_numpy(dtype=bool)


def holds(frame: pd.DataFrame, day: date) -> Bools:
    """Return which rows of a state are in force on a day; ambiguous ones never are."""
    span, number = spans(frame), day_number(day)
    covers = (span["start"] <= number) & (span["end"] >= number)
    return (covers & (frame["certainty"] != "ambiguous")).to_numpy(dtype=bool)


def parents(network: Network, day: date, opened: Bools, n: int) -> tuple[Graph, list[Message]]:
    """Return the edges parent → child along which a school inherits, and what was counted.

    Parameters
    ----------
    network
        The network.
    day
        The date on which affiliations are judged.
    opened
        Which schools are open.
    n
        The number of nodes of the graph; schools come first.
    """
    frame = network.relation("affiliated_to")
    frame = frame[(frame["form"] != "successor").fillna(True).to_numpy(dtype=bool)]
    unsure = int((frame["certainty"] == "ambiguous").sum())
    frame = frame[holds(frame, day)]
    span = spans(frame)
    undated = int(((span["start"] == LOW) & (span["end"] == HIGH)).sum())
    child, parent = (frame[end].cat.codes.to_numpy(np.int64) for end in ("source", "target"))
    both = opened[child] & opened[parent]
    size = max(n, 1)
    merged = np.unique(parent[both] * size + child[both])
    counts = {"undated_affiliations": undated, "ambiguous_affiliations": unsure}
    notes = [Message(code, {"count": count}) for code, count in counts.items() if count]
    return Graph(n, merged // size, merged % size), notes


def core_schools(network: Network, day: date, opened: Bools) -> tuple[Bools, Bools]:
    """Return which open schools are core of an alliance in force, and which of a working one.

    An alliance works if another open school is in force in it.
    """
    frame, alliances = network.relation("member_of"), network.nodes("alliance")
    alive = holds(alliances.assign(certainty="stated"), day)
    school, alliance = (frame[end].cat.codes.to_numpy(np.int64) for end in ("source", "target"))
    now = holds(frame, day) & opened[school] & alive[alliance]
    core = now & (frame["role"] == "core").to_numpy(dtype=bool)
    members = np.unique(np.stack([alliance[now], school[now]]), axis=1)[0]
    works = np.bincount(members, minlength=len(alliances)) > 1
    leads, leads_working = np.zeros(len(opened), dtype=bool), np.zeros(len(opened), dtype=bool)
    leads[school[core]] = True
    leads_working[school[core & works[alliance]]] = True
    return leads, leads_working
