"""The rows of a relation as arrays of numbers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu.graph import schema
from liantu.graph.numbering import Codes
from liantu.graph.spans import HIGH, LOW, days
from liantu.vocabulary import terms

if TYPE_CHECKING:
    from liantu.graph.network import Network


@dataclass(frozen=True)
class Edges:
    """The rows of a relation; every array has an item a row, in canonical order, read-only.

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

    source: Codes
    target: Codes
    start: Codes
    end: Codes
    form: Codes
    role: npt.NDArray[np.int8]
    stated: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        for field in fields(self):
            getattr(self, field.name).flags.writeable = False

    def __len__(self) -> int:
        return len(self.source)

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


def edges_of(network: Network, relation: str) -> Edges:
    """Return the rows of a relation as arrays."""
    frame, table = network.frame(relation), schema.tables()[relation]
    event = table.nature == "event"
    columns = ("date", "date") if event else ("start", "end")
    return Edges(
        source=end_codes(network, relation, "source"),
        target=end_codes(network, relation, "target"),
        start=days(frame[columns[0]], LOW).astype(np.int32),
        end=days(frame[columns[1]], HIGH).astype(np.int32),
        form=form_codes(frame, network.forms),
        role=_roles(frame),
        stated=_stated(frame),
    )


def end_codes(network: Network, relation: str, end: str) -> Codes:
    """Return the number of the node at an end of each row."""
    frame, kinds = network.frame(relation), schema.tables()[relation].ends(end)
    codes = frame[end].cat.codes.to_numpy().astype(np.int32)
    numbering = network.numbering
    if len(kinds) == 1:
        return codes + np.int32(numbering.base(kinds[0]))
    found = np.full(len(frame), -1, dtype=np.int32)
    categories = frame[end].cat.categories
    for kind in kinds:
        here = (frame[f"{end}_kind"] == kind).to_numpy(dtype=bool)
        if here.any():  # as many look-ups as distinct ids, not rows
            used, where = np.unique(codes[here], return_inverse=True)
            places = network.frame(kind).index.get_indexer(categories[used])
            found[here] = places[where] + numbering.base(kind)
    return found


def reference(network: Network, table: str, column: str) -> Codes:
    """Return the number of the node that a column of a table refers to; −1 where none."""
    values = network.frame(table)[column]
    kind = schema.tables()[table].columns[column].values[0]
    known = values.notna().to_numpy()
    found = np.full(len(values), -1, dtype=np.int32)
    if known.any():
        index = network.frame(kind).index
        codes, distinct = pd.factorize(values[known])
        found[known] = index.get_indexer(pd.Index(distinct))[codes] + network.numbering.base(kind)
    return found


def form_codes(frame: pd.DataFrame, forms: tuple[str, ...]) -> Codes:
    """Return the position of each row's form among the forms; their number where it has none."""
    found = np.full(len(frame), len(forms), dtype=np.int32)
    if "form" in frame and frame["form"].notna().any():
        codes, distinct = pd.factorize(frame["form"])
        places = pd.Index(forms, dtype="str").get_indexer(pd.Index(distinct))
        found[:] = np.append(places, len(forms))[codes]
    return found


def _roles(frame: pd.DataFrame) -> npt.NDArray[np.int8]:
    known = terms("role")
    if "role" not in frame or frame["role"].isna().all():
        return np.full(len(frame), -1, dtype=np.int8)
    codes, distinct = pd.factorize(frame["role"])
    places = pd.Index(list(known), dtype="str").get_indexer(pd.Index(distinct))
    return np.append(places, -1)[codes].astype(np.int8)


def _stated(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are certain."""
    codes, distinct = pd.factorize(frame["certainty"])
    sure = np.append(np.asarray(distinct != "ambiguous", dtype=bool), True)
    return sure[codes]
