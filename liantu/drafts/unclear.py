"""What was not clear in a source: names, columns, sheets, and free texts about people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from liantu.drafts.candidates import MOST, Candidates
from liantu.drafts.columns import UNREAD, column_rows
from liantu.drafts.people import people_row
from liantu.drafts.rows import COLUMNS, Row, listed, personal, safe, shown
from liantu.errors import Problem
from liantu.graph import schema
from liantu.loaders.ends import Context
from liantu.loaders.reading import Look
from liantu.loaders.shortened import title_places
from liantu.loaders.ticks import SHEETS
from liantu.vocabulary import Lang, label, normalise

_UNRESOLVED = ("unknown_end", "ambiguous_end", "end_skipped")


@dataclass(frozen=True)
class Unclear:
    """The rows of a draft by the key of their sheet, and the fields of each table read.

    Attributes
    ----------
    rows
        Every row: cells by the key of their column.
    """

    rows: Mapping[str, list[Row]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return how many rows there are to look at; sheets that were read are none."""
        open_sheets = sum(not row["read_as"] for row in self.rows["tables"])
        return open_sheets + sum(len(self.rows[name]) for name in SHEETS if name != "tables")


def is_unclear(problem: Problem) -> bool:
    """Return whether a problem is one that can be settled by a tick in a draft."""
    asks = (*_UNRESOLVED, *UNREAD, "unknown_sheet", "free_text_people")
    return problem.code in asks


def unclear(seen: Look, lang: Lang) -> Unclear:
    """Return what was not clear, with candidates; what was ticked already stands before it."""
    assert seen.context is not None
    shortened = seen.context.shortened
    finders = {
        kind: Candidates(directory, shortened[kind]() if kind in shortened else None)
        for kind, directory in seen.context.directories.items()
    }
    rows = {
        "names": list(_names(seen, seen.context, finders, lang)),
        "columns": [] if seen.mapped else column_rows(seen, finders["school"], lang),
        "tables": [] if seen.mapped else list(_tables(seen, lang)),
        "people": [people_row(p, finders["school"], lang) for p in _free_texts(seen)],
    }
    kept = {name: [dict(tick.cells) for tick in seen.ticks.of(name)] for name in SHEETS}
    whole = {name: _merged(kept[name], rows[name], name) for name in SHEETS}
    return Unclear({n: [safe(r, COLUMNS[n]) for r in whole[n]] for n in SHEETS})


def _merged(ticked: list[Row], fresh: list[Row], sheet: str) -> list[Row]:
    """Return rows, those that were ticked with their ticks; a sheet stands once."""
    about = {
        "names": ("written", "kind", "scope"),
        "columns": ("file", "sheet", "column"),
        "tables": ("file", "sheet"),
        "people": ("text", "scope"),
    }[sheet]
    known = {tuple(row.get(key, "") for key in about): row for row in ticked}
    found = [
        {**row, **known.pop(key, {})} if (key := tuple(row.get(k, "") for k in about)) else row
        for row in fresh
    ]
    return [*known.values(), *found]


def _free_texts(seen: Look) -> Iterator[Problem]:
    """Yield the free texts about people, each once."""
    told: set[str] = set()
    for problem in seen.report.problems:
        if problem.code == "free_text_people" and problem.value not in told:
            told.add(problem.value)
            yield problem


def _names(
    seen: Look, context: Context, finders: Mapping[str, Candidates], lang: Lang
) -> Iterator[Row]:
    """Yield a row for every name that was not found, with its candidates."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in seen.report.problems:
        if problem.code in _UNRESOLVED and problem.value and not personal(problem.value):
            kinds = str(problem.params.get("kind", "school")).split(" / ")
            kind = "school" if "school" in kinds else kinds[0]
            found.setdefault((kind, normalise(problem.value)), []).append(problem)
    drafts = {(tick.file, tick.title) for tick in seen.ticks.every()}
    for (kind, _), problems in found.items():
        first = problems[0]
        if (first.file, first.sheet) in drafts:  # a tick that no longer fits
            continue
        titles = title_places(context.titles.get((first.file, first.sheet), ()))
        candidates = finders[kind].of(first.value, titles)
        yield {
            "written": first.value,
            "kind": label(kind, lang, "kind"),
            "pick": next((shown(finders[kind], c.id) for c in candidates if c.certain), ""),
            **listed(candidates, finders[kind], lang),
            "file": first.file,
            "sheet": first.sheet,
            "row": str(first.row or ""),
            "count": str(sum(int(p.params.get("count", 1)) for p in problems)),
        }


def _tables(seen: Look, lang: Lang) -> Iterator[Row]:
    """Yield a row for every sheet, what it was read as and why, or what it may be."""
    read = {(t["file"], t["sheet"]): t for t in seen.report.tables if t.get("table")}
    likely = {
        (p.file, p.sheet): str(p.params.get("candidates", "")).split(" / ")
        for p in seen.report.problems
        if p.code == "unknown_sheet"
    }
    comma, colon = ("；", "：") if lang == "zh" else ("; ", ": ")
    for place, sheet in seen.sheets.items():
        if not any(any(cell.strip() for cell in row) for row in sheet.rows):
            continue
        entry = read.get(place, {})
        tables = [name for name in str(entry.get("table", "")).split(", ") if name]
        why = [(label(part, lang, "draft_why"), text) for part, text in entry.get("why", ())]
        found = [name for name in likely.get(place, ()) if name]
        yield {
            "file": place[0],
            "sheet": place[1],
            "read_as": ("、" if lang == "zh" else ", ").join(_table(n, lang) for n in tables),
            "reason": comma.join(colon.join(filter(None, each)) for each in why),
            **{f"candidate_{n}": _table(name, lang) for n, name in enumerate(found[:MOST], 1)},
        }


def _table(name: str, lang: Lang) -> str:
    return schema.tables()[name].label(lang)
