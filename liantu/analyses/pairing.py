"""Pairing: which new pairs cover most schools that nobody supports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.kernels import Bools, Ints, pick
from liantu.graph.network import Network
from liantu.graph.plan import REASONS, Plan, Task, plan
from liantu.graph.scope import Rural, Scope
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Engine, Pairs, Result, analysis, day_of, total
from liantu.results.sections import FEW, annex, named, table
from liantu.vocabulary import Lang, label, normalise

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 1_000_000_000  # schools
FARTHEST = 30_000.0  # km: beyond the other side of the earth


@analysis(
    order=14,
    chapter="advice",
    highlights=("new_pairs", "schools_gained", "pupils_gained", "uncovered_after", "useful_pairs"),
    zh="""结对：新增哪些结对，能覆盖最多无人支援的学校。

    在给定的名额内，为未覆盖的学校挑选核心校结对：先让新覆盖的学生最多，再让路程合计最短。每一对都说明
    覆盖了谁、为什么是这所核心校；没有排上的学校逐一说明原因；每所核心校说明多一个名额值多少。

    参数
    ----
    budget
        最多新增多少对，包括指定的。
    capacity
        一所核心校最多支援几所学校，已在支援的计入。5 是经验设置，没有规范依据，请按本地情况填写。
    max_km
        不同县的学校之间最远多少公里；同一县内不限。公里数为直线距离乘以 1.3，只是估计。
    locked
        已经定下的结对，必须包括在内：列同“结对帮扶”的 CSV 或 XLSX 文件。
    forbidden
        不允许的结对：列同“结对帮扶”的 CSV 或 XLSX 文件。
    fair
        floor 表示每个县至少得到 --floor 对（学校不足的，全部）；maxmin 表示先让各县可结对学校中得到
        结对的最低比例尽量高；不填则不分县。
    floor
        配合 --fair floor：每个县至少几对。
    weight
        按什么比较：pupils 为学生数，schools 为学校数。

    说明
    ----
    支援的一方是核心校（若没有，则为各支援方中的学校），其学段须包含受援学校的全部学段；两校同县，或
    相距不超过 --max-km；两校之间没有现行或已登记的联系，不属同一隶属系列，也未被禁止。没有学校注明
    学段时，学段不作要求；核心校自身不作为受援校；缺少坐标时只看是否同县，路程按 --max-km 计。
    名额 = capacity − 已支援的学校数。上级学校得到结对，其下属村小、教学点随之覆盖，一并计入；上级
    学校自身不在统计范围时，只计下属学校。缺少在校生数的学校按 0 名学生计，不会入选，可用
    --weight schools。结果是精确的最优解：最小费用流，装有 OR-Tools（liantu[optimise]）时由它求解，
    否则由 SciPy 求解，最优值相同；上下级学校可由不同核心校支援时为整数规划。曲线给出从 1 对到最后
    一对有用的结对的最优结果，不考虑 --fair。最优方案不唯一时会说明，并标出可互换的结对。

    来源
    ----
    Edmonds, J., Fulkerson, D. R. (1965). Transversals and matroid partition. Journal of Research
    of the National Bureau of Standards 69B, 147–153；Ahuja, R. K., Magnanti, T. L., Orlin, J. B.
    (1993). Network Flows. Prentice Hall（最小费用流、残余网络）。
    """,
)
def pairing(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
    budget: int = 20,
    capacity: int = 5,
    max_km: float = 40.0,
    locked: Pairs = None,
    forbidden: Pairs = None,
    fair: Literal["floor", "maxmin"] | None = None,
    floor: int = 1,
    weight: Literal["pupils", "schools"] = "pupils",
) -> Result:
    """Pairing: which new pairs cover most schools that nobody supports.

    Pairs core schools with schools that are not covered, as many as the budget allows: first so
    that most pupils are newly covered, then so that the ways together are shortest. It says why
    for every pair, why not for every school left out, and what one more place at a core is worth.

    Parameters
    ----------
    budget
        How many new pairs at most, locked ones included.
    capacity
        How many schools a core supports at most, those it supports already included. 5 is a
        setting that no rule prescribes: put in your own.
    max_km
        How far apart schools of different counties may lie; within a county any way will do.
        Kilometres are great circles × 1.3, an estimate.
    locked
        Pairs that are agreed and must be among the new ones: a CSV or XLSX file with the columns
        of 结对帮扶 (paired assistance).
    forbidden
        Pairs that must not be: a CSV or XLSX file with the columns of 结对帮扶.
    fair
        floor: every county gets at least --floor pairs, or as many as it has schools to pair;
        maxmin: first the least share of schools to pair that a county gets is made as large as can
        be. By default counties do not matter.
    floor
        With --fair floor: how many pairs every county gets at least.
    weight
        What counts: pupils or schools.

    Returns
    -------
    Result
        ``table``: one row a new pair, by the school that is helped, most gained first. ``tables``:
        ``curve`` (what each number of pairs covers at best), ``unpaired`` (schools still without
        support, and why), ``core_places`` (cores, their places, and what one more is worth).
        ``lists``: the pairs as rows of ``assists``.

    Raises
    ------
    RequestError
        If a locked pair cannot be, a floor cannot be reached, or no open school has an urban–rural
        class and rural schools are asked for.
    OptionError
        If an option is malformed.

    Notes
    -----
    Those who help are cores (schools among the supporters, if there is none) whose stage has all
    grades of the school; both lie in one county or within max_km; there is no tie between them now
    or later on, they are not of one line of parents and children, and the pair is not forbidden.
    Where no school has a stage, stages do not matter; a core is not helped by another; without
    coordinates only the county does, and the way counts as max_km. Places are capacity − schools
    supported. A school passes support
    on to the schools below it, which count with it; one that is out of scope counts only for
    these. A school without a number of pupils counts as 0 and is not chosen; see weight. The
    answer is an exact optimum: a flow of minimum cost, by OR-Tools where it is installed
    (``liantu[optimise]``) and by SciPy otherwise, with the same optimum; a whole-number programme
    where a school and one below it could be helped by different cores. The curve goes from one
    pair to the last that helps, whatever fair says. Where the optimum is not unique, this is said,
    and the pairs that could be others are marked.

    References
    ----------
    Edmonds, J., Fulkerson, D. R. (1965). Transversals and matroid partition. Journal of Research
    of the National Bureau of Standards 69B, 147–153. Ahuja, R. K., Magnanti, T. L., Orlin, J. B.
    (1993). Network Flows. Prentice Hall (flows of minimum cost, residual networks).

    Examples
    --------
    >>> import pandas as pd
    >>> schools = pd.DataFrame(
    ...     {
    ...         "id": ["A", "B", "x", "y"],
    ...         "region": "county",
    ...         "quality": ["core", "core", None, None],
    ...         "pupils": [900, 900, 100, 90],
    ...     }
    ... )
    >>> network = Network.from_frames({"school": schools}, as_of="2024-06-30")
    >>> result = pairing(network, scope="all", budget=1)
    >>> result.table["pupils_gained"].to_dict(), result.summary["useful_pairs"]
    ({'x': 100}, 2)
    """
    check_range(budget, "budget", 0, MOST)
    check_range(capacity, "capacity", 0, MOST)
    check_range(floor, "floor", 1, MOST)
    check_range(max_km, "max_km", 0, FARTHEST)
    task = Task(
        day=day_of(network, as_of), window=window, scope=scope, rural=rural, budget=budget,
        capacity=capacity, max_km=max_km, locked=locked, forbidden=forbidden, fair=fair,
        floor=floor, weight=weight,
    )  # fmt: skip
    found = plan(network, task, pick(engine))
    needy, served = found.demand.needy, found.served
    pupils = network.column("school", "pupils")
    pairs = _pairs(network, found)
    kms = pairs["km"].dropna()
    summary = {
        "uncovered": int(needy.sum()),
        "pupils_uncovered": total(pupils[needy]),
        "new_pairs": len(pairs),
        "schools_gained": int((needy & served).sum()),
        "pupils_gained": total(pupils[needy & served]),
        "uncovered_after": int((needy & ~served).sum()),
        "pupils_uncovered_after": total(pupils[needy & ~served]),
        "km_total": round(float(kms.sum()), 1) if len(kms) or not len(pairs) else None,
        "useful_pairs": int(found.curve[0][-1]),
        "exchangeable": int(pairs["exchangeable"].sum()),
    }
    return Result(
        table=pairs,
        summary=summary,
        tables={
            "curve": _curve(found, needy, pupils),
            "unpaired": _left_out(network, found),
            "core_places": _cores(network, found),
        },
        lists={"assists": _list(network, pairs, task)},
        notes=(*found.notes, *_notes(pairs, found, weight)),
    )


def _named(network: Network, codes: Ints) -> tuple[Any, Any]:
    """Return ids and names of schools; −1 for none."""
    ids = network.ids("school").astype("str")
    names = network.column("school", "name").to_numpy(dtype=object)
    found = (
        pd.Series(None, index=range(len(codes)), dtype="str"),
        pd.Series(None, index=range(len(codes)), dtype="str"),
    )
    known = codes >= 0
    found[0][known] = ids[codes[known]].to_numpy(dtype=object)
    found[1][known] = names[codes[known]]
    return found[0].array, found[1].array


def _first(found: Plan) -> tuple[Ints, Ints]:
    """Return the nearest feasible pair of each school, −1 for none, and how many it has."""
    size = len(found.demand.needy)
    first = np.full(size, -1)
    place = np.arange(len(found.pairs.school))
    first[found.pairs.school[::-1]] = place[::-1]  # sorted by cost within a school
    return first, np.bincount(found.pairs.school, minlength=size)


def _pairs(network: Network, found: Plan) -> pd.DataFrame:
    """Return the new pairs, most gained first, and why they are these."""
    core, school = found.pairs.core[found.chosen], found.pairs.school[found.chosen]
    demand, cost = found.demand, found.pairs.cost
    first, _ = _first(found)
    begin = np.searchsorted(found.pairs.school, school)
    own = cost[found.chosen]
    line = found.pairs.school * (int(cost.max(initial=0)) + 1) + cost
    nearer = np.searchsorted(line, school * (int(cost.max(initial=0)) + 1) + own) - begin
    nearest = found.pairs.core[first[school]]
    places = np.zeros(len(demand.needy), dtype=np.int64)
    places[found.cores] = found.places
    why = np.where(places[nearest] > 0, "nearer_taken", "nearer_full")
    why = np.where(nearer == 0, "nearest", why)
    why = np.where(np.isnan(found.pairs.km[found.chosen]), "same_county", why)
    why[: found.locked] = "locked"
    _, names = _named(network, np.arange(len(demand.needy)))
    takers = pd.Series(names).fillna(pd.Series(network.ids("school").astype("str")))[school]
    by_core = takers.groupby(core).agg("、".join)
    filled = pd.Series(nearest).map(by_core).astype("str")
    ids, helpers = _named(network, core)
    near, _ = _named(network, np.where(nearer == 0, -1, nearest))
    frame = network.columns("school", "name", "region", "stage", "pupils").iloc[school]
    frame = frame.assign(
        supporter=ids,
        supporter_name=helpers,
        km=found.pairs.km[found.chosen].round(1),
        schools_gained=0,
        pupils_gained=0,
        why=pd.array(why, dtype="str"),
        distance_rank=nearer + 1,
        nearer_core=near,
        filled_by=filled.where(why == "nearer_taken").array,
        loss=pd.array(np.where(found.loss < 0, 0, found.loss), dtype="Int64"),
        exchangeable=found.exchangeable,
    )
    frame["loss"] = frame["loss"].mask(found.loss < 0)
    gains = _gains(network, found, school)
    frame[["schools_gained", "pupils_gained"]] = gains
    frame["_worth"] = demand.brings(demand.worth)[school]
    frame = frame.rename_axis("school").sort_values(
        ["_worth", "school"], ascending=[False, True], kind="stable"
    )
    return frame.drop(columns="_worth")


def _gains(network: Network, found: Plan, school: Ints) -> Ints:
    """Return needy schools and pupils that each pair covers; what two cover counts once."""
    demand = found.demand
    order = np.lexsort((school, -demand.brings(demand.worth)[school]))
    rank = np.full(len(demand.needy), len(school))
    rank[school[order]] = np.arange(len(school))
    best = rank.copy()
    np.minimum.at(best, demand.below, rank[demand.above])
    counts = demand.needy & (best < len(school))
    pupils = network.column("school", "pupils").fillna(0).to_numpy(dtype=np.int64)
    gains = np.zeros((len(school), 2), dtype=np.int64)
    for column, values in enumerate((counts.astype(np.int64), pupils)):
        sums = np.bincount(best[counts], values[counts], len(school)).astype(np.int64)
        gains[order, column] = sums
    return gains


def _curve(found: Plan, needy: Bools, pupils: pd.Series) -> pd.DataFrame:
    """Return what each number of pairs covers at best."""
    pairs, schools, covered = found.curve
    everyone = int(pupils[needy].sum())
    return pd.DataFrame(
        {
            "new_pairs": pairs,
            "schools_gained": schools,
            "pupils_gained": covered,
            "uncovered_after": int(needy.sum()) - schools,
            "pupils_uncovered_after": everyone - covered,
        }
    )


def _left_out(network: Network, found: Plan) -> pd.DataFrame:
    """Return the schools still without support, and why."""
    first, cores = _first(found)
    left = found.demand.needy & ~found.served
    frame = network.columns("school", "name", "region", "stage", "pupils")[left]
    nearest = first[left]
    core = np.append(found.pairs.core, -1)[nearest]
    km = np.append(found.pairs.km, np.nan)[nearest].round(1)
    ids, _ = _named(network, core)
    words = pd.array(REASONS, dtype="str")
    frame = frame.rename_axis("school").assign(
        why_not=words[found.reason[left]], cores_in_reach=cores[left], nearest_core=ids, km=km
    )
    frame = frame.sort_values(["pupils", "school"], ascending=[False, True], kind="stable")
    return frame.reset_index()


def _cores(network: Network, found: Plan) -> pd.DataFrame:
    """Return the cores with their places, most worth a further place first."""
    core = found.pairs.core[found.chosen]
    size = len(found.demand.needy)
    new = np.bincount(core, minlength=size)[found.cores]
    value = pd.array(np.maximum(found.place_value, 0), dtype="Int64")
    frame = network.columns("school", "name", "region", "stage").iloc[found.cores]
    frame = frame.rename_axis("school").assign(
        supporting=found.supported,
        new_pairs=new,
        places_left=found.places - new,
        place_value=pd.Series(value, index=frame.index).mask(found.place_value < 0),
    )
    reach = np.zeros(size, dtype=np.bool_)
    reach[found.pairs.core] = True
    frame = frame[network.reported("school")[found.cores] | reach[found.cores]]
    order = ["place_value", "new_pairs", "school"]
    frame = frame.sort_values(order, ascending=[False, False, True], kind="stable")
    return frame.reset_index()


def _list(network: Network, pairs: pd.DataFrame, task: Task) -> pd.DataFrame:
    """Return the pairs as rows of paired assistance: names; ids where several bear the name."""
    ids = pd.Series(network.ids("school").astype("str"))
    names, aliases = (network.column("school", key) for key in ("name", "aliases"))
    spread = aliases.dropna().astype("str").str.split("[、;；\n]", regex=True).explode()
    every = pd.concat([names.dropna().astype("str"), ids, spread]).map(normalise)
    often = every.value_counts()

    def written(ids: pd.Series, names: pd.Series) -> pd.Series:
        one = names.notna() & (names.map(normalise, na_action="ignore").map(often) == 1)
        return names.where(one, ids)

    helped = pairs.reset_index()
    return pd.DataFrame(
        {
            "supporting_school": written(helped["supporter"], helped["supporter_name"]),
            "supported_school": written(helped["school"], helped["name"]),
            "form": pd.Series("paired", index=helped.index, dtype="str"),
            "start": pd.Series(pd.Timestamp(task.day), index=helped.index, dtype="M8[s]"),
        }
    )


def _notes(pairs: pd.DataFrame, found: Plan, weight: str) -> list[Message]:
    """Return what to know about the answer."""
    notes = [Message("capacity_setting"), Message(f"worth_in_{weight}")]
    if (count := int(pairs["exchangeable"].sum())) > 0:
        notes.append(Message("not_unique", {"count": count, "total": len(pairs)}))
    if (count := int(np.isnan(found.pairs.km).sum())) > 0:
        notes.append(Message("ways_unknown", {"count": count}))
    return notes


# -- chart and report ------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw what each number of pairs covers at best, and where this plan stands."""
    from matplotlib.ticker import MaxNLocator

    from liantu.plots import style

    curve = result.tables["curve"]
    by_pupils = result.parameters["weight"] == "pupils"
    key, own = ("pupils_gained", "schools_gained")[:: 1 if by_pupils else -1][0], result.summary
    made = style.figure(2.8)
    axes = made.add_subplot()
    x, y = curve["new_pairs"].to_numpy(), curve[key].to_numpy(dtype=float)
    axes.plot(x, y, color=style.BLUES[2], linewidth=1.8)
    axes.fill_between(x, y, color=style.PALE, linewidth=0)
    at, value = own["new_pairs"], float(own[key] or 0)
    axes.plot(at, value, "o", color=style.ALARM, markersize=5)
    right = at > 0.7 * x[-1]
    axes.annotate(
        f"{at:,} {label('pairs', lang, 'unit')} → {value:,.0f}", (at, value),
        (-6 if right else 6, -14), textcoords="offset points", size=8,
        ha="right" if right else "left",
    )  # fmt: skip
    axes.set_ylim(0, max(1.0, y.max(initial=0)) * 1.1)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(label("new_pairs", lang), size=8)
    axes.tick_params(labelsize=8)
    axes.set_title(label(key, lang), loc="left", size=9, color=style.MUTED)
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return the first pairs to make, and who is left without one, with their reasons."""
    summary, command = result.summary, asked.command("pairing")
    title, coverage = asked.say("pairing"), asked.result("coverage")
    if coverage is None or not coverage.summary["in_scope"]:
        return []
    if not summary["uncovered"]:
        return [Section("pairing", title, (Text(asked.tell("nobody_uncovered")),))]
    pairs, left = _pairs_named(result), result.tables["unpaired"]
    if pairs.empty:
        blocks: list[Block] = [Text(asked.tell("no_pairs", uncovered=summary["uncovered"]))]
    else:
        told = Text(asked.tell("pairing_sentence", **summary))
        shown = table(asked, title, pairs, _SHOWN, command, rows=2 * FEW, annex="pairing")
        blocks = [told, shown]
    columns = ["name", "stage", "pupils", "why_not", "nearest_core_name", "km"]
    ids = left["nearest_core"].astype("str")
    names = ids.map(result.names["nearest_core"].astype("str"), na_action="ignore").fillna(ids)
    frame = left.assign(name=left["name"].fillna(left["school"]), nearest_core_name=names)
    head = label("unpaired", asked.lang)
    if len(left):
        blocks.append(table(asked, head, frame, columns, command, FEW, annex="unpaired"))
    annexes = (
        *annex("pairing", title, pairs, ["name", "region", "stage", *_SHOWN[1:]], command),
        *annex("unpaired", head, frame, ["name", "region", *columns[1:]], command),
    )
    return [Section("pairing", title, tuple(blocks), annexes=annexes)]


_SHOWN = ("name", "supporter_name", "km", "schools_gained", "pupils_gained", "why")


def _pairs_named(result: Result) -> pd.DataFrame:
    frame = named(result.table)
    return frame.assign(supporter_name=frame["supporter_name"].fillna(frame["supporter"]))


def reason(asked: Asked, result: Result, row: Any) -> str:
    """Return one pair in words: who, what it gains, how far, and why this core."""
    given = {
        "source": row.supporter_name if isinstance(row.supporter_name, str) else row.supporter,
        "target": row.name if isinstance(row.name, str) else row.Index,
        "schools": row.schools_gained,
        "pupils": f"{row.pupils_gained:,}",
    }
    text = asked.tell("pair_reason", **given)
    if not np.isnan(row.km):
        text += asked.tell("pair_km", km=f"{row.km:g}")
    other = result.names["nearer_core"].get(row.nearer_core, row.nearer_core)
    return text + asked.tell(f"why_{row.why}", other=other, filled=row.filled_by)
