"""The coverage ladder on an engine: which schools are covered on some days, and by what.

The twin of `liantu.graph.cover` and of the cores in `liantu.graph.study`, a row a school and day
instead of an item of an array; `tests/spark` holds them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import narwhals as nw

from liantu.graph.cover import ACTIVE, IN_FORCE, NAMED, RUNGS, SUSTAINED
from liantu.graph.spans import HIGH, LOW
from liantu.graph.study import chosen_bases
from liantu.spark.engine import Frame
from liantu.spark.families import ancestors, best_ancestor, empty, months, nearest, parents
from liantu.spark.ties import TieFrames, stops_of

_INT = nw.Int32
_NO = nw.lit(False)


@dataclass(frozen=True)
class Ladder:
    """What holds on some days.

    Attributes
    ----------
    schools
        A row an open school and day: ``stop, number, direct, rung, heir`` (−1 for none),
        ``as_core, by_tie, by_parent, by_role, covered`` and, if asked for, ``hops, nearest``.
    now
        The ties of the tie sets; see `TieFrames.at`.
    graph
        Their distinct pairs: ``stop, source, target``.
    above
        Every line of parents.
    no_cores
        Whether there is no core on the first day.
    """

    schools: Frame
    now: Frame
    graph: Frame
    above: Frame
    no_cores: bool


def members(ties: TieFrames, stops: Sequence[date]) -> Frame:
    """Return ``stop, school, alliance, core`` in force, open schools alone; `Study.members`."""
    days = ties.engine.frame(stops_of(stops))
    rows = ties.memberships().join(days, how="cross")
    rows = rows.filter((nw.col("start") <= nw.col("day")) & (nw.col("day") <= nw.col("end")))
    rows = rows.select("stop", "core", school=nw.col("source"), alliance=nw.col("target"))
    up = ties.schools(stops).select("stop", school=nw.col("number"))
    return rows.join(up, on=["stop", "school"], how="inner")


def cores(ties: TieFrames, stops: Sequence[date]) -> tuple[Frame, Frame]:
    """Return ``stop, number`` of the cores, and of those of a working alliance; `Study.cores`."""
    now = members(ties, stops)
    pairs = now.group_by("stop", "alliance", "school").agg(nw.col("core").max())
    sizes = pairs.group_by("stop", "alliance").agg(size=nw.len())
    working = pairs.join(sizes.filter(nw.col("size") > 1), on=["stop", "alliance"], how="inner")
    leads = pairs.filter(nw.col("core")).select("stop", number=nw.col("school"))
    works = working.filter(nw.col("core")).select("stop", number=nw.col("school"))
    good = ties.source.nodes("school").filter(nw.col("quality") == "core").select("number")
    good = ties.schools(stops).join(good, on="number", how="inner").select("stop", "number")
    every = nw.concat([leads, good], how="vertical")
    return _distinct(every), _distinct(works)


def _distinct(frame: Frame) -> Frame:
    return frame.group_by("stop", "number").agg(nw.len()).drop("len")


def ladder(
    ties: TieFrames,
    stops: Sequence[date],
    *,
    window: str = "12m",
    basis: Iterable[str] | None = None,
    sustained_months: int = 4,
    hops: int | None = None,
    distances: bool = True,
) -> Ladder:
    """Return the coverage of every open school on some days; twin of `cover.cover`."""
    engine = ties.engine
    roles = basis is None or "member_of" in basis
    every = engine.hold(ties.at(stops, window, basis))
    now = every.filter(nw.col("in_force") | nw.col("active"))
    different = now.filter(nw.col("source") != nw.col("target"))
    graph = different.group_by("stop", "source", "target").agg(nw.len()).drop("len")
    graph = engine.hold(graph)
    above = ancestors(engine, parents(ties, stops))
    leads, works = cores(ties, stops)
    works = works if roles else works.filter(nw.col("number") < 0)
    schools = ties.schools(stops)
    loosely = "member_of" in chosen_bases(basis)
    schools = _direct(ties, schools, every, stops, window, sustained_months, loosely)
    schools = schools.join(
        works.with_columns(as_core=nw.lit(True)), on=["stop", "number"], how="left"
    ).with_columns(as_core=nw.coalesce(nw.col("as_core"), _NO))
    schools = engine.hold(schools)

    best = best_ancestor(above, schools.select("stop", "number", score=nw.col("direct")))
    best = best.select("stop", "best", number=nw.col("child"), offered=nw.col("best_score"))
    core = best_ancestor(above, schools.filter(nw.col("as_core")).select(
        "stop", "number", score=nw.lit(1, dtype=nw.Int64)))  # fmt: skip
    core = core.filter(nw.col("best_score") > 0)
    core = core.select("stop", number=nw.col("child"), core=nw.col("best"))
    schools = schools.join(best, on=["stop", "number"], how="left")
    schools = schools.join(core, on=["stop", "number"], how="left")
    offered = nw.coalesce(nw.col("offered"), nw.lit(-1, dtype=nw.Int64))
    schools = schools.with_columns(rung=nw.max_horizontal("direct", offered), offered=offered)
    below_core = ~nw.col("core").is_null()
    none = nw.lit(-1, dtype=_INT)
    heir = nw.when(nw.col("offered") > nw.col("direct")).then("best").otherwise(none)
    heir = nw.when((nw.col("rung") < IN_FORCE) & below_core).then("core").otherwise(heir)
    schools = schools.with_columns(heir=heir, below_core=below_core)

    no_cores = empty(engine, leads.filter(nw.col("stop") == 0))
    near: Any = nw.lit(True)
    if distances or hops is not None:
        seeds = leads
        if any_without := _stops_without(ties, leads, stops):
            givers = graph.filter(nw.col("stop").is_in(any_without))
            givers = _distinct(givers.select("stop", number=nw.col("source")))
            seeds = nw.concat([leads, givers], how="vertical")
        steps = nearest(engine, graph, above, engine.hold(seeds))
        steps = steps.select("stop", "number", "hops", nearest=nw.col("label"))
        schools = schools.join(steps, on=["stop", "number"], how="left")
        if hops is not None:
            near = nw.coalesce(nw.col("hops") <= hops, _NO)
    schools = schools.with_columns(by_tie=near & (nw.col("direct") >= IN_FORCE), near=near)
    inherits = (nw.col("rung") >= IN_FORCE) | nw.col("below_core")
    schools = schools.with_columns(by_parent=nw.col("near") & ~nw.col("by_tie") & inherits)
    by_role = nw.col("near") & ~nw.col("by_tie") & ~nw.col("by_parent") & nw.col("as_core")
    schools = schools.with_columns(by_role=by_role)
    covered = nw.col("by_tie") | nw.col("by_parent") | nw.col("by_role")
    schools = schools.with_columns(covered=covered).drop(
        "offered", "best", "core", "below_core", "near"
    )
    return Ladder(schools, now, graph, above, no_cores)


def _stops_without(ties: TieFrames, leads: Frame, stops: Sequence[date]) -> list[int]:
    """Return the days without any core: every supporter stands for one."""
    there = ties.engine.arrow(leads.group_by("stop").agg(nw.len()))
    known = set(there.column("stop").to_pylist())
    return [place for place in range(len(stops)) if place not in known]


def _direct(
    ties: TieFrames, schools: Frame, every: Frame, stops: Sequence[date], window: str,
    sustained: int, loosely: bool,
) -> Frame:  # fmt: skip
    """Add ``direct``, the rung from a school's own ties; twin of `cover.rungs`."""
    lifted = nw.when(nw.col("in_force") & nw.col("lifts")).then(nw.lit(IN_FORCE))
    score = (
        nw.when(nw.col("active")).then(nw.lit(ACTIVE)).otherwise(lifted.otherwise(nw.lit(NAMED)))
    )
    parts = [every.select("stop", number=nw.col("target"), score=score.cast(nw.Int64))]
    active = every.filter(nw.col("active"))
    busy = months(ties.engine, active, stops, window).filter(nw.col("months") >= sustained)
    parts.append(busy.select("stop", "number", score=nw.lit(SUSTAINED, dtype=nw.Int64)))
    if loosely and ties.source.size("member_of"):
        days = ties.engine.frame(stops_of(stops))
        loose = ties.loose().join(days, how="cross")
        here = (nw.col("start") <= nw.col("day")) & (nw.col("day") <= nw.col("end"))
        level = nw.lit(IN_FORCE, dtype=nw.Int64)
        parts.append(loose.filter(here).select("stop", number=nw.col("school"), score=level))
    best = nw.concat(parts, how="vertical").group_by("stop", "number").agg(nw.col("score").max())
    found = schools.join(best, on=["stop", "number"], how="left")
    return found.with_columns(direct=nw.coalesce(nw.col("score"), nw.lit(0, dtype=nw.Int64))).drop(
        "score"
    )


def spans(now: Frame) -> Frame:
    """Return ``stop, number, since, expires`` of ties in the tie set; twin of `cover.spans`.

    `HIGH` and `LOW` where no start or no end is known.
    """
    begins = nw.when(nw.col("start") > LOW).then("start").otherwise(nw.lit(HIGH, dtype=_INT))
    rows = now.select("stop", "end", number=nw.col("target"), begins=begins)
    return rows.group_by("stop", "number").agg(
        since=nw.col("begins").min(), expires=nw.col("end").max()
    )


def rung_words(ladder_: Frame, engine: Any) -> Frame:
    """Return schools with words for ``rung`` and ``direct``."""
    import pyarrow as pa

    for key in ("rung", "direct"):
        words = pa.table({key: pa.array(range(len(RUNGS)), pa.int64()), f"{key}_word": list(RUNGS)})
        ladder_ = ladder_.join(engine.frame(words), on=key, how="left")
    return ladder_
