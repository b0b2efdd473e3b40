"""Facts about schools on a date that several analyses need."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from liantu.errors import Message, RequestError
from liantu.graph.kernels import Bools, Graph
from liantu.graph.network import Network
from liantu.graph.spans import HIGH, LOW, day_number, spans

Scope = Literal["rural", "all"]
Rural = Literal["strict", "broad"]
# GB/T 33782-2017, table 5: 乡村, and 镇区 + 乡村.
RURAL = {"strict": ("210", "220"), "broad": ("121", "122", "123", "210", "220")}


def rural_schools(network: Network, rural: Rural) -> Bools:
    """Return which schools are rural; one without an urban–rural class is not."""
    return network.nodes("school")["urban_rural"].isin(RURAL[rural]).to_numpy(dtype=bool)


def schools_in_scope(
    network: Network, opened: Bools, scope: Scope, rural: Rural
) -> tuple[Bools, Bools]:
    """Return which open schools are reported on, and which of them count in a rate.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class.
    """
    counted = opened & network.reported("school")
    if scope == "all":
        return counted, counted
    classed = network.nodes("school")["urban_rural"].notna().to_numpy(dtype=bool)
    if opened.any() and not (opened & classed).any():
        raise RequestError.of("no_urban_rural")
    return counted, counted & rural_schools(network, rural)


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


def memberships(network: Network, day: date, opened: Bools) -> pd.DataFrame:
    """Return the memberships of open schools in force on a day; ambiguous ones are left out.

    Returns
    -------
    pandas.DataFrame
        ``school`` and ``alliance`` (positions), ``core`` (whether the role is core), ``form``.
    """
    frame, alliances = network.relation("member_of"), network.nodes("alliance")
    alive = holds(alliances.assign(certainty="stated"), day)
    school, alliance = (frame[end].cat.codes.to_numpy(np.int64) for end in ("source", "target"))
    now = holds(frame, day) & opened[school] & alive[alliance]
    core = (frame["role"] == "core").to_numpy(dtype=bool)
    found = pd.DataFrame({"school": school, "alliance": alliance, "core": core})
    return found.assign(form=frame["form"].to_numpy())[now].reset_index(drop=True)


def core_schools(network: Network, day: date, opened: Bools) -> tuple[Bools, Bools]:
    """Return which open schools are cores, and which are core of a working alliance.

    A core has the role core in an alliance in force, or is of core quality; an alliance works if
    another open school is in force in it.
    """
    now = memberships(network, day, opened)
    distinct = now[["alliance", "school"]].drop_duplicates()["alliance"]
    works = np.bincount(distinct, minlength=len(network.nodes("alliance"))) > 1
    leads = opened & (network.nodes("school")["quality"] == "core").to_numpy(dtype=bool)
    leads_working = np.zeros(len(opened), dtype=bool)
    cores = now[now["core"].to_numpy(dtype=bool)]
    leads[cores["school"]] = True
    leads_working[cores.loc[works[cores["alliance"]], "school"]] = True
    return leads, leads_working
