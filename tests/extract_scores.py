"""Precision and recall of `liantu extract` on texts labelled by hand: ``python tests/extract_scores.py``.

The labels (``tests/extract/labels.csv``) were made by reading the texts; the texts themselves are
not part of the project. A label counts as found if kind, first and last sign and, of figures, the
value agree. What a reader may take either way is labelled ``unclear`` and counts on neither side.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent / "extract"
SEEDS = Path(__file__).parents[2] / "shared" / "seeds"
NAMES = ("school", "alliance", "center", "partner", "region")
FIGURES = ("count", "money", "rate", "rank", "date")
TEXTS = ("001", "002", "003", "004")


class Score(NamedTuple):
    """How many were found and right, found, and labelled."""

    right: int
    found: int
    labelled: int

    def __add__(self, other: object) -> Score:
        assert isinstance(other, Score)
        return Score(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0


@cache
def labels() -> tuple[dict[str, str], ...]:
    with (HERE / "labels.csv").open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def text(name: str) -> str:
    from liantu.extract.texts import read_text

    return read_text(next(SEEDS.glob(f"{name}_*.txt"))).text


@cache
def scores(name: str, *, listed: bool) -> dict[str, Score]:
    """Return the score of each kind in a text, with a list of its schools or without."""
    from liantu.extract.figures import find_figures
    from liantu.extract.listed import read_list
    from liantu.extract.names import find_names
    from liantu.extract.texts import sentences

    known = read_list(str(HERE / "lists" / name)) if listed else None
    whole = text(name)
    spans = find_names(whole, known)
    figures = [f for a, b in sentences(whole) for f in find_figures(whole, a, b)]
    mine = [row for row in labels() if row["text"] == name]
    passed = [(int(r["start"]), int(r["end"])) for r in mine if r["kind"] == "unclear"]

    def clear(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in passed)

    found: dict[str, Score] = {}
    for kind in NAMES:
        got = {(s.start, s.end) for s in spans if s.kind == kind and clear(s.start, s.end)}
        own = {(int(r["start"]), int(r["end"])) for r in mine if r["kind"] == kind}
        found[kind] = Score(len(got & own), len(got), len(own))
    for kind in FIGURES:
        counted = {
            (f.start, f.end, f.value) for f in figures if f.sort == kind and clear(f.start, f.end)
        }
        said = {
            (int(r["start"]), int(r["end"]), float(r["value"] or 0))
            for r in mine
            if r["kind"] == kind
        }
        found[kind] = Score(len(counted & said), len(counted), len(said))
    return found


def total(kind: str, *, listed: bool) -> Score:
    """Return the score of a kind over all texts."""
    return sum((scores(name, listed=listed)[kind] for name in TEXTS), Score(0, 0, 0))


def objects() -> Score:
    """Return how often the object of a count holds the labelled one."""
    from liantu.extract.figures import find_figures
    from liantu.extract.texts import sentences

    right = labelled = 0
    for name in TEXTS:
        whole = text(name)
        figures = {
            (f.start, f.end): f for a, b in sentences(whole) for f in find_figures(whole, a, b)
        }
        for row in labels():
            figure = figures.get((int(row["start"]), int(row["end"])))
            if row["text"] == name and row["object"] and figure is not None:
                labelled += 1
                right += row["object"] in figure.object
    return Score(right, labelled, labelled)


def lines() -> Iterator[str]:
    """Yield the table of the docs."""
    for listed in (False, True):
        yield f"with list: {listed}"
        for kind in (*NAMES, *FIGURES):
            every = [scores(name, listed=listed)[kind] for name in TEXTS]
            parts = "  ".join(f"{s.right}/{s.found}/{s.labelled}" for s in every)
            whole = total(kind, listed=listed)
            yield f"{kind:9} P {whole.precision:.3f} R {whole.recall:.3f}  {parts}"
    yield f"object    {objects().right}/{objects().labelled}"


if __name__ == "__main__":
    print("\n".join(lines()))
