"""How wide the columns of a printed table are."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MEASURED = 200  # rows that a width is taken from
_WIDEST = 36  # of a column of text, in characters of a Latin letter's width
_UNBROKEN = 16  # of a word or code that is not broken
_WORDS = re.compile(r"[\s/·,;，、；]+")


def wanted(head: Sequence[str], rows: Sequence[Sequence[str]], looks: Sequence[str]) -> list[float]:
    """Return the width that each column would like, in characters; a hanzi counts as two.

    A head may break into two lines, a text into lines of `_WIDEST`; figures and dates never break.

    Examples
    --------
    >>> wanted(["学校", "在校生数"], [["石门县第一完全小学", "1,200"]], ["", "number"])
    [18, 6]
    """
    return [max(least, wish) for least, wish in _bounds(head, rows, looks)]


def widths(
    head: Sequence[str], rows: Sequence[Sequence[str]], looks: Sequence[str], room: float
) -> list[float]:
    """Return the share of each column, sums to 1.

    Figures and dates take what they need. Where the page is too narrow for the rest, columns of
    text that need little keep it and the long ones share what is left.

    Parameters
    ----------
    room
        Width of the page in characters, without what stands between columns.

    Examples
    --------
    >>> widths(["name", "n"], [["abcdefgh", "1"]], ["", "number"], 20)
    [0.6666666666666666, 0.3333333333333333]
    >>> widths(["name", "why"], [["ab cd", "x" * 60]], ["", ""], 24)
    [0.20833333333333334, 0.7916666666666666]
    """
    bounds = _bounds(head, rows, looks)
    found = [max(least, wish) for least, wish in bounds]
    if sum(found) > room:
        left = room - sum(least for least, _ in bounds)
        found = [least for least, _ in bounds]
        asking = sorted((wish - least, place) for place, (least, wish) in enumerate(bounds))
        for done, (more, place) in enumerate(asking):
            given = max(0.0, min(more, left / (len(asking) - done)))
            found[place] += given
            left -= given
    total = sum(found) or 1
    return [width / total for width in found]


def _bounds(
    head: Sequence[str], rows: Sequence[Sequence[str]], looks: Sequence[str]
) -> list[tuple[float, float]]:
    """Return the least and the best width of each column."""
    from rich.cells import cell_len

    found: list[tuple[float, float]] = []
    for place, look in enumerate(looks):
        cells = [row[place] for row in rows[:_MEASURED]]
        longest = max(map(cell_len, cells), default=0)
        title = cell_len(head[place])
        words = max(map(cell_len, _WORDS.split(head[place])), default=0)
        # Chinese breaks anywhere, other words only between them.
        # Heads are bold, and figures and capitals wider than other letters.
        bold = -(-words * 6 // 5)
        least, best = (bold, bold) if head[place].isascii() else (-(-title // 4), -(-title // 2))
        # A list of codes is as long as a text.
        if look == "number" or (look == "short" and longest <= _UNBROKEN):
            found.append((max(longest + 1, least, 4), max(longest + 1, best)))
            continue
        unbroken = max((cell_len(w) for cell in cells for w in _WORDS.split(cell)), default=0)
        # A code or a name in Latin letters stays whole, Chinese breaks.
        whole = unbroken if all(cell.isascii() for cell in cells) else 8
        found.append(
            (max(min(longest, whole, _UNBROKEN), least, 4), max(min(longest, _WIDEST), best))
        )
    return found
