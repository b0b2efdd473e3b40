"""The body as an office sends it: a few pages, the whole lists as annexes, pictures at the end."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import replace

from liantu.results.blocks import Block, Facts, Picture, Section, Table, Text

ROWS = 5  # rows of a table whose whole list is an annex
TABLES = 1  # tables of a chapter; of others the text tells, and points to the annex


def shortened(
    chapters: Iterable[Section], annexes: Container[str]
) -> tuple[list[Section], list[Section]]:
    """Return the body without figures and charts that its text tells as well, and what is moved.

    The first table of a chapter stays, and every one that no text stands for.

    Parameters
    ----------
    annexes
        Keys of the annexes that the report has: only what stands there is cut here.

    Returns
    -------
    The chapters, and the sections that are about a picture: at half a page nobody could read it.
    """
    body, moved = [], []
    for chapter in chapters:
        parts, room = [], TABLES
        for part in chapter.sections:
            if any(isinstance(block, Picture) and block.needed for block in part.blocks):
                moved.append(part)
            elif blocks := tuple(_kept(part.blocks, annexes, room)):
                parts.append(replace(part, blocks=blocks))
                room -= sum(isinstance(block, Table) for block in blocks)
        if parts:
            body.append(replace(chapter, sections=tuple(parts)))
    return body, moved


def _kept(blocks: tuple[Block, ...], annexes: Container[str], room: int) -> Iterable[Block]:
    told = any(isinstance(block, Text) for block in blocks)
    for block in blocks:
        if isinstance(block, Picture) or (isinstance(block, Facts) and told):
            continue
        if isinstance(block, Table) and block.annex in annexes and told:
            room -= 1
            if room < 0:
                continue
        if isinstance(block, Table) and block.annex in annexes and len(block.rows) > ROWS:
            total = block.total or len(block.rows)
            yield replace(block, rows=block.rows[:ROWS], total=total)
        else:
            yield block
