"""What is odd in the rows, counted on an engine: what `liantu check` says of a network."""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw
import pyarrow as pa

from liantu.graph import schema
from liantu.graph.spans import LOW, day_number
from liantu.options import minus
from liantu.spark.engine import Frame
from liantu.spark.source import Source
from liantu.vocabulary import terms

COLUMNS = ("severity", "code", "table", "column", "count", "first")


def checks(source: Source, day: date) -> Frame:
    """Return a row a kind of oddity that occurs: how often, and the smallest value concerned.

    The twin of `liantu.graph.checks` for what can be wrong with the rows of stores: dates after
    the date judged, postings without home or end, cores listed as members, counts below zero,
    reversed dates, unknown codes, places on earth. A store is valid, so errors are those of
    whoever wrote into its files.
    """
    parts: list[Frame] = []

    def tell(severity: str, code: str, table: str, column: str, rows: Frame, value: Any) -> None:
        said = rows.select(value=value.cast(nw.String)).select(
            count=nw.len(), first=nw.col("value").min()
        )
        told = said.filter(nw.col("count") > 0).select(
            nw.lit(severity).alias("severity"), nw.lit(code).alias("code"),
            nw.lit(table).alias("table"), nw.lit(column).alias("column"),
            nw.col("count").cast(nw.Int64).alias("count"), nw.col("first"),
        )  # fmt: skip
        parts.append(told)

    for name, table in schema.tables().items():
        if source.size(name):
            _of_table(source, name, table, tell)
    _of_postings(source, day, tell)
    _of_dates(source, day, tell)
    _of_members(source, tell)
    _of_places(source, tell)
    if not parts:
        kinds = [pa.int64() if key == "count" else pa.string() for key in COLUMNS]
        return source.engine.frame(pa.schema(list(zip(COLUMNS, kinds, strict=True))).empty_table())
    return nw.concat(parts, how="vertical").sort("severity", "code", "table", "column")


def _raw(source: Source, name: str) -> Frame:
    return source.rows(name)


def _of_table(source: Source, name: str, table: schema.Table, tell: Any) -> None:
    rows = _raw(source, name)
    for key, column in table.columns.items():
        if column.type == "code" and not key.endswith("_kind"):
            allowed = list(terms(column.values[0]))
            bad = ~nw.col(key).is_null() & ~nw.coalesce(nw.col(key).is_in(allowed), nw.lit(True))
            tell("error", "unknown_code", name, key, rows.filter(bad), nw.col(key))
        if column.is_number and key not in ("lon", "lat", "value"):
            wrong = nw.coalesce(nw.col(key) < 0, nw.lit(False))
            tell("error", "negative", name, key, rows.filter(wrong), nw.col(key))
    for first, last in (("start", "end"), ("opened", "closed")):
        if first in table.columns and last in table.columns:
            wrong = nw.coalesce(nw.col(last) < nw.col(first), nw.lit(False))
            tell("error", "reversed_dates", name, last, rows.filter(wrong), nw.col(last))


def _of_postings(source: Source, day: date, tell: Any) -> None:
    if not source.size("posted_to"):
        return
    rows = source.relation("posted_to")
    first, beyond = source.numbering.span("teacher")
    teachers = (nw.col("source") >= first) & (nw.col("source") < beyond)
    lost = rows.filter(nw.col("home").is_null() & teachers)
    if source.size("works_at"):
        employed = source.relation("works_at").select("source").unique(["source"])
        lost = lost.join(employed, on="source", how="anti")
    tell("warning", "home_missing", "posted_to", "home", lost, nw.col("row"))
    limit = day_number(minus(day, "3y"))
    old = (nw.col("end") == -LOW) & (nw.col("start") < limit) & (nw.col("start") > LOW)
    tell("warning", "old_open_posting", "posted_to", "end", rows.filter(old), nw.col("row"))


def _of_dates(source: Source, day: date, tell: Any) -> None:
    today = day_number(day)
    for name, key in (("delivers", "date"), ("school", "opened")):
        if source.size(name):
            late = nw.coalesce(nw.col(key) > today, nw.lit(False))
            tell("warning", "after_as_of", name, key, _raw(source, name).filter(late), nw.col(key))


def _of_members(source: Source, tell: Any) -> None:
    if not source.size("member_of"):
        return
    rows = source.relation("member_of")
    core = nw.coalesce(nw.col("role") == "core", nw.lit(False))
    cores = rows.filter(core).group_by("source", "target").agg(nw.len()).drop("len")
    listed = rows.filter(~core).join(cores, on=["source", "target"], how="inner")
    tell("warning", "self_listed", "member_of", "source", listed, nw.col("row"))


def _of_places(source: Source, tell: Any) -> None:
    if not source.size("school"):
        return
    rows = _raw(source, "school")
    lon, lat, no = nw.col("lon"), nw.col("lat"), nw.lit(False)
    swapped = (lat >= 73) & (lat <= 136) & (lon >= 3) & (lon <= 54)
    odd = nw.coalesce(swapped, no) & ~nw.coalesce(lat.abs() > 90, no)
    for severity, code, key, mask in (
        ("error", "bad_latitude", "lat", nw.coalesce(lat.abs() > 90, no)),
        ("error", "bad_longitude", "lon", nw.coalesce(lon.abs() > 180, no)),
        ("warning", "zero_coordinates", "lon", nw.coalesce((lon == 0) & (lat == 0), no)),
        ("warning", "swapped_coordinates", "lon", odd),
    ):
        tell(severity, code, "school", key, rows.filter(mask), nw.col("id"))
