"""The one projection everything stands on: who supports which school, since when, until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from liantu.errors import Message, RequestError
from liantu.graph import schema
from liantu.graph.columns import arrow, series
from liantu.graph.edges import node_ids
from liantu.graph.kernels import Bools, Graph, Ints
from liantu.graph.numbering import Codes
from liantu.graph.spans import HIGH, LOW, dates, day_number

if TYPE_CHECKING:
    from liantu.graph.network import Network

NODE_KINDS = ("school", "center", "partner", "alliance")  # what may stand at an end of a tie
Columns = Mapping[str, Any]  # arrays of equal length


class Anew(NamedTuple):
    """What becomes of ties when schools leave, beside the ties that end with them.

    Attributes
    ----------
    found
        The ties that take the place of others, by attribute of `Ties`.
    replaced
        Positions of the bases of which all ties go and only those found stay.
    loose
        New ``loose_school``, ``loose_start`` and ``loose_end``; None where they stay.
    """

    found: Columns
    replaced: tuple[int, ...] = ()
    loose: Columns | None = None


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
    no_form
        What `form` is where there is none.
    anew
        Finds what takes the place of others, given the schools that are gone, and those among
        them that have just left.
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
    no_form: int
    anew: Callable[[Bools, Bools], Anew]

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
        recorded, gone = np.ones(len(self), dtype=np.bool_), np.zeros_like(opened)
        return TieSet(self, day, since, opened, in_force, active, loose & opened, recorded, gone)


@dataclass(frozen=True)
class TieSet:
    """What holds on a day: states in force, and activities in the window.

    Attributes
    ----------
    ties
        All recorded ties, and some that are no more: see `recorded`.
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
    recorded
        Which ties there are: all but those that ended with schools that were taken out.
    gone
        Which schools were taken out.
    """

    ties: Ties
    day: date
    since: date
    opened: Bools
    in_force: Bools
    active: Bools
    loose: Bools
    recorded: Bools
    gone: Bools

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
        """What was counted or left out of the whole network."""
        return self.ties.notes

    def without(self, schools: npt.ArrayLike) -> TieSet:
        """Return what holds when some schools are no more.

        The ties are those of ``network.without("school", …)``; numbers stay, and `cover` takes
        them. Most schools cost a mask. More is done, and no less exactly, where a row means
        something else without a school: a centre loses a host, a posting or mentoring loses the
        school that it names, an alliance without a core is too large for ties.

        Parameters
        ----------
        schools
            Numbers of schools; those already taken out may be among them.

        Raises
        ------
        RequestError
            If a number is not that of a school.

        Examples
        --------
        >>> from liantu.graph.network import Network
        >>> from liantu.graph.study import study
        >>> rows = {"source": ["a", "b", "c"], "target": ["b", "c", "b"]}
        >>> network = Network.from_frames({"assists": pd.DataFrame(rows)})
        >>> now = study(network).tie_set(date(2024, 6, 30))
        >>> now.current.tolist(), now.without([0]).current.tolist()
        ([True, True, True], [False, True, True])
        """
        every, new = self.ties, np.zeros_like(self.gone)
        new[self._schools(schools)] = True
        new &= ~self.gone
        if not new.any():
            return self
        gone = self.gone | new
        anew = every.anew(gone, new)
        stays = np.append(~new, True)  # supporters that are no schools stay
        keep = self.recorded & stays[np.minimum(every.source, every.schools)] & stays[every.target]
        if anew.replaced:
            keep &= ~np.isin(every.basis, anew.replaced)
        left = replace(
            self,
            opened=self.opened & ~new,
            in_force=self.in_force & keep,
            active=self.active & keep,
            loose=self.loose & ~new,
            recorded=keep,
            gone=gone,
        )
        if anew.loose is not None:
            every = replace(every, **anew.loose)
            loose = every.at(self.day, self.since, left.opened).loose
            left = replace(left, ties=every, loose=loose)
        return left._with(anew.found)

    def plus(self, pairs: npt.ArrayLike) -> TieSet:
        """Return what holds when some schools assist others from the day on.

        The ties are those of a network with more rows of ``assists`` that begin on the day and
        have neither form nor end; of a tie set without that basis they change nothing.

        Parameters
        ----------
        pairs
            Numbers of supporter and receiver; shape (pairs, 2).

        Raises
        ------
        RequestError
            If a number is not that of a school, or of one that was taken out.

        Examples
        --------
        >>> from liantu.graph.network import Network
        >>> from liantu.graph.study import study
        >>> rows = {"source": ["a"], "target": ["b"]}
        >>> network = Network.from_frames({"assists": pd.DataFrame(rows)})
        >>> more = study(network).tie_set(date(2024, 6, 30)).plus([(1, 0)])
        >>> more.graph.source.tolist(), more.graph.target.tolist()
        ([0, 1], [1, 0])
        """
        ends = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        if len(absent := ends[self.gone[self._schools(ends)]]):
            raise RequestError.of("unknown_node", value=absent[0], kind="school", nearest="–")
        ends = ends[ends[:, 0] != ends[:, 1]].astype(np.int32)
        if "assists" not in self.ties.bases or not len(ends):
            return self

        def all_of(value: Any, dtype: Any = np.int32) -> npt.NDArray[Any]:
            return np.full(len(ends), value, dtype=dtype)

        found = {
            "source": ends[:, 0],
            "target": ends[:, 1],
            "basis": all_of(self.ties.bases.index("assists"), np.int8),
            "form": all_of(self.ties.no_form),
            "start": all_of(day_number(self.day)),
            "end": all_of(HIGH),
            "mutual": all_of(False, np.bool_),
            **{key: all_of(True, np.bool_) for key in ("dated", "lifts")},
            **{key: all_of(-1) for key in ("alliance", "row", "row2", "row3")},
        }
        return self._with(found)

    def _schools(self, numbers: npt.ArrayLike) -> npt.NDArray[np.int64]:
        found = np.asarray(numbers, dtype=np.int64)
        wrong = found[(found < 0) | (found >= self.ties.schools)]
        if len(wrong):
            raise RequestError.of("unknown_node", value=wrong[0], kind="school", nearest="–")
        return found

    def _with(self, found: Columns) -> TieSet:
        """Return the tie set with more ties in their places, equal ones once."""
        if not len(found["source"]):
            return self
        every = self.ties
        pair = _pairs(every.source, every.target)
        again = self.recorded & np.isin(pair, _pairs(found["source"], found["target"]))
        both: dict[str, Any] = {
            key: np.concatenate([getattr(every, key)[again], values])
            for key, values in found.items()
        }
        order = first_of_each(both)
        more = replace(every, **{key: values[order] for key, values in both.items()})
        new = more.at(self.day, self.since, self.opened)
        place = np.searchsorted(pair[~again], _pairs(more.source, more.target))

        def joined(own: npt.NDArray[Any], others: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.insert(own[~again], place, others)

        arrays: dict[str, Any] = {
            key: joined(getattr(every, key), getattr(more, key)) for key in found
        }
        masks: dict[str, Any] = {
            key: joined(getattr(self, key), getattr(new, key))
            for key in ("in_force", "active", "recorded")
        }
        return replace(self, ties=replace(every, **arrays), **masks)


def distinct(
    n: int, source: Codes | Ints, target: Codes | Ints, keep: Bools | None = None
) -> Graph:
    """Return the distinct pairs of different nodes as a graph, sorted."""
    if keep is not None:
        source, target = source[keep], target[keep]
    key = source.astype(np.int64) * max(n, 1) + target
    key = key[source != target]
    if (key[1:] < key[:-1]).any():  # ties are sorted
        key.sort()
    fresh = np.ones(len(key), dtype=np.bool_)
    fresh[1:] = key[1:] > key[:-1]
    key = key[fresh]
    return Graph(n, key // max(n, 1), key % max(n, 1))


def _pairs(source: Codes, target: Codes) -> npt.NDArray[np.int64]:
    """Return source and target as one number that sorts like them."""
    found: npt.NDArray[np.int64] = source.astype(np.int64) << 32 | target
    return found


def first_of_each(found: Columns) -> npt.NDArray[np.intp]:
    """Return the order by source, target and so on, of equal ties only the first.

    Of equal ties the dated one stays, for it alone can be an activity, then that of the first
    rows. Few pairs have several ties, so only these are sorted by everything.
    """
    pair = _pairs(found["source"], found["target"])
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    same = np.zeros(len(pair), dtype=np.bool_)
    if len(pair):
        again = pair[1:] == pair[:-1]
        same[1:] |= again
        same[:-1] |= again
    several = order[same]
    keys = ("basis", "form", "start", "end", "alliance")
    rows = [found[key][several] for key in ("row3", "row2", "row")]
    by = [*rows, ~found["dated"][several], *(found[key][several] for key in reversed(keys))]
    several = several[np.lexsort((*by, pair[same]))]
    order[same] = several
    if len(several):
        fresh = np.ones(len(several), dtype=np.bool_)
        equal = pair[same][1:] == pair[same][:-1]
        for key in keys:
            values = found[key][several]
            equal &= values[1:] == values[:-1]
        fresh[1:] = ~equal
        keep = np.ones(len(order), dtype=np.bool_)
        keep[same] = fresh
        order = order[keep]
    return order


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
    nodes = tie_nodes(network)
    place = _for_people(ties, np.flatnonzero(which), nodes)
    source, target = ties.source[place], ties.target[place]
    ids, names, kinds = (nodes[key].array for key in ("id", "name", "kind"))
    start, end = ties.start[place], ties.end[place]
    known = [schema.forms().get(form) for form in network.forms]
    closeness = pd.array([form.closeness if form else None for form in known] + [None], "Int64")
    return pd.DataFrame(
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
            "origin": series(_origins(network, ties, place)).array,
        },
        index=place,
        copy=False,
    )


def _for_people(ties: Ties, place: Ints, nodes: pd.DataFrame) -> Ints:
    """Return ties in the order by ids of source and target and so on; what is open comes last.

    Few pairs have several ties, so only these are sorted by everything.
    """
    alike = pd.factorize(nodes["kind"], sort=True)[0]
    ids = pc.rank(arrow(nodes["id"]), tiebreaker="dense").to_numpy()
    rank = np.empty(len(nodes), dtype=np.int32)
    rank[np.lexsort((alike, ids))] = np.arange(len(nodes))
    pair = _pairs(rank[ties.source[place]], ties.target[place])
    order = np.argsort(pair, kind="stable")
    place, pair = place[order], pair[order]
    same = np.zeros(len(pair), dtype=np.bool_)
    again = pair[1:] == pair[:-1]
    same[1:] |= again
    same[:-1] |= again
    few = place[same]
    start, end = ties.start[few], ties.end[few]
    first = np.where(start == LOW, HIGH, start)
    by = (ties.alliance[few], end, first, ties.form[few], ties.basis[few], pair[same])
    place[same] = few[np.lexsort(by)]
    return place


def _origins(network: Network, ties: Ties, place: Ints) -> pa.Array:
    """Return relation and ends of the rows that ties come from."""
    from liantu.graph.tie_rules import ORIGINS

    basis, where = ties.basis[place], np.empty(len(place), dtype=np.int64)
    found, done, plus = [pa.array([], pa.large_string())], 0, pa.scalar(" + ", pa.large_string())
    for number, name in enumerate(ties.bases):
        here = np.flatnonzero(basis == number)
        if not len(here):
            continue
        rows = zip(ORIGINS[name], (ties.row, ties.row2, ties.row3), strict=False)
        texts = [row_words(network, relation, codes[place[here]]) for relation, codes in rows]
        texts[0] = pc.fill_null(texts[0], "")  # of a tie without rows, which would be left out
        found.append(pc.binary_join_element_wise(*texts, plus, null_handling="skip"))
        where[here] = np.arange(done, done + len(here))
        done += len(here)
    return pa.concat_arrays(found).take(pa.array(where))


def row_words(network: Network, relation: str, rows: Codes) -> pa.Array:
    """Return relation and ends of some rows in words, such as ``assists:a>b``; null for row −1."""
    used = np.zeros(network.size(relation) + 1, dtype=np.bool_)
    used[rows] = True
    used[-1] = False
    edges, asked = network.edges(relation), np.flatnonzero(used)
    source, target = (arrow(node_ids(network, end[asked])) for end in (edges.source, edges.target))
    words = [pa.scalar(text, pa.large_string()) for text in (f"{relation}:", ">", "")]
    texts = pc.binary_join_element_wise(words[0], source, words[1], target, words[2])
    where = np.cumsum(used, dtype=np.int32)[rows] - 1
    return texts.take(pa.array(where, mask=rows < 0))


def tie_nodes(network: Network) -> pd.DataFrame:
    """Return ``kind, id, name`` of the nodes that may stand at an end of a tie, by number."""
    parts = []
    for kind in NODE_KINDS:
        names = network.column(kind, "name").array
        columns = {"kind": kind, "id": network.ids(kind).array, "name": names}
        parts.append(pd.DataFrame(columns, index=range(len(names))))
    nodes = pd.concat(parts, ignore_index=True)
    return nodes.astype({"kind": "str", "id": "str", "name": "str"})
