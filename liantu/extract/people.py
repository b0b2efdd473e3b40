"""Names of persons in a text, masked sign by sign so that every offset stays."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from liantu.extract.lexicon import is_frequent, listed

MASK = "＊"
_HAN = "[\u4e00-\u9fff]"
_BEHIND = "(?=[^\u4e00-\u9fff]|$|[在的说任为对带等和与及、同给把将就讲介作主参获被向从表指强致出])"
_BEFORE = "(?<![\u4e00-\u9fff])|(?<=[由请让是与和同及据如对向为给的])|(?<=代表)"
_SURE = "老师|同志|女士|先生"  # behind a name, whatever the given name means


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    surname = "|".join(sorted(listed("surname"), key=len, reverse=True))
    title = "|".join(sorted(listed("title"), key=len, reverse=True))
    signs = "[ \t\u3000]*[:：]?[ \t\u3000]*"
    name = f"(?:{surname}){_HAN}{{1,2}}?"
    return (
        re.compile(f"(?:{title}){signs}(?P<name>{name}){_BEHIND}"),
        re.compile(f"(?:{_BEFORE})(?P<given>{name})(?={_SURE})"),
        re.compile(f"(?:{_BEFORE})(?P<name>{name})(?={title})"),
        re.compile(f"(?:{_BEFORE})(?P<name>{surname})(?=老师|校长|园长|书记|主任|局长)"),
    )


def mask(text: str, known: Collection[str] = ()) -> str:
    """Return a text of the same length in which names of persons are masked.

    Names are those given, and what stands beside a title and is no word of the language. A name
    without a title that nobody has given is not found.

    Examples
    --------
    >>> mask("校长王芳在会上说，由李小明老师负责，教师高级研修"), mask("欧阳靖宇出席", ["欧阳靖宇"])
    ('校长＊＊在会上说，由＊＊＊老师负责，教师高级研修', '＊＊＊＊出席')
    """
    signs = list(text)
    for name in known:
        if len(name) > 1:
            for found in re.finditer(re.escape(name), text):
                signs[found.start() : found.end()] = MASK * len(name)
    for pattern in _patterns():
        for found in pattern.finditer(text):
            start, end = found.span(found.lastgroup or 0)
            if not _is_word(text[start:end], whole=found.lastgroup == "given"):
                signs[start:end] = MASK * (end - start)
    masked = "".join(signs)
    return _more(masked) if MASK in masked else masked


def _more(text: str) -> str:
    """Mask the names that follow a masked one: 作者：张波 张滢滢."""
    surname = "|".join(listed("surname"))
    pattern = re.compile(
        f"(?<={MASK})([ 　、]{{1,3}})((?:{surname}){_HAN}{{1,2}})(?=[^\u4e00-\u9fff]|$)"
    )
    while found := pattern.search(text):
        if _is_word(found[2]):
            break
        text = text[: found.start(2)] + MASK * len(found[2]) + text[found.end(2) :]
    return text


def _is_word(name: str, *, whole: bool = False) -> bool:
    """Return whether a supposed name holds a frequent word, or begins with one, so is none."""
    first = 1 if whole else len(name)
    pieces = {name[a:b] for a in range(first) for b in range(a + 2, len(name) + 1)}
    return any(is_frequent(piece) for piece in pieces) or any(s in name for s in "名位个所等的")
