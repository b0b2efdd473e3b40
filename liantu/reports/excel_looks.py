"""How the cells of a workbook look, and how high a row of long text is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liantu.vocabulary import terms

if TYPE_CHECKING:
    from xlsxwriter import Workbook

BLUE, MUTED, LINE, GROUND = "#1f5f8b", "#616e7c", "#bfc7cf", "#eef2f5"
# Ground and type of each rung of coverage: told apart in grey by lightness.
RUNGS = {
    "none": ("#f6c9cf", "#7d1a28"),
    "named": ("#fae3bb", "#6b4700"),
    "in_force": ("#dcebf4", "#1f2933"),
    "active": ("#b5d3e6", "#1f2933"),
    "sustained": ("#7fb2d3", "#10212e"),
}
# Colours of the same rungs in a chart.
SHADES = {
    "none": "#d1495b",
    "named": "#edae49",
    "in_force": "#a9cbe0",
    "active": "#5b9ac4",
    "sustained": "#1f5f8b",
}
_LINE_HEIGHT = 15.0  # points


def formats(book: Workbook) -> dict[str, Any]:
    """Return the formats of a workbook by name; those of rungs for every key of the vocabulary."""
    wrap = {"text_wrap": True, "valign": "top"}
    cell = {**wrap, "border": 1, "border_color": LINE}
    made = {
        "title": {"bold": True, "font_size": 18, "font_color": BLUE},
        "heading": {"bold": True, "font_size": 13, "font_color": BLUE},
        "part": {"bold": True, "font_size": 12, "font_color": BLUE},
        "caption": {"bold": True},
        "quiet": {"font_color": MUTED},
        "note": {**wrap, "font_color": MUTED, "font_size": 9},
        "wrap": wrap,
        "top": {"valign": "top", "align": "left"},
        "head": {**cell, "bold": True, "bg_color": GROUND, "valign": "vcenter"},
        "cell": cell,
        "cell_number": {**cell, "align": "right"},
        "cell_code": {**cell, "text_wrap": False},
        "figure": {"bold": True, "font_size": 16, "font_color": BLUE, "align": "left"},
        "alarm": {"bold": True, "font_size": 16, "font_color": "#b23a48", "align": "left"},
        "link": {"font_color": BLUE, "underline": 1},
        "link_top": {"font_color": BLUE, "underline": 1, "valign": "top"},
        "text": {**wrap, "num_format": "@"},
        "day": {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"},
        "share": {"num_format": "0.0%", "valign": "top"},
        "count": {"num_format": "#,##0", "valign": "top"},
        "number": {"num_format": "#,##0.0##", "valign": "top"},
    }
    found = {name: book.add_format(look) for name, look in made.items()}
    for code in terms("rung"):
        ground, ink = RUNGS[code]
        found[f"rung_{code}"] = book.add_format({"bg_color": ground, "font_color": ink})
    return found


def height(text: str, width: int) -> float:
    """Return the height in points of a text in a column of so many characters.

    Merged and wide cells are not made higher by themselves.

    Examples
    --------
    >>> height("石门县" * 10, 40), height("", 40)
    (30.0, 15.0)
    """
    from rich.cells import cell_len

    return _LINE_HEIGHT * max(1, -(-round(1.08 * cell_len(text)) // width))
