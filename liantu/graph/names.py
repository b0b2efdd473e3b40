"""Names of nodes, joined to texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.graph.kernels import Bools
from liantu.graph.ties import TieSet


def supporter_names(nodes: pd.DataFrame, ties: TieSet, which: Bools) -> Any:
    """Return the names of the direct supporters of some schools in the tie set, a text each."""
    keep = which[ties.graph.target]
    source, target = ties.graph.source[keep], ties.graph.target[keep]
    number = np.bincount(target, minlength=len(which))[which]
    ends = np.concatenate([[0], np.cumsum(number)])
    names = nodes["name"].fillna(nodes["id"]).array
    listed = names[source[np.argsort(target, kind="stable")]]
    texts = pa.array(listed, type=pa.string())
    if isinstance(texts, pa.ChunkedArray):  # as frames keep text that was read in pieces
        texts = texts.combine_chunks()
    lists = pa.ListArray.from_arrays(ends.astype(np.int32), texts)
    joined = pc.binary_join(lists, "、").to_numpy(zero_copy_only=False)
    return pd.Series(joined, dtype="str").where(number > 0).array
