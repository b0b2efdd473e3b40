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
from liantu.graph.frames import Frames
from liantu.graph.numbering import numbering


def fingerprint(frames: Mapping[str, pd.DataFrame], purpose: str = "") -> str:
    """Return ``sha256:…`` over ids and non-empty values of frames in canonical order.

    Parameters
    ----------
    frames
        Every table of the schema in its final shape, or with ids and ends as plain columns.
    purpose
        Another purpose gives another, unrelated hash of the same data.
    """
    return fingerprints(frames, purpose=purpose)[0]


def fingerprints(
    frames: Mapping[str, pd.DataFrame], without: tuple[str, str] | None = None, purpose: str = ""
) -> tuple[str, str]:
    """Return the fingerprint, and that of the same data with one column empty, in one pass.

    Parameters
    ----------
    frames, purpose
        As for `fingerprint`.
    without
        Table and column that count as empty in the second.
    """
    digests = [hashlib.sha256(purpose.encode())]  # of all last, of all but a column first
    for name, table in schema.tables().items():
        rows = frames.size(name) if isinstance(frames, Frames) else len(frames[name])
        if not rows:
            continue
        for digest in digests:
            digest.update(f"[{name} {rows}]".encode())
        for key, column in table.columns.items():
            known, found = _column(frames, name, column)
            if not found:
                continue
            if (name, key) == without:
                digests.insert(0, digests[0].copy())
            head = f"<{key}>".encode() + np.packbits(known).tobytes()
            for digest in digests[-1:] if (name, key) == without else digests:
                digest.update(head)
                digest.update(found)
    return f"sha256:{digests[-1].hexdigest()}", f"sha256:{digests[0].hexdigest()}"


def _column(
    frames: Mapping[str, pd.DataFrame], name: str, column: schema.Column
) -> tuple[np.ndarray, bytes]:
    """Return which values of a column are known, and their bytes; none if none is."""
    key = column.name
    default = False if column.type == "bool" else column.default
    if isinstance(frames, Frames) and frames.keeps_codes(name):
        if schema.tables()[name].nature == "kind" and key == "id":
            values = pd.Series(frames.ids(name).array, copy=False)
        elif column.dtype == "str":
            return _texts(*_codes(frames, name, column), default=str(default))
        else:
            values = frames.column(name, key)
    else:
        frame = frames[name]
        if key not in frame and key != "id":
            return np.zeros(len(frame), dtype=bool), b""
        values = frame[key] if key in frame else pd.Series(frame.index.array, copy=False)
    known = np.asarray(values.notna())
    if column.default:  # a default is as good as an empty cell
        known = known & np.asarray((values != default).fillna(False), dtype=bool)
    if not known.any():
        return known, b""
    return known, _bytes(values if known.all() else values[known], column)


def _codes(frames: Frames, name: str, column: schema.Column) -> tuple[np.ndarray, pa.Array]:
    """Return a column of text as codes, −1 where it is missing, and its words."""
    numbers = frames.numbers(name, column.name) if column.type == "end" else None
    if numbers is None:
        codes, words = frames.coded(name, column.name)
        return codes, arrow(words)
    every = numbering({kind: frames.size(kind) for kind in schema.kinds()})
    used = np.zeros(every.total, dtype=bool)
    used[numbers] = True
    texts = []
    for kind in column.values:
        first, beyond = every.span(kind)
        texts.append(arrow(frames.ids(kind)).filter(pa.array(used[first:beyond])))
    # The kinds of an end stand in any order; a text may be the id of nodes of several kinds.
    order = np.concatenate([np.arange(*every.span(kind)) for kind in column.values])
    places = np.zeros(every.total, dtype=np.int32)
    places[order] = np.cumsum(used[order]) - 1
    words = pa.concat_arrays(texts)
    if len(texts) == 1:
        return places[numbers], words
    coded = words.dictionary_encode()
    return coded.indices.to_numpy()[places[numbers]], coded.dictionary


def _texts(codes: np.ndarray, words: pa.Array, *, default: str) -> tuple[np.ndarray, bytes]:
    """Return which rows have a text other than the default, and the bytes of those."""
    said = np.append(np.asarray(pc.not_equal(words, default), dtype=bool), False)
    known = said[codes]
    if not known.any():
        return known, b""
    codes = codes if known.all() else codes[known]
    used = np.zeros(len(words), dtype=bool)
    used[codes] = True
    if not used.all():
        words, codes = words.filter(pa.array(used)), (np.cumsum(used) - 1)[codes]
    return known, _text_bytes(*_in_order(words, codes))


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
    return _text_bytes(*_coded(values))


def _text_bytes(distinct: pa.Array, codes: np.ndarray) -> bytes:
    """Return the bytes of texts: the distinct ones in order, and the place of each in them."""
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
    return _in_order(texts, codes)


def _in_order(texts: pa.Array, codes: np.ndarray) -> tuple[pa.Array, np.ndarray]:
    """Return distinct texts in order, and the codes of the same rows among them."""
    rising = pc.all(pc.less(texts[:-1], texts[1:])).as_py()
    if rising is not False:
        return texts, codes
    order = pc.sort_indices(texts)  # by bytes, which is by code points
    places = np.empty(len(order), dtype=np.int64)
    places[order.to_numpy()] = np.arange(len(order))
    return texts.take(order), places[codes]


def _text(texts: pa.Array) -> bytes:
    """Return texts as one, in UTF-8."""
    _, offsets, data = texts.buffers()
    place = np.frombuffer(offsets, dtype=np.int64)[texts.offset :][: len(texts) + 1]
    return data.to_pybytes()[place[0] : place[-1]] if data else b""
