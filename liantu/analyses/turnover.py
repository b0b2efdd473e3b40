"""Turnover: which ties were kept, new and lost, and whether ties thicken or only multiply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from liantu.graph.cover import months_by
from liantu.graph.kernels import Bools, Ints
from liantu.graph.network import Network
from liantu.graph.spans import LOW, dates
from liantu.graph.stops import stops
from liantu.graph.study import study
from liantu.graph.ties import TieSet
from liantu.options import check_range, parse_window
from liantu.results.asked import Asked
from liantu.results.blocks import Block, Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of, rate
from liantu.results.sections import FEW, annex, chart_of, named, table
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 10  # dates of the chart, the last ones
CHANGES = ("only_lost", "only_gained", "exchanged", "quieter", "busier")
_COUNTS = ("ties", "active_ties", "tie_months", "frequent_ties")
_MOVES = ("ties_kept", "ties_new", "ties_lost")


@analysis(
    order=18,
    chapter="changes",
    highlights=("ties", "ties_kept", "ties_new", "ties_lost", "jaccard"),
    zh="""关系变动：哪些联系保留、新增、失去，联系是加深了还是只增加了数量。

    在相邻两个日期之间比较联系集：保留、新增、失去的联系数和杰卡德系数；联系的数量与疏密分开看：有
    活动的联系数、有活动的月份数、常来常往的联系数；并列出各校发生了哪种变化。

    参数
    ----
    as_of
        统计日期，即最后一行的日期；默认取数据自带的日期，否则为今天。
    by
        year 为每年年底，phase 为 network.toml 中的各个阶段（阶段结束日），或以逗号分隔的日期。
    frequent_months
        一条联系在窗口期内至少有这么多个月有活动，才算常来常往。

    说明
    ----
    一条联系是一个支援方与一所受援学校，计方向，同一对不论有几种依据只计一条；联系集为当日有效的状
    态和窗口期内的活动。杰卡德系数 = 保留 ÷（保留 + 新增 + 失去）；第一行没有上一行，留空。每条联系
    的月份数为窗口期内有活动的不同月份数，与依据种数无关；平均月份数只计有活动的联系，因此数量增加
    而疏密不变时它会下降。学校的变化：只失去、只新增、有失有增，支援方不变时为往来减少或往来增加。
    限定地区时只计该地区受援学校的联系。无日期的状态在每个日期都算有效。

    来源
    ----
    杰卡德系数用于联系的稳定性：Snijders, T. A. B., van de Bunt, G. G., Steglich, C. E. G. (2010).
    Social Networks 32, 44–60。数量与疏密分开：Daly, A. J., Finnigan, K. S. (2011). American
    Educational Research Journal 48, 39–79。
    """,
)
def turnover(
    network: Network,
    *,
    as_of: AsOf = None,
    by: str = "year",
    window: str = "12m",
    basis: tuple[str, ...] | None = None,
    frequent_months: int = 4,
) -> Result:
    """Turnover: which ties were kept, new and lost, and whether they thicken or only multiply.

    Compares the tie sets of one date and the next: ties kept, new and lost, and their Jaccard
    coefficient; tells the number of ties apart from their intensity – ties with activity, months
    with activity, frequent ties; and says of each school what changed.

    Parameters
    ----------
    as_of
        The date of the last row; the network's own by default, else today.
    by
        year for the end of each year, phase for the phases of network.toml (judged on their last
        day), or dates separated by commas.
    frequent_months
        A tie is frequent with an activity in at least so many months of the window.

    Returns
    -------
    Result
        ``table``: one row a date. ``summary``: its last row. ``tables``: ``schools``, one row a
        date and school with a change since the date before; ``by_change``, how many schools
        changed in which way.

    Raises
    ------
    RequestError
        If phases are asked for and the network has none.
    OptionError
        If an option is malformed.

    Notes
    -----
    A tie is a supporter and a school, directed, one whatever its bases; the tie set is the states
    in force and the activities in the window. jaccard = kept ÷ (kept + new + lost), empty in the
    first row. Months of a tie are different calendar months of the window with an activity,
    whatever their basis; ``months_per_tie`` is of ties with activity, so that it falls where ties
    multiply without thickening. A school has only lost, only gained or exchanged supporters, or,
    with the same supporters, fewer (quieter) or more (busier) months. With a region in focus only
    ties towards its schools count. Undated states hold on every date.

    References
    ----------
    Jaccard for the stability of ties: Snijders, T. A. B., van de Bunt, G. G., Steglich, C. E. G.
    (2010). Introduction to stochastic actor-based models for network dynamics. Social Networks 32,
    44–60. Number apart from intensity: Daly, A. J., Finnigan, K. S. (2011). The ebb and flow of
    social network ties between district leaders under high-stakes accountability. American
    Educational Research Journal 48, 39–79.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"source": ["a", "b", "c"], "target": "d", "start": ["2022", "2022", "2024"]}
    >>> rows["end"] = ["2025", "2023", None]
    >>> network = Network.from_frames({"assists": pd.DataFrame(rows)}, as_of="2024-12-31")
    >>> found = turnover(network, by="2023,2024").table
    >>> found[["ties_kept", "ties_new", "ties_lost", "jaccard"]].iloc[1].tolist()
    [1.0, 1.0, 1.0, 0.3333333333333333]
    """
    check_range(frequent_months, "frequent_months", 1)
    parse_window(window)
    day, known = day_of(network, as_of), study(network)
    every, reported = known.ties(day, basis), network.reported("school")
    begun = every.start[reported[every.target] & (every.start > LOW)]
    days = stops(network, by, day, dates(begun).min()) if network.size("school") else []
    rows: list[dict[str, Any]] = []
    schools = [_schools(network, "", [])]
    before: _Pairs | None = None
    for name, stop in days:
        now = _pairs(known.tie_set(stop, window, basis), reported)
        row = {"phase": name, "date": pd.Timestamp(stop), "ties": len(now.key)}
        row["active_ties"] = int((now.months > 0).sum())
        row["tie_months"] = int(now.months.sum())
        row["frequent_ties"] = int((now.months >= frequent_months).sum())
        if before is not None:
            old = np.isin(now.key, before.key, assume_unique=True)
            stays = np.isin(before.key, now.key, assume_unique=True)
            parts = int(old.sum()), int((~old).sum()), int((~stays).sum())
            row |= dict(zip(_MOVES, parts, strict=True)) | {"jaccard": rate(parts[0], sum(parts))}
            schools.append(_schools(network, name, [*_of(now, ~old), *_of(before, ~stays)]))
        rows.append(row)
        before = now
    table, changed = _table(rows), pd.concat(schools, ignore_index=True)
    return Result(
        table=table,
        summary=_summary(table, changed),
        tables={"schools": changed, "by_change": _by_change(changed)},
        notes=every.notes,
    )


class _Pairs(NamedTuple):
    """The ties of a date: source and target as one number, sorted, target, and months."""

    key: Ints
    target: Ints
    months: Ints
    size: int


def _pairs(ties: TieSet, reported: Bools) -> _Pairs:
    graph, every = ties.graph, ties.ties
    keep = reported[graph.target]
    width = max(every.schools, 1)
    target = graph.target[keep].astype(np.int64)
    key = graph.source[keep].astype(np.int64) * width + target
    acting = every.source[ties.active].astype(np.int64) * width + every.target[ties.active]
    place = np.searchsorted(key, acting)
    there = np.append(key, -1)[place] == acting  # not a tie to oneself, nor to elsewhere
    months = months_by(ties, np.where(there, place, len(key)), len(key) + 1)[:-1]
    return _Pairs(key, target, months, every.schools)


def _of(pairs: _Pairs, fresh: Bools) -> list[Ints]:
    """Return ties, ties that are only here, and months, of each school."""
    weights = np.ones(len(fresh)), fresh, pairs.months
    found = (np.bincount(pairs.target, weight, pairs.size) for weight in weights)
    return [values.astype(np.int64) for values in found]


def _schools(network: Network, name: str, counted: list[Ints]) -> pd.DataFrame:
    """Return one row a school with a change: what it has now, gained, lost, and months."""
    size = network.size("school")
    now, gained, months, before, lost, months_before = counted or [np.zeros(size, np.int64)] * 6
    which = np.flatnonzero((gained > 0) | (lost > 0) | (months != months_before))
    more, less = gained[which] > 0, lost[which] > 0
    busier = months[which] > months_before[which]
    cases = [more & less, less, more, busier]
    change = np.select(cases, ["exchanged", "only_lost", "only_gained", "busier"], "quieter")
    nodes = network.columns("school", "name", "region").iloc[which]
    columns = {
        "phase": pd.array([name] * len(which), dtype="str"),
        "school": nodes.index.astype("str"),
        "name": nodes["name"].array,
        "region": nodes["region"].array,
        "turnover_change": pd.array(change, dtype="str"),
        "supporters_before": before[which],
        "supporters": now[which],
        "supporters_gained": gained[which],
        "supporters_lost": lost[which],
        "months_before": months_before[which],
        "months_after": months[which],
    }
    return pd.DataFrame(columns)


def _by_change(schools: pd.DataFrame) -> pd.DataFrame:
    """Return how many schools changed in which way, by date."""
    counted = schools.groupby(["phase", "turnover_change"], sort=False).size().rename("schools")
    frame = counted.reset_index().astype({"schools": np.int64})
    order = frame["turnover_change"].map({word: n for n, word in enumerate(CHANGES)})
    place = frame["phase"].map({name: n for n, name in enumerate(frame["phase"].unique())})
    return frame.iloc[np.lexsort((order, place))].reset_index(drop=True)


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["phase", "date", *_COUNTS, *_MOVES, "jaccard"])
    frame = frame.astype({"phase": "str", "date": "datetime64[s]", "jaccard": "float64"})
    frame = frame.astype(dict.fromkeys(_COUNTS, np.int64) | dict.fromkeys(_MOVES, "Int64"))
    active = frame["active_ties"].where(frame["active_ties"] > 0)
    frame["months_per_tie"] = frame["tie_months"] / active
    frame["frequent_share"] = frame["frequent_ties"] / active
    first = ["date", "ties", *_MOVES, "jaccard", "active_ties", "tie_months", "months_per_tie"]
    return frame.set_index("phase")[[*first, "frequent_ties", "frequent_share"]]


def _summary(table: pd.DataFrame, schools: pd.DataFrame) -> dict[str, Any]:
    """Return the last row, and how many schools changed since the row before it."""
    last = table.iloc[-1] if len(table) else pd.Series(dtype=object)

    def figure(key: str, make: type) -> Any:
        value = last.get(key, 0 if key in _COUNTS else None)
        return None if value is None or pd.isna(value) else make(value)

    whole = {key: figure(key, int) for key in (*_COUNTS, *_MOVES)}
    shares = {key: figure(key, float) for key in ("jaccard", "months_per_tie", "frequent_share")}
    here = schools.loc[schools["phase"] == (table.index[-1] if len(table) else ""), :]
    counts = here["turnover_change"].value_counts()
    changed = {f"schools_{word}": int(counts.get(word, 0)) for word in CHANGES}
    return {**whole, **shares, **changed}


def chart(result: Result, lang: Lang) -> Figure:
    """Draw ties kept, new and lost, and beside them those with activity, frequent ones apart."""
    from liantu.plots import bars, style

    table = result.table.tail(SHOWN)
    words = [str(key) for key in table.index]
    x = np.arange(len(words))
    made = style.figure(2.4)
    left, right = made.subplots(1, 2)
    kept, new, lost = (table[key].to_numpy(float, na_value=0) for key in _MOVES)
    kept = np.where(table["ties_kept"].isna(), table["ties"], kept)
    left.bar(x, kept, 0.6, color=style.BLUES[1])
    left.bar(x, new, 0.6, bottom=kept, color=style.BLUES[2])
    left.bar(x, -lost, 0.6, color=style.WARN)
    left.axhline(0, color=style.FAINT, linewidth=0.8)
    active, often = (table[key].to_numpy(float) for key in ("active_ties", "frequent_ties"))
    right.bar(x, often, 0.6, color=style.BLUES[2])
    right.bar(x, active - often, 0.6, bottom=often, color=style.PALE)
    for axes, highs in ((left, kept + new), (right, active)):
        for place, value in zip(x, highs, strict=True):
            axes.text(place, value, f"{value:,.0f}", ha="center", va="bottom", size=7)
        axes.set_xlim(-0.6, max(len(words), 4) - 0.4)
        axes.set_xticks(x, words, rotation=0 if len(words) < 6 else 90)
    for place, value in zip(x[lost > 0], lost[lost > 0], strict=True):
        left.text(place, -value, f"{value:,.0f}", ha="center", va="top", size=7)
    bars.upright(left, label("turnover_ties", lang, "label"))
    bars.upright(right, label("turnover_activity", lang, "label"))
    entries = [(style.BLUES[1], "kept"), (style.BLUES[2], "new"), (style.WARN, "lost")]
    entries.append((style.PALE, "seldom"))
    style.legend(made, [(c, label(f"turnover_{word}", lang, "label")) for c, word in entries])
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return how ties came and went, and which schools only lost supporters."""
    figures, command = result.summary, asked.command("turnover")
    if len(result.table) < 2 or not asked.dated or figures["jaccard"] is None:
        return []
    told = {key: f"{figures[key]:,}" for key in ("ties_kept", "ties_new", "ties_lost")}
    before, after = (day.date() for day in result.table["date"].iloc[-2:])
    share = f"{figures['jaccard']:.2f}"
    sentences = [asked.tell("turnover_sentence", before=before, after=after, jaccard=share, **told)]
    if figures["active_ties"]:
        sentences.append(
            asked.tell(
                "turnover_months",
                active=f"{figures['active_ties']:,}",
                frequent=f"{figures['frequent_ties']:,}",
                months=result.parameters["frequent_months"],
                mean=f"{figures['months_per_tie']:.1f}",
            )
        )
    joined = ("" if asked.lang == "zh" else " ").join(sentences)
    blocks: list[Block] = [
        Text(joined),
        chart_of(asked, result, command, asked.say("turnover_chart")),
    ]
    frame = result.tables["schools"]
    last = named(frame[frame["phase"] == result.table.index[-1]].set_index("school"))
    lost = last[last["turnover_change"] == "only_lost"]
    lost = lost.sort_values(
        ["supporters", "supporters_lost"], ascending=[True, False], kind="stable"
    )
    columns = ["name", "region", "supporters_before", "supporters", "supporters_lost"]
    if len(lost):
        title = asked.say("turnover_lost_title")
        blocks.append(table(asked, title, lost, columns, command, rows=FEW, annex="turnover"))
    wanted = ["name", "region", "turnover_change", "supporters_before", "supporters"]
    wanted += ["months_before", "months_after"]
    whole = annex("turnover", asked.say("turnover_all"), last, wanted, command)
    return [Section("turnover", asked.say("turnover_title"), tuple(blocks), annexes=whole)]
