"""Coverage: who supports each school."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.errors import Message, OptionError
from liantu.graph.cover import RUNGS, cover, spans
from liantu.graph.kernels import Bools, Ints, pick
from liantu.graph.names import supporter_names
from liantu.graph.near import to_cores
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.spans import dates
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Cells, Fact, Facts, Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate, total
from liantu.results.regions import region_groups
from liantu.results.sections import FEW, annex, chart_of, named, table
from liantu.vocabulary import Lang

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 24  # regions of the chart at most
LADDER = ("none", "named", "core_only", "in_force", "active", "sustained")


@analysis(
    order=1,
    chapter="coverage",
    highlights=("in_scope", "covered", "rate", "uncovered", "pupils_uncovered"),
    zh="""覆盖：每所学校由谁支援。

    把每所学校放在覆盖阶梯上：无 → 仅有名义 → 有效 → 有活动 → 持续。达到“有效”及以上，或本身是
    运行中集团的核心校，即为已覆盖；村小、教学点等还可继承上级学校的层级。未覆盖的学校列在最前。

    参数
    ----
    stage
        只统计这些学段，以逗号分隔。
    sustained_months
        窗口期内至少有几个不同月份有活动才算“持续”。
    hops
        另外要求在这么多步联系之内有核心校（继承不计步）。
    basis
        只用这些依据（关系），以逗号分隔；不含 member_of 时，核心校身份不算覆盖。

    说明
    ----
    仅有名义：有记录，但统计日无有效状态、窗口期内无活动，包括尚未开始的、无日期的活动和资助、捐赠、
    友好学校。有效：有状态覆盖统计日。有活动：窗口期内至少一次活动，或有注明日期的交流、师徒与窗口期
    重叠。持续：所有支援方的活动合计落在足够多的不同月份，交流和师徒在其经过的每个月份都计。
    直接、继承、作为核心校三类依次判断，互不重复，合计等于已覆盖。只支援别人不等于自己被覆盖。
    核心校指统计日有效的集团核心校，或办学质量为核心的学校；若都没有，则从各支援方算起。
    距核心校直线距离（nearest_core_km）与“距离”分析相同：到学段包含本校学段的最近核心校，不论有无联系；
    没有坐标的为空。
    覆盖率 = 已覆盖 ÷ 统计范围。

    来源
    ----
    乡村的含义：GB/T 33782-2017 表 5。最短路径：Dijkstra, E. W. (1959). A note on two problems in
    connexion with graphs. Numerische Mathematik 1, 269–271.
    """,
)
def coverage(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    scope: Scope = "rural",
    rural: Rural = "strict",
    stage: tuple[str, ...] | None = None,
    window: str = "12m",
    sustained_months: int = 4,
    hops: int | None = None,
    basis: tuple[str, ...] | None = None,
) -> Result:
    """Coverage: who supports each school.

    Every school stands on a rung of the coverage ladder: none → named → in force → active →
    sustained. It is covered from *in force* upwards, or as the core of a working alliance; village
    schools and teaching points inherit the rung of their parents. Uncovered schools come first.

    Parameters
    ----------
    stage
        Only schools of these stages, separated by commas.
    sustained_months
        Different months with an activity that make a school sustained.
    hops
        Ask also for a core school at most this many ties away (inheriting costs none).
    basis
        Only these relations, separated by commas; being a core counts only with member_of.

    Returns
    -------
    Result
        ``table``: one row a school in scope, uncovered first, then by pupils. ``summary``: schools
        and pupils in scope, covered, uncovered, and the rate. ``tables``: ``by_region`` (rolled up
        the tree), ``by_stage``, ``by_rung``.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class.
    OptionError
        If an option is malformed.

    Notes
    -----
    *named*: recorded, but no state in force and no activity in the window; future ties, undated
    events, funding, donations and sister schools too. *in_force*: a state covers the date.
    *active*: an event in the window, or a dated posting or mentoring that overlaps it.
    *sustained*: the activities of all supporters together fall into enough calendar months of the
    window; a posting or mentoring counts in each month it overlaps. Direct, inherited and as core
    exclude each other in this order and add up to covered. Giving assistance alone does not cover
    the giver. Cores are schools with the role core in force or of quality core; where there is
    none, every supporter. ``nearest_core_km`` is the straight line to the nearest core that teaches
    the grades of the school, whatever the ties, as in ``distance``; empty where that has no
    coordinates. rate = covered ÷ in_scope.

    References
    ----------
    Urban–rural classes: GB/T 33782-2017, table 5. Shortest paths: Dijkstra, E. W. (1959). A note
    on two problems in connexion with graphs. Numerische Mathematik 1, 269–271.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": ["a", "b", "c"], "urban_rural": "220"}),
    ...         "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> result = coverage(network)
    >>> result.summary["covered"], result.summary["in_scope"], result.summary["rate"]
    (1, 3, 0.3333333333333333)
    >>> result.table["rung"].to_dict()
    {'a': 'none', 'c': 'none', 'b': 'in_force'}
    """
    check_range(sustained_months, "sustained_months", 1)
    if hops is not None:
        check_range(hops, "hops", 0)
    stages, day, known = stage_keys(stage), day_of(network, as_of), study(network)
    schools = network.columns("school", "name", "region", "stage", "urban_rural", "pupils")
    ties = known.tie_set(day, window, basis)
    counted, in_scope = schools_in_scope(network, ties.opened, scope, rural)
    if stages is not None:
        right = schools["stage"].isin(stages).to_numpy(dtype=bool)
        counted, in_scope = counted & right, in_scope & right
    found = cover(
        known, ties, pick(engine), sustained_months=sustained_months, hops=hops,
        roles=basis is None or "member_of" in basis,
    )  # fmt: skip
    notes = list(known.parents(day)[1])
    if found.no_cores:
        notes.append(Message("no_cores"))

    nodes = known.nodes()
    hop_counts = pd.Series(found.hops, dtype="Int64").mask(found.hops < 0)
    words = pd.array(RUNGS, dtype="str")
    table = schools[["name", "region", "stage", "urban_rural", "pupils"]].assign(
        covered=found.covered,
        rung=words[found.rung],
        rung_direct=words[found.direct],
        as_core=found.as_core,
        inherited_from=_named(nodes["id"], found.heir),
        **_supporters(nodes, ties),
        nearest_core=_named(nodes["id"], found.nearest),
        hops=hop_counts.array,
        **_spans(ties),
        nearest_core_km=to_cores(known, ties, np.flatnonzero(in_scope)),
    )
    figures = {
        "covered_direct": found.by_tie,
        "covered_inherited": found.by_parent,
        "covered_as_core": found.by_role,
    }
    return answer(network, table, figures, counted, in_scope, (*ties.notes, *notes))


def answer(
    network: Network, table: pd.DataFrame, figures: Mapping[str, Bools], counted: Bools,
    in_scope: Bools, notes: tuple[Message, ...],
) -> Result:  # fmt: skip
    """Return the result from what coverage finds of every school, whatever engine found it.

    Parameters
    ----------
    network
        The network; schools and regions will do.
    table
        A row a school, by id, with the columns of the result.
    figures
        By key of the summary, which schools are covered in that way.
    counted, in_scope
        From `liantu.graph.scope.schools_in_scope`.
    notes
        What was counted or left out of the ties.
    """
    told = list(notes)
    unclassed = counted & table["urban_rural"].isna().to_numpy(dtype=bool)
    table = table[in_scope].rename_axis("school")
    summary = {
        "schools": int(counted.sum()),
        **_counts(table),
        **{key: int((mask & in_scope).sum()) for key, mask in figures.items()},
        "pupils_in_scope": total(table["pupils"]),
        "pupils_uncovered": total(table.loc[~table["covered"], "pupils"]),
        **{f"rung_{name}": int((table["rung"] == name).sum()) for name in RUNGS},
        "unknown_urban_rural": int(unclassed.sum()),
    }
    lost = {"pupils_missing": table["pupils"].isna().sum()}
    if network.size("region"):
        lost["region_missing"] = table["region"].isna().sum()
    told += [Message(code, {"count": int(count)}) for code, count in lost.items() if count]
    order = ["covered", "pupils", "school"]
    return Result(
        table=table.sort_values(order, ascending=[True, False, True], kind="stable"),
        summary=summary,
        tables={
            "by_region": _by_region(network, table),
            "by_stage": _by_stage(table),
            "by_rung": _by_rung(table),
        },
        notes=tuple(told),
    )


def stage_keys(given: tuple[str, ...] | None) -> list[str] | None:
    """Return the keys of stages; their labels in either language will do too."""
    if given is None:
        return None
    found = {word: vocabulary.find("stage", word) for word in given}
    for word, key in found.items():
        if key is None:
            allowed = ", ".join(vocabulary.terms("stage"))
            raise OptionError.of("bad_choice", value=word, option="--stage", allowed=allowed)
    return [key for key in found.values() if key is not None]


def _supporters(nodes: pd.DataFrame, ties: TieSet) -> dict[str, Any]:
    """Return number and names of the distinct direct supporters of each school in the tie set."""
    number = np.bincount(ties.graph.target, minlength=ties.ties.schools)
    every = np.ones(ties.ties.schools, dtype=np.bool_)
    return {"supporters": number, "supporter_names": supporter_names(nodes, ties, every)}


def _spans(ties: TieSet) -> dict[str, Any]:
    """Return the earliest start and the latest end of each school's ties in the tie set."""
    since, until = spans(ties)
    return {"since": dates(since).array, "expires": dates(until).array}


def _named(ids: pd.Series, codes: Ints) -> Any:
    """Return the ids of codes, missing where the code is −1."""
    return pd.Series(ids.reindex(codes).to_numpy(), dtype="str").array


def _counts(table: pd.DataFrame) -> dict[str, Any]:
    total, covered = len(table), int(table["covered"].sum())
    return {
        "in_scope": total,
        "covered": covered,
        "uncovered": total - covered,
        "rate": rate(covered, total),
    }


def _rated(frame: pd.DataFrame) -> pd.DataFrame:
    """Add uncovered and rate to a frame with in_scope and covered."""
    frame = frame.assign(uncovered=frame["in_scope"] - frame["covered"])
    return frame.assign(rate=(frame["covered"] / frame["in_scope"]).where(frame["in_scope"] > 0))


def _by_region(network: Network, table: pd.DataFrame) -> pd.DataFrame:
    regions = network.columns("region", "name", "level", "parent")
    codes = regions.index.get_indexer(pd.Index(table["region"]))
    codes = np.where(table["region"].notna(), codes, -1)
    frame = regions[["name", "level", "parent"]].assign(
        in_scope=network.roll_up(codes, np.ones(len(table))).astype(np.int64),
        covered=network.roll_up(codes, table["covered"].to_numpy(dtype=float)).astype(np.int64),
    )
    frame = _rated(frame)[network.reported("region")].rename_axis("region")
    return frame.reset_index()


def _by_stage(table: pd.DataFrame) -> pd.DataFrame:
    order = [*vocabulary.terms("stage")]
    stages = table["stage"].astype(pd.CategoricalDtype(order))
    groups = table.groupby(stages, observed=True, dropna=False)["covered"]
    frame = pd.DataFrame({"in_scope": groups.size(), "covered": groups.sum()})
    frame = _rated(frame).rename_axis("stage").reset_index()
    return frame.assign(stage=frame["stage"].astype("str"))


def _by_rung(table: pd.DataFrame) -> pd.DataFrame:
    groups = table.groupby("rung")
    schools = groups.size().reindex(list(RUNGS), fill_value=0)
    pupils = groups["pupils"].sum(min_count=1).reindex(list(RUNGS)).mask(schools == 0, 0)
    frame = pd.DataFrame({"schools": schools, "pupils": pupils}).rename_axis("rung")
    return frame.astype({"schools": np.int64, "pupils": "Int64"}).reset_index()


# -- chart and report ------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw the shares of the rungs: all schools, then by region, then by stage."""
    from liantu.plots import style
    from liantu.plots.shares import Part, shares

    table = result.table
    weak = table["rung"].isin(["none", "named"])
    step = table["rung"].astype("str").mask(table["covered"].astype(bool) & weak, "core_only")
    whole = pd.Series(_word("all_schools", lang), index=table.index)
    stages = (
        table["stage"]
        .astype("str")
        .map(lambda key: vocabulary.label(key, lang, "stage"), na_action="ignore")
    )
    named = stages.fillna(_word("no_stage", lang)) if stages.notna().any() else stages
    order = [term.label(lang) for term in vocabulary.terms("stage").values()]
    order.append(_word("no_stage", lang))
    regions, more = region_groups(
        result.tables.get("by_region"), result.table, SHOWN, _word("no_region", lang)
    )
    blocks = [
        ("", _shares(whole, step, None)),
        (_word("by_region", lang), regions and _shares(regions[0], step, regions[1])),
        (_word("by_stage", lang), _shares(named, step, order)),
    ]
    parts = {
        key: Part(
            style.RUNGS.get(key, style.CORE_ONLY),
            dark=key in ("none", "core_only", "active", "sustained"),
            counts=key not in ("none", "named"),
            label=vocabulary.label(key, lang, "rung" if key in RUNGS else "label"),
            hatch={"none": "////", "named": "...."}.get(key, ""),
        )
        for key in LADDER
    }
    drawn = shares([(h, frame) for h, frame in blocks if frame is not None and len(frame)], parts)
    if more:
        text = Message("shown_of", {"shown": SHOWN, "total": more}).text(lang)
        drawn.axes[0].set_xlabel(text, size=8)
    return drawn


def _word(key: str, lang: Lang) -> str:
    return vocabulary.label(key, lang, "label")


def _shares(groups: pd.Series, step: pd.Series, order: Sequence[str] | None) -> pd.DataFrame:
    """Return schools by group (in an order) and rung."""
    frame = pd.crosstab(groups, step).reindex(columns=list(LADDER), fill_value=0)
    if order is None:
        return frame
    return frame.reindex([name for name in order if name in frame.index])


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return how many are covered, by region and stage; who is not, and who is in name only."""
    if not result.summary["in_scope"]:
        return []
    rural = "_rural" if asked.scope == "rural" else ""
    return [
        _overall(asked, result),
        *_uncovered(asked, result, asked.say(f"uncovered{rural}_list")),
        *_in_name(asked, result),
    ]


_SCHOOL = ("name", "region", "stage", "urban_rural", "pupils")


def _overall(asked: Asked, result: Result) -> Section:
    figures, cells = result.summary, Cells(asked.network, asked.lang)
    words = {key: cells.value(key, value) for key, value in figures.items()}
    shown = {key: words[key] for key in ("covered", "in_scope", "uncovered", "rate")}
    known = figures["pupils_in_scope"] and figures["uncovered"]
    pupils = words["pupils_uncovered"] if known else ""
    code = "headline_sentence" if pupils else "headline_no_pupils"
    text = asked.tell(code, as_of=asked.day, pupils=pupils, **shown)
    rate_ = Fact(
        vocabulary.label("rate", asked.lang),
        words["rate"],
        f"{words['covered']} / {words['in_scope']}",
    )
    gap = Fact(
        asked.say("uncovered_schools"),
        words["uncovered"],
        f"{pupils} {asked.say('pupils_unit')}" if pupils else "",
        alarm=bool(figures["uncovered"]),
    )
    parts = ("covered_direct", "covered_inherited", "covered_as_core")
    facts = [Fact(vocabulary.label(key, asked.lang), words[key]) for key in parts if figures[key]]
    command, title = asked.command("coverage"), asked.say("overall")
    blocks: list[Block] = [Text(text), Facts((rate_, gap, *facts), command)]
    by_region = result.tables["by_region"]
    names = Cells(asked.network, asked.lang).names("region").reindex(by_region["region"])
    tables = {**result.tables, "by_region": by_region.assign(name=names.to_numpy())}
    drawn = replace(result, tables=tables)
    blocks.append(chart_of(asked, drawn, command, asked.say("coverage_chart"), text))
    regions = _telling(by_region)
    counts = ["in_scope", "covered", "uncovered", "rate"]
    every = [*_SCHOOL, "covered", "rung", "inherited_from", "supporters", "supporter_names",
             "since", "expires"]  # fmt: skip
    annexes = (
        *annex("by_region", asked.say("coverage_by_region"), regions,
               ["region", "level", *counts], command),
        *annex("coverage", asked.say("coverage_all"), named(result.table), every, command),
    )  # fmt: skip
    return Section("coverage", title, tuple(blocks), annexes=annexes)


def _telling(regions: pd.DataFrame) -> pd.DataFrame:
    """Leave out regions without schools and those with all their schools in one part."""
    largest = regions.groupby("parent")["in_scope"].max()
    part = regions["region"].map(largest).fillna(0).to_numpy()
    return regions[(regions["in_scope"] > 0) & (regions["in_scope"] != part)]


def _uncovered(asked: Asked, result: Result, title: str) -> list[Section]:
    left = named(result.table[~result.table["covered"].astype(bool)])
    command = asked.command("coverage")
    if left.empty:
        return [Section("uncovered", title, (Text(asked.tell("all_covered")),), chapter="gaps")]
    columns = [*_SCHOOL, "rung"]
    shown = table(asked, title, left, columns, command, annex="uncovered")
    left = left.assign(nearest_core_km=left["nearest_core_km"].round(1))
    columns += ["nearest_core", "nearest_core_km"]
    whole = annex("uncovered", title, left, columns, command)
    return [Section("uncovered", title, (shown,), annexes=whole, chapter="gaps")]


def in_name(result: Result) -> pd.DataFrame:
    """Return the schools supported in name only: nothing is in force, or nothing has happened."""
    return named(result.table[result.table["rung"].isin(["named", "in_force"])])


def _in_name(asked: Asked, result: Result) -> list[Section]:
    found, command = in_name(result), asked.command("coverage")
    if found.empty:
        return []
    title, columns = asked.say("in_name"), [*_SCHOOL, "rung", "supporter_names"]
    counts = {key: result.summary[f"rung_{key}"] for key in ("named", "in_force")}
    text = asked.tell("in_name_sentence", in_scope=len(result.table), **counts)
    shown = table(asked, title, found, [*_SCHOOL, "rung"], command, rows=FEW, annex="in_name")
    whole = annex("in_name", title, found, [*columns, "since", "expires"], command)
    return [Section("in_name", title, (Text(text), shown), annexes=whole, chapter="gaps")]
