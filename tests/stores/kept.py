"""What the tests of the folder of Parquet files share."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.stores import open_store
from liantu.stores.manifest import GENERATION


def files(folder: Path) -> dict[str, Path]:
    (rows,) = folder.glob(GENERATION)
    return {path.stem: path for path in rows.iterdir()}


def refused(folder: Path, **selection: object) -> str:
    """Return the one line that reading ends with."""
    with pytest.raises(RequestError) as told:
        open_store(folder).read(**selection).frames.load()
    (line,) = told.value.lines()
    return line


def small(title: str = "") -> Network:
    return Network.from_frames({"school": pd.DataFrame({"id": ["a"]})}, title=title)


def span(path: Path, column: str) -> tuple[int, int]:
    """Return the first byte of a column's values and their length."""
    group = pq.read_metadata(path).row_group(0)
    chunks = [group.column(number) for number in range(group.num_columns)]
    (chunk,) = (chunk for chunk in chunks if chunk.path_in_schema == column)
    starts = [chunk.dictionary_page_offset, chunk.data_page_offset]
    return min(start for start in starts if start is not None), chunk.total_compressed_size
