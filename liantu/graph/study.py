"""What is asked of a network again and again: one definition each, made once, kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import RLock
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from liantu.errors import Message
from liantu.graph import schema
from liantu.graph.kernels import Bools, Graph
from liantu.graph.network import Network
from liantu.graph.numbering import Codes
from liantu.graph.spans import HIGH, LOW, day_number
from liantu.graph.ties import NODE_KINDS, Ties, TieSet, distinct, tie_nodes
from liantu.options import check_choice, minus

KEPT = 128  # answers that a study keeps, the last asked

T = TypeVar("T")


@dataclass(frozen=True)
class Memberships:
    """Memberships with the alliance's span applied, core beating member; an item a span of a row.

    Attributes
    ----------
    row
        The row of ``member_of``.
    school, alliance
        Positions among the schools and the alliances.
    start, end
        Day numbers.
    core
        Whether the role is core.
    form
        Position in `Network.forms`: the form of the row, else that of the alliance.
    """

    row: Codes
    school: Codes
    alliance: Codes
    start: Codes
    end: Codes
    core: Bools
    form: Codes

    def where(self, keep: Bools) -> Memberships:
        """Return some of the memberships."""
        arrays = (getattr(self, name)[keep] for name in self.__dataclass_fields__)
        return Memberships(*arrays)

    def at(self, day: int, opened: Bools) -> Memberships:
        """Return the memberships of open schools in force on a day."""
        return self.where((self.start <= day) & (self.end >= day) & opened[self.school])

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class Agreements:
    """The certain rows of a relation that is agreed for a time; an item a span of a row.

    Attributes
    ----------
    row
        The row of the relation.
    source, target
        Numbers of the nodes.
    end
        Day number of the last day; of memberships within the span of the alliance.
    since
        Day number of the first day of what this row goes on from without a day between: rows of the
        same two ends, form and role (of a membership: whatever the role).
    renewed
        Whether such a row goes on beyond the end.
    """

    row: Codes
    source: Codes
    target: Codes
    end: Codes
    since: Codes
    renewed: Bools

    def ending(self, day: int, limit: int) -> Bools:
        """Return with which rows ends, by the limit, what is in force on a day before."""
        found: Bools = (self.since <= day) & (day < self.end) & (self.end <= limit)
        return found & ~self.renewed


def chosen_bases(basis: Iterable[str] | None) -> tuple[str, ...]:
    """Return the relations that make ties, or those of them that are asked for; sorted.

    Raises
    ------
    OptionError
        If a basis makes no ties.
    """
    known = tuple(sorted(schema.relations_with("ties")))
    for name in basis or ():
        check_choice(name, known, "basis")
    return known if basis is None else tuple(sorted(set(basis)))


class Study:
    """The answers of one network; safe to ask from several threads.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames(
    ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}
    ... )
    >>> found = study(network)
    >>> found is study(network), len(found.ties(date(2024, 6, 30)))
    (True, 1)
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._lock = RLock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def _keep(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            else:
                self._kept[key] = make()
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            found: T = self._kept[key]
            return found

    # -- ties --------------------------------------------------------------------------------

    def ties(self, day: date, basis: Sequence[str] | None = None) -> Ties:
        """Return every recorded tie.

        Parameters
        ----------
        day
            The day judged; only rows without dates make the ties themselves hang on it.
        basis
            The relations to use; all by default.

        Raises
        ------
        OptionError
            If a basis makes no ties.
        """
        chosen = chosen_bases(basis)
        asked = (day,) if self._hanging(chosen) else ()
        return self._keep(("ties", chosen, *asked), lambda: self._ties(day, chosen))

    def tie_set(self, day: date, window: str = "12m", basis: Sequence[str] | None = None) -> TieSet:
        """Return what holds on a day: states in force, and activities in the window.

        Raises
        ------
        OptionError
            If the window is malformed or a basis makes no ties.
        """
        since = minus(day, window)
        chosen = None if basis is None else tuple(sorted(set(basis)))
        key = ("tie_set", day, since, chosen)
        return self._keep(key, lambda: self.ties(day, basis).at(day, since, self.opened(day)))

    def nodes(self) -> pd.DataFrame:
        """Return ``kind, id, name`` of the nodes that may stand at an end of a tie, by number."""
        return self._keep("nodes", lambda: tie_nodes(self.network)).copy(deep=False)

    def tables(self, day: date) -> Any:
        """Return the relations as the rules read them; see `liantu.graph.tie_rules.Tables`."""
        from liantu.graph.tie_build import frame_of, tables_of

        def load(name: str) -> Any:
            return self._keep(("frame", name), lambda: frame_of(self.network, name))

        return tables_of(self.network, day_number(day), load)

    def _hanging(self, chosen: Sequence[str]) -> tuple[str, ...]:
        """Return whose ties hang on the day judged: some rows do not say when they began."""
        names = self._keep("hanging", self._dateless)
        return tuple(name for name in names if name in chosen)

    def _dateless(self) -> list[str]:
        edges = {name: self.network.edges(name) for name in ("posted_to", "delivers")}
        return [name for name, rows in edges.items() if bool((rows.start == LOW).any())]

    def _ties(self, day: date, chosen: tuple[str, ...]) -> Ties:
        from liantu.graph.tie_build import ties_of
        from liantu.graph.tie_changes import RESTS_ON, changes

        hanging = self._hanging(chosen)
        return ties_of(self.network, self.tables(day), chosen, hanging, changes, RESTS_ON)

    def postings(self, day: date) -> pd.DataFrame:
        """Return the postings with their homes, one row a home.

        Columns ``row`` (of ``posted_to``), ``home``, ``host`` (positions of schools), ``start``,
        ``end`` (day numbers), ``dated``, ``upward`` (whether the host helps the home), ``teacher``
        (position, −1 where a school is the source).
        """
        from liantu.graph.tie_rules import postings

        tables = self.tables(day)
        found = tables.once(postings).with_columns(upward=tables.has("to_home"))
        found = found.sort("row", "school").to_pandas()
        frame: pd.DataFrame = found[["row", "start", "end", "dated", "upward"]]
        teacher = self.network.edges("posted_to").source[frame["row"]]
        teacher = teacher - self.network.numbering.base("teacher")
        ends = {"home": found["school"].to_numpy(), "host": found["target"].to_numpy()}
        return frame.assign(**ends, teacher=np.maximum(teacher, -1))

    def mentorships(self, day: date) -> pd.DataFrame:
        """Return the mentoring rows with the schools of mentor and mentee.

        Columns ``row`` (of ``mentors``), ``source``, ``target`` (positions of schools), ``start``,
        ``end`` (day numbers).
        """
        from liantu.graph.tie_rules import mentorships

        order = ("row", "school", "school_t", "start", "end")
        found = self.tables(day).once(mentorships).sort(*order).to_pandas()
        names = {"school": "source", "school_t": "target"}
        frame: pd.DataFrame = found[["row", *names, "start", "end"]].rename(columns=names)
        return frame

    # -- schools -----------------------------------------------------------------------------

    def opened(self, day: date) -> Bools:
        """Return which schools count on a day: opened by then and not yet closed."""
        return self._keep(("opened", day), lambda: self.network.open_schools(day))

    def memberships(self) -> Memberships:
        """Return every certain membership with the alliance's span applied."""
        return self._keep("memberships", self._memberships)

    def _memberships(self) -> Memberships:
        from liantu.graph.tie_build import membership_rows

        if not self.network.size("member_of"):
            none, no = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.bool_)
            return Memberships(none, none, none, none, none, no, none)
        tables = self.tables(date.min)
        frame = membership_rows(self.network, tables).sort("row", "start")
        base = self.network.numbering.base("alliance")
        form, fallback = frame["form"].to_numpy(), frame["form_a"].to_numpy()
        return Memberships(
            row=frame["row"].to_numpy(),
            school=frame["source"].to_numpy(),
            alliance=frame["target"].to_numpy() - np.int32(base),
            start=frame["start"].to_numpy(),
            end=frame["end"].to_numpy(),
            core=frame["core"].to_numpy(),
            form=np.where(form < len(self.network.forms), form, fallback),
        )

    def members(self, day: date) -> Memberships:
        """Return the memberships of open schools in force on a day."""
        found = self.memberships()
        return self._keep(("members", day), lambda: found.at(day_number(day), self.opened(day)))

    def cores(self, day: date, opened: Bools | None = None) -> tuple[Bools, Bools]:
        """Return which open schools are cores, and which are core of a working alliance.

        A core has the role core in an alliance in force, or is of core quality; an alliance works
        if another open school is in force in it. `opened` leaves some open schools out.
        """
        if self._fewer(day, opened) is not None:
            return self._cores(day, opened)
        return self._keep(("cores", day), lambda: self._cores(day))

    def _cores(self, day: date, opened: Bools | None = None) -> tuple[Bools, Bools]:
        now, size = self.members(day), self.network.numbering.sizes["school"]
        alliances = self.network.numbering.sizes["alliance"]
        if opened is None:
            opened = self.opened(day)
        else:
            now = now.where(opened[now.school])
        pairs = np.unique(now.alliance.astype(np.int64) * max(size, 1) + now.school)
        works = np.bincount(pairs // max(size, 1), minlength=alliances) > 1
        leads = opened & self._keep("quality", self._core_quality)
        leads_working = np.zeros(size, dtype=np.bool_)
        leads[now.school[now.core]] = True
        leads_working[now.school[now.core & works[now.alliance]]] = True
        return leads, leads_working

    def _core_quality(self) -> Bools:
        return (self.network.column("school", "quality") == "core").to_numpy(dtype=bool)

    def _fewer(self, day: date, opened: Bools | None) -> Bools | None:
        """Return which schools are open, if not the same as ever on the day."""
        if opened is None or opened is (known := self.opened(day)):
            return None
        return None if np.array_equal(opened, known) else opened

    def parents(self, day: date, opened: Bools | None = None) -> tuple[Graph, tuple[Message, ...]]:
        """Return the edges parent → child along which a school inherits, and what was counted.

        `opened` leaves some open schools out; what was counted is of all.
        """
        found = self._keep(("parents", day), lambda: self._parents(day))
        if (fewer := self._fewer(day, opened)) is None:
            return found
        graph, notes = found
        stays = fewer[graph.source] & fewer[graph.target]
        return Graph(graph.n, graph.source[stays], graph.target[stays]), notes

    def _parents(self, day: date) -> tuple[Graph, tuple[Message, ...]]:
        edges, opened = self.network.edges("affiliated_to"), self.opened(day)
        forms = self.network.forms
        apart = [forms.index(form) for form in schema.forms_with("apart") if form in forms]
        kept = ~np.isin(edges.form, apart)
        now = kept & edges.holds(day_number(day))
        counts = {
            "undated_affiliations": int((now & ~edges.dated).sum()),
            "ambiguous_affiliations": int((kept & ~edges.stated).sum()),
        }
        notes = tuple(Message(key, {"count": count}) for key, count in counts.items() if count)
        now &= opened[edges.source] & opened[edges.target]
        size = sum(self.network.numbering.sizes[kind] for kind in NODE_KINDS)
        return distinct(size, edges.target, edges.source, now), notes

    # -- what is agreed for a time -----------------------------------------------------------

    def agreements(self, relation: str) -> Agreements:
        """Return the certain rows of a relation that is agreed for a time, with what follows."""
        return self._keep(("agreements", relation), lambda: self._agreements(relation))

    def _agreements(self, relation: str) -> Agreements:
        numbering = self.network.numbering
        if relation == "member_of":  # whatever the role
            found = self.memberships()
            source = found.school + np.int32(numbering.base("school"))
            target = found.alliance + np.int32(numbering.base("alliance"))
            since, renewed = _chained((source, target), found.start, found.end)
            return Agreements(found.row, source, target, found.end, since, renewed)
        edges = self.network.edges(relation)
        row = np.flatnonzero(edges.stated).astype(np.int32)
        source, target = edges.source[row], edges.target[row]
        start, end = edges.start[row], edges.end[row]
        same = (source, target, edges.form[row], edges.role[row].astype(np.int32))
        since, renewed = _chained(same, start, end)
        return Agreements(row, source, target, end, since, renewed)


def _chained(keys: Sequence[Codes], start: Codes, end: Codes) -> tuple[Codes, Bools]:
    """Return when what each span goes on from began, and whether it is gone on with.

    One span goes on from another of the same keys if no day lies between them.
    """
    order = np.lexsort((end, start, *reversed(keys)))
    since, renewed = start.copy(), np.zeros(len(order), dtype=np.bool_)
    if not len(order):
        return since, renewed
    other = np.zeros(len(order), dtype=np.int64)
    for key in keys:
        other[1:] |= key[order][1:] != key[order][:-1]
    # each group a stretch of one line of its own, so that one running maximum serves all
    shift = np.cumsum(other) * (HIGH - LOW + 2)
    first, last = start[order] + shift, end[order] + shift
    reach = np.maximum.accumulate(last)
    fresh = np.append(True, first[1:] > reach[:-1] + 1)
    chain, begins = np.cumsum(fresh) - 1, np.flatnonzero(fresh)
    ends = np.append(begins[1:], len(order)) - 1
    since[order] = start[order][begins][chain]
    renewed[order] = reach[ends][chain] > last
    return since, renewed


_making = RLock()


def study(network: Network) -> Study:
    """Return the study of a network: the same one as long as the network lives."""
    with _making:
        found: Study = network.__dict__.setdefault("_study", Study(network))
        return found
