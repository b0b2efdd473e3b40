"""Tasks on published texts: what is found in them, and what a person has marked of it.

A browser decides on rows by their number; what they say stays here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from liantu import progress
from liantu.web.server.options import LANGS
from liantu.web.server.work import Asked, Desk, about, lang_of

MOST_SIGNS = 300_000  # of all texts: what a page shows


def extract(desk: Desk, asked: Asked) -> Any:
    """Find in the texts of a drop what may become rows, with the schools of a network if asked."""
    from liantu.errors import RequestError
    from liantu.extract import extract as find
    from liantu.extract.book import cells, columns, title
    from liantu.extract.listed import of_network
    from liantu.extract.people import mask

    progress.step("step_read", str(asked["title"]))
    listed = of_network(desk.with_names({"store": asked["names"]})) if asked.get("names") else None
    found = find([Path(path) for path in asked["paths"]], listed)
    if sum(len(text.text) for text in found.texts) > MOST_SIGNS:
        raise RequestError.of("text_too_long", value=str(asked["title"]), limit=MOST_SIGNS)
    people = listed.people if listed is not None else frozenset()
    rows = [asdict(row) for row in found.rows]
    Path(asked["kept"]).write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    heads = {
        lang: {
            table: [(c.key, c.header) for c in columns(table, lang)]
            for table in {row.table for row in found.rows}
        }
        for lang in LANGS
    }
    return {
        "texts": [
            {"name": t.name, "text": mask(t.text, people), "marks": _marks(found.spans[t.name])}
            for t in found.texts
        ],
        "rows": [
            {
                "table": row.table,
                "file": row.file,
                "start": row.start,
                "end": row.end,
                "sure": row.sure,
                "cells": {lang: cells(row, lang) for lang in LANGS},
            }
            for row in found.rows
        ],
        "heads": heads,
        "titles": {lang: {table: title(table, lang) for table in heads[lang]} for lang in LANGS},
        "left_out": found.left_out,
    }


def _marks(spans: Iterable[Any]) -> list[tuple[int, int, str]]:
    """Return where names and figures stand, and which colour each has: every mention of them."""
    counted = {"date": "date"}
    return sorted(
        (s.start, s.end, getattr(s, "kind", "") or counted.get(s.sort, "claims")) for s in spans
    )


def accept(desk: Desk, asked: Asked) -> Any:  # noqa: ARG001
    """Write what was decided as the workbook, and the network of what was taken over."""
    from liantu.extract import Candidate, Found, write_candidates
    from liantu.extract.accept import taken_over
    from liantu.stores import open_store

    rows = [Candidate(**row) for row in json.loads(Path(asked["kept"]).read_text("utf-8"))]
    given = asked.get("decided")
    decided = {
        int(number): str(word)
        for number, word in (given.items() if isinstance(given, Mapping) else ())
        if str(number).isdigit()
    }
    path = Path(asked["book"])
    progress.step("step_write", str(asked["title"]))
    write_candidates(path, Found((), rows), lang_of(asked), decided)
    if not asked.get("store"):
        return {"opened": False}
    done, _ = taken_over(path, lang_of(asked))
    with open_store(asked["store"]) as kept:
        kept.write(done.network)
    return {"opened": True, "about": about(done.network)}


TASKS: Mapping[str, Callable[[Desk, Asked], Any]] = {"extract": extract, "accept": accept}
