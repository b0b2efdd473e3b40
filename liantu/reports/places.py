"""Where schools lie."""

from __future__ import annotations

import numpy as np

from liantu.graph.network import Network


def located(network: Network) -> np.ndarray:
    """Return which schools have usable coordinates; 0, 0 is none."""
    lon, lat = (network.nodes("school")[key].to_numpy() for key in ("lon", "lat"))
    known: np.ndarray = np.isfinite(lon) & np.isfinite(lat) & ((lon != 0) | (lat != 0))
    return known
