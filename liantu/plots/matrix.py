"""The matrix of schools and subjects: what each school has, inherits and lacks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from liantu import vocabulary
from liantu.analyses._core import Result
from liantu.errors import Message
from liantu.plots import style
from liantu.plots.fonts import cut
from liantu.vocabulary import Lang

ROWS, COLUMNS = 40, 40  # schools and subjects that a person can still read
NAME = 32


def matrix(result: Result, lang: Lang) -> Figure:
    """Draw schools (those that lack most first) by subjects: supported, inherited, lacking.

    A cell without colour is a subject that does not concern the school.
    """
    frame = result.tables["matrix"]
    if frame.empty:
        return style.empty(lang)
    state = np.where(frame["supported"], np.where(frame["inherited"], 1, 2), 0)
    cells = frame.assign(state=state).pivot(index="school", columns="subject", values="state")
    cells = cells.reindex(result.table.index).iloc[:ROWS, :COLUMNS]
    names = result.table["name"].fillna(pd.Series(result.table.index, result.table.index))
    made = style.figure(0.22 * len(cells) + 1.6)
    axes = made.add_subplot()
    colours = ListedColormap([style.ALARM, style.BLUES[0], style.BLUES[2]])
    values = np.ma.masked_invalid(cells.to_numpy(dtype=float))
    axes.pcolormesh(values, cmap=colours, vmin=-0.5, vmax=2.5, edgecolor="white", linewidth=0.8)
    style.bare(axes)
    axes.set_yticks(np.arange(len(cells)) + 0.5, [cut(names[key], NAME) for key in cells.index])
    subjects = [cut(str(key), NAME) for key in cells.columns]
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(subjects)) + 0.5, subjects, rotation=90, size=8)
    axes.tick_params(axis="x", length=0)
    axes.set_ylim(len(cells), 0)
    style.legend(
        made,
        [
            (style.BLUES[2], vocabulary.label("supported", lang)),
            (style.BLUES[0], vocabulary.label("inherited", lang)),
            (style.ALARM, vocabulary.label("lacking", lang, "label")),
        ],
    )
    if len(result.table) > ROWS:
        text = Message("shown_of", {"shown": ROWS, "total": len(result.table)}).text(lang)
        axes.set_xlabel(text, size=8)
    return made
