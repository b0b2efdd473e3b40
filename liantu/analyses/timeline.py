"""Timeline: how groups and coverage grew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.cover import cover
from liantu.graph.groups import groups_on, moves
from liantu.graph.kernels import Bools, pick
from liantu.graph.network import Network
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.spans import LOW, dates
from liantu.graph.stops import stops
from liantu.graph.study import study
from liantu.options import parse_window
from liantu.results.asked import Asked
from liantu.results.blocks import Section
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.results.sections import annex, chart_of, named
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Measure = Literal["membership", "coverage"]


@analysis(
    order=5,
    chapter="changes",
    highlights=("groups", "schools", "covered", "in_scope", "rate"),
    zh="""时间线：集团与覆盖逐年如何变化。

    按年度、阶段或给定日期，列出当时有效的集团、核心校、成员校和集团覆盖率或覆盖率（含分子、分母），
    以及相邻两个日期之间加入和退出的学校数。

    参数
    ----
    as_of
        统计日期，即时间线的终点；默认取数据自带的日期，否则为今天。
    by
        year 为每年年底，phase 为 network.toml 中的各个阶段（阶段结束日），或以逗号分隔的日期。
    measure
        已覆盖的含义：membership 为当日在有效集团中（集团覆盖率），coverage 为“覆盖”分析中的已覆盖。
    window
        活动回溯的窗口期，例如 12m；只用于 coverage。

    说明
    ----
    比率 = 已覆盖 ÷ 统计范围；分母为当日在办的学校，因此各日期的分母可以不同。集团、核心校、成员校
    和学校数不分城乡；一所学校在多个集团时只计一次，任一集团的核心校计为核心校。加入、退出为与上一行
    相比进入或离开集团的学校，第一行没有上一行。加入、退出、变更集团三张表列出各日期相对上一日期变动的学校。最后一年和未结束的阶段按统计日期计；晚于统计日期
    开始的阶段不列。年度从最早注明日期的加入（coverage 为最早的联系）开始。

    来源
    ----
    有效期的规则见本工具的概念说明。
    """,
)
def timeline(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    by: str = "year",
    measure: Measure = "membership",
    scope: Scope = "all",
    rural: Rural = "strict",
    window: str = "12m",
) -> Result:
    """Timeline: how groups and coverage grew.

    For each year, phase or date: the groups, core schools and member schools in force, the share
    of schools in a group, or covered, with numerator and denominator, and the schools that joined
    or left since the date before.

    Parameters
    ----------
    as_of
        The end of the timeline; the network's own date by default, else today.
    by
        year for the end of each year, phase for the phases of network.toml (judged on their last
        day), or dates separated by commas.
    measure
        What covered means: membership is being in a group in force, coverage is covered as in the
        analysis of that name.
    window
        How far back activities count, such as 12m; for coverage only.

    Returns
    -------
    Result
        ``table``: one row a phase, year or date. ``summary``: the last row, and all joins and
        exits. ``tables``: ``joined``, ``left`` and ``changed``: the schools that entered their
        first group, left their last one, or changed groups since the date before, with the groups
        before and after.

    Raises
    ------
    RequestError
        If phases are asked for and the network has none, or rural schools and none has a class.
    OptionError
        If an option is malformed.

    Notes
    -----
    rate = covered ÷ in_scope, and the schools in scope are those open on the date, so the
    denominator may change. Groups, core schools, member schools and schools are counted whether
    rural or not; a school in several groups counts once, as core if it is core of any. Joined and
    left compare with the row above; the first has none. The last year and a phase without an end
    are judged on the as-of date; phases that begin later are left out. Years begin with the first
    dated membership (coverage: the first dated tie).

    References
    ----------
    The rules of dates stand in the concepts page of the documentation.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {
    ...         "school": pd.DataFrame({"id": ["a", "b", "c", "d"]}),
    ...         "member_of": pd.DataFrame(
    ...             {"source": ["a", "b", "c"], "target": "g", "start": ["2022", "2022", "2023"]}
    ...         ),
    ...     },
    ...     as_of="2023-06-30",
    ... )
    >>> timeline(network).table[["covered", "in_scope", "rate"]].to_dict("index")["2023"]
    {'covered': 3, 'in_scope': 4, 'rate': 0.75}
    """
    day = day_of(network, as_of)
    parse_window(window)
    known, kernels = study(network), pick(engine)
    ties = known.ties(day)
    if measure == "membership":
        first = _first_membership(network)
    else:
        begun = ties.start[network.reported("school")[ties.target] & (ties.start > LOW)]
        first = dates(begun).min()
    days = stops(network, by, day, first) if network.size("school") else []
    rows: list[dict[str, Any]] = []
    nobody = groups_on(network, day).iloc[:0]
    moved = {key: [_during("", frame)] for key, frame in moves(nobody, nobody).items()}
    before: Bools | None = None
    groups: pd.DataFrame | None = None
    for name, stop in days:
        opened = known.opened(stop)
        counted, in_scope = schools_in_scope(network, opened, scope, rural)
        now = known.members(stop)
        now = now.where(counted[now.school])
        inside, core = np.zeros(len(opened), dtype=bool), np.zeros(len(opened), dtype=bool)
        inside[now.school] = True
        core[now.school[now.core]] = True
        row = {
            "phase": name,
            "date": pd.Timestamp(stop),
            "groups": len(np.unique(now.alliance)),
            "core_schools": int(core.sum()),
            "member_schools": int((inside & ~core).sum()),
            "schools": int(inside.sum()),
            "covered": int((inside & in_scope).sum()),
            "in_scope": int(in_scope.sum()),
            "joined": None if before is None else int((inside & ~before).sum()),
            "left": None if before is None else int((before & ~inside).sum()),
        }
        if measure == "coverage":
            found = cover(known, known.tie_set(stop, window), kernels, distances=False)
            row["covered"] = int((found.covered & in_scope).sum())
        rows.append(row)
        before, last = inside, groups
        groups = groups_on(network, stop)
        for key, frame in moves(groups if last is None else last, groups).items():
            moved[key].append(_during(name, frame))
    late = len(network.phases) - len(rows) if by == "phase" and rows else 0
    return answer(rows, moved, late, ties.notes)


def answer(
    rows: list[dict[str, Any]], moved: dict[str, list[pd.DataFrame]], late: int,
    notes: tuple[Message, ...],
) -> Result:  # fmt: skip
    """Return the result from the rows of the timeline, whatever engine found them.

    Parameters
    ----------
    rows
        Name, date and counts of each row.
    moved
        By list of the result, who moved in each row.
    late
        How many phases begin after the date judged.
    notes
        What was counted or left out of the ties.
    """
    table = _table(rows)
    if late:
        notes = (*notes, Message("phases_later", {"count": late}))
    lists = {key: pd.concat(frames, ignore_index=True) for key, frames in moved.items()}
    return Result(table=table, summary=_summary(table), tables=lists, notes=notes)


def meant(result: Result) -> dict[str, str]:
    """Return what to call figures that are not what their name says elsewhere: keys of labels.

    Being in a group is not being covered, so a timeline of memberships has no coverage.
    """
    if result.name != "timeline" or result.parameters.get("measure") != "membership":
        return {}
    return {"covered": "in_groups", "rate": "group_rate"}


def _first_membership(network: Network) -> pd.Timestamp:
    """Return the first dated day of a membership of a school reported on; missing if none."""
    found = study(network).memberships()
    begun = found.start[network.reported("school")[found.school] & (found.start > LOW)]
    earliest: pd.Timestamp = dates(begun).min()
    return earliest


def _during(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return who moved with the row of the timeline in which that was, in front."""
    frame.insert(0, "phase", pd.Series(name, index=frame.index, dtype="str"))
    return frame


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    counts = ["groups", "core_schools", "member_schools", "schools", "covered", "in_scope"]
    moves = ["joined", "left"]
    frame = pd.DataFrame(rows, columns=["phase", "date", *counts, *moves])
    frame = frame.astype({"phase": "str", "date": "datetime64[s]"})
    frame = frame.astype(dict.fromkeys(counts, np.int64) | dict.fromkeys(moves, "Int64"))
    share = (frame["covered"] / frame["in_scope"]).where(frame["in_scope"] > 0)
    frame.insert(len(counts) + 2, "rate", share)
    return frame.set_index("phase")


def _summary(table: pd.DataFrame) -> dict[str, Any]:
    keys = ["groups", "core_schools", "member_schools", "schools", "covered", "in_scope"]
    last = {key: int(table[key].iloc[-1]) if len(table) else 0 for key in keys}
    moves = {key: int(table[key].sum()) for key in ("joined", "left")}
    return {**last, "rate": rate(last["covered"], last["in_scope"]), **moves}


def chart(result: Result, lang: Lang) -> Figure:
    """Draw groups and the rate at each date, one panel each."""
    from liantu.plots import bars, style

    table = result.table
    words = [str(key) for key in table.index]
    if pd.api.types.is_datetime64_any_dtype(table.index):
        words = [str(day.date()) for day in table.index]
    made = style.figure(2.0)
    for axes, key in zip(made.subplots(1, 2), ("groups", "rate"), strict=True):
        values = table[key].to_numpy(dtype=float, na_value=np.nan)
        axes.bar(np.arange(len(values)), np.nan_to_num(values), 0.6, color=style.BLUES[1])
        for place, value in enumerate(values):
            text = "–" if np.isnan(value) else f"{value:.0%}" if key == "rate" else f"{value:,.0f}"
            height = float(np.nan_to_num(value))
            axes.text(place, height, text, ha="center", va="bottom", size=8)
        axes.set_xlim(-0.6, max(len(words), 4) - 0.4)
        axes.set_xticks(np.arange(len(words)), words, rotation=0 if len(words) < 6 else 90)
        said = meant(result).get(key)
        bars.upright(axes, label(said, lang, "label") if said else label(key, lang))
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return the course of groups, figures named as what they measure."""
    if result.table.empty or not result.summary["groups"]:
        return []
    command, heads = asked.command("timeline"), meant(result)
    frame, title = result.table.reset_index(), asked.say("timeline_title")
    columns = [key for key in frame.columns if key != "date" or "phase" not in frame]
    chart = chart_of(asked, result, command, asked.say("timeline_chart"))
    moved = [
        result.tables[key].assign(move=label(key, asked.lang))
        for key in ("joined", "left", "changed")
    ]
    moves = named(pd.concat(moved).set_index("school"))
    wanted = ["phase", "name", "move", "groups_before", "groups_after"]
    annexes = (
        *annex("timeline", title, frame, columns, command, heads),
        *annex("moves", asked.say("timeline_moves"), moves, wanted, command),
    )
    return [Section("timeline", title, (chart,), annexes=annexes)]
