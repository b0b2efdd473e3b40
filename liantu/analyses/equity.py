"""Equity: how evenly the schools of each county are provided for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph import balance
from liantu.graph.compulsory import Sections, Split, sections_of
from liantu.graph.network import Network
from liantu.graph.sharing import Homes, Moved, homes, moved
from liantu.options import check_range
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Cells, Items, Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import FEW, annex, chart_of, named
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EACH = 2  # sentences of each sort in the report


@analysis(
    order=13,
    chapter="gaps",
    highlights=("counties", "cells_meet", "cells_fail", "cells_not_judged", "school_sections_fail"),
    zh="""均衡：各县义务教育学校的资源配置是否均衡。

    按县、学段、指标计算七项资源指标的校际差异系数，判断是否达标，列出未达标的学校和缺口，并回答：
    在集团内共享教师后差异系数会怎样，至少共享多少才能达标，缺了哪一所学校结论就会改变。

    参数
    ----
    min_share
        县内已知数据的学生至少占多大比例才作判断；默认 1，即每所学校都须有数据。
    split
        九年一贯制等学校的用房、场馆、设备如何分到各学段：weighted 按学生数加权（小学、初中、高中
        1∶1.1∶1.32，完全中学 1∶1.2），教师和教室须分学段填报；even 各学段都用全校的数。

    说明
    ----
    差异系数按学生数加权：X̄ = Σ (Pᵢ/P) Xᵢ，CV = √Σ (Pᵢ/P)(Xᵢ − X̄)² / X̄，上限小学 0.50、初中 0.45，
    按未取舍的数判断；与上限相差不超过 0.005 的标为“接近”。达标（meets）、未达标（fails）、未判断
    （not_judged）：有学校缺数据即不判断，并列出已知学生的比例。县的每项指标都达标才算达标。不计特殊
    教育学校（按校名识别）、职业学校和不足 50 人的教学点。学校至少六项达到标准、其余一项达到 85 %。
    标准和上限取自各省公开的办法，分学段的折算办法出自早先的八项指标方法，是否适用于七项指标未经证实。
    缺口为不达标学校按标准所缺的教师、平方米、元、间。集团内共享只对三项教师指标计算：每校拿出比例 λ
    在集团（同县同学段）内均分，CV(λ) = √(B + (1−λ)²W) / X̄。按实际任教（as staffed）把统计日在外
    交流的教师整人移到任教学校；跟岗和培训不移动，教师的属性不明时不计算。全部学校均已观测，没有抽样
    误差，故不给区间，而列出去掉即改变结论的学校。县指学校所在的县级地区；没有地区注明级别时取最上
    一级。学生数取该指标同一时期的数，没有则取最近的数。

    来源
    ----
    指标和差异系数：教育部县域义务教育优质均衡发展督导评估办法（教督〔2017〕6 号）的各省公开办法。
    基尼系数和泰尔指数：Theil, H. (1967). Economics and Information Theory. North-Holland。
    McLoone 指数：Berne, R., Stiefel, L. (1984). The Measurement of Equity in School Finance.
    Johns Hopkins University Press。
    """,
)
def equity(
    network: Network,
    *,
    as_of: AsOf = None,
    min_share: float = 1.0,
    split: Split = "weighted",
) -> Result:
    """Equity: how evenly the schools of each county are provided for.

    Works out how far the schools of a county differ in each of the seven resource indicators,
    primary and junior apart, and whether the limit holds; which schools fall short and by how
    much; what sharing teachers inside the groups would change, and how much must be shared at
    least; and which single school decides a verdict.

    Parameters
    ----------
    min_share
        The share of a county's pupils whose schools state a figure that a verdict needs; 1 by
        default: every school.
    split
        How floor, sports area and equipment of a nine-year school (and the like) are shared out:
        weighted counts pupils of primary, junior and senior section as 1 : 1.1 : 1.32 (complete
        secondary schools 1 : 1.2), teachers and classrooms stated by section; even takes the
        figure of the whole school for each section.

    Returns
    -------
    Result
        ``table``: one row a county, stage and indicator, failing ones first. ``tables``:
        ``by_county``, ``by_school``, ``failing`` (what a school lacks), ``sharing``, ``flips``,
        ``groupings``, ``group_means``, ``schools_left_out``.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    Everything is weighted by pupils: X̄ = Σ (Pᵢ/P) Xᵢ, CV = √Σ (Pᵢ/P)(Xᵢ − X̄)² / X̄, at most 0.50
    (primary) or 0.45 (junior), judged unrounded; close is within 0.005 of the limit. A school
    without a figure makes its county not_judged, beside the share of pupils known; a county meets
    only if every indicator does. Special schools (told by name), vocational schools and teaching
    points under 50 pupils are left out. A school needs six of seven thresholds and 85 % of the
    seventh. Thresholds and limits are from public rules of provinces; splitting comes from an
    earlier method with eight indicators and is not confirmed for the seven. What schools below
    a threshold lack is in teachers, m², yuan, rooms. Sharing, for the three teacher
    indicators alone: each school pools a share λ inside its group (same county and stage), so
    CV(λ) = √(B + (1−λ)²W) / X̄. As staffed, teachers posted elsewhere on the date count where they
    teach, as whole people; shadowing and training move nobody, and where it is unknown whether an
    indicator counts a posted teacher there is no figure. All schools are observed, there is no
    sampling error and no interval; instead the schools are named without which the verdict is
    another. A county is the region of that level above a school; where no region has it, the
    topmost. Pupils are those of the period of the figure, else the latest.

    References
    ----------
    Indicators and CV: provincial rules for the ministry's evaluation of quality and balance of
    compulsory education (教督〔2017〕6号). Gini and Theil: Theil, H. (1967). Economics and
    Information Theory. North-Holland. McLoone index: Berne, R., Stiefel, L. (1984). The
    Measurement of Equity in School Finance. Johns Hopkins University Press.

    Examples
    --------
    >>> import pandas as pd
    >>> pupils, books = [45, 37, 89, 76, 55], [279, 137, 935, 160, 402]
    >>> school = pd.DataFrame({"id": list("abcde"), "stage": "primary", "pupils": pupils})
    >>> figures = pd.DataFrame({"id": list("abcde"), "measure": "equipment_per_pupil"})
    >>> figures["value"] = [100 * book / pupil for book, pupil in zip(books, pupils)]
    >>> network = Network.from_frames({"school": school, "observations": figures})
    >>> row = equity(network).table.iloc[0]
    >>> row["indicator"], row["balance"], round(float(row["cv"]), 6)
    ('equipment_per_pupil', 'fails', 0.515257)
    """
    check_range(min_share, "min_share", 0, 1)
    day = day_of(network, as_of)
    found = sections_of(network, day, split)
    groups, posted = homes(network, day), moved(network, day)
    cells = balance.cells_of(found, min_share)
    flips = balance.flips(network, cells, found)
    every = balance.table(network, cells, flips)
    by_school, failing = balance.schools(network, found)
    tables = {
        "by_county": balance.by_county(every, by_school),
        "by_school": by_school,
        "failing": failing,
        "sharing": balance.sharing(network, cells, found, groups, posted),
        "flips": flips,
        **balance.groupings(network, cells, found, groups),
        "schools_left_out": _left_out(network, found),
    }
    summary = {
        **_verdicts("counties", tables["by_county"]["balance"]),
        **_verdicts("cells", every["balance"]),
        **_verdicts("school_sections", by_school["adequacy"]),
        "not_counted": len(found.left),
        "flips": len(flips),
    }
    rank = every["balance"].map({"fails": 0, "not_judged": 1, "meets": 2})
    ratio = -(every["cv"] / every["limit"]).fillna(0)
    order = every.assign(rank=rank, ratio=ratio).sort_values(["rank", "ratio"], kind="stable")
    return Result(
        table=every.loc[order.index].reset_index(drop=True),
        summary=summary,
        tables=tables,
        notes=tuple(_notes(network, found, cells, tables["sharing"], groups, posted, split)),
    )


def _verdicts(key: str, verdicts: pd.Series) -> dict[str, int]:
    words = {"meet": "meets", "fail": "fails", "not_judged": "not_judged"}
    counts = {f"{key}_{end}": int((verdicts == word).sum()) for end, word in words.items()}
    return {key: len(verdicts), **counts}


def _left_out(network: Network, found: Sections) -> pd.DataFrame:
    """Return the schools that do not count, or of which too little is known."""
    schools = network.columns("school", "name", "stage", "pupils")
    left = found.left.sort_values(["reason", "school"], kind="stable")
    told = schools.iloc[left["school"].to_numpy(np.int64)]
    county = balance.named(network, "region", left["county"].to_numpy(np.int64))
    told = told.rename_axis("school").reset_index()
    return told.assign(county=county, why_left_out=left["reason"].astype("str").array)


def _notes(
    network: Network, found: Sections, cells: balance.Cells, sharing: pd.DataFrame,
    groups: Homes, posted: Moved, split: Split,
) -> list[Message]:  # fmt: skip
    """Return what was taken for granted, and what is missing."""
    reasons = found.left["reason"]
    several = len(np.unique(found.school[found.split]))
    vague = found.split[:, None] & np.isnan(found.value)
    unstated = len(np.unique(found.school[vague[:, balance.APART].any(axis=1)]))
    part = (cells.county >= 0) & ~np.append(network.reported("region"), True)[cells.county]
    counts: dict[str, int] = {
        "undated_states": groups.undated + posted.undated,
        "equity_pupils_unknown": int(reasons.isin(["pupils_unknown", "sections_unknown"]).sum()),
        "equity_stage_unknown": int((reasons == "stage_unknown").sum()),
        "equity_no_county": int((reasons == "no_county").sum()),
        "equity_no_pupils": int((reasons == "no_pupils").sum()),
        "equity_special": int((reasons == "special").sum()),
        f"equity_split_{split}": several,
        "equity_split_unstated": unstated if split == "weighted" else 0,
        "equity_one_school": int((cells.spread.items == 1).sum()),
        "equity_all_zero": int((cells.spread.mean == 0).sum()),
        "equity_part_counties": len(np.unique(cells.county[part])),
        "several_alliances": int(groups.several[np.unique(found.school)].sum()),
        "equity_unsure_postings": int((sharing["cv"] - sharing["cv_as_staffed"]).isna().sum())
        - int(sharing["cv"].isna().sum()),
    }
    notes = [Message(code, {"count": count}) for code, count in counts.items() if count]
    if len(found.school) and np.isnan(found.value).all():
        notes.insert(0, Message("equity_no_figures"))
    if len(found.school) and found.taken != "level":
        names = balance.named(network, "region", np.unique(cells.county[cells.county >= 0]))
        notes.append(Message(f"equity_counties_{found.taken}", {"listed": tuple(names[:5])}))
    return notes


# -- chart and report ------------------------------------------------------------------------


def chart(result: Result, lang: Lang) -> Figure:
    """Draw the schools of each county and the Lorenz curve, of the least even indicator."""
    from liantu.plots.equality import equality

    names = result.names.get("county", pd.Series(dtype="str"))
    return equality(result.table, result.tables["by_school"], names, lang)


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return which indicators fail where, what it would take, and which schools fall short."""
    if result.table.empty or result.table["cv"].isna().all():
        return []
    command, found, title = asked.command("equity"), result.summary, asked.say("equity_title")
    told = asked.tell("equity_sentence", **found)
    blocks: list[Block] = [Text(told)]
    parts = (_unbalanced, _shared, _decided)
    if points := [line for part in parts for line in part(asked, result)[:EACH]]:
        blocks.append(Items(tuple(points), quiet=True))
    blocks.append(chart_of(asked, result, command, asked.say("equity_chart"), told))
    columns = ["county", "stage", "indicator", "balance", "cv", "limit", "schools", "below"]
    head = asked.say("equity_cells")
    weak = named(result.tables["by_school"].set_index("school"))
    weak = weak[weak["adequacy"] == "fails"]
    wanted = ["name", "stage", "pupils", "met", "below", "below_85", "weakest", "worst_ratio"]
    every = [*columns, "known_share", "mean", "threshold", "shortfall", "amount_unit"]
    annexes = (
        *annex("equity", head, result.table, every, command),
        *annex("equity_schools", asked.say("equity_schools"), weak, wanted, command),
    )
    return [Section("equity", title, tuple(blocks), annexes=annexes)]


def _where(asked: Asked, row: pd.Series) -> dict[str, str]:
    """Return the words for county, stage and indicator of a row."""
    lang = asked.lang
    county = Cells(asked.network, lang).column("county", pd.Series([row["county"]]))[0]
    if pd.isna(row["county"]):
        county = asked.say("all_one_county")
    stage, indicator = label(row["stage"], lang, "stage"), label(row["indicator"], lang)
    return {"county": county, "level": stage, "measure": indicator}


def _unbalanced(asked: Asked, result: Result) -> list[str]:
    """Return a sentence for each of the first indicators above their limit."""
    found = []
    for _, row in result.table[result.table["balance"] == "fails"].head(FEW).iterrows():
        unit = label(row["amount_unit"], asked.lang, "amount_unit")
        lack = f"{row['shortfall']:,.1f}{'' if asked.lang == 'zh' else ' '}{unit}"
        numbers = {"cv": f"{row['cv']:.3f}", "limit": f"{row['limit']:.2f}", "lack": lack}
        numbers["below"] = f"{row['below']:,}"
        numbers["close"] = asked.say("equity_close") if row["close"] else ""
        found.append(asked.tell("equity_fails", **_where(asked, row), **numbers))
    return found


def _shared(asked: Asked, result: Result) -> list[str]:
    """Return a sentence for each teacher indicator above its limit: what sharing can do."""
    frame, found = result.tables["sharing"], []
    could = frame["sharing"].isin(["within_reach", "out_of_reach"])
    for _, row in frame[could].head(FEW).iterrows():
        share = "" if pd.isna(row["share_needed"]) else f"{row['share_needed']:.1%}"
        numbers = {"share": share, "pooled": f"{row['cv_shared']:.3f}"}
        numbers["limit"] = f"{row['limit']:.2f}"
        found.append(asked.tell(f"equity_{row['sharing']}", **_where(asked, row), **numbers))
    return found


def _decided(asked: Asked, result: Result) -> list[str]:
    """Return a sentence for each of the first schools that decide a verdict alone."""
    found = []
    for _, row in result.tables["flips"].head(FEW).iterrows():
        school = row["name"] if pd.notna(row["name"]) else row["school"]
        numbers = {"cv": f"{row['cv']:.3f}", "other": f"{row['cv_without']:.3f}"}
        found.append(asked.tell("equity_flips", value=school, **_where(asked, row), **numbers))
    return found
