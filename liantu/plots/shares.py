"""Shares: rows of stacked parts with their counts, in headed blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from liantu.plots import style
from liantu.plots.bars import NAME
from liantu.plots.fonts import cut


class Part(NamedTuple):
    """A part of every row: colour, whether light text reads on it, whether it counts, its name.

    A hatch tells it from a part that is as dark on grey paper.
    """

    colour: str
    dark: bool
    counts: bool
    label: str
    hatch: str = ""


def shares(blocks: Sequence[tuple[str, pd.DataFrame]], parts: Mapping[str, Part]) -> Figure:
    """Draw blocks of rows; each row is split into parts, what counts of them at its right.

    Parameters
    ----------
    blocks
        Heading (none for the first) and counts: one row a bar, one column a part.
    parts
        The parts in their order.
    """
    rows = sum(len(frame) + bool(head) for head, frame in blocks)
    made = style.figure(0.25 * rows + 0.75)
    draw(made.add_subplot(), blocks, parts)
    legend(made, parts)
    return made


def legend(made: Figure, parts: Mapping[str, Part]) -> None:
    """Put the names of the parts above a figure."""
    entries = [(part.colour, part.label) for part in parts.values()]
    style.legend(made, entries, tight=True, hatches=[part.hatch for part in parts.values()])


def draw(axes: Axes, blocks: Sequence[tuple[str, pd.DataFrame]], parts: Mapping[str, Part]) -> None:
    """Draw what `shares` does on axes that are there, without a legend."""
    y = 0.0
    ticks: list[float] = []
    labels: list[str] = []
    for head, frame in blocks:
        if head:
            y += 0.35
            axes.text(-0.005, y, head, ha="right", va="center", color=style.MUTED, size=8)
            y += 0.85
        _stack(axes, frame, y, parts)
        ticks.extend(y + np.arange(len(frame)))
        labels.extend(cut(name, NAME) for name in frame.index)
        y += len(frame)
    axes.set_yticks(ticks, labels)
    axes.set_ylim(y - 0.3, -0.7)
    axes.set_xlim(0, 1)
    style.bare(axes)


def _ground(part: Part) -> dict[str, Any] | None:
    """Return the ground of a number on hatching, where it would be hard to read."""
    if not part.hatch:
        return None
    return {"boxstyle": "square,pad=0.15", "facecolor": part.colour, "edgecolor": "none"}


def _stack(axes: Axes, frame: pd.DataFrame, top: float, parts: Mapping[str, Part]) -> None:
    """Draw rows of shares with counts inside and what counts at the right."""
    totals = frame.sum(axis=1).to_numpy(dtype=float)
    y = top + np.arange(len(frame))
    left = np.zeros(len(frame))
    for key, part in parts.items():
        counts = frame[key].to_numpy()
        share = counts / totals
        axes.barh(
            y, share, 0.68, left=left, color=part.colour, edgecolor="white", linewidth=0.6,
            hatch=part.hatch,
        )  # fmt: skip
        for row in np.flatnonzero(share > 0.035):
            axes.text(
                left[row] + share[row] / 2,
                y[row],
                f"{counts[row]:,}",
                ha="center",
                va="center",
                size=7.5,
                color="white" if part.dark else style.INK,
                bbox=_ground(part),
            )
        left += share
    counted = frame[[key for key, part in parts.items() if part.counts]].sum(axis=1).to_numpy()
    for place, (reached, total) in enumerate(zip(counted, totals, strict=True)):
        text = f"{reached:,} / {total:,.0f}   {reached / total:.0%}"
        axes.text(1.01, y[place], text, va="center", size=8, color=style.INK)
