"""One number a node: all kinds in schema order, by id within a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liantu.graph import schema

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Numbering:
    """The numbers of the nodes of a network.

    Attributes
    ----------
    sizes
        How many nodes there are of each kind, in schema order.

    Examples
    --------
    >>> numbering = Numbering({"school": 3, "teacher": 2})
    >>> numbering.base("teacher"), numbering.total
    (3, 5)
    """

    sizes: Mapping[str, int]

    def base(self, kind: str) -> int:
        """Return the number of the first node of a kind."""
        total = 0
        for name, size in self.sizes.items():
            if name == kind:
                return total
            total += size
        raise KeyError(kind)

    def span(self, kind: str) -> tuple[int, int]:
        """Return the number of the first node of a kind and the one after its last."""
        base = self.base(kind)
        return base, base + self.sizes[kind]

    @property
    def total(self) -> int:
        """How many nodes there are."""
        return sum(self.sizes.values())

    def kinds(self, codes: Codes) -> npt.NDArray[np.str_]:
        """Return the kind of each node."""
        ends = np.cumsum(list(self.sizes.values()))
        names = np.array(list(self.sizes))
        return names[np.searchsorted(ends, codes, side="right")]


def numbering(sizes: Mapping[str, int]) -> Numbering:
    """Return the numbering of kinds of these sizes, in schema order."""
    return Numbering({kind: sizes[kind] for kind in schema.kinds()})
