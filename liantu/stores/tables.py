"""One table as one Parquet file, with digests that tell every changed bit of what is read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from liantu.graph import schema
from liantu.stores.manifest import FORMAT

_TAIL = 8  # bytes at the end of a Parquet file: the length of its footer, "PAR1"
_DICTIONARY = 2**28  # bytes; past the default of 1 MB ends would be written out one by one

Entry = dict[str, Any]


def write_table(path: Path, name: str, frame: pd.DataFrame, fingerprint: str) -> Entry:
    """Write a table to disk.

    Parameters
    ----------
    path
        The file, which does not exist yet.
    name
        The table.
    frame
        Its rows in final shape.
    fingerprint
        That of the network, kept in the file's metadata.

    Returns
    -------
    dict
        What the manifest says of it: ``rows``, ``bytes``, digests of the ``footer`` and of each
        of the ``columns``.
    """
    table = schema.tables()[name]
    plain = frame.reset_index() if table.nature == "kind" else frame
    arrays = {key: _array(plain[key], column) for key, column in table.columns.items()}
    kept = {"format": FORMAT, "table": name, "fingerprint": fingerprint}
    found = pa.table(arrays)
    coded = [
        key
        for key, column in table.columns.items()
        if column.dtype == "str" and not (table.nature == "kind" and key in ("id", "name"))
    ]
    with path.open("xb") as file:
        with pq.ParquetWriter(
            file,
            found.schema,
            compression="zstd",
            use_dictionary=coded,
            dictionary_pagesize_limit=_DICTIONARY,
            store_schema=False,
            write_page_checksum=True,
        ) as writer:
            writer.write_table(found)
            writer.add_key_value_metadata({"liantu": json.dumps(kept)})
        file.flush()
        os.fsync(file.fileno())
    with pa.OSFile(str(path)) as source:
        size = source.size()
        start = _footer_start(source, size)
        footer = _digest(source, [(start, size - start)])
        spans = _spans(pq.ParquetFile(source).metadata)
        columns = {key: _digest(source, spans[key]) for key in arrays}
    return {"rows": len(frame), "bytes": size, "footer": footer, "columns": columns}


def read_table(
    source: pa.OSFile, name: str, entry: Mapping[str, Any], keys: Iterable[str]
) -> pd.DataFrame | None:
    """Read some columns of a table; None if a bit of what is read is not as it was written.

    Parameters
    ----------
    source
        The open file.
    name
        The table.
    entry
        What `write_table` said of it.
    keys
        The columns; the others are left empty.

    Returns
    -------
    pandas.DataFrame or None
        The table in its final shape, but for ends, which are categoricals over any ids.
    """
    size = source.size()
    if size != entry["bytes"]:
        return None
    start = _footer_start(source, size)
    if _digest(source, [(start, size - start)]) != entry["footer"]:
        return None
    table = schema.tables()[name]
    ends = ["source", "target"] if table.is_relation else None
    file = pq.ParquetFile(source, read_dictionary=ends, page_checksum_verification=True)
    spans = _spans(file.metadata)
    wanted = set(keys)
    there = [key for key in table.columns if key in wanted and key in entry["columns"]]
    types = {field.name: field.type for field in file.schema_arrow}
    if (
        file.metadata.num_rows != entry["rows"]
        or not {"id", "source", "target"}.intersection(table.columns).issubset(there)
        or not all(key in types and _fits(types[key], table.columns[key]) for key in there)
        or any(_digest(source, spans[key]) != entry["columns"][key] for key in there)
    ):
        return None
    arrays, rows = file.read(columns=there), entry["rows"]
    arrays.validate(full=True)  # texts are UTF-8, codes are those of a text
    for key, column in table.columns.items():
        if column.required and key in there and arrays[key].null_count:
            return None
    frame = pd.DataFrame(
        {
            key: _series(arrays[key], column) if key in there else _blank(rows, column)
            for key, column in table.columns.items()
        }
    )
    if table.nature != "kind":
        return frame
    return frame.set_index("id") if frame["id"].is_unique else None


def _fits(found: pa.DataType, column: schema.Column) -> bool:
    """Return whether a column of a file is of the type that it was written with."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    if column.is_date:
        return bool(found == pa.date32())
    plain = {"int": pa.int64(), "number": pa.float64(), "bool": pa.bool_()}.get(column.type)
    return bool(found == plain) if plain else found in (pa.string(), pa.large_string())


def _array(values: pd.Series, column: schema.Column) -> pa.Array:
    """Return a column as Arrow knows it."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        used = values.cat.remove_unused_categories().cat
        codes = pa.array(used.codes.to_numpy(), mask=(used.codes < 0).to_numpy())
        return pa.DictionaryArray.from_arrays(codes, pa.array(used.categories, pa.string()))
    if column.is_date:
        return pa.array(values.to_numpy().astype("M8[D]"), pa.date32(), from_pandas=True)
    kinds = {"int": pa.int64(), "number": pa.float64(), "bool": pa.bool_()}
    found = pa.array(values, from_pandas=True)
    return found.cast(kinds.get(column.type, pa.large_string()))


def _series(values: pa.ChunkedArray, column: schema.Column) -> Any:
    """Return a column in its dtype."""
    if pa.types.is_dictionary(values.type):
        whole = values.unify_dictionaries().combine_chunks()
        if isinstance(whole, pa.ChunkedArray):  # without rows
            whole = whole.chunk(0) if whole.num_chunks else pa.array([], values.type)
        codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return pd.Categorical.from_codes(codes, categories=_text(whole.dictionary))
    if column.is_date:
        return values.cast(pa.timestamp("s")).to_numpy()
    if column.type == "number":
        return values.to_numpy()
    if column.type in ("int", "bool"):
        dtype: Any = pd.Int64Dtype() if column.type == "int" else pd.BooleanDtype()
        return dtype.__from_arrow__(values)
    return _text(values)


def _text(values: pa.Array | pa.ChunkedArray) -> Any:
    dtype: Any = pd.StringDtype(na_value=np.nan)
    return dtype.__from_arrow__(values)


def _blank(rows: int, column: schema.Column) -> pd.Series:
    return pd.Series(None, index=pd.RangeIndex(rows), dtype=column.dtype)


def _footer_start(source: pa.OSFile, size: int) -> int:
    """Return where the footer begins; the start of the file if that cannot be."""
    tail = source.read_at(_TAIL, max(size - _TAIL, 0))
    return max(size - _TAIL - int.from_bytes(tail[:4], "little"), 0)


def _spans(metadata: Any) -> dict[str, list[tuple[int, int]]]:
    """Return where the pages of each column stand: first byte and length, by group of rows."""
    found: dict[str, list[tuple[int, int]]] = {}
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        for number in range(rows.num_columns):
            chunk = rows.column(number)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            span = (min(start, chunk.data_page_offset), chunk.total_compressed_size)
            found.setdefault(chunk.path_in_schema, []).append(span)
    return found


def _digest(source: pa.OSFile, spans: Iterable[tuple[int, int]]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for start, length in spans:
        digest.update(source.read_at(length, start))
    return digest.hexdigest()
