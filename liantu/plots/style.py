"""The look of charts: colours, type, sizes, and how a figure becomes SVG."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from io import BytesIO, StringIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from liantu.plots.fonts import families
from liantu.vocabulary import Lang, label

WIDTH = 7.2  # inches: the text width of an A4 page
INK, MUTED, FAINT, GRID = "#1f2933", "#616e7c", "#cbd2d9", "#e4e7eb"
# Orange against blue is told apart with every common colour blindness, and in grey by lightness.
ALARM, WARN = "#d1495b", "#edae49"
BLUES = ("#a9cbe0", "#5b9ac4", "#1f5f8b")
PALE = "#d9e6ef"
CORE_ONLY = "#8d99a6"
RUNGS = {"none": ALARM, "named": WARN, "in_force": BLUES[0], "active": BLUES[1]} | {
    "sustained": BLUES[2]
}


@contextmanager
def style() -> Iterator[None]:
    """Set fonts and sizes while a figure is made or drawn; nothing stays changed."""
    with mpl.rc_context():
        mpl.rcParams.update(
            {
                "font.family": list(families()),
                "font.size": 9,
                "text.parse_math": False,  # a $ in a name is a dollar sign
                "text.color": INK,
                "axes.edgecolor": FAINT,
                "axes.labelcolor": MUTED,
                "xtick.color": MUTED,
                "ytick.color": INK,
                "svg.fonttype": "path",
                "svg.hashsalt": "liantu",
                "path.simplify": True,
                "hatch.linewidth": 0.6,
            }
        )
        yield


def figure(height: float, width: float = WIDTH) -> Figure:
    """Return an empty figure of a size in inches, laid out when drawn."""
    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(made)
    return made


def empty(lang: Lang) -> Figure:
    """Return a figure that says that there is nothing to show."""
    made = figure(0.8)
    made.text(0.5, 0.5, label("nothing", lang, "label"), ha="center", va="center", color=MUTED)
    return made


def bare(axes: Axes) -> None:
    """Take frame, ticks and numbers away: bars bear their own labels."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_xticks([])


def legend(
    made: Figure,
    entries: Sequence[tuple[str, str]],
    *,
    tight: bool = False,
    hatches: Sequence[str] = (),
) -> None:
    """Put a legend of colours above a figure, closer together if there are many."""
    from matplotlib.patches import Patch

    made.legend(
        handles=[
            Patch(facecolor=colour, edgecolor="white", linewidth=0, hatch=hatch, label=text)
            for (colour, text), hatch in zip(entries, hatches or [""] * len(entries), strict=True)
        ],
        loc="outside upper left",
        ncols=len(entries),
        frameon=False,
        fontsize=8,
        handlelength=1,
        handleheight=1,
        **({"columnspacing": 1.2, "handletextpad": 0.5} if tight else {}),
    )


def svg(figure: Figure, title: str = "", alt: str = "") -> str:
    """Return a figure as an ``<svg>`` element: text as paths, no date, ids of its own.

    The same figure gives the same text. Ids begin with a hash of the content, so that many figures
    stand in one page without taking each other's glyphs.

    Parameters
    ----------
    figure
        A figure, as `plot` and `network_picture` return it.
    title, alt
        What the picture is called and what it shows, for those who do not see it.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> svg(Figure(figsize=(1, 1)))[:4]
    '<svg'
    """
    out = StringIO()
    with style():
        figure.savefig(out, format="svg", dpi=200, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # matplotlib's style sheet would hold for the whole page; here it is inherited from the root.
    text = re.sub(r"\s*<style[^>]*>.*?</style>", "", text, flags=re.DOTALL)
    text = text.replace(
        "<svg ", '<svg role="img" style="stroke-linejoin:round;stroke-linecap:butt" ', 1
    )
    if title:
        said = f'<title id="t">{escape(title)}</title><desc id="d">{escape(alt)}</desc>'
        text = text.replace("<svg ", '<svg aria-labelledby="t d" ', 1)
        text = text.replace(">", f">{said}", 1)
    mark = "f" + hashlib.sha256(text.encode()).hexdigest()[:8] + "-"
    text = text.replace('aria-labelledby="t d"', f'aria-labelledby="{mark}t {mark}d"', 1)
    return re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{mark}", text)


def png(figure: Figure, dpi: int = 200) -> tuple[bytes, tuple[float, float]]:
    """Return a figure as a PNG without date and program, and its width and height in inches.

    Parameters
    ----------
    figure
        A figure, as `plot` and `network_picture` return it.
    dpi
        Points of the picture an inch.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> data, inches = png(Figure(figsize=(1, 2)), dpi=50)
    >>> data[1:4], inches
    (b'PNG', (1.0, 2.0))
    """
    out = BytesIO()
    with style():
        figure.savefig(out, format="png", dpi=dpi, metadata={"Software": None})
    width, height = figure.get_size_inches()
    return out.getvalue(), (float(width), float(height))
