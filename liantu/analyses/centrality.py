"""Centrality: who holds the network together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.kernels import Floats, Graph, Ints, Kernels, pick
from liantu.graph.layers import (
    layer_weights,
    layers,
    numbered,
    relation_layer,
    shown,
    support_layer,
)
from liantu.graph.network import Network
from liantu.graph.ties import distinct
from liantu.graph.weights import merged
from liantu.options import check_range, parse_window
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Effort = Literal["auto", "exact", "sample", "off"]
Weights = Literal["off", "near", "far"]
# Nodes up to which a measure is worked out unasked: some seconds, docs/decisions/0008-kernels.md.
EXACT = {"harmonic": 50_000, "betweenness": 5_000}
WEIGHTED = {"harmonic": 5_000, "betweenness": 1_000}  # the same where ties have weights
DAMPING, TOLERANCE = 0.85, 1e-12


@analysis(
    order=3,
    chapter="",
    highlights=("nodes", "ties", "components", "isolates"),
    zh="""中心性：谁把网络连在一起。

    计算每个节点的入度、出度、接近程度、中介中心性、支撑度、核数和连通分量。默认用学校之间的联系，
    也可只看一种关系。

    参数
    ----
    layer
        support 为全部联系，或只看一种关系：assists、affiliated_to、mentors、part_of、pact。
    undirected
        不计方向。
    normalized
        把中介中心性除以可能的节点对数。
    betweenness
        中介中心性：auto 在 5000 个节点以内计算，exact 总是计算，sample 抽样估计，off 不计算。
    harmonic
        接近程度：auto 在 50000 个节点以内计算，exact 总是计算，sample 抽样估计，off 不计算。
    sources
        抽样估计时抽取多少个节点。
    seed
        抽样的随机种子。
    window
        活动回溯的窗口期，例如 12m；只用于 support。
    weights
        off 不用权重；near 权重越大越近（联系强度，长度为 1/权重）；far 权重越大越远（权重即长度）。

    说明
    ----
    平行的联系合并，自己连自己的不计，孤立节点计入节点数。入度是支援方的个数，出度是支援对象的个数。
    接近程度（调和接近度）为沿出向联系 Σ 1/d(v,t) ÷ (n−1)，越高离其支援对象越近。
    中介中心性：有向时为原值，
    标准化时 ÷ (n−1)(n−2)；无向时每对只计一次，标准化时 ÷ (n−1)(n−2)/2；不足 3 个节点时为 0。
    支撑度是反向联系上的 PageRank（阻尼 0.85，不加权，精度 1e-12）：越高，依靠它的越多。
    核数和连通分量不计方向；分量按大小编号，同样大小的按最小编号。sample 只从抽取的节点出发计算中介
    中心性、只计到抽取节点的接近程度，再按比例 n/k 放大，为无偏估计；附注给出误差上界 ε =
    √(ln(2n ÷ 0.05) ÷ 2k) · n/(n−1)：标准化后的值全部落在 ±ε 以内的概率不低于 95%（Hoeffding
    不等式，偏保守）。该上界不随数值变小，因此接近 0 的值和相近的名次不可靠。
    采用权重时，平行的联系权重相加（far 取最小的），未填的按 1 计；接近程度和中介中心性按最短路径的
    长度计算（因此接近程度可大于 1），支撑度按强度（far 为 1/权重）分配；入强度、出强度为权重之和；
    核数、连通分量不用权重。auto 在 1000 个节点以内计算中介中心性，5000 个以内计算接近程度。

    来源
    ----
    中介中心性：Freeman, L. C. (1977). Sociometry 40, 35–41；Brandes, U. (2001). Journal of
    Mathematical Sociology 25, 163–177。接近程度：Rochat, Y. (2009). ASNA。PageRank：Page, L.,
    Brin, S., Motwani, R., Winograd, T. (1999). Stanford InfoLab。核数：Seidman, S. B. (1983).
    Social Networks 5, 269–287。抽样：Brandes, U., Pich, C. (2007). Centrality estimation in large
    networks. International Journal of Bifurcation and Chaos 17, 2303–2318；Eppstein, D., Wang, J.
    (2004). Journal of Graph Algorithms and Applications 8, 39–45；Hoeffding, W. (1963). Journal of
    the American Statistical Association 58, 13–30。权重：Opsahl, T., Agneessens, F.,
    Skvoretz, J. (2010). Social Networks 32, 245–251。
    """,
)
def centrality(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    layer: Annotated[str, layers] = "support",
    undirected: bool = False,
    normalized: bool = False,
    betweenness: Effort = "auto",
    harmonic: Effort = "auto",
    sources: int = 1_000,
    seed: int = 0,
    window: str = "12m",
    weights: Weights = "off",
) -> Result:
    """Centrality: who holds the network together.

    In- and out-degree, harmonic closeness, betweenness, support rank, core number and component
    of every node, in the ties between schools or in one relation.

    Parameters
    ----------
    layer
        support for all ties, or one relation whose ends are of one kind: assists, affiliated_to,
        mentors, part_of, pact.
    undirected
        Leave direction out.
    normalized
        Divide betweenness by the number of possible pairs.
    betweenness
        auto computes it up to 5,000 nodes, exact always, sample estimates it, off leaves it out.
    harmonic
        auto computes it up to 50,000 nodes, exact always, sample estimates it, off leaves it out.
    sources
        How many nodes an estimate draws.
    seed
        What the draw begins with; the same seed draws the same nodes.
    window
        How far back activities count, such as 12m; for support only.
    weights
        off takes no account of them; near: a high weight is near (a strength, length 1 / weight);
        far: a high weight is far (a length).

    Returns
    -------
    Result
        ``table``: one row a node, by betweenness (where left out: support rank) descending;
        ``kind`` tells nodes of one id apart.
        ``summary``: size, density, reciprocity (None when undirected) and components.

    Raises
    ------
    OptionError
        If an option is malformed.
    RequestError
        If mentoring ties teachers in some rows and schools in others.

    Notes
    -----
    Parallel ties are merged, loops dropped, isolates count in n. ``in_degree`` counts supporters,
    ``out_degree`` whom it supports. ``harmonic`` is Σ 1/d(v, t) along outgoing ties ÷ (n−1): high
    means near to many. ``betweenness`` is raw or ÷ (n−1)(n−2); undirected, each pair counts once,
    or ÷ (n−1)(n−2)/2; 0 where n < 3. ``support_rank`` is PageRank (damping 0.85, unweighted,
    tolerance 1e-12) on the *reversed* ties: high means that many lean on it. ``core_number`` and
    ``component`` take no account of direction; components are numbered by size, then smallest id.
    *sample* adds up betweenness from k drawn nodes only, and harmonic towards them, times n/k: no
    bias. The note gives ε = √(ln(2n ÷ 0.05) ÷ 2k) · n/(n−1): with at least 95 % probability all
    normalised values are within ± ε (Hoeffding's inequality; loose, usually far less). The bound
    does not shrink with the value: trust no small values, and no ranks of near equals.
    With weights those of parallel ties add up (*far*: the least counts), and a tie without one
    counts 1. ``harmonic`` and ``betweenness`` go by the length of shortest ways (so ``harmonic``
    may exceed 1), ``support_rank`` is shared out by strength (*far*: 1 / weight), ``strength_in``
    and ``strength_out`` are sums of weights; core numbers and components take no account of them.
    *auto* then computes betweenness up to 1,000 nodes and harmonic up to 5,000.

    References
    ----------
    Betweenness: Freeman, L. C. (1977). A set of measures of centrality based on betweenness.
    Sociometry 40, 35–41; Brandes, U. (2001). Journal of Mathematical Sociology 25, 163–177.
    Harmonic: Rochat, Y. (2009). ASNA. PageRank: Page, L., Brin, S., Motwani, R., Winograd, T.
    (1999). Stanford InfoLab. Core number: Seidman, S. B. (1983). Social Networks 5, 269–287.
    Samples: Brandes, U., Pich, C. (2007). Centrality estimation in large networks. International
    Journal of Bifurcation and Chaos 17, 2303–2318; Eppstein, D., Wang, J. (2004). Journal of Graph
    Algorithms and Applications 8, 39–45; Hoeffding, W. (1963). Journal of the American Statistical
    Association 58, 13–30. Weights: Opsahl, T., Agneessens, F., Skvoretz, J. (2010). Social Networks
    32, 245–251.

    Examples
    --------
    >>> import pandas as pd
    >>> chain = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"]})
    >>> result = centrality(Network.from_frames({"assists": chain}, as_of="2024-06-30"))
    >>> result.table["betweenness"].to_dict()
    {'b': 1.0, 'a': 0.0, 'c': 0.0}
    >>> result.table["harmonic"].to_dict()
    {'b': 0.5, 'a': 0.75, 'c': 0.0}
    """
    parse_window(window)
    check_range(sources, "sources", 1)
    check_range(seed, "seed", 0)
    day, kernels = day_of(network, as_of), pick(engine)
    whole = layer == "support"
    layered = support_layer(network, day, window) if whole else relation_layer(network, layer, day)
    nodes, source, target, notes = layered
    n, weight = len(nodes), None
    if weights != "off":
        near = weights == "near"
        weight, without = layer_weights(network, layer, day, window, shortest=not near)
        notes.append(Message(f"weights_{weights}", {"count": without}))
    graph = distinct(n, source, target)
    ties = len(graph.source)
    reciprocity = None
    both = distinct(n, np.append(source, target), np.append(target, source))
    if weight is not None:
        ends = (source, target)
        if undirected:
            ends = (np.append(source, target), np.append(target, source))
            weight = np.append(weight, weight)
        weight = merged(n, *ends, weight, shortest=weights == "far")
    if undirected:
        graph, ties = both, len(both.source) // 2
    else:  # a pair that goes both ways stands twice in `graph` and in `both`
        reciprocity = rate(2 * ties - len(both.source), ties)

    label = numbered(kernels.components(graph), nodes["id"])
    degree = np.bincount(both.source, minlength=n)
    table = nodes[["id", "kind", "name"]].assign(
        in_degree=np.bincount(graph.target, minlength=n),
        out_degree=np.bincount(graph.source, minlength=n),
        harmonic=np.nan,
        betweenness=np.nan,
        support_rank=_support_rank(kernels, graph, weight, weights),
        core_number=kernels.core_number(graph),
        component=label,
    )
    length, limits = None, EXACT
    if weight is not None:
        length, limits = weight if weights == "far" else 1 / weight, WEIGHTED
        strengths = {
            "strength_in": np.bincount(graph.target, weight, n),
            "strength_out": np.bincount(graph.source, weight, n),
        }
        table = pd.concat(
            [table.iloc[:, :5], pd.DataFrame(strengths, table.index), table.iloc[:, 5:]], axis=1
        )
    efforts: dict[str, Effort] = {"harmonic": harmonic, "betweenness": betweenness}
    for measure, effort in efforts.items():
        if effort == "off":
            continue
        if effort == "auto" and n > limits[measure]:
            notes.append(Message(f"{measure}_off", {"limit": limits[measure], "count": n}))
            continue
        drawn = None
        if effort == "sample" and sources < n:
            drawn = np.sort(np.random.default_rng(seed).choice(n, sources, replace=False))
            figures = {"sources": sources, "count": n, "seed": seed, "bound": _bound(n, sources)}
            notes.append(Message(f"{measure}_sampled", figures))
        if measure == "harmonic":
            table[measure] = _harmonic(kernels, graph, length, drawn)
        else:
            table[measure] = _betweenness(kernels, graph, length, drawn, undirected, normalized)
    key = "betweenness" if n == 0 or table["betweenness"].notna().any() else "support_rank"
    if network.focus_region is not None:
        notes.append(Message("whole_network"))
    order = table.assign(rank=-_levelled(table[key])).sort_values(["rank", "id"], kind="stable")
    table = table.loc[order.index[shown(network, nodes)[order.index]]]
    table = table.rename(columns={"id": "node"}).set_index("node")
    pairs = n * (n - 1) / 2 if undirected else n * (n - 1)
    summary = {
        "nodes": n,
        "ties": ties,
        "density": rate(ties, pairs),
        "reciprocity": reciprocity,
        "components": int(label.max()) if n else 0,
        "largest_component": int((label == 1).sum()),
        "isolates": int((degree == 0).sum()),
    }
    return Result(table=table, summary=summary, notes=tuple(notes))


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes by support rank, on whom most lean first; equals by id, then kind."""
    rank = -_levelled(table["support_rank"])
    order = table[["kind"]].assign(rank=rank, node=table.index).reset_index(drop=True)
    return table.iloc[order.sort_values(["rank", "node", "kind"]).index]


def _support_rank(
    kernels: Kernels, graph: Graph, weight: Floats | None, weights: Weights
) -> Floats:
    back = Graph(graph.n, graph.target, graph.source)
    if weight is None:
        return kernels.pagerank(back, DAMPING, TOLERANCE)
    strength = weight if weights == "near" else 1 / weight
    return kernels.weighted_pagerank(back, strength, DAMPING, TOLERANCE)


def _harmonic(kernels: Kernels, graph: Graph, length: Floats | None, drawn: Ints | None) -> Floats:
    n = graph.n
    if length is None:
        found = kernels.harmonic(graph, drawn)
    else:
        found = kernels.weighted_harmonic(graph, length, drawn)
    return found * _scale(n, drawn) / max(n - 1, 1)


def _betweenness(
    kernels: Kernels, graph: Graph, length: Floats | None, drawn: Ints | None,
    undirected: bool, normalized: bool,
) -> Floats:  # fmt: skip
    n = graph.n
    if n < 3:
        return np.zeros(n)
    # undirected ties stand both ways: halved, or halved and then ÷ (n−1)(n−2)/2
    divisor = (n - 1) * (n - 2) if normalized else 2 if undirected else 1
    if length is None:
        found = kernels.betweenness(graph, drawn)
    else:
        found = kernels.weighted_betweenness(graph, length, drawn)
    return found * _scale(n, drawn) / divisor


def _scale(n: int, drawn: Ints | None) -> float:
    """Return what a sum over drawn nodes has to be multiplied by."""
    return 1.0 if drawn is None else n / len(drawn)


def _bound(n: int, sources: int) -> str:
    """Return how far off a normalised value may be, all nodes at once, at 95 % (Hoeffding).

    What one drawn node adds to another lies between 0 and n − 2 (betweenness), or 0 and 1.
    """
    bound = np.sqrt(np.log(2 * n / 0.05) / (2 * sources)) * n / (n - 1)
    return f"{min(bound, 1.0):.3f}"


def _levelled(values: pd.Series) -> Floats:
    """Round to some nine digits, so that what differs only by rounding is equal."""
    mantissa, exponent = np.frexp(values.to_numpy(dtype=float))
    rounded: Floats = np.ldexp(np.round(mantissa * 2**30), exponent - 30)
    return rounded


def chart(result: Result, lang: Lang) -> Figure:
    """Draw nodes by support rank; betweenness beside it where it was computed."""
    from liantu.plots import bars, style

    first = ranked(result.table).head(bars.TOP)
    measures = ["support_rank"]
    if (first["betweenness"] > 0).any():
        measures.append("betweenness")
    made = style.figure(0.25 * len(first) + 0.5)
    panels = made.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, key, colour in zip(panels, measures, (style.BLUES[2], style.BLUES[0]), strict=False):
        values = first[key].to_numpy(dtype=float)
        bars.ranking(axes, bars.row_names(first), values, colour)
        bars.said(axes, values)
        axes.set_title(label(key, lang), loc="left", size=9, color=style.MUTED)
    return made
