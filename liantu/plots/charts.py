"""A chart for every result: one of its own for the known analyses, bars for any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from liantu import vocabulary
from liantu.analyses._core import Result
from liantu.analyses.centrality import ranked
from liantu.errors import Message
from liantu.plots import style
from liantu.plots.dated import cliff, timeline
from liantu.plots.fonts import cut
from liantu.plots.matrix import matrix
from liantu.vocabulary import Lang

TOP = 15  # bars of a ranking
ROWS = 24  # regions or groups that a chart shows at most
NAME = 32  # columns of a name; a hanzi takes two
LADDER = ("none", "named", "core_only", "in_force", "active", "sustained")
COVERED = ("core_only", "in_force", "active", "sustained")


def plot(result: Result, lang: Lang = "en") -> Figure:
    """Return the chart of a result.

    Coverage shows the ladder of rungs by region and stage, reach the supporters that carry
    furthest and how many schools lean on them alone, centrality the nodes that many lean on, ties
    their counts by basis, timeline and expiry the course of coverage, subjects the matrix; any
    other analysis gets bars of its first numeric column.

    Parameters
    ----------
    result
        What an analysis returned.
    lang
        Language of the labels.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"name": ["甲", "乙"], "direct": [3, 1]})
    >>> plot(Result(table, name="new_one")).axes[0].get_yticklabels()[0].get_text()
    '甲'
    """
    draw = _CHARTS.get(result.name, _default)
    with style.style():
        if result.table.empty:
            return style.empty(lang)
        return draw(result, lang)


def _say(key: str, lang: Lang) -> str:
    return vocabulary.label(key, lang, "label")


def _number(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"


# -- coverage --------------------------------------------------------------------------------


def _ladder(result: Result, lang: Lang) -> Figure:
    """Shares of the rungs: all schools, then by region, then by stage."""
    table = result.table
    weak = table["rung"].isin(["none", "named"])
    step = table["rung"].astype("str").mask(table["covered"].astype(bool) & weak, "core_only")
    whole = pd.Series(_say("all_schools", lang), index=table.index)
    stages = (
        table["stage"]
        .astype("str")
        .map(lambda key: vocabulary.label(key, lang, "stage"), na_action="ignore")
    )
    named = stages.fillna(_say("no_stage", lang)) if stages.notna().any() else stages
    order = [term.label(lang) for term in vocabulary.terms("stage").values()]
    order.append(_say("no_stage", lang))
    regions, more = _regions(result, lang)
    blocks = [
        ("", _shares(whole, step, None)),
        (_say("by_region", lang), regions and _shares(regions[0], step, regions[1])),
        (_say("by_stage", lang), _shares(named, step, order)),
    ]
    shown = [(head, frame) for head, frame in blocks if frame is not None and len(frame)]
    rows = sum(len(frame) + bool(head) for head, frame in shown)
    made = style.figure(0.25 * rows + 0.75)
    axes = made.add_subplot()
    y = 0.0
    ticks: list[float] = []
    labels: list[str] = []
    for head, frame in shown:
        if head:
            y += 0.35
            axes.text(-0.005, y, head, ha="right", va="center", color=style.MUTED, size=8)
            y += 0.85
        _stack(axes, frame, y)
        ticks.extend(y + np.arange(len(frame)))
        labels.extend(cut(name, NAME) for name in frame.index)
        y += len(frame)
    axes.set_yticks(ticks, labels)
    axes.set_ylim(y - 0.3, -0.7)
    axes.set_xlim(0, 1)
    style.bare(axes)
    _ladder_legend(made, lang)
    if more:
        text = Message("shown_of", {"shown": ROWS, "total": more}).text(lang)
        axes.set_xlabel(text, size=8)
    return made


def _shares(groups: pd.Series, step: pd.Series, order: Sequence[str] | None) -> pd.DataFrame:
    """Return schools by group (in an order) and rung."""
    frame = pd.crosstab(groups, step).reindex(columns=list(LADDER), fill_value=0)
    if order is None:
        return frame
    return frame.reindex([name for name in order if name in frame.index])


def _stack(axes: Axes, frame: pd.DataFrame, top: float) -> None:
    """Draw rows of shares with counts inside and the covered at the right."""
    totals = frame.sum(axis=1).to_numpy(dtype=float)
    y = top + np.arange(len(frame))
    left = np.zeros(len(frame))
    for key in LADDER:
        counts = frame[key].to_numpy()
        share = counts / totals
        colour = style.RUNGS.get(key, style.CORE_ONLY)
        axes.barh(y, share, 0.68, left=left, color=colour, edgecolor="white", linewidth=0.6)
        dark = key in ("none", "core_only", "active", "sustained")
        for row in np.flatnonzero(share > 0.035):
            axes.text(
                left[row] + share[row] / 2,
                y[row],
                f"{counts[row]:,}",
                ha="center",
                va="center",
                size=7.5,
                color="white" if dark else style.INK,
            )
        left += share
    covered = frame[list(COVERED)].sum(axis=1).to_numpy()
    for place, (reached, total) in enumerate(zip(covered, totals, strict=True)):
        text = f"{reached:,} / {total:,.0f}   {reached / total:.0%}"
        axes.text(1.01, y[place], text, va="center", size=8, color=style.INK)


def _ladder_legend(made: Figure, lang: Lang) -> None:
    from matplotlib.patches import Patch

    patches = [
        Patch(
            color=style.RUNGS.get(key, style.CORE_ONLY),
            label=vocabulary.label(key, lang, "rung" if key in style.RUNGS else "label"),
        )
        for key in LADDER
    ]
    made.legend(
        handles=patches,
        loc="outside upper left",
        ncols=len(patches),
        frameon=False,
        fontsize=8,
        handlelength=1,
        handleheight=1,
        columnspacing=1.2,
        handletextpad=0.5,
    )


def region_depths(frame: pd.DataFrame) -> tuple[np.ndarray, int]:
    """Return the depth of each region of ``by_region``, and the deepest level fit for a chart.

    Parameters
    ----------
    frame
        With ``region`` and ``parent``; a parent outside the frame is none.
    """
    parent = _parents(frame)
    depth = np.zeros(len(frame), dtype=np.int64)
    above = parent.copy()
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parent[above], -1)
    fit = [level for level in range(depth.max(initial=0) + 1) if (depth == level).sum() <= ROWS]
    return depth, max(fit, default=0)


def _parents(frame: pd.DataFrame) -> np.ndarray:
    found = pd.Index(frame["region"]).get_indexer(pd.Index(frame["parent"]))
    return np.where(frame["parent"].notna(), found, -1)


def _regions(result: Result, lang: Lang) -> tuple[tuple[pd.Series, list[str]] | None, int]:
    """Return each school's region at the finest level with few enough regions, and their order.

    The number of regions is returned beside it where some must be left out.
    """
    frame = result.tables.get("by_region")
    if frame is None or frame.empty:
        return None, 0
    parent, (depth, level) = _parents(frame), region_depths(frame)
    ids = pd.Index(frame["region"])
    own = ids.get_indexer(pd.Index(result.table["region"]))
    own[result.table["region"].isna().to_numpy()] = -1
    while (deep := (own >= 0) & (depth[own] > level)).any():
        own = np.where(deep, parent[own], own)
    column = frame["name"] if "name" in frame else frame["region"]
    names = column.fillna(frame["region"]).astype("str")
    # Where two regions bear one name the id tells them apart.
    labels = names.mask(names.duplicated(keep=False), frame["region"].astype("str")).to_numpy()
    found = pd.Series(_say("no_region", lang), index=result.table.index, dtype="str")
    found[own >= 0] = labels[own[own >= 0]]
    covered = result.table["covered"].astype(bool)
    rates = (
        covered.groupby(found).agg(["mean", "size"]).sort_values(["mean", "size"], kind="stable")
    )
    shown = rates.index.tolist()
    return (found, shown[:ROWS]), len(shown) if len(shown) > ROWS else 0


# -- rankings --------------------------------------------------------------------------------


def _names(frame: pd.DataFrame) -> list[str]:
    """Return labels of rows: names, else ids."""
    ids = pd.Series(frame.index.astype("str"), index=frame.index)
    for key in ("name", "school", "node", "supporter"):
        if key in frame:
            ids = frame[key].astype("str").fillna(ids)
            break
    return [cut(name, NAME) for name in ids]


def _ranking(axes: Axes, names: Sequence[str], values: np.ndarray, colour: str) -> np.ndarray:
    y = np.arange(len(values), dtype=float)
    axes.barh(y, np.nan_to_num(values), 0.66, color=colour)
    axes.set_yticks(y, names)
    axes.set_ylim(len(values) - 0.4, -0.6)
    high = float(np.nanmax(values, initial=0))
    axes.set_xlim(min(0.0, float(np.nanmin(values, initial=0))), (high or 1) * 1.15)
    style.bare(axes)
    return y


def _reach(result: Result, lang: Lang) -> Figure:
    """Supporters by schools within the hops; how many lean on them alone in the strong colour."""
    table = result.table.head(TOP)
    made = style.figure(0.25 * len(table) + 0.55)
    axes = made.add_subplot()
    within = table["within_hops"].to_numpy(dtype=float)
    sole = table["sole"].to_numpy(dtype=float)
    _ranking(axes, _names(table), within, style.BLUES[0])
    axes.barh(np.arange(len(table)), sole, 0.3, color=style.ALARM)
    for row, (value, alone) in enumerate(zip(within, sole, strict=True)):
        text = _number(value)
        axes.text(value, row, f" {text}", va="center", size=8)
        if alone:
            gap = 5.0 * len(text) + 8  # points, beside the first number
            axes.annotate(
                f"({_number(alone)})",
                (value, row),
                (gap, 0),
                textcoords="offset points",
                va="center",
                size=8,
                color=style.ALARM,
            )
    style.legend(
        made,
        [
            (style.BLUES[0], vocabulary.label("within_hops", lang)),
            (style.ALARM, vocabulary.label("sole", lang)),
        ],
    )
    return made


def _centrality(result: Result, lang: Lang) -> Figure:
    """Nodes by support rank; betweenness beside it where it was computed."""
    first = ranked(result.table).head(TOP)
    measures = ["support_rank"]
    if (first["betweenness"] > 0).any():
        measures.append("betweenness")
    made = style.figure(0.25 * len(first) + 0.5)
    panels = made.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, key, colour in zip(panels, measures, (style.BLUES[2], style.BLUES[0]), strict=False):
        values = first[key].to_numpy(dtype=float)
        _ranking(axes, _names(first), values, colour)
        for row, value in enumerate(values):
            axes.text(np.nan_to_num(value), row, f" {_number(value)}", va="center", size=8)
        axes.set_title(vocabulary.label(key, lang), loc="left", size=9, color=style.MUTED)
    return made


# What the tie set holds, and why the rest is recorded but not in it.
_STATES = {
    "live": style.BLUES[1], "to_come": style.BLUES[0], "ended": style.PALE, "undated": style.MUTED,
}  # fmt: skip


def _ties(result: Result, lang: Lang) -> Figure:
    """Counts of ties by basis: in the tie set, not begun yet, ended, without a date."""
    table, day = result.table, pd.Timestamp(result.as_of)
    live = table["in_force"] | table["active"]
    state = pd.Series("undated", index=table.index).mask(table["end"] <= day, "ended")
    state = state.mask(table["start"] > day, "to_come").mask(live, "live")
    counts = (
        pd.crosstab(table["basis"].astype("str"), state)
        .reindex(columns=list(_STATES), fill_value=0)
        .sort_values("live", ascending=False, kind="stable")
    )
    made = style.figure(0.25 * len(counts) + 0.55)
    axes = made.add_subplot()
    names = [cut(vocabulary.label(key, lang, "relation"), NAME) for key in counts.index]
    y = _ranking(axes, names, counts.sum(axis=1).to_numpy(dtype=float), "none")
    left = np.zeros(len(counts))
    for key, colour in _STATES.items():
        axes.barh(y, counts[key], 0.66, left=left, color=colour)
        left += counts[key].to_numpy()
    for row, numbers in enumerate(counts.to_numpy(dtype=float)):
        shown = [numbers[0], *numbers[1:][numbers[1:] > 0]]
        text = " + ".join(map(_number, shown))
        axes.text(numbers.sum(), row, f" {text}", va="center", size=8)
    used = [key for key in _STATES if key == "live" or counts[key].any()]
    style.legend(made, [(_STATES[key], _say(f"ties_{key}", lang)) for key in used])
    return made


def _default(result: Result, lang: Lang) -> Figure:
    """Bars of the first numeric column, the table's own order."""
    table = result.table
    numeric = [
        key
        for key in table.columns
        if pd.api.types.is_numeric_dtype(table[key])
        and not pd.api.types.is_bool_dtype(table[key])
        and table[key].notna().any()
    ]
    if not numeric:
        return style.empty(lang)
    head = table.head(TOP)
    made = style.figure(0.25 * len(head) + 0.5)
    axes = made.add_subplot()
    values = head[numeric[0]].to_numpy(dtype=float, na_value=np.nan)
    _ranking(axes, _names(head), values, style.BLUES[1])
    for row, value in enumerate(values):
        axes.text(
            max(0.0, float(np.nan_to_num(value))), row, f" {_number(value)}", va="center", size=8
        )
    axes.set_title(vocabulary.label(str(numeric[0]), lang), loc="left", size=9, color=style.MUTED)
    return made


_CHARTS: dict[str, Callable[[Result, Lang], Figure]] = {
    "coverage": _ladder,
    "reach": _reach,
    "centrality": _centrality,
    "ties": _ties,
    "timeline": timeline,
    "expiry": cliff,
    "subjects": matrix,
}
