"""What ends when, on an engine: the twin of `Study.agreements` and of the list of expiry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw

from liantu.graph import schema
from liantu.graph.spans import day_number
from liantu.spark.engine import Frame
from liantu.spark.ties import TieFrames, stops_of

ENDING = (
    "end", "basis", "form", "source", "source_kind", "source_name", "target", "target_kind",
    "target_name", "agreement", "start",
)  # fmt: skip


def chained(rows: Frame, keys: Sequence[str]) -> Frame:
    """Add ``since`` and ``renewed`` to spans; twin of `study._chained`.

    One span goes on from another of the same keys if no day lies between them.
    """
    by, order = list(keys), ["start", "end", "row"]
    reach = rows.with_columns(reach=nw.col("end").cum_max().over(*by, order_by=order))
    reach = reach.with_columns(before=nw.col("reach").shift(1).over(*by, order_by=order))
    fresh = nw.col("before").is_null() | (nw.col("start") > nw.col("before") + 1)
    reach = reach.with_columns(fresh=nw.coalesce(fresh, nw.lit(True)).cast(nw.Int64))
    reach = reach.with_columns(chain=nw.col("fresh").cum_sum().over(*by, order_by=order))
    every = reach.with_columns(
        since=nw.col("start").min().over(*by, "chain"), until=nw.col("end").max().over(*by, "chain")
    )
    every = every.with_columns(renewed=nw.col("until") > nw.col("end"))
    return every.drop("reach", "before", "fresh", "chain", "until")


def agreements(ties: TieFrames, name: str) -> Frame:
    """Return ``row, source, target, end, since, renewed`` of a relation that is agreed."""
    if name == "member_of":  # whatever the role
        rows = ties.memberships().select("row", "source", "target", "start", "end")
        return chained(rows, ["source", "target"])
    rows = ties.source.relation(name).filter(nw.col("stated"))
    there = schema.tables()[name].columns
    none = nw.lit(None, dtype=nw.String)
    said = {key: nw.col(key) if key in there else none for key in ("form", "role")}
    rows = rows.select("row", "source", "target", "start", "end", **said)
    texts = {key: nw.coalesce(nw.col(key), nw.lit("")) for key in said}
    return chained(rows.with_columns(**texts), ["source", "target", "form", "role"])


def ending(ties: TieFrames, day: date, limit: date, hidden: bool) -> Frame:
    """Return the rows with which what is in force on a day ends by a limit; in order."""
    today, last = day_number(day), day_number(limit)
    nodes = ties.nodes(schema.kinds(), hidden)
    first, beyond = ties.source.numbering.span("school")
    up = ties.schools([day]).select("number", up=nw.lit(True))
    parts = []
    for name in schema.relations_with("renewable"):
        if not ties.source.size(name):
            continue
        rows = agreements(ties, name)
        here = (nw.col("since") <= today) & (nw.col("end") > today) & (nw.col("end") <= last)
        rows = rows.filter(here & ~nw.col("renewed"))
        rows = rows.select("row", "source", "target", "end")
        for end in ("source", "target"):
            open_ = up.select(**{end: nw.col("number")}, up=nw.col("up"))
            school = (nw.col(end) >= first) & (nw.col(end) < beyond)
            rows = rows.join(open_, on=end, how="left")
            rows = rows.filter(~school | ~nw.col("up").is_null()).drop("up")
            told = nodes.select(
                nw.col("number").alias(end), nw.col("id").alias(f"{end}_id"),
                nw.col("kind").alias(f"{end}_kind"), nw.col("name").alias(f"{end}_name"),
            )  # fmt: skip
            rows = rows.join(told, on=end, how="inner")
        there = schema.tables()[name].columns
        none = nw.lit(None, dtype=nw.String)
        words = {key: nw.col(key) if key in there else none for key in ("form", "agreement")}
        kept = ties.source.relation(name).select("row", "start", **words)
        rows = rows.join(kept, on="row", how="inner")
        parts.append(
            rows.select(
                "form",
                "agreement",
                "start",
                "end",
                "source_kind",
                "source_name",
                "target_kind",
                "target_name",
                basis=nw.lit(name),
                source=nw.col("source_id"),
                target=nw.col("target_id"),
            ).select(*ENDING)
        )
    if not parts:
        return ties.engine.frame(_nothing())
    every = nw.concat(parts, how="vertical")
    found = ties.engine.dated(every, ["start", "end"])
    return found.sort("end", "basis", "source", "target", "form", "start", nulls_last=True)


def _nothing() -> object:
    import pyarrow as pa

    dates = ("end", "start")
    return pa.schema(
        [(key, pa.date32() if key in dates else pa.string()) for key in ENDING]
    ).empty_table()


def dated_stops(ties: TieFrames, found: Frame, stops: Sequence[date]) -> Frame:
    """Return the rows of a timeline with dates and rates in place of positions."""
    days = ties.engine.frame(stops_of(stops))
    found = found.join(days, on="stop", how="inner")
    share = nw.col("covered").cast(nw.Float64) / nw.col("in_scope").cast(nw.Float64)
    later = nw.col("stop") > 0
    found = found.with_columns(
        rate=nw.when(nw.col("in_scope") > 0).then(share),
        joined=nw.when(later).then("joined"),
        left=nw.when(later).then("left"),
    )
    found = ties.engine.dated(found.with_columns(date=nw.col("day")), ["date"]).sort("stop")
    return found.select(
        "date", "groups", "core_schools", "member_schools", "schools", "covered", "in_scope",
        "rate", "joined", "left",
    )  # fmt: skip
