"""DuckDB as an engine: data larger than memory on one machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import pyarrow as pa

from liantu.errors import RequestError
from liantu.graph import schema
from liantu.graph.spans import HIGH
from liantu.spark.engine import PLACE, Frame, arrow_type


class DuckEngine:
    """Frames of a DuckDB connection; its temporary tables go to disk where memory is short."""

    name = "duckdb"

    def __init__(self, connection: Any = None) -> None:
        try:
            import duckdb
        except ImportError:
            raise RequestError.of("duckdb_missing") from None
        self.connection = connection or duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute("SET enable_progress_bar = false")
        self._held = 0

    def text(self, path: str) -> bytes | None:
        """Return what a small file holds; None if there is none."""
        own = Path(path)
        return own.read_bytes() if own.is_file() else None

    def scan(self, path: str, table: schema.Table, numbers: Sequence[str]) -> Frame:
        """Return the rows of a table; columns that the file lacks are empty."""
        found = self.connection.read_parquet(path, file_row_number=True)
        there = set(found.columns)
        types = {pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.bool_(): "BOOLEAN"}
        columns = []
        for key, column in table.columns.items():
            kind = "INTEGER" if column.is_date else types.get(arrow_type(column), "VARCHAR")
            said = f"\"{key}\" - DATE '1970-01-01'" if column.is_date else f'"{key}"'
            columns.append(f'CAST({said if key in there else "NULL"} AS {kind}) AS "{key}"')
        columns += [f'"{key}"' for key in numbers]
        columns.append(f"CAST(file_row_number AS INTEGER) AS {PLACE}")
        return nw.from_native(found.project(", ".join(columns)))

    def frame(self, table: pa.Table) -> Frame:
        """Return a small table as a frame."""
        return nw.from_native(self.connection.from_arrow(table))

    def hold(self, frame: Frame) -> Frame:
        """Return the same rows in a temporary table of their own."""
        self._held += 1
        name = f"held_{self._held}"
        self.connection.register(f"{name}_view", frame.to_native())
        self.connection.execute(f"CREATE TEMP TABLE {name} AS FROM {name}_view")
        self.connection.unregister(f"{name}_view")
        return nw.from_native(self.connection.table(name))

    def arrow(self, frame: Frame) -> pa.Table:
        """Return the rows of a frame that fits into memory."""
        return frame.to_native().to_arrow_table()

    def joined(self, frame: Frame, by: Sequence[str], order: str, text: str) -> Frame:
        """Return the texts of each group, in an order, joined by “、”."""
        keys = ", ".join(f'"{key}"' for key in by)
        texts = f'string_agg("{text}", \'、\' ORDER BY "{order}") AS "{text}"'
        return nw.from_native(frame.to_native().aggregate(f"{keys}, {texts}", keys))

    def ranked(self, frame: Frame, by: Sequence[str], name: str) -> Frame:
        """Return rows with the place of each in an order without equals, from 0."""
        keys = ", ".join(f'"{key}"' for key in by)
        rank = f"CAST(row_number() OVER (ORDER BY {keys}) - 1 AS INTEGER) AS {name}"
        return nw.from_native(frame.to_native().project(f"*, {rank}"))

    def dated(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """Return day numbers as dates; those beyond every date are missing."""
        known = ", ".join(
            f'CASE WHEN abs("{key}") < {HIGH} THEN DATE \'1970-01-01\' + "{key}" END AS "{key}"'
            for key in columns
        )
        return nw.from_native(frame.to_native().project(f"* REPLACE ({known})"))

    def write(self, frame: Frame, path: str) -> None:
        """Write a frame as Parquet into a folder that is not there yet."""
        folder = Path(path)
        if folder.exists():
            raise RequestError.of("spark_output_there", value=path)
        folder.mkdir(parents=True)
        frame.to_native().write_parquet(str(folder / "part-0.parquet"), compression="zstd")
