"""The parts that sections of the report are made of, and the section of any analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from liantu import vocabulary
from liantu.results.asked import Asked
from liantu.results.blocks import (
    Annex,
    Block,
    Cells,
    Fact,
    Facts,
    Picture,
    Section,
    Table,
    Text,
    look,
)
from liantu.results.core import Result, registry

ROWS = 30  # rows of a table: a page
FEW = 10  # rows of a table that only gives an impression
COLUMNS = 8  # columns of such a table
LONGEST = 60  # characters of a cell


def table(
    asked: Asked,
    title: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    command: str,
    rows: int = ROWS,
    heads: Mapping[str, str] | None = None,
    annex: str = "",
) -> Table:
    """Return the first rows of a frame as a table that says how many there are, and where.

    `heads` gives columns another head than their term: a key of the report's words. `annex` is the
    key of the annex that has the whole list.
    """
    shown, cells, words = frame.head(rows), Cells(asked.network, asked.lang), heads or {}
    columns = [key for key in columns if key == columns[0] or frame[key].notna().any()]
    texts = cells.frame(shown, columns)
    if annex:  # which has the whole of long lists of names
        texts = texts.map(lambda text: text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
    more = len(frame) > rows
    cap = ""
    if more and not annex:
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
        total=len(frame) if more else 0,
        annex=annex,
    )


def annex(
    key: str,
    title: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    command: str,
    heads: Mapping[str, str] | None = None,
) -> tuple[Annex, ...]:
    """Return a whole list as an annex, without columns that say nothing; none if it is empty."""
    if frame.empty:
        return ()
    columns = [key for key in columns if key == columns[0] or frame[key].notna().any()]
    words = tuple((heads or {}).items())
    return (Annex(key, title, frame[columns], tuple(columns), command, words),)


def ends_named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ties whose ends are named by their id where they have no name."""
    ends = [end for end in ("source", "target") if f"{end}_name" in frame]
    named = {f"{end}_name": frame[f"{end}_name"].fillna(frame[end].astype("str")) for end in ends}
    return frame.assign(**named)


def chart_of(asked: Asked, result: Result, command: str, title: str = "", alt: str = "") -> Picture:
    """Return the chart of a result; its title and, in words, what it shows stand beside it."""
    title = title or asked.short(result.name)
    return Picture(title, lambda: result.plot(asked.lang), alt or title, command)


def named(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose name is the id where a node has none."""
    ids = pd.Series(frame.index.astype("str"), index=frame.index)
    return frame.assign(name=frame["name"].astype("str").fillna(ids))


def key_figures(
    asked: Asked, result: Result, heads: Mapping[str, str] | None = None
) -> tuple[Fact, ...]:
    """Return the headline figures of a result."""
    cells, words = Cells(asked.network, asked.lang), heads or {}
    return tuple(
        Fact(
            asked.say(words[key]) if key in words else vocabulary.label(key, asked.lang),
            cells.value(key, result.summary[key]),
        )
        for key in registry()[result.name].highlights
        if key in result.summary
    )


def plain_section(
    asked: Asked, result: Result, *, heads: Mapping[str, str] | None = None
) -> list[Section]:
    """Return the section that any analysis can have: figures, chart, first rows, all as an annex.

    A result without rows has nothing to say.

    Parameters
    ----------
    asked
        What was asked.
    result
        What the analysis found.
    heads
        Another head of a column or figure than its term: a key of the report's words.
    """
    if result.table.empty:
        return []
    name, command, words = result.name, asked.command(result.name), heads or {}
    title, frame = asked.short(name), ends_named(result.table)
    blocks: list[Block] = [Text(asked.about(name))] if asked.about(name) else []
    facts = key_figures(asked, result, words)
    if facts:
        blocks.append(Facts(facts, command))
    blocks.append(chart_of(asked, result, command))
    hidden = {"origin"}
    for end in ("source", "target"):
        if f"{end}_name" in frame:
            hidden |= {end, f"{end}_kind"}
    columns = [str(key) for key in frame.columns if key not in hidden]
    if "name" in columns:
        frame = named(frame)
    elif frame.index.name is not None:
        frame, columns = frame.reset_index(), [str(frame.index.name), *columns]
    first = columns[:COLUMNS]
    blocks.append(table(asked, title, frame, first, command, rows=FEW, heads=words, annex=name))
    whole = annex(name, title, frame, columns, command, words)
    return [Section(name, title, tuple(blocks), annexes=whole)]
