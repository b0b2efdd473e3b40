"""Free texts about people: the schools in them, and how many people they speak of."""

from __future__ import annotations

from liantu.drafts.candidates import MOST, Candidate, Candidates
from liantu.drafts.rows import Row, listed
from liantu.errors import Message, Problem
from liantu.loaders.freetext import people
from liantu.loaders.shortened import Titles
from liantu.vocabulary import Lang, half_width

_LONGEST = 200  # characters that schools are looked for in


def people_row(problem: Problem, finder: Candidates, lang: Lang) -> Row:
    """Return what a free text was found to say, and which schools may be meant."""
    schools = schools_in(problem.value, finder)
    said = people(problem.value, tuple(schools))
    comma = "、" if lang == "zh" else ", "
    parts = []
    if schools:
        parts.append(Message("draft_schools", {"listed": comma.join(schools)}))
    if said.names:
        parts.append(Message("draft_persons", {"listed": comma.join(said.names)}))
    if said.number is not None:
        code = "draft_at_least" if said.at_least else "draft_people"
        parts.append(Message(code, {"count": said.number}))
    candidates: dict[str, Candidate] = {}
    for text, (keys, reason) in schools.items():
        for key in keys:
            candidates.setdefault(key, Candidate(key, Message(reason, {"value": text}), False))
    few = list(candidates.values())[:MOST]
    return {
        "text": problem.value,
        "found": ("；" if lang == "zh" else "; ").join(part.text(lang) for part in parts),
        **listed(few, finder, lang),
        "count_found": "" if said.number is None else str(said.number),
        "file": problem.file,
        "sheet": problem.sheet,
        "row": str(problem.row or ""),
        "column": problem.column,
    }


def schools_in(text: str, finder: Candidates) -> dict[str, tuple[list[str], str]]:
    """Return the longest pieces of a text that may mean schools: ids, and the code of a reason."""
    plain = half_width(text)[:_LONGEST]
    found: dict[str, tuple[list[str], str]] = {}
    start = 0
    while start < len(plain):
        for end in range(min(len(plain), start + 30), start + 1, -1):
            piece = plain[start:end]
            keys = finder.directory.candidates(piece)
            if not keys and finder.names:
                keys = finder.names.find(piece, Titles())
            if keys:
                found[piece] = (keys, "draft_named")
            elif keys := finder.short(piece, Titles()):
                found[piece] = (keys, "draft_short_form")
            else:
                continue
            start = end - 1
            break
        start += 1
    return found
