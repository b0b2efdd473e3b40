"""Expiry: what ends when, and what coverage would be if nothing is renewed."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from liantu.analyses._core import AsOf, Engine, Result, analysis, day_of
from liantu.analyses._schools import Rural, Scope, holds
from liantu.analyses.coverage import coverage
from liantu.errors import OptionError
from liantu.graph import schema
from liantu.graph.kernels import Bools
from liantu.graph.network import Network
from liantu.options import plus

# What is agreed for a time and can be renewed; employment and affiliation are neither.
_FARTHEST = "100y"  # the coverage of every month until then is worked out
AGREED = ("member_of", "part_of", "assists", "posted_to", "mentors", "joins", "supports", "pact")


@analysis(
    order=6,
    highlights=("ending", "ending_postings", "covered", "covered_end", "falling"),
    zh="""到期：哪些协议和交流何时到期，若不续签覆盖会怎样。

    按到期先后列出期限内到期的协议（集团成员、结对帮扶、师徒、中心、机构支持、区域协作）和教师交流，
    并给出若一概不续签，各月底的覆盖率（断崖表）以及因此不再被覆盖的学校。

    参数
    ----
    as_of
        统计日期；默认取数据自带的日期，否则为今天。
    engine
        计算引擎：auto、fast 或 reference（NetworkX，用于核对）。
    within
        期限，例如 12m：统计日之后、该期限之内（含最后一日）到期的都列出。
    scope
        覆盖率的统计范围：rural 只统计乡村学校，all 统计全部学校。
    rural
        乡村的含义：strict 为乡村（210、220），broad 为镇区加乡村（121–220）。
    window
        活动回溯的窗口期，例如 12m。

    说明
    ----
    只列统计日有效、学校在办的记录；集团成员的到期日为本记录与集团结束日中较早的一个；存疑记录不列，
    未注明结束日期的不会到期。断崖表中每个日期的数字，就是“覆盖”分析在该日期的结果：既不续签，也没有
    新的活动，活动移出窗口期后同样不再计入。已经登记、届时才开始的状态照常计入。“不再覆盖”列出统计日
    已覆盖、其后某个日期首次未覆盖的学校，支援方名称为此前一个日期的支援方。限定地区时，列出任一端
    在该地区的记录。

    来源
    ----
    覆盖的含义见“覆盖”分析。
    """,
)
def expiry(
    network: Network,
    *,
    as_of: AsOf = None,
    engine: Engine = "auto",
    within: str = "12m",
    scope: Scope = "rural",
    rural: Rural = "strict",
    window: str = "12m",
) -> Result:
    """Expiry: what ends when, and what coverage would be if nothing is renewed.

    Lists the agreements (memberships, assistance, mentoring, centres, support, pacts) and postings
    that end within a time, the soonest first; the coverage at each month end if nothing is renewed
    (the cliff); and the schools that are then covered no longer.

    Parameters
    ----------
    as_of
        The date judged; the network's own by default, else today.
    engine
        auto, fast or reference (NetworkX, for checking).
    within
        How far to look ahead, such as 12m: what ends after the date judged and up to the last day
        of this time.
    scope
        The schools that the rate counts: rural ones or all.
    rural
        What rural means: strict is 乡村 (210, 220), broad 镇区 + 乡村 (121–220).
    window
        How far back activities count, such as 12m.

    Returns
    -------
    Result
        ``table``: one row an agreement or posting that ends. ``tables``: ``cliff``, one row a
        month end, from the date judged to the end of the time; ``falling``, one row a school.

    Raises
    ------
    RequestError
        If rural schools are asked for and no open school has an urban–rural class.
    OptionError
        If an option is malformed.

    Notes
    -----
    Only rows in force on the date between open schools are listed. A membership ends with its own
    end or that of the alliance, whichever is earlier. Ambiguous rows are left out, and what has no
    end never ends. Each row of the cliff is what the analysis coverage gives for that date: nothing
    is renewed and nothing new happens, so activities drop out of the window too; states that are
    recorded and begin later count. Falling are schools covered on the date judged, with the first
    later date on which they are not and the supporters on the date before it. With a region in
    focus, rows with an end in the region are listed.

    References
    ----------
    What covered means stands in the analysis coverage.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"], "end": ["2024-08-15"]})},
    ...     as_of="2024-06-30",
    ... )
    >>> result = expiry(network, within="3m", scope="all")
    >>> result.tables["cliff"][["date", "covered"]].astype("str").values.tolist()
    [['2024-06-30', '1'], ['2024-07-31', '1'], ['2024-08-31', '0'], ['2024-09-30', '0']]
    """
    day = day_of(network, as_of)
    limit = plus(day, within)
    if limit > plus(day, _FARTHEST):
        allowed = f"≤ {_FARTHEST}"
        raise OptionError.of("bad_option_range", value=within, option="--within", allowed=allowed)
    months = pd.date_range(day, limit, freq="ME")
    found = [
        coverage(network, as_of=stop, engine=engine, scope=scope, rural=rural, window=window)
        for stop in sorted({day, *(month.date() for month in months), limit})
    ]
    table, falling = _ending(network, day, limit), _falling(found)
    cliff = pd.DataFrame(
        {
            "date": pd.Series([pd.Timestamp(each.as_of) for each in found], dtype="M8[s]"),
            **{
                key: np.array([each.summary[key] for each in found], dtype=np.int64)
                for key in ("covered", "in_scope")
            },
            "rate": np.array([each.summary["rate"] for each in found], dtype=float),
        }
    )
    first, last = found[0].summary, found[-1].summary
    summary = {
        "ending": len(table),
        "ending_postings": int((table["basis"] == "posted_to").sum()),
        **{key: first[key] for key in ("covered", "in_scope", "rate")},
        "covered_end": last["covered"],
        "in_scope_end": last["in_scope"],
        "falling": len(falling),
    }
    tables = {"cliff": cliff, "falling": falling}
    return Result(table=table, summary=summary, tables=tables, notes=found[0].notes)


def _ending(network: Network, day: date, limit: date) -> pd.DataFrame:
    """Return the rows of agreements in force on a day that end by the limit."""
    parts, opened = [], network.open_schools(day)
    for name in AGREED:
        frame = network.relation(name)
        if name == "member_of":
            ends = network.nodes("alliance")["end"].reset_index(drop=True)
            dissolved = ends.reindex(network.positions(name, "target")).to_numpy()
            frame["end"] = frame.assign(dissolved=dissolved)[["end", "dissolved"]].min(axis=1)
        columns, reported = {}, np.zeros(len(frame), dtype=bool)
        keep = holds(frame, day) & (frame["end"] <= pd.Timestamp(limit)).to_numpy(dtype=bool)
        keep &= (frame["end"] > pd.Timestamp(day)).to_numpy(dtype=bool)
        for end in ("source", "target"):
            nodes = _nodes(network, name, end, opened).iloc[network.positions(name, end)]
            columns[end] = frame[end].astype("str").to_numpy()
            columns[f"{end}_kind"] = nodes["kind"].to_numpy()
            columns[f"{end}_name"] = nodes["name"].to_numpy()
            keep &= nodes["open"].to_numpy(dtype=bool)
            reported |= nodes["reported"].to_numpy(dtype=bool)
        words = {key: frame.get(key) for key in ("form", "agreement")}
        rows = frame[["start", "end"]].assign(basis=name, **words, **columns)
        parts.append(rows[keep & reported])
    order = [
        "end", "basis", "form", "source", "source_kind", "source_name", "target", "target_kind",
        "target_name", "agreement", "start",
    ]  # fmt: skip
    full = [part for part in parts if len(part)] or parts[:1]
    table = pd.concat(full, ignore_index=True)[order]
    table = table.astype({key: "str" for key in order if key not in ("end", "start")})
    return table.sort_values(["end", "basis", "source", "target", "form", "start"]).reset_index(
        drop=True
    )


def _nodes(network: Network, relation: str, end: str, opened: Bools) -> pd.DataFrame:
    """Return the nodes that an end may be, in the order of positions; only schools can close."""
    parts = []
    for kind in schema.tables()[relation].ends(end):
        nodes = network.nodes(kind)
        focused = network.focus_region is not None
        lost = kind == "teacher" and focused  # a teacher has no region of its own
        reported = np.zeros(len(nodes), dtype=bool) if lost else network.reported(kind)
        up = opened if kind == "school" else True
        columns = {"name": nodes["name"].to_numpy(), "reported": reported, "open": up}
        parts.append(pd.DataFrame(columns, index=nodes.index).assign(kind=kind))
    return pd.concat(parts)


def _falling(found: list[Result]) -> pd.DataFrame:
    """Return the schools covered on the first date, with the first date on which they are not."""
    columns = ["name", "region", "stage", "pupils", "supporter_names"]
    first = found[0].table
    day = pd.Timestamp(found[0].as_of)
    parts = [first.loc[first["covered"], columns].iloc[:0].assign(date=day)]
    left = first.index[first["covered"]]
    for before, now in pairwise(found):
        uncovered = now.table.index[~now.table["covered"].to_numpy(dtype=bool)]
        lost = left[left.isin(uncovered)]
        there = before.table.reindex(lost)[columns]
        parts.append(there.assign(date=pd.Timestamp(now.as_of)))
        left = left.difference(lost)
    falling = pd.concat([part for part in parts if len(part)] or parts[:1])
    falling = falling.astype({"date": "M8[s]"}).rename_axis("school").reset_index()
    falling = falling[["date", "school", *columns]]
    return falling.sort_values(["date", "school"], ignore_index=True)
