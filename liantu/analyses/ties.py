"""Every tie between schools: who supports whom, on what basis, from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph.network import Network
from liantu.graph.study import study
from liantu.graph.ties import words
from liantu.results.asked import Asked
from liantu.results.blocks import Section, Text
from liantu.results.core import AsOf, Result, analysis, day_of
from liantu.results.sections import annex, chart_of, ends_named
from liantu.vocabulary import Lang, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


COLUMNS = (
    "source", "source_kind", "source_name", "target", "target_name", "basis", "form", "closeness",
    "start", "end", "mutual", "in_force", "active", "undated", "origin",
)  # fmt: skip


@analysis(
    order=4,
    chapter="coverage",
    highlights=("ties", "in_force", "active", "current"),
    zh="""学校之间的联系：谁支援谁，依据什么，起止何时。

    把集团成员、结对帮扶、教师交流、师徒结对、研究中心、送课和机构支持统一成学校之间的联系，
    每条联系注明依据、形式、紧密度、起止日期和来自哪些记录。其他分析都以此为基础。

    参数
    ----
    in_force
        只列统计日有效的状态。
    current
        只列联系集：统计日有效的状态，以及窗口期内的活动。

    说明
    ----
    状态在起止日期（含当日）之间有效；日期为空即未限定；无日期的状态按有效计，并在附注中计数。
    活动只在窗口期内计入。存疑记录不形成联系。

    来源
    ----
    规则见本工具的接口说明第 5 节。
    """,
)
def ties(
    network: Network,
    *,
    as_of: AsOf = None,
    in_force: bool = False,
    current: bool = False,
    window: str = "12m",
    basis: tuple[str, ...] | None = None,
) -> Result:
    """Ties between schools: who supports whom, on what basis, from when to when.

    Memberships, assistance, postings, mentoring, centres, deliveries and support become one kind
    of tie between schools, each with basis, form, closeness, interval and the rows it comes from.
    Every other analysis stands on it.

    Parameters
    ----------
    in_force
        Only states in force on the date.
    current
        Only the tie set: states in force on the date and activities in the window.

    Notes
    -----
    A state holds on [start, end], both included; an empty date is open; an undated state counts as
    in force and is counted in a note. Activities count within the window. Ambiguous rows make no
    tie.

    References
    ----------
    The rules stand in the concepts page of the documentation.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}, as_of="2024-06-30"
    ... )
    >>> ties(network).summary["in_force"]
    1
    """
    day, known = day_of(network, as_of), study(network)
    found = known.tie_set(day, window, basis)
    which = network.reported("school")[found.ties.target]
    if current:
        which &= found.current
    if in_force:
        which &= found.in_force
    table, every = words(network, found.ties, which), found.ties
    place = table.index.to_numpy()
    flags = {"in_force": found.in_force[place], "active": found.active[place]}
    table = table.reset_index(drop=True).assign(**flags)[list(COLUMNS)]
    basis = every.basis[place]
    counted = {"ties": basis, **{key: basis[flag] for key, flag in flags.items()}}
    by_basis = pd.DataFrame(
        {key: np.bincount(codes, minlength=len(every.bases)) for key, codes in counted.items()},
        index=pd.Index(every.bases, dtype="str", name="basis"),
    )
    by_basis = by_basis[by_basis["ties"] > 0].reset_index()
    ends = {
        "sources": int(np.count_nonzero(np.bincount(every.source[place]))),
        "targets": int(np.count_nonzero(np.bincount(every.target[place]))),
    }
    return answer(table, by_basis, ends, found.notes)


def answer(
    table: pd.DataFrame, by_basis: pd.DataFrame, ends: Mapping[str, int], notes: tuple[Message, ...]
) -> Result:
    """Return the result from ties in their order, whatever engine found them.

    Parameters
    ----------
    table
        A row a tie, with the columns of the result.
    by_basis
        ``basis, ties, in_force, active``.
    ends
        The numbers of different ``sources`` and ``targets``.
    notes
        What was counted or left out of the ties.
    """
    summary = {
        "ties": len(table),
        "in_force": int(table["in_force"].sum()),
        "active": int(table["active"].sum()),
        "current": int((table["in_force"] | table["active"]).sum()),
        "mutual": int(table["mutual"].sum()),
        "undated": int(table["undated"].sum()),
        **ends,
    }
    return Result(table=table, summary=summary, tables={"by_basis": by_basis}, notes=notes)


def chart(result: Result, lang: Lang) -> Figure:
    """Draw counts of ties by basis: in the tie set, not begun yet, ended, without a date."""
    from liantu.plots import bars, style
    from liantu.plots.fonts import cut

    colours = {"live": style.BLUES[1], "to_come": style.BLUES[0], "ended": style.PALE}
    colours["undated"] = style.MUTED
    table, day = result.table, pd.Timestamp(result.as_of)
    live = table["in_force"] | table["active"]
    state = pd.Series("undated", index=table.index).mask(table["end"] <= day, "ended")
    state = state.mask(table["start"] > day, "to_come").mask(live, "live")
    counts = (
        pd.crosstab(table["basis"].astype("str"), state)
        .reindex(columns=list(colours), fill_value=0)
        .sort_values("live", ascending=False, kind="stable")
    )
    made = style.figure(0.25 * len(counts) + 0.55)
    axes = made.add_subplot()
    names = [cut(label(key, lang, "relation"), bars.NAME) for key in counts.index]
    y = bars.ranking(axes, names, counts.sum(axis=1).to_numpy(dtype=float), "none")
    left = np.zeros(len(counts))
    for key, colour in colours.items():
        axes.barh(y, counts[key], 0.66, left=left, color=colour)
        left += counts[key].to_numpy()
    for row, numbers in enumerate(counts.to_numpy(dtype=float)):
        shown = [numbers[0], *numbers[1:][numbers[1:] > 0]]
        text = " + ".join(map(bars.number, shown))
        axes.text(numbers.sum(), row, f" {text}", va="center", size=8)
    used = [key for key in colours if key == "live" or counts[key].any()]
    style.legend(made, [(colours[key], label(f"ties_{key}", lang, "label")) for key in used])
    return made


def sections(asked: Asked, result: Result) -> list[Section]:
    """Return how many ties there are, by what they stand on; who supports whom as an annex."""
    current = ends_named(result.table[result.table["in_force"] | result.table["active"]])
    if current.empty:
        return []
    command = asked.command("ties", current=True)
    told = asked.tell("ties_sentence", **{key: f"{result.summary[key]:,}" for key in _TOLD})
    chart = chart_of(asked, result, asked.command("ties"), asked.say("ties_chart"), told)
    columns = ["source_name", "target_name", "basis", "form", "start", "end"]
    heads = {"source_name": "giver", "target_name": "receiver", "end": "ends_on"}
    title = asked.say("ties_all")
    whole = annex("ties", title, current, columns, command, heads)
    return [Section("ties", asked.say("ties_by_basis"), (Text(told), chart), annexes=whole)]


_TOLD = ("current", "in_force", "active", "sources", "targets")
