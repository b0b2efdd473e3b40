"""The rows of a relation as arrays of numbers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from liantu.graph import schema
from liantu.graph.columns import arrow, series
from liantu.graph.numbering import Codes
from liantu.graph.spans import HIGH, LOW, days
from liantu.vocabulary import terms

if TYPE_CHECKING:
    from liantu.graph.network import Network


class Edges:
    """The rows of a relation; every array has an item a row, in canonical order, read-only.

    Each array is made when it is first asked for.

    Attributes
    ----------
    source, target
        Numbers of the nodes (`liantu.graph.numbering`).
    start, end
        Day numbers (1970-01-01 is 0), `LOW` and `HIGH` where open; of an event both its day, and
        open on both sides without one.
    form
        Position in `Network.forms`; its length where no form is stated.
    role
        Position in the terms of roles, −1 where none is stated.
    stated
        Whether the row is certain; ambiguous rows make no ties.
    """

    def __init__(self, network: Network, relation: str) -> None:
        self._network, self._relation = network, relation
        self._size = network.size(relation)
        event = schema.tables()[relation].nature == "event"
        self._dates = ("date", "date") if event else ("start", "end")

    @cached_property
    def source(self) -> Codes:
        """Numbers of the nodes at the first end."""
        return _fixed(end_codes(self._network, self._relation, "source"))

    @cached_property
    def target(self) -> Codes:
        """Numbers of the nodes at the second end."""
        return _fixed(end_codes(self._network, self._relation, "target"))

    @cached_property
    def start(self) -> Codes:
        """Day numbers; `LOW` where open."""
        dates = self._network.column(self._relation, self._dates[0])
        return _fixed(days(dates, LOW).astype(np.int32))

    @cached_property
    def end(self) -> Codes:
        """Day numbers; `HIGH` where open."""
        dates = self._network.column(self._relation, self._dates[1])
        return _fixed(days(dates, HIGH).astype(np.int32))

    @cached_property
    def form(self) -> Codes:
        """Position in `Network.forms`; its length where no form is stated."""
        return _fixed(form_codes(self._network, self._relation))

    @cached_property
    def role(self) -> npt.NDArray[np.int8]:
        """Position in the terms of roles, −1 where none is stated."""
        if "role" not in schema.tables()[self._relation].columns:
            return _fixed(np.full(self._size, -1, dtype=np.int8))
        words = pd.Index(list(terms("role")), dtype="str")
        found = self._network.frames.coded(self._relation, "role").over(words)
        return _fixed(found.astype(np.int8))

    @cached_property
    def stated(self) -> npt.NDArray[np.bool_]:
        """Whether the row is certain."""
        codes, words = self._network.frames.coded(self._relation, "certainty")
        sure = np.append(np.asarray(words != "ambiguous", dtype=np.bool_), True)
        return _fixed(sure[codes])

    def __len__(self) -> int:
        return self._size

    @property
    def dated(self) -> npt.NDArray[np.bool_]:
        """Whether a row bears any date."""
        found: npt.NDArray[np.bool_] = (self.start > LOW) | (self.end < HIGH)
        return found

    def holds(self, day: int) -> npt.NDArray[np.bool_]:
        """Return which rows are in force on a day; ambiguous ones never are."""
        found: npt.NDArray[np.bool_] = (self.start <= day) & (self.end >= day) & self.stated
        return found

    def is_role(self, *names: str) -> npt.NDArray[np.bool_]:
        """Return which rows have one of these roles."""
        known = list(terms("role"))
        return np.isin(self.role, [known.index(name) for name in names])


def end_codes(network: Network, relation: str, end: str) -> Codes:
    """Return the number of the node at an end of each row."""
    frames, numbering = network.frames, network.numbering
    if (kept := frames.numbers(relation, end)) is not None:
        return kept
    kinds, values = schema.tables()[relation].ends(end), frames.column(relation, end).cat
    codes = values.codes.to_numpy().astype(np.int32)
    if len(kinds) == 1:
        return codes + np.int32(numbering.base(kinds[0]))
    found = np.full(len(codes), -1, dtype=np.int32)
    said = frames.coded(relation, f"{end}_kind").over(pd.Index(kinds))
    for place, kind in enumerate(kinds):
        here = said == place
        if here.any():  # as many look-ups as distinct ids, not rows
            used, where = np.unique(codes[here], return_inverse=True)
            places = network.ids(kind).get_indexer(values.categories[used])
            found[here] = places[where] + numbering.base(kind)
    return found


def node_ids(network: Network, codes: Codes) -> pd.Series:
    """Return the ids of nodes by their numbers."""
    place, done = np.empty(len(codes), dtype=np.int64), 0
    parts = [pa.array([], pa.large_string())]
    for kind in network.numbering.sizes:
        first, beyond = network.numbering.span(kind)
        here = (codes >= first) & (codes < beyond)
        if here.any():  # ids of other kinds are not read
            parts.append(arrow(network.ids(kind)))
            place[here] = codes[here] - first + done
            done += beyond - first
    return series(pa.concat_arrays(parts).take(pa.array(place)))


def reference(network: Network, table: str, column: str) -> Codes:
    """Return the number of the node that a column of a table refers to; −1 where none."""
    values = network.frames.coded(table, column)
    kind = schema.tables()[table].columns[column].values[0]
    if not (values.codes >= 0).any():
        return values.codes
    found = values.over(network.ids(kind))
    return np.where(values.codes < 0, -1, found + np.int32(network.numbering.base(kind)))


def form_codes(network: Network, table: str) -> Codes:
    """Return the position of each row's form in `Network.forms`; their number where none is."""
    forms = network.forms
    if "form" not in schema.tables()[table].columns:
        return np.full(network.size(table), len(forms), dtype=np.int32)
    found = network.frames.coded(table, "form").over(pd.Index(forms, dtype="str"))
    return np.where(found < 0, np.int32(len(forms)), found)


def _fixed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    values.flags.writeable = False
    return values
