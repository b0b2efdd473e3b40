"""Columns without a header that continue the one left of them: 成员校 merged over four columns."""

from __future__ import annotations

from liantu.loaders import headers
from liantu.loaders.body import Body, Head
from liantu.loaders.findings import Findings
from liantu.loaders.headers import Meaning
from liantu.loaders.lost import are_schools


def fill(
    whole: Body, head: Head, table: str, columns: dict[int, Meaning], findings: Findings
) -> None:
    """Read columns without a header as more names of the column at their left, and tell.

    They are read so where the header was merged over them, or where most of their cells look like
    schools as those at the left do; the latter is a warning. Each takes the header with a number
    (成员校2), as people write them who number such columns themselves.
    """
    first = whole.sheet.first
    merged = [
        span
        for row in range(first + head.row, first + head.below)
        for span in whole.sheet.across.get(row, ())
    ]
    left, met, told = -1, 0, {True: 0, False: 0}
    for number, name in [*enumerate(whole.headers), (len(whole.headers), "end")]:
        if name:
            _tell(whole, left, told, findings)
            left, met, told = number, 1, {True: 0, False: 0}
            continue
        above = columns.get(left)
        cells = whole.frame[number]
        if above is None or above != headers.meaning(table, whole.headers[left]):
            continue
        met += 1
        more = headers.meaning(table, f"{whole.headers[left]}{met}")
        if more is None or not (cells != "").any():
            continue
        certain = any(a <= left and number <= b for a, b in merged)
        if not certain and not (headers.names_schools(table, above) and are_schools(cells)):
            continue
        whole.headers[number] = f"{whole.headers[left]}{met}"
        columns[number] = more
        told[certain] += 1


def _tell(whole: Body, left: int, told: dict[bool, int], findings: Findings) -> None:
    for certain, count in told.items():
        if count:
            name = whole.headers[left]
            findings.add(
                "info" if certain else "warning", "header_spread", whole.sheet.place, column=name,
                value=name, count=count,
            )  # fmt: skip
