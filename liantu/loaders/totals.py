"""Totals and numbers of schools that a list states, against what its rows say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from liantu.graph import values
from liantu.loaders import headers
from liantu.loaders.findings import Findings
from liantu.loaders.headers import Meaning
from liantu.vocabulary import half_width, normalise

if TYPE_CHECKING:
    from liantu.loaders.body import Body

_STATED = re.compile(r"^\D{0,6}?(\d+(?:\.\d+)?)\s*(\D{0,8})$")
_GRAND = re.compile("合计|总计|共计")
# What is no sum of its rows.
_NO_SUM = re.compile("率|比|均|占|年龄|%|代码|编号|标识|电话|度$|年份|号$")
_SEPARATORS = re.compile(r"[、;；,，/\n]")
_NO_NAME = re.compile(r"^(等.*|共?\d+所.*)$")
_PLAIN_NUMBERS = 0.8  # of the cells of a column that can be summed


def compare(whole: Body, marked: np.ndarray, drop: np.ndarray, findings: Findings) -> None:
    """Warn of each total that disagrees with its rows.

    Parameters
    ----------
    whole
        The body, totals included.
    marked
        The rows of totals.
    drop
        The rows that are no data: totals, footers.
    """
    before = -1
    for position in np.flatnonzero(marked).tolist():
        cells = whole.frame.iloc[position]
        named = next(number for number, cell in enumerate(cells) if cell)
        own = ~drop
        if not _GRAND.search(normalise(cells[named])):  # a subtotal is of the rows since the last
            own = own & (np.arange(len(drop)) > before) & (np.arange(len(drop)) < position)
        before = position
        if not own.any():
            continue
        for number, cell in enumerate(cells):
            header = whole.headers[number]
            stated = _STATED.match(half_width(str(cell)).replace(",", ""))
            skip = number == named or not header or headers.is_counter(header)
            if stated is None or skip or headers.unread(header) in _UNCOUNTED:
                continue
            real = _real(whole, number, own, float(stated[1]), stated[2])
            if real is not None:
                findings.add(
                    "warning", "total_differs", whole.sheet.place, column=header,
                    row=int(whole.rows[position]), value=str(cell).removesuffix(".0"),
                    count=f"{real:g}",
                )  # fmt: skip


_UNCOUNTED = ("remark", "contact", "phone", "identity", "personal", "topic", "address")


def _real(whole: Body, number: int, own: np.ndarray, stated: float, unit: str) -> float | None:
    """Return what the rows give where it is not what the total states."""
    filled = np.isin(whole.rows, whole.sheet.filled.get(number, []))  # merged cells count once
    cells = whole.frame[number][own & ~filled]
    cells = cells[cells != ""]
    numbers, states = values.read_numbers(cells, whole=False)
    plain = numbers[states != "bad"]
    if len(cells) and len(plain) >= _PLAIN_NUMBERS * len(cells):
        total = float(plain.sum())
        summed = not _NO_SUM.search(whole.headers[number])
        return total if summed and abs(total - stated) > 1e-6 * max(1.0, abs(total)) else None
    names = [name for cell in cells for name in names_in(str(cell))]
    distinct = len({normalise(name) for name in names})
    counts = {int(own.sum()), len(cells), len(names), distinct, cells.nunique()}
    if stated in counts:
        return None
    return int(own.sum()) if unit[:1] in "对条人名次场节" else distinct


def names_in(cell: str) -> list[str]:
    """Return the names in a cell, without 等 and the like.

    Examples
    --------
    >>> names_in("甲小学、乙小学，丙教学点等")
    ['甲小学', '乙小学', '丙教学点']
    """
    pieces = [piece.strip() for piece in _SEPARATORS.split(cell)]
    pieces = [piece.removesuffix("等") for piece in pieces if not _NO_NAME.match(piece)]
    return [piece for piece in pieces if piece]


def check_stated(whole: Body, columns: dict[int, Meaning], findings: Findings) -> None:
    """Warn where a list of members states another number of schools than it names.

    学校数 counts the core school, 成员校数 does not.
    """
    stated = {number: headers.unread(name) for number, name in enumerate(whole.headers)}
    asked = {n: key for n, key in stated.items() if key in ("schools_stated", "members_stated")}
    if not asked or not len(whole.rows):
        return
    blank = pd.Series("", index=whole.frame.index, dtype="str")
    role = next((whole.frame[n] for n, m in columns.items() if m.column == "role"), blank)
    core, member = blank, blank
    for number, meaning in columns.items():
        texts = whole.frame[number]
        if meaning.ids:
            continue
        if meaning.column == "core":
            core = core + "、" + texts
        elif meaning.column == "member":
            member = member + "、" + texts
        elif meaning.column.removesuffix("_name") == "source":
            leads = role.map(lambda text: headers.is_core(str(text)))
            core = core + "、" + texts.where(leads, "")
            member = member + "、" + texts.mask(leads, "")
    target = next(
        (whole.frame[n] for n, m in columns.items() if m.column.startswith("target")), blank
    )
    groups = target.mask(target == "", core).map(normalise)
    for key, rows in groups[groups != ""].groupby(groups, sort=False):
        here = rows.index
        cores = {normalise(n) for text in core[here] for n in names_in(text)}
        members = {normalise(n) for text in member[here] for n in names_in(text)} - cores
        for number, word in asked.items():
            texts = whole.frame[number][here]
            given = texts[texts != ""]
            match = _STATED.match(half_width(str(given.iloc[0]))) if len(given) else None
            real = len(members) + (len(cores) if word == "schools_stated" else 0)
            if match is not None and float(match[1]) != real:
                findings.add(
                    "warning", "stated_differs", whole.sheet.place, column=whole.headers[number],
                    row=int(whole.rows[given.index[0]]), value=f"{float(match[1]):g}",
                    name=str(key), count=real,
                )  # fmt: skip
