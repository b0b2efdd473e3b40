"""Marks in place of words: 〃 and 同上 for the cell above, a dash or 无 for nothing."""

from __future__ import annotations

from collections.abc import Collection

from liantu.loaders.body import Body
from liantu.loaders.findings import Findings

MARKS = ("〃", "″", "〞", '"', "''", "”", "＂", "同上", "同 上", "（同上）", "(同上)")
# The marks for nothing, but for those that may be the word of a code or a number.
NOTHING = (
    *("—", "——", "－", "-", "--", "–", "―", "/", "／", "\\", "无", "暂无", "没有", "空", "未定"),
    *("N/A", "n/a", "NA", "none", "None"),
)


def empty(whole: Body, columns: Collection[int], findings: Findings) -> None:
    """Take a mark that says “nothing” for an empty cell, and tell."""
    for number in columns:
        texts = whole.frame[number]
        marks = texts.isin(NOTHING)
        if not marks.any():
            continue
        here = marks.to_numpy(dtype=bool)
        whole.frame[number] = texts.mask(marks, "")
        findings.count(whole.sheet.place, "cells_repaired", int(here.sum()))
        findings.summed(
            "info", "nothing_marked", whole.sheet.place, whole.rows[here], whole.headers[number],
            str(texts[marks].iloc[0]),
        )  # fmt: skip


def fill(whole: Body, columns: Collection[int], findings: Findings) -> None:
    """Put what stands above in place of ditto marks in the columns that are read, and count it.

    A mark below nothing stays, and is told as any other text that cannot be read.
    """
    for number in columns:
        texts = whole.frame[number]
        marks = texts.isin(MARKS)
        if not marks.any():
            continue
        above = texts.mask(marks).ffill().fillna("")
        filled = (marks & (above != "")).to_numpy(dtype=bool)
        whole.frame[number] = texts.mask(filled, above)
        findings.count(whole.sheet.place, "cells_repaired", int(filled.sum()))
        findings.summed(
            "info", "ditto_filled", whole.sheet.place, whole.rows[filled], whole.headers[number]
        )
