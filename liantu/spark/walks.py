"""Who hangs together, and on whom many lean: rounds over the ties of a tie set.

The twins of `Kernels.components` and `Kernels.pagerank`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import narwhals as nw

from liantu.analyses.centrality import DAMPING, TOLERANCE
from liantu.spark.engine import Frame
from liantu.spark.families import empty
from liantu.spark.ties import TieFrames

__all__ = ["TOLERANCE", "components", "support_rank"]


def _graph(ties: TieFrames, day: date, window: str) -> tuple[Frame, Frame]:
    """Return ``number`` of the nodes and ``source, target`` of the ties; `centrality._support`."""
    every = ties.at([day], window)
    now = every.filter(nw.col("in_force") | nw.col("active"))
    now = now.filter(nw.col("source") != nw.col("target"))
    graph = now.group_by("source", "target").agg(nw.len()).drop("len")
    graph = ties.engine.hold(graph)
    up = ties.schools([day]).select("number")
    both = nw.concat([up, graph.select(number=nw.col("source"))], how="vertical")
    return ties.engine.hold(both.group_by("number").agg(nw.len()).drop("len")), graph


def components(ties: TieFrames, day: date, window: str = "12m") -> Frame:
    """Return ``node, kind, name, component``.

    Each node takes the smallest label around it, and then that of its label: chains shorten by
    half in a round. Kiveris, R. et al. (2014). Connected components in MapReduce and beyond.
    Proceedings of the ACM Symposium on Cloud Computing.
    """
    engine = ties.engine
    nodes, graph = _graph(ties, day, window)
    back = graph.select(source=nw.col("target"), target=nw.col("source"))
    edges = engine.hold(nw.concat([graph.select("source", "target"), back], how="vertical"))
    label = nodes.select("number", label=nw.col("number"))
    while True:
        near = edges.join(
            label.select(source=nw.col("number"), near=nw.col("label")), on="source", how="inner"
        )
        near = near.group_by("target").agg(nw.col("near").min()).rename({"target": "number"})
        grown = label.join(near, on="number", how="left")
        least = nw.min_horizontal("label", nw.coalesce(nw.col("near"), nw.col("label")))
        grown = engine.hold(grown.select("number", "label", least=least))
        up = grown.select(least=nw.col("number"), next=nw.col("least"))
        jumped = grown.join(up, on="least", how="inner")
        jumped = engine.hold(jumped.select("number", "next", old=nw.col("label")))
        label = jumped.select("number", label=nw.col("next"))
        if empty(engine, jumped.filter(nw.col("old") != nw.col("next"))):
            break
    told = ties.nodes().select("number", "kind", "name", node=nw.col("id"))
    named = label.join(told, on="number", how="inner")
    sizes = named.group_by("label").agg(size=nw.len(), first=nw.col("node").min())
    order = sizes.with_columns(below=-nw.col("size").cast(nw.Int64))
    order = engine.ranked(order, ["below", "first", "label"], "place")
    found = named.join(order.select("label", "place"), on="label", how="inner")
    number = nw.col("place").cast(nw.Int64) + 1
    return found.select("node", "kind", "name", component=number)


def support_rank(
    ties: TieFrames, day: date, window: str = "12m", tolerance: float = TOLERANCE
) -> Frame:
    """Return ``node, kind, name, support_rank``: the same steps as `kernels.fast.pagerank`."""
    engine = ties.engine
    nodes, graph = _graph(ties, day, window)
    size = engine.arrow(nodes.select(size=nw.len())).column("size")[0].as_py()
    # ties reversed: a school gives its rank to those who support it
    degree = graph.group_by("target").agg(degree=nw.len())
    flow = graph.join(degree, on="target", how="inner")
    share = nw.lit(DAMPING) / nw.col("degree").cast(nw.Float64)
    flow = engine.hold(flow.select(giver=nw.col("target"), number=nw.col("source"), share=share))
    gives = degree.select(number=nw.col("target"), gives=nw.lit(True))
    kept = nodes.join(gives, on="number", how="left")
    kept = kept.select("number", dangling=nw.col("gives").is_null())
    rank = kept.with_columns(rank=nw.lit(1.0 / max(size, 1)))
    rank, change = engine.hold(rank), float("inf")
    lost = _sum(engine, rank.filter(nw.col("dangling")).select(value=nw.col("rank")))
    while size and change >= tolerance:
        given = flow.join(
            rank.select(giver=nw.col("number"), now=nw.col("rank")), on="giver", how="inner"
        )
        given = given.select("number", part=nw.col("share") * nw.col("now"))
        given = given.group_by("number").agg(nw.col("part").sum())
        floor = DAMPING * lost / size + (1 - DAMPING) / size
        grown = rank.join(given, on="number", how="left").select(
            "number",
            "dangling",
            rank=nw.coalesce(nw.col("part"), nw.lit(0.0)) + floor,
            before=nw.col("rank"),
        )
        rank = engine.hold(grown)
        moved = (nw.col("rank") - nw.col("before")).abs()
        gone = nw.when(nw.col("dangling")).then("rank").otherwise(nw.lit(0.0))
        sums = rank.select(moved=moved, gone=gone).select(
            nw.col("moved").sum(), nw.col("gone").sum()
        )
        (row,) = engine.arrow(sums).to_pylist()
        change, lost = float(row["moved"]), float(row["gone"])
    told = ties.nodes().select("number", "kind", "name", node=nw.col("id"))
    found = rank.join(told, on="number", how="inner")
    return found.select("node", "kind", "name", support_rank=nw.col("rank"))


def _sum(engine: Any, frame: Frame) -> float:
    value = engine.arrow(frame.select(nw.col("value").sum())).column("value")[0].as_py()
    return float(value or 0.0)
