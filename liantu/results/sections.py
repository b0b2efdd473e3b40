"""The parts that sections of the report are made of, and the section of any analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from liantu import vocabulary
from liantu.errors import LiantuError
from liantu.results.asked import Asked
from liantu.results.blocks import (
    Block,
    Cells,
    Fact,
    Facts,
    Items,
    Picture,
    Section,
    Table,
    Text,
    look,
)
from liantu.results.core import Result, registry

ROWS = 30  # rows of a table
FEW = 10  # rows of a table that only gives an impression
COLUMNS = 8  # columns of such a table


def table(
    asked: Asked,
    title: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    command: str,
    rows: int = ROWS,
    heads: Mapping[str, str] | None = None,
) -> Table:
    """Return the first rows of a frame as a table that says how many there are.

    `heads` gives columns another head than their term: a key of the report's words.
    """
    shown, cells, words = frame.head(rows), Cells(asked.network, asked.lang), heads or {}
    columns = [key for key in columns if key == columns[0] or frame[key].notna().any()]
    texts = cells.frame(shown, columns)
    cap = ""
    if len(frame) > rows:
        cap = asked.tell("first_rows", shown=rows, total=f"{len(frame):,}", command=command)
    return Table(
        title=title,
        head=tuple(
            asked.say(words[key]) if key in words else vocabulary.label(key, asked.lang)
            for key in columns
        ),
        rows=tuple(texts.itertuples(index=False, name=None)),
        looks=tuple(look(key, frame[key]) for key in columns),
        cap=cap,
        command=command,
    )


def failed(asked: Asked, name: str) -> list[Block]:
    """Return why an analysis could not run, with the remedy."""
    error = asked.results[name]
    lines = error.lines(asked.lang) if isinstance(error, LiantuError) else []
    title = asked.heading(name)
    return [Text(asked.tell("cannot_run", name=title, reason=" ".join(lines)))]


def ends_named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ties whose ends are named by their id where they have no name."""
    ends = [end for end in ("source", "target") if f"{end}_name" in frame]
    named = {f"{end}_name": frame[f"{end}_name"].fillna(frame[end].astype("str")) for end in ends}
    return frame.assign(**named)


def chart_of(asked: Asked, result: Result, command: str) -> Picture:
    """Return the chart of a result under the title of its analysis."""
    from liantu.plots import svg

    title = asked.heading(result.name)
    return Picture(title, svg(result.plot(asked.lang)), command)


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose name is the id where a node has none."""
    ids = pd.Series(frame.index.astype("str"), index=frame.index)
    return frame.assign(name=frame["name"].astype("str").fillna(ids))


def plain_section(
    asked: Asked,
    name: str,
    *,
    heads: Mapping[str, str] | None = None,
    frame: pd.DataFrame | None = None,
    first: Sequence[str] = (),
) -> Section:
    """Return the section that any analysis can have: text, figures, chart, first rows, notes.

    Parameters
    ----------
    asked
        What was asked.
    name
        The analysis.
    heads
        Another head of a column or figure than its term: a key of the report's words.
    frame
        The table in another order.
    first
        The columns that stand first.
    """
    return Section(
        name, asked.heading(name), tuple(_blocks(asked, name, heads or {}, frame, first))
    )


def _blocks(
    asked: Asked,
    name: str,
    words: Mapping[str, str],
    frame: pd.DataFrame | None,
    first: Sequence[str],
) -> list[Block]:
    result, analysis = asked.result(name), registry()[name]
    if result is None:
        return failed(asked, name)
    command, cells = asked.command(name), Cells(asked.network, asked.lang)
    blocks: list[Block] = []
    if text := " ".join(analysis.text(asked.lang).split("\n\n")[0].splitlines()):
        blocks.append(Text(text.replace("， ", "，") if asked.lang == "zh" else text))
    facts = [
        Fact(
            asked.say(words[key]) if key in words else vocabulary.label(key, asked.lang),
            cells.value(key, result.summary[key]),
        )
        for key in analysis.highlights
        if key in result.summary
    ]
    if facts:
        blocks.append(Facts(tuple(facts), command))
    if result.table.empty:
        return [*blocks, Text(asked.say("nothing"))]
    blocks.append(chart_of(asked, result, command))
    frame = ends_named(result.table if frame is None else frame)
    hidden = {"origin"}
    for end in ("source", "target"):
        if f"{end}_name" in frame:
            hidden |= {end, f"{end}_kind"}
    columns = [str(key) for key in frame.columns if key not in hidden]
    if "name" in columns:
        frame = named(frame)
    elif frame.index.name is not None:
        frame, columns = frame.reset_index(), [str(frame.index.name), *columns]
    columns = [*first, *(key for key in columns if key not in first)]
    blocks.append(table(asked, "", frame, columns[:COLUMNS], command, rows=FEW, heads=words))
    if result.notes:
        blocks.append(Items(tuple(note.text(asked.lang) for note in result.notes)))
    return blocks
