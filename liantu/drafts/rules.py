"""A TOML mapping to go on with: a block for every sheet that was read, what was not as remarks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from liantu.drafts.unclear import Unclear
from liantu.formats.files import write_file
from liantu.graph import schema
from liantu.loaders.cells import Part
from liantu.loaders.reading import Look
from liantu.vocabulary import Lang, message


def write_rules(path: Path, seen: Look, found: Unclear, lang: Lang) -> None:
    """Write a mapping in which a person says what was not clear.

    Raises
    ------
    RequestError
        If the file cannot be written.
    """
    assert seen.context is not None
    lines = [f"# {message('draft_told_rules', lang)}"]
    for part in seen.context.parts:
        file, sheet = part.place
        lines += ["", "[[rows]]", f"file = {_text(file)}"]
        if sheet:
            lines.append(f"sheet = {_text(sheet)}")
        lines.append(f"  [[rows.{part.table}]]")
        known = schema.tables()[part.table].all_columns
        for column, header in part.headers.items():
            if column in known and " / " not in header:
                lines.append(f"  {column} = {_text(header)}")
            elif column in ("source", "target") and not _inputs(part, header, known):
                lines.append(f"  # {column} = …  # {header}")
        for row in found.rows["columns"]:
            if (row["file"], row["sheet"]) == part.place:
                guess = row["candidate_1"] or "…"
                lines.append(f"  # {guess} = {_text(row['column'])}  # {row['samples']}")
    write_file(path, ("\n".join(lines) + "\n").encode())


def _inputs(part: Part, header: str, known: Mapping[str, object]) -> bool:
    """Return whether each header that an end is read from is named in the block already."""
    named = {text for key, text in part.headers.items() if key in known and " / " not in text}
    return set(header.split(" / ")) <= named


def _text(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)
