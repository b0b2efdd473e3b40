"""How a Word report looks: page, styles, numbering and fonts, as WordprocessingML.

`gongwen` follows GB/T 9704-2012 (layout of official documents of Party and government organs): A4,
margins of 37, 35, 28 and 26 mm, the title in 小标宋 of size 2 (22 pt), the body in 仿宋 of size 3
(16 pt) on lines of exactly 28 pt, headings in 黑体, 楷体 and 仿宋 numbered 一、（一）1.（1）, the
number of the page between dashes, outside. What only an organ may put on its paper – red head,
number, seal – is left out. `plain` is a report of an office without a standard.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from liantu.results.blocks import Style
from liantu.vocabulary import Lang

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MM = 1440 / 25.4  # twentieths of a point
INK, BLUE, MUTED = "000000", "1F5F8B", "616E7C"
FAN = "仿宋_GB2312"
KAI = "楷体_GB2312"
HEI = "黑体"
BIAO = "方正小标宋简体"
SONG = "宋体"
# What Word and WPS take where a machine lacks the fonts that the standard means.
ELSE = {FAN: "仿宋", KAI: "楷体", HEI: "SimHei", BIAO: "小标宋", SONG: "SimSun"}


@dataclass(frozen=True)
class Page:
    """A page: sizes in millimetres, the footer's distance from the lower edge too."""

    top: float
    bottom: float
    left: float
    right: float
    footer: float
    grid: int  # distance of the lines of the grid in twentieths of a point; 0 without a grid

    @property
    def width(self) -> float:
        """Width of the text of an upright page in millimetres."""
        return 210 - self.left - self.right

    @property
    def long(self) -> float:
        """Width of the text of a page on its side in millimetres."""
        return 297 - self.top - self.bottom


BODY_LINE = 28.0  # points
# 22 lines in 225 mm: one line every 579 twentieths of a point.
PAGES: dict[Style, Page] = {
    "gongwen": Page(37, 35, 28, 26, 22.5, 579),
    "plain": Page(20, 20, 22, 22, 10, 0),
}


_UNNUMBERED = -1
HEADINGS, BULLETS, COUNTING = 1, 2, 3  # numberings


@dataclass(frozen=True)
class Look:
    """A paragraph style; lengths in points, indents in characters of its own size."""

    name: str
    asian: str
    size: float
    latin: str = "Times New Roman"
    bold: bool = False
    colour: str = INK
    align: str = "left"
    first: float = 0  # indent of the first line in characters
    left: float = 0  # indent of all lines in characters
    right: float = 0
    before: float = 0
    after: float = 0
    exact: float = 0  # line height; 0 for lines as high as what stands on them
    lines: float = 1.0  # line height as a multiple, where it is not exact
    level: int | None = None  # of a heading, from 0; `_UNNUMBERED` for one beside the numbering
    keep: bool = False  # with what comes next
    page: bool = False  # begins a page
    listed: int = 0  # the numbering of a list


@dataclass(frozen=True)
class Looks:
    """All styles of a report, by id, with the language that Word checks the spelling in."""

    page: Page
    lang: Lang
    styles: dict[str, Look] = field(default_factory=dict)


def looks(style: Style, lang: Lang, pitch: float) -> Looks:
    """Return page and styles of a report; `pitch` is from line to line of page one in points."""
    made = _gongwen(lang, pitch) if style == "gongwen" else _plain(lang)
    return Looks(PAGES[style], lang, made)


def _gongwen(lang: Lang, pitch: float) -> dict[str, Look]:
    two = 2.0 if lang == "zh" else 0.0
    body = Look("Normal", FAN, 16, exact=28)
    text = replace(body, name="Body Text", align="both", first=two)
    head = replace(body, name="heading 1", asian=HEI, first=two, level=0, keep=True)
    small = Look("Table Text", FAN, 9, exact=12)
    caption = Look("caption", HEI, 10.5, align="center", exact=16, before=6, keep=True)
    return {
        "Normal": body,
        "Title": replace(body, name="Title", asian=BIAO, size=22, align="center", exact=36),
        "Subtitle": replace(
            body, name="Subtitle", asian=KAI, align="center", exact=pitch, after=14
        ),
        "Addressee": replace(body, name="Addressee", exact=pitch),
        "BodyText": text,
        "Finding": replace(text, name="Finding", exact=pitch, listed=COUNTING),
        "Item": replace(text, name="Item"),
        "SmallItem": replace(text, name="Small item", size=10.5, exact=16),
        "Heading1": head,
        "Heading2": replace(head, name="heading 2", asian=KAI, level=1),
        "Heading3": replace(head, name="heading 3", asian=FAN, bold=True, level=2),
        "Heading4": replace(head, name="heading 4", asian=FAN, level=3),
        "Caption": caption,
        "Below": replace(caption, name="Caption below", before=0, after=10, keep=False),
        "Figure": Look("Figure", FAN, 12, align="center", before=8, keep=True),
        "TableText": small,
        "TableNumber": replace(small, name="Table Number", align="right"),
        "TableHead": replace(small, name="Table Head", asian=HEI, align="center", keep=True),
        "AnnexText": replace(small, name="Annex Text"),
        "AnnexNumber": replace(small, name="Annex Number", align="right"),
        "AnnexHead": replace(small, name="Annex Head", asian=HEI, align="center", keep=True),
        "Note": replace(small, name="Note", before=2, after=4),
        "Key": Look("Key figure", HEI, 16, align="center"),
        "Annexes": Look("Annexes", FAN, 10, exact=13),
        "Signature": replace(body, name="Signature", align="right", before=14, keep=True),
        "Date": replace(body, name="Date", align="right"),
        "Mark": replace(body, name="Annex mark", asian=HEI, keep=True, page=True),
        "AnnexTitle": Look(
            "Annex Title", BIAO, 18, align="center", exact=32, after=8, level=_UNNUMBERED, keep=True
        ),
        "Footer": Look("footer", SONG, 14, latin=SONG),
    }


def _plain(lang: Lang) -> dict[str, Look]:
    sans = "Calibri"
    chinese = lang == "zh"
    body = Look("Normal", SONG, 10.5, latin=sans, lines=1.25 if chinese else 1.1)
    text = replace(
        body,
        name="Body Text",
        align="both" if chinese else "left",
        first=2.0 if chinese else 0.0,
        after=4,
    )
    head = Look("Title", HEI, 24, latin=sans, colour=BLUE, after=2, keep=True)
    small = Look("Table Text", SONG, 9, latin=sans)
    caption = Look("caption", HEI, 9.5, latin=sans, bold=True, before=8, after=3, keep=True)
    return {
        "Normal": body,
        "Title": head,
        "Subtitle": Look("Subtitle", SONG, 12, latin=sans, colour=MUTED, after=14),
        "Addressee": replace(body, name="Addressee", after=4),
        "BodyText": text,
        "Finding": replace(text, name="Finding", after=5, listed=COUNTING),
        "Item": replace(text, name="Item", first=0, after=2, listed=BULLETS),
        "SmallItem": replace(text, name="Small item", first=0, after=2, listed=BULLETS),
        "Heading1": replace(head, name="heading 1", size=15, before=14, after=4, level=0),
        "Heading2": replace(head, name="heading 2", size=12.5, before=9, after=3, level=1),
        "Heading3": replace(head, name="heading 3", size=11, before=8, after=3, level=2),
        "Heading4": replace(head, name="heading 4", size=11, before=6, after=2, level=3),
        "Caption": caption,
        "Below": replace(caption, name="Caption below", before=0, after=10, keep=False),
        "Figure": Look("Figure", SONG, 9, latin=sans, align="center", before=8, keep=True),
        "TableText": small,
        "TableNumber": replace(small, name="Table Number", align="right"),
        "TableHead": replace(small, name="Table Head", asian=HEI, bold=True, keep=True),
        "AnnexText": replace(small, name="Annex Text", size=8),
        "AnnexNumber": replace(small, name="Annex Number", size=8, align="right"),
        "AnnexHead": replace(small, name="Annex Head", size=8, asian=HEI, bold=True, keep=True),
        "Note": Look("Note", SONG, 8.5, latin=sans, colour=MUTED, before=2, after=6),
        "Key": Look("Key figure", HEI, 16, latin=sans, colour=BLUE),
        "Annexes": replace(body, name="Annexes"),
        "Signature": replace(body, name="Signature", align="right", before=18, keep=True),
        "Date": replace(body, name="Date", align="right"),
        "Mark": Look("Annex mark", HEI, 11, latin=sans, colour=MUTED, keep=True, page=True),
        "AnnexTitle": replace(head, name="Annex Title", size=15, after=6, level=_UNNUMBERED),
        "Footer": Look("footer", SONG, 9, latin=sans, colour=MUTED, align="center"),
    }


# -- as XML ------------------------------------------------------------------------------------


def styles_xml(made: Looks) -> str:
    """Return all styles; no theme is named, so that Chinese is set in the fonts meant.

    On the grid of an official document a figure stands beside its character without a gap.
    """
    normal = made.styles["Normal"]
    lang = "zh-CN" if made.lang == "zh" else "en-GB"
    head = (
        f"<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(normal)}"
        f'<w:sz w:val="{round(2 * normal.size)}"/><w:szCs w:val="{round(2 * normal.size)}"/>'
        f'<w:lang w:val="{lang}" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    body = "".join(_style(key, look, made.page) for key, look in made.styles.items())
    table = (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/>'
        '<w:left w:w="70" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    )
    character = (
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
    )
    return f"{head}{body}{character}{table}</w:styles>"


def _style(key: str, look: Look, page: Page) -> str:
    normal = key == "Normal"
    default = ' w:default="1"' if normal else ""
    heading = look.level is not None
    after = "BodyText" if heading or key in ("Title", "Subtitle", "Addressee") else ""
    return (
        f'<w:style w:type="paragraph"{default} '
        f'w:styleId="{key}"><w:name w:val="{look.name}"/>'
        + ("" if normal else '<w:basedOn w:val="Normal"/>')
        + (f'<w:next w:val="{after}"/>' if after else "")
        + f"<w:qFormat/><w:pPr>{_paragraph(look, page)}</w:pPr>"
        + f"<w:rPr>{_run(look)}</w:rPr></w:style>"
    )


def _paragraph(look: Look, page: Page) -> str:
    """Return what a style says of paragraphs; every style says all of it and inherits nothing."""
    exact = bool(look.exact)
    line = round(20 * look.exact) if exact else round(240 * look.lines)
    chars = 20 * look.size
    # Word counts indents in characters, other programs read the lengths beside them.
    indents = {"left": look.left, "right": look.right, "firstLine": look.first}
    ind = "".join(
        f' w:{side}Chars="{round(100 * value)}" w:{side}="{round(chars * value)}"'
        for side, value in indents.items()
    )
    if look.listed == BULLETS:
        ind = ' w:left="360" w:hanging="240"'
    number = ""
    if look.level is not None and look.level != _UNNUMBERED:
        number = f'<w:numPr><w:ilvl w:val="{look.level}"/><w:numId w:val="{HEADINGS}"/></w:numPr>'
    elif look.listed:
        number = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{look.listed}"/></w:numPr>'
    close = '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>' if page.grid else ""
    on = {True: "1", False: "0"}
    return (
        f'<w:keepNext w:val="{on[look.keep]}"/><w:keepLines w:val="{on[look.level is not None]}"/>'
        f'<w:pageBreakBefore w:val="{on[look.page]}"/><w:widowControl w:val="1"/>{number}'
        f"{close}"
        # Only the lines of the body stand on the lines of the grid.
        f'<w:snapToGrid w:val="{on[look.exact == BODY_LINE]}"/>'
        f'<w:spacing w:before="{round(20 * look.before)}" w:after="{round(20 * look.after)}" '
        f'w:line="{line}" w:lineRule="{"exact" if exact else "auto"}"/><w:ind{ind}/>'
        f'<w:jc w:val="{look.align}"/>'
        + ("" if look.level is None else f'<w:outlineLvl w:val="{max(look.level, 0)}"/>')
    )


def _run(look: Look) -> str:
    half = round(2 * look.size)
    bold = f'<w:b w:val="{int(look.bold)}"/><w:bCs w:val="{int(look.bold)}"/>'
    return (
        f'{_fonts(look)}{bold}<w:color w:val="{look.colour}"/>'
        f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
    )


def _fonts(look: Look) -> str:
    return (
        f'<w:rFonts w:ascii="{look.latin}" w:hAnsi="{look.latin}" w:eastAsia="{look.asian}" '
        f'w:cs="{look.latin}"/>'
    )


def numbering_xml(made: Looks) -> str:
    """Return the numbering of headings – 一、（一）1.（1） or 1, 1.1 – and of lists."""
    if made.lang == "zh":
        chinese, arabic = "chineseCountingThousand", "decimal"
        levels = [(chinese, "%1、"), (chinese, "（%2）"), (arabic, "%3."), (arabic, "（%4）")]
    else:
        levels = [
            ("decimal", ".".join(f"%{n}" for n in range(1, deep + 1))) for deep in range(1, 5)
        ]
    space = "nothing" if made.lang == "zh" else "space"
    found = ""
    for place, (form, text) in enumerate(levels):
        look = made.styles[f"Heading{place + 1}"]
        first = round(20 * look.size * look.first)
        found += (
            f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:pStyle w:val="Heading{place + 1}"/>'
            f'<w:suff w:val="{space}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
            f'<w:pPr><w:ind w:left="0" w:firstLine="{first}"/></w:pPr></w:lvl>'
        )
    bullet = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="Item"/>'
        '<w:lvlText w:val="•"/><w:lvlJc w:val="left"/>'
        '<w:pPr><w:ind w:left="360" w:hanging="240"/></w:pPr></w:lvl>'
    )
    finding = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
        f'<w:pStyle w:val="Finding"/><w:suff w:val="{space}"/><w:lvlText w:val="%1."/>'
        '<w:lvlJc w:val="left"/></w:lvl>'
    )
    return (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="0"><w:multiLevelType '
        f'w:val="multilevel"/>{found}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="singleLevel"/>'
        f'{bullet}</w:abstractNum><w:abstractNum w:abstractNumId="2">'
        f'<w:multiLevelType w:val="singleLevel"/>{finding}</w:abstractNum>'
        + "".join(
            f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n - 1}"/></w:num>' for n in (1, 2, 3)
        )
        + "</w:numbering>"
    )


def fonts_xml() -> str:
    """Return the table of fonts: what stands for one that a machine lacks."""
    found = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/>'
        f'<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, other in ELSE.items()
    )
    return f"<w:fonts {W}>{found}</w:fonts>"


def section_xml(made: Looks, *, side: bool = False, footers: tuple[str, str] | None = None) -> str:
    """Return the page of a section, on its side for wide tables.

    Parameters
    ----------
    footers
        Relations of the footers of odd and even pages; None goes on with those before.
    """
    page = made.page
    top, right, bottom, left = page.top, page.right, page.bottom, page.left
    size = 'w:w="11906" w:h="16838"'
    if side:  # the upper edge lies where the sheet is bound
        top, right, bottom, left = page.left, page.top, page.right, page.bottom
        size = 'w:w="16838" w:h="11906" w:orient="landscape"'
    edges = {"top": top, "right": right, "bottom": bottom, "left": left}
    margins = " ".join(f'w:{edge}="{round(value * MM)}"' for edge, value in edges.items())
    foot = min(page.footer, bottom - 10)
    refs = ""
    if footers is not None:
        refs = "".join(
            f'<w:footerReference w:type="{kind}" r:id="{key}"/>'
            for kind, key in zip(("default", "even"), footers, strict=True)
        )
    # Type lines, never linesAndChars: that would set letters and figures apart.
    grid = f'<w:docGrid w:type="lines" w:linePitch="{page.grid}"/>' if page.grid else ""
    return (
        f'<w:sectPr {W} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships">{refs}<w:type w:val="nextPage"/><w:pgSz {size}/>'
        f'<w:pgMar {margins} w:header="{round(15 * MM)}" w:footer="{round(foot * MM)}" '
        f'w:gutter="0"/><w:cols w:space="425"/>{grid}</w:sectPr>'
    )
