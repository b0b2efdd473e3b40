"""Distance: how far the nearest core or supporter is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import pandas as pd

from liantu.errors import Message, OptionError, RequestError
from liantu.graph.cover import cover
from liantu.graph.kernels import Bools, Ints, pick
from liantu.graph.near import FARTHEST, Datum, km_of, leading, located, nearest, places, stage_fits
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet
from liantu.graph.travel import soonest, times
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, total
from liantu.results.sections import annex, chart_of, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

To = Literal["core", "supporter", "member", "school"]
By = Literal["km", "minutes"]
BANDS: dict[By, tuple[float, ...]] = {
    "km": (5.0, 10.0, 20.0, 50.0, 100.0),
    "minutes": (15.0, 30.0, 45.0, 60.0, 90.0, 120.0),
}
MEASURE: dict[By, str] = {"km": "km_straight", "minutes": "minutes"}
LONGEST = 10_000.0  # minutes: a week
FAR = 20.0  # km from which on the report speaks of a school: a setting that no rule prescribes


@analysis(
    order=15,
    chapter="gaps",
    highlights=("in_scope", "measured", "km_median", "km_max", "beyond_uncovered"),
    zh="""距离：最近的核心校或支援方有多远。

    按直线距离，或按自行填报的行车时间表，为统计范围内的每所学校找出最近的核心校（或支援方、集团
    成员校、任一学校），列出公里数和分钟数、超出限定的学校，并按距离段和地区汇总，同时注明各校是否
    已覆盖。最远的学校列在最前。

    参数
    ----
    to
        量到哪一类学校：core 为核心校，supporter 为统计日有支援关系的支援学校，member 为集团成员校
        （含核心校），school 为任一学校。
    by
        按什么找最近：km 为直线公里数，minutes 为“行车时间”表中的分钟数。
    limit_km
        超过多少公里算远；不填则不判断。
    limit_minutes
        按分钟找最近时，超过多少分钟算远；不填则不判断。
    datum
        坐标：stated 按原坐标计算，wgs84 先由所注坐标系换算为 WGS-84。

    说明
    ----
    直线距离是地球大圆距离（km_straight），不是路程；实际路程更长，山区可达数倍。行车时间只用自行填报的
    表，不作推算：表中没有的学校计入“未能测量”；一行对往返都适用，除非表中另有返程；同一对学校有多行时取
    最少的分钟数。按公里找最近时，表中有的分钟数一并列出，反之亦然。只计统计日开办的
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
    by: By = "km",
    limit_km: float | None = None,
    limit_minutes: float | None = None,
    any_stage: bool = False,
    datum: Datum = "stated",
) -> Result:
    """Distance: how far the nearest core or supporter is.

    Finds for every school in scope the nearest core (or supporter, member of an alliance, or any
    school) by straight line or by the user's own table of travel times, and counts schools by
    distance and by region, with those that are not covered among them. The farthest come first.

    Parameters
    ----------
    to
        What to measure to: core; supporter, a school that supports another on the date; member, a
        school of an alliance, cores included; school, any other.
    by
        What is nearest: km, by straight line; minutes, by the table of travel times.
    limit_km
        From how many kilometres on a school counts as far; not judged by default.
    limit_minutes
        By minutes: from how many on a school counts as far; not judged by default.
    datum
        stated: coordinates as they are; wgs84: first converted from the datum they are stated in.

    Returns
    -------
    Result
        ``table``: one row a school in scope, farthest first, with the nearest, ``km_straight``
        (km) and ``minutes``. ``summary``: schools measured, median and largest distance, within
        and beyond the limit. ``tables``: ``by_km`` or ``by_minutes`` (schools within some
        distances), ``by_region``.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class, coordinates
        cannot be converted, or minutes are asked for and there is no table of travel times.
    OptionError
        If an option is malformed, or a limit is not of what is asked for.

    Notes
    -----
    A straight line is a great circle, not a way: roads are longer, in mountains several times.
    Minutes are those of the table alone, nothing is estimated: a school that it does not have is
    not measured. A row holds both ways unless the table has the way back, too; of several rows of
    a pair the least counts. By kilometres the minutes that the table has are shown, too, and the
    other way round.
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
    limit = _limit(by, limit_km, limit_minutes)
    day, known = day_of(network, as_of), study(network)
    if by == "minutes" and not network.size("travel"):
        raise RequestError.of("no_travel")
    frame = network.columns("school", "name", "region", "stage", "urban_rural", "pupils")
    ties = known.tie_set(day, window)
    _, in_scope = schools_in_scope(network, ties.opened, scope, rural)
    covered = cover(known, ties, pick(engine), distances=False).covered
    place, notes = places(network, datum)
    targets, said = _targets(known, ties, to)
    stage, fits = stage_fits(frame["stage"], any_stage=any_stage)
    taking = times(network, day)
    if by == "km":
        near, km = nearest(place, stage, fits, np.flatnonzero(in_scope), targets)
        minutes = taking.between(np.arange(len(near)), near)
    else:
        wanted = np.isin(np.arange(len(frame)), targets)
        near, minutes = soonest(taking, stage, fits, in_scope, wanted)
        km = km_of(np.linalg.norm(place - place[near], axis=1))
        km[near < 0] = np.nan
    ids = pd.Series(network.ids("school").astype("str"))
    shown = frame.assign(
        covered=covered,
        nearest_school=pd.Series(ids.reindex(near).to_numpy(), dtype="str").array,
        km_straight=km,
        minutes=minutes,
        beyond=_beyond(km if by == "km" else minutes, limit),
    )[in_scope].rename_axis("school")
    notes += _unmeasured(shown, by, in_scope, located(place), stage)
    return Result(
        table=shown.sort_values(
            [MEASURE[by], "school"], ascending=[False, True], na_position="last", kind="stable"
        ),
        summary=_summary(shown, by, limit),
        tables={
            f"by_{by}": _by_distance(shown, by, limit),
            "by_region": _by_region(network, shown, by, limit is not None),
        },
        notes=(*ties.notes, *said, *notes),
    )


def _limit(by: By, limit_km: float | None, limit_minutes: float | None) -> float | None:
    """Return the limit of what is asked for."""
    given = {"km": limit_km, "minutes": limit_minutes}
    for key, most in (("km", FARTHEST), ("minutes", LONGEST)):
        if (value := given[key]) is not None:
            check_range(value, f"limit_{key}", 0, most)
            if key != by:
                raise OptionError.of("limit_of_other", option=f"--limit-{key}", value=f"--by {key}")
    return given[by]


def _unmeasured(
    shown: pd.DataFrame, by: By, in_scope: Bools, there: Bools, stage: Ints
) -> list[Message]:
    """Return why schools are not measured."""
    if by == "minutes":
        bare = int(shown["minutes"].isna().sum())
        return [Message("not_in_travel", {"count": bare})] if bare else []
    counts = {
        "not_placed": int((in_scope & ~there).sum()) if there.any() else 0,
        "not_staged": int((in_scope & there & (stage < 0)).sum()),
    }
    return [Message(code, {"count": count}) for code, count in counts.items() if count]


def _targets(known: Study, ties: TieSet, to: To) -> tuple[Ints, list[Message]]:
    """Return the schools to measure to, and what is to be said of them."""
    if to == "school":
        return np.flatnonzero(ties.opened), []
    if to == "member":
        return np.unique(known.members(ties.day).school).astype(np.int64), []
    if to == "supporter":
        sources = np.unique(ties.graph.source).astype(np.int64)
        return sources[sources < len(ties.opened)], []
    leads, none = leading(known, ties)
    return leads, [Message("no_cores")] if none else []


def _beyond(values: Any, limit: float | None) -> Any:
    """Return which distances are beyond the limit; missing where that is not known or not asked."""
    far = pd.Series(values > (np.inf if limit is None else limit), dtype="boolean")
    return far.mask(np.isnan(values) | (limit is None)).array


def _summary(table: pd.DataFrame, by: By, limit: float | None) -> dict[str, Any]:
    counted = int(table[MEASURE[by]].notna().sum())
    far = table[table["beyond"].fillna(False).astype(bool)]
    judged = limit is not None
    spread = {
        f"{key}_{what}": float(getattr(values, what)()) if len(values) else None
        for key, column in MEASURE.items()
        for values in [table[column].dropna()]
        for what in ("median", "max")
    }
    return {
        "in_scope": len(table),
        "measured": counted,
        "not_measured": len(table) - counted,
        **spread,
        "within": counted - len(far) if judged else None,
        "beyond": len(far) if judged else None,
        "beyond_uncovered": int((~far["covered"]).sum()) if judged else None,
        "pupils_beyond": total(far["pupils"]) if judged else None,
    }


def _by_distance(table: pd.DataFrame, by: By, limit: float | None) -> pd.DataFrame:
    """Return how many schools have what is nearest within some distances."""
    limits = np.array(sorted({*BANDS[by], *([] if limit is None else [limit])}))
    known = table[table[MEASURE[by]].notna()].sort_values(MEASURE[by], kind="stable")
    last = np.searchsorted(known[MEASURE[by]].to_numpy(), limits, side="right")
    bare = ~known["covered"].to_numpy(dtype=bool)
    pupils = known["pupils"].fillna(0).to_numpy(dtype=np.int64)
    counts = {
        "schools": np.ones(len(known), dtype=np.int64),
        "pupils": pupils,
        "uncovered": bare.astype(np.int64),
        "pupils_uncovered": pupils * bare,
    }
    sums = {key: np.append(0, np.cumsum(values))[last] for key, values in counts.items()}
    return pd.DataFrame({f"within_{by}": limits, **sums})


def _by_region(network: Network, table: pd.DataFrame, by: By, judged: bool) -> pd.DataFrame:
    regions = network.columns("region", "name", "level", "parent")
    codes = regions.index.get_indexer(pd.Index(table["region"]))
    codes = np.where(table["region"].notna(), codes, -1)
    values = table[MEASURE[by]].to_numpy(dtype=float)
    known = ~np.isnan(values)
    far = table["beyond"].fillna(False).to_numpy(dtype=bool)
    bare = ~table["covered"].to_numpy(dtype=bool)
    sums = {
        "in_scope": np.ones(len(table)), "measured": known, "beyond": far,
        "beyond_uncovered": far & bare,
    }  # fmt: skip
    rolled = {
        key: network.roll_up(codes, np.asarray(each, dtype=float)).round().astype(np.int64)
        for key, each in sums.items()
    }
    whole = network.roll_up(codes, np.where(known, values, 0.0))
    mean = np.where(rolled["measured"] > 0, whole / np.maximum(rolled["measured"], 1), np.nan)
    frame = regions[["name", "level", "parent"]].assign(**rolled, **{f"{by}_mean": mean})
    for key in ("beyond", "beyond_uncovered"):
        unjudged = np.full(len(frame), not judged)
        frame[key] = frame[key].astype("Int64").mask(unjudged)
    return frame[network.reported("region")].rename_axis("region").reset_index()


# -- chart and report ------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw schools by distance, those that are not covered apart."""
    from liantu.plots import bars, style

    by = cast(By, result.parameters["by"])
    bands, values = BANDS[by], result.table[MEASURE[by]]
    table = result.table[values.notna()]
    if table.empty:
        return style.empty(lang)
    band = np.searchsorted(np.array(bands), values.dropna().to_numpy(), side="left")
    covered = table["covered"].to_numpy(dtype=bool)
    all_, bare = (
        np.bincount(band[keep], minlength=len(bands) + 1) for keep in (covered | True, ~covered)
    )
    ends = [f"{end:g}" for end in bands]
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
    axes.set_xlabel(label(f"{by}_chart", lang, "label"), size=8)
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
    timed = ["minutes"] if frame["minutes"].notna().any() else []
    every = [*columns[:4], "covered", *columns[4:], *timed]
    whole = annex("distance", asked.say("distance_all"), frame, every, command)
    return [Section("distance", title, tuple(blocks), annexes=whole)]
