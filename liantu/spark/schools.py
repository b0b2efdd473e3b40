"""Analyses of schools and supporters as frames: the rows that `liantu.analyses` defines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import narwhals as nw

from liantu.errors import RequestError
from liantu.graph.scope import RURAL
from liantu.graph.spans import LOW
from liantu.spark.engine import Frame
from liantu.spark.families import ancestors, parents
from liantu.spark.ladder import Ladder, ladder, members, rung_words, spans
from liantu.spark.ties import TieFrames, stops_of

FIGURES = ("by_tie", "by_parent", "by_role")
COVERAGE = (
    "school", "name", "region", "stage", "urban_rural", "pupils", "covered", "rung", "rung_direct",
    "as_core", "inherited_from", "supporters", "supporter_names", "nearest_core", "hops", "since",
    "expires",
)  # fmt: skip
REACH = (
    "supporter", "kind", "name", "direct", "within_hops", "inherited_within_hops",
    "rural_within_hops", "pupils_within_hops", "decayed", "sole", "sole_inherited",
)  # fmt: skip


def in_scope(scope: str, rural: str) -> Any:
    """Return whether a school counts in a rate; twin of `scope.schools_in_scope`."""
    if scope == "all":  # true of every row; a filter takes no bare literal
        return nw.col("urban_rural").is_null() | ~nw.col("urban_rural").is_null()
    return nw.coalesce(nw.col("urban_rural").is_in(list(RURAL[rural])), nw.lit(False))


def check_classes(ties: TieFrames, day: date) -> None:
    """Refuse to count rural schools where no open school has an urban–rural class."""
    rows = ties.schools([day]).join(ties.source.nodes("school"), on="number", how="inner")
    known = (~nw.col("urban_rural").is_null()).cast(nw.Int64)
    sums = rows.select(known=known).select(every=nw.len(), known=nw.col("known").sum())
    found = ties.engine.arrow(sums).to_pylist()[0]
    if found["every"] and not found["known"]:
        raise RequestError.of("no_urban_rural")


def supporters(ties: TieFrames, graph: Frame) -> Frame:
    """Return ``stop, number, supporters, supporter_names`` of the schools that have any."""
    nodes = ties.nodes().select(
        source=nw.col("number"), text=nw.coalesce(nw.col("name"), nw.col("id"))
    )
    named = graph.join(nodes, on="source", how="inner")
    texts = ties.engine.joined(named, ["stop", "target"], "source", "text")
    counts = graph.group_by("stop", "target").agg(supporters=nw.len())
    both = counts.join(texts, on=["stop", "target"], how="inner")
    return both.select(
        "stop", number=nw.col("target"), supporters=nw.col("supporters").cast(nw.Int64),
        supporter_names=nw.col("text"),
    )  # fmt: skip


def coverage(ties: TieFrames, found: Ladder) -> Frame:
    """Return a row an open school, in no order: the columns of coverage, and `FIGURES`."""
    ids = ties.nodes().select("number", "id")
    frame = found.schools.join(supporters(ties, found.graph), on=["stop", "number"], how="left")
    frame = frame.join(spans(found.now), on=["stop", "number"], how="left")
    frame = rung_words(frame, ties.engine)
    school = ties.source.nodes("school").select(
        "number", "name", "region", "stage", "urban_rural", "pupils", school=nw.col("id")
    )
    frame = frame.join(school, on="number", how="inner")
    for key, column in (("heir", "inherited_from"), ("nearest", "nearest_core")):
        told = ids.select(**{key: nw.col("number"), column: nw.col("id")})
        frame = frame.join(told, on=key, how="left")
    frame = frame.with_columns(
        supporters=nw.coalesce(nw.col("supporters"), nw.lit(0, dtype=nw.Int64)),
        hops=nw.col("hops").cast(nw.Int64),
        rung=nw.col("rung_word"),
        rung_direct=nw.col("direct_word"),
    )
    frame = ties.engine.dated(frame, ["since", "expires"])
    return frame.select(*COVERAGE, *FIGURES)


def reach(
    ties: TieFrames,
    day: date,
    *,
    hops: int = 2,
    decay: float = 0.5,
    basis: Iterable[str] | None = None,
    window: str = "12m",
    rural: str = "strict",
) -> tuple[Frame, Frame]:
    """Return a row a supporter with the columns of reach, and ``number`` of the schools reached.

    The twin of `Kernels.reach` and of what `liantu.analyses.reach` makes of it.
    """
    engine = ties.engine
    every = ties.at([day], window, basis)
    now = every.filter(nw.col("in_force") | nw.col("active"))
    graph = now.filter(nw.col("source") != nw.col("target")).select("source", "target")
    graph = engine.hold(graph.group_by("source", "target").agg(nw.len()).drop("len"))
    above = ancestors(engine, parents(ties, [day])).select("parent", "child")

    seen = graph.select(seed=nw.col("source"), number=nw.col("target"), step=_one())
    seen = engine.hold(seen)
    last = seen
    for step in range(2, hops + 1):
        ahead = graph.rename({"source": "number", "target": "ahead"})
        found = last.join(ahead, on="number", how="inner")
        found = found.select("seed", number=nw.col("ahead"))
        found = found.filter(nw.col("seed") != nw.col("number"))
        found = found.group_by("seed", "number").agg(nw.len()).drop("len")
        found = found.join(seen.select("seed", "number"), on=["seed", "number"], how="anti")
        last = engine.hold(found.with_columns(step=nw.lit(step, dtype=nw.Int32)))
        seen = engine.hold(nw.concat([seen, last], how="vertical"))

    school = ties.source.nodes("school").select("number", "urban_rural", "pupils")
    up = ties.schools([day]).select("number")
    weights = school.join(up, on="number", how="inner").select(
        "number",
        rural=in_scope("rural", rural).cast(nw.Int64),
        pupils=nw.coalesce(nw.col("pupils"), nw.lit(0, dtype=nw.Int64)),
        told=(~nw.col("pupils").is_null()).cast(nw.Int64),
    )
    met = seen.join(weights, on="number", how="inner")
    weight = nw.lit(1.0)
    for step in range(2, hops + 1):
        part = nw.lit(float(decay ** (step - 1)))
        weight = nw.when(nw.col("step") == step).then(part).otherwise(weight)
    met = met.with_columns(weight=weight, first=(nw.col("step") == 1).cast(nw.Int64))
    sums = met.group_by("seed").agg(
        direct=nw.col("first").sum(),
        within=nw.len(),
        rural=nw.col("rural").sum(),
        pupils=nw.col("pupils").sum(),
        told=nw.col("told").sum(),
        decayed=nw.col("weight").sum(),
    )
    # those who inherit from a school that is reached, and are not reached themselves
    heirs = seen.select("seed", parent=nw.col("number")).join(above, on="parent", how="inner")
    heirs = heirs.select("seed", number=nw.col("child"))
    heirs = heirs.filter(nw.col("seed") != nw.col("number"))
    heirs = heirs.group_by("seed", "number").agg(nw.len()).drop("len")
    heirs = heirs.join(seen.select("seed", "number"), on=["seed", "number"], how="anti")
    heirs = heirs.join(weights.select("number"), on="number", how="inner")
    heirs = heirs.group_by("seed").agg(inherited=nw.len())
    alone = _sole(graph, weights)
    lost = _lost_with(graph, above, weights)
    table = graph.select(seed=nw.col("source")).unique(["seed"])
    for part in (sums, heirs, alone, lost):
        table = table.join(part, on="seed", how="left")
    zero = nw.lit(0, dtype=nw.Int64)
    counts = {
        "direct": "direct", "within_hops": "within", "inherited_within_hops": "inherited",
        "rural_within_hops": "rural", "sole": "alone", "sole_inherited": "lost",
    }  # fmt: skip
    whole = {new: nw.coalesce(nw.col(old).cast(nw.Int64), zero) for new, old in counts.items()}
    told = nw.coalesce(nw.col("told").cast(nw.Int64), zero)
    within = nw.coalesce(nw.col("within").cast(nw.Int64), zero)
    unknown = (told == 0) & (within > 0)
    pupils = nw.coalesce(nw.col("pupils").cast(nw.Int64), zero)
    table = table.select(
        number=nw.col("seed"),
        **whole,
        pupils_within_hops=nw.when(~unknown).then(pupils),
        decayed=nw.coalesce(nw.col("decayed"), nw.lit(0.0)),
    )
    table = table.filter((nw.col("within_hops") > 0) | (nw.col("inherited_within_hops") > 0))
    nodes = ties.nodes().select("number", "kind", "name", supporter=nw.col("id"))
    table = table.join(nodes, on="number", how="inner").select(*REACH)
    reached = seen.join(weights.select("number"), on="number", how="inner").select("number")
    return table, reached.unique(["number"])


def _one() -> Any:
    return nw.lit(1, dtype=nw.Int32)


def _sole(graph: Frame, weights: Frame) -> Frame:
    """Return ``seed, alone``: how many counted schools have no other supporter."""
    number = graph.group_by("target").agg(suppliers=nw.len(), seed=nw.col("source").min())
    only = number.filter(nw.col("suppliers") == 1).select("seed", number=nw.col("target"))
    only = only.join(weights.select("number"), on="number", how="inner")
    return only.group_by("seed").agg(alone=nw.len())


def _lost_with(graph: Frame, above: Frame, weights: Frame) -> Frame:
    """Return ``seed, lost``: how many schools inherit from its own dependants alone.

    The twin of `reach._lost_with`: of a school without a supporter of its own, all those of its
    parents and theirs are one and the same.
    """
    given = (
        above.join(graph.rename({"target": "parent"}), on="parent", how="inner")
        .group_by("child")
        .agg(seed=nw.col("source").min(), other=nw.col("source").max())
    )
    heirs = given.filter(nw.col("seed") == nw.col("other")).rename({"child": "number"})
    own = graph.select(number=nw.col("target")).unique(["number"])
    heirs = heirs.join(own, on="number", how="anti")
    heirs = heirs.join(weights.select("number"), on="number", how="inner")
    return heirs.group_by("seed").agg(lost=nw.len())


# -- over time ---------------------------------------------------------------------------------


def membership_on(ties: TieFrames, stops: Sequence[date]) -> Frame:
    """Return ``stop, school, core`` of the schools in a group, and ``alliance``; a row a group."""
    now = members(ties, stops)
    return now.group_by("stop", "school", "alliance").agg(nw.col("core").max())


def timeline(
    ties: TieFrames, stops: Sequence[date], *, measure: str, scope: str, rural: str, window: str
) -> Frame:
    """Return a row a day: ``stop`` and the counts of the analysis timeline."""
    engine = ties.engine
    groups = engine.hold(membership_on(ties, stops))
    inside = groups.group_by("stop", "school").agg(nw.col("core").max())
    classes = ties.source.nodes("school").select("number", "urban_rural")
    counted = ties.schools(stops).join(classes, on="number", how="inner")
    counted = counted.filter(in_scope(scope, rural)).select("stop", school=nw.col("number"))
    marked = inside.join(
        counted.with_columns(counts=nw.lit(True)), on=["stop", "school"], how="left"
    )
    ones = {
        "core_schools": nw.col("core"),
        "member_schools": ~nw.col("core"),
        "covered": ~nw.col("counts").is_null(),
    }
    marked = marked.select("stop", **{key: flag.cast(nw.Int64) for key, flag in ones.items()})
    sums = marked.group_by("stop").agg(*(nw.col(key).sum() for key in ones), schools=nw.len())
    if measure == "coverage":
        found = ladder(ties, stops, window=window, distances=False)
        yes = found.schools.filter(nw.col("covered")).select("stop", school=nw.col("number"))
        yes = yes.join(counted, on=["stop", "school"], how="inner")
        sums = _with_count(sums.drop("covered"), yes, "covered", stops, engine)
    table = engine.frame(stops_of(stops)).select("stop")
    number = groups.select("stop", "alliance").unique(["stop", "alliance"])
    pairs = inside.select("stop", "school")
    later = pairs.with_columns(stop=nw.col("stop") + 1)
    joined = pairs.filter(nw.col("stop") > 0).join(later, on=["stop", "school"], how="anti")
    left = later.filter(nw.col("stop") < len(stops)).join(pairs, on=["stop", "school"], how="anti")
    table = table.join(sums, on="stop", how="left")
    for key, rows in (
        ("groups", number), ("in_scope", counted), ("joined", joined), ("left", left),
    ):  # fmt: skip
        table = table.join(rows.group_by("stop").agg(nw.len().alias(key)), on="stop", how="left")
    zero = nw.lit(0, dtype=nw.Int64)
    keys = (
        "groups", "core_schools", "member_schools", "schools", "covered", "in_scope", "joined",
        "left",
    )  # fmt: skip
    return table.select(
        "stop", **{key: nw.coalesce(nw.col(key).cast(nw.Int64), zero) for key in keys}
    )


def _with_count(sums: Frame, rows: Frame, key: str, stops: Sequence[date], engine: Any) -> Frame:
    days = engine.frame(stops_of(stops)).select("stop")
    both = days.join(sums, on="stop", how="left")
    return both.join(rows.group_by("stop").agg(nw.len().alias(key)), on="stop", how="left")


def first_day(ties: TieFrames, day: date, measure: str) -> int | None:
    """Return the number of the first dated day of a membership, or of a tie; None if none."""
    rows = ties.memberships() if measure == "membership" else ties.ties(day)
    begun = rows.filter(nw.col("start") > LOW).select(nw.col("start").min())
    found: int | None = ties.engine.arrow(begun).column("start")[0].as_py()
    return found
