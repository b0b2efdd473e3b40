"""Peers: schools in like circumstances, and who among them could help."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from liantu.analyses.coverage import stage_keys
from liantu.analyses.subjects import subjects
from liantu.errors import Message
from liantu.graph import gower
from liantu.graph.feasible import DETOUR, counties, feasible, lines
from liantu.graph.gower import Features, Peers
from liantu.graph.kernels import Bools, Floats, Ints
from liantu.graph.near import FARTHEST, km_of, places
from liantu.graph.network import Network
from liantu.graph.outcomes import measures, outcomes
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.spans import day_number
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, named
from liantu.results.sections import table as first_rows
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# measures: how many pupils board
BOARDERS = (
    "boarders",
    "寄宿生",
    "寄宿生数",
    "寄宿学生数",
    "住宿生数",
)
NUMBERS, CLASSES = ("log_pupils", "pupils_per_teacher", "boarding"), ("urban_rural", "type")


@analysis(
    order=27,
    chapter="advice",
    most=3000,  # of more it takes longer than the rest of a report
    highlights=("in_scope", "with_peers", "with_better", "with_helper"),
    zh="""同类学校：哪些学校处境相近，其中谁做得更好、可以帮上忙。

    按规模、生师比、城乡类型、学校类型（有寄宿数据时含寄宿比例）为每所学校找出同学段中最相近的学校；
    给定指标时，列出其中指标更好的，并列出可以结对的：指标更好的同类学校和核心校，核心校在前，越相近
    越靠前，同时列出其教师能补上的学科。只看“相近且更好”，不是排行榜。

    参数
    ----
    k
        每所学校取多少所同类学校。
    measure
        用来比较的指标（年度数据 observations 中的 measure），取统计日前最近一期；只有一个可用时可
        不填，没有时只找同类学校。
    better
        higher 为指标越高越好，lower 为越低越好。
    max_km
        不同县的学校之间最远多少公里可以结对；同一县内不限。公里数为直线距离乘以 1.3，只是估计。
    stage
        只列这些学段的学校，以逗号分隔。

    说明
    ----
    距离为 Gower 距离：数值特征（在校生数取对数、生师比、寄宿比例）为两校之差 ÷ 同学段的极差，类别
    特征相同为 0、不同为 1，各特征等权平均；任一方缺少的特征不计，至少要有两项。从不使用结果类指标，
    因此同类学校不随成绩变化。同类学校在全部在办的同学段学校中找，不限统计范围；没有学校注明学段时不分
    学段，未注明学段的学校不比较。
    可以结对：指标更好，同县或不超过 max_km，两校之间没有现行或已登记的联系，不属同一隶属系列，且为
    同类学校，或学段规则同“结对”的核心校（超出同学段极差的按 1 计）。缺学科的口径同“学科”；能补上
    指其在职教师中有任教该学科的。表按学校编号排列。

    来源
    ----
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties.
    Biometrics 27, 857–871。
    """,
)
def peers(
    network: Network,
    *,
    as_of: AsOf = None,
    k: int = 20,
    measure: str | None = None,
    better: Literal["higher", "lower"] = "higher",
    max_km: float = 40.0,
    scope: Scope = "rural",
    rural: Rural = "strict",
    stage: tuple[str, ...] | None = None,
    window: str = "12m",
) -> Result:
    """Peers: schools in like circumstances, and who among them could help.

    Finds for each school those of its stage that are most alike in size, pupils per teacher,
    urban–rural class and type (and boarding, where it is known); of a measure which of them do
    better; and who could be paired with it, better peers and better cores, cores first, the most
    alike before others, with the subjects they could fill. Similar and better, never a league
    table.

    Parameters
    ----------
    k
        How many peers of each school.
    measure
        The measure among the observations to compare, its latest figure by the date; needless where
        only one can be an outcome; where there is none, schools are only found alike.
    better
        higher or lower figures are better.
    max_km
        How far apart schools of different counties may lie to be paired; within a county any way
        will do. Kilometres are great circles × 1.3, an estimate.
    stage
        Only schools of these stages, separated by commas.

    Returns
    -------
    Result
        ``table``: one row a school in scope, by id. ``tables``: ``peer_list``, every peer, nearest
        first; ``helpers``, peers and cores that do better and could be paired; ``features``, what
        schools are compared by, and of how many it is known.

    Raises
    ------
    RequestError
        If no school has the measure, or rural schools are asked for and none has a class.
    OptionError
        If an option is malformed.

    Notes
    -----
    The distance is Gower's: of numbers (logarithm of pupils, pupils per teacher, share of boarders)
    the difference ÷ the range within the stage, of classes 0 or 1, the mean of all features that
    both schools have, with equal weights; two are needed at least. Outcomes are never used, so that
    peers do not change with results. Peers are looked for among all open schools of the stage,
    whether in scope or not; where no school has a stage, stages do not matter, and a school without
    one is not compared.

    Who could help does better, lies in the same county or within max_km, has no tie with the school
    now or later on, is not of its line of parents and children, and is a peer, or a core that
    teaches all grades of the school, as in ``pairing``; cores come first, then who is most alike
    (what lies beyond the range of the stage counts as 1). A subject is filled if the school lacks
    it, as in ``subjects``, and a teacher of the other teaches it.

    References
    ----------
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics
    27, 857–871.

    Examples
    --------
    >>> schools = pd.DataFrame(
    ...     {"id": list("abc"), "pupils": [100, 120, 900], "urban_rural": ["220", "220", "111"]}
    ... )
    >>> network = Network.from_frames({"school": schools}, as_of="2024-06-30")
    >>> peers(network, scope="all", k=1).table["nearest_peer"].to_dict()
    {'a': 'b', 'b': 'a', 'c': 'b'}
    """
    check_range(k, "k", 1, 1000)
    check_range(max_km, "max_km", 0, FARTHEST)
    wanted, day, known = stage_keys(stage), day_of(network, as_of), study(network)
    ties = known.tie_set(day, window)
    frame = network.columns("school", "name", "region", "stage", "pupils")
    _, inside = schools_in_scope(network, ties.opened, scope, rural)
    if wanted is not None:
        inside = inside & frame["stage"].isin(wanted).to_numpy(dtype=bool)
    named = (measure,) if measure is not None else measures(network)
    notes = []
    if len(named) > 1:
        notes.append(Message("effect_measures", {"names": ", ".join(named)}))
    outcome = _latest(network, named[0], day) if len(named) == 1 else np.full(len(frame), np.nan)

    features, told = _features(network, day)
    groups, unstaged = _stages(frame["stage"], ties.opened)
    count = int((inside & unstaged).sum())
    if count:
        notes.append(Message("peers_unstaged", {"count": count}))
    rows = np.flatnonzero(inside)
    found = _peers(features, groups, rows, k)
    sign = 1.0 if better == "higher" else -1.0
    pairs = _pairs(found, rows, outcome, sign)
    helpers = _helpers(known, ties, features, groups, pairs, rows, outcome * sign, max_km)
    filled = _filled(network, helpers, day, scope, rural, window)
    helpers = helpers.assign(subjects_filled=filled, latest_figure=outcome[helpers["peer"]])
    table = _table(frame, rows, pairs, helpers, features, outcome, network)
    some = table[["peers", "better_peers", "helpers"]].gt(0).sum()
    summary = {
        "in_scope": len(table),
        "with_peers": int(some["peers"]),
        "measure": named[0] if len(named) == 1 else None,
        "with_outcome": int(table["latest_figure"].notna().sum()),
        "with_better": int(some["better_peers"]),
        "with_helper": int(some["helpers"]),
        "with_core": int((table["helping_cores"] > 0).sum()),
    }
    ids = pd.Series(network.ids("school").astype("str"))
    lists = [_named(x, ids) for x in (pairs, helpers)]
    return Result(
        table=table,
        summary=summary,
        tables={
            "peer_list": lists[0][
                ["school", "peer", "distance", "features_shared", "latest_figure", "does_better"]
            ],
            "helpers": lists[1][
                [
                    "school",
                    "peer",
                    "is_core",
                    "among_peers",
                    "distance",
                    "km",
                    "latest_figure",
                    "subjects_filled",
                ]
            ],
            "features": told,
        },
        notes=(*ties.notes, *notes),
    )


# -- who is alike ------------------------------------------------------------------------------


def _features(network: Network, day: date) -> tuple[Features, pd.DataFrame]:
    """Return what schools are compared by, and of how many each is known."""
    frame = network.columns("school", "pupils", "teachers", "urban_rural", "type")
    pupils, teachers = (
        frame[key].to_numpy(dtype=float, na_value=np.nan) for key in ("pupils", "teachers")
    )
    pupils[pupils <= 0], teachers[teachers <= 0] = np.nan, np.nan
    boarders = np.full(len(frame), np.nan)
    written = set(network.column("observations", "measure").dropna().astype(str))
    for name in BOARDERS:
        if name in written:
            boarders = _latest(network, name, day)
            break
    numbers = np.column_stack([np.log(pupils), pupils / teachers, boarders / pupils])
    codes = [pd.factorize(frame[key], sort=True)[0].astype(np.int64) for key in CLASSES]
    classes = np.column_stack(codes)
    known = [*(~np.isnan(numbers)).sum(axis=0), *(classes >= 0).sum(axis=0)]
    told = pd.DataFrame({"feature": [*NUMBERS, *CLASSES], "schools": known})
    told = told[told["schools"] > 0].reset_index(drop=True)
    return Features(numbers, classes), told.astype({"feature": "str", "schools": "int64"})


def _latest(network: Network, measure: str, day: date) -> Floats:
    """Return the latest figure of each school, NaN where it has none."""
    values = outcomes(network, measure, day, None, None).values
    last = np.full(len(values), np.nan)
    for column in values.T:
        last = np.where(np.isnan(column), last, column)
    return last


def _stages(stages: pd.Series, opened: Bools) -> tuple[Ints, Bools]:
    """Return a number for each open school's stage, −1 for none, and which open ones have none."""
    codes = pd.factorize(stages, sort=True)[0].astype(np.int64)
    unstaged = opened & (codes < 0)
    if not (codes[opened] >= 0).any():
        codes, unstaged = np.zeros_like(codes), np.zeros_like(unstaged)
    return np.where(opened, codes, -1), unstaged


def _peers(features: Features, groups: Ints, rows: Ints, k: int) -> Peers:
    """Return the peers of the schools asked for, stage by stage."""
    shape = (len(rows), k)
    found = Peers(np.full(shape, -1), np.full(shape, np.nan), np.zeros(shape, dtype=np.int64))
    for group in np.unique(groups[rows[groups[rows] >= 0]]).tolist():
        here = np.flatnonzero(groups[rows] == group)
        some = gower.peers(features, rows[here], np.flatnonzero(groups == group), k)
        for whole, part in zip(found, some, strict=True):
            whole[here, : part.shape[1]] = part
    return found


# -- who does better, and could help -----------------------------------------------------------


def _pairs(found: Peers, rows: Ints, outcome: Floats, sign: float) -> pd.DataFrame:
    """Return a row a school and peer, nearest first, by position."""
    row, place = np.nonzero(found.peer >= 0)
    school, peer = rows[row], found.peer[row, place]
    return pd.DataFrame(
        {
            "school": school,
            "peer": peer,
            "distance": found.distance[row, place],
            "features_shared": found.features[row, place],
            "latest_figure": outcome[peer],
            "does_better": sign * (outcome[peer] - outcome[school]) > 0,
        }
    )


def _helpers(
    known: Study, ties: TieSet, features: Features, groups: Ints, pairs: pd.DataFrame, rows: Ints,
    worth: Floats, max_km: float,
) -> pd.DataFrame:  # fmt: skip
    """Return who does better and could be paired: cores that serve the stage, and peers."""
    network, size = known.network, known.network.size("school")
    cores = np.flatnonzero(known.cores(ties.day)[0])
    served = feasible(network, cores, rows[groups[rows] >= 0], max_km)
    school = np.concatenate([served.school, pairs["school"].to_numpy(dtype=np.int64)])
    helper = np.concatenate([served.core, pairs["peer"].to_numpy(dtype=np.int64)])
    key = np.unique((school * size + helper)[worth[helper] > worth[school]])
    school, helper = key // max(size, 1), key % max(size, 1)
    km, near = _near(network, school, helper, max_km)
    families, _ = known.parents(ties.day)
    above, below = lines(families, size)
    every = ties.ties
    live = (every.end >= day_number(ties.day)) & (every.source < size)
    bound = np.concatenate(
        [above * size + below, every.source[live].astype(np.int64) * size + every.target[live]]
    )
    free = near & ~np.isin(school * size + helper, bound) & ~np.isin(helper * size + school, bound)
    school, helper, km = school[free], helper[free], km[free]
    distance = np.full(len(school), np.nan)
    for group in np.unique(groups[school]).tolist():
        here = groups[school] == group
        among = np.flatnonzero(groups == group)
        distance[here] = gower.apart(features, school[here], helper[here], among)
    frame = pd.DataFrame(
        {
            "school": school,
            "peer": helper,
            "is_core": np.isin(helper, cores),
            "among_peers": np.isin(
                school * size + helper, (pairs["school"] * size + pairs["peer"]).to_numpy()
            ),
            "distance": distance,
            "km": km.round(1),
        }
    )
    order = ["school", "is_core", "distance", "peer"]
    frame = frame.sort_values(order, ascending=[True, False, True, True], kind="stable")
    return frame.reset_index(drop=True)


def _near(network: Network, one: Ints, other: Ints, max_km: float) -> tuple[Floats, Bools]:
    """Return kilometres of pairs, and which lie in one county or near enough."""
    county, (spot, _) = counties(network), places(network)
    km = km_of(np.sqrt(((spot[one] - spot[other]) ** 2).sum(axis=1))) * DETOUR
    same = (county[one] == county[other]) & (county[one] >= 0)
    return km, same | (km <= max_km)


def _filled(
    network: Network, helpers: pd.DataFrame, day: date, scope: Scope, rural: Rural, window: str
) -> Any:
    """Return the subjects that each school lacks and a teacher of the helper teaches."""
    taught = network.column("teacher", "subject")
    if helpers.empty or taught.isna().all():
        return pd.array([None] * len(helpers), dtype="str")
    lacks = subjects(network, as_of=day, scope=scope, rural=rural, window=window).table
    missing = lacks["missing_subjects"].dropna().str.split("、").explode()
    ids = network.ids("school")
    gaps = pd.DataFrame({"school": ids.get_indexer(missing.index), "subject": missing.to_numpy()})
    works, numbers = network.edges("works_at"), network.numbering
    now = works.holds(day_number(day))
    teaches = pd.DataFrame(
        {
            "peer": works.target[now].astype(np.int64) - numbers.base("school"),
            "subject": taught.to_numpy()[works.source[now] - numbers.base("teacher")],
        }
    ).dropna()
    rows = helpers[["school", "peer"]].reset_index().merge(gaps, on="school")
    rows = rows.merge(teaches.drop_duplicates(), on=["peer", "subject"])
    rows = rows.sort_values(["index", "subject"])
    joined = rows.groupby("index")["subject"].agg("、".join)
    return joined.reindex(helpers.index).astype("str").array


def _table(
    frame: pd.DataFrame, rows: Ints, pairs: pd.DataFrame, helpers: pd.DataFrame,
    features: Features, outcome: Floats, network: Network,
) -> pd.DataFrame:  # fmt: skip
    """Return the schools in scope, by id."""
    size = len(frame)
    ids = pd.Series(network.ids("school").astype("str"))

    def number(some: pd.DataFrame) -> Ints:
        return np.bincount(some["school"], minlength=size)[rows].astype(np.int64)

    def first(some: pd.DataFrame) -> Any:
        place = some.drop_duplicates("school").set_index("school")["peer"].reindex(rows)
        return pd.Series(ids.reindex(place.fillna(-1).astype(np.int64)).to_numpy(), dtype="str")

    has = (~np.isnan(features.numbers)).sum(axis=1) + (features.classes >= 0).sum(axis=1)
    median = pairs.groupby("school")["latest_figure"].median().reindex(rows).to_numpy(dtype=float)
    return (
        frame.iloc[rows]
        .rename_axis("school")
        .assign(
            features_known=has[rows],
            peers=number(pairs),
            nearest_peer=first(pairs).array,
            latest_figure=outcome[rows],
            peers_median=median,
            better_peers=number(pairs[pairs["does_better"]]),
            helpers=number(helpers),
            helping_cores=number(helpers[helpers["is_core"]]),
            suggested=first(helpers).array,
        )
    )


def _named(frame: pd.DataFrame, ids: pd.Series) -> pd.DataFrame:
    """Return a frame with ids instead of positions."""
    ends = {key: ids.iloc[frame[key]].array for key in ("school", "peer")}
    return frame.assign(**ends).reset_index(drop=True)


def chart(result: Result, lang: Lang) -> Figure:
    """Draw each school's figure beside the median of its peers; without figures how many it has."""
    from liantu.plots import bars, style

    table = result.table
    told = table[table["latest_figure"].notna() & table["peers_median"].notna()]
    if told.empty:
        return bars.first_numbers(table[["name", "peers"]], lang)
    made = style.figure(3.2)
    axes = made.add_subplot()
    x, y = (told[key].to_numpy(dtype=float) for key in ("peers_median", "latest_figure"))
    helped = told["helpers"].to_numpy() > 0
    low, high = min(x.min(), y.min()), max(x.max(), y.max())
    axes.plot([low, high], [low, high], color=style.FAINT, linewidth=1)
    for some, colour in ((~helped, style.BLUES[0]), (helped, style.BLUES[2])):
        axes.plot(x[some], y[some], "o", color=colour, markersize=4, alpha=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(label("peers_median", lang), size=8)
    axes.set_ylabel(label("latest_figure", lang), size=8)
    style.legend(
        made,
        [
            (style.BLUES[2], label("with_helper", lang)),
            (style.BLUES[0], label("no_helper", lang, "label")),
        ],
    )
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return who could help the schools that fall behind their peers; all schools as an annex."""
    if not result.summary["with_outcome"]:
        return []
    frame, command = named(result.table), asked.command("peers")
    names = asked.network.columns("school", "name")["name"]
    frame = frame.assign(suggested_name=frame["suggested"].map(names).fillna(frame["suggested"]))
    behind = frame[(frame["better_peers"] > 0) & frame["suggested"].notna()]
    behind = behind.sort_values("pupils", ascending=False, kind="stable")  # no order of merit
    figures = result.summary
    measure = label(figures["measure"], asked.lang, "measure")
    told = {
        key: figures[key] for key in ("with_outcome", "with_better", "with_helper", "with_core")
    }
    text = Text(asked.tell("peers_sentence", measure=measure, **told))
    columns = ["name", "region", "stage", "pupils", "latest_figure", "peers_median"]
    columns += ["better_peers", "suggested_name"]
    heads = {"suggested_name": "suggested_peer"}
    title = asked.say("peers_title")
    rows = first_rows(asked, title, behind, columns, command, FEW, heads, "peers")
    whole = annex("peers", asked.say("peers_all"), frame, columns, command, heads)
    blocks = (text, rows) if len(behind) else (text,)
    return [Section("peers", title, blocks, annexes=whole)]
