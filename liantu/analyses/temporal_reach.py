"""Temporal reach: how far help is passed on in the order of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.errors import OptionError, RequestError
from liantu.graph.contacts import contacts as contacts_of
from liantu.graph.contacts import day_of_first
from liantu.graph.kernels import Bools, Contacts, Floats, Graph, Ints, Kernels, pick
from liantu.graph.network import Network
from liantu.graph.spans import HIGH, dates
from liantu.graph.study import study
from liantu.graph.ties import distinct
from liantu.options import check_range, parse_date
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.vocabulary import Lang, label, nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@analysis(
    order=24,
    chapter="",
    highlights=("supporters", "pairs_in_time", "pairs_static", "causal_fidelity"),
    zh="""时序辐射：帮扶按时间先后能传到多远。

    帮扶只能顺着时间传递：甲先帮乙、乙后帮丙，甲的经验才可能到丙；次序相反就传不到。从每个支援方出发，
    按各条联系的有效期逐级传递，给出最早何时到达、最少经过几级，并与不看时间的可达范围比较。

    参数
    ----
    since
        从哪一天起算；默认为最早一条有日期的联系开始之日。
    lag
        帮扶在一所学校停留多久之后才能再传出去，例如 0d、90d、12m。
    decay
        每多一级乘以的系数，0 到 1；1 为不衰减。
    supporter
        只从这些支援方（编号，以逗号分隔）出发；此时 arrivals 表逐校列出到达日期和级数。

    说明
    ----
    状态在其有效期内的任何一天都可用，首尾两日均计；活动只在当天可用；没有日期的状态始终可用，没有日期
    的活动不可用；学校开办之前、撤并之后不可用。统计日之后才到达的不计。等待多久不限。时序级数是按时间
    可行的路径中最少的级数，最早到达的那条路径可能级数更多。时序保真度 = 按时间可达的对数 ÷ 不看时间
    可达的对数，同一起算日、同一批联系；越低说明静态的“辐射”高估越多。每一对由支援方和统计日在办的学校
    组成，支援方自身不计。与“辐射”不同，这里用全部历史联系，级数不限，不含继承。
    限定地区时，支援方全部参与，但只统计该地区的学校。

    来源
    ----
    区间时序图中的最早到达与最少级数：Jain, S., Sahni, S. (2022). Algorithms for optimal min hop and
    foremost paths in interval temporal graphs. Applied Network Science 7, 60。时序保真度：
    Lentz, H. H. K., Selhorst, T., Sokolov, I. M. (2013). Unfolding accessibility provides a
    macroscopic approach to temporal networks. Physical Review Letters 110, 118701。
    """,
)
def temporal_reach(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    since: str | date | None = None,
    lag: str = "0d",
    decay: float = 0.5,
    basis: tuple[str, ...] | None = None,
    supporter: tuple[str, ...] | None = None,
) -> Result:
    """Temporal reach: how far help is passed on in the order of time.

    Help is only passed on forward in time: what A gave B can reach C if B helped C then or later,
    not if it had before. Follows the ties from every supporter through the spans in which each
    could be used, says when help arrives at the earliest and over how few ties, and compares with
    what is reachable when time is ignored.

    Parameters
    ----------
    since
        The day help sets out; by default the first on which a dated tie begins.
    lag
        How long help stays at a school before it is passed on, such as 0d, 90d or 12m.
    decay
        What each further tie multiplies by, 0 to 1; 1 is no decay.
    supporter
        Only from these supporters (ids, separated by commas); the table ``arrivals`` then lists
        every school with the day of arrival.

    Returns
    -------
    Result
        ``table``: one row a supporter, by ``reached_in_time`` descending. ``tables``: ``backward``
        (one row a school: whose help can have reached it, and since when) and ``arrivals`` (one row
        a supporter and school, only if `supporter` is given). ``summary``: pairs in time, pairs
        when time is ignored, and their ratio ``causal_fidelity``.

    Raises
    ------
    OptionError
        If an option is malformed, or `since` lies after the date.
    RequestError
        If a supporter does not exist.

    Notes
    -----
    A state can be used on every day of its span, first and last included, an event on its day, a
    state without dates always, an event without a date never; no tie before both schools opened or
    after one closed. What arrives after the date does not count. There is no limit to waiting.
    ``hops_in_time`` is the fewest ties of any walk in the order of time; the walk that arrives
    first may have more. ``causal_fidelity`` = pairs in time ÷ static pairs over the same ties: the
    lower, the more a static reach overstates. A pair is a supporter and a school open on the date,
    not itself. Unlike ``reach`` this uses every tie recorded up to the date, any number of ties,
    and no inheritance. With a region in focus every supporter takes part but only schools of the
    region count.

    References
    ----------
    Earliest arrival and fewest ties over intervals: Jain, S., Sahni, S. (2022). Algorithms for
    optimal min hop and foremost paths in interval temporal graphs. Applied Network Science 7, 60.
    Causal fidelity: Lentz, H. H. K., Selhorst, T., Sokolov, I. M. (2013). Unfolding accessibility
    provides a macroscopic approach to temporal networks. Physical Review Letters 110, 118701.

    Examples
    --------
    >>> import pandas as pd
    >>> days = ["2021-01-01", "2023-01-01", "2022-01-01"]
    >>> ties = pd.DataFrame(
    ...     {"source": list("ABC"), "target": list("BCD"), "start": days, "end": days}
    ... )
    >>> network = Network.from_frames({"assists": ties}, as_of="2024-06-30")
    >>> result = temporal_reach(network)
    >>> row = result.table.loc["A", ["reached_in_time", "reached_static"]]
    >>> row.to_dict(), result.summary["pairs_in_time"], result.summary["pairs_static"]
    ({'reached_in_time': 2, 'reached_static': 3}, 4, 6)
    """
    check_range(decay, "decay", 0, 1)
    day, known = day_of(network, as_of), study(network)
    begin = None if since is None else parse_date(since, "since")
    if begin is not None and begin > day:
        raise OptionError.of("reversed_dates", column="--since", start=begin, end=day)
    every, nodes = known.ties(day, basis), known.nodes()
    usable = contacts_of(known, every, day, begin, lag)
    schools = network.columns("school", "name", "region", "stage")
    counted = np.zeros(len(nodes), dtype=np.bool_)
    counted[: len(schools)] = known.opened(day) & network.reported("school")
    seeds = np.unique(usable.source)
    if supporter is not None:
        seeds = seeds[np.isin(seeds, _numbers(nodes, supporter))]
    kernels = pick(engine)
    found = _spread(kernels, usable, seeds, counted, decay, listed=supporter is not None)
    reached, sources = _static(kernels, usable, seeds, counted)
    zero = day_of_first(usable, day)
    first, last = (dates(np.where(x < 0, HIGH, x + zero)) for x in (found.first, found.last))
    table = nodes.loc[seeds, ["id", "kind", "name"]].reset_index(drop=True)
    table = table.rename(columns={"id": "supporter"}).assign(
        direct=found.direct,
        reached_in_time=found.reached,
        reached_static=reached,
        fidelity=found.reached / np.where(reached > 0, reached, np.nan),
        decayed=found.decayed,
        last_arrival=last.array,
    )
    table = table[table["reached_static"] > 0].sort_values(
        ["reached_in_time", "decayed", "supporter", "kind"], ascending=[False, False, True, True],
        kind="stable",
    )  # fmt: skip
    inside = counted[: len(schools)]
    backward = schools.rename_axis("school").reset_index()
    backward = backward.assign(
        from_in_time=found.sources[: len(schools)],
        from_static=sources[: len(schools)],
        first_arrival=first[: len(schools)].array,
    )[inside]
    order = ["from_in_time", "from_static", "school"]
    backward = backward.sort_values(order, ascending=[False, False, True], kind="stable")
    in_time, static = int(found.reached.sum()), int(reached.sum())
    summary = {
        "supporters": len(table),
        "schools_in_time": int((backward["from_in_time"] > 0).sum()),
        "schools_static": int((backward["from_static"] > 0).sum()),
        "pairs_in_time": in_time,
        "pairs_static": static,
        "causal_fidelity": rate(in_time, static),
        "max_hops_in_time": found.most,
    }
    return Result(
        table=table.set_index("supporter"),
        summary=summary,
        tables={
            "backward": backward.reset_index(drop=True),
            "arrivals": _listed(nodes, seeds, found, zero),
        },
        notes=every.notes,
    )


@dataclass
class _Spread:
    """What supporters reach, added up batch by batch; by seed, but the last two by node."""

    direct: Ints
    reached: Ints
    decayed: Floats
    last: Ints  # −1 where nobody is reached
    sources: Ints
    first: Ints  # −1 where nobody comes from
    most: int = 0
    pairs: list[Ints] = field(default_factory=list)  # if they are listed


def _spread(
    kernels: Kernels, usable: Contacts, seeds: Ints, counted: Bools, decay: float, *, listed: bool
) -> _Spread:
    direct, reached = np.zeros((2, len(seeds)), dtype=np.int64)
    sources, first = np.zeros(usable.n, dtype=np.int64), np.full(usable.n, HIGH)
    last = np.full(len(seeds), -1)
    found = _Spread(direct, reached, np.zeros(len(seeds)), last, sources, first)
    powers = float(decay) ** np.arange(usable.n + 1)
    for batch in kernels.arrivals(usable, seeds):
        keep = counted[batch.node]
        seed, node, day, ties = (x[keep] for x in batch)
        size = len(seeds)
        found.direct += np.bincount(seed[ties == 1], minlength=size)
        found.reached += np.bincount(seed, minlength=size)
        found.decayed += np.bincount(seed, powers[ties - 1], size)
        fresh = np.flatnonzero(np.diff(seed, prepend=-1))
        found.last[seed[fresh]] = np.maximum.reduceat(day, fresh) if len(fresh) else -1
        found.sources += np.bincount(node, minlength=usable.n)
        np.minimum.at(found.first, node, day)
        found.most = max(found.most, int(ties.max(initial=0)))
        if listed:
            found.pairs.append(np.stack([seed, node, day, ties]))
    found.first[found.sources == 0] = -1
    return found


def _static(kernels: Kernels, usable: Contacts, seeds: Ints, counted: Bools) -> tuple[Ints, Ints]:
    """Return how many schools each seed leads to, and how many seeds lead to each node."""
    n = usable.n
    graph = distinct(n, usable.source, usable.target)
    starts = np.zeros(n, dtype=np.bool_)
    starts[seeds] = True
    forth = _beyond(kernels, graph, seeds, counted)
    back = distinct(n, graph.target, graph.source)
    return forth[seeds], _beyond(kernels, back, np.flatnonzero(counted), starts)


def _beyond(kernels: Kernels, graph: Graph, seeds: Ints, counted: Bools) -> Ints:
    """Return how many counted nodes each seed leads to, itself left out; 0 for other nodes.

    Nodes that lead to each other lead to the same ones, so one of them is asked.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, none = graph.n, np.zeros(0, dtype=np.int64)
    ones = np.ones(len(graph.source), dtype=np.int8)
    matrix = coo_array((ones, (graph.source, graph.target)), shape=(n, n)).tocsr()
    _, circle = connected_components(matrix, directed=True, connection="strong")
    _, asked, which = np.unique(circle[seeds], return_index=True, return_inverse=True)
    asked = seeds[asked]
    weights = counted[:, None].astype(float)
    within = kernels.reach(graph, Graph(n, none, none), asked, n, 1.0, weights).within[:, 0]
    whole = within.round().astype(np.int64) + counted[asked]
    found = np.zeros(n, dtype=np.int64)
    found[seeds] = whole[which] - counted[seeds]
    return found


def _listed(nodes: pd.DataFrame, seeds: Ints, found: _Spread, zero: int) -> pd.DataFrame:
    """Return supporter, school, day of arrival and fewest ties of each pair that is listed."""
    none = np.zeros((4, 0), dtype=np.int64)
    seed, node, day, ties = np.concatenate([none, *found.pairs], axis=1)
    ids, names = nodes["id"].array, nodes["name"].array
    frame = pd.DataFrame(
        {
            "supporter": ids[seeds[seed]],
            "school": ids[node],
            "name": names[node],
            "arrival": dates(day + zero).array,
            "hops_in_time": ties,
        }
    )
    order = ["supporter", "arrival", "hops_in_time", "school"]
    return frame.sort_values(order, kind="stable").reset_index(drop=True)


def _numbers(nodes: pd.DataFrame, wanted: tuple[str, ...]) -> Ints:
    """Return the numbers of nodes by id, of whatever kind."""
    for value in wanted:
        if not (nodes["id"] == value).any():
            near = nearest(value, nodes["id"].astype(str).tolist()) or "–"
            raise RequestError.of("unknown_node", value=value, kind="school", nearest=near)
    return np.flatnonzero(nodes["id"].isin(list(wanted)).to_numpy(dtype=bool))


def chart(result: Result, lang: Lang) -> Figure:
    """Draw supporters by what they reach when time is ignored, and in time."""
    from liantu.plots import bars, style

    table = result.table.head(bars.TOP)
    made = style.figure(0.25 * len(table) + 0.55)
    axes = made.add_subplot()
    static = table["reached_static"].to_numpy(dtype=float)
    within = table["reached_in_time"].to_numpy(dtype=float)
    rows = bars.ranking(axes, bars.row_names(table), static, style.PALE)
    axes.barh(rows, within, 0.66, color=style.BLUES[2])
    for row, (all_, some) in enumerate(zip(static, within, strict=True)):
        axes.text(all_, row, f" {bars.number(some)} / {bars.number(all_)}", va="center", size=8)
    style.legend(
        made,
        [
            (style.BLUES[2], label("reached_in_time", lang)),
            (style.PALE, label("reached_static", lang)),
        ],
    )
    return made
