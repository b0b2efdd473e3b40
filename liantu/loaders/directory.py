"""The nodes of a kind by id, name and alias; names match exactly but for their shape."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from liantu import vocabulary
from liantu.graph.columns import ascending
from liantu.vocabulary import normalise

Span = tuple[int, int]
_SUGGESTED = 50  # unknown values that get a suggestion


class Directory:
    """Finds the nodes of one kind.

    Parameters
    ----------
    kind
        The kind.
    nodes
        Columns ``id, name`` and, where the kind has them, ``aliases, region``.
    spans
        What each region spans, see `spans`.
    """

    def __init__(
        self, kind: str, nodes: pd.DataFrame, spans: Mapping[str, Span] | None = None
    ) -> None:
        self.kind = kind
        self.nodes = nodes
        self.ids: pd.Index = pd.Index([])
        if len(nodes):  # a list in order holds every id once
            ids = nodes["id"]
            self.ids = pd.Index(ids if ascending(ids) else ids.dropna().unique())
        self._spans = spans or {}
        # Where what is told of teachers comes from; asked once a name needs it.
        self.told: Callable[[], pd.DataFrame] = lambda: pd.DataFrame(
            {"id": [], "school": []}, dtype="str"
        )
        self._suggested: dict[str, str] = {}

    @property
    def pairs(self) -> pd.DataFrame:
        """Which teacher is known at which school: columns ``id, school``."""
        return self.told().dropna().drop_duplicates()

    def learn(self, pairs: Callable[[], pd.DataFrame]) -> None:
        """Take over at which schools teachers are known; asked for once a name needs it."""
        self.told = pairs
        self.__dict__.pop("_schools_of", None)

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """The ids that a name or alias has, by its compared form."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        if len(self.nodes):
            known = self.nodes[self.nodes["id"].notna()]
            for name, key in zip(known["name"], known["id"], strict=True):
                if isinstance(name, str):
                    found[normalise(name)][key] = None
            if "aliases" in known:
                some = known[known["aliases"].notna()]
                for text, key in zip(some["aliases"], some["id"], strict=True):
                    for alias in re.split(r"[、;；\n]", text):
                        if alias.strip():
                            found[normalise(alias)][key] = None
            for key in known["id"].unique():
                if (plain := normalise(key)) != key:  # an id in full-width writing
                    found[plain][key] = None
        return {name: sorted(keys) for name, keys in found.items()}

    @cached_property
    def _regions(self) -> dict[str, str]:
        if "region" not in self.nodes:
            return {}
        known = self.nodes.dropna(subset=["id", "region"])
        return dict(zip(known["id"], known["region"], strict=True))

    @cached_property
    def _schools_of(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        pairs = self.pairs
        for key, school in zip(pairs["id"], pairs["school"], strict=True):
            found[key].add(school)
        return found

    def candidates(
        self, text: str, region: str = "", soft: str = "", school: str = ""
    ) -> list[str]:
        """Return the ids that a text may mean.

        Parameters
        ----------
        text
            An id or a name.
        region
            Narrows to a region and its descendants.
        soft
            A region that narrows only where several are left.
        school
            Narrows teachers to a school; one whose school nobody knows is the last choice.
        """
        if text in self._known and not (region and normalise(text) in self.names):
            return [text]
        found = self.names.get(normalise(text), [])
        if region:
            found = self.inside(found, region)
        if school and self.kind == "teacher" and found:
            here = [key for key in found if school in self._schools_of.get(key, ())]
            found = here or [key for key in found if not self._schools_of.get(key)]
        if soft and len(found) > 1:
            found = self.inside(found, soft)
        return found

    def add(self, key: str, name: str, school: str = "") -> None:
        """Take up a node that was made on the way."""
        self._known.add(key)
        self.names.setdefault(normalise(name), []).append(key)
        if school:
            self._schools_of[key].add(school)

    def inside(self, keys: list[str], region: str) -> list[str]:
        """Return those of some ids whose nodes lie in a region or below it."""
        first, last = self._spans.get(region, (0, -1))
        return [
            key
            for key in keys
            if (own := self._regions.get(key))
            and (own == region or first <= self._spans.get(own, (-1, -1))[0] <= last)
        ]

    @cached_property
    def _known(self) -> set[str]:
        known: list[Any] = self.ids.tolist()
        return set(known)

    def has(self, key: str) -> bool:
        """Return whether there is a node with this id."""
        return key in self._known

    def suggestion(self, text: str) -> str:
        """Return the nearest name as a hint, for the first unknown values only."""
        if text not in self._suggested:
            near = None
            if len(self._suggested) < _SUGGESTED:
                near = vocabulary.nearest(text, [*self.names, *self.ids])
            self._suggested[text] = f" (→ “{near}”?)" if near else ""
        return self._suggested[text]


def spans(regions: pd.DataFrame) -> dict[str, Span]:
    """Return the numbers of the first and last region within each region, itself the first.

    A circle, which the checks refuse, is cut open somewhere.

    Examples
    --------
    >>> spans(pd.DataFrame({"id": ["县", "镇", "村"], "parent": [None, "县", "镇"]}))
    {'县': (0, 2), '镇': (1, 2), '村': (2, 2)}
    """
    above = regions["parent"] if "parent" in regions else [None] * len(regions)
    parents = dict(zip(regions["id"], above, strict=True)) if len(regions) else {}
    parts: dict[str, list[str]] = defaultdict(list)
    for region, parent in parents.items():
        parts[parent].append(region)
    first: dict[str, int] = {}
    found: dict[str, Span] = {}
    for root in [*(r for r, parent in parents.items() if parent not in parents), *parents]:
        todo = [] if root in first else [root]
        while todo:
            region = todo[-1]
            if region not in first:
                first[region] = len(first)
                todo += [part for part in parts[region] if part not in first]
            else:
                todo.pop()
                found.setdefault(region, (first[region], len(first) - 1))
    return dict(sorted(found.items(), key=lambda item: item[1]))


def distinct(columns: list[pd.Series]) -> tuple[list[tuple[str, ...]], np.ndarray]:
    """Return the distinct rows of text columns (missing as "") and each row's number among them."""
    total = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(column.fillna(""))
        _, total = np.unique(total * (len(values) + 1) + codes, return_inverse=True)
    _, first, inverse = np.unique(total, return_index=True, return_inverse=True)
    texts = [column.fillna("").iloc[first].tolist() for column in columns]
    return list(zip(*texts, strict=True)), inverse
