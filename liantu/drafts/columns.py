"""Columns that were not read: sample values, and the columns of the table that they may be."""

from __future__ import annotations

import pandas as pd

from liantu.drafts.candidates import MOST, Candidates
from liantu.drafts.rows import Row, personal
from liantu.errors import Message
from liantu.graph import schema, values
from liantu.graph.personal_numbers import sort_of
from liantu.loaders import headers
from liantu.loaders.body import heads
from liantu.loaders.reading import Look
from liantu.loaders.sources import Sheet
from liantu.loaders.template import header_words
from liantu.vocabulary import Lang, label

UNREAD = (
    *("unknown_header", "undated_for_header"),
    *("dates_lost", "people_lost", "schools_lost", "subjects_lost"),
)
_SAMPLES = 3
_ALIKE = 60.0  # percent
_MOSTLY = 0.8  # of the values of a column, to call it one of dates or numbers


def column_rows(seen: Look, schools: Candidates, lang: Lang) -> list[Row]:
    """Return a row for every column that was not read."""
    rows = []
    for problem in seen.report.problems:
        place = (problem.file, problem.sheet)
        if problem.code not in UNREAD or place not in seen.sheets:
            continue
        texts = values_under(seen.sheets[place], problem.column)
        if sort_of(problem.column) or any(map(personal, texts)):  # never shown, never read
            continue
        table = str(problem.params["table"])
        kind = _kind_of(texts, schools) or ("schools" if problem.code == "schools_lost" else "")
        found = _candidates(table, problem.column, kind, lang)
        group = "kind" if table in schema.kinds() else "relation"
        rows.append(
            {
                "file": problem.file,
                "sheet": problem.sheet,
                "column": problem.column,
                "samples": ("、" if lang == "zh" else ", ").join(texts[:_SAMPLES]),
                "read_as": label(table, lang, group),
                **{f"candidate_{n}": word for n, word in enumerate(found, 1)},
                "reason": ("；" if lang == "zh" else "; ").join(
                    f"{n}. {reason.text(lang)}" for n, reason in enumerate(found.values(), 1)
                ),
            }
        )
    return rows


def values_under(sheet: Sheet, header: str) -> list[str]:
    """Return the distinct values under a header, which may stand in two rows."""
    key = headers.key(header)
    for head in heads(sheet):
        here = [n for n, name in enumerate(head.names) if name and headers.key(name) == key]
        if here:
            below = sheet.rows[head.below :]
            texts = [row[here[0]].strip() for row in below if here[0] < len(row)]
            return list(dict.fromkeys(filter(None, texts)))
    return []


def _candidates(table: str, header: str, kind: str, lang: Lang) -> dict[str, Message]:
    """Return the headers that a column may have, with the reason, the likeliest first."""
    from rapidfuzz import fuzz

    found: dict[str, tuple[float, Message]] = {}
    for word in header_words(table, lang):
        meaning = headers.meaning(table, word)
        if meaning is None:
            continue
        column = schema.tables()[table].all_columns[meaning.column]
        share = fuzz.ratio(headers.key(word), headers.key(header))
        looks = (
            (kind == "dates" and column.is_date)
            or (kind == "numbers" and column.is_number)
            or (kind == "schools" and (meaning.kind == "school" or "school" in column.values))
        )
        if looks:  # what a column holds says more than how it is called
            found[word] = (100 + share, Message(f"draft_look_{kind}"))
        elif share >= _ALIKE:
            found[word] = (share, Message("draft_header_alike", {"share": round(share)}))
    order = sorted(found, key=lambda word: (-found[word][0], word))
    return {word: found[word][1] for word in order[:MOST]}


def _kind_of(texts: list[str], schools: Candidates) -> str:
    """Return what most values look like: dates, numbers, schools or nothing known."""
    if not texts:
        return ""
    cells = pd.Series(texts, dtype="str")
    _, dated = values.read_dates(cells, last=False, format="")
    _, counted = values.read_numbers(cells, whole=False)
    known = [bool(schools.directory.candidates(text)) for text in texts[:200]]
    shares = {  # whole numbers may be years, but most often they count something
        "schools": sum(known) / len(known),
        "dates": float(((dated != "bad") & ~cells.str.isdecimal()).mean()),
        "numbers": float((counted != "bad").mean()),
    }
    best = max(shares, key=lambda kind: shares[kind])
    return best if shares[best] >= _MOSTLY else ""
