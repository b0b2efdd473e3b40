"""One table as one Parquet file, with digests that tell every changed bit of what is read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from liantu.graph import schema
from liantu.graph.numbering import Codes
from liantu.stores.manifest import FORMAT

_TAIL = 8  # bytes at the end of a Parquet file: the length of its footer, "PAR1"
_DICTIONARY = 2**28  # bytes; past the default of 1 MB ends would be written out one by one

Entry = dict[str, Any]


class DamageError(Exception):
    """A bit of what was to be read is not as it was written."""


def arrays_of(name: str, frame: pd.DataFrame) -> dict[str, pa.Array]:
    """Return the columns of a table in final shape as Arrow arrays."""
    table = schema.tables()[name]
    plain = frame.reset_index() if table.nature == "kind" else frame
    return {key: array(plain[key], column) for key, column in table.columns.items()}


def write_table(
    path: Path, name: str, given: Mapping[str, pa.Array | pa.ChunkedArray], fingerprint: str,
    numbers: Mapping[str, Codes],
) -> Entry:  # fmt: skip
    """Write a table to disk.

    Parameters
    ----------
    path
        The file, which does not exist yet.
    name
        The table.
    given
        Its columns in canonical order of rows, those without any value may be missing; text that
        repeats itself may have a dictionary.
    fingerprint
        That of the network, kept in the file's metadata.
    numbers
        By end, the numbers of the nodes: kept beside their ids, so that no id need be looked up.

    Returns
    -------
    dict
        What the manifest says of it: ``rows``, ``bytes``, digests of the ``footer``, of each of
        the ``columns`` and of the ``numbers``.
    """
    table = schema.tables()[name]
    rows = len(next(iter(given.values())))
    arrays = {
        key: given[key] if key in given else pa.nulls(rows, _type(column))
        for key, column in table.columns.items()
    }
    arrays |= {numbered(end): pa.array(codes, pa.int32()) for end, codes in numbers.items()}
    kept = {"format": FORMAT, "table": name, "fingerprint": fingerprint}
    found = pa.table(arrays)
    with path.open("xb") as file:
        with pq.ParquetWriter(
            file,
            found.schema,
            compression="zstd",
            use_dictionary=_coded(table),
            column_encoding={numbered(end): "DELTA_BINARY_PACKED" for end in numbers} or None,
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
        columns = {key: _digest(source, spans[key]) for key in table.columns}
        ends = {end: _digest(source, spans[numbered(end)]) for end in numbers}
    told = {"rows": rows, "bytes": size, "footer": footer, "columns": columns}
    return {**told, "numbers": ends} if ends else told


def numbered(end: str) -> str:
    """Return the name of the column of a file that holds the numbers of the nodes at an end."""
    return f"{end}_number"


class TableFile:
    """The open file of a table; nothing is read of it before it is asked for.

    Every method raises `DamageError` where a bit of what is read is not as it was written.

    Parameters
    ----------
    source
        The open file.
    name
        The table.
    entry
        What `write_table` said of it.
    """

    def __init__(self, source: pa.OSFile, name: str, entry: Mapping[str, Any]) -> None:
        self.source, self.table, self.entry = source, schema.tables()[name], entry
        self._sound: set[str] = set()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return int(self.entry["rows"])

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the schema that are in the file."""
        return tuple(key for key in self.table.columns if key in self.entry["columns"])

    @cached_property
    def _file(self) -> pq.ParquetFile:
        with _whatever():
            source, size = self.source, self.source.size()
            if size != self.entry["bytes"]:
                raise DamageError
            start = _footer_start(source, size)
            if _digest(source, [(start, size - start)]) != self.entry["footer"]:
                raise DamageError
            coded = [key for key in _coded(self.table) if key in self.keys]  # older ones lack some
            file = pq.ParquetFile(source, read_dictionary=coded, page_checksum_verification=True)
            types = {field.name: field.type for field in file.schema_arrow}
            if (
                file.metadata.num_rows != self.rows
                or not {"id", "source", "target"}.intersection(self.table.columns) <= {*self.keys}
                or not all(
                    key in types and _fits(types[key], self.table.columns[key]) for key in self.keys
                )
            ):
                raise DamageError
            return file

    @cached_property
    def _spans(self) -> dict[str, list[tuple[int, int]]]:
        return _spans(self._file.metadata)

    def read(self, *keys: str) -> dict[str, pa.ChunkedArray]:
        """Return some columns of the schema; text that repeats itself with a dictionary."""
        found = self._read({key: self.entry["columns"][key] for key in keys})
        for key in keys:
            if self.table.columns[key].required and found[key].null_count:
                raise DamageError
        return found

    def numbers(self, end: str) -> Codes | None:
        """Return the numbers of the nodes at an end; None in a file that does not keep them."""
        key, kept = numbered(end), self.entry.get("numbers", {})
        if end not in kept:
            return None
        found = self._read({key: kept[end]})[key]
        if found.type != pa.int32() or found.null_count:
            raise DamageError
        return np.asarray(found.to_numpy(), dtype=np.int32)

    def _read(self, digests: Mapping[str, str]) -> dict[str, pa.ChunkedArray]:
        with _whatever():
            self._check(digests)
            arrays = self._file.read(columns=list(digests))
            arrays.validate(full=True)  # texts are UTF-8, codes are those of a text
            return {key: arrays[key] for key in digests}

    def check(self) -> None:
        """Look at every bit, also of what is not read for it need not be."""
        ends = {numbered(end): digest for end, digest in self.entry.get("numbers", {}).items()}
        with _whatever():
            self._check({**self.entry["columns"], **ends})

    def _check(self, digests: Mapping[str, str]) -> None:
        for key in digests.keys() - self._sound:
            if _digest(self.source, self._spans[key]) != digests[key]:
                raise DamageError
            self._sound.add(key)

    def only(self, key: str) -> tuple[Any] | None:
        """Return the one value that every row of a column has, None for none; None if several.

        The footer tells: nothing else is read.
        """
        if key not in self.keys:
            return (None,)
        with _whatever():
            seen: set[Any] = set()
            metadata = self._file.metadata
            place = [field.name for field in self._file.schema_arrow].index(key)
            for group in range(metadata.num_row_groups):
                rows = metadata.row_group(group)
                said = rows.column(place).statistics
                if said is None or not said.has_null_count:
                    return None
                if said.null_count == rows.num_rows:
                    seen.add(None)
                elif not said.null_count and said.has_min_max and said.min == said.max:
                    seen.add(said.min)
                else:
                    return None
            return (seen.pop(),) if len(seen) == 1 else None


def frame_of(file: TableFile, keys: Iterable[str]) -> pd.DataFrame:
    """Return a table with some of its columns, the others empty.

    Returns
    -------
    pandas.DataFrame
        The table in its final shape, but for ends, which are categoricals over any ids.

    Raises
    ------
    DamageError
        If a bit of what is read is not as it was written.
    """
    table, wanted = file.table, set(keys)
    there = [key for key in file.keys if key in wanted]
    arrays = file.read(*there)
    with _whatever():
        frame = pd.DataFrame(
            {
                key: series(arrays[key], column, end=key in ("source", "target"))
                if key in there
                else blank(file.rows, column)
                for key, column in table.columns.items()
            }
        )
    if table.nature != "kind":
        return frame
    frame = frame.set_index("id")
    if not frame.index.is_unique:
        raise DamageError
    return frame


@contextmanager
def _whatever() -> Iterator[None]:
    """Take whatever an odd file makes go wrong for damage."""
    try:
        yield
    except (OSError, LookupError, ValueError, TypeError, pa.ArrowException) as error:
        raise DamageError from error


def _coded(table: schema.Table) -> list[str]:
    """Return the columns of text that repeats itself."""
    return [
        key
        for key, column in table.columns.items()
        if column.dtype == "str" and not (table.nature == "kind" and key in ("id", "name"))
    ]


def _fits(found: pa.DataType, column: schema.Column) -> bool:
    """Return whether a column of a file is of the type that it was written with."""
    if pa.types.is_dictionary(found):
        found = found.value_type
    if column.is_date:
        return bool(found == pa.date32())
    plain = {"int": pa.int64(), "number": pa.float64(), "bool": pa.bool_()}.get(column.type)
    return bool(found == plain) if plain else found in (pa.string(), pa.large_string())


def array(values: pd.Series, column: schema.Column) -> pa.Array:
    """Return a column as Arrow knows it."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        used = values.cat.remove_unused_categories().cat
        codes = pa.array(used.codes.to_numpy(), mask=(used.codes < 0).to_numpy())
        return pa.DictionaryArray.from_arrays(codes, pa.array(used.categories, pa.string()))
    if column.is_date:
        return pa.array(values.to_numpy().astype("M8[D]"), pa.date32(), from_pandas=True)
    return pa.array(values, from_pandas=True).cast(_type(column))


def _type(column: schema.Column) -> pa.DataType:
    """Return the type of a column that is written."""
    if column.is_date:
        return pa.date32()
    kinds = {"int": pa.int64(), "number": pa.float64(), "bool": pa.bool_()}
    return kinds.get(column.type, pa.large_string())


def series(values: pa.ChunkedArray, column: schema.Column, *, end: bool = False) -> Any:
    """Return a column in its dtype; an end as a categorical."""
    if end:
        codes, words = coded(values)
        return pd.Categorical.from_codes(codes, categories=words)
    if column.is_date:
        return values.cast(pa.timestamp("s")).to_numpy()
    if column.type == "number":
        return values.to_numpy()
    if column.type in ("int", "bool"):
        dtype: Any = pd.Int64Dtype() if column.type == "int" else pd.BooleanDtype()
        return dtype.__from_arrow__(values)
    return text(values.cast(pa.large_string()))


def coded(values: pa.ChunkedArray) -> tuple[Codes, Any]:
    """Return the codes of a column of text, −1 where it is missing, and its words."""
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    whole = values.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # without rows
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], values.type)
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32, copy=False), text(whole.dictionary)


def text(values: pa.Array | pa.ChunkedArray) -> Any:
    """Return texts as pandas keeps them."""
    dtype: Any = pd.StringDtype(na_value=np.nan)
    return dtype.__from_arrow__(values)


def blank(rows: int, column: schema.Column) -> pd.Series:
    """Return an empty column."""
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
