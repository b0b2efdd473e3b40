"""The report as PDF: typst sets it from a template that reads the report as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, cast

from liantu.errors import RequestError
from liantu.graph.network import Network
from liantu.reports.numbers import pointers, walked
from liantu.reports.paper import SHORT, columns, numbered, papers, pitch, titles
from liantu.results.asked import written
from liantu.results.blocks import Block, Facts, Items, Picture, Report, Section, Table, Text
from liantu.vocabulary import label

_EARLIEST = datetime(1980, 1, 1)
# Latin letters that a page has room for: in a table of the body, in an annex, in one on its side.
_ROOM = {"gongwen": (89, 89, 128), "plain": (100, 106, 162)}


def pdf(report: Report, network: Network) -> bytes:
    """Return a report as a tagged PDF with bookmarks; the same report gives the same bytes.

    Raises
    ------
    RequestError
        If typst is not installed: ``pip install 'liantu[pdf]'``.
    """
    try:
        import typst
    except ImportError:
        raise RequestError.of("needs_extra", value="pdf") from None
    from matplotlib import get_data_path

    from liantu.plots import fonts

    pictures: dict[str, bytes] = {}
    data = _data(report, network, pictures)
    template = files("liantu.reports").joinpath("templates/report.typ").read_bytes()
    day = datetime.combine(max(report.day, _EARLIEST.date()), time(), UTC)
    with as_file(files(fonts).joinpath(fonts.FILE)) as font:
        # Its stubs do not know of files by name.
        made: bytes = cast("Any", typst).compile(
            {
                "main.typ": template,
                "report.json": json.dumps(data, ensure_ascii=False).encode(),
                **pictures,
            },
            format="pdf",
            font_paths=[font.parent, Path(get_data_path()) / "fonts" / "ttf"],
            timestamp=int(day.timestamp()),
        )
    return made


# -- the report as data ------------------------------------------------------------------------


def _data(report: Report, network: Network, pictures: dict[str, bytes]) -> dict[str, Any]:
    """Return what the template reads: texts, and pictures by the name of their file."""
    lang = report.lang
    words = ("findings", "unanswered", "annexes", "closing", "made_by")
    _, upright, side = _ROOM[report.style]
    annexes = [
        {
            "mark": paper.mark,
            "number": paper.number,
            "table": _table(paper.table, report, side if paper.side else upright),
            "side": paper.side,
            "follows": paper.follows,
        }
        for paper in papers(report, network, upright)
    ]
    lines, under = titles(report)
    day = report.day
    return {
        "title": [_said(line) for line in lines],
        "under": _said(under),
        "lang": lang,
        "gongwen": report.style == "gongwen",
        "pitch": pitch(report),
        "date": [day.year, day.month, day.day],
        "day": written(day, lang),
        "organization": _said(report.organization),
        "addressee": _said(report.addressee.rstrip("：:")),
        "signature": _said(report.signature or report.organization),
        "facts": [[name, _said(value)] for name, value in report.facts],
        "findings": [
            {"text": _said(finding.text), "annexes": pointers(finding.annexes, lang)}
            for finding in report.findings
        ],
        "sections": _sections(report.sections, report, pictures),
        "unanswered": [_said(line) for line in report.unanswered],
        "annexes": annexes,
        "closing": _sections(report.closing, report, pictures),
        "command": _said(report.command),
        "version": report.version,
        "words": {key: label(key, lang, "label") for key in words},
    }


def _sections(
    sections: Sequence[Section], report: Report, pictures: dict[str, bytes]
) -> list[dict[str, Any]]:
    return [
        {
            "level": level,
            "title": _said(section.title),
            "blocks": [_block(block, report, pictures) for block in section.blocks],
        }
        for level, _, section in walked(sections, report.lang)
    ]


def _block(block: Block, report: Report, pictures: dict[str, bytes]) -> dict[str, Any]:
    if isinstance(block, Text):
        return {"kind": "text", "text": _said(block.text), "quiet": block.quiet}
    if isinstance(block, Items):
        return {
            "kind": "items",
            "items": [_said(item) for item in block.items],
            "quiet": block.quiet,
        }
    if isinstance(block, Facts):
        facts = [
            {
                "label": _said(fact.label),
                "value": _said(fact.value),
                "detail": _said(fact.detail),
                "alarm": fact.alarm,
            }
            for fact in block.facts
        ]
        return {"kind": "facts", "facts": facts}
    if isinstance(block, Table):
        return {"kind": "table"} | _table(block, report, _ROOM[report.style][0])
    return _picture(block, report, pictures)


def _picture(block: Picture, report: Report, pictures: dict[str, bytes]) -> dict[str, Any]:
    from liantu.plots import svg

    name = f"picture{len(pictures) + 1}.svg"
    pictures[name] = svg(block.figure()).encode("utf-8", "replace")
    return {
        "kind": "picture",
        "file": name,
        "title": _said(block.title),
        "alt": _said(block.alt),
        "number": numbered("picture", block.number, report.lang),
    }


def _table(table: Table, report: Report, room: float) -> dict[str, Any]:
    """Return texts, how columns stand and what part of the page's width each takes."""
    each = columns(table, room, full=report.style == "gongwen")
    return {
        "title": _said(table.title),
        "number": numbered("table", table.number, report.lang),
        "cap": _said(table.cap),
        "head": [_said(text) for text in table.head],
        "rows": [[_said(text) for text in row] for row in table.rows],
        "looks": table.looks,
        "widths": each,
        "share": min(1, sum(each) / room),
        "short": len(table.rows) <= (SHORT // 2 if report.style == "gongwen" else SHORT),
    }


def _said(text: str) -> str:
    """Return text as one line of characters that there is a font for."""
    from liantu.plots.fonts import drawable

    return drawable(text)
