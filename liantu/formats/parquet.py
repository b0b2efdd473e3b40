"""A result as a Parquet file: for programs, keys and codes, every column in its type."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.formats.cells import flat, plain
from liantu.formats.files import replacing
from liantu.vocabulary import Lang, columns

if TYPE_CHECKING:
    import pyarrow as pa

    from liantu.formats.answer import Answer

_ROWS = 1 << 18  # of a group: as many are held a second time while they are written


def write_parquet(path: Path, result: Answer, lang: Lang = "en") -> None:
    """Write the table of a result; all that stands beside its tables is kept as metadata.

    Ids, codes and texts are text, dates are days, counts are whole numbers; missing is null. The
    metadata ``liantu`` is the JSON of the result without its tables.

    Parameters
    ----------
    path
        The file, written whole or not at all.
    result
        What was found.
    lang
        The language of the notes.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    import pyarrow.parquet as pq

    frame = flat(result.table)
    keys = [str(key) for key in frame.columns]
    parts = (frame.iloc[start : start + _ROWS] for start in range(0, len(frame), _ROWS))
    first = _arrow(next(parts, frame), keys)
    stamp = result.head(lang)
    with (
        replacing(path) as draft,
        draft.open("wb") as file,
        pq.ParquetWriter(file, first.schema, compression="zstd", store_schema=False) as writer,
    ):
        writer.write_table(first)
        for part in parts:
            writer.write_table(_arrow(part, keys).cast(first.schema))
        writer.add_key_value_metadata({"liantu": json.dumps(stamp, ensure_ascii=False)})


def _arrow(frame: pd.DataFrame, keys: list[str]) -> pa.Table:
    import pyarrow as pa

    return pa.table({key: _column(frame.iloc[:, n], key) for n, key in enumerate(keys)})


def _column(values: pd.Series, key: str) -> pa.Array:
    """Return a column in its type: that of its values, where they have none that of its key."""
    import pyarrow as pa

    dtype, types = values.dtype, pd.api.types
    if types.is_bool_dtype(dtype) and not types.is_object_dtype(dtype):
        return pa.array(values, pa.bool_(), from_pandas=True)
    if types.is_datetime64_dtype(dtype):
        return pa.array(values.to_numpy().astype("M8[D]"), pa.date32(), from_pandas=True)
    if types.is_integer_dtype(dtype):
        return pa.array(values, pa.int64(), from_pandas=True)
    if types.is_float_dtype(dtype):
        return pa.array(values, pa.float64(), from_pandas=True)
    if isinstance(dtype, pd.StringDtype):
        return pa.array(values.array, pa.large_string(), from_pandas=True)
    cells = [plain(value) for value in values.astype(object)]
    known = columns().get(key)
    figures = known is not None and known.type in ("count", "number", "share", "points")
    if figures and all(cell is None or isinstance(cell, int | float) for cell in cells):
        whole = all(not isinstance(cell, float) for cell in cells)
        return pa.array(cells, pa.int64() if whole else pa.float64())
    return pa.array([None if cell is None else _text(cell) for cell in cells], pa.large_string())


def _text(cell: Any) -> str:
    """Return a plain value as text; lists and the like as JSON."""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
