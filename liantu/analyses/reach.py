"""Reach: how far each supporter's help carries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.kernels import Bools, Floats, Graph, Ints, pick
from liantu.graph.network import Network
from liantu.graph.scope import rural_schools
from liantu.graph.study import study
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.results.sections import FEW, annex, chart_of, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@analysis(
    order=2,
    chapter="cores",
    highlights=("supporters", "schools_reached", "rural_reached", "max_direct"),
    zh="""辐射范围：每个支援方的帮扶能带动多少学校。

    从每个支援方出发，沿联系逐级向外，统计直接支援的学校、给定级数以内辐射的学校、其中的乡村学校和
    学生，以及仅靠它一家支援的学校。辐射学校多的列在最前。

    参数
    ----
    hops
        最多沿联系走几级，直接支援为一级。
    decay
        每多一级乘以的系数，0 到 1；1 为不衰减。

    说明
    ----
    联系包括统计日有效的状态和窗口期内的活动；中间环节都是学校，支援方自身不计。辐射强度为
    Σ decay^(d−1)，d 为级数。辐射学校的下属学校中自身不在辐射范围的另行计数。限定地区时，
    支援方全部参与，但只统计该地区的学校，在该地区没有辐射学校的支援方不列出。

    来源
    ----
    Borgatti, S. P. (2006). Identifying sets of key players in a social network. Computational &
    Mathematical Organization Theory 12, 21–34（若干级内的辐射范围）；Stephenson, K.,
    Zelen, M. (1989). Rethinking centrality. Social Networks 11, 1–37（逐级折减）。
    """,
)
def reach(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    hops: int = 2,
    decay: float = 0.5,
    basis: tuple[str, ...] | None = None,
    window: str = "12m",
    rural: Literal["strict", "broad"] = "strict",
) -> Result:
    """Reach: how far each supporter's help carries.

    Follows the ties outward from every supporter and counts the schools one tie away and within
    the hops, the rural ones and the pupils among them, and the schools that have no other
    supporter. Who reaches most comes first.

    Parameters
    ----------
    hops
        How many ties to follow at most.
    decay
        What each further tie multiplies by, 0 to 1; 1 is no decay.

    Returns
    -------
    Result
        ``table``: one row a supporter, by ``within_hops`` descending. ``summary``: supporters and
        schools reached.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    Ties are states in force on the date and activities in the window; what lies between are
    schools, and a supporter does not reach itself. ``decayed`` is Σ decay^(d−1) over schools d
    ties away. ``inherited_within_hops`` counts the schools below those reached that are not
    reached themselves. With a region in focus every supporter takes part but only schools of the
    region count, and supporters that reach none there are left out.

    References
    ----------
    Reach within steps: Borgatti, S. P. (2006). Identifying sets of key players in a social
    network. Computational & Mathematical Organization Theory 12, 21–34. Decay with distance:
    Stephenson, K., Zelen, M. (1989). Rethinking centrality. Social Networks 11, 1–37.

    Examples
    --------
    >>> import pandas as pd
    >>> ties = pd.DataFrame({"source": ["a", "a", "c"], "target": ["b", "c", "d"]})
    >>> result = reach(Network.from_frames({"assists": ties}, as_of="2024-06-30"))
    >>> result.table[["direct", "within_hops", "decayed", "sole"]].to_dict("index")["a"]
    {'direct': 2, 'within_hops': 3, 'decayed': 2.5, 'sole': 2}
    """
    check_range(hops, "hops", 1)
    check_range(decay, "decay", 0, 1)
    day, known = day_of(network, as_of), study(network)
    schools = network.columns("school", "urban_rural", "pupils")
    ties, nodes = known.tie_set(day, window, basis), known.nodes()
    (families, said), graph, opened = known.parents(day), ties.graph, ties.opened
    notes = list(said)
    counted = opened & network.reported("school")
    village = counted & rural_schools(network, rural)
    stated = schools["pupils"].notna().to_numpy()
    pupils = schools["pupils"].fillna(0).to_numpy(dtype=float)

    weights = np.zeros((len(nodes), 4))
    columns_ = [counted, village, pupils * counted, counted & stated]
    weights[: len(schools)] = np.column_stack(columns_)
    seeds = np.unique(graph.source)
    found = pick(engine).reach(graph, families, seeds, hops, decay, weights)
    reached = found.reached[: len(schools)] & counted
    suppliers = np.bincount(graph.target, minlength=len(nodes))
    only = suppliers[graph.target] == 1
    sole = np.bincount(graph.source, weights[graph.target, 0] * only, len(nodes))[seeds]
    lost = _lost_with(graph, families, weights[:, 0])[seeds]

    columns = {
        "direct": found.direct[:, 0],
        "within_hops": found.within[:, 0],
        "inherited_within_hops": found.inherited[:, 0],
        "rural_within_hops": found.within[:, 1],
        "pupils_within_hops": found.within[:, 2],
    }
    whole = {key: values.round().astype(np.int64) for key, values in columns.items()}
    table = nodes.loc[seeds, ["id", "kind", "name"]].reset_index(drop=True)
    table = table.rename(columns={"id": "supporter"}).assign(
        **whole,
        decayed=found.decayed[:, 0],
        sole=sole.round().astype(np.int64),
        sole_inherited=lost,
    )
    unknown = (found.within[:, 3] == 0) & (found.within[:, 0] > 0)
    table["pupils_within_hops"] = table["pupils_within_hops"].astype("Int64").mask(unknown)
    table = table[(table["within_hops"] > 0) | (table["inherited_within_hops"] > 0)]
    return answer(table, reached, village, counted, schools, (*ties.notes, *notes))


def answer(
    table: pd.DataFrame, reached: Bools, village: Bools, counted: Bools, schools: pd.DataFrame,
    notes: tuple[Message, ...],
) -> Result:  # fmt: skip
    """Return the result from what reach finds of every supporter, whatever engine found it.

    Parameters
    ----------
    table
        A row a supporter with the columns of the result, in any order.
    reached, village, counted
        Which schools are within the hops of anybody, which count and are rural, which count.
    schools
        Their ``urban_rural`` and ``pupils``.
    notes
        What was counted or left out of the ties.
    """
    told = list(notes)
    classed = bool((counted & schools["urban_rural"].notna()).any())
    table = table.sort_values(
        ["within_hops", "supporter", "kind"], ascending=[False, True, True], kind="stable"
    )
    summary = {
        "supporters": len(table),
        "schools_reached": int(reached.sum()),
        "rural_reached": int((reached & village).sum()),
        "rural_schools": int(village.sum()),
        "max_direct": int(table["direct"].max()) if len(table) else 0,
        "mean_direct": rate(int(table["direct"].sum()), len(table)),
    }
    if counted.any() and not classed:
        told.append(Message("rural_unknown"))
        table["rural_within_hops"] = pd.array([None] * len(table), dtype="Int64")
        summary |= {"rural_reached": None, "rural_schools": None}
    unknown = int((reached & schools["pupils"].isna().to_numpy()).sum())
    if unknown:
        told.append(Message("pupils_missing", {"count": unknown}))
    return Result(
        table=table.set_index("supporter"),
        summary=summary,
        notes=tuple(told),
    )


def _lost_with(graph: Graph, families: Graph, counted: Floats) -> Ints:
    """Return for each supporter how many schools inherit from its own dependants alone.

    A school with no supporter of its own whose every line of parents leads to schools that depend
    on one and the same supporter loses all help with it.
    """
    n = graph.n
    # the only supporter of each school, itself and its parents taken together: none, one, or many
    none, many = n, n + 1
    only = np.full(n, none)
    number = np.bincount(graph.target, minlength=n)
    only[graph.target[number[graph.target] == 1]] = graph.source[number[graph.target] == 1]
    only[number > 1] = many
    whole = only.copy()
    while True:  # a generation a round
        low, high = np.full(n, none), np.full(n, -1)
        said = whole[families.source] != none
        child, value = families.target[said], whole[families.source][said]
        np.minimum.at(low, child, value)
        np.maximum.at(high, child, value)
        offered = np.where(high < 0, none, np.where(low == high, low, many))
        grown = np.where(
            only == none, offered, np.where((offered == none) | (offered == only), only, many)
        )
        if (grown == whole).all():
            break
        whole = grown
    heirs = (only == none) & (whole < n)
    return np.bincount(whole[heirs], counted[heirs], n).round().astype(np.int64)


def chart(result: Result, lang: Lang) -> Figure:
    """Draw supporters by schools within the hops; those that lean on them alone stand out."""
    from liantu.plots import bars, style

    table = result.table.head(bars.TOP)
    made = style.figure(0.25 * len(table) + 0.55)
    axes = made.add_subplot()
    within = table["within_hops"].to_numpy(dtype=float)
    sole = table["sole"].to_numpy(dtype=float)
    bars.ranking(axes, bars.row_names(table), within, style.BLUES[0])
    axes.barh(np.arange(len(table)), sole, 0.3, color=style.ALARM)
    for row, (value, alone) in enumerate(zip(within, sole, strict=True)):
        text = bars.number(value)
        axes.text(value, row, f" {text}", va="center", size=8)
        if alone:
            gap = 5.0 * len(text) + 8  # points, beside the first number
            axes.annotate(
                f"({bars.number(alone)})",
                (value, row),
                (gap, 0),
                textcoords="offset points",
                va="center",
                size=8,
                color=style.ALARM,
            )
    style.legend(
        made,
        [
            (style.BLUES[0], label("within_hops", lang)),
            (style.ALARM, label("sole", lang)),
        ],
    )
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return how far cores carry, in the order of `reach`; the annex has every supporter."""
    if result.table.empty:
        return []
    command, frame = asked.command("reach"), named(result.table)
    core = (frame["kind"] == "school") & frame.index.isin(_cores(asked))
    frame = frame.assign(role=pd.Series("core", index=frame.index, dtype="str").where(core))
    wanted = (
        "name", "role", "kind", "direct", "within_hops", "rural_within_hops",
        "pupils_within_hops", "sole",
    )  # fmt: skip
    shown = frame[core] if core.any() else frame
    columns = [key for key in wanted if key not in ("kind", "role")]
    hops = result.parameters["hops"]
    told = asked.tell(
        "reach_sentence", hops=hops, cores=len(shown), supporters=len(frame),
        schools_reached=result.summary["schools_reached"],
    )  # fmt: skip
    title = asked.say("leaning" if core.any() else "leaning_all")
    first = table(asked, title, shown, columns, command, rows=2 * FEW, annex="reach")
    whole = annex("reach", asked.say("reach_all"), frame, wanted, command)
    blocks: list[Block] = [Text(told), first]
    if len(shown) > FEW:  # few bars say no more than their rows
        drawn = replace(result, table=shown)
        blocks.insert(1, chart_of(asked, drawn, command, asked.say("reach_chart"), told))
    return [Section("reach", title, tuple(blocks), annexes=whole)]


def _cores(asked: Asked) -> pd.Index:
    """Return the core schools on the day of the report."""
    cores, _ = study(asked.network).cores(asked.day)
    return asked.network.nodes("school").index[cores]
