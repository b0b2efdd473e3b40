"""Access: what core schools have to give, shared among all pupils near them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.kernels import Floats
from liantu.graph.near import FARTHEST, Datum, around, located, places, stage_fits
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.study import study
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, named, table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from liantu.vocabulary import Lang

# Luo & Qi 2009: weights of the three thirds of the radius.
WEIGHTS = {"none": (1.0, 1.0, 1.0), "slow": (1.0, 0.68, 0.22), "sharp": (1.0, 0.42, 0.09)}


@analysis(
    order=16,
    chapter="gaps",
    highlights=("in_scope", "without_access", "capacity_total", "capacity_reached"),
    zh="""可及：核心校的力量由附近全部学生分摊，各校能得到多少。

    两步移动搜索法：先把每所核心校的力量（专任教师数，或每校计 1）除以其半径内学校的全部学生，再为
    每所学校把半径内各核心校的这一比值相加。最难得到支援的学校列在最前。

    参数
    ----
    capacity
        核心校的力量：teachers 为专任教师数，schools 为每所核心校计 1。
    radius_km
        直线距离多少公里以内算附近。
    decay
        远近的权重：none 不分远近，slow 与 sharp 把半径三等分，由近到远的权重分别为 1、0.68、0.22 和
        1、0.42、0.09。
    datum
        坐标：stated 按原坐标计算，wgs84 先由所注坐标系换算为 WGS-84。

    说明
    ----
    每百名学生可及量（access_per_100）是相对量：各校可及量与在校生数相乘再合计，等于半径内有学生的
    各核心校力量之和（capacity_reached）的 100 倍，即每一份力量恰好分完。统计日开办的全部学校都参与
    分摊，不限统计范围和地区，核心校自身的学生也参与；限定地区时，两项力量合计只计该地区的核心校；缺少
    在校生数的学校按 0 计，但仍给出可及量。
    没有专任教师数的核心校按 0 计并注明。半径和权重是设定值，没有规范依据，改变半径会改变结果。

    来源
    ----
    Luo, W., Wang, F. (2003). Measures of spatial accessibility to health care in a GIS environment.
    Environment and Planning B 30, 865–884；Luo, W., Qi, Y. (2009). An enhanced two-step floating
    catchment area (E2SFCA) method. Health & Place 15, 1100–1107（权重）。
    """,
)
def access(
    network: Network,
    *,
    as_of: AsOf = None,
    scope: Scope = "rural",
    rural: Rural = "strict",
    capacity: Literal["teachers", "schools"] = "teachers",
    radius_km: float = 20.0,
    decay: Literal["none", "slow", "sharp"] = "none",
    any_stage: bool = False,
    datum: Datum = "stated",
) -> Result:
    """Access: what core schools have to give, shared among all pupils near them.

    A two-step floating catchment: what each core has (full-time teachers, or one a school) is
    divided by all pupils within the radius of it; every school then adds up these shares of the
    cores within the radius of itself. Schools with least access come first.

    Parameters
    ----------
    capacity
        What a core has to give: teachers, or schools (each core counts one).
    radius_km
        How far is near, by straight line.
    decay
        none: near is near. slow and sharp: thirds of the radius, the nearest first, weigh 1, 0.68,
        0.22 and 1, 0.42, 0.09.
    datum
        stated: coordinates as they are; wgs84: first converted from the datum they are stated in.

    Returns
    -------
    Result
        ``table``: one row a school in scope, least access first. ``summary``: schools without
        access, what cores have and how much of it reaches pupils.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class, or coordinates
        cannot be converted.
    OptionError
        If an option is malformed.

    Notes
    -----
    ``access_per_100`` is relative: Σ access_per_100 × pupils over all schools is 100 times
    ``capacity_reached``, what those cores have that have pupils within their radius; nothing is
    given twice. All open schools share, whatever the scope and the region, with the pupils of the
    cores themselves; with a region in focus both capacities are those of its cores. A school
    without a number of pupils counts as 0 and gets its access all the
    same. A core without a number of teachers gives 0, and is counted. Radius and weights are
    settings that no rule prescribes; another radius gives another result.

    References
    ----------
    Luo, W., Wang, F. (2003). Measures of spatial accessibility to health care in a GIS environment.
    Environment and Planning B 30, 865–884. Luo, W., Qi, Y. (2009). An enhanced two-step floating
    catchment area (E2SFCA) method. Health & Place 15, 1100–1107 (weights).

    Examples
    --------
    >>> import pandas as pd
    >>> schools = pd.DataFrame(
    ...     {
    ...         "id": ["a", "b"], "quality": ["core", None], "lon": [100, 100], "lat": [30, 30.1],
    ...         "teachers": [60, 5], "pupils": [900, 100],
    ...     }
    ... )
    >>> network = Network.from_frames({"school": schools}, as_of="2024-06-30")
    >>> access(network, scope="all").table["access_per_100"].to_dict()
    {'a': 6.0, 'b': 6.0}
    """
    check_range(radius_km, "radius_km", 0, FARTHEST)
    day, known = day_of(network, as_of), study(network)
    keys = ("name", "region", "stage", "urban_rural", "pupils", "teachers")
    frame, opened = network.columns("school", *keys), known.opened(day)
    _, in_scope = schools_in_scope(network, opened, scope, rural)
    place, notes = places(network, datum)
    leads, there = known.cores(day)[0], located(place)
    pupils = frame["pupils"].fillna(0).to_numpy(dtype=float)
    has = np.where(leads, 1.0, 0.0)
    if capacity == "teachers":
        has = np.where(leads, frame["teachers"].fillna(0).to_numpy(dtype=float), 0.0)
        bare = int((leads & frame["teachers"].isna().to_numpy()).sum())
        notes += [Message("teachers_missing", {"count": bare})] if bare else []
    stage, fits = stage_fits(frame["stage"], any_stage=any_stage)
    found, reached, cores = np.zeros(len(frame)), 0.0, np.zeros(len(frame), dtype=np.int64)
    own = np.where(network.reported(), has, 0.0)
    for one in sorted({core for core, _ in fits}):
        mine = np.flatnonzero(leads & (stage == one))
        served = np.isin(stage, [school for core, school in fits if core == one])
        schools = np.flatnonzero(opened & served)
        for core, school, km in around(place, mine, schools, radius_km):
            weight = _weights(km, radius_km, decay)
            demand = np.bincount(core, weight * pupils[school], len(frame))
            share = np.divide(has, demand, out=np.zeros_like(has), where=demand > 0)
            found += np.bincount(school, weight * share[core], len(frame))
            cores += np.bincount(school, minlength=len(frame))
            reached += float(own[demand > 0].sum())
    known_ = there & (stage >= 0)
    shown = (
        frame.drop(columns="teachers")
        .assign(
            cores_near=pd.Series(cores, index=frame.index, dtype="Int64").mask(~known_),
            access_per_100=np.where(known_, 100 * found, np.nan),
        )[in_scope]
        .rename_axis("school")
    )
    lost = int((in_scope & ~known_).sum())
    if lost and there.any():
        notes.append(Message("not_judged", {"count": lost}))
    per = shown["access_per_100"]
    summary: dict[str, Any] = {
        "in_scope": len(shown),
        "judged": int(per.notna().sum()),
        "without_access": int((per == 0).sum()),
        "access_median": float(per.median()) if per.notna().any() else None,
        "capacity_total": float(own.sum()),
        "capacity_reached": reached,
    }
    order = ["access_per_100", "school"]
    ties = known.tie_set(day)
    return Result(
        table=shown.sort_values(order, na_position="last", kind="stable"),
        summary=summary,
        notes=(*ties.notes, *notes),
    )


def _weights(km: Floats, radius: float, decay: str) -> Floats:
    """Return what each pair weighs by the third of the radius that it lies in."""
    third = np.searchsorted([radius / 3, 2 * radius / 3], km, side="left")
    found: Floats = np.array(WEIGHTS[decay])[third]
    return found


def chart(result: Result, lang: Lang) -> Figure:
    """Draw how many schools have how much access."""
    from matplotlib.ticker import MaxNLocator

    from liantu.plots import style
    from liantu.vocabulary import label

    values = result.table["access_per_100"].dropna().to_numpy(dtype=float)
    if not len(values):
        return style.empty(lang)
    made = style.figure(2.4)
    axes = made.add_subplot()
    axes.hist(values, bins=min(20, max(5, len(values) // 5)), color=style.BLUES[1])
    axes.set_xlabel(label("access_per_100", lang), size=8)
    axes.set_ylabel(label("schools", lang), size=8)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))  # no half schools
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return the schools with least access, and all as an annex."""
    figures, values = result.summary, result.table["access_per_100"].dropna()
    if not figures["capacity_reached"] or values.empty:
        return []
    command, title = asked.command("access"), asked.say("access")
    frame = named(result.table[result.table["access_per_100"].notna()])
    frame = frame.assign(access_per_100=frame["access_per_100"].round(2))
    told = asked.tell(
        "access_sentence", judged=figures["judged"], without=figures["without_access"],
        km=f"{result.parameters['radius_km']:g}", median=f"{figures['access_median']:.2f}",
        low=f"{float(values.quantile(0.1)):.2f}",
    )  # fmt: skip
    columns = ["name", "region", "stage", "pupils", "cores_near", "access_per_100"]
    shown = table(asked, title, frame, columns, command, rows=FEW, annex="access")
    whole = annex("access", asked.say("access_all"), frame, columns, command)
    return [Section("access", title, (Text(told), shown), annexes=whole)]
