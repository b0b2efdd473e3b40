"""What Word and PDF share: how lists are printed and what stands at the head."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from liantu.graph.network import Network
from liantu.reports.numbers import pointers
from liantu.reports.widths import wanted, widths
from liantu.reports.write import rows
from liantu.results.asked import written
from liantu.results.blocks import Report, Table
from liantu.vocabulary import Lang, message

GAP = 1.8  # characters that a cell leaves empty at its sides
LINE = 20  # characters of a title in size 2 that a line has room for
MOST = 40  # rows of an annex on paper; a workbook has all
SHORT = 8  # rows of a table that stays on one page
FULL, CLOSEST = 28.0, 20.0  # points from line to line of an official document
PAGE_TALL = 637.0  # points of its page
PAGE_WIDE = 51  # Latin letters of its line, of which a few stay empty before what is not broken
INDENT = 2  # characters before its first line
SMALL = 0.7  # of the page: a table that needs less is not drawn out in a plain report


@dataclass(frozen=True)
class Paper:
    """An annex as it is printed.

    Attributes
    ----------
    side
        Whether it stands on a page on its side.
    follows
        Whether it goes on under the one before: two short lists on one page.
    """

    number: int
    mark: str
    table: Table
    side: bool
    follows: bool = False


def papers(report: Report, network: Network, room: float) -> list[Paper]:
    """Return every annex as a table of texts, long ones cut.

    Parameters
    ----------
    room
        Width of an upright page in Latin letters of a table.
    """
    found: list[Paper] = []
    for annex in report.annexes:
        shown = rows(annex, network, report.lang, MOST)
        table = Table(
            title=annex.title,
            head=tuple(shown["head"]),
            rows=tuple(shown["rows"]),
            looks=tuple(shown["looks"]),
            cap=shown["cap"],
        )
        mark = numbered("annex", annex.number, report.lang)
        side = _needed(table) > room
        before = found[-1] if found else None
        follows = (
            before is not None
            and before.side == side
            and not before.follows
            and max(len(before.table.rows), len(table.rows)) <= SHORT
        )
        found.append(Paper(annex.number, mark, table, side, follows))
    return found


def pitch(report: Report) -> float:
    """Return how far the lines of page one stand apart, in points.

    The standard has 28, and allows for less where that serves: page one is one page, whatever the
    names and whoever it is addressed to.
    """
    if report.style != "gongwen":
        return FULL
    said = [
        f"{place}.{finding.text}{_pointed(finding.annexes, report.lang)}"
        for place, finding in enumerate(report.findings, 1)
    ]
    lines = sum(-(-(cell_len(text) + 2 * INDENT) // PAGE_WIDE) for text in said)
    lines += 2 + (-(-cell_len(report.addressee) // PAGE_WIDE) if report.addressee else 0)
    heads = sum(-(-cell_len(line) // (2 * LINE)) for line in titles(report)[0])
    room = PAGE_TALL - 36 * heads - 14
    return max(CLOSEST, min(FULL, math.floor(2 * room / (lines + 0.5)) / 2))


def _pointed(numbers: Sequence[int], lang: Lang) -> str:
    texts = [text for _, text in pointers(numbers, lang)]
    return f"（{'、'.join(texts)}）" if texts else ""


def numbered(kind: str, number: int, lang: Lang) -> str:
    """Return 表1, 图1 or 附表1; empty for what bears no number."""
    return message(f"{kind}_number", lang, {"number": number}) if number else ""


def columns(table: Table, room: float, *, full: bool) -> list[float]:
    """Return the widths of the columns in Latin letters, what they leave empty included.

    Parameters
    ----------
    room
        Width of the page in Latin letters.
    full
        Whether the table is as wide as the page even if it could be smaller.
    """
    free = room - GAP * len(table.head)
    wish = sum(wanted(table.head, table.rows, table.looks))
    total = free if full or wish > SMALL * free else max(wish, 0.4 * free)
    shares = widths(table.head, table.rows, table.looks, total)
    return [share * total + GAP for share in shares]


def _needed(table: Table) -> float:
    return sum(wanted(table.head, table.rows, table.looks)) + GAP * len(table.head)


def titles(report: Report) -> tuple[tuple[str, ...], str]:
    """Return the lines of the title and what stands under it.

    An official document has one title, which says what it is; under it stands that this is none.
    """
    if report.style != "gongwen":
        return (report.title,), report.subtitle
    note = message("gongwen_note", report.lang, {"day": written(report.day, report.lang)})
    if report.lang != "zh" or "报告" in report.title:
        return (report.title,), note
    whole = report.title + report.subtitle
    return ((whole,) if len(whole) <= LINE else (report.title, report.subtitle)), note
