"""Structure: who stands between groups, and what shape the network has."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph import cohesion, schema
from liantu.graph.brokerage import ROLES, brokerage
from liantu.graph.cover import months_by
from liantu.graph.grouping import By, grouping
from liantu.graph.kernels import Bools, Floats, Graph, Ints, Kernels, pick
from liantu.graph.layers import layers, numbered, relation_layer, shown, support_layer
from liantu.graph.network import Network
from liantu.graph.scope import at_level
from liantu.graph.spans import day_number
from liantu.graph.study import study
from liantu.graph.ties import distinct
from liantu.options import check_range, parse_window
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Weighing = Literal["months", "closeness"]
EXACT = 50_000  # nodes up to which distances are worked out: some seconds
WEIGHTED = 2_000  # the same where ties have lengths
_GROUP = {"region": "county", "alliance": "alliance", "stage": "stage"}
_DEGREES = ("out_degree", "in_degree")


@analysis(
    order=19,
    chapter="",
    highlights=("nodes", "ties", "reciprocity", "ei_index", "diameter"),
    zh="""网络结构：谁在组与组之间牵线，网络是什么形状。

    计算每个节点的五种中介角色、E–I 指数、接近中心性、加权度、特征向量中心性、Katz 中心性和割点；以
    及整个网络的互惠性、集中度、度相关、关系重叠、直径和平均距离，互惠性和 E–I 指数与随机水平比较。
    默认用学校之间的联系，也可只看一种关系。

    参数
    ----
    layer
        support 为全部联系，或只看一种关系：assists、affiliated_to、mentors、part_of、pact。
    by
        按什么分组：region 为县区，alliance 为集团，stage 为学段。
    weight
        联系的权重，越高越近：months 为窗口期内有活动的月份数，closeness 为形式的紧密程度（1 到
        3）；只用于 support，一种关系的联系一律为 1。
    permutations
        随机重排的次数。
    seed
        随机种子。
    window
        活动回溯的窗口期，例如 12m；只用于 support。

    说明
    ----
    平行的联系合并，自己连自己的不计。中介角色：v 在 a→v→c 中为中介，且 a、c 之间没有直接联系 a→c。
    协调者三者同组；代表者 v 与 a 同组；守门者 v 与 c 同组；顾问 a 与 c 同组而 v 不同；联络者三者各
    不同组。E–I 指数 =（组外联系 − 组内联系）÷ 两者之和，−1 为全在组内，1 为全在组外。没有分组的节
    点及其联系不计入这两项。接近中心性沿出向联系计算，可达节点数 ÷ 平均距离 × 可达比例，越高越近；
    加权时一条权重为 w 的联系长 1/w，没有权重的联系不计，超过 2000 个节点不计算。加权度为权重之和。
    特征向量中心性不计方向，只在最大连通分量内计算（计方向时多数支援网络没有回路，数值全为零）；
    Katz 中心性沿出向联系，步长衰减 0.1，回路过密而不收敛时不给出。割点、直径、平均距离不计方向，后
    两项只看最大连通分量。集中度：1 为全部集中于一个节点的星形，0 为各节点相等。度相关为各条联系两
    端度数的皮尔逊相关。关系重叠：两个节点之间有几种依据。互惠性的随机重排保持每个节点支援和受援的
    次数，E–I 指数的随机重排打乱分组；p 为双侧，=（1 + 偏离平均不小于实际的次数）÷（1 + 重排次数）。

    来源
    ----
    中介角色：Gould, R. V., Fernandez, R. M. (1989). Sociological Methodology 19, 89–126。E–I 指数：
    Krackhardt, D., Stern, R. N. (1988). Social Psychology Quarterly 51, 123–140。集中度：Freeman,
    L. C. (1979). Social Networks 1, 215–239。接近中心性：Wasserman, S., Faust, K. (1994). Social
    Network Analysis；加权：Opsahl, T. 等 (2010). Social Networks 32, 245–251。度相关：Newman, M.
    E. J. (2003). Physical Review E 67, 026126。特征向量：Bonacich, P. (1972). Journal of
    Mathematical Sociology 2, 113–120。Katz, L. (1953). Psychometrika 18, 39–43。
    """,
)
def structure(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    layer: Annotated[str, layers] = "support",
    by: By = "region",
    weight: Weighing = "months",
    permutations: int = 999,
    seed: int = 0,
    window: str = "12m",
) -> Result:
    """Structure: who stands between groups, and what shape the network has.

    For every node its five roles as a broker between groups, E–I index, closeness, strength,
    eigenvector and Katz centrality, and whether it is a cut vertex; for the whole network
    reciprocity, centralisation, degree mixing, multiplexity, diameter and mean distance –
    reciprocity and E–I index beside what chance gives. In the ties between schools or in one
    relation.

    Parameters
    ----------
    layer
        support for all ties, or one relation whose ends are of one kind: assists, affiliated_to,
        mentors, part_of, pact.
    by
        What groups are: region for counties, alliance, or stage.
    weight
        How ties weigh, high means near: months with activity in the window, or closeness of the
        form (1 to 3); for support only, ties of one relation all weigh 1.
    permutations
        How often chance deals anew.
    seed
        What chance begins with.
    window
        How far back activities count, such as 12m; for support only.

    Returns
    -------
    Result
        ``table``: one row a node, by ``brokerage`` descending. ``tables``: ``by_group`` (E–I index
        of each group), ``mixing`` (how degrees at both ends of a tie go together) and
        ``multiplexity`` (pairs by how many relations they share).

    Raises
    ------
    OptionError
        If an option is malformed.
    RequestError
        If mentoring ties teachers in some rows and schools in others.

    Notes
    -----
    Parallel ties are merged, loops dropped. v is a broker of a → v → c if there is no tie a → c:
    coordinator, all in one group; representative, v with a; gatekeeper, v with c; itinerant, a
    with c but not v; liaison, all in different groups. ``ei_index`` = (external − internal) ÷ all
    ties of a node, from −1 to 1. Nodes without a group, and their ties, do not count in these two
    (noted). ``nearness`` is closeness along outgoing ties, nodes reached ÷ their mean distance ×
    their share of all others: high means near. ``nearness_weighted`` takes a tie of weight w as 1/w
    long, without weight as none; above 2,000 nodes it is left out. ``strength_in`` and
    ``strength_out`` add weights up. ``eigenvector`` takes no account of direction and is of the
    largest component alone (with direction most support networks have no cycle, and it is zero
    everywhere); ``katz`` is along outgoing ties with 0.1 a step, left out where circles are so
    dense that it has no end. Cut vertices, diameter and mean distance take no account of
    direction; the last two are of the largest component. Centralisation is 1 for a star and 0
    where all are equal. ``degree_mixing`` is Pearson's correlation over ties of the out-degree of
    the supporter with the in-degree of the supported. Two nodes are multiplex if they share two
    bases or more, in either direction.

    Chance for reciprocity deals out who receives, so that everybody gives and receives as often;
    for the E–I index, who is in which group. p is two-sided: (1 + permutations at least as far
    from their mean) ÷ (1 + permutations).

    References
    ----------
    Brokerage: Gould, R. V., Fernandez, R. M. (1989). Sociological Methodology 19, 89–126. E–I
    index: Krackhardt, D., Stern, R. N. (1988). Social Psychology Quarterly 51, 123–140.
    Centralisation: Freeman, L. C. (1979). Social Networks 1, 215–239. Closeness: Wasserman, S.,
    Faust, K. (1994). Social Network Analysis; weighted: Opsahl, T., Agneessens, F., Skvoretz, J.
    (2010). Social Networks 32, 245–251. Degree mixing: Newman, M. E. J. (2003). Physical Review E
    67, 026126. Eigenvector: Bonacich, P. (1972). Journal of Mathematical Sociology 2, 113–120.
    Katz, L. (1953). Psychometrika 18, 39–43.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": list("abc"), "stage": ["junior"] * 2 + ["primary"]}),
    ...         "assists": pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]}),
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> structure(network, by="stage").table.loc["b", ["representative", "ei_index"]].tolist()
    [1.0, 0.0]
    """
    parse_window(window)
    check_range(permutations, "permutations", 1)
    check_range(seed, "seed", 0)
    day, kernels = day_of(network, as_of), pick(engine)
    whole = layer == "support"
    layered = support_layer(network, day, window) if whole else relation_layer(network, layer, day)
    nodes, source, target, notes = layered
    n = len(nodes)
    graph = distinct(n, source, target)
    codes, keys = grouping(network, day, by)
    group = _groups(network, day, nodes, by, codes)
    if without := int((group < 0).sum()):
        notes.append(Message("structure_ungrouped", {"count": without}))
    bases, weights = _weights(network, day, window, nodes, graph, weight, layer)
    roles = brokerage(graph, group)
    inside, outside = _ei(graph, group)
    component = numbered(kernels.components(graph), nodes["id"])
    walks = cohesion.katz(graph)
    if walks is None:
        notes.append(Message("katz_undefined"))
    near, weighted = np.full(n, np.nan), np.full(n, np.nan)
    diameter, mean = None, None
    if n > EXACT:
        notes.append(Message("distances_off", {"limit": EXACT, "count": n}))
    else:
        near = cohesion.closeness(kernels.distances(graph))
        diameter, mean = _extent(kernels, graph, component)
    if n > WEIGHTED:
        notes.append(Message("weighted_off", {"limit": WEIGHTED, "count": n}))
    else:
        weighted = cohesion.weighted_closeness(graph, weights)
    table = nodes[["id", "kind", "name"]].assign(
        **{_GROUP[by]: _keys(keys, group)},
        **{role: roles[:, place] for place, role in enumerate(ROLES)},
        brokerage=roles.sum(axis=1),
        ei_index=_index(inside, outside),
        nearness=near,
        nearness_weighted=weighted,
        strength_in=np.bincount(graph.target, weights, n),
        strength_out=np.bincount(graph.source, weights, n),
        eigenvector=cohesion.eigenvector(graph, component),
        katz=np.full(n, np.nan) if walks is None else walks,
        cut_vertex=kernels.cut_vertices(graph),
    )
    both = cohesion.reciprocity(graph, permutations, seed)
    mixed = cohesion.group_mixing(graph, group, permutations, seed)
    degrees = {
        "out_degree": np.bincount(graph.source, minlength=n),
        "in_degree": np.bincount(graph.target, minlength=n),
    }
    mixing = _mixing(graph, degrees)
    pairs = np.unique(
        np.minimum(graph.source, graph.target) * max(n, 1) + np.maximum(graph.source, graph.target)
    )
    multiplex = int((bases > 1).sum())
    summary: dict[str, Any] = {
        "nodes": n,
        "ties": len(graph.source),
        "reciprocity": both.observed,
        "reciprocity_expected": both.expected,
        "reciprocity_p": both.p,
        "ei_index": mixed.observed,
        "ei_expected": mixed.expected,
        "ei_p": mixed.p,
        "centralisation_out": cohesion.centralisation(degrees["out_degree"]),
        "centralisation_in": cohesion.centralisation(degrees["in_degree"]),
        "degree_mixing": float(mixing["correlation"].iloc[1]),
        "tied_pairs": len(pairs),
        "multiplex_pairs": multiplex,
        "multiplex_share": rate(multiplex, len(pairs)),
        "largest_component": int((component == 1).sum()),
        "diameter": diameter,
        "mean_distance": mean,
        "cut_vertices": int(table["cut_vertex"].sum()),
    }
    order = table.assign(rank=-table["brokerage"]).sort_values(["rank", "id"], kind="stable").index
    table = table.loc[order[shown(network, nodes)[order]]]
    return Result(
        table=table.rename(columns={"id": "node"}).set_index("node"),
        summary={
            key: None if value is None or value != value else value
            for key, value in summary.items()
        },
        tables={
            "by_group": _by_group(keys, group, graph),
            "mixing": mixing,
            "multiplexity": _multiplexity(bases),
        },
        notes=tuple(notes),
    )


def _keys(keys: pd.Index, codes: Ints) -> pd.Series:
    """Return keys of groups by position, missing for −1."""
    return pd.Series(np.array([*keys, None], dtype=object)[codes], dtype="str")


def _groups(network: Network, day: date, nodes: pd.DataFrame, by: By, codes: Ints) -> Ints:
    """Return the group of each node; of a teacher that of the school that employs it."""
    found = np.full(len(nodes), -1, dtype=np.int64)
    for kind in nodes["kind"].unique():
        here = (nodes["kind"] == kind).to_numpy(dtype=bool)
        place = network.ids(kind).get_indexer(pd.Index(nodes.loc[here, "id"]))
        if kind == "school":
            found[here] = codes[place]
        elif kind == "teacher":
            found[here] = _employed(network, day, codes)[place]
        elif kind == "alliance" and by == "alliance":
            found[here] = place
        elif by == "region" and "region" in schema.tables()[kind].columns:
            found[here] = at_level(network, network.region_codes(kind), "county")[place]
        elif by == "region" and kind == "region":
            found[here] = at_level(network, np.arange(network.size("region")), "county")[place]
    return found


def _employed(network: Network, day: date, codes: Ints) -> Ints:
    """Return the group of each teacher's school on a day, of several the first by id."""
    edges = network.edges("works_at")
    now = edges.holds(day_number(day))
    teacher = edges.source[now] - network.numbering.base("teacher")
    school = edges.target[now] - network.numbering.base("school")
    order = np.lexsort((school, teacher))
    first = order[np.flatnonzero(np.diff(teacher[order], prepend=-1))]
    found = np.full(network.size("teacher"), -1, dtype=np.int64)
    found[teacher[first]] = codes[school[first]]
    return found


def _weights(
    network: Network, day: date, window: str, nodes: pd.DataFrame, graph: Graph,
    weight: Weighing, layer: str,
) -> tuple[Ints, Floats]:  # fmt: skip
    """Return how many bases each pair of tied nodes shares, and the weight of each tie."""
    n = max(graph.n, 1)
    if layer != "support":
        one, other = np.minimum(graph.source, graph.target), np.maximum(graph.source, graph.target)
        return np.ones(len(np.unique(one * n + other)), dtype=np.int64), np.ones(len(graph.source))
    ties = study(network).tie_set(day, window)
    every = ties.ties
    place = np.full(every.nodes, -1, dtype=np.int64)
    place[nodes["number"].to_numpy()] = np.arange(graph.n)
    one, other = place[every.source], place[every.target]
    now = ties.current & (one != other)
    pair = np.minimum(one, other)[now] * n + np.maximum(one, other)[now]
    shared = np.unique(pair * len(every.bases) + every.basis[now]) // max(len(every.bases), 1)
    bases = np.unique(shared, return_counts=True)[1]
    tie = graph.source.astype(np.int64) * n + graph.target  # sorted
    number = np.searchsorted(tie, one * n + other)
    if weight == "months":
        acting = np.where(now, number, len(tie))[ties.active]
        return bases, months_by(ties, acting, len(tie) + 1)[:-1].astype(np.float64)
    known = [schema.forms().get(form) for form in network.forms]
    close = np.array([form.closeness or 1 if form else 1 for form in known] + [1])
    found = np.zeros(len(tie))
    np.maximum.at(found, number[now], close[every.form[now]])
    return bases, found


def _ei(graph: Graph, group: Ints) -> tuple[Ints, Ints]:
    """Return ties inside and outside its group of each node, in both directions."""
    known = (group[graph.source] >= 0) & (group[graph.target] >= 0)
    ends = np.append(graph.source[known], graph.target[known])
    same = np.tile(group[graph.source[known]] == group[graph.target[known]], 2)
    inside = np.bincount(ends[same], minlength=graph.n)
    return inside, np.bincount(ends[~same], minlength=graph.n)


def _index(inside: Ints, outside: Ints) -> Floats:
    ties = inside + outside
    return np.where(ties > 0, (outside - inside) / np.maximum(ties, 1), np.nan)


def _by_group(keys: pd.Index, group: Ints, graph: Graph) -> pd.DataFrame:
    """Return nodes, ties and E–I index of each group; a tie between two counts in both."""
    known = (group[graph.source] >= 0) & (group[graph.target] >= 0)
    one, other = group[graph.source[known]], group[graph.target[known]]
    size = len(keys)
    inside = np.bincount(one[one == other], minlength=size)
    across = one != other
    outside = np.bincount(np.append(one[across], other[across]), minlength=size)
    nodes = np.bincount(group[group >= 0], minlength=size)
    frame = pd.DataFrame(
        {
            "structure_group": pd.Series(keys, dtype="str"),
            "nodes": nodes,
            "ties_inside": inside,
            "ties_outside": outside,
            "ei_index": _index(inside, outside),
        }
    )
    return frame[nodes > 0].reset_index(drop=True)


def _mixing(graph: Graph, degrees: dict[str, Ints]) -> pd.DataFrame:
    """Return how the degrees at the two ends of a tie go together."""
    rows = [
        (one, other, cohesion.correlation(degrees[one][graph.source], degrees[other][graph.target]))
        for one in _DEGREES
        for other in _DEGREES
    ]
    frame = pd.DataFrame(rows, columns=["supporter_degree", "supported_degree", "correlation"])
    types = {"supporter_degree": "str", "supported_degree": "str", "correlation": "float64"}
    return frame.astype(types)


def _multiplexity(bases: Ints) -> pd.DataFrame:
    """Return pairs by how many relations they share."""
    shared, pairs = np.unique(bases, return_counts=True)
    return pd.DataFrame({"relations_shared": shared, "pairs": pairs})


def _extent(kernels: Kernels, graph: Graph, component: Ints) -> tuple[int | None, float | None]:
    """Return diameter and mean distance of the largest component, ties undirected."""
    nodes = np.flatnonzero(component == 1)
    if len(nodes) < 2:
        return None, None
    place = np.full(graph.n, -1)
    place[nodes] = np.arange(len(nodes))
    keep: Bools = place[graph.source] >= 0
    one, other = place[graph.source[keep]], place[graph.target[keep]]
    both = distinct(len(nodes), np.append(one, other), np.append(other, one))
    pairs = kernels.distances(both).pairs
    steps = np.arange(1, len(pairs) + 1)
    return len(pairs), float((steps * pairs).sum() / pairs.sum())


def chart(result: Result, lang: Lang) -> Figure:
    """Draw those who stand between others most, by role."""
    from liantu.plots import bars, style

    first = result.table.head(bars.TOP)
    colours = dict(
        zip(
            ROLES,
            (style.BLUES[2], style.BLUES[1], style.BLUES[0], style.WARN, style.FAINT),
            strict=True,
        )
    )
    made = style.figure(0.25 * len(first) + 0.9)
    axes = made.add_subplot()
    total = first["brokerage"].to_numpy(dtype=float)
    y = bars.ranking(axes, bars.row_names(first), total, "none")
    left = np.zeros(len(first))
    for role, colour in colours.items():
        axes.barh(y, first[role], 0.66, left=left, color=colour)
        left += first[role].to_numpy()
    bars.said(axes, total)
    axes.set_title(label("brokerage", lang), loc="left", size=9, color=style.MUTED)
    used = [role for role in ROLES if first[role].any()]
    style.legend(made, [(colours[role], label(role, lang)) for role in used])
    return made
