"""First letters of how characters are read, so that dlxx finds 东林小学."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

_FIRST = 0x4E00  # the character of the first letter of the table
# Characters that names of places and schools read in another way than most texts do: both will do.
_ALSO = {
    "长": "c", "重": "c", "厦": "x", "曾": "z", "乐": "y", "朝": "z", "行": "h", "单": "s",
    "会": "k", "泊": "b", "蛤": "g", "茄": "q", "六": "l", "叶": "x", "区": "o", "圩": "x",
    "涌": "c", "埔": "b", "畜": "x", "吁": "y", "轧": "z", "匙": "c", "槛": "j", "伺": "s",
}  # fmt: skip


def initials(texts: Iterable[str]) -> dict[str, str]:
    """Return by letter the characters in some texts that are read with it, sorted.

    Characters that are in no list of readings have none: the page lets them stand for any letter.

    Examples
    --------
    >>> initials(["东林小学", "邕长A"])
    {'c': '长', 'd': '东', 'l': '林', 'x': '学小', 'y': '邕', 'z': '长'}
    """
    found: dict[str, list[str]] = {}
    for sign in sorted(set().union(*texts)):
        for letter in _letters(sign):
            found.setdefault(letter, []).append(sign)
    return {letter: "".join(found[letter]) for letter in sorted(found)}


def _letters(sign: str) -> set[str]:
    place = ord(sign) - _FIRST
    known = _table()[place] if 0 <= place < len(_table()) else "-"
    return set() if known == "-" else {known, *_ALSO.get(sign, "")}


@cache
def _table() -> str:
    """Return a letter a character; `scripts/build_initials.py` writes it."""
    text = files("liantu.web").joinpath("initials.txt").read_text(encoding="ascii")
    return text.replace("\n", "")
