"""The fonts of charts: a bundled subset for Chinese first, then what the system has.

The subset (Noto Sans CJK SC cut to GB 2312, SIL Open Font License 1.1, see ``OFL.txt``) is made by
``scripts/build_font.py``. It is why Chinese shows on a machine without any Chinese font.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache
from importlib.resources import as_file, files
from itertools import accumulate
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

FAMILY = "Liantu Sans SC"
FILE = "NotoSansCJKsc-subset.otf"
LAST = "DejaVu Sans"  # comes with matplotlib
# Families with Chinese that systems carry, for characters outside the subset: the first found.
SYSTEM = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "SimHei",
    "SimSun",
    "Noto Sans CJK JP",
)
# What stands for a character that no font here has: the printer's geta mark.
GETA = "〓"


@cache
def families() -> tuple[str, ...]:
    """Return the font families of charts in order of preference; registers the bundled one.

    Examples
    --------
    >>> families()[0], families()[-1]
    ('Liantu Sans SC', 'DejaVu Sans')
    """
    with as_file(files(__name__).joinpath(FILE)) as path:
        font_manager.fontManager.addfont(path)
    known = set(font_manager.get_font_names())
    system = [name for name in SYSTEM if name in known][:1]
    return (FAMILY, *system, LAST)


@cache
def _characters(family: str) -> frozenset[int]:
    path = font_manager.findfont(font_manager.FontProperties(family=family))
    return frozenset(FT2Font(Path(path)).get_charmap())


def _has(char: str) -> bool:
    return any(ord(char) in _characters(family) for family in families())


def drawable(text: str) -> str:
    r"""Return text that the fonts can draw: blanks joined, unknown characters as 〓.

    Examples
    --------
    >>> drawable("黄泥坝 小学\n")
    '黄泥坝 小学'
    >>> drawable("\U0010fffd村小学")
    '〓村小学'
    """
    line = " ".join(text.split())
    return "".join(char if _has(char) else GETA for char in line)


def cut(text: str, width: int) -> str:
    """Return drawable text of at most `width` columns, a hanzi counting as two, cut with ``…``.

    Examples
    --------
    >>> cut("石门县第一完全小学", 10)
    '石门县第…'
    """
    line = drawable(text)
    ends = list(
        accumulate(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)
    )
    if not ends or ends[-1] <= width:
        return line
    return line[: bisect_right(ends, width - 2)].rstrip() + "…"
