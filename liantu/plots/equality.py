"""How even schools are: a strip a county, and the Lorenz curve of the least even one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from liantu import vocabulary
from liantu.errors import Message
from liantu.graph.inequality import lorenz
from liantu.plots import style
from liantu.plots.bars import NAME, number
from liantu.plots.fonts import cut
from liantu.vocabulary import Lang

SHOWN = 12  # counties of a chart


def equality(table: pd.DataFrame, schools: pd.DataFrame, names: pd.Series, lang: Lang) -> Figure:
    """Draw the indicator that is farthest above its limit, or nearest below it.

    Parameters
    ----------
    table
        ``county, stage, indicator, cv, limit, mean, threshold``, a row a cell.
    schools
        ``county, stage, pupils`` and a column an indicator, a row a section of a school.
    names
        The names of the counties by id.
    lang
        The language.
    """
    known = table[table["cv"].notna()]
    if known.empty:
        return style.empty(lang)
    worst = known.iloc[int((known["cv"] / known["limit"]).to_numpy(dtype=float).argmax())]
    key, stage = str(worst["indicator"]), str(worst["stage"])
    rows = known[(known["indicator"] == key) & (known["stage"] == stage)]
    rows = rows.sort_values("cv", ascending=False, kind="stable")
    more, rows = len(rows), rows.head(SHOWN)
    dots = schools[(schools["stage"] == stage) & schools[key].notna() & schools["pupils"].notna()]
    dots = dots.assign(county=dots["county"].fillna(""), value=dots[key])
    made = style.figure(max(2.6, 0.32 * len(rows) + 1.3))
    strip, curve = made.subplots(1, 2, width_ratios=(3, 1.5))
    _strip(strip, rows, dots, names, lang)
    title = f"{vocabulary.label(stage, lang, 'stage')} · {vocabulary.label(key, lang)}"
    strip.set_title(title, loc="left", size=9, color=style.MUTED)
    if more > SHOWN:
        strip.set_xlabel(Message("shown_of", {"shown": SHOWN, "total": more}).text(lang), size=8)
    here = dots[dots["county"] == (worst["county"] if pd.notna(worst["county"]) else "")]
    weight = here["pupils"].to_numpy(dtype=float)
    _curve(curve, weight, here["value"].to_numpy(dtype=float))
    name = _name(worst["county"], names, lang)
    gini = f"{vocabulary.label('gini', lang)} {worst['gini']:.3f}"
    curve.set_title(f"{cut(name, NAME // 2)}\n{gini}", loc="left", size=9, color=style.MUTED)
    curve.set_xlabel(vocabulary.label("lorenz_pupils", lang, "label"), size=8)
    curve.set_ylabel(vocabulary.label("lorenz_resource", lang, "label"), size=8)
    style.legend(
        made,
        [
            (style.BLUES[1], vocabulary.label("dot_school", lang, "label")),
            (style.INK, vocabulary.label("mean", lang)),
            (style.WARN, f"{vocabulary.label('threshold', lang)} {number(worst['threshold'])}"),
        ],
    )
    return made


def _strip(
    axes: Axes, rows: pd.DataFrame, dots: pd.DataFrame, names: pd.Series, lang: Lang
) -> None:
    high = float(dots["value"].max()) if len(dots) else 1.0
    for place, (_, row) in enumerate(rows.iterrows()):
        county = row["county"] if pd.notna(row["county"]) else ""
        here = dots[dots["county"] == county]
        size = np.sqrt(here["pupils"].to_numpy(dtype=float))
        size = 8 + 90 * size / (size.max(initial=0) or 1)
        axes.scatter(
            here["value"], np.full(len(here), place), s=size, alpha=0.5, linewidth=0,
            color=style.BLUES[1],
        )  # fmt: skip
        axes.plot([row["mean"]] * 2, [place - 0.35, place + 0.35], color=style.INK, linewidth=1.6)
        colour = style.ALARM if row["balance"] == "fails" else style.MUTED
        text = f"{vocabulary.label('cv_short', lang, 'label')} {row['cv']:.3f} / {row['limit']:.2f}"
        axes.text(1.01, place, text, color=colour, size=8, va="center", clip_on=False,
                  transform=axes.get_yaxis_transform())  # fmt: skip
    axes.axvline(float(rows["threshold"].iloc[0]), color=style.WARN, linewidth=1.2, zorder=0)
    axes.set_yticks(
        range(len(rows)), [cut(_name(one, names, lang), NAME // 2) for one in rows["county"]]
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(high, float(rows["threshold"].iloc[0])) * 1.06 or 1)
    axes.spines[["left", "top", "right"]].set_visible(False)
    axes.tick_params(length=0, labelsize=8)


def _curve(axes: Axes, weight: np.ndarray, value: np.ndarray) -> None:
    x, y = lorenz(weight, value)
    axes.plot([0, 1], [0, 1], color=style.FAINT, linewidth=1)
    axes.fill_between(x, y, x, color=style.PALE)
    axes.plot(x, y, color=style.BLUES[2], linewidth=1.6)
    axes.set_aspect("equal", adjustable="box", anchor="NW")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    ticks = [0, 0.5, 1]
    axes.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axes.set_yticks(ticks, [f"{tick:.0%}" for tick in ticks])
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=0, labelsize=8)


def _name(county: object, names: pd.Series, lang: Lang) -> str:
    if not isinstance(county, str):
        return vocabulary.label("all_one_county", lang, "label")
    said = names.get(county)
    return said if isinstance(said, str) else county
