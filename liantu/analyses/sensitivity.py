"""Sensitivity: whether a ranking of supporters survives other settings and errors of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from liantu.graph.backup import single_points
from liantu.graph.kernels import Bools, Floats, Graph, Ints, Kernels, pick
from liantu.graph.network import Network
from liantu.graph.perturbed import EFFORT, efforts, families, weightings
from liantu.graph.ranks import among_first, kendall_tau_b, places
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet
from liantu.options import check_range
from liantu.results.core import AsOf, Engine, Result, analysis, day_of
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Metric = Literal["within_hops", "decayed", "direct", "lost", "support_rank"]
Score = Callable[[TieSet], Floats]
HOPS, DECAYS = (1, 2, 3), (0.25, 0.5, 0.75, 1.0)
ROBUST = 0.95
_DAMPING, _TOLERANCE = 0.85, 1e-12  # as in `centrality`


@analysis(
    order=25,
    chapter="",
    highlights=("supporters", "top", "robust", "tau_lowest"),
    zh="""稳健性：换一种设定、名单有些差错，支援方的排名还站得住吗。

    先按一项指标给支援方排名，再看换权重、换窗口期、换级数与折减、漏登一部分联系、整份名单缺失、填错
    受援学校、无日期的联系已失效时，排名变多少，谁始终排在前列。

    参数
    ----
    metric
        排名指标：within_hops 辐射学校，decayed 辐射强度，direct 直接支援学校，lost 其退出后失去
        覆盖的学校，support_rank 支撑度。
    k
        前几名。
    hops
        within_hops、decayed 最多沿联系走几级。
    decay
        decayed 每多一级乘以的系数，0 到 1。
    draws
        每一类差错抽取多少次；紧密程度的权重抽取其 2.5 倍。
    seed
        抽取的随机种子。

    说明
    ----
    各类差错（family）：weights 紧密程度 1、2、3 的权重，取 1,1,1、1,2,3、1,3,9 和随机的递增权重，
    比较的是按权重加总的直接支援学校，基准为 1,2,3，只在 metric 为 direct 时计入各支援方的概率；
    window 窗口期 3、6、12、24 个月，只影响活动；
    hops_decay 级数 1–3、折减 0.25–1；missing 每条联系以 5%、10%、20% 的概率漏登；missing_source
    同一来源的联系全部缺失（没有两个以上来源时，为同一县的全部受援联系）；wrong_end 以同样概率把受援
    学校换成同县同学段的另一所；undated 无日期的联系视为已失效。
    τ 为 Kendall τ_b，1 为排名不变；排名全部相同时无值。重合度为前 k 名中仍在前 k 名的比例，并列在
    边界上的按名额分摊。名次区间为各类差错中 5%–95% 分位的最宽范围。进前 k 的概率取各类中最低的
    一类；“稳居前列”指在每一类中都不低于 95%。不再支援任何学校的排在最后。限定地区时只统计该地区的
    学校。

    来源
    ----
    Borgatti, S. P., Carley, K. M., Krackhardt, D. (2006). On the robustness of centrality measures
    under conditions of imperfect data. Social Networks 28, 124–136；Wang, D. J., Shi, X.,
    McFarland, D. A., Leskovec, J. (2012). Measurement error in network data. Social Networks 34,
    396–409；Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33,
    239–251。
    """,
)
def sensitivity(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    metric: Metric = "within_hops",
    k: int = 10,
    hops: int = 2,
    decay: float = 0.5,
    basis: tuple[str, ...] | None = None,
    window: str = "12m",
    draws: int = 200,
    seed: int = 0,
) -> Result:
    """Sensitivity: whether the ranking of supporters survives other settings and errors of lists.

    Ranks the supporters, then again with other weights, windows, steps and decay, with ties
    missing, a whole list missing, receivers mistaken for others, and ties without dates taken for
    ended; says how far the rankings agree and who is always among the first.

    Parameters
    ----------
    metric
        What ranks: within_hops, schools within the hops; decayed, the same with decay; direct,
        schools supported directly; lost, schools without coverage when it leaves; support_rank,
        PageRank on the reversed ties.
    k
        How many are the first.
    hops
        How many ties within_hops and decayed follow at most.
    decay
        What each further tie multiplies by in decayed, 0 to 1.
    draws
        How often each error is drawn; weights of closeness 2.5 times as often.
    seed
        Seed of the draws.

    Returns
    -------
    Result
        ``table``: one row a supporter, by rank. ``tables``: ``by_family``, how far rankings agree
        in each family of errors; ``top_chance``, how likely those that are ever among the first are
        so, by family. ``summary``: how many are robust.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    Families: *weights* of closeness 1, 2, 3, 1,1,1 and 1,2,3 and 1,3,9 and random ones that rise;
    what is compared is schools supported directly, weighted, with 1,2,3 as the base; it counts for
    a supporter's chance with metric direct alone. *window*: 3, 6, 12, 24 months, which moves
    activities only. *hops_decay*: 1 to 3 steps, decay 0.25 to 1,
    where the metric has them. *missing*: each tie is left out with 5, 10, 20 %. *missing_source*:
    all ties of one provenance; where there are no two, all ties to the schools of one county.
    *wrong_end*: as often, the receiver is another school of the same county and stage. *undated*:
    states without dates count as ended.

    τ is Kendall's τ_b, 1 for the same ranking, missing where all rank alike. Overlap is the share
    of the first k that stay so; who ties at the border shares the places. The range of ranks is
    the widest 5–95 % of any family, the chance of being among the first the lowest of any family;
    *robust* are those with at least 95 % in every family. Who supports nobody any more ranks last.
    With a region in focus only its schools count.

    References
    ----------
    Borgatti, S. P., Carley, K. M., Krackhardt, D. (2006). On the robustness of centrality measures
    under conditions of imperfect data. Social Networks 28, 124–136. Wang, D. J., Shi, X.,
    McFarland, D. A., Leskovec, J. (2012). Measurement error in network data. Social Networks 34,
    396–409. Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika 33,
    239–251.

    Examples
    --------
    >>> ties = pd.DataFrame({"source": list("aaaab"), "target": list("cdefc"), "start": "2020"})
    >>> network = Network.from_frames({"assists": ties}, as_of="2024-06-30")
    >>> result = sensitivity(network, k=1, draws=50)
    >>> result.table["rank"].to_dict(), result.table["robust_top"].to_dict()
    ({'a': 1, 'b': 2}, {'a': True, 'b': False})
    """
    check_range(k, "k", 1)
    check_range(hops, "hops", 1)
    check_range(decay, "decay", 0, 1)
    check_range(draws, "draws", 1, 10_000)
    check_range(seed, "seed", 0)
    day, known, kernels = day_of(network, as_of), study(network), pick(engine)
    ties, nodes = known.tie_set(day, window, basis), known.nodes()
    counted = np.zeros(len(nodes), dtype=np.bool_)
    counted[: network.size("school")] = ties.opened & network.reported("school")

    def score(some: TieSet, steps: int = hops, factor: float = decay) -> Floats:
        return _score(known, kernels, some, metric, counted, steps, factor)

    base = score(ties)
    who = np.flatnonzero(base > 0)
    first = _Base(base[who], min(k, len(who)))
    found = []
    if len(who):
        effort = efforts(network, ties)[who].astype(float)
        weights = weightings(int(2.5 * draws), seed)
        weighted = _Base(effort @ np.array(EFFORT), first.k)
        found.append(weighted.against("weights", "", (effort @ one for one in weights)))
        steps = _steps(ties, metric, score)
        found.append(first.against("hops_decay", "", (one[who] for one in steps)))
        for family in families(known, ties, basis, draws, seed):
            scores = (score(some)[who] for some in family.sets)
            found.append(first.against(family.name, family.setting, scores))
    # weights belong to the schools supported directly: of other metrics they say nothing
    own = [one for one in found if one.family != "weights" or metric == "direct"]
    table = _table(nodes, who, first, own)
    medians = [one.tau[1] for one in found if not np.isnan(one.tau[1])]
    summary = {
        "supporters": len(who),
        "top": first.k,
        "robust": int(table["robust_top"].sum()),
        "tau_lowest": float(min(medians)) if medians else None,
        "rankings": sum(one.number for one in found),
    }
    return Result(
        table=table,
        summary=summary,
        tables={"by_family": _by_family(found), "top_chance": _chances(nodes, who, own)},
        notes=ties.notes,
    )


def _score(
    known: Study, kernels: Kernels, ties: TieSet, metric: Metric, counted: Bools, hops: int,
    decay: float,
) -> Floats:  # fmt: skip
    """Return what ranks each node; 0 for those that support nobody."""
    graph, n = ties.graph, ties.graph.n
    found = np.zeros(n)
    if metric == "direct":
        found += np.bincount(graph.source, counted[graph.target], n)
    elif metric == "lost":
        school, supporter = single_points(known, ties, kernels)
        found += np.bincount(supporter, counted[school], n)
    elif metric == "support_rank":
        helps = np.bincount(graph.source, counted[graph.target], n) > 0
        back = Graph(n, graph.target, graph.source)
        found[helps] = kernels.pagerank(back, _DAMPING, _TOLERANCE)[helps]
    else:
        seeds, none = np.unique(graph.source), np.zeros(0, dtype=np.int64)
        weights = counted[:, None].astype(float)
        reach = kernels.reach(graph, Graph(n, none, none), seeds, hops, decay, weights)
        found[seeds] = (reach.within if metric == "within_hops" else reach.decayed)[:, 0]
    return np.round(found, 12)


def _steps(
    ties: TieSet, metric: Metric, score: Callable[[TieSet, int, float], Floats]
) -> Iterator[Floats]:
    """Give the scores with other steps and decay, where the metric has them."""
    if metric == "decayed":
        yield from (score(ties, hops, decay) for hops in HOPS for decay in DECAYS)
    if metric == "within_hops":
        yield from (score(ties, hops, 1.0) for hops in HOPS)


class _Found(NamedTuple):
    """What a family of rankings has in common with the base."""

    family: str
    setting: str
    number: int
    tau: Floats  # 5 %, median, 95 %
    overlap: Floats
    low: Floats  # 5 % of the ranks of each supporter
    high: Floats
    chance: Floats


class _Base(NamedTuple):
    """A ranking that others are compared with, and how many are its first."""

    score: Floats
    k: int

    def against(self, family: str, setting: str, scores: Iterator[Floats]) -> _Found:
        """Return how far a family of rankings agrees."""
        own = among_first(*places(self.score[None]), self.k)[0]
        ranks, taus, overlaps = [], [], []
        chance = np.zeros(len(self.score))
        for score in scores:
            above, tied = places(score[None])
            first = among_first(above, tied, self.k)[0]
            ranks.append(above[0] + 1)
            taus.append(kendall_tau_b(self.score, score))
            overlaps.append(np.minimum(own, first).sum() / self.k)
            chance += first
        number, bounds = len(ranks), [0.05, 0.5, 0.95]
        nothing = np.full(3, np.nan)
        if not number:
            none = np.full(len(self.score), np.nan)
            return _Found(family, setting, 0, nothing, nothing, none, none, none)
        known = [tau for tau in taus if not np.isnan(tau)]
        low, _, high = np.quantile(np.stack(ranks), bounds, axis=0, method="inverted_cdf")
        return _Found(
            family, setting, number, np.quantile(known, bounds) if known else nothing,
            np.quantile(overlaps, bounds), low.astype(float), high.astype(float), chance / number,
        )  # fmt: skip


def _table(nodes: pd.DataFrame, who: Ints, first: _Base, found: list[_Found]) -> pd.DataFrame:
    """Return the supporters by rank, with the range of ranks and the chance to be first."""
    used = [one for one in found if one.number]
    above, _ = places(first.score[None]) if len(who) else (np.zeros((1, 0), dtype=np.int64), None)
    frame = nodes.loc[who, ["id", "kind", "name"]].reset_index(drop=True)
    frame = frame.rename(columns={"id": "supporter"}).assign(score=first.score, rank=above[0] + 1)
    none = np.full((1, len(who)), np.nan)
    low, high, chance = (
        np.stack([getattr(one, key) for one in used]) if used else none
        for key in ("low", "high", "chance")
    )
    names = np.array([one.family for one in used] or [""], dtype=object)
    ranks = {"rank_best": low.min(axis=0), "rank_worst": high.max(axis=0)}
    frame = frame.assign(
        **{key: pd.array(values, dtype="Int64") for key, values in ranks.items()},
        p_top=chance.min(axis=0),
        weakest_family=pd.array(names[chance.argmin(axis=0)], dtype="str"),
        robust_top=chance.min(axis=0) >= ROBUST,
    )
    frame = frame.sort_values(["rank", "supporter", "kind"], kind="stable")
    return frame.set_index("supporter")


def _by_family(found: list[_Found]) -> pd.DataFrame:
    """Return how far rankings agree in each family."""
    columns = ["family", "setting", "rankings", "tau_median", "tau_low", "tau_high"]
    columns += ["overlap_median", "overlap_low"]
    rows = [
        (x.family, x.setting, x.number, x.tau[1], x.tau[0], x.tau[2], x.overlap[1], x.overlap[0])
        for x in found
    ]
    frame = pd.DataFrame(rows, columns=columns)
    text = {"family": "str", "setting": "str", "rankings": "int64"}
    return frame.astype({**dict.fromkeys(columns[3:], "float64"), **text})


def _chances(nodes: pd.DataFrame, who: Ints, found: list[_Found]) -> pd.DataFrame:
    """Return how likely each supporter that is ever among the first is so, by family."""
    parts = []
    for one in found:
        some = np.flatnonzero(one.chance > 0)
        columns = {"supporter": nodes["id"].to_numpy()[who[some]], "family": one.family}
        columns |= {"setting": one.setting, "p_top": one.chance[some]}
        parts.append(pd.DataFrame(columns, index=range(len(some))))
    names = ["supporter", "family", "setting", "p_top"]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)
    text = dict.fromkeys(names[:3], "str")
    return frame.astype({**text, "p_top": "float64"})[names]


def chart(result: Result, lang: Lang) -> Figure:
    """Draw the first supporters with their range of ranks; who is robust is dark."""
    from matplotlib.ticker import MaxNLocator

    from liantu.plots import bars, style

    table = result.table.head(bars.TOP)
    made = style.figure(0.25 * len(table) + 0.75)
    axes = made.add_subplot()
    rows = np.arange(len(table))
    sure = table["robust_top"].to_numpy(dtype=bool)
    rank = table["rank"].to_numpy(dtype=float)
    low, high = (
        table[key].to_numpy(dtype=float, na_value=np.nan) for key in ("rank_best", "rank_worst")
    )
    for some, colour in ((sure, style.BLUES[2]), (~sure, style.BLUES[0])):
        axes.hlines(rows[some], low[some], high[some], color=colour, linewidth=4)
        axes.plot(rank[some], rows[some], "o", color=colour, markeredgecolor="white", markersize=6)
    axes.set_yticks(rows, bars.row_names(table))
    axes.set_ylim(len(table) - 0.4, -0.6)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.axvline(result.summary["top"] + 0.5, color=style.FAINT, linewidth=1, linestyle=":")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(label("rank_range", lang, "label"), size=8)
    style.legend(
        made,
        [
            (style.BLUES[2], label("robust_top", lang)),
            (style.BLUES[0], label("not_robust", lang, "label")),
        ],
    )
    return made
