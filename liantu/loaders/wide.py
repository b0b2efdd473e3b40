"""Foreign tables that grow sideways: a column a year or measure, and matrices of ties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from liantu.graph import schema, values
from liantu.loaders import headers
from liantu.loaders.body import Body, without_failed
from liantu.loaders.cells import Part
from liantu.loaders.findings import Findings
from liantu.loaders.mapping_block import Block, Rule

_NO = ("", "0", "-", "–", "—", "×", "/", "无")
_YES = ("1", "√", "✓", "✔", "x", "X", "●", "○", "■", "*")
_LONGEST = 200  # characters of a header that a pattern is tried on


def wide(part: Part, whole: Body, rule: Rule, block: Block, findings: Findings) -> Part:
    """Return the observations of the columns whose headers fit the pattern, a row a filled cell.

    Words become the text of an observation, as in a sheet of own shape.
    """
    assert rule.wide is not None
    place, pieces, rows = whole.sheet.place, [], []
    named = [(n, rule.wide.fullmatch(name)) for n, name in _named(whole)]
    fitting = [(number, match) for number, match in named if match]
    if not fitting:
        findings.add("error", "mapping_no_header", place, value=rule.wide.pattern)
        return replace(part, frame=part.frame.iloc[:0], rows=part.rows[:0], trimmed={})
    for number, match in fitting:
        cells = _cells(whole, number, part, block, findings)
        _, states = values.read_numbers(cells.replace("", pd.NA), whole=False)
        worded = states == "bad"
        said = {key: text for key, text in match.groupdict().items() if text is not None}
        if rule.measure:
            said.setdefault("measure", rule.measure)
        piece = part.frame.assign(
            **said, value=cells.mask(worded, ""), text=cells.mask(~worded, "")
        )
        filled = (cells != "").to_numpy(dtype=bool)
        pieces.append(piece[filled])
        rows.append(part.rows[filled])
    frame = pd.concat(pieces, ignore_index=True).astype("str")
    return replace(part, frame=frame, rows=np.concatenate(rows), trimmed={})


def matrix(
    part: Part, whole: Body, rule: Rule, numbers: dict[str, int], block: Block, findings: Findings
) -> Part:
    """Return a tie for every cell that says yes: from the node of its row to that of its column.

    Without a column for the source, it is the first one.
    """
    place = whole.sheet.place
    used = set(numbers.values())
    frame, written = part.frame, {"target": whole.headers[0]}
    if not {"source", "source_name"} & set(rule.values):
        used.add(0)
        frame = frame.assign(source=_cells(whole, 0, part, block, findings))
        written["source"] = whole.headers[0]
    pieces, rows, worded = [frame.iloc[:0].assign(target="")], [part.rows[:0]], []
    seen: set[str] = set()
    for number, name in _named(whole):
        if number in used:
            continue
        if headers.key(name) in seen:
            findings.add("error", "duplicate_header", place, column=name, value=name)
        seen.add(headers.key(name))
        cells = _cells(whole, number, part, block, findings)
        said, no = _said(cells)
        piece = frame.assign(target=name)
        if isinstance(rule.matrix, str):
            piece[rule.matrix] = _numbered(cells, rule, part, name, findings)
        else:
            worded.append((~said & ~no, cells, name))
        pieces.append(piece[~no])
        rows.append(part.rows[~no])
    for odd, cells, name in worded:
        if odd.any():
            findings.summed(
                "warning", "matrix_value", place, part.rows[odd], name, str(cells[odd].iloc[0])
            )
    found = pd.concat(pieces, ignore_index=True).astype("str")
    return replace(part, frame=found, rows=np.concatenate(rows), trimmed={}, headers=written)


def _numbered(cells: pd.Series, rule: Rule, part: Part, name: str, findings: Findings) -> pd.Series:
    """Return cells that take numbers without those that are none: told here with their column."""
    column = schema.tables()[rule.table].columns.get(str(rule.matrix))
    if column is None or not column.is_number:
        return cells
    given = cells.replace("", pd.NA)
    _, states = values.read_numbers(given, whole=column.type == "int")
    for state, code in (("bad", "bad_number"), ("fraction", "bad_whole")):
        bad = (states == state).to_numpy(dtype=bool)
        if bad.any():
            findings.each("error", code, part.place, part.rows[bad], cells[bad], name)
            cells = cells.mask(bad, "")
    return cells


def _named(whole: Body) -> list[tuple[int, str]]:
    return [(n, name) for n, name in enumerate(whole.headers) if name and len(name) <= _LONGEST]


def _cells(whole: Body, number: int, part: Part, block: Block, findings: Findings) -> pd.Series:
    """Return the cells of a column in the rows of a part, those that mean no value empty."""
    picked = np.searchsorted(whole.rows, part.rows)
    cells = whole.frame[number].iloc[picked].reset_index(drop=True)
    cells = cells.mask(cells.isin(list(block.empty)), "")
    return without_failed(cells, part.rows, whole.headers[number], whole.sheet.place, findings)


def _said(cells: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return which cells plainly say yes, and which say no."""
    numbers, _ = values.read_numbers(cells.replace("", pd.NA), whole=False)
    flags, _ = values.read_bools(cells.replace("", pd.NA))
    zero = (numbers == 0).fillna(False).to_numpy(dtype=bool)
    false = (flags == False).fillna(False).to_numpy(dtype=bool)  # noqa: E712
    true = flags.fillna(False).to_numpy(dtype=bool)
    no = zero | false | cells.isin(_NO).to_numpy(dtype=bool)
    one = (numbers == 1).fillna(False).to_numpy(dtype=bool)
    return (true | one | cells.isin(_YES).to_numpy(dtype=bool)) & ~no, no
