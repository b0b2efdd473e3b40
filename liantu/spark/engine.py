"""What an engine of frames must do beyond what narwhals says for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from liantu.graph import schema

Frame = Any  # nw.LazyFrame
PLACE = "place_number"  # where a row stands in its file, from 0


class Engine(Protocol):
    """Where frames live. Everything else is written once, with narwhals."""

    name: str

    def text(self, path: str) -> bytes | None:
        """Return what a small file holds; None if there is none."""

    def scan(self, path: str, table: schema.Table, numbers: Sequence[str]) -> Frame:
        """Return the rows of a table of a store, dates as day numbers, with `PLACE`.

        `numbers` are the columns of the file that hold the numbers of nodes.
        """

    def frame(self, table: pa.Table) -> Frame:
        """Return a small table as a frame."""

    def hold(self, frame: Frame) -> Frame:
        """Return the same rows, worked out once: what follows begins here."""

    def arrow(self, frame: Frame) -> pa.Table:
        """Return the rows of a frame that fits into memory."""

    def joined(self, frame: Frame, by: Sequence[str], order: str, text: str) -> Frame:
        """Return the texts of each group, in an order, joined by “、”: columns `by` and `text`.

        narwhals has no words for lists on engines that are lazy, hence these of the engine's own.
        """

    def ranked(self, frame: Frame, by: Sequence[str], name: str) -> Frame:
        """Return rows with the place of each in an order without equals, from 0.

        A window over everything would put all rows into one part, hence words of the engine's own.
        """

    def dated(self, frame: Frame, columns: Sequence[str]) -> Frame:
        """Return day numbers as dates; those beyond every date are missing."""

    def write(self, frame: Frame, path: str) -> None:
        """Write a frame as Parquet into a folder that is not there yet."""


def arrow_type(column: schema.Column) -> pa.DataType:
    """Return the type that a column has in the files of a store."""
    if column.is_date:
        return pa.date32()
    plain = {"int": pa.int64(), "number": pa.float64(), "bool": pa.bool_()}
    return plain.get(column.type, pa.string())


EPOCH = date(1970, 1, 1)
