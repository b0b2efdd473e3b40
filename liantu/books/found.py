"""What looking over a workbook finds: how far it reaches, and which formulas failed."""

from __future__ import annotations

MOST_CELLS = 5_000_000  # rows × columns of a sheet: a million rows of five columns
MOST_BYTES = 1 << 30  # of the unpacked parts

# What binary formats write for a formula that failed.
CODES = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
Errors = dict[tuple[int, int], str]  # what a formula gave instead of a value, by row and column


class TooLargeError(Exception):
    """A workbook that would take too much memory: the code of a message and its parameters."""

    def __init__(self, code: str, **params: object) -> None:
        self.code, self.params = code, params
        super().__init__(code)


def check_extent(sheet: str, rows: int, columns: int) -> None:
    """Raise `TooLargeError` if a sheet with so many rows and columns is not to be read."""
    if rows * columns > MOST_CELLS:
        cell = f"{letters(columns - 1)}{rows}"
        raise TooLargeError("sheet_too_large", sheet=sheet, cell=cell, limit=MOST_CELLS)


def letters(column: int) -> str:
    """Return the letters of a spreadsheet's column; 0 is A.

    Examples
    --------
    >>> letters(0), letters(25), letters(26), letters(16_383)
    ('A', 'Z', 'AA', 'XFD')
    """
    text, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def number(letters: bytes) -> int:
    """Return the number of columns up to the one with these letters.

    Examples
    --------
    >>> number(b"A"), number(b"XFD")
    (1, 16384)
    """
    found = 0
    for sign in letters.upper():
        found = found * 26 + sign - 64
    return found
