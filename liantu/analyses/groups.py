"""Groups: whether schools that are grouped on paper act together, and who acts together."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import Message, OptionError
from liantu.graph import schema
from liantu.graph.activity import Activity, Weight, activity
from liantu.graph.communities import Communities, Method, communities
from liantu.graph.formal import Inside, benjamini_hochberg, inside
from liantu.graph.grouping import alliances_of, grouping, main_alliances
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.graph.partitions import agreement, modularity
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.options import check_choice, check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, chart_of, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STRATA = ("county", "stage")
STATUSES = ("silent", "paper", "undecided", "real")
ALPHA = 0.05  # false discoveries among the groups called real
HIDDEN = 2  # months from which on a pair without a formal tie is told
_AGREE = ("ami", "ari", "homogeneity", "completeness", "nmi")


@analysis(
    order=17,
    chapter="gaps",
    highlights=("groups_real", "groups_paper", "groups_silent", "groups_undecided", "ami"),
    zh="""集团实与虚：挂牌的集团有没有真正一起活动，谁和谁实际抱团。

    只看有日期的活动（交流、师徒、送课），从活动中找出实际往来密切的学校群落，与名义上的集团比较；
    逐个集团检验内部活动是否多于随机，列出挂牌未活动的集团、跨集团的群落，以及没有结对却常有往来的
    学校。

    参数
    ----
    weight
        两校之间的活动量：months 为有活动的月份数，count 为活动次数。
    basis
        只用这些活动：posted_to、mentors、delivers；默认全部。
    strata
        随机比较时保持不变的分组，以逗号分隔：county 县区、stage 学段，默认两者；none 为不分组（会把
        同县往来误认为集团活动）。
    method
        识别群落的算法：leiden（需安装 liantu[communities]）、louvain（NetworkX），auto 为装有前者时
        用 leiden。
    runs
        识别群落运行多少次；第 k 次的随机种子为 seed + k。
    permutations
        随机重排的次数。
    seed
        随机种子。
    min_activity
        集团成员的活动少于它时不下结论。

    说明
    ----
    集团成员关系和结对帮扶不算活动，否则结论已包含在前提中。识别群落不计方向，模块度的分辨率为 1，
    以多次运行的共识为准：两校在至少一半的运行中同属一个群落才算在一起，反复运行直到一致。吻合程度
    按既有活动又有集团的学校计算；一所学校有多个集团的，依次取任核心校的、紧密度高的、加入早的、编号
    小的一个。AMI、ARI 已扣除偶然，0 为偶然水平，1 为完全一致；NMI 只供对照，集团小而多时即使毫无
    关系也会偏高。

    集团检验：活动量以 weight 为单位；内部活动为双方都是成员的活动。随机重排只在同一县区、同一学段的
    受援学校之间进行，每所学校支援和受援的次数不变，不会支援自己。
    p = (1 + 不少于实际的次数) ÷ (1 + 重排次数)，再按 Benjamini–Hochberg 校正为 q。集团实况：
    不足两所学校或成员活动量少于 min_activity 为难以判断；内部没有活动为无内部活动；不多于随机为
    挂牌为主；多于随机且 q ≤ 0.05 为实际运转；其余为难以判断，证据不足不等于虚设。
    群落中没有任何一个集团占到一半学校的，计为跨集团群落。隐性联系为至少有两个月有活动、但没有共同
    集团、结对、研究中心、隶属等正式关系的学校。限定地区时按全部学校计算，只列该地区有成员校的集团。

    来源
    ----
    Leiden：Traag, V. A., Waltman, L., van Eck, N. J. (2019). Scientific Reports 9, 5233。Louvain：
    Blondel, V. D. 等 (2008). Journal of Statistical Mechanics, P10008。共识：Lancichinetti, A.,
    Fortunato, S. (2012). Scientific Reports 2, 336。AMI：Vinh, N. X., Epps, J., Bailey, J. (2010).
    Journal of Machine Learning Research 11, 2837–2854。ARI：Hubert, L., Arabie, P. (1985). Journal
    of Classification 2, 193–218。同质性、完整性：Rosenberg, A., Hirschberg, J. (2007).
    EMNLP-CoNLL。有向模块度：Leicht, E. A., Newman, M. E. J. (2008). Physical Review Letters 100,
    118703。随机重排：Fosdick, B. K. 等 (2018). SIAM Review 60, 315–355。q：Benjamini, Y.,
    Hochberg, Y. (1995). Journal of the Royal Statistical Society B 57, 289–300。
    """,
)
def groups(
    network: Network,
    *,
    as_of: AsOf = None,
    weight: Weight = "months",
    basis: tuple[str, ...] | None = None,
    window: str = "12m",
    strata: tuple[str, ...] | None = None,
    method: Method = "auto",
    runs: int = 50,
    permutations: int = 999,
    seed: int = 0,
    min_activity: int = 5,
) -> Result:
    """Groups in fact: whether schools grouped on paper act together, and who acts together.

    From dated activity alone (postings, mentoring, deliveries) it finds communities of schools
    and compares them with the alliances on paper; tests for every alliance whether its members do
    more with each other than chance would give; and lists communities across alliances and pairs
    that act together without any formal tie.

    Parameters
    ----------
    weight
        How much two schools do: months with an activity, or the count of activities.
    basis
        Only these activities: posted_to, mentors, delivers; all by default.
    strata
        What chance leaves as it is, separated by commas: county, stage, both by default; none lets
        chance cross counties, which takes neighbours for groups.
    method
        How communities are found: leiden (needs liantu[communities]), louvain (NetworkX); auto is
        leiden where it is installed.
    runs
        How often communities are looked for; run k has the seed ``seed + k``.
    permutations
        How often chance deals the activities out anew.
    seed
        What chance begins with.
    min_activity
        With fewer activities of its members nothing is said of an alliance.

    Returns
    -------
    Result
        ``table``: one row an alliance with members, those without activity inside first.
        ``tables``: ``schools`` with alliance and community, ``found_communities``, and
        ``hidden_ties``, pairs that act together without a formal tie.

    Raises
    ------
    OptionError
        If an option is malformed.
    RequestError
        If Leiden is asked for and not installed.

    Notes
    -----
    Memberships and paired assistance are no activity here, or the question would answer itself.
    Communities take no account of direction; their modularity has resolution 1. They are the
    consensus of all runs (`liantu.graph.communities`). Agreement is over the schools with an
    activity and an alliance; of several alliances it is the one the school is core of, then the
    closest in form, the first joined, the first by id (counted in a note). AMI and ARI are
    adjusted for chance: 0 is chance, 1 the same groups. NMI is shown for comparison only: many
    small alliances raise it without any agreement.

    Activity ``inside`` is between two members; all activity is in the unit of ``weight``. Chance
    deals the receivers of activities out anew within county and stage of the receiver: every
    school gives and receives as often as before, none to itself. p = (1 + permutations with at
    least as much) ÷ (1 + permutations), one-sided; q is p after Benjamini–Hochberg over the
    alliances tested. ``group_status``: *undecided* with fewer than two schools, or activity of
    theirs below ``min_activity``, else *silent* without any inside, *paper* if inside ≤ expected,
    *real* if more and q ≤ 0.05, else *undecided*: no proof is not proof of paper. A community
    *crosses* if no alliance has half of its schools. Hidden ties have activity in at least two
    months, and neither a common alliance nor pairing, centre, affiliation or other state between
    them. With a region in focus everything is worked out of all schools; the alliances with a
    member in it are listed.

    References
    ----------
    Leiden: Traag, V. A., Waltman, L., van Eck, N. J. (2019). Scientific Reports 9, 5233. Louvain:
    Blondel, V. D. et al. (2008). Journal of Statistical Mechanics, P10008. Consensus:
    Lancichinetti, A., Fortunato, S. (2012). Scientific Reports 2, 336. AMI: Vinh, N. X., Epps, J.,
    Bailey, J. (2010). Journal of Machine Learning Research 11, 2837–2854. ARI: Hubert, L., Arabie,
    P. (1985). Journal of Classification 2, 193–218. Homogeneity, completeness: Rosenberg, A.,
    Hirschberg, J. (2007). EMNLP-CoNLL. Directed modularity: Leicht, E. A., Newman, M. E. J.
    (2008). Physical Review Letters 100, 118703. Chance: Fosdick, B. K. et al. (2018). SIAM Review
    60, 315–355. q: Benjamini, Y., Hochberg, Y. (1995). Journal of the Royal Statistical Society B
    57, 289–300.

    Examples
    --------
    >>> import pandas as pd
    >>> kinds = {"source_kind": "school", "target_kind": "school"}
    >>> days = [f"2024-0{month}-05" for month in range(1, 7)]
    >>> network = Network.from_frames(
    ...     {
    ...         "member_of": pd.DataFrame({"source": ["a", "b", "c", "d"], "target": list("ggxx")}),
    ...         "delivers": pd.DataFrame({"source": "a", "target": "b", "date": days} | kinds),
    ...     },
    ...     as_of="2024-06-30",
    ... )
    >>> groups(network).table[["inside", "group_status"]].to_dict("index")["x"]
    {'inside': 0, 'group_status': 'undecided'}
    """
    for value, key in ((runs, "runs"), (permutations, "permutations")):
        check_range(value, key, 1)
    for value, key in ((seed, "seed"), (min_activity, "min_activity")):
        check_range(value, key, 0)
    for word in basis or ():
        check_choice(word, schema.relations_with("activity"), "basis")
    kept = _strata(strata)
    day, known = day_of(network, as_of), study(network)
    ties = known.tie_set(day, window)
    acts = activity(network, ties, weight, basis)
    nodes, code = np.unique(np.concatenate([acts.source, acts.target]), return_inverse=True)
    ends = code[: len(acts.source)], code[len(acts.source) :]
    found = communities(len(nodes), *ends, acts.weight, runs=runs, seed=seed, method=method)
    member, main = alliances_of(network, day), main_alliances(network, day)
    notes = [*ties.notes, *acts.notes]
    if several := int((member[nodes, 1:2] >= 0).sum()):
        notes.append(Message("groups_several", {"count": several}))
    if not len(nodes):
        notes.append(Message("groups_no_activity"))
    else:
        notes.append(Message("groups_method", {"method": found.method, "runs": runs}))
    number = np.full(network.size("school"), -1, dtype=np.int64)
    number[nodes] = _by_size(found.label)
    tested = _tested(network, day, acts, member, kept, permutations, seed)
    result = _alliances(network, tested, member, known.opened(day), number, min_activity)
    crossing = _communities(network, number, member)
    hidden = _hidden(network, ties, member, day, basis)
    schools = _schools(network, nodes, number, found, main)
    status = result["group_status"]
    summary: dict[str, Any] = {
        "active_schools": len(nodes),
        "active_pairs": len(acts.source),
        "activity_total": int(acts.weight.sum()),
        "groups": len(result),
        **{f"groups_{word}": int((status == word).sum()) for word in STATUSES},
        "communities": len(crossing),
        "crossing": int(crossing["crosses"].sum()),
        "hidden": len(hidden),
        **_fit(ends, acts, found, main[nodes]),
        "stability": found.stability,
    }
    reported = network.reported("school")
    return Result(
        table=result,
        summary=summary,
        tables={
            "schools": schools[reported[nodes]].reset_index(drop=True),
            "found_communities": crossing,
            "hidden_ties": hidden,
        },
        notes=tuple(notes),
    )


def _strata(strata: tuple[str, ...] | None) -> tuple[str, ...]:
    strata = STRATA if strata is None else strata
    for word in strata:
        check_choice(word, (*STRATA, "none"), "strata")
    if "none" in strata and len(strata) > 1:
        raise OptionError.of(
            "bad_choice", value=",".join(strata), option="--strata", allowed="none"
        )
    return tuple(word for word in strata if word != "none")


def _by_size(label: Ints) -> Ints:
    """Number communities from 1, the largest first, equals by their first school."""
    names, place, size = np.unique(label, return_inverse=True, return_counts=True)
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.lexsort((names, -size))] = np.arange(1, len(names) + 1)
    found: Ints = rank[place]
    return found


def _tested(
    network: Network, day: date, acts: Activity, member: Ints, kept: tuple[str, ...],
    permutations: int, seed: int,
) -> Inside:  # fmt: skip
    """Return activity inside every alliance against chance, each unit of weight an event."""
    block = np.zeros(network.size("school"), dtype=np.int64)
    for word in kept:
        codes, keys = grouping(network, day, "region" if word == "county" else "stage")
        block = block * (len(keys) + 1) + codes + 1
    giver, receiver = (np.repeat(end, acts.weight) for end in (acts.source, acts.target))
    size = network.size("alliance")
    return inside(giver, receiver, block[receiver], member, size, permutations, seed)


def _alliances(
    network: Network, tested: Inside, member: Ints, opened: Bools, number: Ints, least: int
) -> pd.DataFrame:
    """Return one row an alliance with a member reported on; none without any activity."""
    school, column = np.nonzero((member >= 0) & opened[:, None])
    alliance = member[school, column]
    size = network.size("alliance")
    count = np.bincount(alliance, minlength=size)
    active = number[school] > 0
    reported = network.reported("school")[school]
    listed = np.bincount(alliance[reported], minlength=size) > 0
    if not (number > 0).any():
        listed[:] = False
    which = np.flatnonzero(listed)
    tests = (tested.touching >= max(least, 1)) & (count > 1)
    q = np.full(size, np.nan)
    q[tests] = benjamini_hochberg(tested.p[tests])
    more = tested.observed > tested.expected
    status = np.select(
        [~tests, tested.observed == 0, ~more, q <= ALPHA],
        ["undecided", "silent", "paper", "real"],
        "undecided",
    )
    ratio = np.full(size, np.nan)
    some = tested.expected > 0
    ratio[some] = tested.observed[some] / tested.expected[some]
    pair = np.unique(np.stack([alliance, number[school]])[:, active], axis=1)
    frame = network.columns("alliance", "name").rename_axis("alliance")
    frame = frame.assign(
        schools=count,
        active_schools=np.bincount(alliance[active], minlength=size),
        member_activity=tested.touching,
        inside=tested.observed,
        expected_inside=tested.expected,
        times_expected=ratio,
        p_value=np.where(tests, tested.p, np.nan),
        q_value=q,
        communities=np.bincount(pair[0], minlength=size),
        group_status=pd.array(status, dtype="str"),
    ).iloc[which]
    order = frame["group_status"].map({word: place for place, word in enumerate(STATUSES)})
    frame = frame.assign(order=order.astype(np.int64), less=-frame["member_activity"])
    return frame.sort_values(["order", "less", "alliance"]).drop(columns=["order", "less"])


def _communities(network: Network, number: Ints, member: Ints) -> pd.DataFrame:
    """Return one row a community: its schools, and the alliance that has most of them."""
    many = int(number.max(initial=0))
    size = np.bincount(number[number > 0], minlength=many + 1)[1:]
    school, column = np.nonzero((member >= 0) & (number > 0)[:, None])
    width = max(network.size("alliance"), 1)
    key = (number[school] - 1) * width + member[school, column]
    pairs, count = np.unique(key, return_counts=True)
    order = np.lexsort((pairs, -count, pairs // width))
    first = order[np.flatnonzero(np.diff(pairs[order] // width, prepend=-1))]
    place = pairs[first] // width
    most, largest = np.zeros(many, dtype=np.int64), np.full(many, -1)
    most[place], largest[place] = count[first], pairs[first] % width
    return pd.DataFrame(
        {
            "community": np.arange(1, many + 1),
            "schools": size,
            "groups": np.bincount(pairs // width, minlength=many),
            "largest_group": _ids(network, largest),
            "in_largest_group": most,
            "largest_share": np.where(size > 0, most / np.maximum(size, 1), np.nan),
            "crosses": most * 2 < size,
        }
    )


def _ids(network: Network, codes: Ints) -> pd.Series:
    """Return the ids of alliances by position, missing for −1."""
    ids = np.array([*network.ids("alliance"), None], dtype=object)
    return pd.Series(ids[codes], dtype="str")


def _schools(
    network: Network, nodes: Ints, number: Ints, found: Communities, main: Ints
) -> pd.DataFrame:
    """Return one row a school with activity: its alliance and its community."""
    frame = network.columns("school", "name", "region", "stage").iloc[nodes]
    made = frame.rename_axis("school").reset_index()
    return made.assign(
        alliance=_ids(network, main[nodes]), community=number[nodes], run_share=found.share
    )


def _hidden(
    network: Network, ties: TieSet, member: Ints, day: date, basis: tuple[str, ...] | None
) -> pd.DataFrame:
    """Return pairs with activity in some months and no formal tie, those with most first."""
    every, size = ties.ties, max(network.size("school"), 1)
    acts = activity(network, ties, "months", basis, directed=False)
    one, other, total = acts.source, acts.target, acts.weight
    acting = every.of(*schema.relations_with("activity"))
    state = ties.in_force & ~acting & (every.source < every.schools)
    parents, _ = study(network).parents(day)
    ends = (
        np.concatenate([every.source[state], parents.source]).astype(np.int64),
        np.concatenate([every.target[state], parents.target]).astype(np.int64),
    )
    formal = np.minimum(*ends) * size + np.maximum(*ends)
    common = np.zeros(len(one), dtype=np.bool_)
    for first in member[one].T:
        for second in member[other].T:
            common |= (first == second) & (first >= 0)
    reported = network.reported("school")
    keep = (total >= HIDDEN) & ~np.isin(one * size + other, formal) & ~common
    keep &= reported[one] | reported[other]
    one, other, total = one[keep], other[keep], total[keep]
    schools = network.columns("school", "name")
    frame = pd.DataFrame(
        {
            "source": schools.index.array[one],
            "source_name": schools["name"].array[one],
            "target": schools.index.array[other],
            "target_name": schools["name"].array[other],
            "months_active": total,
        }
    ).astype(dict.fromkeys(["source", "source_name", "target", "target_name"], "str"))
    return frame.iloc[np.lexsort((other, one, -total))].reset_index(drop=True)


def _fit(ends: tuple[Ints, Ints], acts: Activity, found: Communities, main: Ints) -> dict[str, Any]:
    """Return modularity, and how well communities agree with alliances."""
    both = main >= 0
    agreed = agreement(main[both], found.label[both]) if both.any() else None
    alone = np.where(both, main, -2 - np.arange(len(main)))  # without an alliance: by oneself
    return {
        "modularity": found.modularity,
        "modularity_best": found.best,
        "modularity_directed": modularity(*ends, acts.weight, found.label, directed=True),
        "modularity_formal": modularity(*ends, acts.weight, alone) if both.any() else None,
        "compared": int(both.sum()),
        **{key: None if agreed is None else getattr(agreed, key) for key in _AGREE},
    }


def chart(result: Result, lang: Lang) -> Figure:
    """Draw activity inside the busiest alliances, and a mark where chance would be."""
    from liantu.plots import bars, style
    from liantu.plots.fonts import cut

    colours = {"silent": style.ALARM, "paper": style.WARN, "undecided": style.FAINT}
    colours["real"] = style.BLUES[1]
    table = result.table.sort_values("member_activity", ascending=False, kind="stable")
    first = table.head(bars.TOP)
    made = style.figure(0.27 * len(first) + 0.9)
    axes = made.add_subplot()
    ids = pd.Series(first.index, index=first.index)
    words = [cut(name, bars.NAME) for name in first["name"].astype("str").fillna(ids)]
    values, chance = (first[key].to_numpy(float) for key in ("inside", "expected_inside"))
    y = bars.ranking(axes, words, np.maximum(values, chance), "none")
    axes.barh(y, values, 0.66, color=[colours[word] for word in first["group_status"]])
    axes.scatter(chance, y, marker="|", s=130, color=style.INK, linewidths=1.4, zorder=3)
    for row, value in enumerate(values):
        axes.text(max(value, chance[row]), row, f"  {bars.number(value)}", va="center", size=8)
    axes.set_title(label("groups_axis", lang, "label"), loc="left", size=9, color=style.MUTED)
    used = [word for word in STATUSES if (first["group_status"] == word).any()]
    style.legend(made, [(colours[word], label(word, lang, "group_status")) for word in used])
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return which alliances stand on paper alone; all of them and hidden ties as annexes."""
    if result.table.empty:
        return []
    figures, command = result.summary, asked.command("groups")
    frame = named(result.table)
    told = {key: f"{figures[key]:,}" for key in _TOLD}
    blocks: list[Block] = [
        Text(asked.tell("groups_sentence", **told)),
        chart_of(asked, result, command, asked.say("groups_chart")),
    ]
    paper = frame[frame["group_status"].isin(["silent", "paper"])]
    columns = ["name", "schools", "active_schools", "member_activity", "inside"]
    columns += ["expected_inside", "group_status"]
    if len(paper):
        title = asked.say("groups_paper_title")
        blocks.append(table(asked, title, paper, columns, command, rows=FEW, annex="groups"))
    hidden = result.tables["hidden_ties"]
    ends = ["source_name", "target_name", "months_active"]
    shown = hidden.assign(
        **{f"{end}_name": hidden[f"{end}_name"].fillna(hidden[end]) for end in ("source", "target")}
    )
    heads = {"source_name": "pair_one", "target_name": "pair_other"}
    annexes = (
        *annex("groups", asked.say("groups_all"), frame, [*columns, "p_value", "q_value"], command),
        *annex("hidden", asked.say("groups_hidden"), shown, ends, command, heads),
    )
    return [Section("groups", asked.say("groups_title"), tuple(blocks), annexes=annexes)]


_TOLD = ("groups", "groups_real", "groups_paper", "groups_silent", "groups_undecided", "hidden")
