"""Cells with several names: where they are cut, what is no name, how many rows they may make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

MOST_OF_A_ROW = 10_000  # rows that one row may be split into
_MOST = 2_000_000  # rows that a table may grow to by splitting

SIGNS = "、；;，,/\n\r"  # between names, as people write them
_NUMBER = r"(?:\d+|[一二两三四五六七八九十百]+)余?"
_COUNT = rf"共?计?{_NUMBER}(?:[个家名人位]|所(?:学校|小学|中学|村小|教学点)?)"
_DIGITS = "零一二三四五六七八九"
_ONLY = re.compile(_COUNT)
_BRACKETED = re.compile(rf"[(（]{_COUNT}[)）]$")
# 高等, 中等, 初等 and 同等 end in a word, not in “and others”.
_OTHERS = re.compile(rf"(?<![高中初同平])等(?:{_COUNT}|[学各]?校|成员校)?$")
_MORE = re.compile(rf"[\s{SIGNS}等]|{_COUNT}[)）]?$")
# Of visible ASCII only the signs can say more, so that lists of ids are passed over at once.
MAYBE = r"[^\x21-\x2b\x2d\x2e\x30-\x3a\x3c-\x7e]"


class Names(NamedTuple):
    """The names of a cell, and whether it says “and others” or counts instead of naming."""

    names: list[str]
    others: bool = False
    counts: bool = False


def names_of(
    text: str, signs: str, known: Callable[[str], bool], member: Callable[[str], bool]
) -> Names:
    r"""Return the names of a cell.

    Parameters
    ----------
    text
        What stands in the cell.
    signs
        The signs that stand between names.
    known
        Whether a text, as it stands, names a node: such a text is never cut.
    member
        Whether a text names a school: blanks part names only where every piece does, and a slash
        if this is so for every piece or for none.

    Examples
    --------
    >>> nothing = lambda text: False
    >>> names_of("甲小学、乙小学，丙小学等4所", SIGNS, nothing, nothing)
    Names(names=['甲小学', '乙小学', '丙小学'], others=True, counts=False)
    >>> names_of("甲小学 乙小学", SIGNS, nothing, {"甲小学", "乙小学"}.__contains__).names
    ['甲小学', '乙小学']
    >>> names_of("甲小学、乙小学等两所", SIGNS, nothing, nothing)
    Names(names=['甲小学', '乙小学'], others=False, counts=False)
    >>> names_of("4所", SIGNS, nothing, nothing)
    Names(names=[], others=False, counts=True)
    """
    if known(text):
        return Names([text])
    firm, found = "".join(sign for sign in signs if sign != "/"), []
    others = counts = False
    pieces = re.split(f"[{re.escape(firm)}]", text) if firm else [text]
    for piece in (piece.strip() for piece in pieces):
        if piece and "/" in signs and "/" in piece and not known(piece):
            parts = [part.strip() for part in piece.split("/") if part.strip()]
            there = [member(part) for part in parts]
            found += parts if all(there) or not any(there) else [piece]
        elif piece:
            found.append(piece)
    names: list[str] = []
    said = ""
    for piece in found:
        if known(piece):
            names.append(piece)
            continue
        if _ONLY.fullmatch(piece):
            counts, said = True, piece
            continue
        if match := _BRACKETED.search(piece):
            piece, counts, said = piece[: match.start()].strip(), True, match[0]
        if match := _OTHERS.search(piece):
            piece, others, said = piece[: match.start()].strip(), True, match[0]
        if not piece:
            continue
        parts = piece.split()
        names += parts if len(parts) > 1 and all(map(member, parts)) else [piece]
    if said and _number_in(said) == len(names):  # 甲、乙、丙等3所 leaves nobody out
        others = False
    return Names(names, others, counts)


def _number_in(text: str) -> int | None:
    """Return the number in a text, up to 99, if it is exact."""
    match = re.search(r"(\d+|[一二两三四五六七八九十]+)(?!余)", text)
    if match is None or "余" in text:
        return None
    digits = match[1].replace("两", "二")
    if digits.isdigit():
        return int(digits)
    tens, ten, ones = digits.rpartition("十")
    if not ten:
        return _DIGITS.find(ones) if len(ones) == 1 else None
    return 10 * (_DIGITS.find(tens) if tens else 1) + (_DIGITS.find(ones) if ones else 0)


def may_say_more(text: str) -> bool:
    r"""Return whether a cell may hold more than one name, or something else than a name.

    Examples
    --------
    >>> [may_say_more(text) for text in ("甲小学", "甲、乙", "甲 乙", "甲等", "甲（共4所）", "4所")]
    [False, True, True, True, True, True]
    """
    return bool(_MORE.search(text))


def beyond(counts: Iterable[np.ndarray]) -> np.ndarray:
    """Return which rows are not to be split.

    Parameters
    ----------
    counts
        How many names stand in each row, for every column of names; a row makes a row of each
        combination.

    Examples
    --------
    >>> beyond([np.array([1, 300, 2]), np.array([5, 300, 0])]).tolist()
    [False, True, False]
    """
    product = np.prod([np.maximum(count, 1) for count in counts], axis=0, dtype=np.float64)
    far = product > MOST_OF_A_ROW
    grown = np.cumsum(np.where(far | (product == 1), 0, product))
    return np.asarray(far | ((product > 1) & (grown > _MOST)))
