"""The fingerprint of data: the same on every machine, for every file format and row order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.graph import schema
from liantu.graph.columns import arrow, ascending


def fingerprint(frames: Mapping[str, pd.DataFrame], purpose: str = "") -> str:
    """Return ``sha256:…`` over ids and non-empty values of frames in canonical order.

    Parameters
    ----------
    frames
        Every table of the schema in its final shape, or with ids and ends as plain columns.
    purpose
        Another purpose gives another, unrelated hash of the same data.
    """
    digest = hashlib.sha256(purpose.encode())
    for name, table in schema.tables().items():
        frame = frames[name]
        if frame.empty:
            continue
        digest.update(f"[{name} {len(frame)}]".encode())
        for key, column in table.columns.items():
            values = frame[key] if key in frame else pd.Series(frame.index.array, copy=False)
            known = values.notna()
            if column.default:  # a default is as good as an empty cell
                default = False if column.type == "bool" else column.default
                known &= (values != default).fillna(False).astype(bool)
            if not known.any():
                continue
            digest.update(f"<{key}>".encode() + np.packbits(known.to_numpy()).tobytes())
            digest.update(_bytes(values[known], column))
    return "sha256:" + digest.hexdigest()


def _bytes(values: pd.Series, column: schema.Column) -> bytes:
    """Return the bytes of known values, the same on every machine."""
    if column.is_date:
        return values.to_numpy().astype("M8[s]").astype("<i8").tobytes()
    if column.type == "int":
        return values.to_numpy(dtype="<i8").tobytes()
    if column.type == "number":
        return (values.to_numpy(dtype="<f8") + 0.0).tobytes()  # −0.0 is 0.0
    if column.type == "bool":
        return np.packbits(values.to_numpy(dtype=bool)).tobytes()
    distinct, codes = _coded(values)
    lengths = pc.cast(pc.utf8_length(distinct), distinct.type)
    texts = pc.binary_join_element_wise(lengths, distinct, pa.scalar(":", distinct.type))
    return _text(texts) + codes.astype("<i8").tobytes()


def _coded(values: pd.Series) -> tuple[pa.Array, np.ndarray]:
    """Return the distinct texts in the order of their signs, and the place of each text in them."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        own = values.cat.codes.to_numpy()
        used = np.zeros(len(values.cat.categories), dtype=bool)
        used[own] = True
        texts, codes = arrow(values.cat.categories[used]), (np.cumsum(used) - 1)[own]
    elif ascending(values):
        return arrow(values), np.arange(len(values))
    else:
        found = arrow(values).dictionary_encode()
        texts, codes = found.dictionary, found.indices.to_numpy()
    order = pc.sort_indices(texts)  # by bytes, which is by code points
    places = np.empty(len(order), dtype=np.int64)
    places[order.to_numpy()] = np.arange(len(order))
    return texts.take(order), places[codes]


def _text(texts: pa.Array) -> bytes:
    """Return texts as one, in UTF-8."""
    _, offsets, data = texts.buffers()
    place = np.frombuffer(offsets, dtype=np.int64)[texts.offset :][: len(texts) + 1]
    return data.to_pybytes()[place[0] : place[-1]] if data else b""
