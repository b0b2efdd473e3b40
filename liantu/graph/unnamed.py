"""The tables of a network without teachers' names, each made when it is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from liantu.graph import schema
from liantu.graph.build import Ends, loose, reshaped
from liantu.graph.frames import Coded, Frames, coded, numbered
from liantu.graph.numbering import Codes
from liantu.graph.privacy import Masking, masking

if TYPE_CHECKING:
    from liantu.graph.network import Network


def unnamed(network: Network) -> Network:
    """Return a network whose teachers have no name, nor an id made from one.

    A stable pseudonym stands for such an id, and for a citizen's or telephone number; it is
    keyed by a secret of the user (see `liantu.graph.secret`), which only such an id needs.
    Names are taken out of texts and of the load report too. The fingerprint is one that no
    guess of a name can be tested against, the same for everybody who has the data.
    """
    if network.masking is not None:
        return network
    hidden = masking(network)
    words: dict[str, Any] = {
        "title": network.title, "phases": network.phases, "goals": network.goals,
    }  # fmt: skip
    if hidden.changes(words) if network._hiding is None else network._hiding.words:
        words = hidden.deep(words)
    report, frames = network.report.hidden(), Frames({}, Unnamed(hidden))
    return type(network)(
        frames, as_of=network.as_of, report=report, **words, focus_region=network.focus_region,
        masking=hidden,
    )  # fmt: skip


class Unnamed:
    """Where the tables without names come from; what holds no name is shared, not copied."""

    def __init__(self, masking: Masking) -> None:
        self._masking, self._whole = masking, masking.whole.frames
        self._made: dict[str, pd.DataFrame] = {}
        self._ends: Ends = {}

    def load(self) -> None:
        """Read whatever a store keeps, so that any damage is found."""
        self._whole.load()

    def size(self, name: str) -> int:
        """Return the number of rows of a table."""
        return len(self.frame(name)) if self._masking.touches(name) else self._whole.size(name)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table in its final shape."""
        if name not in self._made:
            self._made[name] = self._frame(name)
        return self._made[name]

    def _frame(self, name: str) -> pd.DataFrame:
        frame = self._whole[name]
        if not self._masking.touches(name):
            named = name == "teacher" and frame["name"].notna().any()
            return frame.assign(name=self._nobody.array) if named else frame
        table = schema.tables()[name]
        ends = ("source", "target") if table.is_relation else ()
        kinds = {kind for end in ends for kind in table.ends(end)}
        ids = {kind: self.ids(kind) for kind in kinds}
        return reshaped(name, self._masking.frame(name, loose(frame)), ids, self._ends)

    def ids(self, kind: str) -> pd.Index:
        """Return the ids of a kind."""
        if self._masking.touches(kind):
            return self.frame(kind).index
        return self._whole.ids(kind)

    def column(self, name: str, key: str) -> pd.Series:
        """Return a column of a table, rows counted from 0; not the id."""
        if self._masking.touches(name):
            return numbered(self.frame(name)[key])
        return self._nobody if (name, key) == ("teacher", "name") else self._whole.column(name, key)

    def coded(self, name: str, key: str) -> Coded:
        """Return a column of text as codes."""
        if self._masking.touches(name):
            return coded(self.frame(name)[key])
        if (name, key) == ("teacher", "name"):
            return Coded(np.full(self.size(name), -1, np.int32), pd.Index([], dtype="str"))
        return self._whole.coded(name, key)

    def keeps_codes(self, name: str) -> bool:
        """Return whether the texts of a table are kept as codes."""
        touched = name == "teacher" or self._masking.touches(name)
        return not touched and self._whole.keeps_codes(name)

    def arrays(self, name: str) -> dict[str, pa.ChunkedArray]:
        """Return the columns of a table that keeps its texts as codes, but those without values."""
        found = self._whole.arrays(name)
        assert found is not None, name  # `keeps_codes` says so
        return found

    def numbers(self, name: str, end: str) -> Codes | None:
        """Return the numbers of the nodes at an end of a relation, if they are at hand."""
        return None if self._masking.touches(name) else self._whole.numbers(name, end)

    @cached_property
    def _nobody(self) -> pd.Series:
        """The names of teachers that nobody may read."""
        return pd.Series(None, index=range(self._whole.size("teacher")), dtype="str")
