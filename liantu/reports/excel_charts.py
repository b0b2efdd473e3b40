"""Native charts of a workbook, each beside the figures that it draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from liantu.formats.cells import clean
from liantu.graph.network import Network
from liantu.reports.excel_looks import BLUE, SHADES
from liantu.results.blocks import Annex, Cells, Report
from liantu.vocabulary import label, terms

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_BARS = 15  # of a chart
_HEIGHT = 21  # rows from one chart to the next
# Annexes whose highest rows make bars, and the column that they show.
_RANKED = {"reach": "within_hops", "load": "supported", "most_missed": "lost"}


@dataclass(frozen=True)
class Drawn:
    """What a chart shows: names, and a series of numbers a head; `colours` of points or series."""

    title: str
    names: Sequence[str]
    series: dict[str, Sequence[float]]
    colours: Sequence[str]
    upright: bool


def write_charts(
    book: Workbook, sheet: Worksheet, found: Sequence[Drawn], looks: dict[str, Any]
) -> None:
    """Write the figures at the left and the charts at the right."""
    sheet.set_landscape()
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 3, 12)
    for place, chart in enumerate(found):
        row = place * max(_HEIGHT, _BARS + 4)
        sheet.write_string(row, 0, chart.title, looks["part"])
        for column, head in enumerate(chart.series, 1):
            sheet.write_string(row + 1, column, head, looks["head"])
        sheet.write_column(row + 2, 0, chart.names, looks["cell"])
        for column, values in enumerate(chart.series.values(), 1):
            sheet.write_column(row + 2, column, values, looks["cell_number"])
        _insert(book, sheet, row, chart)


def _insert(book: Workbook, sheet: Worksheet, row: int, chart: Drawn) -> None:
    several = len(chart.series) > 1
    kind = {"type": "column" if chart.upright else "bar"}
    made = book.add_chart(kind | ({"subtype": "stacked"} if several else {}))
    first, last = row + 2, row + 1 + len(chart.names)
    for column in range(1, len(chart.series) + 1):
        points: dict[str, Any] = (
            {} if several else {"points": [{"fill": {"color": c}} for c in chart.colours]}
        )
        made.add_series(
            {
                "name": [sheet.name, row + 1, column],
                "categories": [sheet.name, first, 0, last, 0],
                "values": [sheet.name, first, column, last, column],
                "fill": {"color": chart.colours[min(column, len(chart.colours)) - 1]},
                "data_labels": {"value": not several},
                "gap": 60,
                **points,
            }
        )
    made.set_title({"name": chart.title, "name_font": {"size": 11, "bold": True}})
    made.set_legend({"position": "bottom"} if several else {"none": True})
    axis: dict[str, Any] = {"major_gridlines": {"visible": False}}
    made.set_x_axis({"num_font": {"size": 9}} if chart.upright else axis)
    # Bars are read from above.
    made.set_y_axis(axis if chart.upright else {"reverse": True, "num_font": {"size": 9}})
    made.set_size({"width": 560, "height": 380})
    description = f"{chart.title}: {', '.join(chart.names)}"
    sheet.insert_chart(row, 5, made, {"description": description})


def drawn(report: Report, network: Network) -> Iterator[Drawn]:
    """Give what there is to draw: rungs, regions, those who support most."""
    lang = report.lang
    annexes = {annex.key: annex for annex in report.annexes}
    cells = Cells(network, lang)
    if (annex := annexes.get("coverage")) is not None:
        counts = annex.frame["rung"].astype("str").value_counts()
        rungs = terms("rung")
        yield Drawn(
            label("coverage_chart", lang, "label"),
            [term.label(lang) for term in rungs.values()],
            {label("schools", lang): [int(counts.get(code, 0)) for code in rungs]},
            [SHADES[code] for code in rungs],
            upright=True,
        )
    if (annex := annexes.get("by_region")) is not None:
        frame = _one_level(annex.frame)
        yield Drawn(
            clean(annex.title),
            [clean(name) for name in cells.column("region", frame["region"])],
            {label(key, lang): frame[key].astype(int).tolist() for key in ("covered", "uncovered")},
            (BLUE, SHADES["none"]),
            upright=False,
        )
    for key, column in _RANKED.items():
        if (annex := annexes.get(key)) is not None:
            yield _ranked(annex, column, report)


def _one_level(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the regions of the level that a chart has room for, most uncovered schools first."""
    sizes = frame["level"].astype("str").value_counts()
    fitting = sizes[(sizes > 1) & (sizes <= _BARS)]
    level = (fitting if len(fitting) else sizes).index[0]
    rows: pd.DataFrame = frame[frame["level"].astype("str") == level]
    return rows.sort_values("uncovered", ascending=False, kind="stable").head(_BARS)


def _ranked(annex: Annex, key: str, report: Report) -> Drawn:
    frame = annex.frame.dropna(subset=[key])
    frame = frame.sort_values(key, ascending=False, kind="stable").head(_BARS)
    return Drawn(
        clean(f"{annex.title} · {label(key, report.lang)}"),
        [clean(str(name)) for name in frame["name"]],
        {label(key, report.lang): frame[key].astype(float).tolist()},
        (BLUE,),
        upright=False,
    )
