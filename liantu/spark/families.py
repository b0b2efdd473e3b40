"""Who inherits from whom, and who is near a core: walks along edges, a round a step.

Every frame here has a column ``stop``, the day that it is of; rounds serve all days at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import narwhals as nw
import numpy as np
import pyarrow as pa

from liantu.graph import schema
from liantu.graph.spans import day_number
from liantu.options import minus
from liantu.spark.engine import Engine, Frame
from liantu.spark.ties import TieFrames, stops_of

_ROUNDS = 64  # doublings: longer chains than there are nodes


def empty(engine: Engine, frame: Frame) -> bool:
    """Return whether a frame has no rows."""
    return int(engine.arrow(frame.head(1)).num_rows) == 0


def parents(ties: TieFrames, stops: Sequence[date]) -> Frame:
    """Return ``stop, parent, child`` along which a school inherits; twin of `Study.parents`."""
    days = ties.engine.frame(stops_of(stops))
    apart = list(schema.forms_with("apart"))
    rows = ties.source.relation("affiliated_to").filter(nw.col("stated"))
    kept = ~nw.coalesce(nw.col("form").is_in(apart), nw.lit(False))
    now = rows.filter(kept).join(days, how="cross")
    now = now.filter((nw.col("start") <= nw.col("day")) & (nw.col("day") <= nw.col("end")))
    pairs = now.select("stop", child=nw.col("source"), parent=nw.col("target"))
    up = ties.schools(stops)
    for end in ("child", "parent"):
        pairs = pairs.join(up.select("stop", **{end: nw.col("number")}), on=["stop", end])
    pairs = pairs.filter(nw.col("child") != nw.col("parent"))
    return pairs.group_by("stop", "parent", "child").agg(nw.len()).drop("len")


def affiliations(ties: TieFrames, day: date) -> dict[str, int]:
    """Return how many affiliations in force are undated, and how many are ambiguous."""
    apart = list(schema.forms_with("apart"))
    if not ties.source.size("affiliated_to"):
        return {}
    rows = ties.source.relation("affiliated_to")
    rows = rows.filter(~nw.coalesce(nw.col("form").is_in(apart), nw.lit(False)))
    today = day_number(day)
    now = (nw.col("start") <= today) & (today <= nw.col("end")) & nw.col("stated")
    ones = {
        "undated_affiliations": (now & ~nw.col("dated")).cast(nw.Int64),
        "ambiguous_affiliations": (~nw.col("stated")).cast(nw.Int64),
    }
    sums = rows.select(**ones).select(*(nw.col(key).sum() for key in ones))
    found = ties.engine.arrow(sums).to_pylist()[0]
    return {key: int(found[key] or 0) for key in ones}


def ancestors(engine: Engine, pairs: Frame) -> Frame:
    """Return ``stop, parent, child`` of every line of parents, however long.

    The length of what is known doubles every round; parents without parents take one.
    """
    every = engine.hold(pairs)
    for _ in range(_ROUNDS):
        above = every.select("stop", "parent", middle=nw.col("child"))
        below = every.select("stop", "child", middle=nw.col("parent"))
        longer = above.join(below, on=["stop", "middle"], how="inner")
        longer = longer.select("stop", "parent", "child")
        new = longer.join(every, on=["stop", "parent", "child"], how="anti")
        new = engine.hold(new.group_by("stop", "parent", "child").agg(nw.len()).drop("len"))
        if empty(engine, new):
            return every
        every = engine.hold(nw.concat([every, new], how="vertical"))
    return every


def best_ancestor(above: Frame, scores: Frame) -> Frame:
    """Return ``stop, child, best, best_score``; twin of `cover.best_parent`.

    Parameters
    ----------
    above
        From `ancestors`.
    scores
        ``stop, number, score``; a parent without a row scores 0. Of equals the smallest number.
    """
    told = scores.select("stop", "score", parent=nw.col("number"))
    pairs = above.join(told, on=["stop", "parent"], how="left")
    score = nw.coalesce(nw.col("score").cast(nw.Int64), nw.lit(0, dtype=nw.Int64))
    key = score * 2**32 - nw.col("parent").cast(nw.Int64)  # high scores, then small numbers
    best = pairs.select("stop", "child", key=key).group_by("stop", "child").agg(nw.col("key").max())
    found = best.with_columns(best_score=(nw.col("key") + 2**31) // 2**32)
    number = (nw.col("best_score") * 2**32 - nw.col("key")).cast(nw.Int32)
    return found.select("stop", "child", "best_score", best=number)


def nearest(engine: Engine, graph: Frame, above: Frame, seeds: Frame) -> Frame:
    """Return ``stop, number, hops, label``: steps from the nearest seed, and that seed.

    Twin of `Kernels.nearest`: edges from parent to child cost nothing, the smallest seed wins.

    Parameters
    ----------
    graph
        ``stop, source, target``.
    above
        From `ancestors`.
    seeds
        ``stop, number``.
    """
    own = seeds.select("stop", "number", label=nw.col("number"))
    level, done = _level(own, above, None), 0
    front = engine.hold(level.with_columns(hops=nw.lit(0, dtype=nw.Int32)))
    seen = front
    while not empty(engine, front):
        done += 1
        giving = front.select("stop", "label", source=nw.col("number"))
        found = giving.join(graph, on=["stop", "source"], how="inner")
        found = found.select("stop", "label", number=nw.col("target"))
        known = seen.select("stop", "number")
        fresh = _level(found.join(known, on=["stop", "number"], how="anti"), above, known)
        front = engine.hold(fresh.with_columns(hops=nw.lit(done, dtype=nw.Int32)))
        seen = engine.hold(nw.concat([seen, front.select(*_NEAR)], how="vertical"))
    mine = own.select("stop", "number", mine=nw.col("label"))
    seen = seen.join(mine, on=["stop", "number"], how="left")
    label = nw.coalesce(nw.col("mine"), nw.col("label"))  # a seed is its own nearest
    return seen.select("stop", "number", "hops", label=label)


_NEAR = ("stop", "number", "label", "hops")


def _level(found: Frame, above: Frame, known: Frame | None) -> Frame:
    """Return what is on one level with all that inherits from it, each with its smallest label."""
    heirs = found.join(above.rename({"parent": "number"}), on=["stop", "number"], how="inner")
    heirs = heirs.select("stop", "label", number=nw.col("child"))
    if known is not None:
        heirs = heirs.join(known, on=["stop", "number"], how="anti")
    both = nw.concat([found.select("stop", "label", "number"), heirs], how="vertical")
    least = both.group_by("stop", "number").agg(nw.col("label").min())
    return least.select("stop", "number", "label")


def months(engine: Engine, active: Frame, stops: Sequence[date], window: str) -> Frame:
    """Return ``stop, number, months``: in how many calendar months there is an activity.

    Twin of `cover.months`. `active` has ``stop, target, start, end``.
    """
    rows: list[dict[str, int]] = []
    for stop, day in enumerate(stops):
        since = minus(day, window)
        first = np.datetime64(since, "D") + 1
        every = np.arange(first.astype("M8[M]"), np.datetime64(day, "M") + 1)
        for month, begins in enumerate(every):
            ends = (begins + 1).astype("M8[D]") - 1
            span = max(begins.astype("M8[D]"), first), min(ends, np.datetime64(day, "D"))
            low, high = (int(end.astype(np.int64)) for end in span)
            rows.append({"stop": stop, "month": month, "low": low, "high": high})
    kept = pa.schema([(key, pa.int32()) for key in ("stop", "month", "low", "high")])
    calendar = engine.frame(pa.Table.from_pylist(rows, kept))
    spans = active.select("stop", "target", "start", "end").join(calendar, on="stop", how="inner")
    busy = spans.filter((nw.col("start") <= nw.col("high")) & (nw.col("end") >= nw.col("low")))
    each = busy.group_by("stop", "target", "month").agg(nw.len()).drop("len")
    counts = each.group_by("stop", "target").agg(months=nw.len())
    return counts.select("stop", "months", number=nw.col("target"))
