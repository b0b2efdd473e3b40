"""Ditto marks (〃, 同上): the cell above, once more."""

from __future__ import annotations

from collections.abc import Collection

from liantu.loaders.body import Body
from liantu.loaders.findings import Findings

MARKS = ("〃", "″", "〞", '"', "''", "”", "＂", "同上", "同 上", "（同上）", "(同上)")


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
