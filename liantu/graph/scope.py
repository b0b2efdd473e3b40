"""Which schools are rural, and which count in a rate."""

from __future__ import annotations

from typing import Literal

import numpy as np

from liantu.errors import RequestError
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network

Scope = Literal["rural", "all"]
Rural = Literal["strict", "broad"]
# GB/T 33782-2017, table 5: 乡村, and 镇区 + 乡村.
RURAL = {"strict": ("210", "220"), "broad": ("121", "122", "123", "210", "220")}


def rural_schools(network: Network, rural: Rural) -> Bools:
    """Return which schools are rural; one without an urban–rural class is not."""
    return network.column("school", "urban_rural").isin(RURAL[rural]).to_numpy(dtype=bool)


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
    classed = network.column("school", "urban_rural").notna().to_numpy(dtype=bool)
    if opened.any() and not (opened & classed).any():
        raise RequestError.of("no_urban_rural")
    return counted, counted & rural_schools(network, rural)


def at_level(network: Network, codes: Ints, level: str) -> Ints:
    """Return the region of a level that each region lies in (or is), −1 where there is none."""
    fits = (network.column("region", "level") == level).fillna(False).to_numpy(dtype=bool)
    parents, codes = network.region_parents, np.asarray(codes, dtype=np.int64)
    while True:
        climb = codes >= 0
        climb[climb] = ~fits[codes[climb]]
        if not climb.any():
            return codes
        codes = codes.copy()
        codes[climb] = parents[codes[climb]]


def counties(network: Network) -> tuple[Ints, str]:
    """Return the region that stands for the county of each school, and how it was found.

    ``level``: the region of level county that it lies in; ``roots``: where no region is marked as
    a county, the topmost one; ``whole``: there are no regions. −1 where a school has none.
    """
    codes = network.region_codes("school")
    if not network.size("region"):
        return codes, "whole"
    if (network.column("region", "level") == "county").any():
        return at_level(network, codes, "county"), "level"
    parents = network.region_parents
    while (climb := (codes >= 0) & (np.append(parents, -1)[codes] >= 0)).any():
        codes = np.where(climb, parents[codes], codes)
    return codes, "roots"
