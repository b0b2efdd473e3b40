"""The one projection everything stands on: who supports which school, since when, until when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from liantu.errors import Message
from liantu.graph import schema
from liantu.graph.edges import node_ids
from liantu.graph.kernels import Bools, Graph, Ints
from liantu.graph.numbering import Codes
from liantu.graph.spans import HIGH, LOW, dates, day_number

if TYPE_CHECKING:
    from liantu.graph.network import Network

NODE_KINDS = ("school", "center", "partner", "alliance")  # what may stand at an end of a tie


@dataclass(frozen=True)
class Ties:
    """Every recorded tie as arrays of numbers, one item a tie, read-only.

    A tie is one of source, target, basis, form, interval and alliance, sorted by these.

    Attributes
    ----------
    schools, nodes
        Numbers of schools and of all nodes that may stand at an end: schools first, then centres,
        partners, alliances.
    source, target
        Numbers of the nodes among these; the target is a school.
    basis
        Position in `bases`, which are sorted by name.
    form
        Position in `Network.forms`; its length where there is none.
    start, end
        Day numbers; `LOW` and `HIGH` where open.
    alliance
        Number of the alliance that the tie stands in, −1 for none.
    mutual
        Whether the tie goes both ways.
    dated
        Whether the row it rests on bears a date: only then can it be an activity.
    lifts
        Whether it lifts a school to *in force* as a state.
    row, row2, row3
        The rows it comes from (`tie_rules.ORIGINS`), −1 for none.
    loose_school, loose_start, loose_end
        Memberships in alliances without a core that are too large for ties.
    notes
        What was counted or left out.
    """

    schools: int
    nodes: int
    bases: tuple[str, ...]
    source: Codes
    target: Codes
    basis: npt.NDArray[np.int8]
    form: Codes
    start: Codes
    end: Codes
    alliance: Codes
    mutual: Bools
    dated: Bools
    lifts: Bools
    row: Codes
    row2: Codes
    row3: Codes
    loose_school: Codes
    loose_start: Codes
    loose_end: Codes
    notes: tuple[Message, ...]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __len__(self) -> int:
        return len(self.source)

    def of(self, *names: str) -> Bools:
        """Return which ties stand on one of these relations."""
        known = [self.bases.index(name) for name in names if name in self.bases]
        return np.isin(self.basis, known)

    def at(self, day: date, since: date, opened: Bools) -> TieSet:
        """Return what holds on a day.

        Parameters
        ----------
        day
            The day judged.
        since
            The day before the window begins: activities count in (since, day].
        opened
            Which schools are open on the day.
        """
        today, before = day_number(day), day_number(since)
        up = np.append(opened, True)  # supporters that are no schools do not close
        alive = up[np.minimum(self.source, self.schools)] & opened[self.target]
        begun = self.start <= today
        events = [name for name in self.bases if schema.tables()[name].nature == "event"]
        in_force = begun & (self.end >= today) & alive & ~self.of(*events)
        acting = self.of(*schema.relations_with("activity"))
        active = acting & self.dated & begun & (self.end > before) & alive
        loose = np.zeros(self.schools, dtype=np.bool_)
        now = (self.loose_start <= today) & (self.loose_end >= today)
        loose[self.loose_school[now]] = True
        return TieSet(self, day, since, opened, in_force, active, loose & opened)


@dataclass(frozen=True)
class TieSet:
    """What holds on a day: states in force, and activities in the window.

    Attributes
    ----------
    ties
        All recorded ties.
    day, since
        The window is (since, day].
    opened
        Which schools are open on the day.
    in_force
        Which ties are states that cover the day.
    active
        Which ties are activities in the window.
    loose
        Which schools are members in force of an alliance without a core too large for ties.
    """

    ties: Ties
    day: date
    since: date
    opened: Bools
    in_force: Bools
    active: Bools
    loose: Bools

    @cached_property
    def current(self) -> Bools:
        """Which ties are in the tie set: in force or active."""
        return self.in_force | self.active

    @cached_property
    def graph(self) -> Graph:
        """The distinct pairs of the tie set, as a graph of all nodes."""
        return distinct(self.ties.nodes, self.ties.source, self.ties.target, self.current)

    @property
    def notes(self) -> tuple[Message, ...]:
        """What was counted or left out."""
        return self.ties.notes


def distinct(
    n: int, source: Codes | Ints, target: Codes | Ints, keep: Bools | None = None
) -> Graph:
    """Return the distinct pairs of different nodes as a graph, sorted."""
    if keep is not None:
        source, target = source[keep], target[keep]
    key = source.astype(np.int64) * max(n, 1) + target
    key = np.unique(key[source != target])
    return Graph(n, key // max(n, 1), key % max(n, 1))


def words(network: Network, ties: Ties, which: Bools) -> pd.DataFrame:
    """Return ties with ids and names instead of numbers, and the rows they come from in words.

    Parameters
    ----------
    network
        The network that the ties are of.
    ties
        The ties.
    which
        The ties to return.

    Returns
    -------
    pandas.DataFrame
        ``source, source_kind, source_name, target, target_name, basis, form, closeness, start,
        end, mutual, undated, origin``, sorted by source and target; the index is the position
        among all ties.
    """
    nodes, place = tie_nodes(network), np.flatnonzero(which)
    source, target = ties.source[place], ties.target[place]
    ids, names, kinds = (nodes[key].array for key in ("id", "name", "kind"))
    start, end = ties.start[place], ties.end[place]
    known = [schema.forms().get(form) for form in network.forms]
    closeness = pd.array([form.closeness if form else None for form in known] + [None], "Int64")
    frame = pd.DataFrame(
        {
            "source": ids[source],
            "source_kind": kinds[source],
            "source_name": names[source],
            "target": ids[target],
            "target_name": names[target],
            "basis": pd.array(ties.bases, dtype="str")[ties.basis[place]],
            "form": pd.array([*network.forms, None], dtype="str")[ties.form[place]],
            "closeness": closeness[ties.form[place]],
            "start": dates(start).array,
            "end": dates(end).array,
            "mutual": ties.mutual[place],
            "undated": (start == LOW) & (end == HIGH),
            "origin": _origins(network, ties, place),
        },
        index=place,
    )
    rank = pd.Series(ids).rank(method="dense").to_numpy()[source]
    kind = pd.factorize(nodes["kind"], sort=True)[0][source]
    first, last = np.where(start == LOW, HIGH, start), end  # what is open comes last
    by = (ties.alliance[place], last, first, ties.form[place], ties.basis[place], target)
    return frame.iloc[np.lexsort((*by, kind, rank))]


def _origins(network: Network, ties: Ties, place: Ints) -> Any:
    """Return relation and ends of the rows that ties come from."""
    from liantu.graph.tie_rules import ORIGINS

    found = pd.Series("", index=place, dtype="str")
    basis = ties.basis[place]
    for number, name in enumerate(ties.bases):
        here = basis == number
        if not here.any():
            continue
        for relation, rows in zip(ORIGINS[name], (ties.row, ties.row2, ties.row3), strict=False):
            rows = rows[place]
            told = here & (rows >= 0)
            if told.any():
                texts = row_words(network, relation, rows[told])
                before = found[told]
                found[told] = before.where(before == "", before + " + ") + texts
    return found.array


def row_words(network: Network, relation: str, rows: Codes) -> npt.NDArray[np.object_]:
    """Return relation and ends of some rows in words, such as ``assists:a>b``."""
    used, where = np.unique(rows, return_inverse=True)
    edges = network.edges(relation)
    source, target = (node_ids(network, codes[used]) for codes in (edges.source, edges.target))
    texts = relation + ":" + source + ">" + target
    return texts.to_numpy(dtype=object)[where]


def tie_nodes(network: Network) -> pd.DataFrame:
    """Return ``kind, id, name`` of the nodes that may stand at an end of a tie, by number."""
    parts = []
    for kind in NODE_KINDS:
        names = network.column(kind, "name").array
        columns = {"kind": kind, "id": network.ids(kind).array, "name": names}
        parts.append(pd.DataFrame(columns, index=range(len(names))))
    nodes = pd.concat(parts, ignore_index=True)
    return nodes.astype({"kind": "str", "id": "str", "name": "str"})
