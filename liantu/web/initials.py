"""First letters of how characters are read, so that dlxx finds 东林小学."""

from __future__ import annotations

from collections.abc import Iterable

# The characters of level 1 of GB 2312 stand in the order of their pinyin: with the first one of a
# letter begins the letter. Level 2 is in the order of radicals, so its characters have none here,
# and the page lets them stand for any letter.
_FIRST = {
    "a": "啊", "b": "芭", "c": "擦", "d": "搭", "e": "蛾", "f": "发", "g": "噶", "h": "哈",
    "j": "击", "k": "喀", "l": "垃", "m": "妈", "n": "拿", "o": "哦", "p": "啪", "q": "期",
    "r": "然", "s": "撒", "t": "塌", "w": "挖", "x": "昔", "y": "压", "z": "匝",
}  # fmt: skip
_BOUNDS = [(first.encode("gb2312"), letter) for letter, first in _FIRST.items()]
_END = "座".encode("gb2312")  # the last of level 1


def initials(texts: Iterable[str]) -> dict[str, str]:
    """Return by letter the characters in some texts that are read with it, sorted.

    Examples
    --------
    >>> initials(["东林小学", "邕山中学A"])
    {'d': '东', 'l': '林', 's': '山', 'x': '学小', 'z': '中'}
    """
    found: dict[str, list[str]] = {}
    for sign in sorted(set().union(*texts)):
        if letter := _letter(sign):
            found.setdefault(letter, []).append(sign)
    return {letter: "".join(found[letter]) for letter in sorted(found)}


def _letter(sign: str) -> str:
    try:
        code = sign.encode("gb2312")
    except UnicodeEncodeError:
        return ""
    if not _BOUNDS[0][0] <= code <= _END:
        return ""
    return max((bound, letter) for bound, letter in _BOUNDS if bound <= code)[1]
