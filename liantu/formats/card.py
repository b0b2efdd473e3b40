"""What a notebook shows of a network, a result or a load report: one small piece of HTML.

It sets no colours of its own but shades of the text's, so it stands on a light and a dark page.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from liantu.errors import HIDDEN
from liantu.formats.cells import flat
from liantu.formats.text import grid
from liantu.vocabulary import Lang, language, message

ROWS, COLUMNS, LINES = 8, 10, 6  # that a card shows

_STYLE = """<style>
.liantu-card{font:13px/1.5 system-ui,sans-serif;color:inherit;max-width:60em;margin:.3em 0}
.liantu-card header{font-size:1.1em;font-weight:600}
.liantu-card p{margin:.2em 0;opacity:.75}
.liantu-card dl{display:flex;flex-wrap:wrap;gap:.3em 1.6em;margin:.5em 0}
.liantu-card dt{opacity:.65;font-size:.9em;font-weight:400}
.liantu-card dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.liantu-card div{overflow-x:auto}
.liantu-card table{border-collapse:collapse;border:0;margin:.4em 0;font-size:1em}
.liantu-card th,.liantu-card td{border:0;padding:.15em .8em .15em 0;text-align:left;
border-bottom:1px solid color-mix(in srgb,currentColor 22%,transparent);
white-space:nowrap;background:none;color:inherit}
.liantu-card th{font-weight:600;opacity:.8}
.liantu-card .n{text-align:right;font-variant-numeric:tabular-nums}
.liantu-card ul{margin:.3em 0;padding-left:1.2em;opacity:.8}
.liantu-card code{font-size:.9em;opacity:.65;background:none;color:inherit}
</style>"""


def spoken() -> Lang:
    """Return the language of cards, as that of commands: ``LIANTU_LANG``, else the locale's."""
    return language((), os.environ)


def card(
    title: str,
    lang: Lang,
    *,
    line: str = "",
    figures: Iterable[tuple[str, str]] = (),
    table: pd.DataFrame | None = None,
    notes: Sequence[str] = (),
    mark: str = "",
) -> str:
    """Return a card; every text in it is escaped.

    Parameters
    ----------
    title, line
        What stands first, and what is said of it.
    figures
        Labels with their values.
    table
        Its first rows and columns are shown, in the words of the language.
    notes
        The first ones are shown, the others counted.
    mark
        What stands last, in small type.

    Examples
    --------
    >>> "&lt;b&gt;" in card("<b>", "en"), "<b>" in card("<b>", "en")
    (True, False)
    """
    parts = [f"<header>{escape(title)}</header>"]
    if line:
        parts.append(f"<p>{escape(line)}</p>")
    pairs = [f"<span><dt>{escape(k)}</dt><dd>{escape(v)}</dd></span>" for k, v in figures]
    if pairs:
        parts.append(f"<dl>{''.join(pairs)}</dl>")
    if table is not None and len(table):
        parts.append(_table(table, lang))
    if notes:
        listed = list(notes[:LINES])
        if len(notes) > LINES:
            listed.append(message("card_more", lang, {"count": len(notes) - LINES}))
        parts.append(f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in listed)}</ul>")
    if mark:
        parts.append(f"<code>{escape(mark)}</code>")
    return f'{_STYLE}<div class="liantu-card">{"".join(parts)}</div>'


def _table(frame: pd.DataFrame, lang: Lang) -> str:
    """Return the first rows and columns of a frame; teachers stay unnamed."""
    whole = flat(frame)
    shown = _unnamed(whole.head(ROWS)).iloc[:, :COLUMNS]
    headers, rights, columns = grid(shown, lang)
    sides = [' class="n"' if right else "" for right in rights]
    cells = [
        "".join(f"<td{side}>{escape(text)}</td>" for text, side in zip(row, sides, strict=True))
        for row in zip(*columns, strict=True)
    ]
    head = "".join(f"<th{s}>{escape(h)}</th>" for h, s in zip(headers, sides, strict=True))
    size = {"rows": len(whole), "columns": whole.shape[1]}
    more = len(whole) > ROWS or whole.shape[1] > COLUMNS
    below = f"<p>{escape(message('card_size', lang, size))}</p>" if more else ""
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<div><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{below}"


def _unnamed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows in which no teacher is named: neither by name nor by id."""
    found = frame.copy(deep=False)
    for key in map(str, frame.columns):
        if key != "kind" and not key.endswith("_kind"):
            continue
        end = key.removesuffix("kind").removesuffix("_")
        named = (end, f"{end}_name", *(("name",) if end in ("", "item") else ()))
        hit = (frame[key].astype("str") == "teacher").to_numpy(dtype=bool)
        for column in (*named, *(("id", "node") if not end else ())):
            if column in frame and hit.any():
                found[column] = frame[column].astype("str").mask(hit, HIDDEN)
    return found
