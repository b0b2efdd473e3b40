"""Expiry: what ends when, and what coverage would be if nothing is renewed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from liantu.errors import Message, OptionError, RequestError
from liantu.graph import schema
from liantu.graph.cover import cover
from liantu.graph.edges import node_ids
from liantu.graph.kernels import Bools, pick
from liantu.graph.names import supporter_names
from liantu.graph.network import Network
from liantu.graph.numbering import Codes
from liantu.graph.scope import Rural, Scope, schools_in_scope
from liantu.graph.spans import dates, day_number
from liantu.graph.study import Study, study
from liantu.graph.ties import TieSet
from liantu.options import plus
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Engine, Result, analysis, day_of, rate
from liantu.results.sections import FEW, annex, chart_of, ends_named, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_FARTHEST = "100y"  # the coverage of every month until then is worked out


@analysis(
    order=6,
    chapter="changes",
    highlights=("ending", "ending_postings", "covered", "covered_end", "falling"),
    zh="""到期：哪些协议和交流何时到期，若不续签覆盖会怎样。

    按到期先后列出期限内到期的协议（集团成员、结对帮扶、师徒、中心、机构支持、区域协作）和教师交流，
    并给出若一概不续签，逐月的覆盖率以及因此不再被覆盖的学校。

    参数
    ----
    within
        期限，例如 12m：统计日之后、该期限之内（含最后一日）到期的都列出。

    说明
    ----
    只列统计日有效、学校在办的协议和交流，以最终到期的记录为准：两端、形式、角色相同的另一条记录不间断地
    接续（集团成员不论角色），即为已续签，不列。集团成员的起止不超出集团的起止。存疑记录不列，未注明结束
    日期的不会到期。没有学校注明城乡类型而只统计乡村学校时，不列逐月覆盖率和不再覆盖的学校。逐月覆盖率中每个日期的数字，就是“覆盖”分析在该日期的结果：既不续签，也没有
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
    within
        How far to look ahead, such as 12m: what ends after the date judged and up to the last day
        of this time.

    Returns
    -------
    Result
        ``table``: one row an agreement or posting that ends. ``tables``: ``cliff``, one row a
        month end, from the date judged to the end of the time; ``falling``, one row a school.

    Raises
    ------
    OptionError
        If an option is malformed.

    Notes
    -----
    What is in force on the date between open schools is listed with the row with which it ends: a
    row that another one of the same two ends, form and role takes up without a day between (of a
    membership: whatever the role) is renewed and not listed. A membership begins and ends within
    the alliance. Ambiguous rows are left out, and what has no end never ends. Where no school has
    an urban–rural class and rural schools are asked for, cliff and falling are left out. Each row
    of the cliff is what the analysis coverage gives for that date: nothing is renewed and nothing
    new happens, so activities drop out of the window too; states that are recorded and begin later
    count. Falling are schools covered on the date judged, with the first later date on which they
    are not and the supporters on the date before it. With a region in focus, rows with an end in
    the region are listed.

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
    day, known, kernels = day_of(network, as_of), study(network), pick(engine)
    limit = plus(day, within)
    if limit > plus(day, _FARTHEST):
        allowed = f"≤ {_FARTHEST}"
        raise OptionError.of("bad_option_range", value=within, option="--within", allowed=allowed)
    months = pd.date_range(day, limit, freq="ME")
    stops = sorted({day, *(month.date() for month in months), limit})
    schools = network.columns("school", "name", "region", "stage", "pupils")
    notes: tuple[Message, ...] = ()
    try:
        scopes = [schools_in_scope(network, known.opened(stop), scope, rural)[1] for stop in stops]
    except RequestError as error:  # the list of what ends needs no classes
        notes, stops, scopes = (Message(f"{error.problems[0].code}_cliff"),), stops[:1], []
    sets = [known.tie_set(stop, window) for stop in stops]
    covered = [cover(known, ties, kernels, distances=False).covered for ties in sets[: len(scopes)]]
    table = _ending(network, day, limit)
    falling = _falling(known, schools, stops, sets, covered, scopes)
    numbers = [
        (int((mask & inside).sum()), int(inside.sum()))
        for mask, inside in zip(covered, scopes, strict=True)
    ]
    cliff = pd.DataFrame(
        {
            "date": pd.Series(list(map(pd.Timestamp, stops[: len(numbers)])), dtype="M8[s]"),
            "covered": np.array([number for number, _ in numbers], dtype=np.int64),
            "in_scope": np.array([total for _, total in numbers], dtype=np.int64),
            "rate": np.array([rate(*pair) for pair in numbers], dtype=float),
        }
    )
    summary = {
        "ending": len(table),
        "ending_postings": int((table["basis"] == "posted_to").sum()),
        "covered": numbers[0][0] if scopes else None,
        "in_scope": numbers[0][1] if scopes else None,
        "rate": rate(*numbers[0]) if scopes else None,
        "covered_end": numbers[-1][0] if scopes else None,
        "in_scope_end": numbers[-1][1] if scopes else None,
        "falling": len(falling) if scopes else None,
    }
    notes = (*sets[0].notes, *known.parents(day)[1], *notes)
    if not known.cores(day)[0].any():
        notes += (Message("no_cores"),)
    tables = {"cliff": cliff, "falling": falling}
    return Result(table=table, summary=summary, tables=tables, notes=notes)


def _ending(network: Network, day: date, limit: date) -> pd.DataFrame:
    """Return the rows with which agreements in force on a day end by the limit."""
    known, parts = study(network), []
    today, last = day_number(day), day_number(limit)
    for name in schema.relations_with("renewable"):
        found = known.agreements(name)
        keep = np.flatnonzero(found.ending(today, last))
        reported, columns = np.zeros(len(keep), dtype=np.bool_), dict[str, Any]()
        up = np.ones(len(keep), dtype=np.bool_)
        for end, codes in (("source", found.source[keep]), ("target", found.target[keep])):
            kinds = network.numbering.kinds(codes)
            for kind in schema.tables()[name].ends(end):
                here, base = kinds == kind, network.numbering.base(kind)
                if kind == "school":  # nothing else closes
                    up[here] &= known.opened(day)[codes[here] - base]
                if kind != "teacher" or network.focus_region is None:  # nor has it a region
                    reported[here] |= network.reported(kind)[codes[here] - base]
            columns[end] = node_ids(network, codes)
            columns[f"{end}_kind"] = kinds
            columns[f"{end}_name"] = _names(network, kinds, codes)
        there = [
            key for key in ("form", "agreement", "start") if key in schema.tables()[name].columns
        ]
        said = network.columns(name, *there).iloc[found.row[keep]]
        words = {key: said[key].array if key in said else None for key in ("form", "agreement")}
        spans = {"start": said["start"].array, "end": dates(found.end[keep]).array}
        rows = pd.DataFrame({**spans, "basis": name, **columns, **words})
        parts.append(rows[up & reported])
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


def _names(network: Network, kinds: Any, codes: Codes) -> pd.Series:
    """Return the names of nodes."""
    found = pd.Series(None, index=range(len(codes)), dtype="str")
    for kind in np.unique(kinds):
        here = kinds == kind
        names = network.column(kind, "name").array
        found[here] = names[codes[here] - network.numbering.base(kind)]
    return found


def _falling(
    known: Study, schools: pd.DataFrame, stops: list[date], sets: list[TieSet],
    covered: list[Bools], scopes: list[Bools],
) -> pd.DataFrame:  # fmt: skip
    """Return the schools covered on the first date, with the first date on which they are not."""
    columns = ["name", "region", "stage", "pupils"]
    nodes, parts = known.nodes(), []
    left = covered[0] & scopes[0] if scopes else np.zeros(len(schools), dtype=np.bool_)
    for number, stop in enumerate(stops[1:], 1):
        lost = left & scopes[number] & ~covered[number]
        rows = schools.loc[lost, columns].assign(date=pd.Timestamp(stop))
        before = supporter_names(nodes, sets[number - 1], lost)
        parts.append(rows.assign(supporter_names=before))
        left = left & ~lost
    empty = schools.loc[np.zeros(len(schools), dtype=bool), columns]
    empty = empty.assign(date=pd.Timestamp(stops[0]), supporter_names=pd.Series([], dtype="str"))
    falling = pd.concat([part for part in parts if len(part)] or [empty])
    falling = falling.astype({"date": "M8[s]"}).rename_axis("school").reset_index()
    falling = falling[["date", "school", *columns, "supporter_names"]]
    return falling.sort_values(["date", "school"], ignore_index=True)


def chart(result: Result, lang: Lang) -> Figure:
    """Draw the rate of coverage at each month end if nothing is renewed."""
    from liantu.plots import bars, style

    frame = result.tables["cliff"]
    if frame.empty:
        return style.empty(lang)
    made = style.figure(2.0)
    axes = made.add_subplot()
    rates = frame["rate"].to_numpy(dtype=float)
    places = np.arange(len(rates))
    axes.step(places, rates, where="post", color=style.BLUES[2], linewidth=1.8)
    told = np.r_[True, np.diff(frame["covered"]) != 0]
    for number, place in enumerate(places[told & ~np.isnan(rates)]):
        row = frame.iloc[place]
        text = f"{row['covered']} / {row['in_scope']}  {row['rate']:.0%}"
        axes.plot(place, rates[place], "o", color=style.BLUES[2], markersize=4)
        axes.annotate(
            text,
            (place, rates[place]),
            (2, -14 if number % 2 else 6),
            textcoords="offset points",
            size=8,
        )
    axes.set_xticks(places, [f"{day:%Y-%m-%d}" for day in frame["date"]], rotation=90)
    axes.set_ylim(0, max(1.0, float(np.nan_to_num(rates).max(initial=0))) * 1.12)
    bars.upright(axes, label("rate", lang))
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return what ends in the next twelve months, and what it does to coverage."""
    found, command = ends_named(result.table), asked.command("expiry")
    days = {"start": asked.day, "end": plus(asked.day, result.parameters["within"])}
    title = asked.say("expiring")
    if found.empty:
        told = asked.tell("nothing_expires", **days)
        return [Section("expiring", title, (Text(told),))] if asked.dated else []
    schools = found.loc[found["target_kind"] == "school", "target"].nunique()
    told = asked.tell("expires_sentence", count=len(found), schools=schools, **days)
    heads = {"end": "ends_on", "source_name": "giver", "target_name": "receiver"}
    columns = ["end", "source_name", "target_name", "basis", "form"]
    shown = table(asked, title, found, columns, command, rows=FEW, heads=heads, annex="expiring")
    wanted = [*columns, "agreement", "start"]
    whole = annex("expiring", title, found, wanted, command, heads)
    ending = Section("expiring", title, (Text(told), shown), annexes=whole)
    return [ending, *_falls(asked, result, command)]


def _falls(asked: Asked, result: Result, command: str) -> list[Section]:
    falling = result.tables["falling"]
    if falling.empty:
        return []
    title, frame = asked.say("falling_list"), named(falling.set_index("school"))
    figures = {key: result.summary[key] for key in ("covered", "covered_end", "falling")}
    figures["end"] = plus(asked.day, result.parameters["within"])
    told = asked.tell("falling_sentence", start=asked.day, **figures)
    columns = ["date", "name", "region", "stage", "pupils", "supporter_names"]
    heads = {"date": "falls_on", "supporter_names": "present_supporters"}
    chart = chart_of(asked, result, command, asked.say("expiry_chart"), told)
    shown = table(asked, title, frame, columns, command, rows=FEW, heads=heads, annex="falling")
    whole = annex("falling", title, frame, columns, command, heads)
    return [Section("falling", asked.say("falling"), (Text(told), chart, shown), annexes=whole)]
