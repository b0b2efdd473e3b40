"""Text: JSON, CSV and aligned tables."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

from liantu.formats.answer import Answer
from liantu.formats.cells import clean, flat, is_text, is_yes_no, labels, number, percent, plain
from liantu.formats.cells import texts as cell_texts
from liantu.shell import quoted
from liantu.vocabulary import Lang, is_share, label, share_of

# What Excel, WPS or LibreOffice may take for the begin of a formula: a sign, in full width too (an
# editor of Chinese or Japanese text narrows it), behind blanks (some trim them); a tab or line end.
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")


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
    frame = flat(frame)
    columns = []
    for place, key in enumerate(map(str, frame.columns)):
        values = frame.iloc[:, place]
        if lang is not None:
            values = labels(values, key, lang)
        elif is_yes_no(values):
            values = values.astype(object).map({True: "true", False: "false"})
        if is_text(values):
            values = values.astype(object)
            known = values.notna()
            values = values.mask(known, values[known].map(plain).map(_harmless))
        columns.append(values.rename(_harmless(key if lang is None else label(key, lang))))
    table = pd.concat(columns, axis=1) if columns else frame
    buffer = io.StringIO()
    # the csv module leaves a lone carriage return unquoted, where readers see the end of a row
    returns = "\r" in "".join(map(str, table.columns)) or any(
        isinstance(cell, str) and "\r" in cell
        for place in range(table.shape[1])
        if is_text(values := table.iloc[:, place])
        for cell in values
    )
    table.to_csv(
        buffer,
        index=False,
        lineterminator="\n",
        date_format="%Y-%m-%d",
        quoting=csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL,
    )
    return buffer.getvalue()


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
