"""The rows of a draft: their columns, candidates as cells, and nothing personal in them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from liantu.drafts.candidates import MOST, Candidate, Candidates
from liantu.graph.personal_numbers import half_width_digits, masked
from liantu.vocabulary import Lang

Row = dict[str, str]

# The columns of each sheet. What a row is about stands left of what is picked, the rest right.
_CANDIDATES = tuple(f"candidate_{number}" for number in range(1, MOST + 1))
COLUMNS: dict[str, tuple[str, ...]] = {
    "names": (
        *("written", "kind", "pick", *_CANDIDATES),
        *("reason", "scope", "file", "sheet", "row", "count"),
    ),
    "columns": ("file", "sheet", "column", "samples", "read_as", "pick", *_CANDIDATES, "reason"),
    "tables": ("file", "sheet", "read_as", "reason", "pick", *_CANDIDATES),
    "people": (
        *("text", "found", "pick", *_CANDIDATES, "reason", "count_found", "pick_count"),
        *("scope", "file", "sheet", "row", "column"),
    ),
}


def shown(finder: Candidates, key: str) -> str:
    """Return a node as it is picked: its name where no other has it, else its id."""
    name = finder.name(key)
    return name if name and finder.directory.candidates(name) == [key] else key


def listed(candidates: Iterable[Candidate], finder: Candidates, lang: Lang) -> Row:
    """Return the cells of candidates and of the reasons for them."""
    few = list(islice(candidates, MOST))
    reasons = [f"{n}. {candidate.reason.text(lang)}" for n, candidate in enumerate(few, 1)]
    cells = {f"candidate_{n}": shown(finder, each.id) for n, each in enumerate(few, 1)}
    return {**cells, "reason": ("；" if lang == "zh" else "; ").join(reasons)}


def safe(row: Row, columns: Iterable[str]) -> Row:
    """Return a row with every column, without numbers of identity cards and telephones."""
    return {key: masked(str(row.get(key, ""))) for key in columns}


def personal(text: str) -> bool:
    """Return whether a text holds the number of an identity card or of a mobile telephone.

    Examples
    --------
    >>> personal("电话 13800000001"), personal("2145000101")
    (True, False)
    """
    return masked(half_width_digits(text)) != half_width_digits(text)
