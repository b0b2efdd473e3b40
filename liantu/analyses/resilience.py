"""Resilience: who loses coverage when a core school or another supporter leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.analyses.coverage import stage_keys
from liantu.errors import Message, OptionError
from liantu.graph.backup import Backup, Leaves, Needs, Unit, backup, units
from liantu.graph.kernels import Bools, Graph, Ints, Kernels, pick
from liantu.graph.network import Network
from liantu.graph.rescue import rescues
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.spans import day_number
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet, distinct
from liantu.graph.worst import fallen, greedy, lost_with
from liantu.graph.worst import worst as worst_of
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.results.sections import FEW, annex, chart_of, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 10  # supporters of a worst set at most
HOW = ("direct", "inherited", "as_core")


@analysis(
    order=11,
    chapter="gaps",
    highlights=("covered", "covered_twice", "single_points", "critical", "rescue_pairs"),
    zh="""韧性：某个核心校或其他支援方退出，哪些学校会失去覆盖。

    逐一假设每个支援方退出，统计因此不再被覆盖的学校（直接、继承、作为核心校）及其学生，并给出：只靠
    一方支撑的学校名单（单点依赖），最多几个支援方一起退出时损失最大的组合，以及至少需要新增几对结对
    才能让每所学校都有后备。损失多的列在最前。

    参数
    ----
    hops
        覆盖另外要求在这么多步联系之内有核心校；此时只假设核心校退出（没有核心校时为各支援方）。
        不填则任何支援方都可能退出。
    stage
        只统计这些学段，以逗号分隔。
    basis
        只用这些依据（关系），以逗号分隔；不含 member_of 时，核心校身份不算覆盖。
    unit
        school 逐个支援方退出；alliance 同一集团内的支援方一起退出。
    leaves
        withdraws 只是不再支援别人，仍可受助，下属学校仍可经它继承；closes 学校撤并，经它的继承
        也中断。
    worst
        最坏组合最多有几个支援方（1 至 10）。

    说明
    ----
    学校“失去覆盖”：原已覆盖，且它自身及各级上级学校的全部支援方都已退出，其核心校身份也因集团内再无
    其他成员而失效。给定 hops 时，级数内不再有核心校也算。退出者自身不计。对任意一组退出者都准确。
    退出后的空缺不假设有人自动补上：教研中心失去承办学校、交流失去派出学校的，其联系随之中断。退出后
    覆盖率：closes 时退出的学校自身不再计入。unit 为 alliance 时不能给 hops：集团退出会切断途中的
    联系，只看最后一所核心校就不再准确。
    “双重覆盖”：至少有两个不同的支援方（给定 hops 时为级数内最近的不同核心校），且其中任何一方退出都
    不会失去覆盖。“仅有名义”的联系不能作后备。“任一方退出仍有支援”：学校不论哪一所其他学校或支援方
    退出，都仍有从核心校（没有核心校时为各支援方）出发、步数不限的联系可达，核心校自身亦计。
    最坏组合：一起退出时的损失可能远大于各自损失之和，因此逐个挑最大的未必最坏；表中同时列出两种结果。
    两个以内逐对计算，三个及以上用整数规划求精确解。
    新增结对的下限：隶属树（上级学校与其下属学校）中含单点依赖学校的棵数；表中的受援学校一旦得到
    现有支援方之外的新支援，其下的单点依赖学校都有后备。“割点”：不计方向时，该支援方退出会使联系网
    分成更多块。限定地区时，支援方全部参与，但只统计该地区的学校。

    来源
    ----
    后备覆盖：Hogan, K., ReVelle, C. (1986). Concepts and applications of backup coverage.
    Management Science 32(11), 1434–1444。最坏组合：Church, R. L., Scaparra, M. P., Middleton, R. S.
    (2004). Identifying critical infrastructure. Annals of the Association of American Geographers
    94(3), 491–502。
    """,
)
def resilience(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    hops: int | None = None,
    scope: Scope = "rural",
    rural: Rural = "strict",
    stage: tuple[str, ...] | None = None,
    window: str = "12m",
    basis: tuple[str, ...] | None = None,
    unit: Unit = "school",
    leaves: Leaves = "withdraws",
    worst: int = 3,
) -> Result:
    """Resilience: who loses coverage when a supporter leaves.

    Supposes of every supporter that it leaves, and counts the schools that are then covered no
    longer – directly, by inheritance, as core – and their pupils. Names the schools that hang on
    one supporter (single points), the supporters whose leaving together costs most, and how many
    new pairs at least give every school a second support. Who costs most comes first.

    Parameters
    ----------
    hops
        Covered also needs a core school at most this many ties away; then core schools leave (or
        every supporter, where there is none). Without it any supporter may leave.
    stage
        Only schools of these stages, separated by commas.
    basis
        Only these relations, separated by commas; being a core counts only with member_of.
    unit
        Who leaves: school, each supporter by itself, or alliance, all who support in the same
        alliance together.
    leaves
        withdraws: it supports nobody any more, but may be supported, and schools below it inherit
        through it. closes: it is gone, and so is what is inherited through it.
    worst
        How many supporters the worst set has at most, 1 to 10.

    Returns
    -------
    Result
        ``table``: one row a supporter, by ``lost`` descending. ``tables``: ``single_points``, one
        row a school and the supporter it hangs on; ``worst_sets``, one row a number of leavers,
        the worst set beside what taking the worst in turn gives; ``rescue_pairs``, one row a
        school that needs a new supporter. ``summary``: how many are covered twice.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class.
    OptionError
        If an option is malformed, or hops are asked for with unit alliance.

    Notes
    -----
    A school is lost if it was covered, all supporters of its own and of its parents have left, and
    it is core no more, since no other member of its alliances is left. With hops, also if no core
    is left within them. The leaver itself is not counted. This is exact for any set that leaves.
    Nobody is supposed to step in: ties of a research centre end with the school that hosts it,
    those of a posting with its home. *rate_after* is the coverage that is left; with closes the
    leaver itself is out of it. There are no hops of alliances: one that leaves cuts walks in the
    middle, and who was the last core on them says nothing any more. *Covered twice*: at least two
    different supporters (with hops: nearest cores past no other core), and covered whichever of
    them leaves; named ties are no backup. *survives_any*: schools that walks from a core (any
    supporter where there is none) of any length still lead to, whichever other node is taken out;
    a core leads to itself. What a set costs can be far more than the sum of what each costs, so
    that taking the worst in turn is no proof: the table says where it falls short. One or two are
    counted out, three and more found by an integer programme. *rescue_pairs* is a lower bound: the
    number of affiliation trees that hold a single point; where the school named there gets a
    supporter other than its present ones, the single points below it have a backup. *cut_vertex*:
    without it the undirected ties fall into more parts. With a region in focus every supporter
    takes part but only schools of the region count.

    References
    ----------
    Backup coverage: Hogan, K., ReVelle, C. (1986). Concepts and applications of backup coverage.
    Management Science 32(11), 1434–1444. Worst sets: Church, R. L., Scaparra, M. P., Middleton,
    R. S. (2004). Identifying critical infrastructure. Annals of the Association of American
    Geographers 94(3), 491–502.

    Examples
    --------
    >>> import pandas as pd
    >>> ties = pd.DataFrame({"source": ["a", "a", "b"], "target": ["c", "d", "d"]})
    >>> network = Network.from_frames({"assists": ties}, as_of="2024-06-30")
    >>> result = resilience(network, scope="all")
    >>> result.table["lost"].to_dict(), result.summary["covered_twice"]
    ({'a': 1, 'b': 0}, 1)
    """
    check_range(worst, "worst", 1, MOST)
    if hops is not None:
        check_range(hops, "hops", 1)
        if unit == "alliance":
            raise OptionError.of("hops_of_alliances")
    wanted, day, known = stage_keys(stage), day_of(network, as_of), study(network)
    kernels, nodes = pick(engine), known.nodes()
    schools = network.columns("school", "name", "region", "stage", "pupils")
    ties = known.tie_set(day, window, basis)
    _, inside = schools_in_scope(network, ties.opened, scope, rural)
    if wanted is not None:
        inside = inside & schools["stage"].isin(wanted).to_numpy(dtype=bool)
    found = backup(
        known, ties, kernels, size=worst, hops=hops, unit=unit, leaves=leaves,
        roles=basis is None or "member_of" in basis,
    )  # fmt: skip
    needs = found.needs.of(inside[found.needs.school])
    table = _table(known, ties, kernels, found, inside, unit, hops, leaves)
    single = needs.of(needs.number == 1)
    points = _single_points(nodes, schools, found, single)
    rescue = _rescue(known, ties, kernels, schools, single)
    sets = _worst_sets(nodes, schools, needs, worst)
    covered, twice = int((found.cover.covered & inside).sum()), int((found.twice & inside).sum())
    summary = {
        "in_scope": int(inside.sum()),
        "covered": covered,
        "covered_twice": twice,
        "rate_twice": rate(twice, covered),
        "survives_any": int((_survives(known, ties, kernels, found) & inside).sum()),
        "single_points": int(points["school"].nunique()),
        "critical": int((table["lost"] > 0).sum()),
        "worst": str(sets["leaving"].iloc[-1]) if len(sets) else None,
        "worst_lost": int(sets["lost"].iloc[-1]) if len(sets) else 0,
        "rescue_pairs": len(rescue),
    }
    notes = list(known.parents(day)[1])
    if hops is not None and found.cover.no_cores:
        notes.append(Message("no_cores"))
    unknown = int(points["pupils"].isna().sum())
    if unknown:
        notes.append(Message("pupils_missing", {"count": unknown}))
    if hosts := _hang_on_hosts(ties, single):
        notes.append(Message("hosts_leave", {"count": hosts}))
    if homes := _hang_on_homes(known, ties, single):
        notes.append(Message("homes_leave", {"count": homes}))
    return Result(
        table=table,
        summary=summary,
        tables={"single_points": points, "worst_sets": sets, "rescue_pairs": rescue},
        notes=(*ties.notes, *notes),
    )


def _table(
    known: Study, ties: TieSet, kernels: Kernels, found: Backup, inside: Bools, unit: Unit,
    hops: int | None, leaves: Leaves,
) -> pd.DataFrame:  # fmt: skip
    """Return what hangs on each supporter."""
    size, leavers, single = ties.ties.nodes, found.leavers, found.single
    pupils = known.network.column("school", "pupils")
    lost_of = inside[single.school]
    school, leaver = single.school[lost_of], single.units[lost_of, 0]

    def counted(unit: Ints, weights: Any = None) -> Ints:
        return np.bincount(unit, weights, size)[leavers].astype(np.int64)

    reached = distinct(size, units(known, ties, unit), ties.ties.target, ties.current)
    target, giver = reached.target, reached.source
    counts = inside[target]
    on, whom = found.stands.T
    falls = np.isin(whom * size + on, leaver * size + school)
    kept = inside[on] & ~falls & found.cover.covered[on]
    parts = dict(zip(HOW, _ways(found), strict=True))
    within = counted(giver[counts])
    if hops is not None:
        families, _ = known.parents(ties.day, ties.opened)
        weights = np.zeros((size, 1))
        weights[: len(inside), 0] = inside
        reach = kernels.reach(ties.graph, families, leavers, hops, 1.0, weights)
        within = reach.within[:, 0].round().astype(np.int64)
    stated = pupils.notna().to_numpy()
    sums = counted(leaver, pupils.fillna(0).to_numpy(dtype=float)[school])
    lost = counted(leaver)
    unknown = (counted(leaver[stated[school]]) == 0) & (lost > 0)
    frame = known.nodes().loc[leavers, ["id", "kind", "name"]].reset_index(drop=True)
    frame = frame.rename(columns={"id": "supporter"}).assign(
        lost=lost,
        **{f"lost_{key}": counted(leaver[way[school]]) for key, way in parts.items()},
        pupils_lost=pd.array(sums, dtype="Int64"),
        supported=counted(giver[counts]),
        shared=counted(whom[kept]),
        within_hops=within,
        cut_vertex=kernels.cut_vertices(ties.graph)[leavers],
    )
    frame["pupils_lost"] = frame["pupils_lost"].mask(unknown)
    counted_in = np.zeros((2, size), dtype=np.int64)
    counted_in[:, : len(inside)] = found.cover.covered & inside, inside
    closed = counted_in[:, leavers] * (leaves == "closes" and unit == "school")
    frame["covered_after"] = counted_in[0].sum() - lost - closed[0]
    frame["in_scope_after"] = counted_in[1].sum() - closed[1]
    after = frame["in_scope_after"].where(frame["in_scope_after"] > 0)
    frame["rate_after"] = (frame["covered_after"] / after).astype(float)
    some = frame[["lost", "supported", "shared", "within_hops"]].gt(0).any(axis=1)
    frame = frame[some]
    order = ["lost", "shared", "supported", "supporter", "kind"]
    up = [False, False, False, True, True]
    return frame.sort_values(order, ascending=up, kind="stable").set_index("supporter")


def _hang_on_hosts(ties: TieSet, single: Needs) -> int:
    """Return how many schools hang on the host of a centre, which could carry on without it."""
    every = ties.ties
    if "joins" not in every.bases:
        return 0
    hosted = ties.current & (every.basis == every.bases.index("joins"))
    hosted &= every.source < every.schools
    pairs = every.target[hosted].astype(np.int64) * every.nodes + every.source[hosted]
    hangs = np.isin(single.school * every.nodes + single.units[:, 0], pairs)
    return len(np.unique(single.school[hangs]))


def _hang_on_homes(known: Study, ties: TieSet, single: Needs) -> int:
    """Return how many schools hang on the named home of one whom another school employs, too."""
    every, network = ties.ties, known.network
    if "posted_to" not in every.bases:
        return 0
    posted = known.postings(ties.day)
    today = day_number(ties.day)
    named = network.column("posted_to", "home").notna().to_numpy()[posted["row"]]
    holds = (posted["start"] <= today) & (today <= posted["end"])
    posted = posted[named & holds & ~posted["upward"] & (posted["teacher"] >= 0)]
    works = network.edges("works_at")
    jobs = pd.DataFrame(
        {
            "teacher": works.source - network.numbering.base("teacher"),
            "school": works.target - network.numbering.base("school"),
            "first": works.start,
            "last": works.end,
        }
    )
    both = posted.merge(jobs, on="teacher")
    began = both["start"].where(both["dated"], today)
    other = (both["school"] != both["home"]) & (both["school"] != both["host"])
    both = both[other & (both["first"] <= began) & (began <= both["last"])]
    both = both[ties.opened[both["school"].to_numpy(dtype=np.int64)]]
    pairs = both["host"].to_numpy(dtype=np.int64) * every.nodes + both["home"].to_numpy()
    hangs = np.isin(single.school * every.nodes + single.units[:, 0], pairs)
    return len(np.unique(single.school[hangs]))


def _ways(found: Backup) -> tuple[Bools, Bools, Bools]:
    """Return which schools are covered directly, by inheritance, as core."""
    return found.cover.by_tie, found.cover.by_parent, found.cover.by_role


def _single_points(
    nodes: pd.DataFrame, schools: pd.DataFrame, found: Backup, single: Needs
) -> pd.DataFrame:
    """Return the schools that hang on one supporter, with that supporter and how."""
    school, leaver = single.school, single.units[:, 0]
    way = np.select([mask[school] for mask in _ways(found)], [0, 1, 2], 0)
    names = nodes["name"].fillna(nodes["id"])
    rows = schools.iloc[school].rename_axis("school").reset_index()
    rows = rows.assign(
        supporter=nodes["id"].to_numpy()[leaver],
        supporter_kind=nodes["kind"].to_numpy()[leaver],
        supporter_name=names.to_numpy()[leaver],
        covered_by=pd.array(HOW, dtype="str")[way],
    )
    text = dict.fromkeys(("supporter", "supporter_kind", "supporter_name", "covered_by"), "str")
    return rows.astype(text)


def _worst_sets(
    nodes: pd.DataFrame, schools: pd.DataFrame, needs: Needs, number: int
) -> pd.DataFrame:
    """Return the worst set of each number of leavers, beside what the worst in turn come to."""
    ids, names = nodes["id"].to_numpy(dtype=object), nodes["name"].fillna(nodes["id"]).to_numpy()
    pupils = schools["pupils"].to_numpy(dtype=float, na_value=np.nan)
    rows, before = [], 0
    turn = greedy(needs, number)
    for size in range(1, number + 1):
        leaving = worst_of(needs, size)
        lost = lost_with(needs, leaving)
        if lost == before:  # nobody else is missed
            break
        before = lost
        known = pupils[fallen(needs, leaving)]
        less = lost_with(needs, turn[:size])
        rows.append(
            {
                "size": size,
                "leaving": "、".join(ids[leaving]),
                "leaving_names": "、".join(names[leaving]),
                "lost": lost,
                "pupils_lost": None if np.isnan(known).all() else int(np.nansum(known)),
                "in_turn": "、".join(ids[turn[:size]]),
                "in_turn_names": "、".join(names[turn[:size]]),
                "in_turn_lost": less,
                "in_turn_short": lost - less,
            }
        )
    types = {
        "size": "int64", "leaving": "str", "leaving_names": "str", "lost": "int64",
        "pupils_lost": "Int64", "in_turn": "str", "in_turn_names": "str", "in_turn_lost": "int64",
        "in_turn_short": "int64",
    }  # fmt: skip
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def _rescue(
    known: Study, ties: TieSet, kernels: Kernels, schools: pd.DataFrame, single: Needs
) -> pd.DataFrame:
    """Return the schools whose new supporter would give single points a backup."""
    families, _ = known.parents(ties.day, ties.opened)
    tree = kernels.components(families)
    found = rescues(families, tree, np.unique(single.school), len(schools))
    nodes = known.nodes()
    pairs = pd.DataFrame({"tree": tree[single.school], "leaver": single.units[:, 0]})
    pairs = pairs.drop_duplicates().sort_values(["tree", "leaver"])
    names = nodes["name"].fillna(nodes["id"]).to_numpy()[pairs["leaver"]]
    present = pd.Series(names, index=pairs["tree"]).groupby(level=0).agg("、".join)
    rows = schools.iloc[found.school].rename_axis("school").reset_index()
    rows = rows.assign(
        single_points=found.single,
        rescued=found.rescued,
        hang_on=present.reindex(tree[found.school]).to_numpy(dtype=object),
    ).astype({"hang_on": "str"})
    order = ["rescued", "pupils", "school"]
    return rows.sort_values(order, ascending=[False, False, True], kind="stable", ignore_index=True)


def _survives(known: Study, ties: TieSet, kernels: Kernels, found: Backup) -> Bools:
    """Return which schools walks from cores lead to, whichever other node is taken out.

    The immediate dominator of such a node is a root before all cores. From each node known to be
    such, labels spread; where two meet, two walks share nothing, and another such node is found.
    """
    families, _ = known.parents(ties.day, ties.opened)
    leads, _ = known.cores(ties.day, ties.opened)
    start = np.flatnonzero(leads) if leads.any() else np.unique(ties.graph.source)
    both: Graph = distinct(
        ties.ties.nodes,
        np.concatenate([ties.graph.source, families.source]),
        np.concatenate([ties.graph.target, families.target]),
    )
    none = Graph(both.n, both.source[:0], both.target[:0])
    sure = np.zeros(both.n, dtype=np.bool_)
    sure[start] = True
    while True:
        label = kernels.nearest(both, none, np.flatnonzero(sure))[1]
        one, two = label[both.source], label[both.target]
        meet = both.target[(one >= 0) & (one != two)]
        meet = meet[~sure[meet]]
        if not len(meet):
            survives: Bools = sure[: ties.ties.schools] & found.cover.covered
            return survives
        sure[meet] = True


# -- chart and report ------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw supporters by what is lost with them: directly, by inheritance, as core."""
    from liantu.plots import bars, style

    table = result.table[result.table["lost"] > 0].head(bars.TOP)
    if table.empty:
        return style.empty(lang)
    made = style.figure(0.25 * len(table) + 0.55)
    axes = made.add_subplot()
    lost = table["lost"].to_numpy(dtype=float)
    colours = (style.BLUES[2], style.BLUES[0], style.CORE_ONLY)
    places = bars.ranking(axes, bars.row_names(table), lost, "none")
    left = np.zeros(len(table))
    for key, colour in zip(HOW, colours, strict=True):
        values = table[f"lost_{key}"].to_numpy(dtype=float)
        axes.barh(places, values, 0.66, left=left, color=colour)
        left += values
    bars.said(axes, lost)
    words = [label(f"lost_{key}", lang) for key in HOW]
    style.legend(made, list(zip(colours, words, strict=True)))
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return who hangs on one supporter, and where new pairs would help."""
    figures, command = result.summary, asked.command("resilience")
    if not figures["covered"]:
        return []
    title = asked.say("hanging")
    points, rescue = result.tables["single_points"], result.tables["rescue_pairs"]
    keys = ("covered", "covered_twice", "single_points", "critical", "rescue_pairs")
    told = asked.tell("hanging_sentence", **{key: f"{figures[key]:,}" for key in keys})
    if points.empty:
        return [Section("resilience", title, (Text(told),))]
    blocks: list[Block] = [Text(told)]
    lost = named(result.table[result.table["lost"] > 0])
    if len(lost) > FEW:  # few bars say no more than their rows
        blocks.append(chart_of(asked, result, command, asked.say("resilience_chart"), told))
    columns = ["name", "lost", "pupils_lost", "supported", "shared"]
    head = asked.say("most_missed")
    if len(lost) > FEW // 3:  # one or two are named with their schools below
        blocks.append(table(asked, head, lost, columns, command, rows=FEW, annex="most_missed"))
    points = named(points.set_index("school"))
    wanted = ["name", "region", "stage", "pupils", "supporter_name", "covered_by"]
    listed, shown = asked.say("single_points_list"), [key for key in wanted if key != "stage"]
    blocks.append(table(asked, listed, points, shown, command, rows=2 * FEW, annex="single_points"))
    rescue = named(rescue.set_index("school"))
    places = ["name", "region", "stage", "pupils", "rescued", "hang_on"]
    annexes = (
        *annex("single_points", listed, points, wanted, command),
        *annex("most_missed", head, lost, columns, command),
        *annex("rescue", asked.say("rescue_list"), rescue, places, command),
    )
    return [Section("resilience", title, tuple(blocks), annexes=annexes)]
