"""What is found in a text: where, of what kind, how, and how sure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

Method = Literal["list", "alias", "rule", "model"]
Sure = Literal["high", "medium", "low"]
KINDS = ("school", "alliance", "center", "partner", "region")


class Span(NamedTuple):
    """A name in a text.

    `id` is that of the listed node that it means, "" where no list has it or several could be
    meant.
    """

    start: int
    end: int
    kind: str
    text: str
    method: Method
    sure: Sure
    id: str = ""
    name: str = ""  # of the node in the list

    @property
    def called(self) -> str:
        """The name to write in a table: as listed, else as in the text."""
        return self.name or self.text


def apart(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order of place of which none overlaps another: those that come first stay.

    Examples
    --------
    >>> one = Span(0, 4, "school", "东山小学", "list", "high")
    >>> two = Span(2, 4, "school", "小学", "rule", "low")
    >>> apart([one, two]) == [one]
    True
    """
    taken: set[int] = set()
    kept = []
    for span in spans:
        if taken.isdisjoint(range(span.start, span.end)):
            taken.update(range(span.start, span.end))
            kept.append(span)
    return sorted(kept)
