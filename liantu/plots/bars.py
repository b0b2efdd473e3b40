"""Bars: rankings with their numbers, and what any table without a chart of its own gets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from liantu import vocabulary
from liantu.plots import style
from liantu.plots.fonts import cut
from liantu.vocabulary import Lang

TOP = 15  # bars of a ranking
NAME = 32  # columns of a name; a hanzi takes two


def number(value: float) -> str:
    """Return a number as a chart shows it.

    Examples
    --------
    >>> number(1200.0), number(0.1234), number(float("nan"))
    ('1,200', '0.123', '–')
    """
    if np.isnan(value):
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3g}"


def row_names(frame: pd.DataFrame) -> list[str]:
    """Return labels of rows: names, else ids."""
    ids = pd.Series(frame.index.astype("str"), index=frame.index)
    for key in ("name", "school", "node", "supporter"):
        if key in frame:
            ids = frame[key].astype("str").fillna(ids)
            break
    return [cut(name, NAME) for name in ids]


def ranking(axes: Axes, names: Sequence[str], values: np.ndarray, colour: str) -> np.ndarray:
    """Draw lying bars, the first at the top, and return their heights on the axis."""
    y = np.arange(len(values), dtype=float)
    axes.barh(y, np.nan_to_num(values), 0.66, color=colour)
    axes.set_yticks(y, names)
    axes.set_ylim(len(values) - 0.4, -0.6)
    high = float(np.nanmax(values, initial=0))
    axes.set_xlim(min(0.0, float(np.nanmin(values, initial=0))), (high or 1) * 1.15)
    style.bare(axes)
    return y


def said(axes: Axes, values: np.ndarray) -> None:
    """Write each number behind its lying bar."""
    for row, value in enumerate(values):
        end = max(0.0, float(np.nan_to_num(value)))
        axes.text(end, row, f" {number(value)}", va="center", size=8)


def upright(axes: Axes, title: str) -> None:
    """Strip an upright chart to what is read: values stand at the marks."""
    axes.set_yticks([])
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.tick_params(axis="x", length=0, labelsize=8)
    axes.margins(y=0.15)
    axes.set_title(title, loc="left", size=9, color=style.MUTED)


def first_numbers(table: pd.DataFrame, lang: Lang) -> Figure:
    """Draw bars of the first numeric column, in the table's own order."""
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
    ranking(axes, row_names(head), values, style.BLUES[1])
    said(axes, values)
    axes.set_title(vocabulary.label(str(numeric[0]), lang), loc="left", size=9, color=style.MUTED)
    return made
