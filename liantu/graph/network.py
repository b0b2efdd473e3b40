"""The network: immutable frames, valid once constructed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from liantu.errors import DataError, OptionError
from liantu.graph import schema
from liantu.graph.altered import Parts, during, focused, kept, replaced, with_rows
from liantu.graph.build import build, loose
from liantu.graph.edges import Edges
from liantu.graph.extras import opened
from liantu.graph.fingerprint import fingerprint
from liantu.graph.frames import Frames
from liantu.graph.goals import goal_problems
from liantu.graph.load_report import LoadReport
from liantu.graph.numbering import Numbering, numbering
from liantu.graph.privacy import Hiding, Masking
from liantu.graph.regions import below, rolled_up
from liantu.graph.unnamed import unnamed
from liantu.graph.views import explore, page, shown, to_networkx
from liantu.options import parse_date

if TYPE_CHECKING:
    import networkx as nx

    from liantu.graph.support import SupportGraph


class Network:
    """A dated graph of schools, teachers, centres, partners, alliances and regions.

    Make one with `from_frames` or `liantu.read`. It never changes: every method that alters
    something returns a new network that shares all frames that stayed the same.

    Attributes
    ----------
    as_of
        The network's own date, or None (analyses then use today).
    title
        A title for reports.
    report
        The load report.
    focus_region
        The region that results are limited to, or None.

    Examples
    --------
    >>> import pandas as pd
    >>> network = Network.from_frames({
    ...     "school": pd.DataFrame({"id": ["a", "b"], "stage": ["primary", "junior"]}),
    ...     "assists": pd.DataFrame({"source": ["a"], "target": ["b"]}),
    ... })
    >>> network
    <Network: 2 school, 1 assists>
    >>> network.relation("assists")["target"].cat.codes.tolist()
    [1]
    """

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame],
        *,
        as_of: date | None,
        title: str,
        report: LoadReport,
        phases: tuple[Mapping[str, Any], ...] = (),
        goals: tuple[Mapping[str, Any], ...] = (),
        focus_region: str | None = None,
        fingerprint: str | None = None,
        hiding: Hiding | None = None,
        masking: Masking | None = None,
    ) -> None:
        self._frames = frames if isinstance(frames, Frames) else Frames(frames)
        self._edges: dict[str, Edges] = {}
        self._forms: dict[str, frozenset[str]] = {}  # by table
        self.parts: Parts = {}  # what was made of some tables alone; see `graph.study`
        self.as_of = as_of
        self.title = title
        self.report = report
        self.phases = phases
        self.goals = goals
        self.focus_region = focus_region
        self._fingerprint = fingerprint
        self._hiding = hiding  # what taking names out changes, where it is known
        self.masking = masking  # of a network without teachers' names

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute once: a network never changes."""
        if not name.startswith("_") and name in self.__dict__:
            raise AttributeError(f"a network never changes: {name} cannot be set")
        super().__setattr__(name, value)

    # -- making ------------------------------------------------------------------------------

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, pd.DataFrame],
        *,
        as_of: str | date | None = None,
        title: str = "",
        phases: Iterable[Mapping[str, Any]] = (),
        goals: Iterable[Mapping[str, Any]] = (),
    ) -> Network:
        """Make a network from frames named after kinds and relations.

        Parameters
        ----------
        frames
            A frame a kind (``id`` a column or the index) or relation (``source``, ``target``), and
            ``observations``. Columns are those of the schema; absent ones are empty. Ids are text.
            Columns whose names begin with ``x_`` are kept, as texts.
            A kind without a frame gets its nodes from the ends of ties.
        as_of
            The network's own date.
        title
            A title for reports.
        phases
            Named periods (``name, start, end``).
        goals
            Goals of a policy (``id``, ``rule`` and its parameters); see `liantu.graph.goals`.

        Raises
        ------
        DataError
            Naming every problem: unknown columns, ends, codes, reversed dates …
        """
        day = None if as_of is None else parse_date(as_of)
        built, report = build(frames, as_of=day)
        stated = tuple(goals)
        if problems := [*report.of("error"), *goal_problems(stated)]:
            raise DataError(problems)
        return cls(built, as_of=day, title=title, report=report, phases=tuple(phases), goals=stated)

    @classmethod
    def from_networkx(
        cls,
        graph: nx.Graph,
        mapping: str | Path | Mapping[str, Any] | None = None,
        *,
        as_of: str | date | None = None,
        title: str = "",
    ) -> Network:
        """Make a network of a NetworkX graph, directed or not, with parallel edges or without.

        Parameters
        ----------
        graph
            Without a mapping a graph such as `to_networkx` gives: nodes with an attribute
            ``kind``, edges with ``relation``, every other attribute a column; an id is the
            node's key, without ``kind:`` before it.
        mapping
            A mapping file, or its content, that says what the attributes of any other graph mean.
            It reads two tables: ``nodes`` (column ``node`` and every attribute) and ``edges``
            (``source``, ``target``, ``key``, every attribute, and the attributes of both ends as
            ``source.…``, ``target.…``). An undirected edge is read once, from its first end.
        as_of
            The network's own date.
        title
            A title for reports.

        Raises
        ------
        DataError
            Naming every problem.
        RequestError
            If the mapping cannot be read.

        Examples
        --------
        >>> import networkx as nx
        >>> graph = nx.DiGraph()
        >>> graph.add_node("甲小学", kind="school", pupils=900)
        >>> graph.add_node("乙小学", kind="school")
        >>> graph.add_edge("甲小学", "乙小学", relation="assists")
        >>> Network.from_networkx(graph)
        <Network: 2 school, 1 assists>
        """
        from importlib.metadata import entry_points

        # Loaders stand above the model, so this one joins by registration.
        (reader,) = entry_points(group="liantu.readers", name="networkx")
        made: Network = reader.load()(graph, mapping, as_of=as_of, title=title)
        return made

    def replaced(self, changed: Mapping[str, pd.DataFrame], **attributes: Any) -> Network:
        """Return a network with some frames (canonical) and attributes in place of others."""
        return replaced(self, changed, attributes)

    # -- reading -----------------------------------------------------------------------------

    def nodes(self, kind: str) -> pd.DataFrame:
        """Return the nodes of a kind: index = id (text), all columns of the schema, by id.

        Columns of the user's own (``x_…``) stand behind them.
        """
        schema.table(kind, "kind")
        return opened(self._frames[kind])

    def relation(self, name: str) -> pd.DataFrame:
        """Return the rows of a relation, in canonical order.

        ``source`` and ``target`` are categoricals over the ids of the kinds that the end may be
        of. For an end of one kind ``.cat.codes`` are positions in ``nodes(kind)``; for others use
        `positions`, for ids are unique only within a kind.
        """
        schema.table(name, "relation")
        return opened(self._frames[name])

    def frame(self, name: str) -> pd.DataFrame:
        """Return any table of the schema as it is kept: own columns are one, ``x_``."""
        return self._frames[name].copy(deep=False)

    @property
    def frames(self) -> Frames:
        """Every table by name, or only what is needed of it: sizes, ids, columns, codes."""
        return self._frames

    def size(self, name: str) -> int:
        """Return the number of rows of a table of the schema."""
        return self._frames.size(name)

    def ids(self, kind: str) -> pd.Index:
        """Return the ids of a kind, sorted."""
        return self._frames.ids(kind)

    def column(self, name: str, key: str) -> pd.Series:
        """Return a column of a table, rows counted from 0; from a store nothing else is read."""
        return self._frames.column(name, key)

    def columns(self, name: str, *keys: str) -> pd.DataFrame:
        """Return some columns of a table, nodes by id; from a store nothing else is read."""
        return self._frames.columns(name, *keys)

    @property
    def observations(self) -> pd.DataFrame:
        """The figures by period, one row a figure."""
        return opened(self._frames["observations"])

    @cached_property
    def numbering(self) -> Numbering:
        """One number a node: all kinds in schema order, by id within a kind."""
        return numbering({kind: self.size(kind) for kind in schema.kinds()})

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Every form that alliances and relations bear, sorted."""
        if self.masking is not None:  # a form is no text
            return self.masking.whole.forms
        for name in ("alliance", *schema.relations()):
            if name not in self._forms and "form" in schema.tables()[name].columns:
                if not self.size(name):
                    continue
                codes, words = self._frames.coded(name, "form")
                self._forms[name] = frozenset(words[np.unique(codes[codes >= 0])])
        return tuple(sorted(frozenset().union(*self._forms.values())))

    def edges(self, relation: str) -> Edges:
        """Return the rows of a relation as arrays of numbers; see `liantu.graph.edges.Edges`."""
        if self.masking is not None and not self.masking.touches(relation):
            return self.masking.whole.edges(relation)
        if relation not in self._edges:
            schema.table(relation, "relation")
            self._edges[relation] = Edges(self, relation)
        return self._edges[relation]

    def open_schools(self, day: date) -> np.ndarray:
        """Return which schools count on a day: opened by then and not yet closed."""
        opened, closed = (self.column("school", key) for key in ("opened", "closed"))
        when = pd.Timestamp(day)
        return (~(opened > when) & ~(closed <= when)).to_numpy(dtype=bool)

    # -- states and events -------------------------------------------------------------------

    def between(self, start: str | date, end: str | date) -> Network:
        """Return the network of a period: states that overlap it, events within.

        Undated states stay (they count as in force), undated events do not. Nodes stay.
        """
        first, last = parse_date(start, "start"), parse_date(end, "end")
        if last < first:
            raise OptionError.of("reversed_dates", column="end", start=first, end=last)
        return during(self, pd.Timestamp(first), pd.Timestamp(last))

    def at(self, day: str | date) -> Network:
        """Return the network of one day: states that cover it, events of that day; sets `as_of`."""
        when = parse_date(day, "at")
        return self.between(when, when).replaced({}, as_of=when)

    # -- what if -----------------------------------------------------------------------------

    def with_edges(self, relation: str, rows: pd.DataFrame) -> Network:
        """Return a network with more rows of a relation.

        Raises
        ------
        DataError
            If an end does not exist or a row is otherwise invalid.
        """
        return with_rows(self, relation, rows)

    def without(self, kind: str, ids: Iterable[str]) -> Network:
        """Return a network without some nodes and every row that touches them."""
        return kept(self, kind, ids, keep=False)

    def subnetwork(self, kind: str, ids: Iterable[str]) -> Network:
        """Return a network with only these nodes of a kind; other kinds stay whole."""
        return kept(self, kind, ids, keep=True)

    def scenario(self, scenario: Any) -> Network:
        """Return a network after a plan of changes; its title gains the name of the plan.

        Parameters
        ----------
        scenario
            A TOML file or its content, a workbook of rows, or what `liantu.read_scenario` returns.

        Raises
        ------
        DataError
            If the plan names what is not there; `problems` lists every one.
        RequestError
            If it cannot be read at all, or an edit touches no row.

        Examples
        --------
        >>> network = Network.from_frames(
        ...     {"assists": pd.DataFrame({"source": ["a"], "target": ["b"]})}, as_of="2026-09-01"
        ... )
        >>> pair = {"do": "pair", "source": "b", "target": "a"}
        >>> network.scenario({"scenario": {"name": "甲"}, "edit": [pair]})
        <Network “甲”: 2 school, 2 assists; as of 2026-09-01>
        """
        from importlib import import_module

        # Loaders stand above the model; this one joins by its name.
        made: Network = import_module("liantu.loaders.scenarios").scenario(self, scenario)
        return made

    def plain_frames(self) -> dict[str, pd.DataFrame]:
        """Return frames as `from_frames` takes them: ids and ends as plain columns."""
        return {name: loose(frame) for name, frame in self._frames.items()}

    # -- regions -----------------------------------------------------------------------------

    focus = focused

    def whole(self) -> Network:
        """Return the network without a region in focus."""
        return self if self.focus_region is None else self.replaced({}, focus_region=None)

    @property
    def region_parents(self) -> np.ndarray:
        """Position of each region's parent; −1 at the roots."""
        return self._frames.coded("region", "parent").over(self.ids("region")).astype(np.int64)

    def region_codes(self, kind: str) -> np.ndarray:
        """Return the position of each node's region; −1 where it has none."""
        return self._frames.coded(kind, "region").over(self.ids("region")).astype(np.int64)

    def within(self, kind: str, region: str) -> np.ndarray:
        """Return which nodes of a kind lie in a region or one of its descendants."""
        top = self.ids("region").get_loc(region)
        inside = below(self.region_parents, cast(int, top))
        if kind == "region":
            return inside[:-1].copy()
        return np.asarray(inside[self.region_codes(kind)])

    def reported(self, kind: str = "school") -> np.ndarray:
        """Return which nodes of a kind results are reported on (all without a focus)."""
        if self.focus_region is None:
            return np.ones(self.size(kind), dtype=bool)
        return self.within(kind, self.focus_region)

    def roll_up(self, codes: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Sum weights by region, each region with all its descendants.

        Parameters
        ----------
        codes
            Region position of each item, −1 for none.
        weights
            Weight of each item.

        Returns
        -------
        numpy.ndarray
            One sum a region, in the order of ``nodes("region")``.
        """
        known = codes >= 0
        given = np.asarray(weights, dtype=float)[known]
        return rolled_up(self.region_parents, np.bincount(codes[known], given, self.size("region")))

    # -- teachers ----------------------------------------------------------------------------

    without_teacher_names = unnamed

    def masked(self, text: str) -> str:
        """Return a text without the names of teachers, if this network goes without them.

        For what comes from elsewhere, such as the name of a file that is called after a teacher.
        """
        return text if self.masking is None else self.masking.text(text)

    # -- whole -------------------------------------------------------------------------------

    @property
    def fingerprint(self) -> str:
        """``sha256:…`` of the data alone: independent of row order, file format and machine.

        Covers ids and non-empty values of kinds, relations and observations; not title, date or
        load report. A network without teachers' names has that of the data without them.
        """
        if self.masking is not None:
            return self.masking.fingerprint
        if self._fingerprint is None:
            self._fingerprint = fingerprint(self._frames)
        return self._fingerprint

    to_networkx = to_networkx

    def support_graph(
        self, as_of: str | date | None = None, *, window: str = "12m",
        basis: Sequence[str] | str | None = None,
    ) -> SupportGraph:  # fmt: skip
        """Return who supports which school on a day, as a NetworkX ``DiGraph`` to take away.

        Nodes are the open schools and whoever supports one, keyed ``kind:id`` with the attributes
        of `to_networkx`; teachers are none. An edge is a pair of the tie set (as `ties` counts it)
        and bears ``basis`` and ``form`` (several joined by ``|``), ``closeness`` (3 one legal
        person … 1 loose, the closest), ``in_force``, ``months`` (of the window, with an activity),
        ``ties`` (how many), ``weight`` (their sum; a tie without one counts 1) and ``since``.

        Parameters
        ----------
        as_of
            The day; by default the network's own, else today.
        window
            How far back activities count.
        basis
            Only these relations.

        Returns
        -------
        liantu.graph.support.SupportGraph
            A ``networkx.DiGraph`` with ``to_scipy``, ``to_pandas_edgelist``, ``to_igraph`` and
            ``to_networkit``.

        Examples
        --------
        >>> pair = pd.DataFrame({"source": ["a"], "target": ["b"], "weight": [2.5]})
        >>> graph = Network.from_frames({"assists": pair}).support_graph("2024-06-30")
        >>> list(graph.edges(data="weight"))
        [('school:a', 'school:b', 2.5)]
        """
        from liantu.graph.support import support_graph

        return support_graph(self, as_of, window=window, basis=basis)

    page = page
    explore = explore
    _repr_html_ = shown

    def __len__(self) -> int:
        return sum(self.size(kind) for kind in schema.kinds())

    def __repr__(self) -> str:
        counts = [f"{self.size(name)} {name}" for name in schema.tables() if self.size(name)]
        dated = f"; as of {self.as_of}" if self.as_of else ""
        titled = f" “{self.title}”" if self.title else ""
        return f"<Network{titled}: {', '.join(counts) or 'empty'}{dated}>"
