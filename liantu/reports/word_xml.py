"""Pieces of WordprocessingML: text that XML can hold, paragraphs, fields, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from liantu.reports.word_look import INK

# Line ends, what a terminal obeys and what XML does not know.
_UNFIT = re.compile(r"[\n\r\t\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")


def said(text: str) -> str:
    """Return text as one line that XML can hold."""
    return _UNFIT.sub(" ", text).encode("utf-8", "replace").decode()


def run(text: str, extra: str = "") -> str:
    """Return text that looks like its paragraph, but for `extra`."""
    properties = f"<w:rPr>{extra}</w:rPr>" if extra else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(said(text))}</w:t></w:r>'


def link(text: str, bookmark: str) -> str:
    """Return text that leads to a bookmark."""
    return f'<w:hyperlink w:anchor="{bookmark}" w:history="1">{run(text)}</w:hyperlink>'


def paragraph(style: str, inner: str, extra: str = "") -> str:
    """Return a paragraph of a style, but for `extra`."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{extra}</w:pPr>{inner}</w:p>'


def counted(code: str, shown: str, extra: str = "") -> str:
    """Return a field with the value that it has until an office program counts again."""
    properties = f"<w:rPr>{extra}</w:rPr>" if extra else ""
    return (
        f'<w:r>{properties}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{properties}<w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        f'<w:r>{properties}<w:fldChar w:fldCharType="separate"/></w:r>'
        f"<w:r>{properties}<w:t>{shown}</w:t></w:r>"
        f'<w:r>{properties}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def row(cells: Sequence[str], each: Sequence[int], *, head: bool = False, shade: str = "") -> str:
    """Return a row of cells and their widths; a head stands on every page that the table fills."""
    repeated = "<w:tblHeader/>" if head else ""
    fill = f'<w:shd w:val="clear" w:color="auto" w:fill="{shade}"/>' if shade else ""
    fill += '<w:vAlign w:val="center"/>'
    inner = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{fill}</w:tcPr>{cell}</w:tc>'
        for cell, width in zip(cells, each, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{inner}</w:tr>"


# Lines of a table: side, width in eighths of a point, colour.
GRID = dict.fromkeys(("top", "left", "bottom", "right", "insideH", "insideV"), (4, INK))
RULES = {"top": (8, INK), "bottom": (8, INK), "insideH": (4, "BFC7CF")}


def table(
    rows: Iterable[str], each: Sequence[int], lines: Mapping[str, tuple[int, str]], title: str
) -> str:
    """Return a table of rows, with the widths of its columns and what lines it has."""
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>'
        for side, (size, colour) in lines.items()
    )
    margins = "".join(
        f'<w:{side} w:w="{width}" w:type="dxa"/>'
        for side, width in (("top", 30), ("left", 70), ("bottom", 30), ("right", 70))
    )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in each)
    caption = f"<w:tblCaption w:val={quoteattr(said(title))}/>" if title else ""
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(each)}" w:type="dxa"/><w:tblBorders>{borders}'
        f'</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar>'
        f"{caption}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
