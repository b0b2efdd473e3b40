"""Page one: at most eight sentences from results, each with its numbers and its annexes.

Scope and date stand in the first and hold for all; a sentence takes two lines of an official
document, so that page one is one page: what the body tells besides is not said here.

A sentence stands only where an analysis gave its numbers; what was refused is listed elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from liantu.analyses.coverage import in_name
from liantu.analyses.distance import FAR
from liantu.analyses.load import cores_of
from liantu.graph.study import study
from liantu.options import minus, plus
from liantu.reports import change
from liantu.reports.advice import name, pupils
from liantu.reports.closing import missing
from liantu.results.asked import Asked
from liantu.results.blocks import Cells, Finding
from liantu.results.regions import region_levels
from liantu.results.sections import named

REGIONS = 24  # of the level that is named, at most
MOST = 8  # sentences of page one
WORST = 2  # regions, stages named


class Said(NamedTuple):
    """A sentence and the keys of its annexes."""

    text: str
    annexes: tuple[str, ...]


def findings(asked: Asked, unanswered: int) -> list[Said]:
    """Return the sentences of page one, in the reader's order.

    Parameters
    ----------
    asked
        What was asked.
    unanswered
        How many lines stand under what could not be worked out.
    """
    found = [
        *_coverage(asked),
        *_gaps(asked),
        *_in_name(asked),
        *_hanging(asked),
        *_ending(asked),
        *_overloaded(asked),
        *_pairs(asked),
        *_unsaid(asked, unanswered),
    ]
    return found[:MOST]


def numbered(said: list[Said], numbers: Mapping[str, int]) -> tuple[Finding, ...]:
    """Return the findings with the numbers of their annexes."""
    return tuple(
        Finding(text, tuple(numbers[key] for key in keys if key in numbers)) for text, keys in said
    )


def _scope(asked: Asked) -> str:
    return asked.say("schools_all" if asked.scope == "all" else "schools_rural")


def _coverage(asked: Asked) -> list[Said]:
    result = asked.result("coverage")
    if result is None or not result.summary["in_scope"]:
        return []
    figures = {key: result.summary[key] for key in ("covered", "in_scope")}
    share = f"{result.summary['rate']:.1%}"
    text = asked.tell("find_coverage", day=asked.day, scope=_scope(asked), rate=share, **figures)
    if not change.told(asked):
        return [Said(text + asked.say("full_stop"), ("coverage",))]
    assert asked.before is not None
    old = {key: asked.before.summary[key] for key in figures}
    more = figures["covered"] - old["covered"]
    yearly = asked.earlier == minus(asked.day, "12m")
    then = asked.say("year_ago") if yearly else asked.earlier
    count = "more" if more > 0 else "fewer" if more else "as_many"
    text += asked.tell(f"find_change_{count}", count=abs(more), then=then)
    if old["in_scope"] != figures["in_scope"]:
        text += asked.tell("find_change_of", **old)
    text += asked.say("full_stop")
    keys = ("coverage", "changed") if len(change.moved(asked)) else ("coverage",)
    return [Said(text, keys)]


def _gaps(asked: Asked) -> list[Said]:
    result = asked.result("coverage")
    if result is None or not result.summary["in_scope"]:
        return []
    figures = result.summary
    if not figures["uncovered"]:
        return [Said(asked.tell("find_no_gap", in_scope=figures["in_scope"]), ("coverage",))]
    stages = _worst(asked, "find_gap_stages", "find_stage", result.tables["by_stage"], "stage")
    text = asked.tell("find_gaps", uncovered=figures["uncovered"], stages=stages)
    if figures["pupils_in_scope"]:
        part = figures["pupils_uncovered"] / figures["pupils_in_scope"]
        counts = {key: figures[key] for key in ("pupils_uncovered", "pupils_in_scope")}
        text += asked.tell("find_gap_pupils", share=f"{part:.1%}", **counts)
    regions = result.tables["by_region"]
    depth, level = region_levels(regions, REGIONS)
    regions = regions[depth == level]
    text += _worst(asked, "find_gap_regions", "find_part", regions, "region")
    bare = ~result.table["covered"].astype(bool)
    far = int((result.table.loc[bare, "nearest_core_km"] > FAR).sum())
    if far:
        text += asked.tell("find_gap_far", far=far, km=f"{FAR:g}")
    return [Said(text + asked.say("full_stop"), ("uncovered", "by_region"))]


def _worst(asked: Asked, code: str, part: str, frame: pd.DataFrame, key: str) -> str:
    """Return the groups with most uncovered schools, unless there is one group only."""
    frame = frame[frame["in_scope"] > 0]
    if len(frame) < 2:
        return ""
    order = ["uncovered", "rate"]
    frame = frame.sort_values(order, ascending=[False, True], kind="stable")
    frame = frame[frame["uncovered"] > 0].head(WORST)
    names = Cells(asked.network, asked.lang).column(key, frame[key])
    between = "、" if asked.lang == "zh" else ", "
    listed = between.join(
        asked.tell(part, name=label, uncovered=row.uncovered, in_scope=row.in_scope)
        for label, row in zip(names, frame.itertuples(), strict=True)
    )
    return asked.tell(code, listed=listed)


def _in_name(asked: Asked) -> list[Said]:
    result = asked.result("coverage")
    if result is None:
        return []
    found, total = in_name(result), result.summary["in_scope"]
    if found.empty:
        return []
    text = asked.tell(
        "find_in_name",
        count=len(found), in_scope=total, share=f"{len(found) / total:.1%}",
        named=result.summary["rung_named"], in_force=result.summary["rung_in_force"],
    )  # fmt: skip
    return [Said(text, ("in_name",))]


def _hanging(asked: Asked) -> list[Said]:
    result = asked.result("resilience")
    if result is None or not result.summary["covered"]:
        return []
    figures = result.summary
    if not figures["single_points"]:
        return [Said(asked.tell("find_backed", covered=figures["covered"]), ())]
    counts = {key: figures[key] for key in ("covered", "single_points")}
    text = asked.tell("find_hanging", **counts)
    worst = next(named(result.table.head(1)).itertuples())
    lost = asked.tell(
        "find_most_missed", name=name(worst), lost=worst.lost,
        pupils=pupils(asked, worst.pupils_lost),
    )  # fmt: skip
    return [Said(text + lost + asked.say("full_stop"), ("single_points", "rescue"))]


def _ending(asked: Asked) -> list[Said]:
    result = asked.result("expiry")
    if result is None or not asked.dated:
        return []
    until, count = plus(asked.day, result.parameters["within"]), len(result.table)
    if not count:
        return [Said(asked.tell("find_nothing_ends", until=until), ())]
    text = asked.tell("find_ending", until=until, count=count)
    figures = result.summary
    if figures["falling"] is None:
        return [Said(text + asked.say("full_stop"), ("expiring",))]
    if not figures["falling"]:
        return [Said(text + asked.tell("find_none_falls"), ("expiring",))]
    falling = result.tables["falling"]
    said = asked.tell(
        "find_falling",
        falling=figures["falling"], pupils=pupils(asked, falling["pupils"].sum()),
    )  # fmt: skip
    return [Said(text + said, ("expiring", "falling"))]


def _overloaded(asked: Asked) -> list[Said]:
    result = asked.result("load")
    if result is None or not study(asked.network).cores(asked.day)[0].any():
        return []
    cores = cores_of(asked, result)
    if cores.empty:
        return []
    over = cores[cores["flags"].notna()]
    if over.empty:
        return [Said(asked.tell("find_no_overload", cores=len(cores)), ("load",))]
    most = next(over.sort_values("supported", ascending=False, kind="stable").itertuples())
    text = asked.tell(
        "find_overload",
        cores=len(cores), over=len(over), name=name(most), supported=most.supported,
        limit=result.parameters["max_supported"],
    )  # fmt: skip
    return [Said(text, ("load",))]


def _pairs(asked: Asked) -> list[Said]:
    result = asked.result("pairing")
    if result is None or not result.summary["uncovered"]:
        return []
    figures = result.summary
    if result.table.empty:
        return [Said(asked.tell("find_no_pairs", uncovered=figures["uncovered"]), ("unpaired",))]
    keys = ("uncovered", "new_pairs", "schools_gained")
    text = asked.tell(
        "find_pairs",
        pupils=pupils(asked, figures["pupils_gained"]), **{key: figures[key] for key in keys},
    )  # fmt: skip
    row = next(named(result.table.head(1)).itertuples())
    helper = row.supporter_name if isinstance(row.supporter_name, str) else row.supporter
    said = text + asked.tell("find_first_pair", source=helper, target=row.name)
    return [Said(said, ("pairing", "unpaired"))]


def _unsaid(asked: Asked, unanswered: int) -> list[Said]:
    """Return how much the data do not say; nothing if they say everything."""
    counts = {"find_gaps_of_data": len(missing(asked)), "find_unanswered": unanswered}
    parts = [asked.tell(code, count=count) for code, count in counts.items() if count]
    if not parts:
        return []
    between = "、" if asked.lang == "zh" else ", "
    return [Said(asked.tell("find_unsaid", listed=between.join(parts)), ())]
