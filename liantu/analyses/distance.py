"""Distance: how far the nearest core or supporter is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.cover import cover
from liantu.graph.kernels import Ints, pick
from liantu.graph.near import FARTHEST, Datum, located, nearest, places, stage_fits
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, total
from liantu.results.sections import annex, chart_of, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

To = Literal["core", "supporter", "member", "school"]
BANDS = (5.0, 10.0, 20.0, 50.0, 100.0)  # km
FAR = 20.0  # km from which on the report speaks of a school: a setting that no rule prescribes


@analysis(
    order=15,
    chapter="gaps",
    highlights=("in_scope", "measured", "km_median", "km_max", "beyond_uncovered"),
    zh="""距离：最近的核心校或支援方有多远。

    按直线距离，为统计范围内的每所学校找出最近的核心校（或支援方、集团成员校、任一学校），列出公里数、
    超出限定距离的学校，并按距离段和地区汇总，同时注明各校是否已覆盖。最远的学校列在最前。

    参数
    ----
    to
        量到哪一类学校：core 为核心校，supporter 为统计日有支援关系的支援学校，member 为集团成员校
        （含核心校），school 为任一学校。
    limit_km
        超过多少公里算远；不填则不判断。

    说明
    ----
    直线距离是地球大圆距离（km_straight），不是路程；实际路程更长，山区可达数倍。只计统计日开办的
    学校，不计自身。没有核心校时，从各支援学校算起。学段的规则与“结对”相同：对方须能教本校的全部学段；
    没有学校注明学段时不作要求；本校未注明学段的不量，计入“未能测量”。距离相同时取编号靠前的。限定
    地区时，地区以外的学校同样可作为最近学校。一个网络只有一种坐标系，混用即报错。GCJ-02、BD-09 坐标
    与 WGS-84 相差数百米（BD-09 可达 1.5 公里），但在同一坐标系内量出的距离影响很小：按通行公式
    随机抽取 20 万对相距 20 公里的地点，GCJ-02 最多差 82 米，BD-09 最多差 110 米。

    来源
    ----
    大圆距离：Sinnott, R. W. (1984). Virtues of the haversine. Sky and Telescope 68(2), 159。
    最近点查找：Bentley, J. L. (1975). Multidimensional binary search trees used for associative
    searching. Communications of the ACM 18, 509–517。
    """,
)
def distance(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
    to: To = "core",
    limit_km: float | None = None,
    any_stage: bool = False,
    datum: Datum = "stated",
) -> Result:
    """Distance: how far the nearest core or supporter is.

    Finds for every school in scope the nearest core (or supporter, member of an alliance, or any
    school) by straight line, and counts schools by distance and by region, with those that are not
    covered among them. The farthest come first.

    Parameters
    ----------
    to
        What to measure to: core; supporter, a school that supports another on the date; member, a
        school of an alliance, cores included; school, any other.
    limit_km
        From how many kilometres on a school counts as far; not judged by default.

    Returns
    -------
    Result
        ``table``: one row a school in scope, farthest first, with the nearest and ``km_straight``
        (km). ``summary``: schools measured, median and largest distance, within and beyond the
        limit. ``tables``: ``by_km`` (schools within some distances), ``by_region``.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class, or coordinates
        cannot be converted.
    OptionError
        If an option is malformed.

    Notes
    -----
    A straight line is a great circle, not a way: roads are longer, in mountains several times.
    Only schools open on the date count, and none is nearest to itself. Where there is no core,
    every school that supports stands for one. Stages are matched as in ``pairing``: the other
    school teaches all grades of this one; where no school has a stage, stages do not matter; a
    school without one is not measured and counted as such. Of schools equally far the first by id
    is named. With a region in focus schools elsewhere can be nearest, too. A network has one datum;
    two are an error. GCJ-02 and BD-09 lie hundreds of metres off WGS-84 (BD-09 up to 1.5 km), but
    distances measured within one of them are hardly touched: of 200,000 random pairs 20 km apart,
    none was off by more than 82 m in GCJ-02 and 110 m in BD-09.

    References
    ----------
    Great circles: Sinnott, R. W. (1984). Virtues of the haversine. Sky and Telescope 68(2), 159.
    Search: Bentley, J. L. (1975). Multidimensional binary search trees used for associative
    searching. Communications of the ACM 18, 509–517.

    Examples
    --------
    >>> import pandas as pd
    >>> schools = pd.DataFrame(
    ...     {"id": ["a", "b"], "quality": ["core", None], "lon": [100, 100], "lat": [30, 31]}
    ... )
    >>> network = Network.from_frames({"school": schools}, as_of="2024-06-30")
    >>> result = distance(network, scope="all", limit_km=100)
    >>> result.table["km_straight"].round(1).to_dict(), result.summary["beyond"]
    ({'b': 111.2, 'a': nan}, 1)
    """
    if limit_km is not None:
        check_range(limit_km, "limit_km", 0, FARTHEST)
    day, known = day_of(network, as_of), study(network)
    frame = network.columns("school", "name", "region", "stage", "urban_rural", "pupils")
    ties = known.tie_set(day, window)
    _, in_scope = schools_in_scope(network, ties.opened, scope, rural)
    covered = cover(known, ties, pick(engine), distances=False).covered
    place, notes = places(network, datum)
    targets, said = _targets(known, ties, to)
    stage, fits = stage_fits(frame["stage"], any_stage=any_stage)
    near, km = nearest(place, stage, fits, np.flatnonzero(in_scope), targets)
    ids = pd.Series(network.ids("school").astype("str"))
    shown = frame.assign(
        covered=covered,
        nearest_school=pd.Series(ids.reindex(near).to_numpy(), dtype="str").array,
        km_straight=km,
        beyond=_beyond(km, limit_km),
    )[in_scope].rename_axis("school")
    unplaced = int((in_scope & ~located(place)).sum())
    if unplaced and located(place).any():
        notes.append(Message("not_placed", {"count": unplaced}))
    unstaged = int((in_scope & located(place) & (stage < 0)).sum())
    if unstaged:
        notes.append(Message("not_staged", {"count": unstaged}))
    return Result(
        table=shown.sort_values(
            ["km_straight", "school"], ascending=[False, True], na_position="last", kind="stable"
        ),
        summary=_summary(shown, limit_km),
        tables={
            "by_km": _by_km(shown, limit_km),
            "by_region": _by_region(network, shown, limit_km is not None),
        },
        notes=(*ties.notes, *said, *notes),
    )


def _targets(known: Study, ties: TieSet, to: To) -> tuple[Ints, list[Message]]:
    """Return the schools to measure to, and what is to be said of them."""
    if to == "school":
        return np.flatnonzero(ties.opened), []
    if to == "member":
        return np.unique(known.members(ties.day).school).astype(np.int64), []
    sources = np.unique(ties.graph.source).astype(np.int64)
    helpers = sources[sources < len(ties.opened)]
    if to == "supporter":
        return helpers, []
    leads = np.flatnonzero(known.cores(ties.day)[0])
    return (leads, []) if len(leads) else (helpers, [Message("no_cores")])


def _beyond(km: Any, limit: float | None) -> Any:
    """Return which distances are beyond the limit; missing where that is not known or not asked."""
    far = pd.Series(km > (np.inf if limit is None else limit), dtype="boolean")
    return far.mask(np.isnan(km) | (limit is None)).array


def _summary(table: pd.DataFrame, limit: float | None) -> dict[str, Any]:
    km = table["km_straight"].dropna()
    far = table[table["beyond"].fillna(False).astype(bool)]
    judged = limit is not None
    return {
        "in_scope": len(table),
        "measured": len(km),
        "not_measured": len(table) - len(km),
        "km_median": float(km.median()) if len(km) else None,
        "km_max": float(km.max()) if len(km) else None,
        "within": len(km) - len(far) if judged else None,
        "beyond": len(far) if judged else None,
        "beyond_uncovered": int((~far["covered"]).sum()) if judged else None,
        "pupils_beyond": total(far["pupils"]) if judged else None,
    }


def _by_km(table: pd.DataFrame, limit: float | None) -> pd.DataFrame:
    """Return how many schools have what is nearest within some distances."""
    limits = np.array(sorted({*BANDS, *([] if limit is None else [limit])}))
    known = table[table["km_straight"].notna()].sort_values("km_straight", kind="stable")
    last = np.searchsorted(known["km_straight"].to_numpy(), limits, side="right")
    bare = ~known["covered"].to_numpy(dtype=bool)
    pupils = known["pupils"].fillna(0).to_numpy(dtype=np.int64)
    counts = {
        "schools": np.ones(len(known), dtype=np.int64),
        "pupils": pupils,
        "uncovered": bare.astype(np.int64),
        "pupils_uncovered": pupils * bare,
    }
    sums = {key: np.append(0, np.cumsum(values))[last] for key, values in counts.items()}
    return pd.DataFrame({"within_km": limits, **sums})


def _by_region(network: Network, table: pd.DataFrame, judged: bool) -> pd.DataFrame:
    regions = network.columns("region", "name", "level", "parent")
    codes = regions.index.get_indexer(pd.Index(table["region"]))
    codes = np.where(table["region"].notna(), codes, -1)
    km = table["km_straight"].to_numpy(dtype=float)
    known = ~np.isnan(km)
    far = table["beyond"].fillna(False).to_numpy(dtype=bool)
    bare = ~table["covered"].to_numpy(dtype=bool)
    sums = {
        "in_scope": np.ones(len(table)), "measured": known, "beyond": far,
        "beyond_uncovered": far & bare,
    }  # fmt: skip
    rolled = {
        key: network.roll_up(codes, np.asarray(values, dtype=float)).round().astype(np.int64)
        for key, values in sums.items()
    }
    whole = network.roll_up(codes, np.where(known, km, 0.0))
    mean = np.where(rolled["measured"] > 0, whole / np.maximum(rolled["measured"], 1), np.nan)
    frame = regions[["name", "level", "parent"]].assign(**rolled, km_mean=mean)
    for key in ("beyond", "beyond_uncovered"):
        unjudged = np.full(len(frame), not judged)
        frame[key] = frame[key].astype("Int64").mask(unjudged)
    return frame[network.reported("region")].rename_axis("region").reset_index()


# -- chart and report ------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw schools by distance, those that are not covered apart."""
    from liantu.plots import bars, style

    table = result.table[result.table["km_straight"].notna()]
    if table.empty:
        return style.empty(lang)
    band = np.searchsorted(np.array(BANDS), table["km_straight"].to_numpy(), side="left")
    covered = table["covered"].to_numpy(dtype=bool)
    all_, bare = (
        np.bincount(band[keep], minlength=len(BANDS) + 1) for keep in (covered | True, ~covered)
    )
    ends = [f"{end:g}" for end in BANDS]
    names = [f"≤ {ends[0]}"]
    names += [f"{low}–{high}" for low, high in pairwise(ends)]
    names.append(f"> {ends[-1]}")
    made = style.figure(0.25 * len(names) + 0.75)
    axes = made.add_subplot()
    rows = bars.ranking(axes, names, all_.astype(float), style.BLUES[0])
    axes.barh(rows, bare, 0.66, color=style.ALARM, hatch="////", edgecolor="white", linewidth=0)
    for row, (every, open_) in enumerate(zip(all_.tolist(), bare.tolist(), strict=True)):
        text = f" {every:,}" + (f" ({open_:,})" if open_ else "")
        axes.text(every, row, text, va="center", size=8)
    axes.set_xlabel(label("km_chart", lang, "label"), size=8)
    style.legend(
        made,
        [(style.BLUES[0], label("schools", lang)), (style.ALARM, label("uncovered", lang))],
    )
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return the uncovered schools that lie far from every core, and all distances as an annex."""
    if not result.summary["measured"]:
        return []
    command, frame = asked.command("distance"), named(result.table)
    ids = frame["nearest_school"].astype("str")
    names = ids.map(result.names["nearest_school"].astype("str"), na_action="ignore").fillna(ids)
    frame = frame.assign(nearest_school_name=names)
    measured = frame[frame["km_straight"].notna()]
    bare = measured[~measured["covered"].astype(bool)]
    far = bare[bare["km_straight"] > FAR]
    told = asked.tell(
        "distance_sentence", measured=len(measured), uncovered=len(bare), far=len(far),
        km=f"{FAR:g}", median=f"{float(result.summary['km_median']):,.1f}",
        most=f"{float(result.summary['km_max']):,.1f}",
    )  # fmt: skip
    title = asked.say("distance")
    columns = ["name", "region", "stage", "pupils", "nearest_school_name", "km_straight"]
    drawn = chart_of(asked, result, command, asked.say("distance_chart"), told)
    blocks: list[Block] = [Text(told), drawn]
    if len(far):
        far = far.assign(km_straight=far["km_straight"].round(1))
        head = asked.say("distance_far")
        blocks.append(table(asked, head, far, columns, command, annex="distance"))
    frame = frame.assign(km_straight=frame["km_straight"].round(2))
    every = [*columns[:4], "covered", *columns[4:]]
    whole = annex("distance", asked.say("distance_all"), frame, every, command)
    return [Section("distance", title, tuple(blocks), annexes=whole)]
