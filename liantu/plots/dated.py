"""Charts along time: the timeline of groups and coverage, the cliff if nothing is renewed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from liantu import vocabulary
from liantu.analyses._core import Result
from liantu.analyses.timeline import meant
from liantu.plots import style
from liantu.vocabulary import Lang


def timeline(result: Result, lang: Lang) -> Figure:
    """Draw groups and the rate at each date, one panel each."""
    table = result.table
    words = [str(key) for key in table.index]
    if pd.api.types.is_datetime64_any_dtype(table.index):
        words = [str(day.date()) for day in table.index]
    made = style.figure(2.6)
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
        _upright(
            axes, vocabulary.label(said, lang, "label") if said else vocabulary.label(key, lang)
        )
    return made


def cliff(result: Result, lang: Lang) -> Figure:
    """Draw the rate of coverage at each month end if nothing is renewed."""
    frame = result.tables["cliff"]
    if frame.empty:
        return style.empty(lang)
    made = style.figure(2.6)
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
    _upright(axes, vocabulary.label("rate", lang))
    return made


def _upright(axes: Axes, title: str) -> None:
    """Strip an upright chart to what is read: values stand at the marks."""
    axes.set_yticks([])
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.tick_params(axis="x", length=0, labelsize=8)
    axes.margins(y=0.15)
    axes.set_title(title, loc="left", size=9, color=style.MUTED)
