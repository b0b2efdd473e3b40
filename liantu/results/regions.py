"""Results by region at the finest level that has few enough regions to be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from liantu.graph.regions import depths


def region_levels(frame: pd.DataFrame, most: int) -> tuple[np.ndarray, int]:
    """Return the depth of each region of ``by_region``, and the deepest level fit for a chart.

    Parameters
    ----------
    frame
        With ``region`` and ``parent``; a parent outside the frame is none.
    most
        Regions that a level fit for a chart has at most.
    """
    depth = depths(_parents(frame))
    fit = np.flatnonzero(np.bincount(depth) <= most)
    return depth, int(fit.max(initial=0))


def _parents(frame: pd.DataFrame) -> np.ndarray:
    found = pd.Index(frame["region"]).get_indexer(pd.Index(frame["parent"]))
    return np.where(frame["parent"].notna(), found, -1)


def lifted(frame: pd.DataFrame, regions: pd.Series, most: int) -> np.ndarray:
    """Return for each region id the row of `frame` at the finest level fit for a chart, −1 if none.

    Parameters
    ----------
    frame
        The table ``by_region``.
    regions
        Ids of regions, one a row of another table.
    most
        Regions that such a level has at most.
    """
    parent, (depth, level) = _parents(frame), region_levels(frame, most)
    own = pd.Index(frame["region"]).get_indexer(pd.Index(regions))
    own = np.where(regions.isna().to_numpy(), -1, own)
    while (deep := (own >= 0) & (depth[own] > level)).any():
        own = np.where(deep, parent[own], own)
    return own


def region_groups(
    frame: pd.DataFrame | None, table: pd.DataFrame, most: int, nowhere: str
) -> tuple[tuple[pd.Series, list[str]] | None, int]:
    """Return the region of each row at the finest level with few enough, and their order.

    The least covered region comes first. The number of regions is returned beside it where some
    must be left out.

    Parameters
    ----------
    frame
        The table ``by_region``.
    table
        With ``region`` and ``covered``.
    most
        Regions that are shown at most.
    nowhere
        The word for rows without a region.
    """
    if frame is None or frame.empty:
        return None, 0
    own = lifted(frame, table["region"], most)
    column = frame["name"] if "name" in frame else frame["region"]
    names = column.fillna(frame["region"]).astype("str")
    # Where two regions bear one name the id tells them apart.
    labels = names.mask(names.duplicated(keep=False), frame["region"].astype("str")).to_numpy()
    found = pd.Series(nowhere, index=table.index, dtype="str")
    found[own >= 0] = labels[own[own >= 0]]
    covered = table["covered"].astype(bool)
    rates = (
        covered.groupby(found).agg(["mean", "size"]).sort_values(["mean", "size"], kind="stable")
    )
    shown = rates.index.tolist()
    return (found, shown[:most]), len(shown) if len(shown) > most else 0
