"""Text: JSON, CSV and aligned tables."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.formats.answer import Answer
from liantu.formats.cells import clean, flat, is_text, is_yes_no, labels, number, percent, plain
from liantu.formats.cells import texts as cell_texts
from liantu.shell import quoted
from liantu.vocabulary import Lang, is_share, label, share_of

# What Excel, WPS or LibreOffice may take for the begin of a formula: a sign, in full width too (an
# editor of Chinese or Japanese text narrows it), behind blanks (some trim them); a tab or line end.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
# The same or more in the words of Arrow, whose blanks are fewer.
_RISKY = r"^[\t\r\n]|^[\s\v\x1c-\x1f\x{85}\p{Z}]*[=+\-@＝＋－＠]"


def to_json(value: Any, *, ascii_only: bool = False) -> str:
    """Return plain values as indented JSON; `ascii_only` for a console that knows no Unicode."""
    return json.dumps(value, ensure_ascii=ascii_only, indent=2, allow_nan=False) + "\n"


def to_csv(frame: pd.DataFrame, lang: Lang | None = None) -> str:
    r"""Return a frame as CSV: keys and codes, or labels in a language.

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers.

    Examples
    --------
    >>> to_csv(pd.DataFrame({"name": ["=1+1", None], "covered": [True, False]}))
    "name,covered\n'=1+1,true\n,false\n"
    """
    return "".join(csv_pieces(frame, lang))


def csv_pieces(frame: pd.DataFrame, lang: Lang | None = None, rows: int = 100_000) -> Iterator[str]:
    r"""Yield the text of `to_csv` some rows at a time, for tables larger than memory holds as text.

    Examples
    --------
    >>> list(csv_pieces(pd.DataFrame({"id": ["a", "b", "c"]}), rows=2))
    ['id\na\nb\n', 'c\n']
    """
    frame = flat(frame)
    places = range(frame.shape[1])
    keys = [str(key) for key in frame.columns]
    heads = [_harmless(key if lang is None else label(key, lang)) for key in keys]
    # the csv module leaves a lone carriage return unquoted, where readers see the end of a row
    returns = "\r" in "".join(heads) or any(_holds_return(frame.iloc[:, place]) for place in places)
    for first in range(0, max(len(frame), 1), rows):
        part = frame.iloc[first : first + rows]
        columns = [
            _csv_cells(part.iloc[:, place], keys[place], lang).rename(heads[place])
            for place in places
        ]
        table = pd.concat(columns, axis=1) if columns else part
        yield table.to_csv(
            index=False,
            header=not first,
            lineterminator="\n",
            date_format="%Y-%m-%d",
            quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL,
        )


def _csv_cells(values: pd.Series, key: str, lang: Lang | None) -> pd.Series:
    """Return a column as it stands in a CSV file."""
    if lang is not None:
        values = labels(values, key, lang)
    elif is_yes_no(values):
        values = values.astype(object).map({True: "true", False: "false"})
    if not is_text(values):
        return values
    if values.dtype == "str":  # compiled, but for the few that want a look
        found = pc.match_substring_regex(pa.array(values.array), _RISKY)
        risky = np.array(pc.fill_null(found, False), dtype=bool)
        if not risky.any():
            return values
        values = values.astype(object)
        values[risky] = values[risky].map(_harmless)
        return values
    values = values.astype(object)
    known = values.notna()
    return values.mask(known, values[known].map(plain).map(_harmless))


def _holds_return(values: pd.Series) -> bool:
    """Return whether a cell of text holds a carriage return."""
    if not is_text(values):
        return False
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.cat.categories.to_series()
    if values.dtype == "str":
        return bool(pc.any(pc.match_substring(pa.array(values.array), "\r")).as_py())
    return any("\r" in cell for cell in values if isinstance(cell, str))


def _harmless(value: Any) -> str:
    """Return a cell as text that no spreadsheet runs, however much it trims or widens."""
    text = str(value)
    return "'" + text if isinstance(value, str) and _FORMULA.match(text) else text


def figures(summary: dict[str, Any], lang: Lang) -> list[tuple[str, str]]:
    """Return the figures of a summary with their labels; rates with numerator and denominator.

    Examples
    --------
    >>> figures({"covered": 9, "in_scope": 12, "rate": 0.75}, "en")[-1]
    ('rate', '75.0 % (9 / 12)')
    """
    rows = []
    for key, value in summary.items():
        shown = plain(value)
        text = "–" if shown is None else number(shown) if isinstance(shown, float) else str(shown)
        if is_share(key) and isinstance(shown, int | float):
            text = percent(shown)
        if parts := share_of(
            key, summary
        ):  # a rate never goes without its numerator and denominator
            text = f"{text} ({summary.get(parts[0])} / {summary.get(parts[1])})"
        rows.append((label(key, lang), clean(text)))
    return rows


def to_text(frame: pd.DataFrame, lang: Lang) -> str:
    """Return a frame as an aligned table, unwrapped, numbers to the right.

    Examples
    --------
    >>> print(to_text(pd.DataFrame({"name": ["一中", "b"], "pupils": [9, 120]}), "zh"))
    名称  在校生数
    一中         9
    b          120
    """
    headers, rights, columns = grid(frame, lang)
    return aligned([headers, *zip(*columns, strict=True)], rights)


def grid(frame: pd.DataFrame, lang: Lang) -> tuple[list[str], list[bool], list[list[str]]]:
    """Return the headers of a frame, which columns stand to the right, and their texts."""
    frame = flat(frame)
    keys = [str(key) for key in frame.columns]
    series = [frame.iloc[:, place] for place in range(len(keys))]
    rights = [pd.api.types.is_numeric_dtype(v.dtype) and not is_yes_no(v) for v in series]
    columns = [cell_texts(v, key, lang) for v, key in zip(series, keys, strict=True)]
    return [label(key, lang) for key in keys], rights, columns


def aligned(rows: Sequence[Sequence[str]], rights: Sequence[bool]) -> str:
    """Return rows as lines of aligned columns; a Chinese character is two wide."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            " " * (width - cell_len(text)) + text
            if right
            else text + " " * (width - cell_len(text))
            for text, width, right in zip(row, widths, rights, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def flags(result: Answer) -> str:
    """Return the parameters of a result as they are written on the command line."""
    words = []
    for key, value in result.parameters.items():
        option = "--" + key.replace("_", "-")
        if value is True:
            words.append(option)
        elif value is not None and value is not False and key != "engine":
            text = ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
            words.append(f"{option} {quoted(text)}")
    return " ".join(words)
