"""Cut the font that charts carry: Noto Sans CJK SC down to the hanzi of GB 2312 and some signs.

Run ``python scripts/build_font.py [NotoSansCJK-Regular.ttc]`` (needs fonttools). The source is the
collection of Debian's package fonts-noto-cjk, licensed under the SIL Open Font License 1.1; the
text of the licence stands beside the result.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
TARGET = Path(__file__).parents[1] / "liantu" / "plots" / "fonts" / "NotoSansCJKsc-subset.otf"
FACE = "Noto Sans CJK SC"
# Its own name, so that a system's whole Noto font and this subset are never taken for each other.
FAMILY = "Liantu Sans SC"


def characters() -> set[int]:
    """Return the code points to keep."""
    rows = [*range(0xA1, 0xAA), *range(0xB0, 0xF8)]  # signs, then hanzi of levels 1 and 2
    cells = (
        bytes([row, cell]).decode("gb2312", "ignore") for row in rows for cell in range(161, 255)
    )
    ranges = [
        range(0x20, 0x7F),  # ASCII
        range(0xA0, 0x100),  # Latin-1
        range(0x2010, 0x2028),  # dashes, quotes, ellipsis
        range(0x2190, 0x219A),  # arrows
        range(0x3000, 0x3020),  # CJK punctuation
        range(0xFF01, 0xFF5F),  # full-width forms
    ]
    extra = "−≈≤≥≠×÷‰′″●○◆◇■□▲△▼▽★☆✓〇囍堃喆昇淼"
    return {ord(char) for cell in cells for char in cell}.union(*ranges, map(ord, extra))


def rename(font: TTFont) -> None:
    """Give the font its own family name; copyright and licence entries stay."""
    names = {1: FAMILY, 3: f"{FAMILY} 1", 4: FAMILY, 6: FAMILY.replace(" ", "") + "-Regular"}
    table = font["name"]
    for entry in list(table.names):
        if entry.langID != 0x409 or entry.nameID in (16, 17, 25):
            table.removeNames(entry.nameID, entry.platformID, entry.platEncID, entry.langID)
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [names[6]]
    top.topDictIndex[0].FullName = FAMILY
    top.topDictIndex[0].FamilyName = FAMILY


def main(source: Path = SOURCE, target: Path = TARGET) -> None:
    """Write the subset."""
    fonts = TTCollection(str(source)).fonts
    font = next(font for font in fonts if font["name"].getDebugName(1) == FACE)
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False  # SVG and print draw outlines
    options.desubroutinize = False  # subroutines keep the file small
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "GDEF"]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(characters()))
    cutter.subset(font)
    rename(font)
    font["head"].modified = font["head"].created  # same input, same bytes
    font.recalcTimestamp = False
    font.save(str(target))
    print(f"{target.name}: {target.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
