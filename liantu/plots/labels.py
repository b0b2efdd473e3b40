"""Names beside points: the important first, none over another, what finds no room left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from unicodedata import east_asian_width

import numpy as np
from matplotlib.axes import Axes

from liantu.plots import style
from liantu.plots.fonts import cut

SIZE = 6.5  # points of type
WIDEST = 22  # columns of a name; a hanzi takes two
_GAP = 0.75  # between a mark and its name, of the size of type
# Where a name may stand: right, left, above, below; as shares of its width and height.
_PLACES = ((0.0, -0.5), (-1.0, -0.5), (-0.5, 0.0), (-0.5, -1.0))
_ASIDE = ((1, 0), (-1, 0), (0, 1), (0, -1))


def shortened(names: Sequence[str]) -> list[str]:
    """Return names without what all of them begin with, and of parts joined by · the last.

    Examples
    --------
    >>> shortened(["某县·东乡·一小", "某县·西乡·二小"]), shortened(["某县一中", "某县二小"])
    (['一小', '二小'], ['一中', '二小'])
    >>> shortened(["一中"])
    ['一中']
    """
    found = [name.rsplit("·", 1)[-1] or name for name in names]
    columns = zip(*found, strict=False)
    common = sum(1 for _ in takewhile(lambda signs: len(set(signs)) == 1, columns))
    if len(found) > 1 and common > 1 and all(len(name) > common for name in found):
        found = [name[common:] for name in found]
    return [cut(name, WIDEST) for name in found]


def label_points(
    axes: Axes,
    at: np.ndarray,
    names: Sequence[str],
    around: np.ndarray,
    unit: float,
    points: float = SIZE,
) -> int:
    """Write names beside points, the first first, and return how many found room.

    Parameters
    ----------
    axes
        Where to write; its x and y have the same scale on paper.
    at
        (n, 2) the points named.
    names
        Their names.
    around
        (m, 2) every mark drawn: no name stands over one.
    unit
        Points of type that a unit of y takes on paper.
    points
        The size of type.
    """
    squeeze = 1 / float(axes.get_aspect()) if axes.get_aspect() != "auto" else 1.0
    scale = np.array([unit * squeeze, unit])
    marks, taken, written = around * scale, np.zeros((0, 4)), 0
    left, right = np.sort(np.array(axes.get_xlim()) * scale[0])
    for point, name in zip(at * scale, names, strict=True):
        wide = points * 0.52 * sum(2 if east_asian_width(c) in "WF" else 1 for c in name)
        size = np.array([wide, points * 1.25])
        for place, aside in zip(_PLACES, _ASIDE, strict=True):
            low = point + np.array(place) * size + np.array(aside) * _GAP * points
            box = np.concatenate((low, low + size))
            crossed = (box[:2] < taken[:, 2:]).all(axis=1) & (taken[:, :2] < box[2:]).all(axis=1)
            inside = ((marks > box[:2] - 1) & (marks < box[2:] + 1)).all(axis=1)
            if crossed.any() or inside.any() or box[0] < left or box[2] > right:
                continue
            taken = np.vstack((taken, box))
            x, y = (low + size / 2) / scale
            text = axes.text(
                x, y, name, size=points, ha="center", va="center", color=style.INK, zorder=9
            )
            text.set_in_layout(False)
            written += 1
            break
    return written
